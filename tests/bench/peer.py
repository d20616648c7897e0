"""What PyTorch makes of the same steps: peer.py dense|convolutional|digits THREADS eager|compile

Prints seconds a step, the median of some batches of steps. Fused Adam for both networks, the moving average in
every step, D's fakes reused in G's step, as in gander.
"""
import statistics
import sys
import time

import torch
from torch import nn

name, threads, mode = sys.argv[1], int(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)
BATCH = 64


def block(inputs, outputs):
    return [nn.Linear(inputs, outputs), nn.BatchNorm1d(outputs), nn.LeakyReLU(0.2)]


def convolutional(wide, narrow, hidden):
    foot = [nn.Linear(100, wide * 49, bias=False)]
    head = [nn.Linear(wide * 49, 1)]
    if hidden:
        foot = [nn.Linear(100, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(),
                nn.Linear(hidden, wide * 49, bias=False)]
        head = [nn.Linear(wide * 49, hidden), nn.LeakyReLU(0.2), nn.Linear(hidden, 1)]
    generator = nn.Sequential(
        *foot, nn.Unflatten(1, (wide, 7, 7)), nn.BatchNorm2d(wide), nn.ReLU(),
        nn.ConvTranspose2d(wide, narrow, 4, 2, 1, bias=False), nn.BatchNorm2d(narrow), nn.ReLU(),
        nn.ConvTranspose2d(narrow, 1, 4, 2, 1), nn.Tanh())
    discriminator = nn.Sequential(
        nn.Conv2d(1, narrow, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(narrow, wide, 4, 2, 1), nn.LeakyReLU(0.2),
        nn.Flatten(), *head)
    return generator, discriminator


def dense():
    generator = nn.Sequential(nn.Linear(100, 128), nn.LeakyReLU(0.2), *block(128, 256), *block(256, 512),
                              *block(512, 1024), nn.Linear(1024, 784), nn.Tanh(), nn.Unflatten(1, (1, 28, 28)))
    discriminator = nn.Sequential(nn.Flatten(), nn.Linear(784, 512), nn.LeakyReLU(0.2), nn.Linear(512, 256),
                                  nn.LeakyReLU(0.2), nn.Linear(256, 1))
    return generator, discriminator


NETWORKS = {"dense": dense, "convolutional": lambda: convolutional(128, 64, 0),
            "digits": lambda: convolutional(32, 16, 256)}
G, D = NETWORKS[name]()
penalised = name == "digits"
average = [p.detach().clone() for p in G.parameters()]
g_adam = torch.optim.Adam(G.parameters(), 1e-4, (0.5, 0.99), fused=True)
d_adam = torch.optim.Adam(D.parameters(), 1e-4, (0.5, 0.99), fused=True)
softplus = nn.functional.softplus
g_call, d_call = G, D
if mode == "compile":
    g_call = torch.compile(G)
    d_call = D if penalised else torch.compile(D)  # the compiler knows no gradient of a gradient


def step(real):
    fake = g_call(torch.randn(BATCH, 100))
    if penalised:
        real = real.requires_grad_(True)
        logits = d_call(real)
        slope, = torch.autograd.grad(logits.sum(), real, create_graph=True)
        loss = softplus(-logits).mean() + 0.5 * slope.square().sum((1, 2, 3)).mean()
    else:
        loss = softplus(-d_call(real)).mean()
    loss = loss + softplus(d_call(fake.detach())).mean()
    d_adam.zero_grad()
    loss.backward()
    d_adam.step()
    for p in D.parameters():
        p.requires_grad_(False)
    loss = softplus(-d_call(fake)).mean()
    g_adam.zero_grad()
    loss.backward()
    g_adam.step()
    for p in D.parameters():
        p.requires_grad_(True)
    with torch.no_grad():
        torch._foreach_lerp_(average, list(G.parameters()), 0.001)


data = torch.rand(BATCH, 1, 28, 28) * 2 - 1
for _ in range(10):
    step(data.clone())
begin, steps = time.perf_counter(), 0
while time.perf_counter() - begin < 0.5:
    step(data.clone())
    steps += 1
times = []
for _ in range(7):
    begin = time.perf_counter()
    for _ in range(steps):
        step(data.clone())
    times.append((time.perf_counter() - begin) / steps)
print(statistics.median(times))
