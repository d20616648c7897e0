#!/bin/bash
# Sweeps as job arrays of a real Slurm: whole, with the controller and the conductor killed in the middle,
# halving, broken off, stopped.
# shellcheck disable=SC1091,SC2034,SC2154  # somebody.sh
tests=7
steps=200000 # of runs that must not end before they are looked at
[ -z "${GANDER_TEST_SMALL:-}" ] || steps=20000
. tests/slurm/somebody.sh

runs_of() { grep -l "\"name\": *\"$1\"" .gander/runs/*/run.json | sed 's|.*/runs/\([0-9]*\)/.*|\1|'; } # SWEEP
count_of() { runs_of "$1" | wc -l; }
arrays_of() { for run in $(runs_of "$1"); do job "$run" | sed 's/_.*//'; done | sort -u | wc -l; }
all_are() { for run in $(runs_of "$1"); do is "$run" "$2" || return 1; done; } # SWEEP STATE
has_a() { for run in $(runs_of "$1"); do ! is "$run" "$2" || return 0; done && return 1; }
said() { grep -q "$2" ".gander/sweeps/$1/journal.jsonl"; }
sweep() { gander sweep small.ini "$@" -s training.report_every=10 --give-up none --goal 'min(d_loss)' --on slurm --yes; }
wait_for() { me timeout 90 "$scratch/gander" sweep wait "$1" >"$scratch/out" 2>"$scratch/error"; }
conductor() { sed -n 's/.*"begin":true,"pid":\([0-9]*\).*/\1/p' ".gander/sweeps/$1/journal.jsonl" | tail -n 1; }

sweep training.rate=1e-4,2e-4,5e-4 --seeds 2 -s training.steps=50 --name whole && wait_for whole &&
    [ "$(count_of whole)" = 6 ] && all_are whole finished
result $? 'a sweep works as jobs'
[ "$(arrays_of whole)" = 1 ] && [ "$(cat .gander/runs/*/run.json | grep -c '"snapshot"')" = 6 ] &&
    [ "$(sed -n 's/.*"snapshot": *\("[0-9a-f]*"\).*/\1/p' .gander/runs/*/run.json | sort -u | wc -l)" = 1 ]
result $? 'which are one array, of one code snapshot'

sweep training.rate=1e-4,2e-4,5e-4 --seeds 2 -s "training.steps=$steps" -s training.report_every=1000 --name halves --halving 3 --least $((steps / 4)) &&
    wait_for halves && [ "$(count_of halves)" = 6 ] && [ "$(arrays_of halves)" -ge 2 ]
result $? 'what goes on to the next rung is an array of its own'

begun_well() { has_a away running; }
sweep training.rate=1e-4,2e-4,5e-4 --seeds 2 -s "training.steps=$((steps / 2))" -s training.report_every=1000 --name away && until_true 30 begun_well &&
    kill -9 "$(conductor away)" && controller_stop && gander sweep resume away && sleep 2 && controller_start &&
    wait_for away && [ "$(count_of away)" = 6 ] && all_are away finished
result $? 'neither a restart of the controller nor a conductor that is killed costs a run'

is_over() { ! has_a "$1" queued && ! has_a "$1" running; }
none_waits() { [ -z "$(squeue -h -t PENDING)" ]; }
gander sweep n=1,2,3,4,5,6,7,8,9,10,11,12,13,14 --name fails --on slurm --yes -- sh -c 'sleep 1; exit {n}3' &&
    until_true 60 said fails '"end"' && ! said fails '"broken"'
result $? 'runs that fail, but not alike, do not break it off'
gander sweep n=1,2,3,4,5,6,7,8,9,10,11,12,13,14 --name breaks --on slurm --yes -- sh -c 'sleep 1; : {n}; exit 3' &&
    until_true 60 said breaks '"broken"' && none_waits && has_a breaks stopped && has_a breaks failed
result $? 'where all fail alike, those that wait are taken out of the queue'

gander sweep n=1,2,3,4,5,6 --name stops --on slurm --yes -- sleep '6{n}' && has_job() { has_a stops running && has_a stops queued; } &&
    until_true 30 has_job && gander sweep stop stops && none_waits && until_true 30 is_over stops && all_are stops stopped
result $? 'a sweep that is stopped is taken out of the queue, and its runs stop'
