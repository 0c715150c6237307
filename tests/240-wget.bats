# wget, which uses GnuTLS, carries baggage.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    WGET=(wget --no-config --no-hsts -nv -t 1 -T 60 --no-proxy "--ca-certificate=$CA")
    # wget prints the time of day.
    export SAME_STDERR=no
}

@test "a GET carries it over HTTP and HTTPS" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${WGET[@]}" -O - "$(where "$proto" /a?b=c)"
        assert_exit 0
        assert_equal "$(cat "$T/shim.out")" "GET /a"
    done
}

@test "several files over one connection, and a HEAD" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${WGET[@]}" "$(where "$proto" /one)" "$(where "$proto" /two)" \
            "$(where "$proto" /chunked)"
        assert_exit 0
        assert_equal "$(cat "$T/shim/chunked")" $'one\ntwo\nthree'
        carry "${WGET[@]}" --spider "$(where "$proto" /head)"
        assert_exit 0
        assert_sent "HEAD localhost /head $B"
    done
    assert_equal "$(jq -r .conn "$T/shim.jsonl" | sort -u | wc -l)" 1
}

@test "a POST of a large file arrives whole" {
    local proto
    head -c 3000000 /dev/urandom >"$T/big"
    for proto in "${BOTH[@]}"; do
        carry "${WGET[@]}" -O back --post-file="$T/big" "$(where "$proto" /echo)"
        assert_exit 0
        cmp "$T/big" "$T/shim/back"
    done
}

@test "redirects and an authentication round trip" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${WGET[@]}" -O - "$(where "$proto" "/redirect?to=/there&code=301")"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 2
        carry "${WGET[@]}" -O - --user me --password secret "$(where "$proto" /private)"
        assert_exit 0
        assert_equal "$(cat "$T/shim.out")" welcome
    done
}

@test "its own baggage is merged with" {
    local proto
    for proto in "${BOTH[@]}"; do
        carry "${WGET[@]}" -O - --header "Baggage: own=1" "$(where "$proto" /own)"
        assert_sent "GET localhost /own own=1,$B"
    done
}

@test "the exit code of a failure is wget's own" {
    carry "${WGET[@]}" -O - "$(where http /private)"
    assert_exit 6
    same "${WGET[@]}" -O - "http://localhost:$(free_ports 1)/"
    assert_exit 4
    same "${WGET[@]}" -O - --ca-certificate=/etc/hostname "$(where https /)"
    assert_exit 5
}
