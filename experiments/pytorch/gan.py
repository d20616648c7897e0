"""A GAN on handwritten digits in PyTorch, which gander runs, lists, compares and resumes:

    gander fetch mnist
    gander run -- python3 experiments/pytorch/gan.py --lr 5e-4 --steps 2000

It imports nothing of gander's. What it reports are lines of JSON and PNG files, in the places that
gander-journal(5) describes; started without gander, it writes the same to gan-output/ here.
"""
import argparse
import copy
import gzip
import json
import os
import pathlib
import signal
import struct
import time
import zlib

import torch
from torch import nn

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.path.expanduser("~/.local/share/gander/mnist"), help="folder of IDX files")
parser.add_argument("--lr", type=float, default=1e-3)
parser.add_argument("--steps", type=int, default=3000)
parser.add_argument("--threads", type=int, default=1)
parser.add_argument("--batch", type=int, default=64)
parser.add_argument("--latent", type=int, default=64)
parser.add_argument("--seed", type=int, default=1)
parser.add_argument("--every", type=int, default=250, help="steps from sheet to sheet")
args = parser.parse_args()

journal_path = pathlib.Path(os.environ.get("GANDER_JOURNAL", "gan-output/events.jsonl"))
samples = pathlib.Path(os.environ.get("GANDER_SAMPLES", "gan-output/samples"))
checkpoints = pathlib.Path(os.environ.get("GANDER_CHECKPOINTS", "gan-output/checkpoints"))
for folder in (samples, checkpoints):
    folder.mkdir(parents=True, exist_ok=True)
journal = open(journal_path, "ab", buffering=0)
journal.write(b"\n")  # ends the line that a crash may have torn


def report(**line):
    journal.write(json.dumps({"t": time.time(), **line}).encode() + b"\n")  # one write: whole or not at all


def put(path, write):
    part = path.with_suffix(".part")
    write(part)
    part.replace(path)  # whole or not there


def png(images):  # rows of eight
    grey = ((images + 1) * 127.5).byte().view(-1, 8, 28, 28).transpose(1, 2).reshape(-1, 8 * 28)
    pixels = b"".join(b"\0" + bytes(row.tolist()) for row in grey)
    header = struct.pack(">2I5B", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    chunks = (b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in chunks)


def digits(folder):
    path = next(pathlib.Path(folder).glob("train-images-idx3-ubyte*"))
    data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
    return torch.frombuffer(bytearray(data[16:]), dtype=torch.uint8).view(-1, 1, 28, 28)


torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)
fixed = torch.randn(64, args.latent)  # the same latents in every sheet
G = nn.Sequential(
    nn.Linear(args.latent, 32 * 49, bias=False), nn.Unflatten(1, (32, 7, 7)), nn.BatchNorm2d(32), nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh())
D = nn.Sequential(
    nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 4, 2, 1), nn.LeakyReLU(0.2),
    nn.Flatten(), nn.Dropout(0.3), nn.Linear(32 * 49, 1))
average = copy.deepcopy(G)  # draws better than any one G
g_adam = torch.optim.Adam(G.parameters(), args.lr, (0.5, 0.99))
d_adam = torch.optim.Adam(D.parameters(), args.lr, (0.5, 0.99))
state = {"G": G, "D": D, "average": average, "g_adam": g_adam, "d_adam": d_adam}
step = 0
if "GANDER_RESUME" in os.environ:
    saved = torch.load(os.environ["GANDER_RESUME"])
    for name, part in state.items():
        part.load_state_dict(saved[name])
    torch.set_rng_state(saved["random"])
    step = saved["step"]


def save():
    name = f"{step:08d}.pt"
    saved = {name: part.state_dict() for name, part in state.items()}
    put(checkpoints / name, lambda path: torch.save({**saved, "random": torch.get_rng_state(), "step": step}, path))
    report(step=step, checkpoint=f"checkpoints/{name}")
    for old in sorted(checkpoints.glob("*.pt"))[:-2]:
        old.unlink()


stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))  # gander stop
images = digits(args.data)
report(config=vars(args))
softplus = nn.functional.softplus
while step < args.steps and not stopping:
    step += 1
    real = images[torch.randint(len(images), (args.batch,))] / 127.5 - 1
    fake = G(torch.randn(args.batch, args.latent))
    real_logits, fake_logits = D(real), D(fake.detach())
    d_loss = softplus(-real_logits).mean() + softplus(fake_logits).mean()
    d_adam.zero_grad()
    d_loss.backward()
    d_adam.step()
    g_loss = softplus(-D(fake)).mean()
    g_adam.zero_grad()
    g_loss.backward()
    g_adam.step()
    with torch.no_grad():
        for kept, new in zip(average.state_dict().values(), G.state_dict().values()):
            kept.lerp_(new, 0.01) if kept.is_floating_point() else kept.copy_(new)
    if step % 25 == 0 or step == args.steps:
        report(step=step, metrics={"d_loss": d_loss.item(), "g_loss": g_loss.item(),
                                   "d_real": real_logits.sigmoid().mean().item(),
                                   "d_fake": fake_logits.sigmoid().mean().item()})
    if step % args.every == 0 or step == args.steps:
        with torch.no_grad():
            sheet = png(average.eval()(fixed))
        put(samples / f"{step:08d}.png", lambda path: path.write_bytes(sheet))
        report(step=step, sample=f"samples/{step:08d}.png")
        print(f"step {step}: D loss {d_loss:.3f}, G loss {g_loss:.3f}", flush=True)
    if step % args.every == 0 or step == args.steps or stopping:
        save()
