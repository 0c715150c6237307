# Outbound rules: a member leaves only for the hosts that it may go to, on every hop of a redirect.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"
HOPS=/hops/service-c.test/service-b.test/end

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    rules '{ hosts = [ "service-b.test" ]; keys = [ "user-id", "tenant-*" ]; }' \
        '{ hosts = [ "*" ]; keys = [ ]; }'
}

# rules RULE...: the settings file of the test.
rules() {
    local IFS=,
    echo "outbound = ( $* );" >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf"
}

# assert_hops: B had the members, C had none, B had them again.
assert_hops() {
    assert_sent "GET service-b.test $HOPS $B" "GET service-c.test /hops/service-b.test/end -" \
        "GET service-b.test /end $B"
}

@test "a member goes to a host whose rule names it, and to no other" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "$(at_b /)" "$(at_c /)"
        assert_sent "GET service-b.test / $B" "GET service-c.test / -"
    done
}

@test "the first rule that matches wins, and without a match nothing goes" {
    rules '{ hosts = [ "service-b.test" ]; keys = [ "tenant-id" ]; }' \
        '{ hosts = [ "*.test" ]; keys = [ "user-*" ]; }'
    curl_args http
    same curl "${ARGS[@]}" "$(url http service-b.test /)" "$(url http service-c.test /)" \
        "http://127.0.0.1:$HTTP_PORT/"
    assert_sent "GET service-b.test / tenant-id=abcde" "GET service-c.test / user-id=user-12345" \
        "GET 127.0.0.1 / -"
}

@test "hosts match by address, by network and by port" {
    rules "{ hosts = [ \"service-b.test:$HTTP_PORT\", \"127.0.0.0/8\" ]; keys = [ \"user-id\" ]; }"
    curl_args http
    same curl "${ARGS[@]}" "$(url http service-b.test /)" "http://127.0.0.1:$HTTP_PORT/"
    assert_sent "GET service-b.test / user-id=user-12345" "GET 127.0.0.1 / user-id=user-12345"
    rules '{ hosts = [ "service-b.test:1" , "10.0.0.0/8", "127.0.0.2" ]; keys = [ "user-id" ]; }'
    same curl "${ARGS[@]}" "$(url http service-b.test /)" "http://127.0.0.1:$HTTP_PORT/"
    assert_sent "GET service-b.test / -" "GET 127.0.0.1 / -"
}

@test "a host is the same in any letter case" {
    curl_args http
    same curl "${ARGS[@]}" "http://Service-B.TEST:$HTTP_PORT/"
    assert_sent "GET Service-B.TEST / $B"
}

@test "user names and fragments in a URL do not pass for its host" {
    local trick
    curl_args http
    for trick in "service-b.test@service-c.test:$HTTP_PORT/" \
        "service-b.test:80@service-c.test:$HTTP_PORT/" \
        "service-c.test:$HTTP_PORT/#@service-b.test" \
        "service-c.test:$HTTP_PORT/?@service-b.test/"; do
        same curl "${ARGS[@]}" "http://$trick"
        assert_exit 0
        assert_equal "$(sent | grep -c '^GET service-c.test /.* -$')" 1
    done
}

@test "a Host header does not pass for the host that the request goes to" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -H "Host: service-b.test" "$(at_c /)"
        assert_equal "$(sent | cut -d' ' -f4)" "-"
    done
}

@test "each hop of a redirect is judged by its own host: B, C, B" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -L "$(at_b $HOPS)"
        assert_exit 0
        assert_hops
    done
}

@test "a redirect from a host without to a host with: the members appear there" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -L "$(at_c /hops/service-b.test/end)"
        assert_sent "GET service-c.test /hops/service-b.test/end -" "GET service-b.test /end $B"
    done
}

@test "each host of a redirect gets the members that are for it" {
    local proto
    rules '{ hosts = [ "service-b.test" ]; keys = [ "user-id" ]; }' \
        '{ hosts = [ "service-c.test" ]; keys = [ "tenant-*" ]; }'
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -L "$(at_b $HOPS)"
        assert_sent "GET service-b.test $HOPS user-id=user-12345" \
            "GET service-c.test /hops/service-b.test/end tenant-id=abcde" \
            "GET service-b.test /end user-id=user-12345"
    done
}

@test "the program's own header goes where curl sends it, ours beside it only where it may" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -L -H "Baggage: own=1" -H "X-Own: 2" "$(at_b $HOPS)"
        assert_sent "GET service-b.test $HOPS own=1,$B" \
            "GET service-c.test /hops/service-b.test/end own=1" "GET service-b.test /end own=1,$B"
    done
}

@test "a redirect from HTTP to HTTPS and back is judged by host" {
    local to back
    curl_args https
    back=$(jq -rn --arg u "$(url http service-b.test /end)" '$u | @uri')
    to=$(jq -rn --arg u "$(url https service-c.test "/redirect?to=$back")" '$u | @uri')
    same curl "${ARGS[@]}" -L "$(url http service-b.test "/redirect?to=$to")"
    assert_exit 0
    assert_equal "$(sent | cut -d' ' -f2,4)" \
        "service-b.test $B"$'\n'"service-c.test -"$'\n'"service-b.test $B"
}

@test "redirects that keep the method and body, and those that do not" {
    local code proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        for code in 301 303 307 308; do
            same curl "${ARGS[@]}" -L -d "some=body" \
                "$(at_b "/hops/service-c.test/service-b.test/echo?code=$code")"
            assert_exit 0
            assert_equal "$(sent | cut -d' ' -f2,4)" \
                "service-b.test $B"$'\n'"service-c.test -"$'\n'"service-b.test $B"
        done
    done
}

@test "redirects followed by easy handles in C, reused for other hosts" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same "$APPS/curl-easy" reuse "$(at_b /)" "$(at_c /)"
        assert_sent "GET service-b.test / $B" "GET service-c.test / -" "GET service-b.test / $B" \
            "GET service-c.test / -" "GET service-b.test / $B" "GET service-c.test / -"
    done
}

@test "redirects followed in a multi handle, in each style" {
    local proto style
    export APP_FOLLOW=1
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        for style in wait socket; do
            same -u "$APPS/curl-multi" "$style" "$(at_b $HOPS)" \
                "$(at_c /hops/service-b.test/other)"
            assert_equal "$(sent | sort | uniq -c | sed 's/^ *//')" \
                "$(sort -k2 <<LIST
2 GET service-b.test $HOPS $B
2 GET service-b.test /end $B
2 GET service-b.test /other $B
2 GET service-c.test /hops/service-b.test/end -
2 GET service-c.test /hops/service-b.test/other -
LIST
)"
        done
    done
}

@test "a URL given in parts, and changed in place, is judged as it is when the request starts" {
    app_env http
    same "$APPS/curl-easy" parsed-url "$(at_b /b)" "$(at_c /c)"
    assert_sent "GET service-c.test /c -" "GET service-b.test /b $B" "GET service-c.test /c -"
    same "$APPS/curl-easy" copied-url "$(at_b /b)" "$(at_c /c)"
    assert_sent "GET service-c.test /c -"
}

@test "a copied, a reset and a shared handle do not take members to another host" {
    app_env http
    same "$APPS/curl-easy" duplicate "$(url http service-b.test /)" "$(url http service-c.test /)"
    assert_equal "$(sent | cut -d' ' -f2,4)" \
        "$(printf '%s\n' "service-b.test $B" "service-b.test $B" "service-c.test -" \
            "service-c.test -")"
    same "$APPS/curl-easy" reset "$(url http service-b.test /)" "$(url http service-c.test /)"
    assert_equal "$(sent | cut -d' ' -f2,4)" \
        "$(printf '%s\n' "service-b.test $B" "service-c.test -" "service-b.test $B")"
    same "$APPS/curl-easy" list-shared "$(url http service-b.test /)" "$(url http service-c.test /)"
    assert_equal "$(sent | cut -d' ' -f2,4 | sort | uniq -c | sed 's/^ *//')" \
        "12 service-b.test own=1,$B"$'\n'"13 service-c.test own=1"
}

@test "a program with a callback of its own before requests: it is called, and hops are judged" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        app_env "$proto"
        same "$APPS/curl-prereq" own "$(at_b $HOPS)" \
            "$(at_c /hops/service-b.test/end)"
        run cat "$T/shim.out"
        assert_line "calls 3"
        assert_equal "$(sent | grep '^GET service-c' | cut -d' ' -f4 | sort -u)" "-"
        assert_equal "$(sent | grep '^GET service-b' | cut -d' ' -f4 | sort -u)" "$B"
    done
}

# --- libcurl before 7.80 has no callback before each request --------------------------------

# old COMMAND...: the same run with an old libcurl, which was asked and refused.
old() {
    : >"$T/refused"
    export CURLOLD_FD=9
    AFTER="$APPS/libcurlold.so" same "$@" 9>>"$T/refused"
    assert [ -s "$T/refused" ]
}

@test "an old libcurl: a request that stays on its host carries what may go there" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        old curl "${ARGS[@]}" "$(at_b /)" "$(at_c /)"
        assert_sent "GET service-b.test / $B" "GET service-c.test / -"
    done
}

@test "an old libcurl: a redirect takes no member to a host that may not have it" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        old curl "${ARGS[@]}" -L -H "Baggage: own=1" "$(at_b $HOPS)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 3
        assert_equal "$(sent | grep '^GET service-c')" \
            "GET service-c.test /hops/service-b.test/end own=1"
        refute [ "$(sent | grep -c '^GET service-b.* own=1')" -ne 2 ]
    done
}

@test "an old libcurl: without rules every hop carries everything" {
    local proto
    unset BELLHOP_CONFIG
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        AFTER="$APPS/libcurlold.so" same curl "${ARGS[@]}" -L "$(at_b $HOPS)"
        assert_all_sent "$B"
        assert_equal "$(sent | wc -l)" 3
    done
}

@test "an old libcurl: multi handles and reused handles leak nothing either" {
    export APP_FOLLOW=1 APP_OWN="X-Own: 1"
    app_env http
    old "$APPS/curl-multi" wait "$(url http service-b.test $HOPS)"
    assert_equal "$(sent | grep '^GET service-c' | cut -d' ' -f4 | sort -u)" "-"
    unset APP_FOLLOW
    old "$APPS/curl-easy" reuse "$(url http service-b.test /)" "$(url http service-c.test /)"
    assert_sent "GET service-b.test / $B" "GET service-c.test / -" "GET service-b.test / $B" \
        "GET service-c.test / -" "GET service-b.test / $B" "GET service-c.test / -"
}
