#!/bin/sh
# gander recipe shows what a recipe comes to, and refuses what does not fit.
program=${GANDER_TEST_PROGRAM:?}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
echo 1..7

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else echo "not ok $number - $2"; fi
}

cat >"$scratch/conv.ini" <<'END'
[experiment]
name = conv
[generator]
layers = dense 6272 | reshape 128x7x7 | norm | relu | upconv 64 4/2 | norm | relu
    | upconv 1 4/2 | tanh
[discriminator]
layers = conv 64 4/2 | lrelu | conv 128 4/2 | lrelu | flatten | dense 1
END
"$program" recipe "$scratch/conv.ini" >"$scratch/conv.txt"
grep -q '^  upconv 64 4/2  *64x14x14  *131,072  *12.845$' "$scratch/conv.txt" &&
    grep -q '^  total  *759,681  *14.501$' "$scratch/conv.txt" &&
    grep -q '^a step   9.44 GFLOP: ' "$scratch/conv.txt"
result $? tables_have_layers_totals_and_work

"$program" recipe --json "$scratch/conv.ini" >"$scratch/conv.json"
grep -q '^    "flop": 9441116160.0,$' "$scratch/conv.json" &&
    grep -q '"training.batch": 64' "$scratch/conv.json"
result $? json_has_the_same_numbers

status=0
for recipe in experiments/*.ini; do
    "$program" recipe "$recipe" >"$scratch/out.txt" 2>"$scratch/error.txt" || status=1
    [ ! -s "$scratch/error.txt" ] || status=1
    ! grep -q '.\{81\}' "$scratch/out.txt" || status=1
done
result $status every_experiment_fits_80_columns

"$program" recipe -s training.rate=0.003 experiments/wgan-gp.ini |
    sed -n '/^\[experiment\]$/,$p' >"$scratch/once.ini"
"$program" recipe "$scratch/once.ini" | sed -n '/^\[experiment\]$/,$p' >"$scratch/twice.ini"
grep -q '^rate = 0.003$' "$scratch/once.ini" && cmp -s "$scratch/once.ini" "$scratch/twice.ini"
result $? the_resolved_recipe_is_a_recipe

"$program" recipe -s training.obejctive=hinge "$scratch/conv.ini" >"$scratch/out.txt" \
    2>"$scratch/error.txt"
[ $? -eq 1 ] && [ ! -s "$scratch/out.txt" ] &&
    grep -q "did you mean 'training.objective'?" "$scratch/error.txt"
result $? a_typo_ends_it_with_a_suggestion

"$program" recipe -s 'discriminator.layers=conv 64 4/2 | dense 1' "$scratch/conv.ini" \
    >"$scratch/out.txt" 2>"$scratch/error.txt"
[ $? -eq 1 ] && [ ! -s "$scratch/out.txt" ] &&
    grep -q "setting 'discriminator.layers=conv 64 4/2 | dense 1': discriminator layer 2 'dense 1', which gets 64x14x14" \
        "$scratch/error.txt"
result $? networks_that_do_not_fit_name_the_layer

XDG_DATA_HOME=$scratch "$program" recipe -s data.source=mnist "$scratch/conv.ini" \
    >"$scratch/out.txt" 2>"$scratch/error.txt" &&
    grep -q 'taking images of 28x28 in 10 classes' "$scratch/error.txt" &&
    grep -q 'from an image of 1x28x28' "$scratch/out.txt"
result $? images_that_are_not_here_are_assumed_and_said_so
