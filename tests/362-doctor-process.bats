#!/usr/bin/env bats
# bellhop doctor --pid: what is said of a process that runs.
# shellcheck disable=SC2154  # bats sets stderr

load lib/doctor

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    pid=
}

teardown() {
    [[ -z $pid ]] || kill "$pid" 2>/dev/null || true
}

# start COMMAND...: in the background; $pid is its number. It runs as soon as its own file is there.
start() {
    # bats waits for everything that holds its descriptors.
    "$@" </dev/null >out 2>err 3>&- 4>&- &
    pid=$!
    wait_for 20 runs
}

runs() {
    [[ $(readlink "/proc/$pid/exe") != */@(bash|env) ]] && grep -qs 'libc\.so' "/proc/$pid/maps"
}

with_shim() { start env LD_PRELOAD="$BUILD/libbellhop.so" "$@"; }

is_loaded() { grep -q libbellhop "/proc/$pid/maps"; }

@test "a process without the shim" {
    start sleep 100
    report 3 --pid "$pid"
    says ".process.pid == $pid and .process.loaded == false and .reach == \"nothing\" and .carried == []"
    assert_line --regexp "^process +$pid of user .*, bellhop is not loaded"
    assert_line 'not carried: anything: bellhop is not loaded there'
    assert_line --partial 'do: start it again with bellhop run'
}

@test "a process with the shim, and libraries that it loaded by itself" {
    with_shim "$PYTHON" -u -c 'import ssl, time; print("ready"); time.sleep(100)'
    wait_for 30 grep -q ready out
    report 0 --pid "$pid"
    says '.process.loaded and .process.preload_asked and .process.disabled == false'
    says '.ways.openssl[0] | startswith("_ssl.")'
    says 'any(.libraries[]; (.name | startswith("_ssl.")) and .needed_by == null)'
    says 'any(.libraries[]; (.name | startswith("libssl.")) and (.needed_by | strings | startswith("_ssl.")))'
    found python
    assert_line --partial 'note: neither BAGGAGE nor BELLHOP_CONFIG was in its environment'
    # The shim is no part of what it does.
    says 'all(.found[]; all(.in[]; startswith("libbellhop") | not))'
    says 'all(.hooks[][]; all(.[]; startswith("libbellhop") | not))'
}

@test "a process with a settings file has the reader of it" {
    echo 'default = ( { key = "a"; value = "b"; } );' >f.conf
    with_shim env BELLHOP_CONFIG="$PWD/f.conf" BAGGAGE=a=1 sleep 100
    wait_for 20 is_loaded
    report 0 --pid "$pid"
    says '.process.baggage and .process.config'
    refute_output --partial 'neither BAGGAGE nor'
}

@test "a process that was told to do without" {
    with_shim env BELLHOP_DISABLED=true sleep 100
    wait_for 20 is_loaded
    report 3 --pid "$pid"
    says '.process.disabled and .process.loaded'
    assert_line 'not carried: anything: BELLHOP_DISABLED=true was in its environment'
    assert_line 'do: start it again without BELLHOP_DISABLED'
}

@test "LD_PRELOAD that the loader could not follow" {
    start env LD_PRELOAD=/nowhere/libbellhop.so sleep 100
    report 3 --pid "$pid"
    says '.process.preload_asked and .process.loaded == false'
    assert_line --partial 'although LD_PRELOAD named it'
}

@test "files that were replaced since: the program and a library" {
    library leaf leaf
    SOURCE='int leaf(void); int pause(void); int main(void) { leaf(); return pause(); }' \
        program prog -L. -lleaf -Wl,-rpath,"$PWD"
    start ./prog
    says_replaced 0
    cp libleaf.so new
    mv new libleaf.so
    says_replaced 1
    cp prog new
    mv new prog
    says_replaced 2
    report 3 --pid "$pid"
    assert_line --regexp '^program .*/prog \(replaced on disk since\)$'
    assert_line --partial 'note: 2 of its files were replaced on disk'
    rm prog libleaf.so
    says_replaced 2
}

says_replaced() {
    report 3 --pid "$pid"
    says ".process.replaced == $1"
}

@test "seccomp, and no new privileges" {
    SOURCE='#include <linux/filter.h>
        #include <linux/seccomp.h>
        #include <sys/prctl.h>
        #include <unistd.h>
        int main(void)
        {
            struct sock_filter allow = { 6, 0, 0, SECCOMP_RET_ALLOW };
            struct sock_fprog filter = { 1, &allow };
            prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) != 0)
                return 1;
            write(1, "ready", 5);
            return pause();
        }' program prog
    with_shim ./prog
    wait_for 20 grep -q ready out
    report 0 --pid "$pid"
    says '.process.seccomp > 0 and .process.no_new_privs'
    assert_line --partial 'note: seccomp filters its system calls; that does no harm'
}

@test "a process that gained rights when it was started" {
    [[ $(id -u) == 0 ]] || skip "needs root to make a setuid program"
    local dir
    dir=$(suid_dir) || skip "no folder where setuid counts"
    cp "$(type -P sleep)" "$dir/suid.$$"
    chown 65533:65533 "$dir/suid.$$"
    chmod 4755 "$dir/suid.$$"
    chmod a+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$BATS_TEST_TMPDIR"
    start setpriv --reuid 65534 --regid 65534 --clear-groups \
        env LD_PRELOAD="$BUILD/libbellhop.so" "$dir/suid.$$" 100
    wait_for 20 grep -q "suid.$$" "/proc/$pid/maps"
    report 3 --pid "$pid"
    rm -f "$dir/suid.$$"
    says '.process.secure and .process.loaded == false'
    assert_line --partial 'it gained rights when it was started'
}

@test "a process of somebody else is not looked into, and that is said" {
    [[ $(id -u) == 0 ]] || skip "needs root to be somebody else"
    start sleep 100
    mkdir own
    cp "$BUILD/bellhop" "$BUILD/libbellhop.so" own/
    chmod -R a+rX .
    chmod a+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$BATS_TEST_TMPDIR"
    run -4 setpriv --reuid 65534 --regid 65534 --clear-groups "$PWD/own/bellhop" doctor --pid "$pid"
    assert_output "bellhop doctor: process $pid belongs to user 0, and may not be looked at from here: run this as that user, or as root where the process was started"
}

@test "what is no process, a process that ended, a thread of the kernel" {
    run -4 bellhop doctor --pid 2147483647
    assert_output 'bellhop doctor: there is no process 2147483647'
    start sleep 100
    kill "$pid"
    wait_for 20 gone
    run -4 bellhop doctor --pid "$pid"
    pid=
    [[ -e /proc/2 && -z $(tr -d '\0' </proc/2/cmdline) ]] || return 0
    run -4 bellhop doctor --pid 2
    assert_output --regexp 'process 2 (has no program|belongs to user)'
}

gone() { ! kill -0 "$pid" 2>/dev/null || grep -q '^State:.Z' "/proc/$pid/status"; }

@test "the sanitizers find nothing while processes are looked at" {
    local how
    start "$PYTHON" -u -c 'import ssl, time, socket; print("ready"); time.sleep(100)'
    wait_for 30 grep -q ready out
    for how in --json --pid="$pid"; do
        run timeout 60 "$BUILD/asan/bellhop" doctor "$how" --pid "$pid"
        assert_equal "$status" 3
        refute_output --partial Sanitizer
        refute_output --partial 'runtime error'
    done
}
