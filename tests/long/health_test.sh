#!/usr/bin/env bash
# Every state of health on trainings made for it, and none on trainings that go well: on the built-in
# digits, with networks of twice the width, and on MNIST (where it is given), 3 seeds each. See
# tests/health/README.md. About two hours of one core; GANDER_TEST_SMALL=1: three of them once, on the
# built-in digits.
set -u
recipes=()
if [ -n "${GANDER_TEST_SMALL:-}" ]; then
    export PROOF_SEEDS=1 PROOF_VARIANTS=digits
    recipes=(tests/health/{discriminator-winning,mode-collapse,vanishing-gradient}.ini)
fi
export PROOF_SETTINGS="training.threads=1 ${PROOF_SETTINGS:-}"
tests/health/proof.sh "${recipes[@]}" | {
    number=0
    while read -r recipe variant seed rest; do
        case $variant in
        digits | wide | mnist) ;;
        *) continue ;; # what is no line of a run
        esac
        number=$((number + 1))
        case $rest in
        *" right "*) echo "ok $number - ${recipe}_${variant}_seed_$seed" ;;
        *)
            echo "not ok $number - ${recipe}_${variant}_seed_$seed"
            echo "# $rest"
            ;;
        esac
    done
    echo "1..$number"
}
