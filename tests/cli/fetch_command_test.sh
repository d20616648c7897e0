#!/bin/sh
# gander fetch: what it prints and how it ends. No network: every mirror is behind a proxy that is
# not there.
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
export XDG_DATA_HOME="$place" http_proxy=http://127.0.0.1:1 https_proxy=http://127.0.0.1:1 no_proxy=
unset GANDER_MIRROR
echo 1..4

number=0
check() { # NAME CONDITION...
    number=$((number + 1))
    name=$1
    shift
    if "$@"; then echo "ok $number - $name"; else
        echo "not ok $number - $name"
        sed 's/^/# /' "$place/output"
    fi
}
ends_with() { # STATUS COMMAND...
    wanted=$1
    shift
    "$@" >"$place/output" 2>&1
    [ $? -eq "$wanted" ]
}
says() { grep -q "$1" "$place/output"; }

refuses_a_typo() { ends_with 2 "$program" fetch mnits && says "did you mean 'mnist'" && [ ! -e "$place/gander" ]; }
check fetch_suggests_the_name_that_was_meant refuses_a_typo

fails_whole() {
    ends_with 1 "$program" fetch fashion && [ "$(wc -l <"$place/output")" = 1 ] &&
        says "^gander fetch: cannot fetch 'fashion': " && says 'is there a network?' &&
        [ -z "$(ls "$place/gander/fashion")" ]
}
check fetch_says_in_one_line_that_no_mirror_answers fails_whole

tries_the_mirror_first() {
    ends_with 1 env GANDER_MIRROR=http://127.0.0.1:1/here "$program" fetch kmnist && says 'no mirror of 3 has it'
}
check fetch_tries_the_mirror_of_the_environment tries_the_mirror_first

finds_it() {
    ends_with 0 "$program" fetch mnist && [ "$(grep -c 'was here' "$place/output")" = 4 ] &&
        says 'data.source=mnist'
}
if [ -n "${GANDER_TEST_MNIST:-}" ]; then
    mkdir -p "$place/gander" && cp -r "$GANDER_TEST_MNIST" "$place/gander/mnist"
    check fetch_leaves_what_is_there finds_it
else
    echo "ok 4 - fetch_leaves_what_is_there # SKIP no MNIST=DIR"
fi
