#!/usr/bin/env bash
# Trains what is made to fail, and what is not, and says what health they were given.
#
# usage: tests/health/proof.sh [RECIPE[:STATE]]...
#
# A line each: recipe, data, networks, seed, the state that is right, "right" or "WRONG", and the
# states with their steps. Without operands: all recipes of this folder, whose names up to the
# first dot are their states, and the healthy ones of experiments/. Of the environment: GANDER_TEST_PROGRAM,
# GANDER_TEST_MNIST (else MNIST is left out), PROOF_SEEDS ("1 2 3"), PROOF_VARIANTS ("digits wide
# mnist"), PROOF_STORE (kept, else a temporary one), PROOF_SETTINGS ("KEY=VALUE …", for all runs).
set -u
program=${GANDER_TEST_PROGRAM:?}
here=$(cd "$(dirname "$0")" && pwd)
top=$(cd "$here/../.." && pwd)
store=${PROOF_STORE:-$(mktemp -d)} || exit 1
[ -n "${PROOF_STORE:-}" ] || trap 'rm -rf "$store"' EXIT
export GANDER_DIR=$store/store GANDER_SLOTS=1
mkdir -p "$GANDER_DIR"
right=0 wrong=0

# The recipe with twice the features in every layer but the last of each network.
widen() { # FILE
    awk '/^(layers =|    \|)/ {
            n = split($0, word, " ")
            line = ""
            for (i = 1; i <= n; i++) {
                if (i > 1 && word[i - 1] ~ /^(dense|conv|upconv|embed)$/ && word[i] != 1 && word[i] != 784)
                    word[i] *= 2
                if (i > 1 && word[i - 1] == "reshape" && split(word[i], shape, "x") == 3 && shape[1] != 1)
                    word[i] = 2 * shape[1] "x" shape[2] "x" shape[3]
                line = line (i > 1 ? " " : "") word[i]
            }
            print (/^layers/ ? "" : "    ") line
            next
        } { print }' "$1"
}

# All states that were journalled, as "STEP STATE", and the last one alone.
states() { # EVENTS
    sed -n 's/.*"step":\([0-9]*\),"health":"\([^"]*\)".*/\1 \2/p' "$1"
}

judge() { # STATE EVENTS
    local last bad
    last=$(states "$2" | tail -n 1 | cut -d' ' -f2-)
    bad=$(states "$2" | grep -vcE ' (warming up|balanced)$')
    case $1 in
    balanced) [ "$last" = balanced ] && [ "$bad" = 0 ] ;;
    *) [ "$last" = "$1" ] ;;
    esac
}

prove() { # RECIPE STATE VARIANT SEED SETTING...
    local recipe=$1 state=$2 variant=$3 seed=$4 settings=() file=$1 number name
    shift 4
    name=$(basename "$recipe" .ini)
    for setting in "$@" ${PROOF_SETTINGS:-} "training.seed=$seed"; do settings+=(-s "$setting"); done
    case $variant in
    wide) file=$store/$name.$$.ini && widen "$recipe" >"$file" ;;
    mnist) settings+=(-s "data.source=$GANDER_TEST_MNIST") ;;
    esac
    "$program" run -f "${settings[@]}" "$file" >"$store/output.$$" 2>&1 </dev/null ||
        tail -n 3 "$store/output.$$"
    number=$(sed -n 's/^run \([0-9]*\):.*/\1/p;q' "$store/output.$$")
    local events=$GANDER_DIR/runs/$number/events.jsonl verdict=WRONG
    if judge "$state" "$events"; then
        verdict=right right=$((right + 1))
    else
        wrong=$((wrong + 1))
    fi
    printf '%-22s %-6s %s  %-22s %s  %s\n' "$name" "$variant" "$seed" "$state" "$verdict" \
        "$(states "$events" | paste -sd, | sed 's/,/, /g')"
}

all() { # RECIPE STATE SETTING...
    for variant in ${PROOF_VARIANTS:-digits wide mnist}; do
        [ "$variant" != mnist ] || [ -n "${GANDER_TEST_MNIST:-}" ] || continue
        for seed in ${PROOF_SEEDS:-1 2 3}; do
            prove "$1" "$2" "$variant" "$seed" "${@:3}"
        done
    done
}

if [ $# = 0 ]; then
    set -- "$here"/*.ini "$top/experiments/digits.ini:balanced" "$top/experiments/mlp.ini:balanced" \
        "$top/experiments/hinge-spectral.ini:balanced"
fi
for operand in "$@"; do
    recipe=${operand%%:*} state=${operand#*:}
    if [ "$state" = "$operand" ]; then
        state=$(basename "$recipe")
        all "$recipe" "$(tr - ' ' <<<"${state%%.*}")"
    else
        all "$recipe" "$state" training.steps=2500 training.report_every=50 training.evaluate_every=500
    fi
done
echo "$right right, $wrong wrong"
[ $wrong = 0 ]
