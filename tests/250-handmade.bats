# Requests made by hand, and sent by programs that know nothing of HTTP.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    FILES=(get post lines own two)
    printf '%s\r\n' "GET /hand?b=c HTTP/1.1" "Host: localhost" "Connection: close" "" >"$T/get"
    printf '%s\r\n' "POST /echo HTTP/1.1" "Host: localhost" "Connection: close" \
        "Content-Length: 54" "" >"$T/post"
    printf 'GET /inside HTTP/1.1\r\nHost: localhost\r\nBaggage: no=1\r\n' >>"$T/post"
    printf 'GET /lines HTTP/1.1\nHost: localhost\nConnection: close\n\n' >"$T/lines"
    printf 'GET /own HTTP/1.1\r\nbaggage: own=1\r\nHost: x\r\nConnection: close\r\n\r\n' >"$T/own"
    { sed 's/^Connection.*/X: 1\r/' "$T/get" && cat "$T/post"; } >"$T/two"
}
teardown() { server_stop; }

# each_file COMMAND...: a run with each of FILES as its standard input.
each_file() {
    local file
    for file in "${FILES[@]}"; do
        # The server before the recorder says when it answered.
        # shellcheck disable=SC2016 # expanded by the inner shell
        carry sh -c 'exec <"$1"; shift; "$@" >all; rc=$?; grep -av ^Date: all; rm all; exit $rc' \
            sh "$T/$file" "$@" || return 1
        assert_exit 0
    done
}

@test "nc" {
    each_file nc -N 127.0.0.1 "$HTTP_PORT"
}

@test "socat, plain and with TLS" {
    each_file socat -t 30 - "TCP:127.0.0.1:$HTTP_PORT"
    each_file socat -t 30 - "OPENSSL:localhost:$TLS_PORT,cafile=$CA"
}

@test "openssl s_client" {
    each_file openssl s_client -quiet -no_ign_eof -verify_quiet -ign_eof -CAfile "$CA" \
        -connect "localhost:$TLS_PORT"
}

# gnutls-cli would close at the end of its input, before the answer: its pipe is kept open.
gnutls_script() {
    need gnutls-cli gnutls-bin
    cat >"$T/gnutls" <<'SH'
mkfifo in
exec 7<>in
cat >&7
timeout 20 gnutls-cli --logfile=/dev/null "$@" <&7 7>&-
rc=$?
rm in
exit $rc
SH
}

@test "gnutls-cli" {
    gnutls_script
    FILES=(get post lines own)
    each_file sh "$T/gnutls" --x509cafile "$CA" -p "$TLS_PORT" localhost
}

@test "a program behind socat writes to the connection that it inherited" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c 'cp "$1" in; socat -t 30 TCP:127.0.0.1:"$2" "SYSTEM:cat in; cat >back"; cat back' \
        sh "$T/get" "$HTTP_PORT"
    assert_equal "$(sent | wc -l)" 1
}

@test "bash's /dev/tcp is undisturbed: by bash's stdio, and by programs that inherit it" {
    local way
    for way in printf echo cat python; do
        same "$BATS_TEST_DIRNAME/apps/prog-devtcp.sh" "$way" "$HTTP_PORT"
        assert_exit 0
        assert_equal "$(sent | cut -d' ' -f1-3)" "GET localhost /$way"
    done
}

@test "each byte of bash's /dev/tcp is the program's own" {
    local way
    tap_start "$HTTP_PORT"
    for way in printf echo cat python; do
        alike "$BATS_TEST_DIRNAME/apps/prog-devtcp.sh" "$way" "$TAP_PORT"
        assert [ -s "$T/shim.tap" ]
    done
}

@test "what is no request passes: a greeting, an answer, a lone line, nothing" {
    local text
    tap_start "$HTTP_PORT"
    for text in "SSH-2.0-probe\r\n" "HTTP/1.1 200 OK\r\n\r\n" "GET /\r\n" \
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" "\x16\x03\x01\x02GET / HTTP/1.1\r\n\r\n" \
        "\0\0GET / HTTP/1.1\r\n\r\n"; do
        printf "%b" "$text" >"$T/in"
        # shellcheck disable=SC2016 # expanded by the inner shell
        alike sh -c 'nc -N -w 5 127.0.0.1 "$1" <"$2"; echo' sh "$TAP_PORT" "$T/in"
        assert_equal "$(cat "$T/shim.tap")" "$(od -An -tx1 -v "$T/in" | tr -d ' \n')"
    done
}
