#!/usr/bin/env bash
# Runs from and for other tools: import, export and run with TensorBoard's event files, tables, pages
# and models. Where $GANDER_TEST_PYTHON (python3) has tensorboard and onnxruntime, these read what is
# written.
# shellcheck disable=SC2317  # tests are called by their names
set -u
program=${GANDER_TEST_PROGRAM:?}
python=${GANDER_TEST_PYTHON:-python3}
files=$PWD/tests/exchange/files
tiny=$PWD/tests/tiny.ini
same=$PWD/tests/onnx/same_images.py
place=$(mktemp -d)
trap '"$program" stop --now 1..99 >/dev/null 2>&1; rm -rf "$place"' EXIT
cd "$place" || exit 1
unset GANDER_JOURNAL GANDER_SLOTS
export GANDER_DIR=$place/store
number=0
check() { # NAME
    number=$((number + 1))
    if "$1" >"$place/said" 2>&1; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        sed 's/^/# /' "$place/said"
    fi
}
skip() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}
gander() { "$program" "$@"; }
refused() { # STATUS PATTERN WORDS...: gander is, with that sentence
    local status=$1 pattern=$2 got
    shift 2
    gander "$@" >out 2>error
    got=$?
    cat error
    [ $got = "$status" ] && grep -q -- "$pattern" error
}
echo 1..16

mkdir -p logs/mnist
cp "$files/torch.tfevents" logs/mnist/events.out.tfevents.1796052397.ada.1.0
takes_event_files() {
    [ "$(gander import --format tensorboard logs)" = 1 ] &&
        gander show 1 | grep -q '^imported .*tensorboard files' &&
        gander metrics --json 1 | grep -q '"loss/D"' && gander samples 1 >out &&
        refused 1 'it is here already as run 1' import --format tensorboard logs/mnist/ &&
        gander import --format tensorboard --again --json --name twice logs >out &&
        grep -q '"scalars": 11' out && grep -q '"number": 2' out &&
        gander show twice | head -n 1 | grep -q 'run 2'
}
check takes_event_files

nothing_is_left_of_what_is_none() {
    mkdir empty
    refused 1 'there are no event files' import --store none --format tensorboard empty || return 1
    (
        unset GANDER_DIR
        mkdir apart && cd apart || exit 1
        "$program" import --format tensorboard ../nowhere 2>../error && exit 1
        [ ! -e .gander ]
    ) && grep -q "'../nowhere' is not taken" error && refused 1 'no event files' import --format tensorboard empty
}
check nothing_is_left_of_what_is_none

nothing_runs_again_what_was_imported() {
    refused 1 "was read from '.*/logs/mnist', and has no command to run" rerun 1 &&
        refused 1 'has no command to run' resume 1
}
check nothing_runs_again_what_was_imported

options_belong_to_formats() {
    refused 2 "'tensorbaord' is not archive, tensorboard or csv" import --format tensorbaord logs &&
        refused 2 "'--join' is for --format tensorboard" import --format csv --join x.csv &&
        refused 2 "'--name': an archive says that itself" import --name x x.tar.gz &&
        refused 2 "'--checkpoints' is for archives" export --format csv --checkpoints none 1 &&
        refused 2 "'--metric' is for csv" export --metric x 1 &&
        refused 2 'TensorBoard reads directories: -o DIR' export --format tensorboard 1 &&
        refused 2 "'--tensorboard' is for commands" run --tensorboard logs recipe.ini
}
check options_belong_to_formats

writes_event_files() {
    gander export --format tensorboard -o tb 1 2 >out && [ "$(find tb -name '*tfevents*' | wc -l)" = 2 ] &&
        [ -d tb/2-twice ] && refused 1 'is there already (--force' export --format tensorboard -o tb 1 2 &&
        gander export -f --format tensorboard -o tb 1 2 >out
}
check writes_event_files

comes_back_the_same() {
    local back
    back=$(gander import --format tensorboard tb/1-mnist) &&
        gander export --format csv 1 | sed 's/,0\.1$/,0.10000000149011612/' >before.csv &&
        gander export --format csv "$back" >after.csv && [ "$(wc -l <before.csv)" = 6 ] && diff before.csv after.csv
}
check comes_back_the_same

cat >look.py <<'END'
import sys
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
def load(path):
    all = EventAccumulator(path, size_guidance={"scalars": 0, "images": 0, "tensors": 0}).Reload()
    tags = all.Tags()
    numbers = {t: [(e.step, round(e.wall_time, 3), repr(e.value)) for e in all.Scalars(t)] for t in tags["scalars"]}
    # what the newer summary writes as tensors comes back as the older kind
    for tag in tags["tensors"]:
        for e in all.Tensors(tag):
            if e.tensor_proto.float_val:
                numbers.setdefault(tag, []).append((e.step, round(e.wall_time, 3), repr(e.tensor_proto.float_val[0])))
    images = {t: [(e.step, e.encoded_image_string, e.width, e.height) for e in all.Images(t)] for t in tags["images"]}
    return numbers, images
(a, b), (c, d) = load(sys.argv[1]), load(sys.argv[2])
c.pop("double", None) # which single precision cannot hold
assert len(a) == 3 and a == c, (a, c)
assert len(b) == 1 and b == d
END
tensorboard_reads_the_same() { "$python" look.py logs/mnist tb/1-mnist; }
if "$python" -c 'import tensorboard' 2>/dev/null; then
    check tensorboard_reads_the_same
else
    skip tensorboard_reads_the_same "$python has no tensorboard"
fi

tables_go_both_ways() {
    gander export --format csv -o runs.csv 1 2 >out && head -n 1 runs.csv | grep -q '^run,step,time,loss/D,loss/G,' &&
        refused 1 "'runs.csv' is there already" export --format csv -o runs.csv 1 &&
        gander import --format csv runs.csv >numbers && [ "$(wc -l <numbers)" = 2 ] &&
        gander export --format csv "$(head -n 1 numbers)" >back.csv && gander export --format csv 1 | diff - back.csv &&
        gander export --format csv 1 | gander import --format csv - >number &&
        gander export --format csv "$(cat number)" | diff - back.csv &&
        gander export --format jsonl --metric loss/D 1 | grep -c '"loss/D"' | grep -qx 5 &&
        gander export --format markdown 1 2 | sed -n 2p | grep -q '^| --: | --- | --: |' &&
        gander export --format latex 1 2 | tail -n 1 | grep -qF 'end{tabular}' &&
        refused 1 "no run has a metric 'nix'" export --format csv --metric nix -o nix.csv 1 && [ ! -e nix.csv ]
}
check tables_go_both_ways

pages_are_whole() {
    gander report 1 2 -o page.html --title 'a <b> title' >out && grep -q '^page.html: ' out &&
        grep -q '<title>a &lt;b&gt; title</title>' page.html && tail -n 1 page.html | grep -q '</html>' &&
        [ "$(grep -o '<svg ' page.html | wc -l)" -ge 3 ] && refused 1 'is there already' report 1 -o page.html &&
        gander report 1 >piped.html && grep -q 'data:image/png;base64' piped.html &&
        refused 3 '' report 99 -o none.html && [ ! -e none.html ]
}
check pages_are_whole

gander export --format csv 1 | cut -d, -f1,3- >untimed.csv # lines of a step may be two, each with its time
# A training that writes an event file: half of it, then the rest when somebody has seen the half.
cat >train.sh <<'END'
mkdir -p "$1/now"
[ -z "${GANDER_JOURNAL:-}" ] || exit 9
head -c "$3" "$2" >"$1/now/events.out.tfevents.2"
while [ ! -e "$1/seen" ]; do sleep 0.05; done
tail -c +"$(($3 + 1))" "$2" >>"$1/now/events.out.tfevents.2"
END
follows_event_files_while_they_grow() {
    local run i
    run=$(gander run --tensorboard logs -- sh train.sh "$place/logs" "$files/torch.tfevents" 400) || return 1
    for ((i = 0; i < 400; i++)); do
        grep -q 'loss/D' "store/runs/$run/events.jsonl" 2>/dev/null && break
        sleep 0.05
    done
    gander show "$run" | grep -q '^state *running' && grep -q '"mnist/events.*":null' "store/runs/$run/events.jsonl" &&
        touch logs/seen && gander wait "$run" && gander log "$run" | grep -q 'journalled 11 scalars and 1 image of 1 event file' &&
        gander export --format csv "$run" | cut -d, -f1,3- | diff - untimed.csv && [ -e "store/runs/$run/samples/fake-00000003.png" ]
}
check follows_event_files_while_they_grow

is_run_again_the_same_way() {
    local run
    run=$(gander rerun @) && gander wait "$run" && gander export --format csv "$run" | cut -d, -f1,3- | diff - untimed.csv
}
rm -r logs/now
check is_run_again_the_same_way

# Its worker is killed: what it writes alone is taken in when the run goes on, and is not superseded.
cat >orphan.sh <<'END'
[ -z "${GANDER_RESUME:-}" ] || exit 0
mkdir -p "$1"
head -c 400 "$2" >"$1/events.out.tfevents.3"
echo x >"$GANDER_CHECKPOINTS/state"
while [ ! -e "$1/seen" ]; do sleep 0.05; done
tail -c +401 "$2" >>"$1/events.out.tfevents.3"
END
until_true() { # COMMAND...
    local i
    for ((i = 0; i < 400; i++)); do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.05
    done
    return 1
}
what_a_training_writes_alone_counts() {
    local run
    run=$(gander run --tensorboard alone -- sh orphan.sh alone "$files/torch.tfevents") || return 1
    until_true grep -q 'loss/D' "store/runs/$run/events.jsonl" || return 1
    kill -9 "$(grep -o '"worker":[0-9]*' "store/runs/$run/worker.jsonl" | tail -n 1 | cut -d : -f 2)"
    touch alone/seen
    until_true gander resume "$run" && gander wait "$run" && gander export --format csv "$run" | cut -d, -f1,3- | diff - untimed.csv
}
check what_a_training_writes_alone_counts

no_event_files_are_told() {
    gander run -f --tensorboard nowhere -- true >out 2>&1
    grep -q "journalled 0 scalars and 0 images of 0 event files in '$place/nowhere'" out
}
check no_event_files_are_told

writes_models() {
    gander run -f --name net "$tiny" >/dev/null 2>&1
    gander export --format onnx -o net.onnx net >out && grep -q '^net.onnx: run [0-9]*, step 40, averaged weights$' out &&
        refused 1 "'net.onnx' is there already" export --format onnx -o net.onnx net &&
        gander export --format onnx --raw --step 20 net >raw.onnx && grep -qa 'weights.*raw' raw.onnx && ! cmp -s raw.onnx net.onnx &&
        refused 1 'run 1 is of no recipe' export --format onnx -o none.onnx 1 && [ ! -e none.onnx ] &&
        refused 2 'a model of ONNX is of one run' export --format onnx -o none.onnx 1 net &&
        refused 2 "'--raw' is for onnx" export --raw 1
}
check writes_models

onnxruntime_draws_what_generate_draws() {
    gander generate --seed 7 --count 9 -o sheet.png net && "$python" "$same" net.onnx 7 sheet.png
}
labels_are_an_input_of_the_model() {
    gander run -f --name cond -s 'generator.layers=embed 4 | dense 16 | norm | relu | dense 784 | tanh | reshape 1x28x28' \
        -s 'discriminator.layers=join | flatten | dense 16 | lrelu 0.2 | dense 1' "$tiny" >/dev/null 2>&1
    gander export --format onnx -o cond.onnx cond && gander generate --seed 7 --count 25 -o sheet.png cond &&
        "$python" "$same" cond.onnx 7 sheet.png 10
}
for test in onnxruntime_draws_what_generate_draws labels_are_an_input_of_the_model; do
    if "$python" -c 'import numpy, onnxruntime' 2>/dev/null; then
        check $test
    else
        skip $test "$python has no onnxruntime"
    fi
done
