# Memory: nothing is lost per request, and the checkers that come with the compilers find nothing.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"
HOPS=/hops/service-c.test/service-b.test/end

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );
          set = ( { key = "set"; value = "1"; } );' >"$T/rules.conf"
}

# grown NUMBER WHERE: a value of curl-loop's line.
grown() {
    sed -n "s/.*$1 \(-\?[0-9]*\).*/\1/p" "$T/$2.out"
}

# assert_no_growth COUNT: as much heap as without the shim, but for what one request may keep.
assert_no_growth() {
    run_in bare "$APPS/curl-loop" "$1" "http://127.0.0.1:$HTTP_PORT/a"
    run_in shim "$APPS/curl-loop" "$1" "http://127.0.0.1:$HTTP_PORT/a"
    assert_exit 0
    assert_equal "$(sent | wc -l)" "$1"
    echo "bare: $(cat "$T/bare.out") shim: $(cat "$T/shim.out")"
    assert [ "$(grown heap shim)" -le "$(($(grown heap bare) + 4096))" ]
    assert [ "$(grown rss shim)" -le "$(($(grown rss bare) + 524288))" ]
}

@test "10,000 requests of one handle leave no more memory in use than without the shim" {
    assert_no_growth 10000
    assert_equal "$(sent | sort | uniq -c | sed 's/^ *//')" "10000 GET 127.0.0.1 /a $B"
}

@test "3,000 requests with a new list each time, and rules, leave no more memory in use" {
    export APP_LIST=1 BELLHOP_CONFIG="$T/rules.conf"
    assert_no_growth 3000
}

@test "1,500 handles, each made, used and cleaned up, leave no more memory in use" {
    APP_FRESH=1 assert_no_growth 1500
    APP_FRESH=1 APP_MULTI=1 assert_no_growth 1500
}

# --- valgrind -------------------------------------------------------------------------------

# grind COMMAND...: valgrind finds no error and nothing lost.
grind() {
    local rc=0
    mark
    env LD_PRELOAD="$SHIM" timeout 250 valgrind -q --error-exitcode=99 --leak-check=full \
        --errors-for-leak-kinds=definite,indirect --show-leak-kinds=definite,indirect \
        --log-file="$T/valgrind" "$@" >"$T/shim.out" 2>&1 3>&- || rc=$?
    since >"$T/shim.jsonl"
    if [[ $rc != 0 || -s $T/valgrind ]]; then
        echo "exit $rc: $*"
        tail -3 "$T/shim.out"
        head -60 "$T/valgrind"
        return 1
    fi
}

@test "valgrind: 300 requests of one handle" {
    [[ $SHIM != *:* ]] || skip "not together with a sanitizer"
    export APP_LIST=1
    grind "$APPS/curl-loop" 300 "http://127.0.0.1:$HTTP_PORT/a"
    assert_equal "$(sent | wc -l)" 300
    assert_equal "$(sent | grep -c 'user-12345')" 300
}

@test "valgrind: handles copied, reset and shared, and a multi, with redirects and rules" {
    [[ $SHIM != *:* ]] || skip "not together with a sanitizer"
    local scenario
    app_env http
    export BELLHOP_CONFIG="$T/rules.conf" APP_FOLLOW=1
    for scenario in duplicate reset list-shared list-append parsed-url methods errors; do
        grind "$APPS/curl-easy" "$scenario" "$(url http service-b.test /a)" \
            "$(url http service-c.test /b)"
    done
    grind "$APPS/curl-prereq" own "$(url http service-b.test $HOPS)"
    grind "$APPS/curl-multi" socket "$(at_b $HOPS)" "$(at_c /b)"
    assert_equal "$(sent | grep -c ' user-id=user-12345$')" 4
    assert_equal "$(sent | grep -c '^GET service-c.* -$')" 4
}

# --- sanitizers -----------------------------------------------------------------------------

# use_sanitizer NAME RUNTIME: the shim of that build, and the runtime library before it.
use_sanitizer() {
    local runtime
    # gcc's own, as the Makefile's CC is. The curl command is no host for it: with nothing else
    # preloaded, ASan's setlocale locks itself up there.
    runtime=$(gcc -print-file-name="$2")
    [[ -f $BUILD/$1/libbellhop.so ]] || fail "no $BUILD/$1: make san-builds"
    [[ $runtime == /* ]] || fail "gcc has no $2"
    SHIM="$runtime:$BUILD/$1/libbellhop.so"
    export ASAN_OPTIONS=detect_leaks=0:abort_on_error=0:exitcode=98
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=0
    export TSAN_OPTIONS=report_bugs=1:exitcode=97
}

# everything PROTOCOL: each program runs as it does without the shim, so no checker said a word.
everything() {
    local b c scenario style
    app_env "$1"
    b=$(url "$1" service-b.test /a)
    c=$(url "$1" service-c.test /b)
    for scenario in reuse methods reset duplicate list-free list-append list-shared list-edit \
        parsed-url copied-url upload shared-connections errors; do
        same -u "$APPS/curl-easy" "$scenario" "$b" "$c"
    done
    for scenario in own abort copies sets-headers; do
        same "$APPS/curl-prereq" "$scenario" "$b" "$c"
    done
    for style in wait poll select socket; do
        APP_FOLLOW=1 same -u "$APPS/curl-multi" "$style" "$b" "$c" \
            "$(url "$1" service-b.test $HOPS)"
    done
    same "$APPS/curl-threads" share "$b"
    assert_equal "$(sent | wc -l)" 80
}

@test "AddressSanitizer and UBSan find nothing in any scenario" {
    use_sanitizer asan libasan.so
    everything http
    export BELLHOP_CONFIG="$T/rules.conf" BELLHOP_LOG="debug:$T/log"
    everything h2
    app_env http
    same "$APPS/dlcurl" both "$(url http service-b.test /a)"
}

@test "AddressSanitizer and UBSan find nothing with hostile values" {
    use_sanitizer asan libasan.so
    local value
    app_env http
    for value in $'k=v\r\nX: 1,ok=1' $'k=\xff' "$(printf 'k=%0100000d' 0)" "k=%" "k=%4" "=" \
        ";" "k;" "$(seq -f 'k%.0f=v' -s , 1 10000)" "k=v;p=%;;" ",k=" "$(printf 'k=%08190d' 0)"; do
        BAGGAGE="$value" TRACEPARENT="$value" TRACESTATE="$value" \
            same "$APPS/curl-easy" list-append "$(url http service-b.test /a)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 3
    done
}

@test "ThreadSanitizer finds nothing with handles in eight threads" {
    use_sanitizer tsan libtsan.so
    local mode
    app_env http
    export BELLHOP_CONFIG="$T/rules.conf"
    for mode in each hand share; do
        same -u "$APPS/curl-threads" "$mode" "$(url http service-b.test /a)"
        assert_exit 0
    done
}
