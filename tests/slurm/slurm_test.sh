#!/bin/bash
# Runs as jobs of a real Slurm: queued, working, paused, stopped, requeued, preempted, killed, on a node
# that fails, with the controller away or hanging, and forgotten. As root, everything but the daemons is
# done by another user. (Time limits, which Slurm has in minutes: tests/long/slurm_time_test.sh)
# shellcheck disable=SC1091,SC2034,SC2154  # somebody.sh
tests=22
export CLUSTER_MIN_JOB_AGE=8
. tests/slurm/somebody.sh

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

says 4 'slurm  *job [0-9]* waits: Resources' && says 3 'slurm  *job [0-9]* on n1' &&
    gander doctor && grep -q 'slurm  *jobs: runs 2, 3 and 4' "$scratch/out"
result $? 'show says job, node and what is waited for, and the doctor which runs are jobs'

gander resume 4
[ $? -eq 1 ] && grep -q "is job $(job 4)" "$scratch/error" && is 4 queued
result $? 'a job that waits does not get a second one beside it'

gander stop 4 && is 4 stopped && [ "$(squeue -h -j "$(job 4)" -o %T 2>/dev/null)" != PENDING ]
result $? 'a job that waits is taken out of the queue'

scancel "$(job 3)" && soon 3 stopped && gander stop 2 && is 2 stopped
result $? 'a job that is cancelled outside has stopped, and so has one that is asked to'

has_checkpoint() { [ -n "$(find ".gander/runs/$1/checkpoints" -name '*.safetensors')" ]; }
gander run --on slurm --name long small.ini && soon 5 running && until_true 20 has_checkpoint 5 &&
    scontrol requeue "$(job 5)" &&
    until_true 60 grep -q '"from_step":[1-9]' .gander/runs/5/worker.jsonl && soon 5 running
result $? 'a job that is requeued goes on from its checkpoint, as the same run'

begun() { grep -c from_step ".gander/runs/$1/worker.jsonl"; }
has_begun() { [ "$(begun 5)" -gt "$1" ]; } # MORE OFTEN THAN
is_waiting() { is 5 queued && says 5 'waits in Slurm'; }
attempts=$(begun 5)
me sbatch -p urgent -c 2 -o /dev/null --wrap 'sleep 60' >"$scratch/out" 2>"$scratch/error" &&
    until_true 40 is_waiting && scancel --partition=urgent
result $? 'a job that is preempted waits'
until_true 60 has_begun "$attempts" && soon 5 running && tail -n 5 .gander/runs/5/worker.jsonl | grep -q '"from_step":[1-9]'
result $? 'and goes on from its checkpoint'

attempts=$(begun 5)
scontrol update nodename=n1 state=down reason=test && until_true 30 is_waiting
result $? 'a job whose node fails waits'
scontrol update nodename=n1 state=resume 2>/dev/null # refused where it has come back by itself
until_true 60 has_begun "$attempts" && soon 5 running
result $? 'and goes on when there is one'

controller_hang
sleep 4.5 # what was asked is old then
me timeout 8 "$scratch/gander" ls >"$scratch/out" 2>"$scratch/error" && grep -q 'running' "$scratch/out"
result $? 'no list waits for a controller that hangs'
printf 'q\n' | me tee keys >/dev/null
me timeout 8 "$scratch/gander" dashboard --keys keys --print >"$scratch/out" 2>"$scratch/error"
result $? 'nor does the dashboard'
controller_wake

before=$(step 5)
controller_stop
gander ls && is 5 running && gander show 5
result $? 'with the controller away its run is still shown to work'

is_past() { [ "$(step 5)" -gt "$before" ]; }
controller_start && until_true 30 is_past && is 5 running
result $? 'a restart of the controller costs it no point'

has_failed() { is "$1" failed || is "$1" killed; }
kill_all 5 && until_true 60 has_failed 5 && gander show 5 && grep -q 'Slurm job' "$scratch/out"
result $? 'a job whose worker is killed has failed'

gander resume 5 && soon 5 running && [ -n "$(job 5)" ] && gander stop 5 && is 5 stopped
result $? 'what was a job is resumed as one'

printf 'launcher = slurm\n[slurm]\npartition = nowhere\n' | me tee .gander/config.ini >/dev/null
gander run small.ini
[ $? -eq 1 ] && grep -q 'partition' "$scratch/error" && [ ! -e .gander/runs/6 ] && [ ! -e .gander/slurm/jobs/6 ]
result $? 'what Slurm refuses leaves no run behind'

printf '' | me tee .gander/config.ini >/dev/null
elsewhere() { gander "$1" --store "$scratch/home/elsewhere" "${@:2}"; }
has_finished() { elsewhere ls && grep -q '1 finished' "$scratch/out"; }
export GANDER_CATALOGUE=cache
elsewhere run --on slurm -s training.steps=20 -s training.report_every=10 small.ini && until_true 40 has_finished &&
    [ ! -e "$scratch/home/elsewhere/catalogue.db" ]
result $? 'where the store can have no catalogue, jobs work and are listed'
unset GANDER_CATALOGUE

gander run --on slurm -- sleep 100 && soon 7 running
forgotten=$(job 7)
is_forgotten() {
    ! squeue -h -t all -o %A | grep -qx "$forgotten"
}
kill_all 7 && until_true 90 is_forgotten && has_failed 7
result $? 'what Slurm has forgotten has ended'
