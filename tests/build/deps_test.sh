#!/usr/bin/env bash
# tests/tools/deps on machines that are made up: a PATH of its own holds what each has.
set -u
machine=$(mktemp -d) || exit 1
trap 'rm -rf "$machine"' EXIT
unset GANDER_NO_INSTALL CC

begin() { # a machine with a shell and text tools
    local tool
    rm -rf "${machine:?}"/*
    mkdir "$machine/bin"
    for tool in sh env awk sed ln; do
        ln -s "$(command -v "$tool")" "$machine/bin/$tool"
    done
}

fake() { # COMMAND SCRIPT
    printf '#!/bin/sh\n%s\n' "$2" >"$machine/bin/$1"
    chmod +x "$machine/bin/$1"
}

# Everything is there once apt-get has installed; before that, nothing.
fake_apt() {
    fake id 'echo 0'
    fake content 'exit 0'
    fake apt-get "echo \"apt-get \$*\" >>'$machine/log'
        [ \"\$1\" = install ] || exit 0
        for name in cc pkg-config protoc-c; do ln -s content '$machine/bin/'\$name; done"
}

deps() { # ACTION, with settings before it
    PATH=$machine/bin tests/tools/deps "$1" >"$machine/output" 2>&1
}

number=0
check() { # NAME CONDITION
    number=$((number + 1))
    if "$2"; then echo "ok $number - $1"; else
        echo "not ok $number - $1"
        sed 's/^/# /' "$machine/output"
    fi
}
says() { grep -qE "$1" "$machine/output"; }

complete() {
    begin && fake cc 'exit 0' && fake protoc-c 'exit 0' && fake pkg-config 'exit 0' && fake apt-get 'exit 99'
    deps install && deps require && [ ! -s "$machine/output" ]
}
names_all_managers() {
    begin
    ! deps install && says '^gander needs .* compiler pkg-config jansson .*cmocka' &&
        says 'dnf install gcc .*libcmocka-devel' && says 'pacman -S gcc .*cmocka' &&
        says 'apk add gcc musl-dev .*cmocka-dev' && says 'brew install .*cmocka'
}
names_the_one_that_is_there() {
    begin && fake dnf 'exit 99'
    ! deps install && says 'sudo dnf install gcc' && ! says 'pacman'
}
names_only_what_is_missing() {
    begin && fake cc 'exit 0' && fake protoc-c 'exit 0' && fake pkg-config "[ \"\$2\" != libpng ]" && fake pacman 'exit 99'
    ! deps install && says '^gander needs .*: libpng$' && says 'pacman -S libpng$'
}
installs_as_root() {
    begin && fake_apt
    deps install && [ "$(sed -n 1p "$machine/log")" = 'apt-get update' ] &&
        sed -n 2p "$machine/log" | grep -qE '^apt-get install -y .*gcc libc6-dev pkg-config .*libcmocka-dev$'
}
installs_with_sudo() {
    begin && fake_apt && fake id 'echo 1000' && fake sudo "echo sudo >>'$machine/log'; exec \"\$@\""
    deps install && [ "$(grep -c sudo "$machine/log")" = 2 ]
}
refuses_without_root() {
    begin && fake_apt && fake id 'echo 1000'
    ! deps install && [ ! -e "$machine/log" ] && says 'not root' && says 'apt-get install gcc'
}
obeys_no_install() {
    begin && fake_apt
    ! GANDER_NO_INSTALL=1 deps install && [ ! -e "$machine/log" ] && says 'apt-get install gcc'
}
reports_a_failed_install() {
    begin && fake_apt && fake apt-get 'exit 100'
    ! deps install && says 'apt-get update failed'
}
needs_no_tests_to_build() {
    begin && fake cc 'exit 0' && fake protoc-c 'exit 0' && fake pkg-config "[ \"\$2\" != cmocka ]"
    deps require && ! deps install
}

echo 1..10
check deps_is_silent_where_nothing_is_missing complete
check deps_names_the_command_of_every_package_manager names_all_managers
check deps_names_the_command_of_the_one_that_is_there names_the_one_that_is_there
check deps_names_only_what_is_missing names_only_what_is_missing
check deps_updates_and_installs_as_root installs_as_root
check deps_installs_with_sudo_when_not_root installs_with_sudo
check deps_refuses_without_root_and_sudo refuses_without_root
check deps_installs_nothing_when_told_so obeys_no_install
check deps_says_that_installing_failed reports_a_failed_install
check deps_needs_no_test_library_to_build needs_no_tests_to_build
