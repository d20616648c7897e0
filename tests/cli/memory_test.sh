#!/bin/sh
# A training that the kernel kills for want of memory: needs root, and a memory cgroup of its own.
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d)
group=
leave() {
    if [ -n "$group" ]; then
        tries=0
        until rmdir "$group" 2>/dev/null || [ "$tries" -gt 100 ]; do
            tries=$((tries + 1))
            sleep 0.05
        done
    fi
    rm -rf "$place"
}
trap leave EXIT
cd "$place" || exit 1
echo 1..2

# Of the first version "N:memory:/path", of the second "0::/path".
make_group() {
    own=$(sed -n 's/^[0-9]*:memory://p' /proc/self/cgroup)
    if [ -n "$own" ]; then
        group=/sys/fs/cgroup/memory$own/gander-test-$$ limit=memory.limit_in_bytes
    else
        group=/sys/fs/cgroup$(sed -n 's/^0:://p' /proc/self/cgroup)/gander-test-$$ limit=memory.max
    fi
    mkdir "$group" 2>/dev/null || { group= && return 1; }
    echo 200000000 2>/dev/null >"$group/$limit" && sh -c "echo \$\$ >'$group/cgroup.procs'" 2>/dev/null
}
if ! make_group; then
    echo "ok 1 - want_of_memory_is_said # SKIP no memory cgroup can be made"
    echo "ok 2 - kill_for_another_reason_is_not_blamed_on_memory # SKIP no memory cgroup can be made"
    exit 0
fi
in_group() { sh -c "echo \$\$ >'$group/cgroup.procs'; exec \"\$@\"" sh "$@"; }
report() { # NUMBER NAME WORDS
    if "$program" show "$1" >output 2>&1 && eval "$3"; then echo "ok $1 - $2"; else
        echo "not ok $1 - $2"
        sed 's/^/# /' output
    fi
}

in_group "$program" run -- sh -c 'ulimit -v 2000000; exec tail /dev/zero' >/dev/null 2>&1
"$program" wait 1 >/dev/null 2>&1
report 1 want_of_memory_is_said "grep -q 'killed by SIGKILL: out of memory' output"
in_group "$program" run -- sh -c "kill -9 \$\$" >/dev/null 2>&1
"$program" wait 2 >/dev/null 2>&1
report 2 kill_for_another_reason_is_not_blamed_on_memory \
    "grep -q 'killed by SIGKILL' output && ! grep -q memory output"
