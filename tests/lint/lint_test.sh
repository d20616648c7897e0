#!/usr/bin/env bash
# Every rule of `make lint` can fail: a small tree that keeps all of them is broken in one place.
set -u
top=$PWD
tree=$(mktemp -d) || exit 1
trap 'rm -rf "$tree"' EXIT
unset CI MAKEFLAGS BUILD

begin() { # a tree that keeps every rule
    rm -rf "${tree:?}"/*
    mkdir -p "$tree"/{include/{base,nn},src/{base,nn,cli},man,experiments,tests/base}
    cp -r "$top"/{Makefile,.clang-format,.clang-tidy} "$tree"
    cp -r "$top/tests/tools" "$tree/tests"
    cat >"$tree/include/base/thing.h" <<'EOF'
/* A thing. */
#ifndef GANDER_BASE_THING_H
#define GANDER_BASE_THING_H

int thing_twice(int number);

#endif
EOF
    printf '#include "base/thing.h"\n\nint thing_twice(int number)\n{\n    return 2 * number;\n}\n' \
        >"$tree/src/base/thing.c"
    printf '.Dd July 4, 2025\n.Dt THING 1\n.Os\n.Sh NAME\n.Nm thing\n.Nd doubles a number\n' \
        >"$tree/man/thing.1"
}

number=0
result() { # OK|NOT NAME
    number=$((number + 1))
    [ "$1" = ok ] && echo "ok $number - $2" && return
    echo "not ok $number - $2"
    sed 's/^/# /' "$tree/output"
}

lint() { # RULE
    make -C "$tree" --no-print-directory lint RULES="$1" >"$tree/output" 2>&1
}

expect() { # NAME RULE PATTERN: the rule finds what was broken, and says it
    if ! lint "$2" && grep -qE "$3" "$tree/output"; then
        result ok "$1"
    elif grep -q '^skip' "$tree/output"; then
        result ok "$1 # SKIP $(sed -n 's/^skip .*: //p' "$tree/output")"
    else
        result not "$1"
    fi
}

break_file() { # PATH TEXT: appended
    mkdir -p "$(dirname "$tree/$1")"
    printf '%b' "$2" >>"$tree/$1"
}

repeat() { # COUNT TEXT
    for ((i = 0; i < $1; i++)); do printf '%b' "$2"; done
}

echo 1..22
begin
if lint ''; then result ok lint_accepts_a_tree_that_keeps_the_rules; else result not lint_accepts_a_tree_that_keeps_the_rules; fi

begin && break_file src/base/thing.c '#include "nn/layer.h"\n'
expect layers_refuses_a_call_upwards layers "src/base/thing.c:7: 'base' may not use 'nn/layer.h'"

begin && break_file include/nn/layer.h '#include "data/dataset.h"\n'
expect layers_refuses_what_is_not_declared_in_headers_too layers "'nn' may not use 'data/dataset.h'"

begin && break_file src/base/thing.c '#include "private.h"\n' && break_file src/base/private.h 'int x;\n'
if lint layers; then result ok layers_accepts_a_header_beside_its_module; else result not layers_accepts_a_header_beside_its_module; fi

begin && break_file src/nn/layer.c '#include "thing.h"\n' && break_file src/base/thing.h '\n'
expect layers_refuses_a_private_header_of_another_folder layers "'nn' may not use 'thing.h'"

begin && break_file src/misc/thing.c '#include "base/thing.h"\n'
expect layers_refuses_a_folder_that_is_none layers "no layer 'misc'"

begin && break_file src/nn/layer.c '#include <png.h>\n'
expect libraries_refuses_a_header_outside_its_module libraries "src/nn/layer.c:1: only .* may include 'png.h'"

begin && break_file src/nn/layer.c '#  include <lapacke.h>\n'
expect libraries_refuses_a_library_that_is_not_declared libraries "no owner of 'lapacke.h'"

begin && break_file include/nn/layer.h 'struct layer *layer_of(size_t count);\n'
expect headers_refuses_one_that_does_not_compile_alone headers 'include/nn/layer.h:1: does not compile alone'

begin && break_file src/nn/layer.c 'char *copy(char *to, const char *from) { return strcpy (to, from); }\n'
expect banned_refuses_strcpy banned 'src/nn/layer.c:1: .*banned'

begin && break_file tests/base/thing_test.c 'int f(void) { return rand(); }\n'
expect banned_refuses_rand_in_tests banned 'tests/base/thing_test.c:1: .*banned'

begin && break_file src/nn/layer.c 'struct operand operand(void);\nint n = strtok_r(p) + p->rand() + gmtime_r();\n'
if lint banned; then result ok banned_accepts_names_that_only_end_alike; else result not banned_accepts_names_that_only_end_alike; fi

begin && break_file src/nn/layer.c 'void f(void) { printf("x"); }\n'
expect quiet_refuses_printing_below_cli quiet 'src/nn/layer.c:1: only cli and ui'

begin && break_file src/nn/layer.c 'void f(void) { exit(1); }\n'
expect quiet_refuses_to_exit_below_cli quiet 'src/nn/layer.c:1: only cli and ui'

begin && repeat 701 '\n' >"$tree/src/nn/long.c"
expect size_refuses_a_long_file size 'src/nn/long.c:1: 701 lines'

begin && break_file src/nn/layer.c "int f(int n)\n{\n$(repeat 80 '    n++;\\n')    return n;\n}\n"
expect size_refuses_a_long_function size "'f' has 84 lines"

begin && break_file man/thing.1 'See /\0150ome/me/thing.\n'
expect paths_refuses_a_place_of_one_machine paths 'man/thing.1:7: names a place'

begin && break_file src/base/thing.c '\nint  badly ( int formatted ) { return formatted; }\n'
expect format_refuses_another_style format 'not formatted|clang-format-violations'

begin && break_file src/base/thing.c '\nint first(void)\n{\n    int all[3] = { 0 };\n    return all[3];\n}\n'
expect cppcheck_finds_a_read_past_the_end cppcheck 'src/base/thing.c:11: '

begin && break_file src/base/thing.c '\nint first(int *all, int n)\n{\n    return n > 0 ? all[0] : all[0];\n}\n'
expect tidy_finds_equal_branches tidy 'bugprone-branch-clone|misc-redundant-expression'

begin && break_file tests/tools/careless '#!/bin/sh\nrm -r \0044{1}/*\n'
expect shell_finds_an_unquoted_variable shell 'SC2086'

begin && break_file man/thing.1 '.Xx\n'
expect manual_finds_an_unknown_macro manual 'unknown macro'
