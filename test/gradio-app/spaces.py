"""Apps with the signatures of known public Spaces, on the real Gradio server, each at its own path.

Usage: python spaces.py PORT. Prints "ready PORT" once it answers. Media are the flat drawings of
app.py and the MP4 that SAFELIGHT_TEST_MP4 names.
"""

import sys
import tempfile
import threading
import time

import gradio as gr
import uvicorn
from app import MP4_PATH, draw, picture
from fastapi import FastAPI

TEXT = lambda: gr.Textbox()  # noqa: E731
NUMBER = lambda value=0: gr.Number(value=value)  # noqa: E731
BOX = lambda value: gr.Checkbox(value=value)  # noqa: E731
SEED = lambda: gr.Slider(0, 2147483647, value=0, step=1)  # noqa: E731


def seeded(seed, randomize_seed):
    """The Spaces draw a seed of their own here, which a test must not let them do."""
    if randomize_seed:
        raise gr.Error("the seed was left to chance")
    return draw(seed), seed


def flux_schnell(prompt, seed, randomize_seed, width, height, num_inference_steps):
    return seeded(seed, randomize_seed)


def flux_dev(prompt, seed, randomize_seed, width, height, guidance_scale, num_inference_steps):
    return seeded(seed, randomize_seed)


def sd35(
    prompt,
    negative_prompt,
    seed,
    randomize_seed,
    width,
    height,
    guidance_scale,
    num_inference_steps,
):
    return seeded(seed, randomize_seed)


def qwen(prompt, seed, randomize_seed, aspect_ratio, guidance_scale, num_inference_steps):
    return seeded(seed, randomize_seed)


def sdxl(
    prompt,
    negative_prompt,
    prompt_2,
    negative_prompt_2,
    use_negative_prompt,
    use_prompt_2,
    use_negative_prompt_2,
    seed,
    width,
    height,
    guidance_scale_base,
    num_inference_steps_base,
):
    return draw(seed)


def ltx(
    prompt,
    negative_prompt,
    input_image_filepath,
    input_video_filepath,
    height_ui,
    width_ui,
    mode,
    duration_ui,
    ui_frames_to_use,
    seed_ui,
    randomize_seed,
    ui_guidance_scale,
    improve_texture_flag,
):
    if mode != "text-to-video":
        raise gr.Error("that is another mode")
    seeded(seed_ui, randomize_seed)
    return MP4_PATH, seed_ui


def wan22(
    image,
    prompt,
    height,
    width,
    duration_seconds,
    sampling_steps,
    guide_scale,
    shift,
    seed,
):
    return MP4_PATH


def cogvideox(
    prompt, image_input, video_input, video_strength, seed_value, scale_status, rife_status
):
    return MP4_PATH, seed_value


def wan21():
    """Submit, then ask in the same session: what is not yet drawn comes as an empty video."""

    def t2v_generation_async(prompt, size, watermark_wan, seed, job):
        if "thistle" in prompt:
            raise gr.Error("Unsafe content found. Please try again with different prompts.")
        kind = next((word for word in ("bramble", "nettle", "clover") if word in prompt), "")
        return None, "queued", {"kind": kind, "asked": 0}

    def status_refresh(job):
        job = dict(job or {"kind": "never", "asked": 0})
        job["asked"] += 1
        if job["kind"] == "bramble" and job["asked"] == 2:
            return None, "Your generated video may contain NSFW content.", 100, job
        if job["kind"] == "nettle" and job["asked"] == 2:
            raise gr.Error("Unsafe content found. Please try again with different prompts.")
        if job["asked"] < 3 or job["kind"] in ("never", "clover"):
            return None, f"waiting, {job['asked']} so far", job["asked"], job
        return gr.update(value=MP4_PATH), "done", gr.update(value=100), job

    with gr.Blocks() as made:
        job = gr.State()
        gr.on(
            [],
            t2v_generation_async,
            [
                gr.Textbox(),
                gr.Dropdown(["1280*720", "960*960"], value="960*960"),
                gr.Checkbox(value=True),
                gr.Number(value=-1),
                job,
            ],
            [gr.Video(), gr.Textbox(), job],
            api_name="t2v_generation_async",
        )
        gr.on(
            [],
            status_refresh,
            [job],
            [gr.Video(), gr.Textbox(), gr.Number(), job],
            api_name="status_refresh",
        )
    return made


def blocks(*functions):
    """Each function as (function, inputs, outputs, name)."""
    with gr.Blocks() as made:
        for function, inputs, outputs, name in functions:
            gr.on(
                [],
                function,
                [make() for make in inputs],
                [make() for make in outputs],
                api_name=name,
            )
    return made


IMAGE = lambda: gr.Image(format="png")  # noqa: E731
SPACES = {
    "flux-schnell": lambda: blocks(
        (
            flux_schnell,
            [TEXT, SEED, lambda: BOX(True), NUMBER, NUMBER, NUMBER],
            [IMAGE, NUMBER],
            "infer",
        )
    ),
    "flux-dev": lambda: blocks(
        (
            flux_dev,
            [TEXT, SEED, lambda: BOX(True), NUMBER, NUMBER, NUMBER, NUMBER],
            [IMAGE, NUMBER],
            "infer",
        )
    ),
    "sd-3.5-large": lambda: blocks(
        (
            sd35,
            [TEXT, TEXT, SEED, lambda: BOX(True), NUMBER, NUMBER, NUMBER, NUMBER],
            [IMAGE, NUMBER],
            "infer",
        )
    ),
    "qwen-image": lambda: blocks(
        (
            qwen,
            [
                TEXT,
                SEED,
                lambda: BOX(True),
                lambda: gr.Radio(["1:1", "16:9"], value="16:9"),
                NUMBER,
                NUMBER,
            ],
            [IMAGE, NUMBER],
            "infer",
        )
    ),
    "sdxl": lambda: blocks(
        (
            sdxl,
            [TEXT] * 4 + [lambda: BOX(False)] * 3 + [SEED] + [NUMBER] * 4,
            [IMAGE],
            "run",
        )
    ),
    "ltx-video-distilled": lambda: blocks(
        (
            ltx,
            [TEXT] * 4
            + [NUMBER, NUMBER, lambda: gr.Textbox("image-to-video"), NUMBER, NUMBER, SEED]
            + [lambda: BOX(True), NUMBER, lambda: BOX(True)],
            [gr.Video, NUMBER],
            "text_to_video",
        )
    ),
    "wan-2.1": wan21,
    "wan-2.2-5b": lambda: blocks(
        (wan22, [gr.Image, TEXT] + [NUMBER] * 7, [gr.Video], "generate_video")
    ),
    "cogvideox-5b": lambda: blocks(
        (
            cogvideox,
            [TEXT, gr.Image, gr.Video, NUMBER, lambda: NUMBER(-1)]
            + [lambda: BOX(True), lambda: BOX(True)],
            [gr.Video, NUMBER],
            "generate",
        )
    ),
}

if __name__ == "__main__":
    port = int(sys.argv[1])
    server = FastAPI()
    for name, make in SPACES.items():
        gr.mount_gradio_app(
            server, make(), path=f"/{name}", allowed_paths=[tempfile.gettempdir()]
        )
    gr.mount_gradio_app(
        server,
        SPACES["flux-schnell"](),
        path="/login-first",
        auth=[("warden", "open sesame")],
        allowed_paths=[tempfile.gettempdir()],
    )
    uvicorn_server = uvicorn.Server(
        uvicorn.Config(server, host="127.0.0.1", port=port, log_level="error")
    )
    thread = threading.Thread(target=uvicorn_server.run)
    thread.start()
    while not uvicorn_server.started:
        time.sleep(0.05)
    print(f"ready {port}", flush=True)
    thread.join()
