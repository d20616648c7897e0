#!/bin/bash
# Two users on one machine; and what looks at runs without threads and processes. Needs root, to be
# somebody else.
program=${GANDER_TEST_PROGRAM:?}
# Not in TMPDIR, which is the tester's alone.
place=$(mktemp -d /tmp/gander-users.XXXXXX)
leave() {
    (cd "$place/owner" 2>/dev/null && as 65533 "$program" stop --now 1 >/dev/null 2>&1)
    rm -rf "$place"
}
trap leave EXIT
as() { # UID COMMAND...
    local user=$1
    shift
    env HOME="$place/home.$user" setpriv --reuid "$user" --regid "$user" --clear-groups "$@"
}
names=(store_is_private until_opened_then_others_see_its_runs others_cannot_change_a_run
    looks_of_others_write_nothing_in_the_store owner_can_still_do_all
    looks_work_with_no_process_to_spare looks_start_no_thread_and_load_no_blas)
echo "1..${#names[@]}"
if [ "$(id -u)" != 0 ] || ! as 65533 true 2>/dev/null; then
    for i in "${!names[@]}"; do
        echo "ok $((i + 1)) - ${names[i]} # SKIP only root can be two users"
    done
    exit 0
fi
# Looking for leaks takes a thread.
export ASAN_OPTIONS="${ASAN_OPTIONS:-}:detect_leaks=0"
number=0
check() { # CONDITION...
    if "$@"; then echo "ok $((number + 1)) - ${names[number]}"; else
        echo "not ok $((number + 1)) - ${names[number]}"
        sed 's/^/# /' "$place/output"
    fi
    number=$((number + 1))
}
# The program has to be where both may execute it.
cp "$program" "$place/gander"
program=$place/gander
chmod 755 "$place" "$program"
mkdir "$place/owner" "$place/home.65533" "$place/home.65534"
chown 65533:65533 "$place/owner" "$place/home.65533"
chown 65534:65534 "$place/home.65534"
cd "$place/owner" || exit 1
touch "$place/output"
as 65533 "$program" run -- sh -c 'echo hello; exec sleep 1000' >/dev/null 2>&1
as 65533 "$program" run -f --slots 9 -- true >/dev/null 2>&1 # the catalogue is there, too

ends_with() { # STATUS COMMAND...
    local wanted=$1
    shift
    "$@" >"$place/output" 2>&1
    [ $? = "$wanted" ]
}
says() { grep -q -- "$1" "$place/output"; }

is_private() {
    [ "$(stat -c %a .gander)" = 700 ] && ! as 65534 "$program" ls >"$place/output" 2>&1 &&
        [ "$(wc -l <"$place/output")" = 1 ]
}
check is_private

listing() { find .gander -printf '%p %s %T@ %m %U\n' | grep -v ' 1 .*worker.jsonl' | sort; }
is_seen() {
    chmod -R o+rX .gander
    listing >"$place/before"
    ends_with 0 as 65534 "$program" ls && says running && says finished &&
        ends_with 0 as 65534 "$program" show 1 && says 'sleep 1000' &&
        ends_with 0 as 65534 "$program" log 1 && says hello &&
        ends_with 0 as 65534 "$program" metrics 1
}
check is_seen

# One sentence each, which names the owner.
is_refused() { # COMMAND...
    as 65534 "$program" "$@" >"$place/output" 2>&1
    [ $? = 1 ] && [ "$(wc -l <"$place/output")" = 1 ] && says 'belongs to'
}
are_refused() {
    is_refused stop 1 && is_refused stop --now 1 && is_refused pause 1 && is_refused tag 1 good &&
        is_refused rm 2 && is_refused resume 2 && is_refused note 1 words && is_refused name 1 mine &&
        is_refused archive 2 && is_refused run -- true
}
check are_refused

is_untouched() {
    listing >"$place/after"
    diff "$place/before" "$place/after" >"$place/output" &&
        [ -n "$(find "$place/home.65534" -name '*.db')" ]
}
check is_untouched

can_do_all() {
    ends_with 0 as 65533 "$program" pause 1 && ends_with 0 as 65533 "$program" tag 1 good &&
        ends_with 0 as 65533 "$program" resume 1 && ends_with 0 as 65533 "$program" ls tag:good && says running
}
check can_do_all

works_tightly() {
    for words in ls 'ls --json' 'show 1' 'log 1' 'metrics 1' 'tag 1 other' 'note 1 words' 'stop 1'; do
        # shellcheck disable=SC2086
        ends_with 0 as 65533 bash -c 'ulimit -u 1; exec "$@"' sh "$program" $words || return 1
    done
}
check works_tightly

starts_nothing() {
    if ! command -v strace >/dev/null; then
        # whether the library is there, by what the dynamic linker has loaded
        for words in ls 'show 2' 'log 2' 'metrics 2'; do
            # shellcheck disable=SC2086
            ends_with 0 as 65533 env LD_DEBUG=files "$program" $words || return 1
            says 'libjansson' || return 1
            says 'calling init:.*openblas' && return 1
        done
        return 0
    fi
    for words in ls 'show 2' 'log 2' 'metrics 2'; do
        # shellcheck disable=SC2086
        ends_with 0 strace -f -o "$place/trace" "$program" $words || return 1
        grep -q 'clone\|fork(\|openblas' "$place/trace" && return 1
    done
    return 0
}
check starts_nothing
