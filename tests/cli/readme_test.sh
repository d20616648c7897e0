#!/bin/sh
# What README.md names is there: commands with their options, settings, targets of make, files,
# tests; and where it lists all of a kind, it lists all.
# shellcheck disable=SC2016  # backquotes in patterns are README.md's
program=${GANDER_TEST_PROGRAM:?}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0
echo 1..10

result() { # NAME: a file 'wrong' that is not empty says what is wrong
    number=$((number + 1))
    if [ -s "$scratch/wrong" ]; then
        echo "not ok $number - $1"
        sed 's/^/# README.md: /' "$scratch/wrong"
    else
        echo "ok $number - $1"
    fi
    : >"$scratch/wrong"
}
wrong() { echo "$*" >>"$scratch/wrong"; }
same() { # COMPLAINT: what is there is what is listed
    [ -s "$scratch/there" ] || wrong 'nothing to compare its list with'
    cmp -s "$scratch/there" "$scratch/listed" || wrong "$1"
}

# Words in backquotes, one a line; and the lines of code blocks without their comments.
awk '/^```/ { code = !code; next } !code' README.md | grep -oE '`[^`]+`' | tr -d '`' >"$scratch/words"
awk '/^```/ { code = !code; next } code { sub(/ +#.*/, ""); print }' README.md >"$scratch/code"
cat "$scratch/words" "$scratch/code" >"$scratch/all"
# Commands as one would type them.
grep -oE '(^|&& )gander [a-z].*' "$scratch/all" | sed 's/^&& //' >"$scratch/typed"
grep -oE '(^|&& )make [a-z-]+' "$scratch/all" | sed 's/.*make //' >"$scratch/targets"

[ -s "$scratch/typed" ] || wrong 'it shows no command'
awk '/^```/ { code = !code; next } !code && gsub(/`/, "") % 2 { print NR }' README.md |
    while read -r line; do wrong "words in backquotes are broken at the end of line $line"; done
while read -r _ command rest; do
    "$program" "$command" --help >"$scratch/help" 2>&1 || wrong "there is no command '$command'"
    # what stands behind "--" is another program's, and what stands in quotes a value
    rest=$(echo "$rest" | sed "s/ -- .*//; s/'[^']*'//g; s/\"[^\"]*\"//g")
    for option in $(echo "$rest" | grep -oE -- '(^| )--?[a-z][a-z-]*'); do
        grep -qE -- "^ +(-[a-z], )?${option}[ ,]" "$scratch/help" || wrong "'$command' has no '$option'"
    done
done <"$scratch/typed"
result every_command_and_option_exists

grep -oE -- '-s [a-z]+\.[a-z_]+=[^ ]+' "$scratch/typed" | sed 's/^-s //' >"$scratch/settings"
[ -s "$scratch/settings" ] || wrong 'it shows no setting'
while read -r setting; do
    XDG_DATA_HOME=$scratch "$program" recipe -s "$setting" experiments/digits.ini \
        >"$scratch/out" 2>"$scratch/error" || wrong "$(cat "$scratch/error")"
done <"$scratch/settings"
result every_setting_is_taken

# Lists with their filters, sorts and columns, in a store of one run.
cat >"$scratch/report" <<'END'
{"metrics":{"d_loss":1},"config":{"training":{"rate":0.1},"data":{"source":"digits"}}}
END
# shellcheck disable=SC2016  # the run's shell expands it
"$program" run -f --store "$scratch/store" -- sh -c 'cat "$1" >>"$GANDER_JOURNAL"' sh \
    "$scratch/report" >"$scratch/out" 2>&1 || wrong "$(cat "$scratch/out")"
grep '^gander ls ' "$scratch/typed" >"$scratch/lists"
[ -s "$scratch/lists" ] || wrong 'it shows no filter'
while read -r _ words; do
    eval "set -- $words"
    "$program" "$@" --store "$scratch/store" >/dev/null 2>"$scratch/error" ||
        wrong "$(cat "$scratch/error")"
done <"$scratch/lists"
result every_list_and_filter_is_understood

# "man NAME", and settings of config.ini.
grep -oE 'man gander[a-z-]*' "$scratch/words" | sort -u | while read -r _ page; do
    set -- man/"$page".*
    [ -e "$1" ] || wrong "there is no manual page '$page'"
done
for page in man/*; do
    page=$(basename "${page%.*}")
    grep -qxF "man $page" "$scratch/words" || wrong "it does not tell of the manual page '$page'"
done
result every_manual_page_exists_and_is_told_of

[ -s "$scratch/targets" ] || wrong 'it shows no target of make'
while read -r target; do
    grep -qE "^$target:" Makefile || wrong "make has no target '$target'"
done <"$scratch/targets"
result every_target_of_make_exists

grep -oE '(include|src|tests|man|experiments|\.ci)/[A-Za-z0-9_./-]*' "$scratch/all" | sort -u \
    >"$scratch/paths"
grep -v NAME "$scratch/paths" | while read -r path; do
    [ -e "$path" ] || wrong "there is no '$path'"
done
[ -s "$scratch/paths" ] || wrong 'it names no file'
result every_path_exists

grep -xE '[a-z_]+_test(\.sh)?' "$scratch/words" | while read -r test; do
    set -- tests/*/"${test%.sh}".*
    [ -e "$1" ] || wrong "there is no test '$test'"
done
result every_test_exists

for recipe in experiments/*.ini; do
    name=$(basename "$recipe" .ini)
    question=$(sed -n "1s/^# $name: //p" "$recipe")
    grep -qxF "| \`$name\` | $question |" README.md || wrong "it lacks '$name', or its question"
done
listed=$(grep -c '^| `[a-z-]*` | .*? |$' README.md)
[ "$listed" = "$(find experiments -name '*.ini' | wc -l)" ] || wrong 'it lists a recipe too many'
result every_experiment_is_listed_with_its_question

# "- Objectives: `minimax`, … `wasserstein`." and what the program says that there is.
list_of() { # TITLE
    awk -v title="- $1:" 'index($0, title) == 1 { on = 1 } on { print } on && /[.;]/ { exit }' README.md |
        sed 's/;.*//' | grep -oE '`[^`]+`' | tr -d '`'
}
for pair in Objectives:objective Penalties:penalty Optimisers:optimiser; do
    "$program" recipe -s "training.${pair#*:}=none-such" experiments/digits.ini 2>&1 |
        sed -n 's/.*must be one of \(.*\), not .*/\1/p' | sed 's/, /\n/g' >"$scratch/there"
    list_of "${pair%:*}" >"$scratch/listed"
    same "its list of ${pair%:*} is not that of the program"
done
result every_choice_is_listed

# The manual has every layer: tests/nn/layer_manual_test.c.
sed -n '/^\.Sh LAYER LISTS/,/^\.Sh EXAMPLES/s/^\.It Cm \([a-z]*\).*/\1/p' man/gander-recipe.5 \
    >"$scratch/there"
list_of Layers >"$scratch/listed"
same 'its list of layers is not that of the manual'
result every_layer_is_listed
