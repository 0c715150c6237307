# Completion of bellhop for bash. What there is to complete comes from the command's own help.
# shellcheck shell=bash

_bellhop_words() { # COMMAND CURRENT: options of a command
    bellhop "$1" --help 2>/dev/null | grep -oE -- '--[a-z-]+' | sort -u
}

_bellhop() {
    local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words=
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        words="$(bellhop --help 2>/dev/null | sed -n 's/^  \([a-z]*\) .*/\1/p') --help --version"
    elif [[ $before == --pid ]]; then
        words=$(bellhop ps 2>/dev/null | awk 'NR > 1 { print $1 }')
    elif [[ $before == --tid ]]; then
        words=$(_bellhop_threads)
    elif [[ $before == --sort ]]; then
        words="requests injected inbound"
    elif [[ $current == -* ]]; then
        words=$(_bellhop_words "$command")
    else
        case $before:$command in
        --control:* | --config:* | --log:* | *:check | *:reload)
            mapfile -t COMPREPLY < <(compgen -f -- "$current")
            return
            ;;
        *:run)
            mapfile -t COMPREPLY < <(compgen -c -f -- "$current")
            return
            ;;
        esac
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}

# Threads of the process that the line names.
_bellhop_threads() {
    local i
    for ((i = 2; i < COMP_CWORD; i++)); do
        [[ ${COMP_WORDS[i - 1]} != --pid ]] || ls "/proc/${COMP_WORDS[i]}/task" 2>/dev/null
    done
}

complete -F _bellhop bellhop
