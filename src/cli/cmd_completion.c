/* The scripts know nothing of gander's commands: they ask the program (complete.h), so that they are
 * as new as it is. They start what PATH calls gander, whatever was typed: a Tab press must not run a
 * program of the directory one happens to be in. */
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/command.h"

/* Bash has split words at '=' and ':', which are put together again; it replaces only what stands
 * behind the last of them. In a word in quotes nothing is offered that could end the quotes, and in
 * one that has them further on nothing at all. */
static const char bash[] =
    "# bash completion for gander; made by 'gander completion bash'\n"
    "_gander() {\n"
    "    local line=${COMP_LINE:0:COMP_POINT} piece between word start candidate rest i\n"
    "    local -a words=() starts=() lines=()\n"
    "    COMPREPLY=()\n"
    "    for ((i = 0; i <= COMP_CWORD; i++)); do\n"
    "        piece=${COMP_WORDS[i]}\n"
    "        between=${line%%[![:space:]]*}\n"
    "        line=${line#\"$between\"}\n"
    "        ((i < COMP_CWORD)) || piece=$line\n"
    "        line=${line#\"$piece\"}\n"
    "        if ((i == 0)) || [[ $between ]]; then\n"
    "            words+=(\"$piece\") starts+=(\"$i\")\n"
    "        else\n"
    "            words[${#words[@]} - 1]+=$piece\n"
    "        fi\n"
    "    done\n"
    "    word=${words[${#words[@]} - 1]}\n"
    "    mapfile -t lines < <(command gander candidates -- \"${words[@]}\" 2>/dev/null)\n"
    "    start=\n"
    "    if [[ $word == *[=:]* && $word != *[\\'\\\"]* ]]; then\n"
    "        start=${word%\"${word##*[=:]}\"}\n"
    "        [[ $COMP_WORDBREAKS == *=* ]] || start=${start%\"${start##*:}\"}\n"
    "        [[ $COMP_WORDBREAKS == *:* ]] || start=${start%\"${start##*=}\"}\n"
    "    fi\n"
    "    [[ $word != [!\\'\\\"]*[\\'\\\"]* ]] || return 0\n"
    "    for candidate in \"${lines[@]}\"; do\n"
    "        rest=${candidate#*$'\\t'} candidate=${candidate%%$'\\t'*}\n"
    "        if [[ $candidate ]]; then\n"
    "            candidate=${candidate#\"$start\"}\n"
    "            if [[ $word != *[\\'\\\"]* ]]; then\n"
    "                printf -v candidate %q \"$candidate\"\n"
    "            elif [[ $candidate == *[!A-Za-z0-9_.,/:=@%+' '-]* ]]; then\n"
    "                continue\n"
    "            fi\n"
    "            [[ $candidate != *[=:\\>\\<] ]] || compopt -o nospace\n"
    "            COMPREPLY+=(\"$candidate\")\n"
    "        elif [[ $rest == files ]]; then\n"
    "            compopt -o default\n"
    "        elif [[ $rest == directories ]]; then\n"
    "            compopt -o plusdirs\n"
    "        elif [[ $rest == command* ]]; then\n"
    "            i=${starts[${rest#command }]}\n"
    "            if declare -F _command_offset >/dev/null; then\n"
    "                _command_offset \"$i\"\n"
    "            elif ((i == COMP_CWORD)); then\n"
    "                mapfile -t COMPREPLY < <(compgen -c -- \"$word\")\n"
    "                compopt -o default\n"
    "            else\n"
    "                compopt -o default\n"
    "            fi\n"
    "        fi\n"
    "    done\n"
    "}\n"
    "complete -F _gander gander\n";

static const char zsh[] =
    "#compdef gander\n"
    "# zsh completion for gander; made by 'gander completion zsh'\n"
    "_gander() {\n"
    "    local -a lines plain plain_shown open open_shown\n"
    "    local line candidate about\n"
    "    local -i length=0\n"
    "    lines=(\"${(@f)$(command gander candidates -- \"${(@)words[1,CURRENT-1]}\" "
    "\"$PREFIX\" 2>/dev/null)}\")\n"
    "    for line in \"${(@)lines}\"; do\n"
    "        candidate=${line%%$'\\t'*}\n"
    "        (( ${#candidate} > length )) && length=${#candidate}\n"
    "    done\n"
    "    (( length > 40 )) && length=40\n"
    "    for line in \"${(@)lines}\"; do\n"
    "        candidate=${line%%$'\\t'*} about=${line#*$'\\t'}\n"
    "        if [[ -z $candidate ]]; then\n"
    "            case $about in\n"
    "                (files) [[ $PREFIX != --*=* ]] || compset -P '*='; _files ;;\n"
    "                (directories) [[ $PREFIX != *=* ]] || compset -P '*='; _files -/ ;;\n"
    "                (command\\ *)\n"
    "                    shift \"${about#command }\" words\n"
    "                    (( CURRENT -= ${about#command } ))\n"
    "                    _normal ;;\n"
    "            esac\n"
    "            continue\n"
    "        fi\n"
    "        about=\"${(r:length:)candidate}${about:+  $about}\"\n"
    "        case $candidate in\n"
    "            (*[=:\\<\\>]) open+=(\"$candidate\") open_shown+=(\"$about\") ;;\n"
    "            (*) plain+=(\"$candidate\") plain_shown+=(\"$about\") ;;\n"
    "        esac\n"
    "    done\n"
    "    (( $#plain )) && compadd -V gander -l -d plain_shown -a plain\n"
    "    (( $#open )) && compadd -V gander-open -S '' -l -d open_shown -a open\n"
    "}\n"
    "if [[ $funcstack[1] == _gander ]]; then\n"
    "    _gander \"$@\"\n"
    "else\n"
    "    compdef _gander gander\n"
    "fi\n";

static const char fish[] =
    "# fish completion for gander; made by 'gander completion fish'\n"
    "function __gander_complete\n"
    "    set -l typed (commandline -ct)\n"
    "    set -l words (commandline -opc)\n"
    "    for line in (command gander candidates -- $words \"$typed\" 2>/dev/null)\n"
    "        set -l part (string split -m 1 \\t -- $line)\n"
    "        if test -n \"$part[1]\"\n"
    "            printf '%s\\t%s\\n' $part[1] $part[2]\n"
    "            continue\n"
    "        end\n"
    "        set -l before (string match -r -- '^(?:--[^=]*|[a-z._]+)=' $typed)\n"
    "        set -l rest (string replace -- \"$before\" '' $typed)\n"
    "        switch $part[2]\n"
    "            case files\n"
    "                printf '%s\\n' \"$before\"(__fish_complete_path \"$rest\")\n"
    "            case directories\n"
    "                printf '%s\\n' \"$before\"(__fish_complete_directories \"$rest\" '')\n"
    "            case 'command *'\n"
    "                set -l from (math (string replace 'command ' '' -- $part[2]) + 1)\n"
    "                set -l inner\n"
    "                set -q words[$from]; and set inner (string escape -- $words[$from..])\n"
    "                complete -C (string join ' ' -- $inner \"$typed\")\n"
    "        end\n"
    "    end\n"
    "end\n"
    "complete -c gander -f -a '(__gander_complete)'\n";

static const struct {
    const char *name, *script;
} shells[] = { { "bash", bash }, { "zsh", zsh }, { "fish", fish } };

static enum exit_status run(struct arguments *arguments)
{
    const char *shell = arguments->operands[0];
    for (int i = 0; i < ARRAY_SIZE(shells); i++)
        if (strcmp(shells[i].name, shell) == 0) {
            fputs(shells[i].script, stdout);
            return STATUS_DONE;
        }
    fail(ERR_INVALID, "there is no completion for '%.60s' (there is for bash, zsh and fish)",
         shell);
    return command_misused(arguments);
}

const struct command command_completion = {
    .name = "completion",
    .summary = "Print a shell's completion script",
    .operands = "SHELL",
    .details =
        "SHELL is bash, zsh or fish. 'make install' puts the scripts where the shells look for "
        "them; elsewhere, a line in the shell's own start file does:\n\n"
        "bash: source <(gander completion bash)\n\n"
        "zsh, after compinit: source <(gander completion zsh)\n\n"
        "fish: gander completion fish | source\n\n"
        "Runs, metrics, experiments, tags and recipe values are completed from the store that the "
        "command would use.",
    .run = run,
};
