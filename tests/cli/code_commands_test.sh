#!/bin/sh
# Code of runs outlives what is done to the history of a repository, with the git of the system.
program=${GANDER_TEST_PROGRAM:?}
number=0
echo 1..13
if ! command -v git >/dev/null; then
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do echo "ok $i - code # SKIP git is not installed"; done
    exit 0
fi
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT
unset GANDER_DIR GANDER_NOW
export GIT_CONFIG_GLOBAL="$scratch/gitconfig" GIT_CONFIG_NOSYSTEM=1
cat >"$scratch/gitconfig" <<'END'
[user]
name = Ada
email = ada@example.org
[init]
defaultBranch = main
[advice]
detachedHead = false
END

result() { # STATUS NAME
    number=$((number + 1))
    if [ "$1" -eq 0 ]; then echo "ok $number - $2"; else
        echo "not ok $number - $2"
        sed 's/^/# /' "$scratch/out" "$scratch/error" 2>/dev/null
    fi
}

gander() {
    "$program" "$@" >"$scratch/out" 2>"$scratch/error"
}

# What the training of a run journalled, without times and rates.
numbers() { # RUN
    "$program" metrics "$1" -m d_loss -m g_loss | cut -d , -f 1,3-
}

mkdir "$scratch/gan" && cd "$scratch/gan" || exit 1
git init -q
write_recipe() { # RATE
    cat >recipe.ini <<END
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
steps = 40
rate = $1
threads = 1
report_every = 10
checkpoint_every = 40
[samples]
every = 40
count = 4
END
}
status=0
for rate in 0.001 0.002 0.003; do
    write_recipe $rate
    echo "echo the code of $rate" >train.sh
    git add -A && git commit -qm "Train at $rate" || status=1
    [ $rate != 0.003 ] || echo "echo not committed" >>train.sh
    gander run -f recipe.ini || status=1
done
git checkout -q train.sh
git rev-parse HEAD~2 >"$scratch/first"
git rev-parse HEAD >"$scratch/third"
for run in 1 2 3; do numbers $run >"$scratch/numbers-$run"; done
[ "$(wc -l <"$scratch/numbers-1")" -eq 5 ] && ! cmp -s "$scratch/numbers-1" "$scratch/numbers-2" ||
    status=1
result $status three_commits_have_three_runs

# --- history is rewritten ---

status=0
git checkout -q -b side HEAD~1 && echo side >side && git add side && git commit -qm Side &&
    git checkout -q main || status=1
git rebase -q side >"$scratch/out" 2>&1 || status=1
git commit -q --amend -m "Amended" || status=1
git checkout -q --orphan fresh && git commit -qm "All anew" &&
    git branch -q -D main side || status=1
git reflog expire --expire=now --expire-unreachable=now --all && git gc -q --prune=now || status=1
[ "$(git branch --format '%(refname:short)')" = fresh ] || status=1
result $status history_is_rewritten_and_collected

gander diff 1 2 --code && grep -q '^-echo the code of 0.001$' "$scratch/out" &&
    grep -q '^+echo the code of 0.002$' "$scratch/out" && grep -q '^-rate = 0.001$' "$scratch/out"
result $? diff_shows_code_that_no_branch_holds

# The diff of a program that git knows: what it says, git applies.
"$program" diff 1 3 --code >"$scratch/patch" 2>"$scratch/error"
gander checkout 1 "$scratch/one" &&
    git -C "$scratch/one" apply "$scratch/patch" &&
    grep -q '^echo the code of 0.003$' "$scratch/one/train.sh" &&
    grep -q '^echo not committed$' "$scratch/one/train.sh"
result $? diff_is_a_patch_that_git_applies

gander diff 1 2 && grep -q '^training.rate *0.001 *0.002$' "$scratch/out" &&
    grep -q '^d_loss ' "$scratch/out"
result $? diff_of_two_runs_has_recipe_code_and_metrics

gander diff 1 2 --json && grep -q '"training.rate": \[' "$scratch/out" &&
    grep -q '"diff": ".*-echo the code of 0.001.n+echo the code of 0.002' "$scratch/out" &&
    grep -q '"d_loss": {' "$scratch/out" && gander diff 3 --json &&
    grep -q '"diff": ".*-echo not committed' "$scratch/out"
result $? diff_is_given_as_json

gander diff 3 && grep -q '^-echo not committed$' "$scratch/out" &&
    ! grep -q "$(printf '\033')" "$scratch/out"
result $? diff_of_one_run_is_against_the_work_tree

gander checkout 3 "$scratch/three" && [ "$(cat "$scratch/out")" = "$scratch/three" ] &&
    [ "$(cat "$scratch/three/train.sh")" = "$(printf 'echo the code of 0.003\necho not committed')" ] &&
    [ -z "$(git -C "$scratch/three" branch --show-current)" ] &&
    [ "$(git branch --format '%(refname:short)' | grep -cv '^(')" -eq 1 ]
result $? checkout_has_exactly_the_code_and_no_branch

gander checkout 2 "$scratch/three"
[ $? -eq 1 ] && [ "$(sed -n 1p "$scratch/three/train.sh")" = "echo the code of 0.003" ]
result $? checkout_leaves_what_is_there

status=0
for run in 1 2 3; do
    gander rerun --at $run -f || status=1
    numbers $((run + 3)) >"$scratch/again"
    cmp -s "$scratch/numbers-$run" "$scratch/again" || status=1
done
gander show 4 && grep -q '^repeats  *run 1$' "$scratch/out" || status=1
result $status old_code_gives_the_same_numbers

[ -z "$(git status --porcelain)" ] && [ "$(git stash list | wc -l)" -eq 0 ] &&
    git fsck --strict >"$scratch/out" 2>&1
result $? repository_is_as_it_was

# --- several stores, one repository ---

pins() { # DIRECTORY
    git -C "$1" for-each-ref --format '%(refname) %(objectname)' refs/gander
}

status=0
pins . >"$scratch/before"
git worktree add -q "$scratch/linked" fresh~0 --detach || status=1
(cd "$scratch/linked" && echo linked >>train.sh && "$program" run -f recipe.ini) \
    >"$scratch/out" 2>"$scratch/error" || status=1
[ -d "$scratch/linked/.gander/runs/1" ] || status=1
pins . >"$scratch/after"
[ "$(wc -l <"$scratch/after")" -eq "$(($(wc -l <"$scratch/before") + 1))" ] || status=1
[ -z "$(comm -23 "$scratch/before" "$scratch/after")" ] || status=1
(cd "$scratch/linked" && "$program" rm 1) >"$scratch/out" 2>"$scratch/error" || status=1
[ -z "$(pins . | comm -23 "$scratch/before" -)" ] || status=1
result $status linked_work_trees_keep_their_pins_apart

status=0
git clone -q . "$scratch/clone" || status=1
[ -z "$(pins "$scratch/clone")" ] || status=1
(cd "$scratch/clone" && "$program" run -f recipe.ini) >"$scratch/out" 2>"$scratch/error" || status=1
[ "$(pins "$scratch/clone" | wc -l)" -eq 1 ] || status=1
[ -z "$(pins . | comm -23 "$scratch/before" -)" ] || status=1
gander diff 1 2 --code && grep -q '^-echo the code of 0.001$' "$scratch/out" || status=1
result $status clones_keep_their_pins_apart
