#!/usr/bin/env python3
"""Writes tests/nn/pytorch_numbers.h: what PyTorch makes of the networks, penalties and optimisers
that tests/nn/pytorch_test.c and optimiser_test.c make with gander's own code.

Run it from the top of the repository, with PyTorch, when a case is added; nothing else needs it.
Inputs, weights and seeds are a formula of their place (number(), pytorch.h), so only results are
written, each tensor as its length, two projections and three values. All in double precision.
"""
import subprocess

import numpy as np
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm

import networks

CLASSES = 4
INPUT, SEEDS, PROJECTION, CONDITION = 100, 101, 102, 104  # no parameters; those count from 0
CONDITION_SHAPE = (1, 12, 6)

LAYERS = [  # layers, input (C, H, W), images
    ("dense 7", (5, 1, 1), 4),
    ("dense 40 | relu | dense 3 | tanh", (33, 1, 1), 6),
    ("dense 20 spectral | lrelu 0.1 | dense 1 spectral", (9, 1, 1), 5),
    ("conv 5 3/1", (3, 7, 5), 3),
    ("conv 5 4/2 | lrelu", (3, 8, 6), 3),
    ("conv 5 5/2", (3, 7, 9), 3),
    ("conv 4 5/3/1 | sigmoid", (2, 9, 7), 3),
    ("conv 4 7/1/0", (2, 9, 8), 3),
    ("conv 4 2/2/0", (2, 6, 5), 3),
    ("conv 6 3/2/1 spectral | relu", (3, 5, 5), 3),
    ("upconv 5 4/2", (3, 4, 3), 3),
    ("upconv 5 5/2 | relu", (3, 4, 3), 3),
    ("upconv 5 5/3", (3, 3, 2), 3),
    ("upconv 4 7/1/0", (6, 1, 1), 3),
    ("upconv 4 3/1/1 | tanh", (2, 4, 5), 3),
    ("upconv 5 4/2 spectral", (3, 4, 3), 3),
    ("dense 18 | norm | relu", (7, 1, 1), 6),
    ("conv 5 3/1 | norm | lrelu 0.3", (3, 5, 4), 4),
    ("norm | tanh", (3, 4, 5), 4),
    ("layernorm | relu", (17, 1, 1), 5),
    ("conv 4 3/1 | layernorm | lrelu", (3, 4, 5), 3),
    ("pool max 2", (3, 4, 6), 3),
    ("pool average 3", (3, 6, 3), 3),
    ("upsample 2", (3, 2, 3), 3),
    ("stddev", (3, 4, 5), 5),
    ("dense 8 | stddev | dense 2", (5, 1, 1), 6),
    ("embed 3", (3, 4, 2), 6),
    ("join | dense 6 | embed 2 | dense 2", (5, 1, 1), 7),
    ("conv 3 3/1 | flatten | dense 2", (2, 4, 5), 3),
    ("dense 30 | reshape 5x2x3 | conv 3 3/1", (6, 1, 1), 3),
    (
        "dense 72 | reshape 8x3x3 | norm | relu | upconv 6 4/2 | norm | relu | upconv 1 4/2 | tanh",
        (10, 1, 1),
        5,
    ),
    (
        "conv 6 4/2 | lrelu | conv 8 4/2 | norm | lrelu | stddev | flatten | dense 1 | sigmoid",
        (1, 12, 12),
        6,
    ),
    ("condition | dense 7", (3, 1, 1), 4),
    ("condition | conv 5 4/2 | condition | lrelu", (1, 12, 6), 3),
]

CRITICS = [
    ("dense 20 | lrelu | dense 18 | relu | dense 1", (12, 1, 1), 5),
    ("conv 4 4/2 | lrelu | conv 6 4/2 | lrelu | flatten | dense 1", (1, 12, 12), 4),
    ("conv 4 4/2 spectral | lrelu | flatten | dense 1 spectral", (2, 6, 8), 4),
    ("conv 5 3/1 | lrelu | pool max 2 | conv 4 3/1 | relu | pool average 2 | flatten | dense 1",
     (1, 8, 8), 3),
    ("embed 2 | conv 5 4/2 | lrelu | flatten | join | dense 1", (1, 6, 6), 5),
    ("condition | conv 5 4/2 | lrelu | condition | flatten | dense 1", (1, 12, 6), 4),
]

OPTIMISERS = [  # name, PyTorch's, its arguments, gander's kind, beta1, beta2, weight clip
    ("Adam", torch.optim.Adam, {"betas": (0.5, 0.999)}, "ADAM", 0.5, 0.999, 0),
    ("Adam as usual", torch.optim.Adam, {"betas": (0.9, 0.99)}, "ADAM", 0.9, 0.99, 0),
    ("Adam without momentum", torch.optim.Adam, {"betas": (0, 0.9)}, "ADAM", 0, 0.9, 0),
    ("RMSprop", torch.optim.RMSprop, {"alpha": 0.99}, "RMSPROP", 0, 0.99, 0),
    ("RMSprop, clipped", torch.optim.RMSprop, {"alpha": 0.9}, "RMSPROP", 0, 0.9, 0.5),
    ("SGD", torch.optim.SGD, {"momentum": 0}, "SGD", 0, 0, 0),
    ("SGD with momentum", torch.optim.SGD, {"momentum": 0.9}, "SGD", 0.9, 0, 0),
]
COUNT, STEPS, RATE, DECAY, SCALE = 1003, 5, 0.01, 0.9, 0.25


def number(tensor, count):
    """In [-1, 1): a hash of the place."""
    mask = 0xFFFFFFFF
    x = (np.arange(count, dtype=np.uint64) + tensor * 1000003) * 2654435761 & mask
    x = ((x ^ (x >> np.uint64(16))) * 0x45D9F3B) & mask
    x = x ^ (x >> np.uint64(16))
    return x.astype(np.float64) / 2.0**31 - 1


def tensor_of(tensor, shape, scale, shift=0.0):
    values = (shift + scale * number(tensor, int(np.prod(shape)))).astype(np.float32)
    return torch.tensor(values.astype(np.float64).reshape(shape))


def single(value):
    """What C's float makes of it."""
    return float(np.float32(value))


def parameters(module):
    """Weight and bias, of a layer with spectral norm those that are trained."""
    weight = getattr(module, "weight", None)
    if hasattr(module, "parametrizations"):
        weight = module.parametrizations.weight.original
    found = [("weight", weight), ("bias", getattr(module, "bias", None))]
    return [(name, value) for name, value in found if value is not None]


def set_parameters(net):
    tensor = 0
    for module in net:
        for name, value in parameters(module):
            scaled = name == "weight" and value.dim() in (2, 4)
            scale = np.sqrt(3 / (value.numel() / len(value))) if scaled else 0.3
            shift = 1.0 if name == "weight" and not scaled else 0.0
            value.data = tensor_of(tensor, value.shape, scale, shift)
            tensor += 1


def network(text, shape, images):
    """The network as a function of images, its modules, and the images."""
    if shape[1:] == (1, 1) and "conv" not in text.split()[0]:
        shape = shape[:1]
    net = networks.build(text.replace(" spectral", ""), shape, CLASSES, CONDITION_SHAPE).double()
    for module, words in zip(net, text.split("|")):
        if "spectral" in words.split():
            spectral_norm(module, n_power_iterations=300)
    set_parameters(net)
    labels = torch.arange(images) * 7 % CLASSES
    x = tensor_of(INPUT, (images, *shape), 1.5).requires_grad_()
    conditions = tensor_of(CONDITION, (images, *CONDITION_SHAPE), 1.0)
    return lambda images: net(images, labels, conditions), net, x


def gradients(net):
    """As gander exports them: its exporter divides what belongs to W by sigma."""
    result = []
    for i, module in enumerate(net):
        for name, value in parameters(module):
            gradient = torch.zeros_like(value) if value.grad is None else value.grad
            if name == "weight" and hasattr(module, "parametrizations"):
                with torch.no_grad():
                    gradient = gradient / (value.flatten()[0] / module.weight.flatten()[0])
            result.append((f"{i}.{name}", gradient))
    return result


def signature(tensor):
    v = tensor.detach().double().numpy().ravel()
    projections = [float(v @ number(PROJECTION + k, len(v))) for k in (0, 1)]
    return [float(np.linalg.norm(v)), *projections, v[0], v[len(v) // 2], v[-1]]


def layer_case(text, shape, images):
    run, net, x = network(text, shape, images)
    y = run(x)
    (y * tensor_of(SEEDS, y.shape, 1.0)).sum().backward()
    tensors = [("output", y), ("input gradient", x.grad), *gradients(net)]
    statistics = [(name, value) for name, value in net.named_buffers() if ".running_" in name]
    if statistics:
        net.eval()
        tensors += [*statistics, ("sample", run(x))]
    return tensors


def penalty_case(text, shape, images, penalty):
    run, net, x = network(text, shape, images)
    (g,) = torch.autograd.grad(run(x).sum(), x, create_graph=True)
    norms = torch.sqrt((g**2).flatten(1).sum(1))
    value = (norms**2 / 2).mean() if penalty == "R1" else ((norms - 1) ** 2).mean()
    value.backward()
    return [("value", value.reshape(1)), *gradients(net)]


def optimiser_case(kind, options, clip):
    options = {k: tuple(map(single, v)) if k == "betas" else single(v) for k, v in options.items()}
    values = nn.Parameter(tensor_of(0, (COUNT,), 1.0))
    average, optimiser = values.detach().clone(), kind([values], lr=single(RATE), **options)
    for step in range(STEPS):
        values.grad = tensor_of(1 + step, (COUNT,), 10.0 ** (step - 2)) * SCALE
        optimiser.step()
        if clip:
            values.data.clamp_(-clip, clip)
        average += (1 - single(DECAY)) * (values.detach() - average)
    return [("parameters", values), ("average", average)]


def braces(*parts):
    return "{ " + ", ".join(map(str, parts)) + " }"


def quoted(text):
    return f'"{text}"'


def rows(tensors):
    numbers = [(name, [f"{v:.9g}" for v in signature(value)]) for name, value in tensors]
    return braces(*(braces(quoted(name), braces(*values)) for name, values in numbers))


def main():
    torch.manual_seed(0)  # where spectral_norm's iterations begin
    layers = [
        braces(quoted(text), braces(*shape), images, rows(layer_case(text, shape, images)))
        for text, shape, images in LAYERS
    ]
    penalties = [
        braces(quoted(text), braces(*shape), images, rows(penalty_case(text, shape, images, kind)))
        for text, shape, images in CRITICS
        for kind in ("R1", "WGAN-GP")
    ]
    optimisers = [
        braces(quoted(name), f"OPTIMISER_KIND_{ours}", beta1, beta2, clip,
               rows(optimiser_case(kind, options, clip)))
        for name, kind, options, ours, beta1, beta2, clip in OPTIMISERS
    ]
    version = torch.__version__.split("+")[0]
    text = f"""/* Written by tests/pytorch/make_layers.py with PyTorch {version}. */
#ifndef GANDER_TESTS_NN_PYTORCH_NUMBERS_H
#define GANDER_TESTS_NN_PYTORCH_NUMBERS_H

#include "nn/pytorch.h"

static const struct pytorch_case pytorch_layers[] = {braces(*layers)};

/* Each critic twice: R1, and the penalty of WGAN-GP. */
static const struct pytorch_case pytorch_penalties[] = {braces(*penalties)};

static const struct pytorch_optimiser pytorch_optimisers[] = {braces(*optimisers)};

#endif
"""
    path = "tests/nn/pytorch_numbers.h"
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    subprocess.run(["clang-format", "-i", path], check=True)


main()
