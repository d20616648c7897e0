"""What many runs cost that journal at once: crowd.py GANDER [RUNS [SECONDS [REPORTS A SECOND]]]

A store of RUNS runs is made from a real one. All of them are alive: their locks are held here, and each
appends to events.jsonl a line of 12 metrics as often as said, and to worker.jsonl one of what it uses
every 5 seconds, as trainings and workers do: one write a line, into a file that stays open. Meanwhile
'gander ls' is started every two seconds. Then all of them are jobs of a Slurm that is made up, whose
squeue answers at once, and 'gander settle' is measured: when they run, when they wait, when nothing is
new, and when their reason has changed. Needs strace for system calls; prints what it measured."""
import fcntl
import json
import os
import resource
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

gander = os.path.abspath(sys.argv[1])
runs, seconds, rate = (int(sys.argv[i]) if len(sys.argv) > i else x for i, x in ((2, 1000), (3, 30), (4, 1)))
NAMES = ("d_loss g_loss d_real d_fake logit_real logit_fake d_auc diversity shift d_grad g_grad "
         "images_per_second").split()
RECIPE = """[experiment]
name = crowd
[data]
source = digits
count = 100
[generator]
latent = 4
layers = dense 784 | tanh | reshape 1x28x28
[discriminator]
layers = flatten | dense 1
[training]
batch = 8
steps = 20
threads = 1
evaluate_every = 0
"""


def command(*words, **more):
    return subprocess.run([gander, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, **more)


def start(*words):
    process = subprocess.Popen([gander, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    process.begun = time.monotonic()
    return process


def end(process, options=0):
    """Seconds by the clock and of processors, once it has ended; None before."""
    pid, status, usage = os.wait4(process.pid, options)
    if pid == 0:
        return None
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(f"crowd: {process.args}: status {process.returncode}")
    return time.monotonic() - process.begun, usage.ru_utime + usage.ru_stime


def words_of(times, label):
    return f"{label:40} {times[0] * 1000:6.0f} ms, of processors {times[1] * 1000:6.0f} ms"


def timed(label, *words):
    print(words_of(end(start(*words)), label), flush=True)


def system_calls(*words):
    """How many, and the five that are made most often."""
    if not shutil.which("strace"):
        return None
    out = os.path.join(place, "calls")
    subprocess.run(["strace", "-f", "-c", "-U", "calls,name", "-o", out, gander, *words], stdin=subprocess.DEVNULL,
                   stdout=subprocess.DEVNULL)
    rows = [line.split() for line in open(out)]
    rows = [(int(row[0]), row[1]) for row in rows if len(row) == 2 and row[0].isdigit()]
    total = sum(count for count, name in rows if name != "total")
    most = sorted((row for row in rows if row[1] != "total"), reverse=True)[:5]
    return f"{total:,} system calls ({', '.join(f'{name} {count:,}' for count, name in most)})"


def lock(path):
    fd = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    fcntl.fcntl(fd, fcntl.F_OFD_SETLK, struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0))
    return fd


def line(**members):
    return (json.dumps({"t": round(time.time(), 3), **members}, separators=(",", ":")) + "\n").encode()


class Run:
    def __init__(self, number):
        path = os.path.join(store, "runs", str(number))
        if number > 1:
            shutil.copytree(os.path.join(store, "runs", "1"), path)
            facts = json.load(open(os.path.join(path, "run.json")))
            facts["number"] = number
            json.dump(facts, open(os.path.join(path, "run.json"), "w"))
        self.path, self.step = path, 20
        self.lock = lock(os.path.join(path, "lock"))
        self.worker = os.open(os.path.join(path, "worker.jsonl"), os.O_WRONLY | os.O_TRUNC | os.O_APPEND)
        self.events = os.open(os.path.join(path, "events.jsonl"), os.O_WRONLY | os.O_APPEND)
        self.say("worker", state="running", pid=os.getpid(), worker=os.getpid(), host=os.uname().nodename,
                 from_step=0, events=0, slurm=f"7_{number}")

    def say(self, where, **members):
        global written, lines
        text = line(**members)
        os.write(getattr(self, where), text)
        written += len(text)
        lines += 1

    def report(self):
        self.step += 50
        self.say("events", step=self.step, metrics={name: round(0.5 + self.step % 97 / 131, 5) for name in NAMES})

    def use(self):
        self.say("worker", step=self.step, use={"cpu": 99.8, "memory": 123456789.0})

    def close(self):
        for fd in (self.lock, self.worker, self.events):
            os.close(fd)


def journal_at_once(crowd):
    """Everybody's reports are spread over the second, as they are in life."""
    turn, begun, listed, times = 0, time.monotonic(), 2.0, []
    process = None
    while (now := time.monotonic() - begun) < seconds:
        while turn < now * rate * runs:
            run = crowd[turn % runs]
            run.report()
            if turn // runs % (5 * rate) == turn % (5 * rate):
                run.use()
            turn += 1
        if process and (ended := end(process, os.WNOHANG)):
            times.append(ended)
            process = None
        if not process and now >= listed:
            process = start(*LIST)
            listed = now + 2
        time.sleep(0.002)
    if process:
        end(process)
    return times, turn / (time.monotonic() - begun)


def squeue_says(state, reason):
    with open(os.path.join(place, "queue"), "w") as file:
        for number in range(1, runs + 1):
            file.write(f"{number}|7|{number}|{state}|{reason}|\n")


def forget_when():
    """The view was asked for long ago."""
    view = os.path.join(store, "slurm/view")
    if os.path.exists(view):
        told = open(view).read()
        open(view, "w").write("1" + told[told.index("\t"):])


def settle(what):
    forget_when()
    timed(f"settle, {what}", "settle", "--store", store)


place = tempfile.mkdtemp(prefix="gander-crowd.")
store = os.path.join(place, "store")
LIST = ("ls", "-n", "20", "--store", store)
written = lines = 0
os.environ.update(GANDER_DIR=store, HOME=place, SLURM_CONF="/dev/null")
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 3 * runs + 100), hard))
try:
    recipe = os.path.join(place, "crowd.ini")
    open(recipe, "w").write(RECIPE)
    if command("run", "-f", recipe, cwd=place).returncode != 0:
        sys.exit("crowd: the first run does not work")
    crowd = [Run(number) for number in range(1, runs + 1)]
    print(f"{runs} runs, {rate} a second each, for {seconds} s")
    timed("first list, all are ingested", *LIST)
    before, lines_before = written, lines
    times, reached = journal_at_once(crowd)
    print(f"reports: {reached:,.0f} a second in all; written: {(written - before) / seconds / 1024:,.0f} KiB a second, "
          f"{(lines - lines_before) / seconds / runs:.2f} writes a run and second")
    median = [statistics.median(column) for column in zip(*times)]
    print(words_of(median, f"list, while all journal ({len(times)} times)"), flush=True)
    timed("list, when nothing is new", *LIST)
    for run in crowd:
        run.report()
    calls = system_calls(*LIST)
    print(f"list, a line of each run is new: {calls}")
    print(f"catalogue: {os.path.getsize(store + '/catalogue.db') / 1024 / runs:.1f} KiB a run")
    tools = os.path.join(place, "bin")
    os.makedirs(tools)
    with open(os.path.join(tools, "squeue"), "w") as file:
        file.write(f"#!/bin/sh\ncat {place}/queue\n")
    os.chmod(os.path.join(tools, "squeue"), 0o755)
    os.environ["PATH"] = tools + ":" + os.environ["PATH"]
    os.makedirs(os.path.join(store, "slurm/jobs"))
    for run in range(1, runs + 1):
        open(os.path.join(store, f"slurm/jobs/{run}"), "w").write(f"7_{run}")
    time.sleep(0.1)
    squeue_says("RUNNING", "None")
    settle("all of them run")
    for run in crowd:
        run.say("worker", state="queued", worker=0, host="n1", slurm=f"7_{crowd.index(run) + 1}")
        run.close()
    squeue_says("PENDING", "Resources")
    settle("all wait, for the first time")
    settle("nothing is new")
    forget_when()
    print(f"settle, nothing is new: {system_calls('settle', '--store', store)}")
    squeue_says("PENDING", "Priority")
    settle("the reason of all has changed")
finally:
    shutil.rmtree(place, ignore_errors=True)
