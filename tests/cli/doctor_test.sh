#!/usr/bin/env bash
# gander doctor, on stores that are damaged in one way each: what it finds, what it says to do about
# it, and that doing so helps.
# shellcheck disable=SC2317  # tests are called by their names
set -u
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d)
trap 'chmod -R u+rwX "$place"; rm -rf "$place"' EXIT
unset GANDER_DIR GANDER_SLOTS
export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null
mkdir "$place/project" "$place/root"
export GANDER_ROOT=$place/root
cd "$place/project" || exit 1
store=$place/project/.gander
gander() { "$program" "$@"; }

number=0
check() { # NAME COMMAND...
    local name=$1
    shift
    number=$((number + 1))
    if "$@"; then
        echo "ok $number - $name"
    else
        echo "not ok $number - $name"
        grep -v '^ok ' "$place/said" | sed 's/^/# /'
    fi
}
skip() { # NAME WHY
    number=$((number + 1))
    echo "ok $number - $1 # SKIP $2"
}
ends() { # STATUS [OPTION...]: doctor does
    local wanted=$1
    shift
    gander doctor "$@" >"$place/said" 2>&1
    [ $? = "$wanted" ]
}
finds() { grep -q -- "^$1  *$2  *.*$3" "$place/said"; } # SIGN TOPIC TEXT
todo_of() { # SIGN TOPIC TEXT: the line below it
    grep -A 1 -- "^$1  *$2  *.*$3" "$place/said" | sed -n '2s/^ *-> //p'
}
wait_until() { # COMMAND...
    local i
    for ((i = 0; i < 600; i++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
make_run() { # NUMBER LAST-STATE...: ended runs, without a process
    local run=$store/runs/$1
    mkdir -p "$run/samples" "$run/checkpoints"
    touch "$run/lock" "$run/command.lock" "$run/events.jsonl"
    printf '{"number":%d,"experiment":"made","created":1763200000,"host":"%s"}\n' "$1" "$(uname -n)" >"$run/run.json"
    shift
    for state; do printf '{"t":1763200001,"state":"%s","from_step":0,"events":0,"pid":1,"worker":1,"host":"%s"}\n' "$state" "$(uname -n)"; done >"$run/worker.jsonl"
}
echo 1..28

without_a_store() {
    ends 0 && finds note store "there is none yet" && finds ok OpenBLAS kernel && finds ok libraries SQLite &&
        finds ok gander build && [ ! -e .gander ]
}
check without_a_store_it_looks_at_the_rest_and_makes_none without_a_store

git init -q . && git config user.name a && git config user.email a@b && echo one >code && git add code && git commit -qm one
gander run -f -- true >/dev/null 2>&1

sound() {
    ends 0 && finds ok store "$store" && finds ok privacy private && finds ok disk free && finds ok locks held &&
        finds ok catalogue '1 run' && finds ok slots '0 of' && finds ok runs none && finds ok journals sense &&
        finds ok code 'of 1 run is there' && finds ok settings '' && ends 0 --deep && ends 0 --quiet && [ ! -s "$place/said" ]
}
check a_sound_store_has_no_problem sound

facts_as_json() {
    ends 0 --json && grep -q '"sign": "ok"' "$place/said" && grep -q '"topic": "catalogue"' "$place/said" &&
        grep -q '"todo": null' "$place/said" && [ "$(head -c 1 "$place/said")" = '[' ]
}
check findings_are_printed_as_json facts_as_json

broken_store_file() {
    local id
    id=$(grep -o '[0-9a-f]\{32\}' "$store/store.json")
    printf '{"id":' >"$store/store.json"
    ends 1 && finds problem store "store.json'" && eval "$(todo_of problem store store.json)" &&
        grep -q "$id" "$store/store.json" && ends 0 && rm "$store/store.json" && ends 1 &&
        finds problem store 'no store.json' && eval "$(todo_of problem store 'no store.json')" && ends 0 &&
        gander run -f -- true >/dev/null 2>&1 && [ -d "$store/runs/2" ]
}
check a_broken_store_file_is_mended_as_it_says broken_store_file

broken_without_catalogue() {
    cp "$store/store.json" "$place/store.json"
    : >"$store/store.json"
    rm -f "$store"/catalogue.db*
    ends 1 && finds problem store "store.json'" && todo_of problem store store.json | grep -q '"highest":2}'
    local status=$?
    cp "$place/store.json" "$store/store.json"
    return $status
}
check a_broken_store_file_without_a_catalogue_is_no_end broken_without_catalogue

open_to_all() {
    chmod 777 "$store" && ends 1 && finds problem privacy everybody && eval "$(todo_of problem privacy everybody)" &&
        ends 0 && finds ok privacy 'mode 755' && chmod 770 "$store" && ends 0 && finds note privacy group && chmod 700 "$store"
}
check a_store_that_others_can_write_is_a_problem open_to_all

damaged_catalogue() {
    gander ls >/dev/null 2>&1
    rm -f "$store"/catalogue.db-*
    head -c 5000 /dev/zero >"$store/catalogue.db"
    ends 0 && finds note catalogue 'set aside' && finds ok catalogue '2 runs' && finds note catalogue 'damaged catalogues lie' &&
        eval "$(todo_of note catalogue 'catalogues lie')" && ends 0 && finds ok catalogue '2 runs' && ! finds note catalogue .
}
check a_damaged_catalogue_is_made_again_and_its_remains_named damaged_catalogue

deep_catalogue() {
    gander ls >/dev/null 2>&1
    sqlite3 "$store/catalogue.db" "PRAGMA foreign_keys = OFF; INSERT INTO tag VALUES(99, 'x');" &&
        ends 0 && ends 1 --deep && finds problem catalogue damaged && eval "$(todo_of problem catalogue damaged | sed "s|^gander|'$program'|")" >/dev/null &&
        ends 0 --deep
}
if command -v sqlite3 >/dev/null; then
    check a_deep_look_checks_all_of_the_catalogue deep_catalogue
else
    skip a_deep_look_checks_all_of_the_catalogue 'no sqlite3'
fi

broken_run() {
    make_run 5 finished && echo '{"number":' >"$store/runs/5/run.json"
    ends 1 && finds problem runs 'run 5 is broken' && gander rm 5 >/dev/null && ends 0
}
check a_broken_run_is_a_problem broken_run

bad_lines() {
    make_run 6 finished && printf 'what\n{"step":1,"metrics":{"a":1}}\n[]\n{"x\n' >"$store/runs/6/events.jsonl"
    ends 0 && finds note journals 'run 6: 3 lines' && rm -r "$store/runs/6"
}
check bad_journal_lines_are_counted bad_lines

lost_runs() {
    make_run 7 queued && make_run 8 running && ends 0 && finds note runs 'run 7 waited for a slot' &&
        [ "$(todo_of note runs 'run 7 ')" = 'gander resume --queued' ] && finds note runs 'run 8 ended without a word' &&
        [ "$(todo_of note runs 'run 8 ')" = 'gander resume 8' ] && rm -r "$store/runs/7"
}
check lost_runs_and_a_lost_queue_are_told_apart lost_runs

leftovers() {
    echo half >"$store/runs/8/checkpoints/1.safetensors.tmp-abcdef" && echo room >"$store/runs/8/reserve" &&
        mkdir "$store/runs/.new-9" && touch -d '1 hour ago' "$store/runs/.new-9" && : >"$store/git.index-abc.lock" &&
        : >"$store/store.json.tmp-abcdef" && ends 0 && finds note files '2 files (.* in run 8' &&
        finds note files "left '$store/runs/.new-9'" && finds note files git.index-abc.lock && finds note files '1 file in the store' &&
        eval "$(todo_of note files 'runs/.new-9')" && eval "$(todo_of note files git.index-abc)" &&
        rm "$store"/*.tmp-* "$store/runs/8/reserve" "$store"/runs/8/checkpoints/* && ends 0 && finds ok files ''
}
check leftovers_of_killed_writers_are_named leftovers

broken_checkpoint() {
    local file=$store/runs/8/checkpoints/00000010.safetensors
    printf '\002\000\000\000\000\000\000\000{}' >"$store/runs/8/checkpoints/00000005.safetensors"
    head -c 100 /dev/zero >"$file"
    ends 1 && finds problem checkpoints 'run 8: ' && [ "$(todo_of problem checkpoints 'run 8')" = "rm $file; resume takes one that is whole" ] &&
        rm "$file" && ends 0 && finds ok checkpoints '1 were looked at' && rm -r "$store/runs/8"
}
check a_broken_newest_checkpoint_is_a_problem broken_checkpoint

old_checkpoint() {
    make_run 10 finished && printf x >"$store/runs/10/checkpoints/00000010.safetensors"
    ends 0 && ends 1 --deep && finds problem checkpoints 'run 10: ' && rm -r "$store/runs/10"
}
check a_deep_look_reads_every_checkpoint old_checkpoint

lost_pin() {
    local id ref commit
    id=$(grep -o '[0-9a-f]\{32\}' "$store/store.json")
    ref=refs/gander/$id/1
    commit=$(git rev-parse "$ref") && git update-ref -d "$ref" && ends 1 && finds problem code 'code of run 1: a pin is gone' &&
        todo_of problem code 'run 1' | grep -q "git update-ref $ref" && git update-ref "$ref" "$commit" && ends 0
}
check a_pin_that_is_gone_is_a_problem lost_pin

lost_commit() {
    local id
    id=$(grep -o '[0-9a-f]\{32\}' "$store/store.json")
    echo two >code && gander run -f -- true >/dev/null 2>&1 && ends 0 && git update-ref -d "refs/gander/$id/6" &&
        git update-ref -d "refs/gander/$id/3"
    git for-each-ref refs/gander >"$place/refs"
    git reflog expire --expire=now --all && git gc -q --prune=now 2>/dev/null
    ends 1 && finds problem code 'is gone'
    local status=$?
    gander rm "$(gander ls --json -n 1 | sed -n 's/.*"number": \([0-9]*\),*/\1/p' | head -n 1)" >/dev/null
    return $status
}
check a_commit_that_is_gone_is_a_problem lost_commit

ownerless_pin() {
    local id
    id=$(grep -o '[0-9a-f]\{32\}' "$store/store.json")
    git update-ref "refs/gander/$id/77" HEAD && ends 0 && ! finds note code . &&
        touch -d '2 hours ago' ".git/refs/gander/$id/77" && ends 0 && finds note code 'for run 77, which is not there' &&
        git update-ref -d "refs/gander/$id/77" && ends 0 && ! finds note code .
}
check a_pin_without_a_run_is_named ownerless_pin

shown_by_git() {
    rm "$store/.gitignore" && ends 0 && finds note code 'git status shows' && eval "$(todo_of note code 'git status')" && ends 0 &&
        ! finds note code . && git add -f .gander/store.json && ends 1 && finds problem code 'files of the store' &&
        eval "$(todo_of problem code 'files of the store')" >/dev/null && ends 0
}
check a_store_that_git_sees_is_named shown_by_git

logging_out() {
    mkdir -p "$place/root/proc/self" "$place/root/etc/systemd/logind.conf.d"
    echo 0::/user.slice/user-1.slice/session-1.scope >"$place/root/proc/self/cgroup"
    ends 0 && finds ok logout outlast && printf '[Login]\nKillUserProcesses=yes\nKillExcludeUsers=\n' >"$place/root/etc/systemd/logind.conf.d/kill.conf" &&
        ends 1 && finds problem logout "kill.conf' says" && todo_of problem logout kill.conf | grep -q 'loginctl enable-linger.*systemd-run'
    local status=$?
    rm -r "$place/root/etc" "$place/root/proc"
    return $status
}
check logging_out_that_kills_is_a_problem logging_out

bad_settings() {
    printf 'slots = 2\nslotz = 3\n' >"$store/config.ini"
    ends 1 && finds problem settings "config.ini' line 2" && printf 'on_end = no-such-program-here --x\n' >"$store/config.ini" &&
        ends 1 && finds problem settings "no-such-program-here' of on_end" && echo '#!/bin/sh' >"$place/hook" &&
        printf 'on_health = %s now\n' "$place/hook" >"$store/config.ini" && ends 1 && finds problem settings "line 1: '$place/hook'" &&
        eval "$(todo_of problem settings on_health)" && ends 0 && finds ok settings on_health &&
        printf 'on_end = if true; then echo; fi\n' >"$store/config.ini" && ends 0 && rm "$store/config.ini"
}
check settings_and_what_they_start_are_checked bad_settings

at_work() {
    local run
    run=$(gander run -- sleep 600 2>/dev/null) || return 1
    # shellcheck disable=SC2016
    wait_until grep -q '"running"' "$store/runs/$run/worker.jsonl" && ends 0 && finds ok slots "1 of .* by run $run"
    local status=$?
    kill -9 "$(sed -n 's/.*"worker": *\([0-9]*\).*/\1/p' "$store/runs/$run/worker.jsonl" | tail -n 1)"
    is_orphan() { ends 1 && finds problem runs "run $run lost their workers"; }
    wait_until is_orphan && [ "$(todo_of problem runs "run $run")" = "gander stop --now $run" ] || status=1
    gander stop --now "$run" >/dev/null 2>&1
    gander wait "$run" >/dev/null 2>&1
    is_over() { ends 0; }
    wait_until is_over || status=1
    return $status
}
check slots_that_are_taken_and_orphans_are_named at_work

from_the_future() {
    make_run 60 finished && sed -i 's/1763200000/4000000000/' "$store/runs/60/run.json" && ends 0 &&
        finds note runs 'run 60 .* future' && rm -r "$store/runs/60"
}
check a_run_from_the_future_is_named from_the_future

without_openblas() {
    mkdir "$place/libraries" && touch "$place"/libraries/{libopenblas.so.0,libopenblasp.so.0,libopenblas.so} || return 1
    LD_LIBRARY_PATH=$place/libraries ends 1 && finds problem OpenBLAS "missing: .*libopenblas.so.0: file too short" && finds ok catalogue .
}
check openblas_that_cannot_be_loaded_is_a_problem without_openblas

without_git() {
    mkdir "$place/none" && PATH=$place/none "$program" doctor >"$place/said" 2>&1 && finds note git 'cannot be started'
}
check without_the_git_program_it_says_so without_git

plain_locale() { LC_ALL=C ends 0 && finds note locale ASCII; }
check a_locale_without_utf8_is_named plain_locale

hostile_words() {
    make_run 61 finished && printf '{"number":61,"x\033[2J' >"$store/runs/61/run.json"
    ends 1 && ! grep -q "$(printf '\033')" "$place/said" && rm -r "$store/runs/61"
}
check what_runs_hold_cannot_move_the_cursor hostile_words

somebody_elses() {
    cp -r "$store" "$place/others" && chown -R 65534 "$place/others" && ends 0 --store "$place/others" && finds note owner "nobody\|65534" &&
        finds ok locks 'not tried' && ! compgen -G "$place/others/.doctor*" >/dev/null
}
if [ "$(id -u)" = 0 ]; then
    check a_store_of_somebody_else_is_looked_at somebody_elses
else
    skip a_store_of_somebody_else_is_looked_at 'only root can give files away'
fi

read_only() {
    chmod -R a-w "$store" && ends 0 && finds note owner 'cannot be written' && finds ok locks 'not tried' && finds ok catalogue .
    local status=$?
    chmod -R u+w "$store"
    return $status
}
if [ "$(id -u)" = 0 ]; then
    skip a_read_only_store_is_looked_at 'root may write anywhere'
else
    check a_read_only_store_is_looked_at read_only
fi
