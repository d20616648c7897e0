#!/usr/bin/env bash
# Eight readers and four trainers for a minute (GANDER_TEST_SMALL=1: for some seconds): nobody is told
# that the database is locked, nobody fails, and in the end every point is in the catalogue once.
set -u
program=${GANDER_TEST_PROGRAM:?}
tests=$PWD/tests
seconds=60
[ -z "${GANDER_TEST_SMALL:-}" ] || seconds=6
export GANDER_SLOTS=4 LC_ALL=C
unset GANDER_DIR GANDER_NOW
place=$(mktemp -d) || exit 1
# shellcheck disable=SC2317  # called by the trap
clean() {
    "$program" stop --now --store "$place/.gander" 1..999 >/dev/null 2>&1
    rm -rf "$place"
}
trap clean EXIT
cd "$place" || exit 1

recipe=("$tests/tiny.ini" -s training.steps=2000 -s training.report_every=1 -s training.checkpoint_every=200
    -s samples.every=100)

end=$((SECONDS + seconds))
train() { # NAME: one run after the other
    while [ $SECONDS -lt $end ]; do
        "$program" run -f --name "$1-$SECONDS" "${recipe[@]}" >"$1.out" 2>&1 || cat "$1.out" >>"$1.wrong"
        ! grep -i 'locked' "$1.out" >>"$1.wrong" || return
    done
}
look() { # NAME COMMAND...: over and over
    local name=$1
    shift
    while [ $SECONDS -lt $end ]; do
        "$program" "$@" >/dev/null 2>"$name.out" || cat "$name.out" >>"$name.wrong"
        ! grep -i 'locked' "$name.out" >>"$name.wrong" || return
    done
}

"$program" run -f "${recipe[@]}" >/dev/null 2>&1 # so that there is something to look at
pids=()
for i in 1 2 3 4; do train "trainer$i" & pids+=($!); done
for i in 1 2; do
    look "lister$i" ls & pids+=($!)
    look "shower$i" show @ --json & pids+=($!)
    look "sorter$i" ls --sort 'min(d_loss)' 'd_loss>0' -n 5 & pids+=($!)
    look "plotter$i" plot 1 & pids+=($!)
done
wait "${pids[@]}"

points() { # RUN: that its journal has, as it ended without interruption
    grep -c '"d_loss"' ".gander/runs/$1/events.jsonl"
}
number=0
result() { # STATUS NAME [FILE]
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        sed 's/^/# /' "${3:-/dev/null}" | head -50
    fi
}

echo 1..3
cat ./*.wrong >wrong 2>/dev/null
[ ! -s wrong ]
result $? nobody_fails_or_is_told_of_a_lock wrong
: >wrong
for directory in .gander/runs/*; do
    run=${directory##*/}
    "$program" show --json "$run" >shown 2>&1
    grep -q '"state": "finished"' shown || echo "run $run has not finished: $(grep -E "state|reason" shown)" >>wrong
    [ "$("$program" metrics --metric d_loss "$run" | tail -n +2 | wc -l)" = "$(points "$run")" ] ||
        echo "points of run $run differ" >>wrong
done
[ ! -s wrong ] && [ "$(find .gander/runs -mindepth 1 -maxdepth 1 | wc -l)" -ge 5 ]
result $? every_point_is_there_once wrong
"$program" ls --json | grep -v '"age"' >before && "$program" reindex >wrong 2>&1 &&
    "$program" ls --json | grep -v '"age"' >after && cmp before after >wrong 2>&1
result $? the_catalogue_is_what_it_is_made_anew wrong
