"""A small real Gradio app, for running the driver's contract suite against the real server.

Usage: python app.py PORT. Prints "ready PORT" once it answers. Everything it draws is a flat
colour or a moving square made from the seed, so that nothing needs to be stored or downloaded.
"""

import os
import sys
import tempfile
import time

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("HF_HUB_OFFLINE", "1")

import gradio as gr
import numpy as np

MP4_PATH = os.environ.get("SAFELIGHT_TEST_MP4", "")


def draw(seed: int) -> np.ndarray:
    random = np.random.default_rng(int(seed))
    picture = np.empty((48, 64, 3), dtype=np.uint8)
    picture[:] = random.integers(0, 256, size=3, dtype=np.uint8)
    picture[8:24, 8:24] = random.integers(0, 256, size=3, dtype=np.uint8)
    return picture


def picture(prompt, negative_prompt="", seed=0, randomize_seed=True, width=64):
    if randomize_seed:
        seed = int.from_bytes(os.urandom(3), "big")
    return draw(seed), seed


def gallery(prompt, seed=0):
    return [(draw(seed + index), f"number {index}") for index in range(3)]


def video(prompt, seed=0):
    """Hands out the MP4 that the caller named: encoding one is not what is being tried here."""
    return MP4_PATH


def refuse(prompt, seed=0):
    raise gr.Error("Unsafe content found. Please try again with different prompts.")


def warn(prompt, seed=0):
    gr.Warning("Your prompt was flagged by the safety filter.")
    return None, seed


def words(prompt, seed=0):
    return None, "Your generated image may contain NSFW content."


def crash(prompt, seed=0):
    raise RuntimeError("CUDA went away")


def quota(prompt, seed=0):
    raise gr.Error(
        "You have exceeded your GPU quota (120s requested vs. 44s left). Try again in 1:14:07",
        title="ZeroGPU quota exceeded",
    )


def slow(prompt, seed=0):
    time.sleep(4)
    return draw(seed), seed


def steps(prompt, seed=0):
    """A generator: pictures of every step, the last one counts."""
    for step in range(3):
        yield draw(seed + step), seed + step


def unqueued(prompt, seed=0):
    return draw(seed), seed


def unqueued_refuse(prompt, seed=0):
    raise gr.Error("NSFW content detected.")


def remember(prompt, history, seed=0):
    """Keeps state in the session: the server then wants a heartbeat."""
    return draw(seed), (history or 0) + 1


def inputs():
    return [gr.Textbox(label="Prompt"), gr.Slider(0, 2147483647, value=0, step=1, label="Seed")]


with gr.Blocks() as app:
    gr.on(
        [],
        picture,
        [
            gr.Textbox(label="Prompt"),
            gr.Textbox(label="Negative prompt"),
            gr.Slider(0, 2147483647, value=0, step=1, label="Seed"),
            gr.Checkbox(value=True, label="Randomize seed"),
            gr.Slider(32, 1024, value=64, step=32, label="Width"),
        ],
        [gr.Image(format="png"), gr.Number()],
        api_name="picture",
    )
    gr.on([], gallery, inputs(), gr.Gallery(format="png"), api_name="gallery")
    gr.on([], video, inputs(), gr.Video(), api_name="video")
    for name, function in [
        ("refuse", refuse),
        ("warn", warn),
        ("crash", crash),
        ("quota", quota),
        ("steps", steps),
    ]:
        gr.on([], function, inputs(), [gr.Image(format="png"), gr.Number()], api_name=name)
    gr.on([], words, inputs(), [gr.Image(), gr.Textbox()], api_name="words")
    gr.on(
        [],
        slow,
        inputs(),
        [gr.Image(format="png"), gr.Number()],
        api_name="slow",
        concurrency_limit=1,
    )
    for name, function in [("unqueued", unqueued), ("unqueued_refuse", unqueued_refuse)]:
        gr.on(
            [], function, inputs(), [gr.Image(format="png"), gr.Number()], api_name=name, queue=False
        )
    memory = gr.State()
    prompt_box, seed_box = inputs()
    gr.on(
        [],
        remember,
        [prompt_box, memory, seed_box],
        [gr.Image(format="png"), memory],
        api_name="remember",
    )

if __name__ == "__main__":
    port = int(sys.argv[1])
    # A small queue, so that a full one can be reached.
    app.queue(max_size=2, default_concurrency_limit=4)
    # Gradio serves only files below the temporary folder, which is where the caller puts the MP4.
    app.launch(
        server_name="127.0.0.1",
        server_port=port,
        prevent_thread_lock=True,
        quiet=True,
        show_error=False,
        allowed_paths=[tempfile.gettempdir()],
    )
    print(f"ready {port}", flush=True)
    app.block_thread()
