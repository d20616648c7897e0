#!/usr/bin/env bash
# The Makefile and the test runner, in a small tree.
set -u
top=$PWD
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
unset CI DEV BUILD MAKEFLAGS CFLAGS SANITIZE ONLY MNIST GANDER_TEST_SMALL

put() { # PATH TEXT
    mkdir -p "$(dirname "$tree/$1")"
    printf '%b' "$2" >"$tree/$1"
}

begin() {
    rm -rf "${tree:?}"/*
    mkdir -p "$tree/tests"
    cp -r "$top/Makefile" "$tree"
    cp -r "$top/tests/tools" "$top/tests/run-tests" "$tree/tests"
    put include/base/one.h 'int one(void);\n'
    put include/nn/net.h 'int net(void);\n'
    put src/base/one.c '#include "base/one.h"\n\nint one(void)\n{\n    return 1;\n}\n'
    put src/base/two.c 'int two(void);\nint two(void)\n{\n    return 2;\n}\n'
    put src/nn/net.c '#include "nn/net.h"\n\nint net(void)\n{\n    return 3;\n}\n'
}

run_make() { make -C "$tree" --no-print-directory "$@" >"$tree/output" 2>&1; }
says() { grep -qE "$1" "$tree/output"; }

number=0
check() { # NAME CONDITION
    number=$((number + 1))
    begin
    if "$2"; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' "$tree/output"
    fi
}

does_nothing_twice() { run_make && run_make && says 'Nothing to be done' && ! says '^(CC|AR)'; }
follows_headers() {
    run_make && sleep 0.01 && touch "$tree/include/base/one.h" && run_make &&
        says '^CC +src/base/one.c' && ! says 'two.c|net.c' && says 'libbase.a' && ! says libnn.a
}
follows_flags() {
    run_make && run_make CFLAGS=-O0 V=1 && says 'one.c' && says 'net.c' && ! says FORTIFY &&
        run_make CFLAGS=-O2 V=1 && says FORTIFY_SOURCE=2
}
follows_removals() {
    run_make && ar t "$tree/build/libbase.a" | grep -q two.o && rm "$tree/src/base/two.c" &&
        run_make && ! ar t "$tree/build/libbase.a" | grep -q two.o
}
warns_hard() {
    put src/base/one.c '#include "base/one.h"\n\nint one(void)\n{\n    int unused;\n    return 1;\n}\n'
    run_make && says 'unused' && touch "$tree/src/base/one.c" && ! run_make DEV=1
}

test_program() { # PATH INCLUDES BODY...: a cmocka program with a test for each body
    local text="$2#include <stdarg.h>\n#include <stddef.h>\n#include <stdint.h>\n#include <setjmp.h>\n#include <cmocka.h>\n"
    local list='' path=$1 i=0
    shift 2
    for body; do
        text+="static void test_$i(void **state)\n{\n    (void)state;\n    $body\n}\n"
        list+="cmocka_unit_test(test_$i),"
        i=$((i + 1))
    done
    put "$path" "${text}int main(void)\n{\n    const struct CMUnitTest tests[] = { $list };\n    return cmocka_run_group_tests(tests, NULL, NULL);\n}\n"
}

counts() {
    test_program tests/base/one_test.c '#include "base/one.h"\n' 'assert_int_equal(one(), 1);' 'skip();'
    put tests/base/two_test.sh '#!/bin/sh\necho 1..2\necho "ok 1 - a"\necho "ok 2 - b # SKIP no b"\n'
    chmod +x "$tree/tests/base/two_test.sh"
    run_make check && [ "$(tail -n 1 "$tree/output")" = '2 passed, 0 failed, 2 skipped' ]
}
shows_failures() {
    test_program tests/base/one_test.c '#include "base/one.h"\n' 'assert_int_equal(one(), 2);' ';'
    ! run_make check && says '^1 passed, 1 failed, 0 skipped' && says '0x1 != 0x2'
}
counts_crashes() {
    test_program tests/base/one_test.c '#include <stdlib.h>\n' ';' '_Exit(0);' ';'
    ! run_make check && says '^1 passed, 2 failed, 0 skipped'
}
counts_bad_ends() {
    test_program tests/base/one_test.c '#include <stdlib.h>\nstatic void leave(void) { _Exit(7); }\n' \
        'atexit(leave);'
    ! run_make check && says '^1 passed, 1 failed, 0 skipped' && says 'exit status 7'
}
limits_time() {
    test_program tests/base/one_test.c '#include <unistd.h>\n' ';' 'pause();'
    ! GANDER_TEST_LIMIT=1 run_make check && says '^1 passed, 1 failed, 0 skipped' && says 'ran out of its 1 seconds'
}
leaves_no_way_up() {
    test_program tests/nn/net_test.c '#include "base/one.h"\n' 'assert_int_equal(one(), 1);'
    run_make check || return 1
    test_program tests/base/one_test.c '#include "nn/net.h"\n' 'assert_int_equal(net(), 3);'
    ! run_make check && says 'undefined reference to .net'
}
chooses_tests() {
    test_program tests/base/one_test.c '' ';'
    test_program tests/nn/net_test.c '' ';'
    run_make check ONLY=nn && [ "$(tail -n 1 "$tree/output")" = '1 passed, 0 failed, 0 skipped' ]
}

installs_and_uninstalls() {
    put src/cli/main.c '#include "base/one.h"\n\nint main(void)\n{\n    return one() - 1;\n}\n'
    put man/gander.1 '.Dd today\n'
    put man/gander-recipe.5 '.Dd today\n'
    put man/gander-slurm.7 '.Dd today\n'
    put experiments/digits.ini '[experiment]\n'
    put experiments/pytorch/gan.py 'pass\n'
    run_make install PREFIX=/usr "DESTDIR=$tree/there" || return 1
    (cd "$tree/there" && find . -type f | sort) >"$tree/output"
    [ "$(tr '\n' ' ' <"$tree/output")" = './usr/bin/gander ./usr/share/bash-completion/completions/gander ./usr/share/fish/vendor_completions.d/gander.fish ./usr/share/gander/experiments/digits.ini ./usr/share/gander/experiments/pytorch/gan.py ./usr/share/man/man1/gander.1 ./usr/share/man/man5/gander-recipe.5 ./usr/share/man/man7/gander-slurm.7 ./usr/share/zsh/site-functions/_gander ' ] &&
        "$tree/there/usr/bin/gander" && run_make uninstall PREFIX=/usr "DESTDIR=$tree/there" &&
        [ -z "$(find "$tree/there" -type f)" ]
}

echo 1..13
check a_second_make_does_nothing does_nothing_twice
check a_header_rebuilds_what_includes_it follows_headers
check a_flag_rebuilds_all follows_flags
check a_removed_source_leaves_its_archive follows_removals
check a_warning_is_an_error_for_developers warns_hard
check tests_are_counted_by_function counts
check a_failure_is_shown_in_full shows_failures
check a_crash_fails_all_tests_that_did_not_report counts_crashes
check a_bad_end_is_a_failure counts_bad_ends
check a_test_program_has_its_time limits_time
check a_layer_cannot_call_upwards leaves_no_way_up
check tests_are_chosen_by_a_part_of_their_path chooses_tests
check install_puts_in_place_what_uninstall_takes_away installs_and_uninstalls
