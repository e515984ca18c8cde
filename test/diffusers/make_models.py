"""Makes tiny diffusers pipelines with random weights: no download, a few megabytes each.

    python make_models.py <folder>

writes `clean` and `flagging` (Stable Diffusion with a safety checker that never or always objects)
and `video` (a text-to-video pipeline).
"""

import json
import pathlib
import sys

import torch
from diffusers import (
    AutoencoderKL,
    DDIMScheduler,
    StableDiffusionPipeline,
    TextToVideoSDPipeline,
    UNet2DConditionModel,
    UNet3DConditionModel,
)
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from transformers import (
    CLIPConfig,
    CLIPImageProcessor,
    CLIPTextConfig,
    CLIPTextModel,
    CLIPTokenizer,
    CLIPVisionConfig,
)

TEXT = {
    "vocab_size": 600,
    "hidden_size": 32,
    "intermediate_size": 37,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "max_position_embeddings": 77,
    "projection_dim": 32,
    "bos_token_id": 0,
    "eos_token_id": 1,
    "pad_token_id": 1,
}


def byte_letters() -> list[int]:
    """Byte-level tokenizers write each byte as a printable character."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [byte for byte in range(256) if byte not in printable]
    return [*printable, *range(256, 256 + len(others))]


def make_tokenizer(folder: pathlib.Path) -> CLIPTokenizer:
    """A byte-level vocabulary without merges: every character is a token."""
    letters = [chr(code) for code in byte_letters()]
    words = ["<|startoftext|>", "<|endoftext|>", *letters, *[letter + "</w>" for letter in letters]]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({word: index for index, word in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77
    )


def make_scheduler() -> DDIMScheduler:
    return DDIMScheduler(
        beta_start=0.00085,
        beta_end=0.012,
        beta_schedule="scaled_linear",
        clip_sample=False,
        set_alpha_to_one=False,
    )


def make_vae() -> AutoencoderKL:
    return AutoencoderKL(
        block_out_channels=[32, 64],
        in_channels=3,
        out_channels=3,
        down_block_types=["DownEncoderBlock2D", "DownEncoderBlock2D"],
        up_block_types=["UpDecoderBlock2D", "UpDecoderBlock2D"],
        latent_channels=4,
        sample_size=64,
    )


def make_checker(always: bool) -> StableDiffusionSafetyChecker:
    vision = CLIPVisionConfig(
        hidden_size=32,
        intermediate_size=37,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=224,
        patch_size=32,
        projection_dim=32,
    )
    checker = StableDiffusionSafetyChecker(
        CLIPConfig(vision_config=vision.to_dict(), text_config=TEXT, projection_dim=32)
    )
    # A cosine lies in [-1, 1]: a limit of -2 is always passed, one of 2 never.
    limit = -2.0 if always else 2.0
    with torch.no_grad():
        checker.concept_embeds_weights.fill_(limit)
        checker.special_care_embeds_weights.fill_(2.0)
    return checker


def make_image_pipeline(tokenizer: CLIPTokenizer, always: bool) -> StableDiffusionPipeline:
    torch.manual_seed(0)
    return StableDiffusionPipeline(
        unet=UNet2DConditionModel(
            block_out_channels=(32, 64),
            layers_per_block=1,
            sample_size=32,
            in_channels=4,
            out_channels=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=32,
        ),
        scheduler=make_scheduler(),
        vae=make_vae(),
        text_encoder=CLIPTextModel(CLIPTextConfig(**TEXT)),
        tokenizer=tokenizer,
        safety_checker=make_checker(always),
        feature_extractor=CLIPImageProcessor(),
    )


def make_video_pipeline(tokenizer: CLIPTokenizer) -> TextToVideoSDPipeline:
    torch.manual_seed(0)
    return TextToVideoSDPipeline(
        unet=UNet3DConditionModel(
            block_out_channels=(32, 64),
            layers_per_block=1,
            sample_size=32,
            in_channels=4,
            out_channels=4,
            down_block_types=("CrossAttnDownBlock3D", "DownBlock3D"),
            up_block_types=("UpBlock3D", "CrossAttnUpBlock3D"),
            cross_attention_dim=32,
            attention_head_dim=4,
            norm_num_groups=2,
        ),
        scheduler=make_scheduler(),
        vae=make_vae(),
        text_encoder=CLIPTextModel(CLIPTextConfig(**TEXT)),
        tokenizer=tokenizer,
    )


def main() -> None:
    folder = pathlib.Path(sys.argv[1])
    tokenizer = make_tokenizer(folder / "tokenizer")
    make_image_pipeline(tokenizer, always=False).save_pretrained(folder / "clean")
    make_image_pipeline(tokenizer, always=True).save_pretrained(folder / "flagging")
    make_video_pipeline(tokenizer).save_pretrained(folder / "video")


if __name__ == "__main__":
    main()
