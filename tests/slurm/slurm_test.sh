#!/bin/bash
# Runs as jobs of a real Slurm: queued, working, paused, stopped, requeued, out of time, killed, with
# the controller away, and forgotten. As root, everything but the daemons is done by another user.
program=${GANDER_TEST_PROGRAM:?}
number=0
tests=15
. tests/slurm/cluster.sh
echo "1..$tests"
missing=$(cluster_missing)
if [ -n "$missing" ]; then
    for i in $(seq $tests); do echo "ok $i - slurm # SKIP not installed:$missing"; done
    exit 0
fi
scratch=$(mktemp -d) || exit 1
chmod 755 "$scratch"
trap 'cluster_stop; rm -rf "$scratch"' EXIT
unset GANDER_DIR GANDER_NOW
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        cat "$scratch/out" "$scratch/error" | sed 's/^/# /'
        tail -qn 4 "$work"/.gander/runs/*/worker.jsonl 2>/dev/null | tail -n 12 | sed 's/^/# /'
    fi
}
export CLUSTER_MIN_JOB_AGE=8
if ! cluster_start "$scratch/slurm"; then
    for i in $(seq $tests); do echo "not ok $i - the cluster does not start"; done
    tail -n 5 "$scratch"/slurm/log/* | sed 's/^/# /'
    exit 1
fi

# --- as somebody ---
work=$scratch/home/gan
mkdir -p "$work"
cp "$program" "$scratch/gander" # where another user may read it
as=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown -R 65534:65534 "$scratch/home"
fi
export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada
export GIT_COMMITTER_EMAIL=ada@example.org
cd "$work" || exit 1
me() { "${as[@]}" "$@"; }
gander() { me "$scratch/gander" "$@" >"$scratch/out" 2>"$scratch/error"; }
state() { me "$scratch/gander" show --json "$1" | sed -n 's/^ *"state": *"\([a-z]*\)".*/\1/p' | head -n 1; }
is() { [ "$(state "$1")" = "$2" ]; }
soon() { until_true 40 is "$1" "$2"; } # RUN STATE
says() { me "$scratch/gander" show "$1" | grep -q "$2"; }
step() { me "$scratch/gander" show --json "$1" | sed -n 's/^ *"step": *\([0-9]*\).*/\1/p' | head -n 1; }
# The worker and its training.
kill_all() { # RUN
    sed -n 's/.*"state":"running","pid":\([0-9]*\).*"worker":\([0-9]*\).*/\2 \1/p' \
        ".gander/runs/$1/worker.jsonl" | tail -n 1 | xargs kill -9 2>/dev/null
    return 0
}
job() { sed -n 's/.*"slurm":"\([0-9_]*\)".*/\1/p' ".gander/runs/$1/worker.jsonl" | tail -n 1; }

me git init -q . && me tee -a .gitignore >/dev/null </dev/null
me tee small.ini >/dev/null <<'END'
[experiment]
name = small
[data]
source = digits
count = 200
[generator]
latent = 4
layers = dense 784 | tanh | reshape 1x28x28
[discriminator]
layers = flatten | dense 1
[training]
batch = 8
steps = 100000000
threads = 1
report_every = 1000
checkpoint_every = 1000
evaluate_every = 0
[samples]
every = 1000000
count = 4
END
me tee where.sh >/dev/null <<'END'
pwd
echo code 1
sleep "$1"
END
me git add -A && me git commit -qm first

gander run --on slurm -s training.steps=50 -s training.report_every=10 small.ini && soon 1 finished
result $? 'a recipe works as a job, to its end'

gander run --on slurm -- sh where.sh 60 && soon 2 running &&
    me sed -i 's/code 1/code 2/' where.sh && until_true 10 grep -q 'code 1' .gander/runs/2/log.txt &&
    grep -q 'runs/2/tree' .gander/runs/2/log.txt
result $? 'a command works in a checkout of its pinned code'

gander pause 2 && soon 2 paused && gander resume 2 && soon 2 running
result $? 'a job is paused, and goes on'

gander run --on slurm -- sleep 60 && soon 3 running && gander run --on slurm -- sleep 60 &&
    until_true 20 says 4 'waits in Slurm: Resources'
result $? 'a job that waits says for what'

gander stop 4 && is 4 stopped && [ "$(squeue -h -j "$(job 4)" -o %T 2>/dev/null)" != PENDING ]
result $? 'a job that waits is taken out of the queue'

scancel "$(job 3)" && soon 3 stopped && gander stop 2 && is 2 stopped
result $? 'a job that is cancelled outside has stopped, and so has one that is asked to'

has_checkpoint() { [ -n "$(find ".gander/runs/$1/checkpoints" -name '*.safetensors')" ]; }
gander run --on slurm --name long small.ini && soon 5 running && until_true 20 has_checkpoint 5 &&
    scontrol requeue "$(job 5)" &&
    until_true 60 grep -q '"from_step":[1-9]' .gander/runs/5/worker.jsonl && soon 5 running
result $? 'a job that is requeued goes on from its checkpoint, as the same run'

before=$(step 5)
controller_stop
gander ls && is 5 running && gander show 5
result $? 'with the controller away its run is still shown to work'

is_past() { [ "$(step 5)" -gt "$before" ]; }
controller_start && until_true 30 is_past && is 5 running
result $? 'a restart of the controller costs it no point'

has_failed() { is "$1" failed || is "$1" killed; }
kill_all 5 && until_true 60 has_failed 5 && says 5 'Slurm job'
result $? 'a job whose worker is killed has failed'

gander resume 5 && soon 5 running && [ -n "$(job 5)" ] && gander stop 5 && is 5 stopped
result $? 'what was a job is resumed as one'

me mkdir -p .gander && printf '[slurm]\nwarning = 55\ntime = 1\n' | me tee .gander/config.ini >/dev/null
gander run --on slurm small.ini && soon 6 running && soon 6 stopped && says 6 'time limit of its Slurm job' &&
    [ -n "$(ls .gander/runs/6/checkpoints)" ]
result $? 'before the time limit a run saves a checkpoint and stops'

begun_thrice() { [ "$(grep -c from_step .gander/runs/6/worker.jsonl)" -ge 3 ]; }
printf '[slurm]\nwarning = 55\ntime = 1\nrequeue = yes\n' | me tee .gander/config.ini >/dev/null
gander resume 6 && until_true 60 grep -q 'queued again at the time limit' .gander/runs/6/worker.jsonl &&
    until_true 60 begun_thrice && gander stop 6
result $? 'where that is asked for it is queued again, and goes on'

printf 'launcher = slurm\n[slurm]\npartition = nowhere\n' | me tee .gander/config.ini >/dev/null
gander run small.ini
[ $? -eq 1 ] && grep -q 'partition' "$scratch/error" && [ ! -e .gander/runs/7 ] && [ ! -e .gander/slurm/jobs/7 ]
result $? 'what Slurm refuses leaves no run behind'

printf '' | me tee .gander/config.ini >/dev/null
gander run --on slurm -- sleep 100 && soon 8 running
forgotten=$(job 8)
is_forgotten() {
    ! squeue -h -t all -o %A | grep -qx "$forgotten"
}
kill_all 8 && until_true 90 is_forgotten && has_failed 8
result $? 'what Slurm has forgotten has ended'
