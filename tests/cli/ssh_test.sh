#!/bin/bash
# Over a real ssh connection to an sshd of its own on loopback: start a run, lose the connection, come
# back, and watch it to its end.
program=${GANDER_TEST_PROGRAM:?}
export TERM=xterm-256color # of the person; that of whoever runs the tests may be dumb
place=$(mktemp -d)
sshd=$(PATH=$PATH:/usr/sbin:/sbin command -v sshd)
server=
leave() {
    [ -z "$server" ] || kill "$server" 2>/dev/null
    [ ! -d "$place/project/.gander" ] || (cd "$place/project" && "$program" stop --now 1 >/dev/null 2>&1)
    rm -rf "$place"
}
trap leave EXIT
names=(run_is_started_over_ssh run_survives_the_lost_connection run_is_watched_to_its_end_after_coming_back)
echo "1..${#names[@]}"
skip() { # WHY
    for i in "${!names[@]}"; do
        echo "ok $((i + 1)) - ${names[i]} # SKIP $1"
    done
    exit 0
}
if [ -z "$sshd" ] || ! command -v ssh >/dev/null || ! command -v ssh-keygen >/dev/null; then
    skip "no sshd and ssh"
fi

# --- a server of our own ---
user=$(id -un)
for name in host key; do
    ssh-keygen -q -t ed25519 -N '' -f "$place/$name" || skip "no keys can be made"
done
cp "$place/key.pub" "$place/authorized"
chmod 600 "$place/authorized"
[ "$(id -u)" != 0 ] || mkdir -p /run/sshd 2>/dev/null || skip "sshd wants /run/sshd"
mkdir "$place/project" && cd "$place/project" || exit 1

# As root it drops its rights to a user of its own, who is not on every machine: then it sees one in
# a name space of its own.
wrapper=()
if [ "$(id -u)" = 0 ] && ! getent passwd sshd >/dev/null; then
    { cat /etc/passwd && echo 'sshd:x:65532:65534::/run/sshd:/usr/sbin/nologin'; } >"$place/passwd"
    # shellcheck disable=SC2016
    wrapper=(unshare -m sh -c 'mount --bind "$0" /etc/passwd && exec "$@"' "$place/passwd")
fi

start_server() { # PORT
    cat >"$place/config" <<EOF
Port $1
ListenAddress 127.0.0.1
HostKey $place/host
AuthorizedKeysFile $place/authorized
PidFile none
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
EOF
    "${wrapper[@]}" "$sshd" -D -e -f "$place/config" 2>"$place/server" &
    server=$!
}
remote() { # COMMAND...
    ssh -F none -p "$port" -i "$place/key" -o BatchMode=yes -o StrictHostKeyChecking=no \
        -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR -o ConnectTimeout=5 "$user@127.0.0.1" "$@"
}
for _ in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 30000))
    start_server "$port"
    for _ in $(seq 50); do
        remote true 2>"$place/said" && break 2
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    kill "$server" 2>/dev/null
    wait "$server" 2>/dev/null
    server=
done
[ -n "$server" ] || skip "no connection to sshd: $(tail -n 1 "$place/said" "$place/server" | tr '\n' ' ')"

# --- the run ---
number=0
check() { # CONDITION
    if "$1"; then echo "ok $((number + 1)) - ${names[number]}"; else
        echo "not ok $((number + 1)) - ${names[number]}"
        sed 's/^/# /' "$place"/output* .gander/runs/1/log.txt
    fi
    number=$((number + 1))
}
cat >go <<'EOF'
step=0
until [ -e enough ]; do
    step=$((step + 1))
    echo "{\"step\":$step,\"metrics\":{\"loss\":$step}}" >>"$GANDER_JOURNAL"
    sleep 0.05
done
echo so it ends
EOF
quoted=$(printf '%q' "$program")
steps() { sed -n '$=' .gander/runs/1/events.jsonl 2>/dev/null || true; }
wait_for() { # CONDITION...
    for _ in $(seq 600); do
        "$@" && return 0
        sleep 0.05
    done
    return 1
}
has_steps() {
    local now
    now=$(steps)
    [ "${now:-0}" -gt "$1" ]
}

# In the foreground of a session with a terminal, as a person would have it.
is_started() {
    remote -tt "cd $(printf '%q' "$PWD") && echo \$\$ >shell && exec $quoted run -f -- sh go" \
        >"$place/output" 2>&1 </dev/null &
    client=$!
    wait_for has_steps 3
}
check is_started

# Both ends of the connection go at once: the client, and the server's side of the session.
survives() {
    local shell session
    shell=$(cat shell)
    session=$(awk '{ print $4 }' "/proc/$shell/stat")
    kill -9 "$client" "$session"
    wait "$client" 2>/dev/null
    wait_for eval "! kill -0 $shell 2>/dev/null" || return 1
    local before
    before=$(steps)
    wait_for has_steps $((before + 5)) && "$program" ls >"$place/output" && grep -q running "$place/output"
}
check survives

is_watched() {
    remote -tt "cd $(printf '%q' "$PWD") && exec $quoted watch 1" >"$place/output2" 2>&1 </dev/null &
    client=$!
    wait_for grep -q step "$place/output2" || return 1
    touch enough
    wait "$client" || return 1
    grep -q 'so it ends' "$place/output2" && grep -q 'run 1 finished' "$place/output2"
}
check is_watched
