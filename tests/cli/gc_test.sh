#!/usr/bin/env bash
# gander gc: what it shows, what it removes, and what it must never touch.
# shellcheck disable=SC2016  # the shells of the runs expand
set -u
program=${GANDER_TEST_PROGRAM:?}
tests=$PWD/tests
export GIT_CONFIG_GLOBAL=/dev/null GIT_AUTHOR_NAME=A GIT_AUTHOR_EMAIL=a@example.org
export GIT_COMMITTER_NAME=A GIT_COMMITTER_EMAIL=a@example.org GANDER_SLOTS=2 LC_ALL=C
unset GANDER_DIR GANDER_NOW
place=$(mktemp -d) || exit 1
# shellcheck disable=SC2317  # called by the trap
clean() {
    [ ! -e "$place/project/.gander" ] || (cd "$place/project" && "$program" stop --now 1..99 >/dev/null 2>&1)
    rm -rf "$place"
}
trap clean EXIT

number=0
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" = 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        sed 's/^/# /' "$place/output"
    fi
}
gander() { "$program" "$@" >"$place/output" 2>&1; }
says() { grep -qF -- "$1" "$place/output"; }
pins() { git for-each-ref --format='%(refname)' refs/gander | sed 's,.*/,,' | sort -n | tr '\n' ' '; }

mkdir "$place/project" && cd "$place/project" || exit 1
git init -qb main . && echo first >code && printf 'out*\n*.ini\n' >.gitignore && git add -A &&
    git commit -qm first
cp "$tests/tiny.ini" .

# A long time from now: nothing is young any more.
later() { GANDER_NOW=9999999999 gander gc "$@"; }

bin_is_emptied() {
    gander run -f -- true && gander run -f -- true && gander rm 1 && [ "$(pins)" = '1 2 ' ] &&
        gander gc && says "this would free" && [ -d .gander/bin/1 ] &&
        gander gc -y && says 'removed runs' && [ ! -e .gander/bin/1 ] && [ -d .gander/runs/2 ] &&
        [ "$(pins)" = '2 ' ] && gander rm --undo 1
    [ $? = 3 ] || return 1
    gander ls --bin && says 'no runs' && gander run -f -- true && [ -d .gander/runs/3 ]
}

checkpoints() { find ".gander/runs/$1/checkpoints" -type f | sed 's,.*/,,' | sort | tr '\n' ' '; }

checkpoints_are_thinned() {
    gander run -f tiny.ini && gander run -f tiny.ini && gander tag 5 keep || return 1
    [ "$(checkpoints 4 | wc -w)" = 4 ] && printf 'torn' >.gander/runs/4/checkpoints/00000040.safetensors &&
        gander gc -y && says 'older checkpoints' &&
        [ "$(checkpoints 4)" = '00000030.safetensors 00000040.safetensors ' ] &&
        [ "$(checkpoints 5 | wc -w)" = 4 ] && gander generate 4 --count 1 --as ascii &&
        gander gc && says 'nothing to free'
}

all_steps() { find ".gander/runs/$1/samples" -name '*.png' | sed 's,.*/0*\([0-9]\),\1,; s,\..*,,' | sort -n | tr '\n' ' '; }

samples_are_thinned() {
    gander run -f tiny.ini && gander gc -y --samples 5 && [ "$(all_steps 6)" = '0 10 20 30 40 ' ] &&
        [ "$(all_steps 5 | wc -w)" -ge 40 ] && gander samples 6 --as ascii && gander compare 5 6 &&
        gander gc --samples 0
    [ $? = 2 ]
}

losses() {
    "$program" metrics "$1" | awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "d_loss") at = i }
        NR > 1 { print $1, $at }'
}

a_thinned_run_goes_on() {
    gander run -f tiny.ini && gander run -f -s training.steps=20 tiny.ini && gander gc -y --samples 2 &&
        gander resume 8 -s training.steps=40 && gander wait 8 || return 1
    losses 7 >"$place/a" && losses 8 >"$place/b" # which has its first end, too
    ! grep -vxFf "$place/b" "$place/a" >"$place/output" && [ "$(wc -l <"$place/a")" -ge 3 ]
}

runs_that_work_are_left_alone() {
    gander run -- sh -c 'for i in 1 2 3; do echo x >$GANDER_CHECKPOINTS/model-$i.pt; done; touch ready; exec sleep 60'
    for _ in $(seq 300); do [ ! -e ready ] || break; sleep 0.05; done
    [ "$(checkpoints 9 | wc -w)" = 3 ] && later -y && [ "$(checkpoints 9 | wc -w)" = 3 ] &&
        [ -e .gander/runs/9/reserve ] && gander stop --now 9 && gander wait 9
    rm -f ready
    later -y && [ "$(checkpoints 9)" = 'model-3.pt ' ]
}

files_of_a_step_go_together() {
    gander run -f -- sh -c 'for i in 1 2; do echo x >$GANDER_CHECKPOINTS/g-$i.pt; echo x >$GANDER_CHECKPOINTS/d-$i.pt; done; echo x >$GANDER_CHECKPOINTS/config.json'
    gander gc -y && [ "$(checkpoints 10)" = 'config.json d-2.pt g-2.pt ' ]
}

trees() { git worktree list | grep -c "/runs/"; }

checkouts_with_results_stay() {
    gander run -f -- sh -c 'echo result >out.txt' && rm -f out.txt && gander rerun -f --at 11 &&
        gander run -f -- true && gander rerun -f --at 13 || return 1
    [ -d .gander/runs/12/tree ] && [ -d .gander/runs/14/tree ] && [ "$(trees)" = 2 ] &&
        gander gc -y && says 'tree of run 12 stays' && says '1 file there is not of its code' &&
        [ -e .gander/runs/12/tree/out.txt ] && [ ! -e .gander/runs/14/tree ] && [ "$(trees)" = 1 ] &&
        gander gc -y --trees && [ ! -e .gander/runs/12/tree ] && [ "$(trees)" = 0 ] &&
        gander rerun -f --at 12 && [ -e .gander/runs/15/tree/out.txt ] && [ ! -e out.txt ]
}

leftovers_go_when_they_are_old() {
    local host
    host=$(basename .gander/slots/*)
    mkdir -p .gander/classifiers && echo x >.gander/classifiers/ab-1.safetensors &&
        echo x >.gander/classifiers/ab-1.safetensors.lock && echo x >.gander/classifiers/ab-1.safetensors.tmp-abcdef &&
        mkdir -p .gander/incoming/abcdef/1 .gander/runs/.new-77/samples .gander/bin/.gone-78 && echo x >.gander/catalogue.db.aside-1 &&
        echo x >".gander/slots/$host/queue/0000000001-77" && echo x >.gander/store.json.tmp-abcdef &&
        echo x >.gander/runs/2/run.json.tmp-abcdef && gander gc -y && [ -d .gander/runs/.new-77 ] &&
        [ -e .gander/catalogue.db.aside-1 ] && [ ! -e .gander/runs/2/run.json.tmp-abcdef ] &&
        [ -d .gander/incoming/abcdef ] && later -y && [ ! -e .gander/incoming/abcdef ] && [ ! -e .gander/runs/.new-77 ] && [ ! -e .gander/bin/.gone-78 ] &&
        [ ! -e .gander/catalogue.db.aside-1 ] && [ ! -e .gander/store.json.tmp-abcdef ] &&
        [ "$(ls .gander/classifiers)" = ab-1.safetensors ] &&
        [ ! -e ".gander/slots/$host/queue/0000000001-77" ] && [ -e .gander/store.json ]
}

pins_without_a_run_go() {
    local id
    id=$(git for-each-ref --format='%(refname)' refs/gander | head -1 | cut -d/ -f3)
    git update-ref "refs/gander/$id/999" HEAD && git update-ref refs/gander/0123/5 HEAD &&
        gander gc -y && [ -n "$(git for-each-ref "refs/gander/$id/999")" ] && later --json &&
        says '"kind": "pin"' && later -y && says 'pins of code' &&
        [ -z "$(git for-each-ref "refs/gander/$id/999")" ] &&
        [ -n "$(git for-each-ref refs/gander/0123/5)" ] && gander checkout 2 "$place/two" &&
        [ -e "$place/two/code" ]
}

code_of_imports_goes_with_the_last_of_them() {
    gander export 2 3 -o "$place/two.tar.gz" || return 1
    mkdir "$place/there" && cd "$place/there" || return 1
    gander import "$place/two.tar.gz" && [ -d .gander/code.git ] && gander rm 1 && gander gc -y &&
        [ -d .gander/code.git ] && gander checkout 2 "$place/imported" && [ -e "$place/imported/code" ] &&
        gander rm 2 && gander gc -y && [ ! -e .gander/code.git ] &&
        gander import "$place/two.tar.gz" && gander checkout 3 "$place/again" && [ -e "$place/again/code" ]
    local status=$?
    cd "$place/project" || return 1
    return $status
}

echo 1..10
for name in bin_is_emptied checkpoints_are_thinned samples_are_thinned a_thinned_run_goes_on \
    runs_that_work_are_left_alone files_of_a_step_go_together checkouts_with_results_stay \
    leftovers_go_when_they_are_old pins_without_a_run_go \
    code_of_imports_goes_with_the_last_of_them; do
    $name
    result $? "$name"
done
