"""Networks as a reader would build them in PyTorch from a recipe's layer list: an nn.Sequential with
one module a layer, so that "3.weight" is the weight of the fourth."""
import math

import torch
from torch import nn


class Join(nn.Module):
    """The label, one-hot, as more features or constant planes."""

    def __init__(self, classes):
        super().__init__()
        self.classes = classes

    def features(self, labels):
        return nn.functional.one_hot(labels, self.classes)

    def forward(self, x, labels):
        added = self.features(labels).to(x.dtype)
        if x.dim() == 4:
            added = added[:, :, None, None].expand(-1, -1, *x.shape[2:])
        return torch.cat([x, added], 1)


class Embed(Join):
    """The same with features that are learned."""

    def __init__(self, classes, features):
        super().__init__(classes)
        self.weight = nn.Parameter(torch.zeros(classes, features))

    def features(self, labels):
        return self.weight[labels]


class Condition(nn.Module):
    """An image of one channel: one more channel, averaged down, or its pixels as features."""

    def forward(self, x, condition):
        if x.dim() == 2:
            return torch.cat([x, condition.flatten(1)], 1)
        smaller = nn.functional.avg_pool2d(condition, condition.shape[2] // x.shape[2])
        return torch.cat([x, smaller], 1)


class Stddev(nn.Module):
    """Minibatch standard deviation (Karras 2018), one group."""

    def forward(self, x):
        deviation = torch.sqrt(x.var(0, unbiased=False) + 1e-8).mean()
        return torch.cat([x, deviation.expand(x.shape[0], 1, *x.shape[2:])], 1)


def convolution(words, channels, transposed, bias):
    features, place = int(words[1]), words[2].split("/")
    kernel, stride = int(place[0]), int(place[1])
    pad = int(place[2]) if len(place) > 2 else (kernel - stride + 1) // 2
    if not transposed:
        return nn.Conv2d(channels, features, kernel, stride, pad, bias=bias)
    extra = 0 if len(place) > 2 else 2 * pad - (kernel - stride)
    return nn.ConvTranspose2d(channels, features, kernel, stride, pad, extra, bias=bias)


def module(words, shape, classes, bias):
    """The module for one layer that gets (C, H, W), or (F,)."""
    name, channels = words[0], shape[0]
    if name == "dense":
        return nn.Linear(channels, int(words[1]), bias=bias)
    if name in ("conv", "upconv"):
        return convolution(words, channels, name == "upconv", bias)
    if name == "norm":
        return nn.BatchNorm1d(channels) if len(shape) == 1 else nn.BatchNorm2d(channels)
    if name == "layernorm":
        return nn.LayerNorm(shape)
    if name == "pool":
        return {"max": nn.MaxPool2d, "average": nn.AvgPool2d}[words[1]](int(words[2]))
    if name == "reshape":
        return nn.Unflatten(1, [int(side) for side in words[1].split("x")])
    if name == "lrelu":
        return nn.LeakyReLU(float(words[1]) if len(words) > 1 else 0.2)
    if name == "embed":
        return Embed(classes, int(words[1]))
    simple = {"upsample": lambda: nn.Upsample(scale_factor=int(words[1])),
              "dropout": lambda: nn.Dropout(float(words[1])),
              "flatten": nn.Flatten, "relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid,
              "stddev": Stddev, "join": lambda: Join(classes), "condition": Condition}
    return simple[name]()


class Layers(nn.Sequential):
    def forward(self, x, labels=None, condition=None):
        for layer in self:
            if isinstance(layer, Join):
                x = layer(x, labels)
            elif isinstance(layer, Condition):
                x = layer(x, condition)
            else:
                x = layer(x)
        return x


def before_norm(lists, i):
    """A weighted layer has no bias where a norm follows, through a flatten or reshape as well."""
    after = [words[0] for words in lists[i + 1:] if words[0] not in ("flatten", "reshape")]
    return after[:1] == ["norm"]


def build(text, shape, classes=0, condition=(1, 1, 1)):
    """`shape` is what the first layer gets: (F,) or (C, H, W)."""
    lists = [layer.split() for layer in text.split("|")]
    layers = Layers()
    for i, words in enumerate(lists):
        layers.append(module(words, shape, classes, bias=not before_norm(lists, i)))
        with torch.no_grad():
            layers.eval()
            made = layers[-1:](torch.zeros(1, *shape), torch.zeros(1, dtype=int),
                               torch.zeros(1, *condition))
            shape = tuple(made.shape[1:])
    return layers.train()


def size(shape):
    return math.prod(shape)
