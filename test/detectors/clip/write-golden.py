"""Writes golden.json: what transformers, diffusers and PyTorch say where our code says the same.

    python3 -m venv venv && venv/bin/pip install torch transformers diffusers pillow
    venv/bin/python test/detectors/clip/write-golden.py

Pictures and weights come from a formula, so that only the answers are kept.
"""
import json, pathlib
import diffusers, numpy, torch, transformers
from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
from PIL import Image
from torch import nn
from transformers import CLIPConfig, CLIPModel

try:
    from transformers import CLIPImageProcessorPil as CLIPImageProcessor
except ImportError:
    from transformers import CLIPImageProcessor


def numbers(seed, *shape):
    """The same as `numbers` in formula.ts: -.5 to .5."""
    count = int(numpy.prod(shape))
    values, state = numpy.empty(count), seed
    for index in range(count):
        state = (state * 16807) % 2147483647
        values[index] = state / 2147483647 - 0.5
    return torch.tensor(values.reshape(shape), dtype=torch.float32)


def picture(width, height):
    return bytes((i * i * 7 + i * 13 + i // 5 * 31) % 256 for i in range(width * height * 3))


def rounded(tensor):
    return [round(float(value), 6) for value in tensor.flatten()]


def preprocessing():
    processor = CLIPImageProcessor()
    cases = []
    for width, height in ((300, 200), (97, 640), (224, 224), (50, 31), (1024, 1024), (225, 224)):
        image = Image.frombytes("RGB", (width, height), picture(width, height))
        values = processor(images=image, return_tensors="pt")["pixel_values"][0]
        assert tuple(values.shape) == (3, 224, 224)
        # Every 997th value, in the order of the tensor.
        cases.append({"widthPx": width, "heightPx": height, "values": rounded(values.flatten()[::997])})
    return {"processor": type(processor).__name__, "cases": cases}


def linear(seed, inputs, outputs):
    layer = nn.Linear(inputs, outputs)
    layer.weight.data = numbers(seed, outputs, inputs) * (4 / inputs**0.5)
    layer.bias.data = numbers(seed + 1, outputs)
    return layer


def vectors(width):
    return [numbers(500 + index, width) * 20 for index in range(4)]


def unit(vector):
    return vector / vector.norm(dim=-1, keepdim=True)


def laion():
    mean, variance = numbers(10, 768) / 50, (numbers(11, 768) + 0.6) / 500
    sides = (768, 64, 512, 256, 1)
    layers = [linear(20 + 2 * index, *sides[index:index + 2]) for index in range(4)]
    answers = []
    for vector in vectors(768):
        x = (unit(vector) - mean) / (variance.sqrt() + 1e-10)
        for layer in layers[:-1]:
            x = torch.relu(layer(x))
        answers.append(float(torch.sigmoid(layers[-1](x))))
    return answers


def q16():
    prompts = unit(numbers(40, 2, 768) * 3)
    return [rounded((100 * unit(vector) @ prompts.T).softmax(-1)) for vector in vectors(768)]


def multi_headed():
    answers = []
    heads = []
    for index in range(5):
        seed = 60 + 10 * index
        normal = nn.BatchNorm1d(384)
        normal.weight.data, normal.bias.data = numbers(seed + 4, 384) + 1, numbers(seed + 5, 384)
        normal.running_mean, normal.running_var = numbers(seed + 6, 384), numbers(seed + 7, 384) + 0.6
        inner, outer = linear(seed, 768, 384), linear(seed + 2, 384, 1)
        heads.append(nn.Sequential(inner, nn.ReLU(), nn.Dropout(0.5), normal, outer).eval())
    for vector in vectors(768):
        answers.append([float(torch.sigmoid(head(vector[None] / 10))) for head in heads])
    return answers


class Passing(nn.Module):
    """Stands for the encoder: what comes in is the pooled vector."""

    def forward(self, values):
        return None, values


def sd_safety():
    width = 16
    config = CLIPConfig(projection_dim=width, vision_config={
        "hidden_size": width, "intermediate_size": 16, "num_hidden_layers": 1,
        "num_attention_heads": 2, "image_size": 32, "patch_size": 16, "projection_dim": width})
    checker = StableDiffusionSafetyChecker(config).eval()
    checker.vision_model = Passing()
    checker.visual_projection.weight.data = torch.eye(width)
    checker.concept_embeds.data = numbers(80, 17, width)
    checker.special_care_embeds.data = numbers(81, 3, width)
    checker.concept_embeds_weights.data = numbers(82, 17) * 0.3 + 0.5
    checker.special_care_embeds_weights.data = numbers(83, 3) * 0.2 + 0.3
    answers = []
    for index in range(40):
        vector = numbers(900 + index, width)
        flagged = checker(vector[None], [numpy.zeros((2, 2, 3))])[1][0]
        answers.append(bool(flagged))
    return answers


def zero_shot():
    torch.manual_seed(3)
    config = CLIPConfig(projection_dim=8, logit_scale_init_value=float(numpy.log(100)), vision_config={
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "image_size": 32, "patch_size": 16}, text_config={
        "hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2,
        "vocab_size": 50, "eos_token_id": 49, "bos_token_id": 48, "max_position_embeddings": 16})
    model = CLIPModel(config).eval()
    ids = torch.tensor([[48, 3, 4, 49], [48, 9, 9, 49], [48, 30, 2, 49], [48, 7, 7, 49]])
    pixels = numbers(95, 1, 3, 32, 32)
    with torch.no_grad():
        out = model(input_ids=ids, pixel_values=pixels)
        texts = model.text_projection(model.text_model(ids).pooler_output)
        image = model.visual_projection(model.vision_model(pixels).pooler_output)
    assert torch.allclose(unit(texts), out.text_embeds, atol=1e-6)
    assert torch.allclose(out.logits_per_image, 100 * unit(image) @ unit(texts).T, atol=1e-3)
    # Closer together, so that no caption takes everything.
    texts = texts[:1] + (texts - texts[:1]) * 0.05
    probabilities = (model.logit_scale.exp() * unit(image) @ unit(texts).T).softmax(-1)
    return {"image": rounded(image), "texts": [rounded(text) for text in texts],
            "probabilities": rounded(probabilities)}


with torch.no_grad():
    golden = {
        "versions": {"torch": torch.__version__, "transformers": transformers.__version__,
                     "diffusers": diffusers.__version__},
        "preprocessing": preprocessing(), "laion": laion(), "q16": q16(),
        "multiHeaded": multi_headed(), "sdSafety": sd_safety(), "zeroShot": zero_shot(),
    }
print({name: golden[name] for name in ("laion", "q16", "multiHeaded", "sdSafety", "zeroShot")})
print(golden["preprocessing"]["processor"], golden["preprocessing"]["cases"][0]["values"][:4])
pathlib.Path(__file__).with_name("golden.json").write_text(json.dumps(golden) + "\n")
