"""A GAN on handwritten digits in PyTorch, which gander runs, lists, compares and resumes:

    gander fetch mnist
    gander run -- python3 experiments/pytorch/gan.py --lr 5e-4 --steps 2000

It imports nothing of gander's. What it reports are lines of JSON and PNG files, in the places that
gander-journal(5) describes; started without gander, it writes the same to gan-output/ here.
"""
import argparse, gzip, json, os, signal, struct, time, zlib
from pathlib import Path

import torch
from torch import nn
from torch.nn.functional import softplus
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

parser = argparse.ArgumentParser()
parser.add_argument("--data", default=os.path.expanduser("~/.local/share/gander/mnist"))  # IDX files
for key, value in dict(lr=1e-3, steps=3000, batch=64, latent=64, seed=1, threads=1, every=250).items():
    parser.add_argument("--" + key, type=type(value), default=value)
args = parser.parse_args()
samples = Path(os.environ.get("GANDER_SAMPLES", "gan-output/samples"))
checkpoints = Path(os.environ.get("GANDER_CHECKPOINTS", "gan-output/checkpoints"))
samples.mkdir(parents=True, exist_ok=True)
checkpoints.mkdir(parents=True, exist_ok=True)
journal = open(os.environ.get("GANDER_JOURNAL", "gan-output/events.jsonl"), "ab", buffering=0)
journal.write(b"\n")  # ends the line that a crash may have torn


def report(**line):
    journal.write(json.dumps({"t": time.time(), **line}).encode() + b"\n")  # one write: whole or not at all


def put(path, write):  # whole or not there
    write(path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


def png(images):  # rows of eight
    grey = ((images + 1) * 127.5).byte().view(-1, 8, 28, 28).transpose(1, 2).reshape(-1, 8 * 28)
    header = struct.pack(">2I5B", grey.shape[1], grey.shape[0], 8, 0, 0, 0, 0)
    body = zlib.compress(b"".join(b"\0" + bytes(row) for row in grey.tolist()))
    chunks = (b"IHDR", header), (b"IDAT", body), (b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks)


path = next(Path(args.data).glob("train-images-idx3-ubyte*"))
data = (gzip.open if path.suffix == ".gz" else open)(path, "rb").read()
digits = torch.frombuffer(bytearray(data[16:]), dtype=torch.uint8).view(-1, 1, 28, 28)
torch.set_num_threads(args.threads)
torch.manual_seed(args.seed)
latents = torch.randn(64, args.latent)  # the same in every sheet
G = nn.Sequential(
    nn.Linear(args.latent, 32 * 49, bias=False), nn.Unflatten(1, (32, 7, 7)), nn.BatchNorm2d(32), nn.ReLU(),
    nn.ConvTranspose2d(32, 16, 4, 2, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
    nn.ConvTranspose2d(16, 1, 4, 2, 1), nn.Tanh())
D = nn.Sequential(
    nn.Conv2d(1, 16, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(16, 32, 4, 2, 1), nn.LeakyReLU(0.2),
    nn.Flatten(), nn.Dropout(0.3), nn.Linear(32 * 49, 1))
average = AveragedModel(G, multi_avg_fn=get_ema_multi_avg_fn(0.99), use_buffers=True)  # draws better
g_adam, d_adam = (torch.optim.Adam(net.parameters(), args.lr, (0.5, 0.99)) for net in (G, D))
parts = {"G": G, "D": D, "average": average, "g_adam": g_adam, "d_adam": d_adam}
step = 0
if "GANDER_RESUME" in os.environ:
    saved = torch.load(os.environ["GANDER_RESUME"])
    for key, part in parts.items():
        part.load_state_dict(saved[key])
    torch.set_rng_state(saved["random"])
    step = saved["step"]

stopping = []
signal.signal(signal.SIGTERM, lambda *_: stopping.append(True))  # gander stop
report(config=vars(args))
while step < args.steps and not stopping:
    step += 1
    real = digits[torch.randint(len(digits), (args.batch,))] / 127.5 - 1
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
    average.update_parameters(G)
    if step % 25 == 0:
        d_real, d_fake = real_logits.sigmoid().mean(), fake_logits.sigmoid().mean()
        metrics = {"d_loss": d_loss, "g_loss": g_loss, "d_real": d_real, "d_fake": d_fake}
        report(step=step, metrics={key: value.item() for key, value in metrics.items()})
    if step % args.every == 0 or step == args.steps:
        print(f"step {step}: D loss {d_loss:.3f}, G loss {g_loss:.3f}", flush=True)
        with torch.no_grad():
            put(samples / f"{step:08d}.png", lambda path: path.write_bytes(png(average.eval()(latents))))
        report(step=step, sample=f"samples/{step:08d}.png")
    if step % args.every == 0 or step == args.steps or stopping:
        saved = {key: part.state_dict() for key, part in parts.items()}
        saved |= {"random": torch.get_rng_state(), "step": step}
        put(checkpoints / f"{step:08d}.pt", lambda path: torch.save(saved, path))
        report(step=step, checkpoint=f"checkpoints/{step:08d}.pt")
        for old in sorted(checkpoints.glob("*.pt"))[:-2]:
            old.unlink()
