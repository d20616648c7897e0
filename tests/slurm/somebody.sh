# What tests with a cluster begin with: sourced with $tests set. A cluster, and somebody with a work tree
# who is not Slurm's own user, where we are root.
#
# shellcheck shell=bash
# shellcheck disable=SC2034,SC2154  # used, and set, by who sources it
program=${GANDER_TEST_PROGRAM:?}
number=0
. tests/slurm/cluster.sh
echo "1..$tests"
missing=$(cluster_missing)
if [ -n "$missing" ]; then
    for i in $(seq "$tests"); do echo "ok $i - slurm # SKIP not installed:$missing"; done
    exit 0
fi
scratch=$(mktemp -d /tmp/gander-slurm.XXXXXX) || exit 1 # where somebody else may enter
chmod 755 "$scratch"
trap 'cluster_stop; rm -rf "$scratch"' EXIT
unset GANDER_DIR GANDER_NOW
result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        cat "$scratch/out" "$scratch/error" | sed 's/^/# /'
        tail -qn 4 "$work"/.gander/runs/*/worker.jsonl 2>/dev/null | tail -n 12 | sed 's/^/# /'
    fi
}
if ! cluster_start "$scratch/slurm"; then
    for i in $(seq "$tests"); do echo "not ok $i - the cluster does not start"; done
    tail -n 5 "$scratch"/slurm/log/* | sed 's/^/# /'
    exit 1
fi

# --- as somebody ---
work=$scratch/home/gan
mkdir -p "$work"
cp "$program" "$scratch/gander" # where another user may read it
as=()
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
    as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
    chown -R 65534:65534 "$scratch/home"
fi
export HOME=$scratch/home GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.org GIT_COMMITTER_NAME=Ada
export GIT_COMMITTER_EMAIL=ada@example.org
cd "$work" || exit 1
me() { "${as[@]}" "$@"; }
gander() { me "$scratch/gander" "$@" >"$scratch/out" 2>"$scratch/error"; }
state() { me "$scratch/gander" show --json "$1" | sed -n 's/^ *"state": *"\([a-z]*\)".*/\1/p' | head -n 1; }
is() { [ "$(state "$1")" = "$2" ]; }
soon() { until_true 40 is "$1" "$2"; } # RUN STATE
says() { me "$scratch/gander" show "$1" | grep -q "$2"; }
step() { me "$scratch/gander" show --json "$1" | sed -n 's/^ *"step": *\([0-9]*\).*/\1/p' | head -n 1; }
# The worker and its training.
kill_all() { # RUN
    sed -n 's/.*"state":"running","pid":\([0-9]*\).*"worker":\([0-9]*\).*/\2 \1/p' \
        ".gander/runs/$1/worker.jsonl" | tail -n 1 | xargs kill -9 2>/dev/null
    return 0
}
job() { sed -n 's/.*"slurm":"\([0-9_]*\)".*/\1/p' ".gander/runs/$1/worker.jsonl" | tail -n 1; }

me git init -q . && me tee -a .gitignore >/dev/null </dev/null
me tee small.ini >/dev/null <<'END'
[experiment]
name = small
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
steps = 100000000
threads = 1
report_every = 1000
checkpoint_every = 1000
evaluate_every = 0
[samples]
every = 1000000
count = 4
END
me tee where.sh >/dev/null <<'END'
pwd
echo code 1
sleep "$1"
END
me git add -A && me git commit -qm first
