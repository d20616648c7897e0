#!/usr/bin/env bash
# The programs in man/gander-journal.5 are whole, and do what the page says.
program=${GANDER_TEST_PROGRAM:?}
manual=man/gander-journal.5
scratch=$(mktemp -d)
trap '"$program" stop --now 1..99 >/dev/null 2>&1; rm -rf "$scratch"' EXIT
export GANDER_DIR=$scratch/store
echo 1..6
number=0
wrong=

result() { # NAME: 'wrong' says what is
    number=$((number + 1))
    if [ -z "$wrong" ]; then
        echo "ok $number - $1"
    else
        echo "not ok $number - $1"
        echo "# $wrong"
    fi
    wrong=
}
example() { # NAME: as a reader of the page sees it
    awk -v name="$1" '$0 == ".\\\" example: " name { on = 1; next }
        on && /^\.Bd/ { code = 1; next } on && /^\.Ed/ { exit } code' "$manual" |
        sed 's/^\\&//; s/\\e/\\/g'
}
value() { # COLUMN RUN [FILTER]: as 'ls' has it
    "$program" ls --columns "$1" --limit 0 "run=$2" 2>&1 | sed -n '2s/ *$//p' | sed 's/^ *//'
}
is() { # WHAT EXPECTED ACTUAL
    [ "$2" = "$3" ] || wrong="$1 is '$3', not '$2'"
}
example count.sh >"$scratch/count.sh"
example count.c >"$scratch/count.c"

check() { # RUN: all that both of them report
    is state finished "$(value state "$1")"
    is 'metric d_loss' 0.05 "$(value d_loss "$1")"
    is 'number of reports' 21 "$("$program" metrics "$1" | wc -l)"
    is 'the config' 0.5 "$(value rate "$1")"
    is 'number of steps' 100 "$(value progress "$1" | tr -dc 0-9)"
    [ -s "$scratch/store/runs/$1/checkpoints/state" ] || wrong='there is no checkpoint'
    "$program" samples "$1" --output "$scratch/sample.png" 2>"$scratch/error" ||
        wrong=$(cat "$scratch/error")
    "$program" show "$1" >"$scratch/show" 2>&1
    grep -q 'skipped\|bad line' "$scratch/show" && wrong="a line is bad: $(cat "$scratch/show")"
}

"$program" run -f -- sh "$scratch/count.sh" >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
check 1
is 'optimiser.name' none "$(value optimiser.name 1)"
result shell_script_of_the_manual_reports_metrics_config_image_and_checkpoint

if ! printf '#include <png.h>\nint main(void) { return 0; }\n' >"$scratch/try.c" ||
    ! ${CC:-cc} -o "$scratch/try" "$scratch/try.c" -lpng 2>/dev/null; then
    echo "ok 2 - c_program_of_the_manual_does_the_same # SKIP no compiler with libpng"
    number=2
else
    ${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -o "$scratch/count" "$scratch/count.c" \
        -lpng >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
    "$program" run -f -- "$scratch/count" >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
    check 2
    result c_program_of_the_manual_does_the_same
fi

# The same script with so many steps that somebody has to stop it.
sed 's/-lt 20/-lt 1000000/' "$scratch/count.sh" >"$scratch/long.sh"
wait_for_steps() { # RUN STEPS
    local tries
    for ((tries = 0; tries < 600; tries++)); do
        [ "$(wc -l 2>/dev/null <"$scratch/store/runs/$1/events.jsonl")" -gt "$2" ] && return
        sleep 0.1
    done
    wrong="run $1 does not come to step $2"
}
run=$("$program" run -- sh "$scratch/long.sh" 2>"$scratch/error") || wrong=$(cat "$scratch/error")
touch "$scratch/store/runs/$run/events.jsonl"
wait_for_steps "$run" 8
"$program" stop "$run" >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
is state stopped "$(value state "$run")"
saved=$(cat "$scratch/store/runs/$run/checkpoints/state")
lines=$(wc -l <"$scratch/store/runs/$run/events.jsonl")
[ "${saved:-0}" -ge 5 ] || wrong="the checkpoint has step '$saved'"
result shell_script_stops_with_a_checkpoint

"$program" resume "$run" >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
wait_for_steps "$run" $((lines + 8))
"$program" stop "$run" >"$scratch/out" 2>&1 || wrong=$(cat "$scratch/out")
grep -q "\"from_step\": *${saved}[,}]" "$scratch/store/runs/$run/worker.jsonl" ||
    wrong="it did not go on from step $saved: $(cat "$scratch/store/runs/$run/worker.jsonl")"
"$program" metrics "$run" | awk -F, 'NR > 1 && $1 != ++step { print "step " $1 " is missing"; exit }' \
    >"$scratch/out"
[ -s "$scratch/out" ] && wrong=$(cat "$scratch/out")
result and_goes_on_from_it_without_a_step_twice_or_missing

# Lines that the page shows are lines that are understood; broken ones are joined.
awk '/^\.Sh LINES/ { on = 1 } /^\.Sh RULES/ { on = 0 } on && /^\{/' "$manual" >"$scratch/lines"
is 'lines in LINES' 5 "$(wc -l <"$scratch/lines")"
run=$("$program" run -- sh -c "cat '$scratch/lines' >>\"\$GANDER_JOURNAL\"")
"$program" wait "$run" >/dev/null 2>&1 || wrong='the run failed'
is d_loss 1.21 "$(value d_loss "$run")"
is lr 0.0001 "$(value lr "$run")"
is optimiser.name adam "$(value optimiser.name "$run")"
is health 'mode collapse' "$(value health "$run")"
result every_line_of_the_manual_is_understood

for variable in GANDER_RUN GANDER_DIR GANDER_JOURNAL GANDER_SAMPLES GANDER_CHECKPOINTS \
    PYTHONUNBUFFERED; do
    grep -qxE "\.(It )?Ev $variable" "$manual" ||
        wrong="the page lacks $variable"
    # shellcheck disable=SC2016  # the run's shell expands it
    "$program" run -f -- sh -c 'eval "test -n \"\$$1\""' sh $variable >/dev/null 2>&1 ||
        wrong="a command does not find $variable"
done
result commands_find_the_variables_of_the_manual
