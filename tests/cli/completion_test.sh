#!/usr/bin/env bash
# Completion: what `gander candidates` says, and what real shells make of it. Names in the store are
# hostile: they hold blanks, quotes, commands, newlines and escape sequences.
# shellcheck disable=SC2016  # other shells expand
set -u
program=${GANDER_TEST_PROGRAM:?}
place=$(mktemp -d)
shell_pid=
trap '[ -z "$shell_pid" ] || kill "$shell_pid" 2>/dev/null; rm -rf "$place"' EXIT
unset GANDER_DIR
export GANDER_NOW=1795000000 TERM=xterm
mkdir "$place/bin" "$place/project" "$place/empty"
ln -s "$program" "$place/bin/gander"
PATH=$place/bin:$PATH
cd "$place/project" || exit 1
echo 1..22

number=0
result() { # STATUS NAME
    number=$((number + 1))
    [ "$1" = 0 ] && echo "ok $number - $2" && return
    echo "not ok $number - $2"
    [ ! -e "$place/said" ] || sed 's/^/# /' "$place/said"
}
check() { # NAME COMMAND...
    local name=$1
    shift
    "$@"
    result $? "$name"
}

# --- a store ---

store=$place/project/.gander
evil='a b$(touch pwned)`touch pwned`;touch pwned'
make_run() { # NUMBER EXPERIMENT-AS-JSON NAME-AS-JSON
    local run=$store/runs/$1
    mkdir -p "$run/samples" "$run/checkpoints"
    touch "$run/lock" "$run/command.lock"
    printf '{"number":%d,"experiment":%s,"name":%s,"created":1794000000,"host":"h"}\n' \
        "$1" "$2" "$3" >"$run/run.json"
    printf '%s\n' '{"t":1794000000,"state":"running","pid":1,"worker":1,"host":"h","from_step":0,"events":0}' \
        '{"t":1794000060,"state":"finished","step":1,"exit":0}' >"$run/worker.jsonl"
    printf '%s\n' '{"t":1794000001,"step":1,"metrics":{"d_loss":1,"zq metric $(touch pwned)":2,"up\ndown":3,"es\u001b[2Jc":4}}' \
        >"$run/events.jsonl"
}
mkdir -p "$store"
printf '{"id":"0123456789abcdef0123456789abcdef","highest":42}\n' >"$store/store.json"
make_run 7 '"plain"' '"baseline"'
make_run 41 "\"$evil\"" null
make_run 42 '"line\nbreak"' null
printf '%s\n' '{"t":1,"by":"x","tag":"good"}' >"$store/runs/7/notes.jsonl"

# --- what the program says ---

candidates() { "$program" candidates -- gander "$@" >"$place/said" 2>"$place/errors"; }
offers() { cut -f 1 "$place/said" | grep -qxF -- "$1"; }
silent() { [ ! -s "$place/said" ] && [ ! -s "$place/errors" ]; }

commands_are_offered() {
    candidates "" && offers run && offers doctor && offers completion && ! offers worker &&
        ! offers candidates && candidates sh && offers show && ! offers run
}
check commands_are_offered_and_plumbing_is_not commands_are_offered

options_are_offered() {
    candidates ls --s && offers --sort && offers --store && ! offers --reverse
}
check options_of_the_command_are_offered options_are_offered

runs_are_offered() {
    candidates show "" && [ "$(head -n 1 "$place/said" | cut -f 1)" = 42 ] && offers 7 && offers @ &&
        offers baseline && offers exp:plain@ && candidates show 4 && offers 41 && ! offers 7 &&
        candidates diff 7 "" && offers 42 && candidates diff 7 42 "" && silent
}
check runs_are_offered_newest_first_and_only_as_many_as_it_takes runs_are_offered

metrics_are_offered() {
    candidates plot 7 --metric d && offers d_loss && candidates plot 7 -m d && offers d_loss &&
        candidates ls -rsd_l && offers -rsd_loss && candidates ls -rs d_l && offers d_loss &&
        candidates ls --sort=d_l && offers --sort=d_loss
}
check metrics_are_offered_however_the_option_is_written metrics_are_offered

columns_are_offered() {
    candidates ls -c run,st && offers run,state && candidates ls --group data. && offers data.source
}
check columns_are_offered_in_lists columns_are_offered

settings_are_offered() {
    candidates run --on s && offers slurm && candidates sweep --on "" && offers local &&
    candidates run -s training.ra && offers training.rate= &&
        candidates sweep sho && offers show && candidates sweep a.ini training.ra &&
        offers training.rate= &&
        candidates run --set training.objective= && offers training.objective=hinge &&
        candidates run -s data.source= && offers data.source=digits && grep -q '^	directories$' "$place/said"
}
check recipe_keys_and_their_values_are_offered settings_are_offered

filters_are_offered() {
    candidates ls st && offers state: && candidates ls state:lo && offers state:lost &&
        candidates ls state:failed,lo && offers state:failed,lost && candidates ls tag: && offers tag:good &&
        candidates ls "(state:lost OR exp:pl" && offers "(state:lost OR exp:plain" &&
        candidates ls -- -tag: && offers -tag:good && candidates ls since: && offers since:today
}
check filters_are_offered_word_by_word filters_are_offered

files_are_left_to_the_shell() {
    candidates recipe "" && [ "$(cat "$place/said")" = '	files' ] &&
        candidates show --store "" && [ "$(cat "$place/said")" = '	directories' ] &&
        candidates run -f -- python "" && [ "$(cat "$place/said")" = '	command 4' ]
}
check files_and_commands_are_left_to_the_shell files_are_left_to_the_shell

store_of_the_line() {
    cd "$place/empty" && candidates show --store "'$store'" "" && offers 42 &&
        candidates show "--store=$store" "" && offers 42
    local status=$?
    cd "$place/project" || return 1
    return $status
}
check the_store_that_is_named_is_looked_into store_of_the_line

hostile_names_are_one_line() {
    candidates show exp: && ! grep -q 'line' "$place/said" &&
        candidates plot 7 -m "" && ! grep -q 'down' "$place/said" && ! grep -q "$(printf '\033')" "$place/said" &&
        offers 'zq metric $(touch pwned)' && candidates ls exp:\" && offers "exp:\"$evil\""
}
check names_with_control_characters_are_no_candidates hostile_names_are_one_line

no_store_no_word() {
    cd "$place/empty" && candidates show "" && silent && [ -z "$(ls -A)" ] &&
        candidates ls --sort fre && silent && candidates tag 1 "" && silent && candidates nonsense "" && silent &&
        candidates && silent && "$program" candidates && [ -z "$(ls -A)" ]
    local status=$?
    cd "$place/project" || return 1
    return $status
}
check without_a_store_it_is_silent_and_makes_none no_store_no_word

broken_store_no_word() {
    mkdir -p "$place/broken/runs/1" && printf '{' >"$place/broken/store.json" &&
        candidates show --store "$place/broken" "" && silent
}
check a_broken_store_gives_no_errors broken_store_no_word

refuses_a_shell() {
    ! "$program" completion tcsh >"$place/said" 2>&1 && grep -q "bash, zsh and fish" "$place/said"
}
check a_shell_that_is_not_known_is_refused refuses_a_shell

# --- real shells ---
# A shell on a terminal of its own (script), typed to through a pipe. ^G, bound below, prints the line
# as it is then.

wait_for() { # TEXT: until the terminal has shown it
    local i
    for ((i = 0; i < 600; i++)); do
        grep -qaF -- "$1" "$place/screen" && return 0
        sleep 0.05
    done
    cp "$place/screen" "$place/said"
    return 1
}
open_shell() { # COMMAND
    rm -f "$place/keys" "$place/screen"
    mkfifo "$place/keys"
    : >"$place/screen"
    script -qfec "$1" "$place/screen" <"$place/keys" >/dev/null 2>&1 &
    shell_pid=$!
    exec 3>"$place/keys"
    printf '%s\n' "$2" >&3
    wait_for READY-NOW
}
close_shell() {
    printf '\025exit\n' >&3
    exec 3>&-
    wait "$shell_pid"
    shell_pid=
}
becomes() { # TYPED EXPECTED: the line after a Tab; the line is given up then
    printf '\025%s\t\007' "$1" >&3
    wait_for "<<$2>>"
}
unharmed() { [ ! -e pwned ] && [ ! -e "$place/pwned" ]; }
can_drive() { # SHELL
    command -v "$1" >/dev/null && command -v script >/dev/null
}
skip() { # WHY NAME...
    local why=$1
    shift
    for name; do
        number=$((number + 1))
        echo "ok $number - $name # SKIP $why"
    done
}

bash_completes() {
    becomes 'gander doc' 'gander doctor ' && becomes 'gander show 7' 'gander show 7 ' &&
        becomes 'gander ls --sort=d_l' 'gander ls --sort=d_loss ' && becomes 'gander ls state:los' 'gander ls state:lost ' &&
        becomes 'gander run -s training.objective=hi' 'gander run -s training.objective=hinge ' &&
        becomes 'gander run -s training.rat' 'gander run -s training.rate='
}
bash_leaves_files() {
    touch 'two words.ini' && becomes 'gander recipe two' 'gander recipe two\ words.ini ' &&
        becomes 'gander run -- cat two' 'gander run -- cat two\ words.ini '
}
bash_is_safe() {
    becomes 'gander plot 7 -m zq' 'gander plot 7 -m zq\ metric\ \$\(touch\ pwned\) ' &&
        becomes 'gander plot 7 -m "zq' 'gander plot 7 -m "zq' &&
        becomes 'gander show exp:a' 'gander show exp:a\ b\$\(touch\ pwned\)\`touch\ pwned\`\;touch\ pwned@ ' && unharmed
}
bash_tests='bash_completes_commands_runs_and_values bash_completes_files_and_commands_itself bash_quotes_hostile_names'
if can_drive bash; then
    "$program" completion bash >"$place/gander.bash"
    open_shell 'bash --norc --noprofile -i' \
        'bind "set enable-bracketed-paste off"; bind "set bell-style none"; bind -x "\"\C-g\": printf \"<<%s>>\\n\" \"\$READLINE_LINE\""; [ ! -e /usr/share/bash-completion/bash_completion ] || . /usr/share/bash-completion/bash_completion; . ../gander.bash; PS1=; printf READY-; echo NOW'
    check bash_completes_commands_runs_and_values bash_completes
    check bash_completes_files_and_commands_itself bash_leaves_files
    check bash_quotes_hostile_names bash_is_safe
    close_shell
else
    # shellcheck disable=SC2086  # a list
    skip 'no bash, or no script' $bash_tests
fi

zsh_completes() {
    becomes 'gander doc' 'gander doctor ' && becomes 'gander show 7' 'gander show 7 ' &&
        becomes 'gander ls --sort=d_l' 'gander ls --sort=d_loss ' && becomes 'gander ls state:los' 'gander ls state:lost ' &&
        becomes 'gander run -s training.rat' 'gander run -s training.rate='
}
zsh_leaves_files() {
    touch 'two words.ini' && becomes 'gander recipe two' 'gander recipe two\ words.ini ' &&
        becomes 'gander run -- cat two' 'gander run -- cat two\ words.ini '
}
zsh_is_safe() {
    becomes 'gander plot 7 -m zq' 'gander plot 7 -m zq\ metric\ \$\(touch\ pwned\) ' &&
        becomes 'gander show exp:a' 'gander show exp:a\ b\$\(touch\ pwned\)\`touch\ pwned\`\;touch\ pwned@ ' && unharmed
}
zsh_tests='zsh_completes_commands_runs_and_values zsh_completes_files_and_commands_itself zsh_quotes_hostile_names'
if can_drive zsh; then
    mkdir "$place/site"
    "$program" completion zsh >"$place/site/_gander"
    open_shell 'zsh -f -i' \
        'unsetopt prompt_cr prompt_sp; fpath=(../site $fpath); autoload -Uz compinit; compinit -u -d ../zcompdump; show-line() { print -r -- "<<$BUFFER>>" >/dev/tty }; zle -N show-line; bindkey "^G" show-line; bindkey "^U" kill-whole-line; PS1=; print -n READY-; print NOW'
    check zsh_completes_commands_runs_and_values zsh_completes
    check zsh_completes_files_and_commands_itself zsh_leaves_files
    check zsh_quotes_hostile_names zsh_is_safe
    close_shell
else
    # shellcheck disable=SC2086
    skip 'no zsh, or no script' $zsh_tests
fi

fish_says() { # TYPED: what it would offer, to $place/said
    fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$place/gander.fish" "$1" >"$place/said" 2>&1
}
fish_completes() {
    fish_says 'gander doc' && offers doctor && fish_says 'gander show 4' && offers 42 &&
        fish_says 'gander ls --sort=d_l' && offers --sort=d_loss && fish_says 'gander ls state:los' && offers state:lost &&
        fish_says 'gander run -s training.rat' && offers training.rate=
}
fish_leaves_files() {
    touch 'two words.ini' && fish_says 'gander recipe two' && offers 'two words.ini' && mkdir -p a.folder &&
        fish_says 'gander ls --store=a.fo' && offers --store=a.folder/ && fish_says 'gander run -- cat two' &&
        offers 'two words.ini'
}
fish_is_safe() {
    fish_says 'gander plot 7 -m zq' && grep -qF 'zq metric' "$place/said" && fish_says 'gander show exp:a' &&
        grep -qF 'touch pwned' "$place/said" && fish_says 'gander plot 7 -m (' && unharmed
}
if command -v fish >/dev/null; then
    "$program" completion fish >"$place/gander.fish"
    check fish_completes_commands_runs_and_values fish_completes
    check fish_completes_files_and_commands_itself fish_leaves_files
    check fish_quotes_hostile_names fish_is_safe
else
    skip 'no fish' fish_completes_commands_runs_and_values fish_completes_files_and_commands_itself \
        fish_quotes_hostile_names
fi
