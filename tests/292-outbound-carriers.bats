# What outbound rules say, over each way that a request can take: plain sockets, OpenSSL, GnuTLS, and
# libcurl with HTTP/1.1 over both, and HTTP/2. `bellhop explain` and the log say the same.

load lib/bed

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    GIVEN=user-id=1,tenant-id=2
}

# settings TEXT: the settings of what follows.
settings() {
    printf '%s\n' "$1" >rules.conf
    timeout 20 "$BUILD/bellhop" check rules.conf >check.out || { cat check.out && return 1; }
}

# with COMMAND...: under the shim, with the settings and the baggage that is given.
with() {
    BELLHOP_CONFIG="$T/rules.conf" BAGGAGE="$GIVEN" BELLHOP_LOG="debug:$T/log" shim "$@"
}

# by_hand METHOD TARGET HOST CUT...: sockets and OpenSSL.
by_hand() {
    CA="$CA" with "$PYTHON" "$BATS_TEST_DIRNAME/data/policy/raw.py" "$@"
}

# by_wget METHOD TARGET HOST: sockets and GnuTLS.
by_wget() {
    local base
    for base in "http://localhost:$HTTP_PORT" "https://localhost:$TLS_PORT"; do
        with wget --no-config --no-hsts -q -t 1 -T 60 --no-proxy "--ca-certificate=$CA" -O wget.out \
            "--header=Host: $3" "--method=$1" ${BODY:+"--body-data=$BODY"} "$base$2" || return 1
    done
}

# by_curl METHOD TARGET HOST: libcurl, in all ways.
by_curl() {
    local proto method=(-X "$1")
    [[ $1 != GET ]] || method=()
    [[ $1 != HEAD ]] || method=(-I)
    [[ -z ${BODY:-} ]] || method+=(-d "$BODY")
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        with curl "${ARGS[@]}" --path-as-is "${method[@]}" -o curl.out "$(url "$proto" "$3" "$2")" ||
            return 1
    done
}

# goes EXPECTED METHOD TARGET HOST: this baggage, in each of the seven ways.
goes() {
    mark
    by_hand "${@:2}" || return 1
    by_wget "${@:2}" || return 1
    by_curl "${@:2}" || return 1
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f1,4- | sort | uniq -c | sed 's/^ *//')" "7 $2 $1"
}

# told: the rules that decided, by the log.
told() { sed -n 's/.* rule=\([^ ]*\) .*/\1/p' log | sort | uniq -c | sed 's/^ *//'; }

# explained METHOD TARGET HOST: the line that decides, and the keys that leave, by explain.
explained() {
    printf 'GET / HTTP/1.1\nhost: x\nbaggage: %s\n\n' "$GIVEN" >request
    timeout 20 "$BUILD/bellhop" explain --settings rules.conf --request request --method "$1" \
        --to "http://$3:$HTTP_PORT$2" >explain.out || return 1
    sed -n 's/^to .* (line \([0-9]*\)):$/line-\1/p; s/^  leaves *\([^ ]*\) .*/\1/p' explain.out |
        paste -sd' '
}

@test "methods" {
    settings 'outbound = ( { hosts = [ "*" ]; methods = [ "POST", "PUT" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; methods = [ "GET" ]; keys = [ "tenant-id" ]; }, { hosts = [ "*" ]; keys = [ ]; } );'
    goes user-id=1 POST /a service-b.test
    goes user-id=1 PUT /a service-b.test
    BODY="some=body" goes user-id=1 POST /a service-b.test
    goes tenant-id=2 GET /a service-b.test
    goes - DELETE /a service-b.test
    goes - HEAD /a service-b.test
}

@test "paths" {
    settings 'outbound = ( { hosts = [ "service-b.test" ]; paths = [ "/a/**", "/top" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "*" ]; } );'
    goes user-id=1 GET /a service-b.test
    goes user-id=1 GET '/a/b/c?d=/e' service-b.test
    goes user-id=1 POST '/top?x' service-b.test
    goes "$GIVEN" GET / service-b.test
    goes "$GIVEN" GET /b/a service-b.test
    goes "$GIVEN" GET '/?/a/b' service-b.test
    goes "$GIVEN" GET /a service-c.test
}

@test "a path that can be read in two ways gets what goes in both cases" {
    settings 'outbound = ( { hosts = [ "*" ]; paths = [ "/a/**" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "*" ]; } );'
    local path
    # wget and curl make these plain before they ask.
    for path in /b/../a/c /b//a /b/%61 /b/%2e%2e/a; do
        mark
        by_hand GET "$path" service-b.test
        by_curl GET "$path" service-b.test
        since >shim.jsonl
        assert_equal "$path $(sent | cut -d' ' -f4- | sort | uniq -c | sed 's/^ *//')" "$path 5 user-id=1"
    done
}

@test "a first line in pieces, and a head in pieces" {
    settings 'outbound = ( { hosts = [ "*" ]; methods = [ "GET" ]; paths = [ "/a/*" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "tenant-id" ]; } );'
    local cut
    mark
    for cut in 1 3 4 5 7 12 14 15 23 24 25 40; do
        by_hand GET "/a/b?query" service-b.test "$cut" $((cut + 2)) $((cut + 20))
    done
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f4- | sort | uniq -c | sed 's/^ *//')" "24 user-id=1"
}

@test "the log and explain name the rule that decided" {
    settings 'outbound = (
        { hosts = [ "service-b.test" ]; methods = [ "GET" ]; paths = [ "/a/*" ]; keys = [ "user-id" ]; },
        { hosts = [ "service-b.test" ]; paths = [ "/a/*" ]; keys = [ "tenant-id" ]; },
        { hosts = [ "service-b.test" ]; methods = [ "GET" ]; keys = [ "user-id", "tenant-id" ]; },
        { hosts = [ "*" ]; keys = [ ]; } );'
    local line case
    for case in "2 GET /a/b service-b.test" "3 POST /a/b service-b.test" "4 GET /c service-b.test" \
        "5 POST /c service-b.test" "5 GET /a/b service-c.test"; do
        # shellcheck disable=SC2086 # words
        set -- $case
        rm -f log
        line=$(explained "${@:2}")
        assert_equal "${line%% *}" "line-$1"
        [[ $line == *" "* ]] || line+=" -"
        goes "$(sed 's/user-id/user-id=1/; s/tenant-id/tenant-id=2/; s/^[^ ]* //; s/ /,/' <<<"$line")" "${@:2}"
        assert_equal "$(told)" "7 line-$1"
    done
}

@test "a custom method, and a target that is not the URL's, by libcurl" {
    settings 'outbound = ( { hosts = [ "*" ]; methods = [ "PURGE" ]; paths = [ "/a" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; keys = [ "tenant-id" ]; } );'
    mark
    by_curl PURGE /a service-b.test
    by_curl PURGE /b service-b.test
    curl_args http
    with curl "${ARGS[@]}" -X PURGE --request-target /b -o curl.out "$(url http service-b.test /a)"
    with curl "${ARGS[@]}" -X PURGE --request-target /a -o curl.out "$(url http service-b.test /b)"
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f3-)" "/a user-id=1
/a user-id=1
/a user-id=1
/b tenant-id=2
/b tenant-id=2
/b tenant-id=2
/b -
/a -"
}

@test "each hop of a redirect by its own method and path" {
    settings 'outbound = ( { hosts = [ "*" ]; methods = [ "POST" ]; keys = [ "user-id" ]; },
        { hosts = [ "*" ]; paths = [ "/end" ]; keys = [ "tenant-id" ]; }, { hosts = [ "*" ]; keys = [ ]; } );'
    local code next
    curl_args http
    for code in 302 303 307; do
        next="GET /end tenant-id=2"
        [[ $code != 307 ]] || next="POST /end user-id=1"
        mark
        with curl "${ARGS[@]}" -L -d a=b -o curl.out "$(url http service-b.test "/redirect?to=/end&code=$code")"
        since >shim.jsonl
        assert_equal "$(sent | cut -d' ' -f1,3-)" "POST /redirect?to=/end&code=$code user-id=1
$next"
    done
}

@test "hosts by name and wildcard, ports, and addresses" {
    settings 'outbound = ( { hosts = [ "service-b.test:1", "*.service-c.test" ]; keys = [ ]; },
        { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; },
        { hosts = [ "127.0.0.0/8:1", "127.0.0.2", "10.0.0.0/8" ]; keys = [ "user-id" ]; },
        { hosts = [ "127.0.0.0/8" ]; keys = [ "tenant-id" ]; } );'
    goes user-id=1 GET /a service-b.test
    # An address that stands in the request is one; that of a connection is known but under TLS of the
    # program's own, which may lead through a proxy.
    mark
    by_hand GET /a 127.0.0.1
    by_hand GET /a service-c.test
    by_curl GET /a service-c.test
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f2,4)" "127.0.0.1 tenant-id=2
127.0.0.1 tenant-id=2
service-c.test tenant-id=2
service-c.test -
service-c.test tenant-id=2
service-c.test tenant-id=2
service-c.test tenant-id=2"
}

# each METHOD TARGET HOST[:PORT]: what these carry there: a socket, OpenSSL, wget's socket and GnuTLS.
each() {
    mark
    by_hand "$@" || return 1
    by_wget "$@" || return 1
    since >shim.jsonl
    sent | cut -d' ' -f4- | paste -sd' '
}

# by_port HOSTS: "both" goes in any case, "plain" to these on the plain port, "tls" to these on the other,
# "other" elsewhere.
by_port() {
    GIVEN=plain=1,tls=2,other=3,both=4
    settings "outbound = ( { hosts = [ \"$1:$HTTP_PORT\" ]; keys = [ \"plain\", \"both\" ]; },
        { hosts = [ \"$1:$TLS_PORT\" ]; keys = [ \"tls\", \"both\" ]; },
        { hosts = [ \"*\" ]; keys = [ \"other\", \"both\" ]; } );"
}

# assert_each HOST[:PORT] EXPECTED...
assert_each() {
    assert_equal "$1: $(each GET /a "$1")" "$1: ${*:2}"
}

@test "networks by port" {
    local plain=plain=1,both=4 tls=tls=2,both=4 other=other=3,both=4 both=both=4
    by_port 127.0.0.0/8
    # A socket's connection has a port, whatever the Host line says. Over TLS it has none but that, and
    # where no address is spelled there, one that nobody knows.
    assert_each service-b.test "$plain $other" "$plain $other"
    assert_each "service-b.test:$HTTP_PORT" "$plain $both" "$plain $both"
    assert_each "service-b.test:$TLS_PORT" "$plain $both" "$plain $both"
    assert_each "service-b.test:1" "$plain $other" "$plain $other"
    assert_each "127.0.0.1:$TLS_PORT" "$plain $tls" "$plain $tls"
    assert_each "10.1.2.3:$TLS_PORT" "$plain $other" "$plain $other"
    mark
    by_curl GET /a service-b.test
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f4- | paste -sd' ')" "$plain $tls $tls"
    by_port 10.0.0.0/8
    assert_each "service-b.test:$TLS_PORT" "$other $both" "$other $both"
}

@test "names by port" {
    local plain=plain=1,both=4 tls=tls=2,both=4 other=other=3,both=4 both=both=4
    by_port service-b.test
    # Where the Host line names another port than the connection has, either may be meant.
    assert_each service-b.test "$both $other" "$both $other"
    assert_each "service-b.test:$HTTP_PORT" "$plain $plain" "$plain $plain"
    assert_each "service-b.test:$TLS_PORT" "$both $tls" "$both $tls"
    assert_each "service-b.test:1" "$both $other" "$both $other"
    assert_each "service-c.test:$TLS_PORT" "$other $other" "$other $other"
}

@test "keys by prefix, that never go, hashed, fixed; hosts that are off; lists that are cut" {
    local sum
    GIVEN="user-id=1;p=1,tenant-id=2;q,tenant-x=3,odd=4"
    sum=$(printf 1 | openssl dgst -sha256 -hmac pepper | sed 's/.* //')
    settings 'outbound = ( { hosts = [ "*" ]; keys = [ "tenant-*" ]; } );'
    goes "tenant-id=2;q,tenant-x=3" GET /a service-b.test
    settings 'members = ( { keys = [ "tenant-*" ]; never = true; } );'
    goes "user-id=1;p=1,odd=4" GET /a service-b.test
    settings 'salt = "pepper"; outbound = ( { hosts = [ "*" ]; keys = [ "odd" ]; hash = [ "user-id" ];
        fixed = ( { keys = [ "tenant-*" ]; value = "a b"; } ); } );'
    goes "user-id=$sum,tenant-id=a%20b,tenant-x=a%20b,odd=4" GET /a service-b.test
    settings 'outbound = ( { hosts = [ "service-b.test" ]; off = true; }, { hosts = [ "*" ]; keys = [ "*" ]; } );'
    goes - GET /a service-b.test
    settings 'limits = { members = 2; bytes = 30; first = [ "odd", "tenant-*" ]; };'
    goes "tenant-id=2;q,odd=4" GET /a service-b.test
}

# shellcheck disable=SC2016 # it is the settings that expand ${...}
@test "what the program adds itself, with what the environment says" {
    settings 'set = ( { key = "set"; value = "${exe} on ${hostname}"; metadata = "p=1"; } );
        default = ( { key = "default"; value = "${NOT_SET:-none}"; }, { key = "user-id"; value = "no"; } );'
    local host
    host=$(hostname)
    mark
    by_wget GET /a service-b.test
    by_curl GET /a service-b.test
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f4- | sort | uniq -c | sed 's/^ *//')" \
        "3 default=none,user-id=1,tenant-id=2,set=curl%20on%20$host;p=1
2 default=none,user-id=1,tenant-id=2,set=wget%20on%20$host;p=1"
}
