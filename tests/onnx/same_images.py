"""same_images.py MODEL SEED SHEET: the model makes of the latents of a seed the images that `gander generate --seed`
wrote to a sheet, pixel by pixel but for rounding."""
import pathlib
import sys
import zlib

import numpy
import onnxruntime

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "pytorch"))
import streams


def read_png(path):
    """Grey, 8 bits; any filter."""
    data, at, packed = pathlib.Path(path).read_bytes(), 8, b""
    while at < len(data):
        size, kind = int.from_bytes(data[at:at + 4], "big"), data[at + 4:at + 8]
        chunk = data[at + 8:at + 8 + size]
        if kind == b"IHDR":
            width, height = int.from_bytes(chunk[:4], "big"), int.from_bytes(chunk[4:8], "big")
            assert chunk[8:10] == b"\x08\x00", "8-bit grey"
        packed += chunk if kind == b"IDAT" else b""
        at += size + 12
    rows, raw, above = [], zlib.decompress(packed), [0] * width
    for y in range(height):
        kind, line = raw[y * (width + 1)], list(raw[y * (width + 1) + 1:(y + 1) * (width + 1)])
        for x in range(width):
            a, b, c = line[x - 1] if x else 0, above[x], above[x - 1] if x else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[x] = (line[x] + [0, a, b, (a + b) // 2, paeth][kind]) & 255
        rows.append(line)
        above = line
    return numpy.array(rows, numpy.int32)


session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
inputs = {i.name: i for i in session.get_inputs()}
height, width = session.get_outputs()[0].shape[2:]
sheet = read_png(sys.argv[3])
across, count = sheet.shape[1] // width, sheet.shape[1] // width * (sheet.shape[0] // height)
stream = streams.Stream(int(sys.argv[2]), streams.SAMPLES)
length = inputs["latent"].shape[1]
fed = {"latent": numpy.stack([numpy.asarray(stream.normals(length)) for _ in range(count)]).astype(numpy.float32)}
if "label" in inputs:
    classes = int(sys.argv[4])
    fed["label"] = numpy.arange(count, dtype=numpy.int64) % classes
images, = session.run(["images"], fed)
made = numpy.clip((images[:, 0] + 1) * 127.5 + 0.5, 0, 255).astype(numpy.int32)
wanted = numpy.stack([sheet[i // across * height:(i // across + 1) * height, i % across * width:(i % across + 1) * width]
                      for i in range(count)])
apart = numpy.abs(made - wanted)
print(f"{count} images of {height}x{width}: {100 * (apart > 0).mean():.3f} % of pixels differ, by {apart.max()} at most")
assert wanted.std() > 1 and apart.max() <= 1 and (apart > 0).mean() < 0.01
