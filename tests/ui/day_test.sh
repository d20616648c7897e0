#!/bin/sh
# A day's work in the dashboard, in a real terminal (tmux is its emulator), without the command line:
# three recipes are launched, one is stopped and goes on, and all is looked at, kept and thrown away.
program=${GANDER_TEST_PROGRAM:?}
top=$PWD
number=0
echo 1..18
if ! command -v tmux >/dev/null || ! command -v git >/dev/null; then
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do
        echo "ok $i - a day in the dashboard # SKIP tmux or git is not installed"
    done
    exit 0
fi
scratch=$(mktemp -d) || exit 1
unset GANDER_DIR GANDER_NOW TMUX COLORTERM NO_COLOR
export XDG_STATE_HOME="$scratch/state" XDG_CONFIG_HOME="$scratch/config" LC_ALL=C.UTF-8
export GIT_CONFIG_GLOBAL="$scratch/gitconfig" GIT_CONFIG_NOSYSTEM=1 SHELL=/bin/sh
mux() {
    tmux -S "$scratch/tmux" -f /dev/null "$@"
}
finish() {
    mux kill-server 2>/dev/null
    "$program" stop --now --store "$scratch/place/.gander" 3 >/dev/null 2>&1
    "$program" wait --store "$scratch/place/.gander" 3 >/dev/null 2>&1
    cd /
    rm -rf "$scratch"
}
trap finish EXIT
cat >"$scratch/gitconfig" <<'END'
[user]
name = Ada
email = ada@example.org
END

screen() {
    mux capture-pane -p
}

# Presses keys (tmux's names) and waits until the screen shows a pattern; what is there is told
# otherwise.
press() { # NAME PATTERN KEYS...
    name=$1 pattern=$2
    shift 2
    number=$((number + 1))
    for key; do mux send-keys "$key"; done
    tries=0
    while [ $tries -lt 400 ]; do
        if screen | grep -qE -- "$pattern"; then
            echo "ok $number - $name"
            return 0
        fi
        tries=$((tries + 1))
        sleep 0.05
    done
    echo "not ok $number - $name"
    screen | sed 's/^/# /'
    return 1
}

# The same without a test of its own.
go_to() { # PATTERN KEYS...
    pattern=$1
    shift
    number=$((number - 1))
    press "(on the way)" "$pattern" "$@" >"$scratch/way" || sed 's/^not ok.*/# not there/' "$scratch/way"
}

mkdir "$scratch/place" && cd "$scratch/place" || exit 1
for name in alpha beta gamma; do
    sed "s/name = tiny/name = $name/" "$top/tests/tiny.ini" >$name.ini
done
sed -i 's/^steps = .*/steps = 4000000/; s/^every = .*/every = 2000/; s/^report_every.*/report_every = 500/
    s/^checkpoint_every.*/checkpoint_every = 2000/' gamma.ini
git init -q . && git add . && git commit -qm 'Three recipes'
mux new-session -d -x 80 -y 24 "exec '$program'" || exit 1

go_to 'no runs yet'
launch() { # NAME SENTENCE RECIPE
    go_to 'Launch' i
    if ! screen | grep -q 'what to launch'; then go_to 'what to launch' C-r; fi
    go_to "what to launch: $3" "$3"
    go_to 'Enter edits' Enter
    go_to 'y/n' F5
    press "$1" "$2" y
}
launch 'a recipe is launched from the form' 'run 1 started: alpha' alpha
launch 'a second one' 'run 2 started: beta' beta
launch 'and a third' 'run 3 started: gamma' gamma
press 'two of them end while one looks on' '2 ✓' g
go_to '► .*gamma' g
press 'one is watched' '1 Overview.*' Enter
go_to 'Runs *3 of 3|Runs +1 of 3' q
go_to '3 ►' g
press 'it is stopped' '3 ■' s
press 'and goes on' '3 ►' r
go_to 'tag' t
press 'a run gets a tag' 'good' good Enter
go_to 'Runs' Down Space Down Space
press 'two runs are compared' 'Compare' =
go_to 'Runs +[0-9]' q
go_to 'Runs +[0-9]' U
press 'the code of one is read' 'Diff' d
go_to 'Runs +[0-9]' q
go_to 'check' X
press 'its code is checked out' 'run 1|code' Enter
press 'its samples are looked at' 'Samples' S
go_to 'Runs +[0-9]' q
press 'its generator draws' 'seed' w
go_to 'Runs +[0-9]' q
go_to 'y/n' D
press 'it is thrown away' 'of 2' y
press 'and comes back' 'of 3' u
go_to '3 ►' g
press 'the last one is stopped' '3 ■' s
number=$((number + 1))
mux send-keys Q
tries=0
while mux has-session 2>/dev/null && [ $tries -lt 200 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
if mux has-session 2>/dev/null; then echo "not ok $number - it is left"; else
    echo "ok $number - it is left"
fi
number=$((number + 1))
"$program" ls --json >"$scratch/list"
if grep -q '"good"' "$scratch/list" && [ "$("$program" ls | wc -l)" = 4 ]; then
    echo "ok $number - and the runs are as they were left"
else
    echo "not ok $number - and the runs are as they were left"
    sed 's/^/# /' "$scratch/list"
fi
