#!/usr/bin/env python3
"""Writes tests/gan/trainer_reference.inc: small games, and what PyTorch (in double precision) makes of
their first steps.

    python3 tests/pytorch/trainer_reference.py >tests/gan/trainer_reference.inc

Both sides begin with the same weights and pixels (hash_value below) and draw the same random
numbers (streams.py), so that every number of the trainer has one to be held against. Penalties are
differentiated through autograd's own graph here, which the trainer does not have."""
import copy
import math

import numpy as np
import torch
import torch.nn.functional as F
import torch.nn.utils.parametrize

import networks
import streams

SIDE, COUNT, CLASSES, STEPS, SHEET = 8, 10, 3, 3, 4
BASE = {
    "data.corruption": "none", "training.reconstruction": 0,
    "generator.latent": 6,
    "generator.layers": "dense 12 | norm | relu | dense 64 | tanh | reshape 1x8x8",
    "discriminator.layers": "flatten | dense 10 | lrelu 0.2 | dense 1",
    "training.objective": "non-saturating", "training.penalty": "none",
    "training.penalty_weight": 0, "training.penalty_every": 1,
    "training.optimiser": "adam", "training.rate": 0.01, "training.d_rate": 0,
    "training.beta1": 0.5, "training.beta2": 0.999, "training.schedule": "constant",
    "training.batch": 4, "training.steps": 100, "training.d_steps": 1, "training.smoothing": 0,
    "training.noise": 0, "training.noise_until": 0.5, "training.clip": 0, "training.average": 0.9,
    "training.seed": 5,
}
CONV_G = ("generator.layers=dense 32 | reshape 8x2x2 | norm | relu | upconv 4 4/2 | norm | relu | "
          "upconv 1 4/2 | tanh")
CONV_D = ("discriminator.layers=conv 4 4/2 | lrelu 0.2 | conv 6 4/2 | lrelu 0.2 | flatten | "
          "dense 5 | lrelu 0.2 | dense 1")
NORM_D = "discriminator.layers=flatten | dense 10 | norm | lrelu 0.2 | dense 1"
LABEL_G = "generator.layers=embed 3 | dense 12 | relu | dense 64 | tanh"
LABEL_D = "discriminator.layers=join | conv 4 4/2 | lrelu 0.2 | flatten | dense 1"
PAIR_G = ("generator.layers=condition | dense 12 | relu | dense 16 | reshape 4x2x2 | condition | "
          "upconv 3 4/2 | norm | relu | upconv 2 4/2 | condition | conv 1 3/1 | tanh")
PAIR_D = ("discriminator.layers=condition | conv 4 4/2 | lrelu 0.2 | condition | flatten | dense 5 | "
          "lrelu 0.2 | dense 1")
HALVES = ["left", "right", "top", "bottom"]
CHOICES = {"half": HALVES, "part": HALVES + ["box"], "shrink": ["shrink-2", "shrink-4"]}
# Adam turns the rounding of a gradient that should be zero (hinge and wasserstein have slopes that
# cancel) into a step of its own: those games use SGD.
SGD = ";training.optimiser=sgd;training.beta1=0.5;training.rate=0.02"
GAMES = [
    "training.objective=minimax",
    "training.objective=non-saturating",
    "training.objective=least-squares",
    "training.objective=hinge" + SGD,
    "training.objective=wasserstein" + SGD,
    "training.smoothing=0.1;" + CONV_G + ";" + CONV_D,
    "training.objective=least-squares;training.smoothing=0.2",
    "training.penalty=r1;training.penalty_weight=2",
    "training.penalty=r1;training.penalty_weight=1;training.beta2=0.99;" + CONV_G + ";" + CONV_D,
    "training.objective=hinge;training.penalty=r1;training.penalty_weight=3;"
    "training.penalty_every=2;" + CONV_D + SGD,
    "training.penalty=gradient;training.beta2=0.9",
    "training.objective=wasserstein;training.penalty=gradient;training.penalty_weight=5;"
    "training.d_steps=2;" + CONV_G + ";" + CONV_D + SGD,
    "training.objective=wasserstein;training.penalty=clip;training.penalty_weight=0.05;"
    "training.optimiser=rmsprop;training.beta2=0.99;training.rate=0.001",
    "training.optimiser=sgd;training.beta1=0.9;training.schedule=linear;training.steps=4",
    "training.clip=0.3;training.d_rate=0.003;training.schedule=cosine;training.steps=5",
    "training.noise=0.3;training.steps=4;training.noise_until=1;" + CONV_D,
    LABEL_G + ";" + LABEL_D,
    LABEL_G + ";training.penalty=r1;training.penalty_weight=1;" + LABEL_D,
    LABEL_G + ";training.objective=wasserstein;training.penalty=gradient;" + LABEL_D + SGD,
    CONV_G + ";" + NORM_D,
    "training.average=0;training.d_steps=3;training.batch=5",
    # The spectral norm of a matrix of one row is its length, whatever the power iteration began with.
    "discriminator.layers=conv 1 4/2 spectral | lrelu 0.2 | flatten | dense 1 spectral;"
    "training.penalty=r1",
    "discriminator.layers=flatten | dense 1 spectral;training.d_steps=2",
    "discriminator.layers=conv 3 3/2 | lrelu 0.1 | pool average 2 | stddev | flatten | dense 1;"
    "generator.layers=dense 16 | layernorm | relu | reshape 4x2x2 | upsample 2 | conv 4 3/1 | "
    "relu | upconv 1 3/2 | tanh",
    "data.corruption=part;training.reconstruction=5;training.penalty=r1;" + PAIR_G + ";" + PAIR_D,
    "data.corruption=shrink;training.reconstruction=2;training.d_steps=2;training.average=0;"
    "training.objective=wasserstein;training.penalty=gradient;" + PAIR_G + ";" + PAIR_D + SGD,
    "data.corruption=half;training.noise=0.3;" + PAIR_G + ";" + CONV_D,
]


def hash_value(name, i):
    """In [-0.5, 0.5): the same in tests/gan/trainer_reference_test.c."""
    h = 0
    for byte in name.encode():
        h = (h * 31 + byte) & 0xFFFFFFFF
    h = (h + i * 2654435761) & 0xFFFFFFFF
    h = (h ^ h >> 16) * 0x45D9F3B & 0xFFFFFFFF
    h = (h ^ h >> 16) * 0x45D9F3B & 0xFFFFFFFF
    return (h ^ h >> 16) / 2**32 - 0.5


def values(name, shape):
    flat = [hash_value(name, i) for i in range(networks.size(shape))]
    return torch.tensor(flat, dtype=torch.float64).reshape(shape)


def corrupt(image, word):
    """What G gets of image (1, H, W), and where its own pixels count: include/gan/corruption.h."""
    h, w = image.shape[1:]
    if word.startswith("shrink"):
        factor = int(word[-1])
        small = F.avg_pool2d(image[None], factor)[0]
        return (small.repeat_interleave(factor, 1).repeat_interleave(factor, 2),
                torch.ones_like(image))
    rows, columns = {"left": ((0, h), (0, w // 2)), "right": ((0, h), (w - w // 2, w)),
                     "top": ((0, h // 2), (0, w)), "bottom": ((h - h // 2, h), (0, w)),
                     "box": ((h // 4, h // 4 + h // 2), (w // 4, w // 4 + w // 2))}[word]
    made = torch.zeros_like(image)
    made[:, slice(*rows), slice(*columns)] = 1
    return image * (1 - made), made


class Unit(torch.nn.Module):
    def forward(self, weight):
        return weight / weight.norm()


def tensors(net, effective=False):
    """Parameters by their names in a plain network; those under spectral norm before it is taken,
    or after."""
    for name, p in net.named_parameters():
        layer = name.split(".")[0]
        spectral = ".parametrizations." in name
        yield (f"{layer}.weight" if spectral else name,
               net[int(layer)].weight if spectral and effective else p)


def normalise(net, text):
    for i, layer in enumerate(text.split("|")):
        if layer.split()[-1] == "spectral":
            assert net[i].weight.shape[0] == 1
            torch.nn.utils.parametrize.register_parametrization(net[i], "weight", Unit())


def set_weights(net, prefix):
    for name, p in tensors(net):
        u = values(prefix + name, p.shape)
        if p.dim() > 1:
            u = u * math.sqrt(12 * p.shape[0] / p.numel())
        elif name.endswith("weight"):
            u = 1 + u / 2
        with torch.no_grad():
            p.copy_(u.to(torch.float32))


def probe(net, prefix):
    return sum((p * values("probe." + prefix + name, p.shape)).sum().item()
               for name, p in tensors(net, effective=True))


D_REAL = {
    "minimax": lambda z, s: F.binary_cross_entropy_with_logits(z, torch.full_like(z, 1 - s)),
    "least-squares": lambda z, s: F.mse_loss(z, torch.full_like(z, 1 - s)) / 2,
    "hinge": lambda z, s: F.relu(1 - z).mean(),
    "wasserstein": lambda z, s: -z.mean(),
}
D_FAKE = {
    "minimax": lambda z: F.binary_cross_entropy_with_logits(z, torch.zeros_like(z)),
    "least-squares": lambda z: F.mse_loss(z, torch.zeros_like(z)) / 2,
    "hinge": lambda z: F.relu(1 + z).mean(),
    "wasserstein": lambda z: z.mean(),
}
G_FAKE = {
    "minimax": lambda z: -F.binary_cross_entropy_with_logits(z, torch.zeros_like(z)),
    "non-saturating": lambda z: F.binary_cross_entropy_with_logits(z, torch.ones_like(z)),
    "least-squares": lambda z: F.mse_loss(z, torch.ones_like(z)) / 2,
    "hinge": lambda z: -z.mean(),
    "wasserstein": lambda z: -z.mean(),
}
D_REAL["non-saturating"], D_FAKE["non-saturating"] = D_REAL["minimax"], D_FAKE["minimax"]
USUAL_WEIGHT = {"none": 0, "r1": 1, "gradient": 10, "clip": 0.01}


class Game:
    def __init__(self, settings):
        self.recipe = dict(BASE)
        for setting in settings.split(";"):
            key, value = setting.split("=")
            self.recipe[key] = type(BASE[key])(value) if BASE[key] != 0 else float(value)
        self.weight = self["penalty_weight"] or USUAL_WEIGHT[self["penalty"]]
        self.batch = self["batch"]
        latent = self.recipe["generator.latent"]
        image = (1, SIDE, SIDE)
        self.g = networks.build(self.recipe["generator.layers"], (latent,), CLASSES, image).double()
        self.d = networks.build(self.recipe["discriminator.layers"], image, CLASSES, image).double()
        word = self.recipe["data.corruption"]
        self.choices = CHOICES.get(word, [] if word == "none" else [word])
        normalise(self.d, self.recipe["discriminator.layers"])
        self.labelled = any(isinstance(m, networks.Join) for m in self.g)
        set_weights(self.g, "generator.")
        set_weights(self.d, "discriminator.")
        self.average = copy.deepcopy(self.g)
        self.g_optimiser = self.optimiser(self.g)
        self.d_optimiser = self.optimiser(self.d)
        self.step = self.updates = 0
        self.condition = None
        self.penalty = 0.0
        self.read_data()
        seed = self["seed"]
        self.latents, self.labels, self.noise, self.mixing, self.corruption = (
            streams.Stream(seed, s)
            for s in (streams.LATENTS, streams.LABELS, streams.NOISE, streams.MIXING,
                      streams.CORRUPTION))

    def __getitem__(self, key):
        return self.recipe["training." + key]

    def read_data(self):
        grey = [int((hash_value("pixels", i) + 0.5) * 256) for i in range(COUNT * SIDE * SIDE)]
        pixels = torch.tensor(grey, dtype=torch.float64) / 127.5 - 1
        self.pixels = pixels.reshape(COUNT, 1, SIDE, SIDE)
        self.order_stream = streams.Stream(self["seed"], streams.ORDER)
        self.order = []

    def optimiser(self, net):
        make = {"adam": lambda p: torch.optim.Adam(p, betas=(self["beta1"], self["beta2"])),
                "rmsprop": lambda p: torch.optim.RMSprop(p, alpha=self["beta2"]),
                "sgd": lambda p: torch.optim.SGD(p, lr=1, momentum=self["beta1"])}
        return make[self["optimiser"]](net.parameters())

    def take_real(self):
        indices = []
        while len(indices) < self.batch:
            if not self.order:
                self.order = list(range(COUNT))
                self.order_stream.shuffle(self.order)
            indices.append(self.order.pop(0))
        real = self.pixels[indices]
        if self.choices:
            pairs = [corrupt(x, self.choices[self.corruption.below(len(self.choices))])
                     for x in real]
            self.condition, self.made = (torch.stack(part) for part in zip(*pairs))
            self.target = real
        return real, torch.tensor([i % CLASSES for i in indices])

    def make_fakes(self, real_labels):
        z = torch.from_numpy(self.latents.normals(self.batch, self.recipe["generator.latent"]))
        labels = torch.tensor([self.labels.below(CLASSES) if self.labelled else 0
                               for _ in range(self.batch)])
        if self.choices:
            labels = real_labels
        fake = self.g(z, labels, self.condition).reshape(-1, 1, SIDE, SIDE)
        if self.choices:
            fake = self.made * fake + (1 - self.made) * self.target
        return fake, labels

    def noisy(self, images):
        end = self["noise_until"] * self["steps"]
        deviation = self["noise"] * (1 - min(self.step / end, 1))
        if deviation == 0:
            return images
        return images + deviation * torch.from_numpy(self.noise.normals(*images.shape))

    def slope(self, x, labels):
        x = x.detach().requires_grad_()
        f = self.d(x, labels, self.condition).sum()
        return torch.autograd.grad(f, x, create_graph=True)[0].flatten(1)

    def penalise(self, real, fake, labels):
        if self["penalty"] == "r1":
            value = self.weight / 2 * self.slope(real, labels).square().sum(1).mean()
        else:
            share = torch.tensor([self.mixing.uniform() for _ in range(self.batch)],
                                 dtype=torch.float64)[:, None, None, None]
            norms = (self.slope(real + share * (fake - real), labels).square().sum(1)
                     + 1e-12).sqrt()
            value = self.weight * (norms - 1).square().mean()
        self.penalty = value.item()
        return value * self["penalty_every"]

    def update(self, net, optimiser, rate):
        norm = math.sqrt(sum(p.grad.square().sum().item() for p in net.parameters()))
        clip = self["clip"]
        for p in net.parameters():
            p.grad *= clip / norm if 0 < clip < norm else 1
        done = min(self.step / self["steps"], 1)
        share = {"constant": 1, "linear": 1 - done,
                 "cosine": (1 + math.cos(math.pi * done)) / 2}[self["schedule"]]
        optimiser.param_groups[0]["lr"] = rate * share
        optimiser.step()
        return norm

    def d_update(self):
        real, real_labels = self.take_real()
        fake, fake_labels = self.make_fakes(real_labels)
        both = self.noisy(torch.cat([real, fake.detach()]))
        shown_real, shown_fake = both[:self.batch], both[self.batch:]
        z_real = self.d(shown_real, real_labels, self.condition)
        z_fake = self.d(shown_fake, fake_labels, self.condition)
        loss = (D_REAL[self["objective"]](z_real, self["smoothing"])
                + D_FAKE[self["objective"]](z_fake))
        total = loss
        if self["penalty"] in ("r1", "gradient") and self.updates % self["penalty_every"] == 0:
            total = loss + self.penalise(shown_real, shown_fake, real_labels)
        self.d.zero_grad()
        total.backward()
        norm = self.update(self.d, self.d_optimiser, self["d_rate"] or self["rate"])
        if self["penalty"] == "clip":
            for p in self.d.parameters():
                p.data.clamp_(-self.weight, self.weight)
        self.updates += 1
        report = [loss.item(), z_real.sigmoid().mean().item(), z_fake.sigmoid().mean().item(), norm]
        return fake, fake_labels, report

    def play(self):
        for _ in range(self["d_steps"]):
            fake, labels, (d_loss, d_real, d_fake, d_norm) = self.d_update()
        loss = G_FAKE[self["objective"]](self.d(self.noisy(fake), labels, self.condition))
        off = torch.zeros(())
        if self.choices:
            off = (fake - self.target).abs().sum() / self.made.sum()
        self.g.zero_grad()
        (loss + self["reconstruction"] * off).backward()
        g_norm = self.update(self.g, self.g_optimiser, self["rate"])
        decay = min(self["average"], (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for a, p in zip(self.average.parameters(), self.g.parameters()):
                a.mul_(decay).add_(p, alpha=1 - decay)
        self.step += 1
        return [d_loss, loss.item(), off.item(), self.penalty, d_real, d_fake, d_norm, g_norm]

    def sheet(self):
        """Mean grey of each image of a sample sheet."""
        net = self.average if self["average"] else self.g
        latent = self.recipe["generator.latent"]
        if self["average"]:
            stream = streams.Stream(1, streams.STATISTICS)
            for m in net.modules():
                if isinstance(m, torch.nn.modules.batchnorm._BatchNorm):
                    m.reset_running_stats()
                    m.momentum = None
            for i in range(8):
                z = np.stack([stream.normals(latent) for _ in range(self.batch)])
                places = torch.arange(i * self.batch, (i + 1) * self.batch)
                net(torch.from_numpy(z), places % CLASSES, self.estimates(places))
        net.eval()
        stream = streams.Stream(self["seed"], streams.SAMPLES)
        z = torch.from_numpy(np.stack([stream.normals(latent) for _ in range(SHEET)]))
        x = net(z, torch.arange(SHEET) % CLASSES, self.estimates(torch.arange(SHEET)))
        if self.choices:
            x = torch.stack(self.triples(x.reshape(SHEET, 1, SIDE, SIDE))[:SHEET])
        return ((x.reshape(SHEET, -1) + 1) * 127.5).mean(1).tolist()

    def shown(self, place):
        image = self.pixels[place % COUNT]
        return image, *corrupt(image, self.choices[place % len(self.choices)])

    def estimates(self, places):
        return torch.stack([self.shown(i)[1] for i in places.tolist()]) if self.choices else None

    def triples(self, made):
        parts = []
        for i, (image, condition, mask) in enumerate(map(self.shown, range(len(made)))):
            parts += [condition, mask * made[i] + (1 - mask) * image, image]
        return parts


def write(settings):
    game = Game(settings)
    reports = [game.play() for _ in range(STEPS)]
    rows = ["{ " + ", ".join(f"{v:.9g}" for v in report) + " }" for report in reports]
    probes = [probe(game.g, "generator."), probe(game.d, "discriminator.")]
    text = ";".join(f"{s}" for s in settings.split(";"))
    print(f'    {{ "{text}",')
    print("      { " + ",\n        ".join(rows) + " },")
    print("      { " + ", ".join(f"{v:.9g}" for v in probes) + " },")
    print("      { " + ", ".join(f"{v:.6g}" for v in game.sheet()) + " } },")


def main():
    torch.manual_seed(0)
    print("/* Written by tests/pytorch/trainer_reference.py. */")
    print("/* clang-format off */")
    for settings in GAMES:
        write(settings)
    print("/* clang-format on */")


if __name__ == "__main__":
    main()
