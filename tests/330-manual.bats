# Man pages and completion: for every command, installed, and no more than the command has.

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert
load lib/control

setup() {
    control_setup
    ROOT="$BATS_TEST_DIRNAME/.."
}
teardown() { control_teardown; }

commands() { "$BUILD/bellhop" --help | sed -n 's/^  \([a-z]*\) .*/\1/p'; }

@test "every command has a man page, and roff has nothing to say against it" {
    command -v groff >/dev/null || skip "no groff"
    local name
    run "$BUILD/bellhop" --man
    assert_success
    for name in $(commands); do
        assert_line ".BR bellhop\\-$name (1)"
        "$BUILD/bellhop" --man "$name" >"bellhop-$name.1"
    done
    "$BUILD/bellhop" --man >bellhop.1
    for name in ./*.1; do
        run bash -c "groff -man -Tutf8 -ww $name 2>&1 >/dev/null"
        assert_success
        assert_output ""
    done
    # What the help says stands there, backslashes and leading dots too.
    run bash -c "groff -man -Tascii -P-cbou bellhop-run.1 | grep -F -- '--force'"
    assert_success
    run "$BUILD/bellhop" --man nothing
    assert_failure 2
}

# complete_line WORD...: what bash would offer for the last one.
complete_line() {
    bash -c 'PATH="$1:$PATH"; source "$2"; shift 2; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _bellhop
        printf "%s\n" "${COMPREPLY[@]}"' - "$BUILD" "$ROOT/shim/cli/completion/bellhop.bash" bellhop "$@"
}

@test "bash completes commands, options, processes, threads and files" {
    local name
    run complete_line re
    assert_output reload
    run complete_line ""
    for name in $(commands); do
        assert_line "$name"
    done
    run complete_line set --
    assert_line --partial "--pid"
    assert_line --partial "--exe"
    refute_line --partial "--host"
    run complete_line top --sort inb
    assert_output inbound
    touch one.conf
    run complete_line check one
    assert_output one.conf
    start_agent
    start_guest a
    # shellcheck disable=SC2030,SC2031
    export BELLHOP_CONTROL="$S"
    run complete_line set --pid ""
    assert_output "$PID"
    run complete_line set --pid "$PID" --tid ""
    assert_output "$PID"
}

# zsh_offers WORD...: what zsh would offer for the last one. Its own system loads the file, and what
# the file then calls prints instead of showing.
zsh_offers() {
    # shellcheck disable=SC2016
    PATH="$BUILD:$PATH" zsh -f -c '
        fpath=("$1" $fpath); autoload -Uz compinit && compinit -u -D
        [[ $_comps[bellhop] == _bellhop ]] || exit 9
        compadd() { [[ $1 != -- ]] || shift; print -rl -- "$@" }
        _describe() { print -rl -- "${(P@)2}" }
        _files() { print files }
        _command_names() { print commands }
        shift; words=(bellhop "$@"); CURRENT=$#words
        _bellhop' - "$ROOT/shim/cli/completion" "$@"
}

@test "zsh completes every command, with what it does, and its options" {
    local name
    zsh -n "$ROOT/shim/cli/completion/_bellhop"
    run zsh_offers ""
    assert_success
    assert_equal "$(cut -d: -f1 <<<"$output" | sort)" "$(commands | sort)"
    assert_line "ps:$("$BUILD/bellhop" --help | sed -n 's/^  ps  *//p')"
    for name in $(commands); do
        run zsh_offers "$name" --
        assert_equal "$(sort <<<"$output")" \
            "$("$BUILD/bellhop" "$name" --help | grep -oE -- '--[a-z-]+' | sort -u)"
    done
    assert_equal "$(zsh_offers top --sort "" | sort | paste -sd' ')" "inbound injected requests"
    assert_equal "$(zsh_offers check "")" files
    assert_equal "$(zsh_offers run "")" commands
    start_agent
    start_guest a
    # shellcheck disable=SC2030,SC2031
    export BELLHOP_CONTROL="$S"
    assert_equal "$(zsh_offers set --pid "" | cut -d: -f1)" "$PID"
}

@test "make install installs all of it, and uninstall removes it" {
    local name
    run make -s -C "$ROOT" BUILD="$BUILD" install DESTDIR="$T/dest" PREFIX=/usr
    assert_success
    for name in $(commands); do
        test -s "$T/dest/usr/share/man/man1/bellhop-$name.1"
    done
    test -s "$T/dest/usr/share/man/man1/bellhop.1"
    test -s "$T/dest/usr/share/bash-completion/completions/bellhop"
    test -s "$T/dest/usr/share/zsh/site-functions/_bellhop"
    test -x "$T/dest/usr/lib/bellhop/bellhop-metrics"
    run make -s -C "$ROOT" BUILD="$BUILD" uninstall DESTDIR="$T/dest" PREFIX=/usr
    assert_success
    assert_equal "$(find "$T/dest" -type f)" ""
}
