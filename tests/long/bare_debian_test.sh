#!/usr/bin/env bash
# On a fresh Debian 12 with git and make and nothing else, a clone needs one command to train and
# one to test. Needs root, debootstrap and a mirror (GANDER_DEBIAN_MIRROR); takes some minutes, and
# leaves out the tests at small sizes.
set -u
mirror=${GANDER_DEBIAN_MIRROR:-http://deb.debian.org/debian}
place=$(mktemp -d) || exit 1
root=$place/root
trap 'rm -rf "$place"' EXIT
names=(debian_has_no_compiler make_demo_trains_there samples_are_drawn_there make_check_passes_there
    a_second_make_does_nothing_there)

number=0
result() { # STATUS
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - ${names[number - 1]}"; else
        echo "not ok $number - ${names[number - 1]}"
        tail -n 60 "$place/output" | sed 's/^/# /'
    fi
}
skip_all() { # WHY
    while [ $number -lt ${#names[@]} ]; do
        number=$((number + 1))
        echo "ok $number - ${names[number - 1]} # SKIP $1"
    done
    exit 0
}

inside() { # COMMAND: in the clone
    # shellcheck disable=SC2016  # the inner shell expands
    unshare --mount sh -c 'mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" || exit 99
        exec chroot "$0" env -i HOME=/opt PATH=/usr/sbin:/usr/bin:/sbin:/bin TERM=xterm \
            http_proxy="${http_proxy:-}" https_proxy="${https_proxy:-}" \
            sh -c "cd /opt/gander && $1"' "$root" "$1" >"$place/output" 2>&1
}

# The demonstration trains for minutes: it is seen to get somewhere and then stopped as by ^C.
demo_trains() {
    set -m
    inside 'exec make demo' &
    local job=$! trained=1
    for ((i = 0; i < 900; i++)); do
        grep -q '^step 200 of' "$place/output" && trained=0 && break
        kill -0 $job 2>/dev/null || break
        sleep 1
    done
    kill -INT -- -$job 2>/dev/null
    wait $job
    set +m
    [ $trained = 0 ] && grep -q '^run 1 stopped' "$place/output"
}

echo "1..${#names[@]}"
[ "$(id -u)" = 0 ] || skip_all 'needs root'
command -v debootstrap >/dev/null || skip_all 'needs debootstrap'
unshare --mount true 2>/dev/null || skip_all 'needs mount namespaces'
debootstrap --variant=minbase --include=git,make bookworm "$root" "$mirror" >"$place/output" 2>&1 ||
    skip_all "no Debian from $mirror"
cp -L /etc/resolv.conf "$root/etc/resolv.conf"
git clone -q . "$root/opt/gander" || exit 1

! inside 'command -v cc || command -v pkg-config'
result $?
demo_trains
result $?
inside 'build/gander samples --as ascii 1' && [ "$(wc -l <"$place/output")" -gt 20 ]
result $?
if [ -n "${GANDER_TEST_SMALL:-}" ]; then
    number=$((number + 1))
    echo "ok $number - ${names[number - 1]} # SKIP small sizes"
else
    inside 'make check' && tail -n 1 "$place/output" | grep -qE '^[1-9][0-9]* passed, 0 failed, [0-9]+ skipped$'
    result $?
fi
inside make && grep -q 'Nothing to be done' "$place/output"
result $?
