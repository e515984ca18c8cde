"""Writes golden.json: what rapidocr-onnxruntime 1.4.4 reads in a folder of PPM pictures.

Needed again only when the models or the pictures change. The pictures come from
SAFELIGHT_GOLDEN_PICTURES=<folder> npx vitest run test/detectors/ppocr/golden.test.ts
and then: python write-golden.py <folder> golden.json
"""

import hashlib
import json
import sys
from pathlib import Path

import cv2
from rapidocr_onnxruntime import RapidOCR

reader = RapidOCR(intra_op_num_threads=1)
pictures = []
for path in sorted(Path(sys.argv[1]).glob("*.ppm")):
    pixels = cv2.imread(str(path))
    found, _ = reader(pixels)
    lines = [
        {"quad": [[int(x), int(y)] for x, y in quad], "text": text, "confidence": round(float(confidence), 4)}
        for quad, text, confidence in found or []
    ]
    rgb = cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB).tobytes()
    pictures.append({"id": path.stem, "rgbSha256": hashlib.sha256(rgb).hexdigest(), "lines": lines})
with open(sys.argv[2], "w", encoding="utf-8") as out:
    json.dump({"versions": {"rapidocr-onnxruntime": "1.4.4"}, "pictures": pictures}, out, ensure_ascii=False, separators=(",", ":"))
    out.write("\n")
