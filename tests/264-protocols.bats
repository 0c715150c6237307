# Other protocols pass untouched: SMTP, FTP, WebSocket, HTTP/2 without TLS.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }
teardown() { server_stop; }

protocol_app() {
    alike "$PYTHON" "$BATS_TEST_DIRNAME/apps/prog-protocols.py" "$1" "$TAP_PORT" || return 1
    assert_exit 0
}

@test "smtplib, with a message of requests" {
    stub_start smtp
    tap_start "$STUB_PORT"
    protocol_app smtp
    run cat "$T/shim.out"
    assert_output --partial "250"
}

@test "curl over FTP, both directions" {
    stub_start ftp
    alike curl -q -sS --max-time 60 "ftp://127.0.0.1:$STUB_PORT/file"
    assert_exit 0
    assert_equal "$(wc -c <"$T/shim.out")" 30000
    printf 'a line before\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n' >"$T/up"
    tap_start "$STUB_PORT"
    alike curl -q -sS --max-time 60 -T "$T/up" "ftp://127.0.0.1:$TAP_PORT/up"
    assert_exit 0
}

@test "FTP: a file that begins like a request arrives as it is" {
    stub_start ftp
    printf 'GET / HTTP/1.1\r\nHost: x\r\n\r\n' >"$T/up"
    run shim curl -q -sS -v --max-time 60 -T "$T/up" "ftp://127.0.0.1:$STUB_PORT/up"
    assert_success
    assert_output --partial "226 $(sha256sum <"$T/up" | cut -d' ' -f1)"
}

@test "a WebSocket: baggage on the request for it, and nothing in what follows" {
    local bare shim line
    stub_start websocket
    tap_start "$STUB_PORT"
    ALIKE_BYTES=no protocol_app websocket
    assert_equal "$(grep -c True "$T/shim.out")" 5
    bare=$(cat "$T/bare.tap") shim=$(cat "$T/shim.tap")
    line=$(printf 'baggage: %s\r\n' "$B" | od -An -tx1 -v | tr -d ' \n')
    assert_equal "${shim/$line/}" "$bare"
    assert_not_equal "$shim" "$bare"
}

@test "HTTP/2 without TLS: the preface goes first, untouched" {
    tap_start "$H2C_PORT"
    # Baggage is among the headers, which libcurl sends compressed.
    ALIKE_BYTES=no alike curl -q -sS --http2-prior-knowledge --max-time 60 \
        -w '%{http_version} %{http_code}\n' "http://127.0.0.1:$TAP_PORT/a"
    assert_exit 0
    assert_equal "$(cat "$T/shim.out")" $'GET /a\n2 200'
    # The preface, whole and at the beginning.
    assert_equal "$(head -c 48 "$T/shim.tap")" \
        "$(printf 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n' | od -An -tx1 -v | tr -d ' \n')"
}
