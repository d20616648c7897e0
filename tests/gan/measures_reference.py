#!/usr/bin/env python3
"""Writes tests/gan/measures_numbers.inc: what NumPy and SciPy make of the features that
tests/gan/measures_test.c makes by the same formula. Run it from the top of the repository when a
case is added; nothing else needs it.

Written from the papers: Dowson & Landau 1982 (the root by SciPy's sqrtm, where the product is
singular by the eigenvalues of the product), Salimans et al. 2016, Kynkäänniemi et al. 2019 and
Naeem et al. 2020 (section 3 and appendix; balls are open, k = 5). All in double precision.
"""
import numpy as np
import scipy.linalg
import scipy.special

FEATURES, CLASSES, K = 64, 10, 5
REAL = 230
# name, samples, first, latents, noise: see number() and features()
CASES = [
    ("usual", 200, 1000, 12, 1),
    ("as_many", REAL, 5000, 12, 1),
    ("singular", 150, 9000, 3, 0),
    ("equal", 40, -7, 12, 1),
    ("the_same", REAL, 0, 12, 1),
    ("few", 6, 2000, 12, 1),
]


def number(stream, i, j):
    """A whole number from -128 to 127."""
    x = (stream * 0x9E3779B1 + i * 0x85EBCA77 + j * 0xC2B2AE3D + 1) & 0xFFFFFFFF
    for _ in range(2):
        x ^= x >> 15
        x = x * 0x2C1B3C6D & 0xFFFFFFFF
        x ^= x >> 12
        x = x * 0x297A2D39 & 0xFFFFFFFF
        x ^= x >> 15
    return (x & 255) - 128


def row_of(i, first):
    return first + i if first >= 0 else -first


def features(count, first, latents, noise):
    weights = [[number(1, f, l) // 16 for l in range(latents)] for f in range(FEATURES)]
    out = np.zeros((count, FEATURES))
    for i in range(count):
        row = row_of(i, first)
        hidden = [number(2, row, l) for l in range(latents)]
        for f in range(FEATURES):
            total = sum(w * h for w, h in zip(weights[f], hidden))
            out[i, f] = (total + noise * number(3, row, f) + (first > 0) * 64) / 256
    assert (out == out.astype(np.float32)).all()
    return out


def logits(count, first):
    return np.array(
        [[number(4, row_of(i, first), c) / 32 for c in range(CLASSES)] for i in range(count)]
    )


def frechet(a, b):
    m, r = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    gap = a.mean(0) - b.mean(0)
    if np.linalg.matrix_rank(m) == FEATURES and np.linalg.matrix_rank(r) == FEATURES:
        root = np.trace(scipy.linalg.sqrtm(m @ r)).real
    else:
        root = np.sqrt(np.maximum(np.linalg.eigvals(m @ r).real, 0)).sum()
    return gap @ gap + np.trace(m) + np.trace(r) - 2 * root


def distances(a, b):
    return np.sqrt(np.maximum(((a[:, None, :] - b[None, :, :]) ** 2).sum(-1), 0))


def prdc(real, fake):
    radius = lambda d: np.sort(d, axis=1)[:, K]  # itself is the nearest
    real_radii, fake_radii = radius(distances(real, real)), radius(distances(fake, fake))
    between = distances(real, fake)
    inside = between < real_radii[:, None]
    return (
        inside.any(0).mean(),
        (between < fake_radii[None, :]).any(1).mean(),
        inside.sum(0).mean() / K,
        inside.any(1).mean(),
    )


def classes(z):
    p = scipy.special.softmax(z, axis=1)
    marginal = p.mean(0)
    score = np.exp(scipy.special.rel_entr(p, marginal[None, :]).sum(1).mean())
    histogram = np.bincount(p.argmax(1), minlength=CLASSES)
    share = histogram / len(z)
    return (
        score,
        (histogram * CLASSES * 10 >= len(z)).sum(),
        scipy.special.entr(share).sum(),
        p.max(1).mean(),
    ), histogram


def spread(x, verdicts):
    out = []
    for c in range(CLASSES):
        members = x[verdicts == c]
        n = len(members)
        out.append(distances(members, members).sum() / (n * (n - 1)) if n > 1 else np.nan)
    return out


def text(values):
    return ", ".join("NAN" if np.isnan(v) else f"{v:.12g}" for v in values)


def write_softmax(out):
    z = np.array([[number(5, i, c) / 16 for c in range(5)] for i in range(4)])
    z[2] *= 100
    labels = [0, 4, 2, 1]
    logs = scipy.special.log_softmax(z, axis=1)
    slopes = (np.exp(logs) - np.eye(5)[labels]) / 4
    loss = -np.mean([logs[i, l] for i, l in enumerate(labels)])
    out.write(f"static const double softmax_loss = {loss:.12g};\n")
    for name, values in (("probabilities", np.exp(logs)), ("slopes", slopes)):
        out.write(f"static const double softmax_{name}[] = {{ {text(values.ravel())} }};\n")


def main():
    real = features(REAL, 0, 12, 1)
    with open("tests/gan/measures_numbers.inc", "w", encoding="ascii") as out:
        out.write("/* Written by tests/gan/measures_reference.py. */\n/* clang-format off */\n")
        for name, count, first, latents, noise in CASES:
            x, z = features(count, first, latents, noise), logits(count, first)
            numbers, histogram = classes(z)
            out.write(f'    {{ "{name}", {count}, {first}, {latents}, {noise}, ')
            out.write(f"{frechet(x, real):.12g},\n      {{ {text(prdc(real, x))} }},\n")
            out.write(f"      {{ {text(numbers)} }},\n")
            out.write(f"      {{ {', '.join(map(str, histogram))} }},\n")
            out.write(f"      {{ {text(spread(x, z.argmax(1)))} }} }},\n")
    with open("tests/nn/softmax_numbers.h", "w", encoding="ascii") as out:
        out.write("/* Written by tests/gan/measures_reference.py. */\n/* clang-format off */\n")
        out.write("#ifndef GANDER_TESTS_NN_SOFTMAX_NUMBERS_H\n")
        out.write("#define GANDER_TESTS_NN_SOFTMAX_NUMBERS_H\n\n")
        write_softmax(out)
        out.write("\n#endif\n")


main()
