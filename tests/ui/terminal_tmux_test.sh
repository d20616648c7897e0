#!/bin/bash
# The dashboard in a real terminal, which tmux is: what a person sees there, and what is left behind
# when it ends, well or not.
program=${GANDER_TEST_PROGRAM:?}
names=(the_table_of_runs_is_shown help_and_back q_leaves_the_shell_as_it_was
    a_storm_of_resizes_keeps_the_cursor_on_its_run pasted_garbage_is_no_key stopped_and_continued
    killed_it_leaves_a_sane_terminal ended_by_SIGTERM_it_leaves_a_sane_terminal
    ended_by_SIGHUP_it_leaves_a_sane_terminal a_training_goes_on_when_it_ends)
echo "1..${#names[@]}"
if ! command -v tmux >/dev/null; then
    for i in "${!names[@]}"; do echo "ok $((i + 1)) - ${names[i]} # SKIP there is no tmux"; done
    exit 0
fi
place=$(mktemp -d "${TMPDIR:-/tmp}/gander-tmux.XXXXXX") || exit 1
cd "$place" || exit 1
session=0
in_tmux() { TMUX='' TMUX_TMPDIR=$place tmux -L "here$session" -f /dev/null "$@"; }
leave() {
    in_tmux kill-server 2>/dev/null
    "$program" stop --now --store "$place/.gander" @ >/dev/null 2>&1
    cd / && rm -rf "$place"
}
trap leave EXIT
unset GANDER_DIR TMUX

cat >tiny.ini <<'INI'
[experiment]
name = tiny
[data]
source = digits
count = 200
[generator]
latent = 4
layers = dense 784 | tanh | reshape 1x28x28
[discriminator]
layers = flatten | dense 1
[training]
batch = 8
steps = 20
threads = 1
report_every = 5
[samples]
every = 10
count = 4
INI
for seed in 1 2 3 4 5; do
    "$program" run -f --store .gander -s training.seed=$seed tiny.ini >output 2>&1 || cat output
done

number=0
screen() { in_tmux capture-pane -p -t pane; }
# Waits until it is so, half a minute at most.
until_so() {
    for ((i = 0; i < 600; i++)); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
shows() { screen | grep -qF -- "$1"; }
shows_not() { ! shows "$1"; }
report() { # STATUS
    if [ "$1" = 0 ]; then echo "ok $((number + 1)) - ${names[number]}"; else
        echo "not ok $((number + 1)) - ${names[number]}"
        { in_tmux display -p -t pane 'alternate #{alternate_on} cursor #{cursor_flag} mouse #{mouse_any_flag}'
          screen; } 2>&1 | sed 's/^/# /'
    fi
    number=$((number + 1))
}
keys() { in_tmux send-keys -t pane "$@"; }
# A shell with a prompt of its own; `gander` runs in it and its pid is the shell's child.
open_shell() {
    in_tmux kill-server 2>/dev/null
    session=$((session + 1)) # a server that ends would still be found
    in_tmux new-session -d -s pane -x 80 -y 24 "env PS1='ready> ' ENV= HOME=$place sh -i" || return 1
    until_so shows 'ready>' && keys 'stty -a >before; echo stood-before' Enter &&
        until_so shows 'ready> ' && until_so test -s before
}
open_dashboard() {
    rm -f ended
    open_shell && keys "$program --store .gander; echo \$? >ended" Enter && until_so shows help &&
        until_so shows tiny
}
dashboard() { pgrep -o -P "$(in_tmux display -p -t pane '#{pane_pid}')" -f 'gander --store'; }
is_sane() {
    [ "$(in_tmux display -p -t pane '#{alternate_on} #{cursor_flag} #{mouse_any_flag}')" = '0 1 0' ]
}
# The shell is back, told that status, with its screen and the terminal's settings as they were.
is_as_before() { # STATUS
    until_so test -s ended && until_so is_sane && until_so shows stood-before || return 1
    [ "$(cat ended)" = "$1" ] || return 1
    rm -f after
    keys '' Enter 'stty -a >after' Enter
    until_so test -s after && cmp -s before after
}

open_dashboard
shows tiny && shows 'Runs'
report $?
keys '?' && until_so shows 'Help' && keys q && until_so shows_not 'Help' && shows tiny
report $?
keys q && is_as_before 0
report $?

# Enter opens the run that the cursor is on.
open_dashboard && keys j j
resize_storm() {
    local sizes=(80x24 60x15 250x70 40x10 61x16 160x50 100x15 70x60 59x15 80x25 120x24 30x5)
    for ((round = 0; round < 60; round++)); do
        size=${sizes[round % ${#sizes[@]}]}
        in_tmux resize-window -t pane -x "${size%x*}" -y "${size#*x}" || return 1
    done
    in_tmux resize-window -t pane -x 80 -y 24
    until_so shows 'help' && shows_not 'too small' && keys Enter && until_so shows ' 3 tiny'
}
resize_storm
report $?
keys q && until_so shows_not 'Overview'

garbage() {
    head -c 60000 /dev/urandom >garbage
    printf '\033[A\033]0;x\007\033[201qDyQ\003\032:rm 1\rD' >>garbage
    head -c 40000 /dev/urandom >>garbage
    in_tmux load-buffer garbage && in_tmux paste-buffer -p -t pane || return 1
    keys '?' && until_so shows 'Help' && keys q && until_so shows_not 'Help' || return 1
    [ -n "$(dashboard)" ] && [ "$("$program" ls --store .gander | grep -c tiny)" = 5 ]
}
garbage
report $?

stop_and_go() {
    keys C-z && until_so is_sane && keys '' Enter 'echo in-between' Enter &&
        until_so shows 'in-between' && keys fg Enter && until_so shows 'help' &&
        shows_not 'in-between' && keys '?' && until_so shows 'Help' && keys q q && until_so is_sane
}
stop_and_go
report $?

for signal in KILL TERM HUP; do
    open_dashboard && kill -$signal "$(dashboard)" && is_as_before $((128 + $(kill -l $signal)))
    report $?
done

go_on() {
    "$program" run --store .gander -s training.steps=20000000 -s training.report_every=100 tiny.ini \
        >output 2>&1 || return 1
    open_dashboard && until_so shows ' left ' && kill -KILL "$(dashboard)" && is_as_before 137 || return 1
    before=$(stat -c %s .gander/runs/6/events.jsonl)
    grown() { [ "$(stat -c %s .gander/runs/6/events.jsonl)" -gt "$before" ]; }
    until_so grown && "$program" show --store .gander 6 | grep -q running || return 1
    open_dashboard && keys Q && is_as_before 0 || return 1
    before=$(stat -c %s .gander/runs/6/events.jsonl)
    until_so grown && "$program" show --store .gander 6 | grep -q running
}
go_on
report $?
"$program" stop --now --store .gander 6 >/dev/null 2>&1
