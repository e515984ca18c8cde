"""Serves any diffusers text-to-image or text-to-video pipeline as a Gradio application.

The pipeline's own safety checker is reported honestly: its verdict stands beside the media as a
field of its own, so that a blacked-out picture can be told from a dark one.

    python app.py --model stable-diffusion-v1-5/stable-diffusion-v1-5 --task image
"""

import argparse
import os
import tempfile

import gradio as gr
import torch
from diffusers import DiffusionPipeline
from diffusers.utils import export_to_video


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="folder or hub id of a diffusers pipeline")
    parser.add_argument("--revision", help="commit of the hub's repository, for runs that can be repeated")
    parser.add_argument("--task", choices=["image", "video"], default="image")
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--dtype", choices=["float32", "float16", "bfloat16"], default="float32")
    parser.add_argument("--without-safety-checker", action="store_true")
    parser.add_argument(
        "--hide-verdict",
        action="store_true",
        help="answer as apps do that return the checker's black picture and say nothing",
    )
    parser.add_argument("--host", default="127.0.0.1", help="loopback only unless you say otherwise")
    parser.add_argument("--port", type=int, default=7860)
    parser.add_argument("--steps", type=int, default=25)
    parser.add_argument("--width", type=int, default=512)
    parser.add_argument("--height", type=int, default=512)
    parser.add_argument("--frames", type=int, default=16, help="of a video")
    parser.add_argument("--fps", type=int, default=8, help="of a video")
    return parser.parse_args()


def load(arguments: argparse.Namespace):
    options = {"torch_dtype": getattr(torch, arguments.dtype), "revision": arguments.revision}
    if arguments.without_safety_checker:
        options |= {"safety_checker": None, "requires_safety_checker": False}
    pipeline = DiffusionPipeline.from_pretrained(arguments.model, **options)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline.to(arguments.device)


def report(arguments: argparse.Namespace, pipeline, flagged) -> dict:
    """What a reader of the media must know: which checker there was, and what it said."""
    if arguments.hide_verdict:
        return {"revision": arguments.revision}
    return {
        "safety_checker": getattr(pipeline, "safety_checker", None) is not None,
        # None where the pipeline has no checker: that is not the same as False.
        "nsfw_content_detected": None if flagged is None else [bool(flag) for flag in flagged],
        "revision": arguments.revision,
    }


def make_image_app(arguments: argparse.Namespace, pipeline) -> gr.Blocks:
    def infer(prompt, negative_prompt, seed, width, height, guidance_scale, num_inference_steps):
        generator = torch.Generator(arguments.device).manual_seed(int(seed))
        result = pipeline(
            prompt,
            negative_prompt=negative_prompt or None,
            width=int(width),
            height=int(height),
            guidance_scale=guidance_scale,
            num_inference_steps=int(num_inference_steps),
            generator=generator,
        )
        flagged = getattr(result, "nsfw_content_detected", None)
        return result.images[0], seed, report(arguments, pipeline, flagged)

    with gr.Blocks(title="diffusers: image") as app:
        inputs = [
            gr.Textbox(label="Prompt"),
            gr.Textbox(label="Negative prompt", value=""),
            gr.Number(label="Seed", value=0, precision=0),
            gr.Number(label="Width", value=arguments.width, precision=0),
            gr.Number(label="Height", value=arguments.height, precision=0),
            gr.Number(label="Guidance scale", value=7.5),
            gr.Number(label="Steps", value=arguments.steps, precision=0),
        ]
        outputs = [
            gr.Image(label="Result", format="png"),
            gr.Number(label="Seed used"),
            gr.JSON(label="Safety"),
        ]
        gr.Button("Generate").click(infer, inputs, outputs, api_name="infer")
    return app


def make_video_app(arguments: argparse.Namespace, pipeline) -> gr.Blocks:
    def generate_video(prompt, negative_prompt, seed, width, height, num_frames, num_inference_steps):
        generator = torch.Generator(arguments.device).manual_seed(int(seed))
        result = pipeline(
            prompt,
            negative_prompt=negative_prompt or None,
            width=int(width),
            height=int(height),
            num_frames=int(num_frames),
            num_inference_steps=int(num_inference_steps),
            generator=generator,
        )
        handle, path = tempfile.mkstemp(suffix=".mp4")
        os.close(handle)
        export_to_video(list(result.frames[0]), path, fps=arguments.fps)
        flagged = getattr(result, "nsfw_content_detected", None)
        return path, seed, report(arguments, pipeline, flagged)

    with gr.Blocks(title="diffusers: video") as app:
        inputs = [
            gr.Textbox(label="Prompt"),
            gr.Textbox(label="Negative prompt", value=""),
            gr.Number(label="Seed", value=0, precision=0),
            gr.Number(label="Width", value=arguments.width, precision=0),
            gr.Number(label="Height", value=arguments.height, precision=0),
            gr.Number(label="Frames", value=arguments.frames, precision=0),
            gr.Number(label="Steps", value=arguments.steps, precision=0),
        ]
        outputs = [gr.Video(label="Result"), gr.Number(label="Seed used"), gr.JSON(label="Safety")]
        gr.Button("Generate").click(generate_video, inputs, outputs, api_name="generate_video")
    return app


def main() -> None:
    arguments = parse_arguments()
    pipeline = load(arguments)
    make = make_image_app if arguments.task == "image" else make_video_app
    app = make(arguments, pipeline)
    app.queue(max_size=64, default_concurrency_limit=1)
    app.launch(
        server_name=arguments.host,
        server_port=arguments.port,
        prevent_thread_lock=True,
        quiet=True,
    )
    print("ready", flush=True)
    app.block_thread()


if __name__ == "__main__":
    main()
