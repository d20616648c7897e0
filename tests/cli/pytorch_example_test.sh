#!/usr/bin/env bash
# experiments/pytorch/gan.py as a run: beside runs of recipes, stopped, resumed, and without gander.
# Needs PyTorch in $GANDER_TEST_PYTHON (python3), and MNIST.
program=${GANDER_TEST_PROGRAM:?}
python=${GANDER_TEST_PYTHON:-python3}
example=$PWD/experiments/pytorch/gan.py
recipe=$PWD/experiments/mlp.ini
tests=(pytorch_example_stands_beside_a_recipe_in_one_compare
    pytorch_example_draws_sheets_as_the_built_in_training_does
    pytorch_example_stops_after_a_checkpoint
    pytorch_example_goes_on_from_its_checkpoint_in_the_same_numbers
    pytorch_example_works_without_gander)
echo "1..${#tests[@]}"
number=0
wrong=

skip_all() { # WHY
    for name in "${tests[@]}"; do
        number=$((number + 1))
        echo "ok $number - $name # SKIP $1"
    done
    exit 0
}
result() { # of the next test: 'wrong' says what is
    number=$((number + 1))
    if [ -z "$wrong" ]; then
        echo "ok $number - ${tests[number - 1]}"
    else
        echo "not ok $number - ${tests[number - 1]}"
        echo "# ${wrong//$'\n'/$'\n# '}"
    fi
    wrong=
}
[ -d "${GANDER_TEST_MNIST:-}" ] || skip_all 'no MNIST'
"$python" -c 'import torch' 2>/dev/null || skip_all "$python has no torch"

scratch=$(mktemp -d)
trap '"$program" stop --now 1..99 >/dev/null 2>&1; rm -rf "$scratch"' EXIT
export GANDER_DIR=$scratch/store
runs=$scratch/store/runs
mnist=$(realpath "$GANDER_TEST_MNIST")
cd "$scratch" || exit 1
gan() { # WORDS...: the example, small
    "$python" "$example" --data "$mnist" --batch 16 --every 20 "$@"
}
try() { "$@" >"$scratch/out" 2>&1 || wrong="'${*:1:3}' failed: $(cat "$scratch/out")"; }
shows() { # PATTERN FILE
    grep -qE -- "$1" "$2" || wrong="no '$1' in: $(cat "$2")"
}

try "$program" run -f -s "data.source=$mnist" -s data.count=2000 -s training.steps=60 \
    -s training.report_every=10 -s samples.every=20 -s training.batch=16 "$recipe"
try "$program" run -f --name torch -- "$python" "$example" --data "$mnist" --batch 16 --every 20 \
    --steps 60 --lr 5e-4
"$program" compare 1 2 >"$scratch/compare" 2>&1 || wrong='compare failed'
shows '^ +2 finished gan +torch' "$scratch/compare"
shows '^lr +- +0.0005' "$scratch/compare"
shows '^training.batch +16 +-' "$scratch/compare"
for metric in d_loss g_loss d_real d_fake; do
    shows "^$metric +[0-9.*]+ +[0-9.*]+$" "$scratch/compare"
done
shows '^1: step 60.* 2 torch: step 60' "$scratch/compare"
result

"$program" samples 2 --as ascii >"$scratch/sheet" 2>&1 || wrong=$(cat "$scratch/sheet")
shows '^run 2, step 60' "$scratch/sheet"
[ "$(find "$runs/2/samples" -type f | wc -l)" = 3 ] || wrong='there are not three sheets'
# the same size as those of the built-in training: width and height in a PNG's header
for run in 1 2; do od -An -tx1 -j16 -N8 "$runs/$run/samples/00000060.png"; done | uniq >"$scratch/sizes"
[ "$(wc -l <"$scratch/sizes")" = 1 ] || wrong="sheets differ in size: $(cat "$scratch/sizes")"
result

# A run that is not interrupted, and one that is: they must come to the same.
try "$program" run -f -- "$python" "$example" --data "$mnist" --batch 16 --every 20 --steps 200
"$program" run -- "$python" "$example" --data "$mnist" --batch 16 --every 20 --steps 200 >/dev/null 2>&1
for ((tries = 0; tries < 1200; tries++)); do
    grep -qs '"step": 20, "checkpoint"' "$runs/4/events.jsonl" && break
    sleep 0.05
done
try "$program" stop 4
shows '"state":"stopped"' "$runs/4/worker.jsonl"
saved=$(find "$runs/4/checkpoints" -name '*.pt' | sort | tail -n 1)
saved=$(basename "${saved:-none}" .pt)
shows "\"checkpoint\": \"checkpoints/$saved.pt\"" <(tail -n 1 "$runs/4/events.jsonl")
[ "$saved" -lt 200 ] || wrong="it had ended before it was stopped: $saved"
result

try "$program" resume -f 4
shows '"state":"finished"' "$runs/4/worker.jsonl"
shows "\"from_step\":$((10#$saved))," "$runs/4/worker.jsonl"
for run in 3 4; do # all but the times
    "$program" metrics "$run" | cut -d, -f1,3- >"$scratch/metrics.$run"
done
[ "$(wc -l <"$scratch/metrics.3")" = 9 ] || wrong='run 3 has not reported eight times'
cmp -s "$scratch/metrics.3" "$scratch/metrics.4" ||
    wrong="they differ: $(diff "$scratch/metrics.3" "$scratch/metrics.4")"
result

try gan --steps 20
for path in events.jsonl samples/00000020.png checkpoints/00000020.pt; do
    [ -s "gan-output/$path" ] || wrong="there is no gan-output/$path"
done
result
