# Node carries baggage over plain HTTP. Its OpenSSL is inside the program: there it is undisturbed.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    # The distribution's, or the one that is there.
    NODE=(node)
    [[ ! -x /usr/bin/node ]] || NODE=(/usr/bin/node)
    need "${NODE[0]}" nodejs
    NODE+=("$BATS_TEST_DIRNAME/apps/prog-node.js")
}

@test "http.request over one kept connection" {
    carry "${NODE[@]}" client "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
}

@test "its own baggage is merged with" {
    carry "${NODE[@]}" own "$(where http /)"
    assert_sent "GET localhost /own own=1,$B"
}

@test "thirty requests over six connections" {
    carry -u "${NODE[@]}" many "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 30
}

@test "fetch, with a redirect" {
    carry "${NODE[@]}" fetch "$(where http /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
}

@test "a socket that was corked" {
    carry "${NODE[@]}" sockets "$(where http /)"
    assert_exit 0
}

@test "over HTTPS nothing is disturbed" {
    same "${NODE[@]}" client "$(where https /)" "$CA"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 4
}
