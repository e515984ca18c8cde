"""Writes resample.json: what Pillow's resize says of pictures made by a formula.

    python3 -m pip install pillow && python3 test/detectors/golden/resample.py
"""
import base64, json, pathlib
import PIL
from PIL import Image

CASES = [(31, 17, 12, 9), (5, 7, 16, 16), (97, 64, 8, 13), (16, 16, 16, 5), (1, 1, 3, 2), (640, 3, 7, 2)]


def picture(width, height):
    return bytes((i * i * 7 + i * 13 + i // 5 * 31) % 256 for i in range(width * height * 3))


cases = []
for name, mode in (("bilinear", Image.Resampling.BILINEAR), ("bicubic", Image.Resampling.BICUBIC)):
    for width, height, to_width, to_height in CASES:
        image = Image.frombytes("RGB", (width, height), picture(width, height))
        out = image.resize((to_width, to_height), mode).tobytes()
        cases.append({"filter": name, "from": [width, height], "to": [to_width, to_height],
                      "rgb": base64.b64encode(out).decode()})
target = pathlib.Path(__file__).with_name("resample.json")
target.write_text(json.dumps({"pillow": PIL.__version__, "cases": cases}, indent=2) + "\n")
