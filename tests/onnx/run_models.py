"""Runs models with onnxruntime: for each I in a directory of I.onnx, I.latent, I.images and perhaps I.label and I.condition
(raw, as in C) the images must be the same, up to rounding. Says how far they are apart."""
import pathlib
import sys

import numpy
import onnxruntime

worst = 0.0
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.onnx")):
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {i.name: i for i in session.get_inputs()}
    latent = numpy.fromfile(path.with_suffix(".latent"), numpy.float32)
    fed = {"latent": latent.reshape(-1, inputs["latent"].shape[1])}
    if "label" in inputs:
        fed["label"] = numpy.fromfile(path.with_suffix(".label"), numpy.int64)
    if "condition" in inputs:
        shape = inputs["condition"].shape[1:]
        fed["condition"] = numpy.fromfile(path.with_suffix(".condition"), numpy.float32).reshape(-1, *shape)
    images, = session.run(["images"], fed)
    wanted = numpy.fromfile(path.with_suffix(".images"), numpy.float32)
    assert images.shape[0] == fed["latent"].shape[0] and images.shape[1] == 1, images.shape
    assert list(images.shape[2:]) == session.get_outputs()[0].shape[2:], images.shape
    apart = numpy.abs(images.reshape(-1) - wanted).max()
    print(path.name, images.shape, apart)
    worst = max(worst, float(apart))
    assert apart < 2e-5, (path.name, apart)
    if "stddev" not in open(path, "rb").read().decode("latin-1"):
        one, = session.run(["images"], {name: value[:1] for name, value in fed.items()})
        assert numpy.abs(one[0] - images[0]).max() < 2e-5, path.name  # N is free
print("worst", worst)
