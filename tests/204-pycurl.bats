# pycurl, easy and multi: a libcurl that the program loads with dlopen and RTLD_LOCAL.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"
HOPS=/hops/service-c.test/service-b.test/end

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    APP=("$PYTHON" "$BATS_TEST_DIRNAME/apps/pycurl-app.py")
}

@test "an easy handle, with lists, reset and copied" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same "${APP[@]}" easy "$(at_b /a)" "$(at_c /b)"
        assert_exit 0
        assert_protocol "$proto"
        assert_sent "GET service-b.test /a $B" "GET service-b.test /a own=1,$B" \
            "GET service-c.test /b $B" "POST service-c.test /b $B" "GET service-b.test /a $B" \
            "GET service-b.test /a $B"
    done
}

@test "twelve handles in a multi, twice" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same -u "${APP[@]}" multi "$(at_b /a)" "$(at_c /b)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 24
        assert_all_sent "$B"
    done
}

@test "handles in six threads" {
    local proto
    for proto in http h2; do
        app_env "$proto"
        same -u "${APP[@]}" threads "$(at_b /a)" "$(at_c /b)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 60
        assert_all_sent "$B"
    done
}

@test "redirects are judged hop by hop" {
    local proto
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );' >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf"
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same "${APP[@]}" follow "$(at_b $HOPS)"
        assert_sent "GET service-b.test $HOPS user-id=user-12345" \
            "GET service-c.test /hops/service-b.test/end -" \
            "GET service-b.test /end user-id=user-12345"
    done
}
