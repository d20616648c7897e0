#!/bin/bash
# Jobs of a real Slurm that run out of time.
# shellcheck disable=SC1091,SC2034,SC2154  # somebody.sh
tests=2
. tests/slurm/somebody.sh

me mkdir -p .gander && printf '[slurm]\nwarning = 55\ntime = 1\n' | me tee .gander/config.ini >/dev/null
gander run --on slurm small.ini && soon 1 running && soon 1 stopped && says 1 'time limit of its Slurm job' &&
    [ -n "$(ls .gander/runs/1/checkpoints)" ]
result $? 'before the time limit a run saves a checkpoint and stops'

begun_thrice() { [ "$(grep -c from_step .gander/runs/1/worker.jsonl)" -ge 3 ]; }
printf '[slurm]\nwarning = 55\ntime = 1\nrequeue = yes\n' | me tee .gander/config.ini >/dev/null
gander resume 1 && until_true 60 grep -q 'queued again at the time limit' .gander/runs/1/worker.jsonl &&
    until_true 60 begun_thrice && gander stop 1
result $? 'where that is asked for it is queued again, and goes on'
