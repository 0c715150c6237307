# The public API: a program that includes bellhop/baggage.h, with the shim and without.

load lib/bed

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    export BAGGAGE="user-id=user-12345;source=env,tenant-id=abcde"
    mark
}

# api WORD...: what the program prints under the shim.
api() { run env LD_PRELOAD="$SHIM" "$APPS/api" "$@"; }

# The baggage of each request that the server saw, a line each.
heard() {
    since >"$T/shim.jsonl"
    sent | cut -d' ' -f4-
}

@test "without the shim the program runs and finds nothing" {
    run "$APPS/api" present set a 1 - get a remove a clear attach a=1 detach current parse a=1 \
        merge a=1 b=2 with a=1 b 2 - without a=1 a
    assert_success
    assert_line "present 0"
    assert_line "set -38"
    assert_line "get -38 "
    assert_line "current  count=0"
    assert_line "parse  count=0"
    refute_output --partial "a=1"
}

@test "the header compiles as C11 and as C++, with and without PIE, without a warning" {
    local flags
    cat >"$T/p.cpp" <<'CPP'
#include <dlfcn.h>
#include <bellhop/baggage.h>
#include <stdio.h>
int main() { return printf("%d\n", bellhop_present()) < 0; }
CPP
    cp "$T/p.cpp" "$T/p.c"
    for flags in "" "-no-pie -fno-pie" "-O2 -fPIE -pie"; do
        # shellcheck disable=SC2086
        gcc -std=c11 -Wall -Wextra -Wpedantic -Werror $flags -I"$BATS_TEST_DIRNAME/../include" -o "$T/c" "$T/p.c"
        # shellcheck disable=SC2086
        g++ -Wall -Wextra -Werror $flags -I"$BATS_TEST_DIRNAME/../include" -o "$T/cpp" "$T/p.cpp"
        assert_equal "$("$T/c") $(LD_PRELOAD=$SHIM "$T/c")" "0 1"
        assert_equal "$("$T/cpp") $(LD_PRELOAD=$SHIM "$T/cpp")" "0 1"
    done
}

@test "the current baggage is the environment's until the program changes it" {
    api current get user-id get none
    assert_line --index 0 "current user-id=user-12345;source=env,tenant-id=abcde \
[user-id|user-12345|source=env] [tenant-id|abcde|] count=2"
    assert_line --index 1 "get 10 user-12345"
    assert_line --index 2 "get -2 "
}

@test "a member that is set replaces, is encoded, and goes out with the next request" {
    api set tenant-id "a b,c" "p=1;q" set new 100% - get new ask "$HTTP_PORT"
    assert_line --index 0 "set 0"
    assert_line --index 2 "get 4 100%"
    assert_equal "$(heard)" \
        "user-id=user-12345;source=env,tenant-id=a%20b%2Cc;p=1;q,new=100%25"
}

@test "what cannot be sent is refused, and changes nothing" {
    api set "a b" 1 - set "" 1 - set k 1 "p q" set k "$(printf 'x%.0s' {1..9000})" - current
    assert_line --index 0 "set -22"
    assert_line --index 1 "set -22"
    assert_line --index 2 "set -22"
    assert_line --index 3 "set -7"
    assert_line --index 4 --partial "count=2"
}

@test "a member that is removed stays away, wherever it came from, until it is set again" {
    api remove user-id current set user-id 2 - current remove none
    assert_line --index 1 --partial "current tenant-id=abcde [tenant"
    assert_line --index 3 --partial "current tenant-id=abcde,user-id=2 ["
    assert_line --index 4 "remove 0"
}

@test "clear takes everything out; what is set then is alone" {
    api clear current ask "$HTTP_PORT" set k v - ask "$HTTP_PORT"
    assert_line --index 1 "current  count=0"
    assert_equal "$(heard | xargs)" "- k=v"
}

@test "attach and detach nest" {
    api attach a=1 attach b=2,tenant-id=mine ask "$HTTP_PORT" detach ask "$HTTP_PORT" detach \
        ask "$HTTP_PORT"
    assert_equal "$(heard)" "user-id=user-12345;source=env,b=2,tenant-id=mine
user-id=user-12345;source=env,tenant-id=abcde,a=1
user-id=user-12345;source=env,tenant-id=abcde"
}

@test "another thread has the process's baggage, not this one's" {
    api set a 1 - thread current set b 2 - ask "$HTTP_PORT"
    assert_line --index 1 --partial "current user-id=user-12345;source=env,tenant-id=abcde ["
    assert_equal "$(heard)" "user-id=user-12345;source=env,tenant-id=abcde,b=2"
}

@test "lists: parse keeps the good members, merge lets the stronger win, with keeps the place" {
    api parse "a=1;p, bad key=2 ,b = 3" merge "b=new,c=4" "a=1,b=2" with "a=1,b=2,c=3" b x "m=1" \
        with "a=1" b " " - without "a=1,b=2,a=3" a
    assert_line --index 0 "parse a=1;p,b=3 [a|1|p] [b|3|] count=2"
    assert_line --index 1 "merge a=1,b=new,c=4 [a|1|] [b|new|] [c|4|] count=3"
    assert_line --index 2 "with a=1,b=x;m=1,c=3 [a|1|] [b|x|m=1] [c|3|] count=3"
    assert_line --index 3 "with a=1,b=%20 [a|1|] [b|%20|] count=2"
    assert_line --index 4 "without b=2 [b|2|] count=1"
}

@test "policy's set is stronger than the program, its default weaker than everything" {
    cat >"$T/c.conf" <<'CONF'
set = ( { key = "tenant-id"; value = "policy"; } );
default = ( { key = "user-id"; value = "nobody"; }, { key = "region"; value = "eu"; } );
CONF
    export BELLHOP_CONFIG=$T/c.conf
    api set tenant-id mine - set region us - remove user-id current clear current
    assert_line --index 3 --partial "current region=us,tenant-id=policy ["
    assert_line --index 5 --partial "current tenant-id=policy ["
}

@test "valgrind and sanitizers find nothing in all of it" {
    local words=(set a 1 - set a 2 p remove a remove user-id clear attach a=1 attach b=2 current
        detach detach parse "a=1,,b" merge a=1 b=2 with a=1 b 2 - without a=1 a thread set x 1 -
        attach "y=2" current)
    run valgrind -q --error-exitcode=9 --leak-check=full --errors-for-leak-kinds=definite \
        env LD_PRELOAD="$SHIM" "$APPS/api" "${words[@]}"
    assert_success
    run env LD_PRELOAD="$SHIM" valgrind -q --trace-children=yes --error-exitcode=9 \
        --leak-check=full --errors-for-leak-kinds=definite "$APPS/api" "${words[@]}"
    assert_success
    run env LD_PRELOAD="$(gcc -print-file-name=libasan.so) $BELLHOP_BUILD/asan/libbellhop.so" \
        ASAN_OPTIONS=detect_leaks=0 "$BELLHOP_BUILD/asan/apps/api" "${words[@]}"
    assert_success
}
