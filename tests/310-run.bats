#!/usr/bin/env bats
# bellhop run: the environment that a program gets, and what is said of one that cannot be reached.
# The command is tried in an installation of its own, with a shim that does nothing.
# shellcheck disable=SC2016,SC2154  # programs in quotes; bats sets stderr

bats_require_minimum_version 1.5.0
bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"
[[ $BUILD == /* ]] || BUILD="$PWD/$BUILD"
CC=${CC:-cc}

unset BAGGAGE LD_PRELOAD BELLHOP_CONFIG BELLHOP_CONTROL BELLHOP_LOG BELLHOP_DISABLED
export LC_ALL=C.UTF-8

setup_file() {
    export PREFIX="$BATS_FILE_TMPDIR/usr"
    install_bellhop "$PREFIX"
}

# install_bellhop PREFIX
install_bellhop() {
    mkdir -p "$1/bin" "$1/lib/bellhop"
    cp "$BUILD/bellhop" "$1/bin/"
    echo 'int bellhop_test_shim;' | "$CC" -shared -fPIC -x c -o "$1/lib/bellhop/libbellhop.so" -
}

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    SHIM=$(realpath "$PREFIX/lib/bellhop/libbellhop.so")
}

bellhop() { timeout 20 "$PREFIX/bin/bellhop" "$@"; }

# program NAME CC_OPTION...: compiles one that exits with 7.
program() {
    echo 'int main(void) { return 7; }' | "$CC" -x c -o "$1" - "${@:2}"
}

# assert_refused CODE MESSAGE COMMAND...
assert_refused() {
    run "-$1" --separate-stderr bellhop run "${@:3}"
    assert_output ''
    assert_equal "$stderr" "bellhop run: $2"
}

# assert_forced MESSAGE COMMAND...: not without --force, and with it as ever.
assert_forced() {
    assert_refused 126 "$1 (--force runs it without baggage)" -- "${@:2}"
    run --separate-stderr bellhop run --force -- "${@:2}"
    assert_equal "$stderr" "bellhop run: warning: $1; going on without baggage"
    assert_equal "$status" 7
}

# preload_of [OPTION...]: LD_PRELOAD of a program that is run.
preload_of() { bellhop run "$@" -- sh -c 'echo "$LD_PRELOAD"'; }

baggage_of() { bellhop run "$@" -- sh -c 'echo "$BAGGAGE"'; }

@test "the program gets its arguments, and its exit code is ours" {
    run bellhop run -- sh -c 'printf "<%s>" "$0" "$@"; exit 42' a '' '-- b' --help
    assert_equal "$status" 42
    assert_output '<a><><-- b><--help>'
    run bellhop run sh -c 'exit 3' --baggage x
    assert_equal "$status" 3
    run bellhop run -- sh -c 'kill -TERM $$'
    assert_equal "$status" 143
}

@test "standard input and output, the directory and all variables are the program's" {
    run bash -c "echo hello | KEEP=1 '$PREFIX/bin/bellhop' run -- sh -c 'cat; pwd; echo \$KEEP'"
    assert_output "$(printf 'hello\n%s\n1' "$PWD")"
}

@test "LD_PRELOAD: ours first, what was there is kept, and nothing twice" {
    echo 'int other;' | "$CC" -shared -fPIC -x c -o other.so -
    local other="$PWD/other.so"
    run preload_of
    assert_output "$SHIM"
    LD_PRELOAD="$other" run preload_of
    assert_output "$SHIM:$other"
    LD_PRELOAD="$other:$SHIM" run preload_of
    assert_output "$SHIM:$other"
    LD_PRELOAD=" $SHIM  $other::" run preload_of
    assert_output "$SHIM:$other"
    run bellhop run -- "$PREFIX/bin/bellhop" run -- sh -c 'echo "$LD_PRELOAD"'
    assert_output "$SHIM"
}

@test "the shim is found beside the command, in a build tree, and through symbolic links" {
    mkdir build bin
    cp "$PREFIX/bin/bellhop" "$SHIM" build/
    run build/bellhop run -- sh -c 'echo "$LD_PRELOAD"'
    assert_output "$PWD/build/libbellhop.so"
    ln -s "$PREFIX/bin/bellhop" bin/bellhop
    run bin/bellhop run -- sh -c 'echo "$LD_PRELOAD"'
    assert_output "$SHIM"
    cp "$PREFIX/bin/bellhop" bin/alone
    run bin/alone run -- true
    assert_failure 1
    assert_output \
        "bellhop run: libbellhop.so is neither in $PWD/bin nor in $PWD/bin/../lib/bellhop; is the installation complete?"
}

@test "a path that the loader would take apart is refused" {
    local name
    for name in 'a b' 'a:b' 'a$LIB'; do
        install_bellhop "$PWD/$name"
        run "./$name/bin/bellhop" run -- true
        assert_failure 1
        assert_output --partial 'cannot be preloaded'
    done
}

@test "--baggage: members are encoded where they must be" {
    run baggage_of --baggage user-id=user-12345 --baggage 'name=Jürgen M' --baggage 'a=1%20;p=1' \
        --baggage 'b=50%'
    assert_output 'user-id=user-12345,name=J%C3%BCrgen%20M,a=1%20;p=1,b=50%25'
}

@test "--baggage: the environment's members stay, but for the same keys" {
    BAGGAGE='a=1;p,b=2 , broken, c=3' run baggage_of --baggage b=new --baggage d=4
    assert_output 'b=new,d=4,a=1;p,c=3'
    BAGGAGE='a=1' run baggage_of
    assert_output 'a=1'
    # A later one of a key replaces the earlier.
    run baggage_of --baggage a=1 --baggage b=2 --baggage a=3
    assert_output 'a=3,b=2'
}

@test "--baggage: our members come before the environment's where both are too much (E19)" {
    local many
    many=$(seq -s, -f 'k%g=1' 64)
    BAGGAGE="$many" run baggage_of --baggage own=1
    assert_equal "$(tr ',' '\n' <<<"$output" | wc -l)" 64
    assert_output --regexp '^own=1,k1=1,.*,k63=1$'
    BAGGAGE="big=$(printf 'x%.0s' {1..8180})" run baggage_of --baggage own=12345
    assert_output 'own=12345'
}

@test "--baggage: what cannot be a member ends with exit code 2" {
    local bad long
    long="a=$(printf 'x%.0s' {1..8200})"
    for bad in 'a b=1' '=1' noequals '' 'a=1;x y' 'a=1,b=2' 'ü=1' "$long"; do
        run bellhop run --baggage "$bad" -- echo ran
        assert_equal "$status" 2
        assert_output --partial "bellhop run: --baggage '${bad%%=*}' "
        refute_output --partial ran
    done
    local many=()
    for bad in {1..65}; do many+=(--baggage "k$bad=1"); done
    run bellhop run "${many[@]}" -- echo ran
    assert_equal "$status" 2
    assert_output "bellhop run: --baggage 'k65' goes over the limit of 64 members or 8192 bytes"
}

@test "paths of options are made absolute" {
    echo 'set = ( );' >f.conf
    run bellhop run --config f.conf --control ./s --log debug:log -- \
        sh -c 'cd /; echo "$BELLHOP_CONFIG $BELLHOP_CONTROL $BELLHOP_LOG"'
    assert_output "$PWD/f.conf $PWD/./s debug:$PWD/log"
    run bellhop run --config "$PWD/f.conf" --control /s --log error:/l -- \
        sh -c 'echo "$BELLHOP_CONFIG $BELLHOP_CONTROL $BELLHOP_LOG"'
    assert_output "$PWD/f.conf /s error:/l"
    local bad
    for bad in log :/l loud:/l debug: ''; do
        run bellhop run --log "$bad" -- echo ran
        assert_equal "$status" 2
        refute_output --partial ran
    done
    run bellhop run --config '' -- echo ran
    assert_equal "$status" 2
}

@test "--config: a broken file is told, and the program is not run" {
    echo 'outbound = ( { hosts = [ "a" ]; } );' >f.conf
    run bellhop run --config f.conf -- echo ran
    assert_failure 1
    assert_output --partial "$PWD/f.conf:1: error: a rule without \"keys\""
    refute_output --partial ran
    run bellhop run --config missing.conf -- echo ran
    assert_failure 1
    assert_output "$PWD/missing.conf: error: cannot be opened: No such file or directory"
    run bellhop run --force --config f.conf -- echo ran
    assert_success
    assert_line ran
    # Warnings are for `bellhop check`.
    echo 'outbound = ( { hosts = [ "a", "a" ]; keys = [ ]; } );' >f.conf
    run bellhop run --config f.conf -- echo ran
    assert_output ran
}

@test "a program that is not there: 127, as a shell and env say" {
    assert_refused 127 '"no-such-program-here" was not found' -- no-such-program-here
    assert_refused 127 '"./no-such" was not found' -- ./no-such
    assert_refused 127 '"/dev/null/x" was not found' -- /dev/null/x
    assert_refused 127 '"" was not found' -- ''
    run -127 env PATH=/nonexistent:/usr/nonexistent "$PREFIX/bin/bellhop" run -- sh
}

@test "a program that may not be executed: 126" {
    touch plain-file
    mkdir dir
    assert_refused 126 '"./plain-file" cannot be executed: Permission denied' -- ./plain-file
    assert_refused 126 '"./dir" cannot be executed: Permission denied' -- ./dir
    run -126 env PATH="$PWD:$PATH" "$PREFIX/bin/bellhop" run -- plain-file
    assert_output 'bellhop run: "plain-file" cannot be executed: Permission denied'
    # A later directory may hold one that can be.
    mkdir later
    program later/plain-file
    run -7 env PATH="$PWD:$PATH:$PWD/later" "$PREFIX/bin/bellhop" run -- plain-file
}

@test "PATH is searched as execvp does, the current directory included" {
    program here
    run -7 env PATH=":/usr/bin:/bin" "$PREFIX/bin/bellhop" run -- here
    run -7 env PATH="/usr/bin:/bin:" "$PREFIX/bin/bellhop" run -- here
    run -127 env PATH="/usr/bin:/bin" "$PREFIX/bin/bellhop" run -- here
}

@test "a statically linked program is refused, position-independent or not" {
    local kind
    for kind in -static -static-pie; do
        program "prog$kind" $kind
        assert_forced \
        "./prog$kind is statically linked, so no library can be preloaded; use a dynamically linked build" \
            "./prog$kind"
    done
}

@test "a dynamic program is run, position-independent or not, and the loader as a command" {
    local kind
    for kind in -pie -no-pie; do
        program "prog$kind" $kind
        run bellhop run -- "./prog$kind"
        assert_equal "$status" 7
        assert_output ''
    done
    local loader
    loader=$(readelf -l prog-pie | sed -n 's/.*interpreter: \(.*\)]/\1/p')
    run bellhop run -- "$loader" ./prog-pie
    assert_equal "$status" 7
}

# A directory where setuid counts.
suid_dir() {
    local dir
    for dir in "$PWD" "$BUILD"; do
        [[ ,$(findmnt -no OPTIONS -T "$dir"), == *,nosuid,* ]] || { echo "$dir" && return; }
    done
    return 1
}

# A program with the rights of somebody else, in $suid: made by root, found by others.
suid_program() {
    local dir
    if [[ $(id -u) == 0 ]]; then
        dir=$(suid_dir)
        suid="$dir/suid.$$"
        program "$suid"
        chown 65534:65534 "$suid"
        chmod "$1" "$suid"
    else
        suid=$(find /usr/bin -user 0 -perm "-$1" | head -1)
    fi
    [[ -n $suid ]]
}

@test "a program that gets other rights is refused: setuid, setgid" {
    suid_program 4755
    run bellhop run -- "$suid"
    assert_equal "$status" 126
    assert_output \
        "bellhop run: $suid is setuid, so the loader ignores LD_PRELOAD; run it as the user whose rights it has (--force runs it without baggage)"
    [[ $(id -u) != 0 ]] || rm -f "$suid"
    suid_program 2755
    run bellhop run -- "$suid"
    assert_equal "$status" 126
    assert_output --partial "$suid is setgid, so"
    [[ $(id -u) != 0 ]] || rm -f "$suid"
}

@test "a setuid program that gives its caller nothing new is run" {
    program own
    chmod 6755 own
    run bellhop run -- ./own
    assert_equal "$status" 7
}

@test "setuid that the kernel will ignore does not count" {
    suid_program 4755
    run setpriv --no-new-privs "$PREFIX/bin/bellhop" run -- "$suid" --version </dev/null
    refute_output --partial 'is setuid'
    [[ $(id -u) != 0 ]] || rm -f "$suid"
}

@test "file capabilities count for others than root" {
    [[ $(id -u) == 0 ]] || skip "needs root to give a file capabilities"
    local dir
    dir=$(suid_dir)
    program "$dir/caps.$$"
    setcap cap_net_raw+ep "$dir/caps.$$"
    run bellhop run -- "$dir/caps.$$"
    assert_equal "$status" 7
    # Other suites work below the run's folder at the same time: only the way to ours is opened.
    chmod -R a+rX "$PREFIX" "$BATS_FILE_TMPDIR"
    chmod a+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_FILE_TMPDIR")"
    cd /
    run setpriv --reuid 65534 --regid 65534 --clear-groups "$PREFIX/bin/bellhop" run -- \
        "$dir/caps.$$"
    rm -f "$dir/caps.$$"
    assert_equal "$status" 126
    assert_output --partial "has file capabilities, so the loader ignores LD_PRELOAD"
}

# foreign CLASS DATA MACHINE: an ELF head of that kind.
foreign() {
    /usr/bin/python3 - "$@" >foreign <<'PY'
import struct, sys
bits, data, machine = map(int, sys.argv[1:])
order = "<" if data == 1 else ">"
ident = b"\x7fELF" + bytes([bits, data, 1]) + bytes(9)
half = struct.pack(order + "HHI", 2, machine, 1)
word = "Q" if bits == 2 else "I"
sizes = (64, 56) if bits == 2 else (52, 32)
rest = struct.pack(order + word * 3 + "I" + "H" * 6, 0, sizes[0], 0, 0, *sizes, 0, 0, 0, 0)
sys.stdout.buffer.write(ident + half + rest + bytes(64))
PY
    chmod +x foreign
}

@test "a program of another machine is refused" {
    local ours
    ours=$(od -An -tu2 -j18 -N2 "$SHIM" | tr -d ' ')
    foreign 1 1 3
    assert_refused 126 \
        "./foreign is a 32-bit program for machine type 3, and bellhop is built for 64 bits and type $ours (--force runs it without baggage)" \
        -- ./foreign
    foreign 2 2 22
    assert_refused 126 \
        "./foreign is a 64-bit program for machine type 22, and bellhop is built for 64 bits and type $ours (--force runs it without baggage)" \
        -- ./foreign
    # With --force the kernel has the last word.
    run -1 bash -c "'$PREFIX/bin/bellhop' run --force -- ./foreign || exit 1"
    assert_output --partial 'going on without baggage'
}

@test "a program of another C library is refused, and one without its loader" {
    cp "$(type -P true)" ld-musl-x86_64.so.1
    program musl "-Wl,--dynamic-linker=$PWD/ld-musl-x86_64.so.1"
    assert_refused 126 \
        "./musl uses the loader $PWD/ld-musl-x86_64.so.1: bellhop is built for glibc and its loader (--force runs it without baggage)" \
        -- ./musl
    ln -s ld-musl-x86_64.so.1 ld-linux-x86-64.so.2
    program gcompat "-Wl,--dynamic-linker=$PWD/ld-linux-x86-64.so.2"
    run bellhop run -- ./gcompat
    assert_equal "$status" 126
    program lost "-Wl,--dynamic-linker=$PWD/gone.so"
    assert_refused 126 \
        "./lost needs the loader \"$PWD/gone.so\", which is not here: No such file or directory" \
        -- ./lost
}

@test "scripts are followed to their interpreters" {
    program static -static
    printf '#!/bin/sh\nexit 7\n' >good
    printf '#! %s -x\n' "$PWD/static" >bad
    printf '#!%s\n' "$PWD/bad" >worse
    printf '#!/no/such/interpreter\n' >lost
    printf 'exit 7\n' >plain
    chmod +x good bad worse lost plain
    run bellhop run -- ./good
    assert_equal "$status" 7
    # A file that the kernel does not know is a script of sh to execvp.
    run bellhop run -- ./plain
    assert_equal "$status" 7
    assert_output ''
    assert_forced \
        "$PWD/static is statically linked, so no library can be preloaded; use a dynamically linked build" \
        ./bad
    assert_forced \
        "$PWD/static is statically linked, so no library can be preloaded; use a dynamically linked build" \
        ./worse
    printf '#!/bin/sh\r\n' >windows
    chmod +x windows
    assert_refused 126 \
        './windows is a script, and its interpreter "/bin/sh?" cannot be executed' -- ./windows
    assert_refused 126 \
        './lost is a script, and its interpreter "/no/such/interpreter" cannot be executed' \
        -- ./lost
}

@test "a script that runs itself, broken ELF files and garbage end in a refusal" {
    printf '#!%s\n' "$PWD/self" >self
    chmod +x self
    run bellhop run -- ./self
    assert_equal "$status" 126
    local len
    for len in 4 5 17 40 63 64 100; do
        head -c $len "$(type -P true)" >broken
        chmod +x broken
        assert_refused 126 \
        './broken is an ELF file, but no program that can be run (--force runs it without baggage)' \
        -- ./broken
    done
    # The kernel takes one size of program headers only.
    cp "$(type -P true)" broken
    printf '\071' | dd of=broken bs=1 seek=54 conv=notrunc status=none
    assert_refused 126 \
        './broken is an ELF file, but no program that can be run (--force runs it without baggage)' \
        -- ./broken
    printf 'MZ\0\0\1\2' >garbage
    chmod +x garbage
    assert_refused 126 \
        './garbage is neither a program of this system nor a script (--force runs it without baggage)' \
        -- ./garbage
}

@test "the sanitizers find nothing while all kinds of files are looked at" {
    mkdir build
    cp "$BUILD/asan/bellhop" "$SHIM" build/
    cp "$(type -P true)" real
    local at file
    for at in 0 4 5 16 18 32 40 52 54 56 64 72 96 120 {128..176..8}; do
        cp real "edit-$at"
        printf '\377\377\377\377' | dd of="edit-$at" bs=1 seek="$at" conv=notrunc status=none
    done
    printf '#!' >script-1
    printf '#!\n' >script-2
    printf '#!%s' "$(printf 'x%.0s' {1..500})" >script-3
    printf '#! \t \0\n' >script-4
    : >empty
    chmod +x edit-* script-* empty
    for file in edit-* script-* empty; do
        run timeout 20 build/bellhop run -- "./$file"
        refute_output --partial Sanitizer
        refute_output --partial 'runtime error'
    done
}
