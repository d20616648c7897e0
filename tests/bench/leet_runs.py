"""Runs for W&B LEET: leet_runs.py DIRECTORY RUNS LINES METRICS, or one that lives: DIRECTORY SECONDS.

One run is logged by wandb itself, offline. The others are that one with an id, a name and values of
their own, its records written anew through wandb's own messages: to log each would take half a second.
The format is LevelDB's log (github.com/google/leveldb, doc/log_format.md) with plain CRC-32, behind the 7
bytes that wandb puts in front.
"""
import os
import random
import struct
import sys
import time
import zlib

directory = sys.argv[1]
runs, lines, metrics = map(int, sys.argv[2:5]) if len(sys.argv) > 3 else (0, 0, 8)
os.makedirs(directory, exist_ok=True)
os.environ.update(WANDB_MODE="offline", WANDB_SILENT="true", WANDB_ERROR_REPORTING="false")

import wandb  # noqa: E402
from wandb.proto.wandb_internal_pb2 import Record  # noqa: E402

NAMES = ["d_loss", "g_loss", "d_real", "d_fake", "d_grad", "g_grad", "epoch", "images_per_second"][:metrics]
HEADER, BLOCK = 7, 32768
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4


def start():
    settings = wandb.Settings(x_disable_stats=True, x_disable_meta=True, console="off", disable_git=True)
    return wandb.init(project="bench", dir=directory, settings=settings, config={"lr": 0.0002})


def log(run, line):
    run.log({name: random.random() for name in NAMES}, step=50 * line)


def template():
    run = start()
    for line in range(1, lines + 1):
        log(run, line)
    run.finish()
    return run.id


def live(seconds):
    run, end, line = start(), time.monotonic() + seconds, 0
    print("begun", flush=True)
    while time.monotonic() < end:
        line += 1
        log(run, line)
        time.sleep(0.5)


def read(path):
    data = open(path, "rb").read()
    at, record = HEADER, b""
    while at + HEADER <= len(data):
        left = BLOCK - at % BLOCK
        if left < HEADER:
            at += left
            continue
        size, kind = struct.unpack_from("<HB", data, at + 4)
        record += data[at + HEADER : at + HEADER + size]
        at += HEADER + size
        if kind in (FULL, LAST):
            yield record
            record = b""


def write(path, head, records):
    out = bytearray(head)
    for record in records:
        begun = False
        while True:
            left = BLOCK - len(out) % BLOCK
            if left < HEADER:
                out += bytes(left)
                left = BLOCK
            part, record = record[: left - HEADER], record[left - HEADER :]
            kind = (LAST if begun else FULL) if not record else (MIDDLE if begun else FIRST)
            check = zlib.crc32(bytes([kind]) + part)
            out += struct.pack("<IHB", check, len(part), kind) + part
            begun = True
            if not record:
                break
    with open(path, "wb") as file:
        file.write(out)


def changed(records, name, of_run):
    for record in records:
        copy = Record()
        copy.CopyFrom(record)
        if copy.HasField("run"):
            copy.run.run_id = name
            copy.run.display_name = f"run {of_run}"
        for item in copy.history.item:
            if (item.key or "".join(item.nested_key)) in NAMES:
                item.value_json = repr(random.random())
        yield copy.SerializeToString()


random.seed(1)
if not runs:
    live(float(sys.argv[2]))
    sys.exit()
first = template()
folder = os.path.join(directory, "wandb")
latest = os.path.realpath(os.path.join(folder, "latest-run"))
path = os.path.join(latest, f"run-{first}.wandb")
head = open(path, "rb").read(HEADER)
records = [Record.FromString(bytes) for bytes in read(path)]
for number in range(1, runs):
    name = f"bench{number:05d}"
    place = os.path.join(folder, f"offline-run-20260101_{number // 3600 % 24:02d}{number // 60 % 60:02d}"
                         f"{number % 60:02d}-{name}")
    os.makedirs(os.path.join(place, "files"))
    write(os.path.join(place, f"run-{name}.wandb"), head, changed(records, name, number))
