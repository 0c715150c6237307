# What TLS functions return, and what they leave behind, is what a program without the shim sees.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# gnutls-cli sends what it read in one gnutls_record_send, and does not look how much of it went.
# It would close at the end of its input, before the answer: its pipe is kept open.
@test "gnutls-cli sends two requests at once" {
    need gnutls-cli gnutls-bin
    printf 'GET /%s HTTP/1.1\r\nHost: localhost\r\n%b\r\n' one "" two "Connection: close\r\n" >"$T/in"
    cat >"$T/send" <<'SH'
mkfifo in
exec 7<>in
cat "$1" >&7
shift
timeout 20 gnutls-cli --logfile=/dev/null "$@" <&7 7>&- | grep -av ^Date:
rm in
SH
    carry sh "$T/send" "$T/in" --x509cafile "$CA" -p "$TLS_PORT" localhost
    assert_exit 0
    assert_equal "$(sent | wc -l)" 2
}

# results APP: it says the same, and sent baggage with the shim alone.
results() {
    export SEEN="$T/seen"
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c '"$0" "$SEEN"; rc=$?; cat "$SEEN" >>"$SEEN.all"; exit $rc' "$APPS/$1-results"
    assert_exit 0
    [[ $(tr '\n' ' ' <"$SEEN.all") =~ ^0\ [1-9][0-9]+\ $ ]]
}

@test "OpenSSL: results, errors and errno in every state in which it refuses" { results ssl; }

@test "GnuTLS: results and errno in every state in which it refuses" { results gnutls; }
