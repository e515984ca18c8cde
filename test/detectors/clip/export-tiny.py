"""Makes a small CLIP and a small BERT with random weights in transformers, writes them as ONNX as
their real counterparts are written, and prints as JSON what PyTorch says of a picture and of texts.

    export-tiny.py FOLDER BPE.json WORDPIECE.json
"""
import json, pathlib, shutil, sys
import numpy, torch
from PIL import Image
from tokenizers import Tokenizer
from transformers import (BertConfig, BertForSequenceClassification, CLIPConfig, CLIPModel,
                          CLIPTextModelWithProjection, CLIPVisionModelWithProjection)

try:
    from transformers import CLIPImageProcessorPil as CLIPImageProcessor
except ImportError:
    from transformers import CLIPImageProcessor

folder, bpe, wordpiece = map(pathlib.Path, sys.argv[1:])
torch.manual_seed(7)


class Named(torch.nn.Module):
    """One output under one name."""

    def __init__(self, model, output):
        super().__init__()
        self.model, self.output = model, output

    def forward(self, *inputs):
        return getattr(self.model(*inputs), self.output)


def export(model, output, inputs, path, free):
    torch.onnx.export(Named(model, output).eval(), tuple(inputs.values()), str(path), dynamo=False,
                      input_names=list(inputs), output_names=[output],
                      dynamic_axes={name: free for name in inputs}, opset_version=17)


def clip():
    target = folder / "clip"
    target.mkdir()
    tokenizer = Tokenizer.from_file(str(bpe))
    start, end = (tokenizer.token_to_id(token) for token in ("<|startoftext|>", "<|endoftext|>"))
    config = CLIPConfig(projection_dim=16, vision_config={
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "image_size": 32, "patch_size": 8, "projection_dim": 16}, text_config={
        "hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4,
        "vocab_size": tokenizer.get_vocab_size(), "bos_token_id": start, "eos_token_id": end,
        "pad_token_id": end, "max_position_embeddings": 77, "projection_dim": 16})
    config._attn_implementation = "eager"
    whole = CLIPModel(config).eval()
    vision = CLIPVisionModelWithProjection(whole.config.vision_config).eval()
    vision.load_state_dict(whole.state_dict(), strict=False)
    text = CLIPTextModelWithProjection(whole.config.text_config).eval()
    text.load_state_dict(whole.state_dict(), strict=False)
    width, height = 90, 60
    pixels = bytes((i * i * 7 + i * 13 + i // 5 * 31) % 256 for i in range(width * height * 3))
    processor = CLIPImageProcessor(size={"shortest_edge": 32}, crop_size={"height": 32, "width": 32})
    values = processor(images=Image.frombytes("RGB", (width, height), pixels), return_tensors="pt")["pixel_values"]
    export(vision, "image_embeds", {"pixel_values": values}, target / "vision_model.onnx", {0: "batch"})
    texts = ["people fighting", "a photo of a cat", "a quiet night"]
    ids = [tokenizer.encode(each).ids for each in texts]
    padded = torch.tensor([each + [end] * (77 - len(each)) for each in ids])
    export(text, "text_embeds", {"input_ids": padded}, target / "text_model.onnx", {0: "batch", 1: "tokens"})
    shutil.copy(bpe, target / "tokenizer.json")
    embeds = torch.cat([text(torch.tensor([each])).text_embeds for each in ids])
    return {"texts": texts, "textVectors": embeds.tolist(), "imageVector": vision(values).image_embeds[0].tolist()}


def bert():
    target = folder / "bert"
    target.mkdir()
    tokenizer = Tokenizer.from_file(str(wordpiece))
    config = BertConfig(vocab_size=tokenizer.get_vocab_size(), hidden_size=32, num_hidden_layers=2,
                        num_attention_heads=4, intermediate_size=64, num_labels=6)
    config._attn_implementation = "eager"
    model = BertForSequenceClassification(config).eval()
    for parameter in model.parameters():
        parameter.data *= 3
    texts = ["a photo of a cat", "People FIGHTING in the street!", "a quiet night " * 60]
    rows = [torch.tensor([tokenizer.encode(each).ids]) for each in texts]
    inputs = {"input_ids": rows[1], "attention_mask": torch.ones_like(rows[1]),
              "token_type_ids": torch.zeros_like(rows[1])}
    export(model, "logits", inputs, target / "model.onnx", {0: "batch", 1: "tokens"})
    shutil.copy(wordpiece, target / "tokenizer.json")
    return {"texts": texts, "probabilities": [model(row).logits.sigmoid()[0].tolist() for row in rows]}


with torch.no_grad():
    print(json.dumps({"clip": clip(), "bert": bert()}))
