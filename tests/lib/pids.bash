# Processes that are to be ended later: by number and by when they began, since numbers come back.
# A server that ended by itself must not cost the life of whoever has its number now.

# pid_field PID N: of what the kernel says of it; nothing: it has gone.
pid_field() {
    local stat
    { stat=$(<"/proc/$1/stat"); } 2>/dev/null || return 0
    read -ra stat <<<"${stat##*) }"
    echo "${stat[$2]}"
}

# pid_began PID: in clock ticks since the machine started.
pid_began() { pid_field "$1" 19; }

# pid_is_child PID: of this shell.
pid_is_child() { [[ $(pid_field "$1" 1) == "$$" ]]; }

# pid_note PID: a line for pid_end.
pid_note() { echo "$1 $(pid_began "$1")"; }

# pid_is PID BEGAN: it is the same one still.
pid_is() { [[ -n ${2:-} && $(pid_began "$1") == "$2" ]]; }

# pid_end PID BEGAN: ends it and waits for that.
pid_end() {
    ! pid_is "$1" "${2:-}" || kill "$1" 2>/dev/null || true
    wait "$1" 2>/dev/null || true
}
