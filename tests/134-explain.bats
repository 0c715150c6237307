#!/usr/bin/env bats
# bellhop explain: what settings do to one request, member by member.

load lib/settings

setup() {
    cd "$BATS_TEST_TMPDIR" || return 1
    cat >conf <<'CONF'
set = ( { key = "svc"; value = "b"; } );
default = ( { key = "tenant-id"; value = "none"; }, { key = "region"; value = "eu"; } );
salt = "pepper";
inbound = (
    { peers = [ "10.0.0.0/8" ]; keys = [ "user-id", "trace", "svc", "tenant-id" ]; },
    { keys = [ "trace" ]; }
);
make = (
    { key = "user-id"; header = "X-User-ID"; },
    { key = "org"; path = "/orgs/{}/**"; metadata = "source=path"; }
);
outbound = (
    { hosts = [ "*.internal" ]; keys = [ "*" ]; hash = [ "org" ]; fixed = ( { keys = [ "region" ]; value = "some"; } ); },
    { hosts = [ "s3.example" ]; off = true; },
    { hosts = [ "api.example" ]; methods = [ "GET" ]; paths = [ "/v1/**" ]; keys = [ "trace" ]; }
);
CONF
    printf 'GET /orgs/acme/x HTTP/1.1\r\nHost: b\r\nBaggage: user-id=u0,trace=t;p=1\r\nX-USER-ID: secret-user\r\nbaggage: tenant-id=t1,evil=1\r\n\r\n' >request
}

explain() { timeout 20 "$BELLHOP" explain --settings conf --request request "$@"; }

@test "every member: where it comes from, where it goes, and which line said so" {
    run explain --to http://c.internal/ --peer 10.1.1.1
    assert_success
    assert_output 'in:
  dropped        user-id  (line 5)
  let in         trace  (line 5)
  let in         tenant-id  (line 5)
  dropped        evil  (line 5)
  made           user-id  (line 9)
  made           org  (line 10)
to c.internal:80  (line 13):
  leaves         trace  (from request)
  leaves         tenant-id  (from request)
  leaves         user-id  (from rule)
  leaves hashed  org  (from rule)
  stays          tenant-id  (from default; the request has the same key)
  leaves fixed   region  (from default)
  leaves         svc  (from set)'
}

@test "other hosts, methods and peers get other answers" {
    run explain --to https://api.example/v1/x
    assert_line '  let in         trace  (line 5)'
    assert_line '  leaves         trace  (from request)'
    assert_line '  stays          svc  (from set; the rule does not name it, or it never leaves)'
    run explain --to https://api.example/v1/x --method POST
    assert_line 'to api.example:443:'
    assert_line '  stays          svc  (from set; no rule is for this host)'
    run explain --to https://api.example/v1/../x
    refute_line --partial 'no match'
    run explain --to https://s3.example/x
    assert_line 'to s3.example:443  (line 14), which is off:'
    assert_line '  stays          svc  (from set; nothing goes there)'
}

@test "it may not be sure enough whose request it is" {
    run explain --to http://c.internal/ --peer 10.1.1.1 --confidence sole
    assert_line '  stays          trace  (from request; it is not sure enough whose it is)'
    assert_line '  leaves         tenant-id  (from default)'
    run explain --to http://c.internal/ --peer 10.1.1.1 --confidence immediate --program /usr/bin/php8.2
    assert_line '  leaves         trace  (from request)'
}

@test "values are shown only if one asks for them" {
    run explain --to http://c.internal/
    refute_output --partial secret-user
    run explain --to http://c.internal/ --json
    refute_output --partial secret-user
    run explain --to http://c.internal/ --values
    assert_line '  leaves         user-id=secret-user  (from rule)'
    assert_line '  leaves fixed   region=some  (from default)'
    assert_line "  leaves hashed  org=$(printf acme | openssl dgst -sha256 -hmac pepper | sed 's/.* //')  (from rule)"
    echo 'log_values = true;' >>conf
    run explain --to http://c.internal/
    assert_line '  leaves         user-id=secret-user  (from rule)'
}

@test "as JSON" {
    run bash -c "'$BELLHOP' explain --settings conf --request request --to http://c.internal/ --json --values |
        jq -c '.to, (.members[] | select(.key == \"user-id\" or .key == \"region\"))'"
    assert_output '{"host":"c.internal","port":80,"line":13,"off":false}
{"key":"user-id","from":"request","fate":"stays","value":"u0","let_in":false,"line":5,"why":"a rule made one of this key"}
{"key":"user-id","from":"rule","fate":"leaves","value":"secret-user","line":9}
{"key":"region","from":"default","fate":"leaves fixed","value":"some"}'
}

@test "a request is read as it was saved: bare newlines, no empty line, and nothing else" {
    printf 'GET /orgs/acme HTTP/1.1\nhost: b\nbaggage: a=1' >request
    echo >conf
    run explain --to b
    assert_line '  let in         a'
    for text in '' 'hello' 'GET / HTTP/2' $'GET / HTTP/1.1\r\nbad header\r\n\r\n'; do
        printf '%s' "$text" >request
        run explain --to b
        assert_failure 1
        assert_output 'bellhop explain: request: this is no HTTP/1 request of up to 256 lines'
    done
    rm request
    run explain --to b
    assert_output 'bellhop explain: request: cannot be opened: No such file or directory'
}

@test "a wrong file or command line is told" {
    echo 'sett = ( );' >conf
    run explain --to b
    assert_failure 1
    assert_output 'conf:1: error: unknown setting "sett"; did you mean "set"?'
    echo >conf
    for args in '' '--to' '--to http://' '--to b --peer' '--to b x' '--to b --port x' '--to b --confidence x'; do
        # shellcheck disable=SC2086
        run explain $args
        assert_failure 2
        assert_line "Try 'bellhop explain --help'."
    done
}

@test "properties are shown beside values, and stay home where those are changed" {
    sed -i 's/value = "b";/value = "b"; metadata = "since=2026";/' conf
    run explain --to http://c.internal/ --peer 10.1.1.1 --values
    assert_line '  let in         trace=t;p=1  (line 5)'
    assert_line '  made           org=acme;source=path  (line 10)'
    assert_line '  leaves         trace=t;p=1  (from request)'
    assert_line '  leaves         svc=b;since=2026  (from set)'
    assert_line --regexp '^  leaves hashed  org=[0-9a-f]{64}  \(from rule\)$'
    run explain --to http://c.internal/ --peer 10.1.1.1 --values --json
    assert_equal "$(jq -r '.members[] | select(.metadata) | .key + " " + .metadata' <<<"$output" | paste -sd'|')" \
        "trace p=1|svc since=2026"
    run explain --to http://c.internal/ --peer 10.1.1.1
    refute_output --partial "p=1"
}
