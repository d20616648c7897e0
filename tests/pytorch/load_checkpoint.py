#!/usr/bin/env python3
"""Loads checkpoints as any reader would, and draws with them.

    python3 tests/pytorch/load_checkpoint.py CHECKPOINT DRAWN [CHECKPOINT DRAWN]...

Each network of a checkpoint is built from the layer list of the recipe in it and takes its tensors
strictly, once the prefix is off. DRAWN is a safetensors file of what gander made of them: `latents`,
`labels`, and with them `images` (of the average, or of the generator where there is none), `raw`
(of the generator) and `logits` (of the discriminator on the images). They must agree to 1e-4."""
import configparser
import sys

import torch
from safetensors import safe_open
from safetensors.torch import load_file

import networks

TOLERANCE = 1e-4


def read_recipe(path):
    with safe_open(path, "pt") as file:
        text = file.metadata()["gander.recipe"]
    recipe = configparser.ConfigParser(interpolation=None, delimiters="=")
    recipe.read_string(text)
    return recipe


def load(tensors, prefix, layers, shape, classes):
    net = networks.build(layers, shape, classes)
    state = {name[len(prefix):]: t for name, t in tensors.items() if name.startswith(prefix)}
    net.load_state_dict(state, strict=True)
    return net.eval()


def check(path, drawn_path):
    recipe, tensors, drawn = read_recipe(path), load_file(path), load_file(drawn_path)
    height, width, classes = (int(n) for n in tensors["state.images"])
    latent = (recipe.getint("generator", "latent"),)
    nets = {}
    for name in ("generator", "average", "discriminator"):
        if any(tensor.startswith(name + ".") for tensor in tensors):
            shape = (1, height, width) if name == "discriminator" else latent
            section = "discriminator" if name == "discriminator" else "generator"
            nets[name] = load(tensors, name + ".", recipe[section]["layers"], shape, classes)
    latents, labels = drawn["latents"], drawn["labels"]
    with torch.no_grad():
        images = nets.get("average", nets["generator"])(latents, labels)
        raw = nets["generator"](latents, labels)
        logits = nets["discriminator"](images.reshape(-1, 1, height, width), labels)
    made = {"images": images, "raw": raw, "logits": logits}
    worst = max((made[name].flatten() - drawn[name].flatten()).abs().max().item() for name in made)
    print(f"{path}: {', '.join(nets)}: largest difference {worst:.2g}")
    return worst <= TOLERANCE


def main():
    pairs = list(zip(sys.argv[1::2], sys.argv[2::2]))
    results = [check(*pair) for pair in pairs]
    sys.exit(0 if results and all(results) else 1)


if __name__ == "__main__":
    main()
