"""Writes golden.json: what the Python package nudenet says of the pictures that the test draws.

    SAFELIGHT_GOLDEN_PICTURES=/tmp/pictures npx vitest run test/detectors/nudenet
    python3 -m venv venv && venv/bin/pip install nudenet==3.4.2
    venv/bin/python test/detectors/nudenet/write-golden.py /tmp/pictures

Each picture goes in as OpenCV reads a file: blue, green, red.
"""
import hashlib, json, pathlib, sys
import cv2, numpy, onnxruntime
from importlib.metadata import version
from nudenet import NudeDetector
from nudenet.nudenet import _postprocess, _read_image

detector = NudeDetector()
pictures = []
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.ppm")):
    picture = cv2.imread(str(path))
    rgb = numpy.ascontiguousarray(picture[..., ::-1]).tobytes()
    blob = _read_image(picture, 320)[0]
    rows = detector.onnx_session.run(None, {detector.input_name: blob})[0][0]
    pictures.append({
        "id": path.stem,
        "rgbSha256": hashlib.sha256(rgb).hexdigest(),
        # The best score of each class at any place, before thresholds.
        "highest": [round(float(value), 5) for value in rows[4:].max(axis=1)],
        "parts": [{"label": part["class"], "score": round(part["score"], 5), "box": part["box"]}
                  for part in detector.detect(picture)],
    })
    if pictures[-1]["parts"]:
        print(path.stem, pictures[-1]["parts"])


def crowded(seed, places):
    """The same numbers as crowdedOutput in drawn-figures.ts."""
    state = seed

    def draw():
        nonlocal state
        state = (state * 16807) % 2147483647
        return state / 2147483647

    rows = numpy.zeros((1, 22, places), numpy.float32)
    for place in range(places):
        column = [40 * int(draw() * 8) + 12 * draw(), 40 * int(draw() * 8) + 12 * draw(),
                  20 + 60 * draw(), 20 + 60 * draw()]
        rows[0, :, place] = column + [draw() ** 16 for _ in range(18)]
    return rows


crowds = []
for seed, width, height in ((7, 320, 320), (8, 1280, 720), (9, 300, 901)):
    side = max(width, height)
    parts = _postprocess([crowded(seed, 400)], side - width, side - height, side / width, side / height,
                         width, height, 320, 320)
    print(seed, len(parts))
    crowds.append({"seed": seed, "widthPx": width, "heightPx": height,
                   "parts": [{"label": part["class"], "score": round(part["score"], 5), "box": part["box"]}
                             for part in parts]})
target = pathlib.Path(__file__).with_name("golden.json")
versions = {"nudenet": version("nudenet"), "opencv": cv2.__version__, "onnxruntime": onnxruntime.__version__}
target.write_text(json.dumps({"versions": versions, "pictures": pictures, "crowds": crowds}) + "\n")
