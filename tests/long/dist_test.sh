#!/usr/bin/env bash
# What `make dist` makes runs where nothing is: in a root that holds only that directory, as a user
# who may do nothing.
set -u
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d) || exit 1
root=$place/root
# shellcheck disable=SC2317  # called by the trap
clean() { rm -rf "$place"; }
trap clean EXIT

number=0
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        sed 's/^/# /' "$place/output"
    fi
}

chmod 755 "$place"
mkdir -p "$root"/{proc,dev,srv}
if ! tests/tools/dist "$program" "$root/opt/gander" >"$place/output" 2>&1; then
    echo 1..1
    result 1 dist_is_made
    exit 1
fi

# Every library that the loader names is of the directory.
loads_its_own() {
    local lib=$root/opt/gander/lib
    "$lib/loader" --inhibit-cache --library-path "$lib" --list "$lib/gander" >"$place/output" &&
        "$lib/loader" --inhibit-cache --library-path "$lib" --list "$lib/libopenblas.so.0" >>"$place/output" &&
        ! grep -v "^[[:space:]]*\($lib/\|[^ ]* => $lib/\|linux-vdso\)" "$place/output"
}

# In the bare root, as nobody, in a mount namespace of its own that goes with /proc and /dev.
inside() { # COMMAND...
    # shellcheck disable=SC2016  # the inner shell expands
    env -i HOME=/srv "PATH=$PATH" unshare --mount sh -c 'root=$1; shift
        mount --rbind /proc "$root/proc" && mount --bind /dev "$root/dev" || exit 99
        exec chroot --userspec=65534:65534 "$root" "$@"' sh "$root" "$@" >"$place/output" 2>&1
}

# Without a shell there is only the loader to call.
directly() { # ARGUMENTS...
    local lib=/opt/gander/lib
    inside $lib/loader --inhibit-cache --library-path $lib $lib/gander "$@"
}

prints_its_version() { directly version && grep -q '^gander ' "$place/output"; }
by_script() { inside /opt/gander/bin/gander "$@"; } # which is how a run starts its worker

trains() {
    chown 65534 "$root/srv"
    by_script run -f --store /srv/store -s training.steps=4 -s data.count=256 \
        /opt/gander/share/gander/experiments/mlp.ini &&
        [ -s "$root/srv/store/runs/1/checkpoints/00000004.safetensors" ]
}

draws() { by_script generate --store /srv/store 1 --count 4 --as ascii && [ "$(wc -l <"$place/output")" -gt 8 ]; }

# The script needs a shell: dash, with the libc that it brings to its own place.
add_shell() {
    local file
    mkdir -p "$root/bin"
    cp /bin/dash "$root/bin/sh"
    ldd /bin/dash | grep -oE '/[^ ]+' | while read -r file; do
        mkdir -p "$root$(dirname "$file")"
        cp "$file" "$root$file"
    done
}

starts() { # CALLED-AS: from another directory, by that name
    inside /bin/sh -c "PATH=/opt/gander/bin; cd /srv; $1 version" &&
        grep -q '^gander ' "$place/output"
}

echo 1..6
loads_its_own
result $? dist_loads_no_library_of_the_machine
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
    for name in prints_its_version_where_nothing_is trains_where_only_a_shell_is draws_where_only_a_shell_is starts_from_the_path starts_by_a_long_name; do
        number=$((number + 1))
        echo "ok $number - dist_$name # SKIP needs root and mount namespaces"
    done
    exit 0
fi
prints_its_version
result $? dist_prints_its_version_where_nothing_is
add_shell
trains
result $? dist_trains_where_only_a_shell_is
draws
result $? dist_draws_where_only_a_shell_is
starts gander
result $? dist_starts_from_the_path
starts ../opt/gander/bin/gander
result $? dist_starts_by_a_long_name
