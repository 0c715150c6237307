# The examples of conf/examples, each with the programs that it is for.

load lib/bed
load lib/programs

EXAMPLES="$BATS_TEST_DIRNAME/../conf/examples"

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    FRONT=$(free_ports 1)
}
teardown() { server_stop; }

front_open() { port_open "$FRONT"; }

# ask BAGGAGE [PATH]: the status that a request with this baggage gets at the front.
ask() {
    curl -q -s -o "$T/answer" -w '%{http_code}' --max-time 20 ${1:+-H "baggage: $1"} \
        "http://127.0.0.1:$FRONT${2:-/}"
}

# explain EXAMPLE URL OPTION...: what it does to the request in the file `request`.
explain() {
    timeout 20 "$BUILD/bellhop" explain --settings "$1" --request request --to "$2" --values "${@:3}"
}

@test "allow-list: members go to hosts of the house, and to no others" {
    export BELLHOP_CONFIG="$EXAMPLES/allow-list.conf" BAGGAGE="user-id=1,other=2"
    shim curl -q -sS "http://127.0.0.1:$HTTP_PORT/a" -o out
    unset BELLHOP_CONFIG BAGGAGE
    since >shim.jsonl
    assert_equal "$(sent | cut -d' ' -f4-)" "user-id=1,other=2,service-b-processed=true"
}

@test "batch: a job's requests say whose they are, and its tools get what they may" {
    export BELLHOP_CONFIG="$EXAMPLES/batch.conf" BAGGAGE="tenant-id=abcde,user=x" JOB_NAME=invoices
    shim curl -q -sS "http://127.0.0.1:$HTTP_PORT/a" -o out
    unset BELLHOP_CONFIG BAGGAGE JOB_NAME
    since >shim.jsonl
    assert_equal "$(sent)" "GET 127.0.0.1 /a tenant-id=abcde,job=invoices,job-host=$(hostname)"
    printf 'GET / HTTP/1.1\nhost: x\n\n' >request
    run explain "$EXAMPLES/batch.conf" http://www.example.org/
    refute_output --partial "  leaves"
}

@test "edge: nothing comes in, and a token that is good says who it is" {
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out login.pem
    printf pepper >salt
    sed "s,/etc/bellhop/,$T/," "$EXAMPLES/edge.conf" >edge.conf
    local good sum
    good=$("$PYTHON" "$LIB/token.py" RS256 key.pem '{"sub":"user-12345","org":{"id":"abcde"},
        "iss":"https://login.example.com/","aud":["shop"],"exp":9999999999}')
    sum=$(printf user-12345 | openssl dgst -sha256 -hmac pepper | sed 's/.* //')
    printf 'GET /checkout/1 HTTP/1.1\nhost: x\nbaggage: user-id=evil,x=1\nauthorization: Bearer %s\n\n' \
        "$good" >request
    run explain edge.conf http://b.internal.example/ --peer 192.0.2.1
    assert_output --partial "  leaves         user-id=$sum  (from rule)
  leaves         tenant-id=abcde  (from rule)
  leaves         entry=checkout  (from rule)"
    refute_output --partial "let in"
    run explain edge.conf http://www.example.org/
    refute_output --partial "  leaves"
    run explain edge.conf https://bucket.s3.amazonaws.com/x
    assert_line --partial "which is off:"
    sed -i 's/Bearer ./Bearer x/' request
    run explain edge.conf http://b.internal.example/
    refute_output --partial "leaves         user-id"
    assert_line --partial "leaves         entry=checkout"
}

@test "inner: neighbours are trusted, strangers are not, and mail learns little" {
    printf 'GET / HTTP/1.1\nhost: x\nbaggage: user-id=u,tenant-id=t,odd=1\n\n' >request
    run explain "$EXAMPLES/inner.conf" http://c.internal.example/ --peer 10.1.1.1
    assert_output --partial "  leaves         user-id=u  (from request)
  leaves         tenant-id=t  (from request)
  stays          tenant-id=unknown  (from default; the request has the same key)
  leaves         service-b-processed=true  (from set)"
    run explain "$EXAMPLES/inner.conf" http://c.internal.example/ --peer 192.0.2.1
    assert_output --partial "  leaves         tenant-id=unknown  (from default)"
    refute_output --partial "let in"
    run explain "$EXAMPLES/inner.conf" https://mail.example.net/v1/send/x --peer 10.1.1.1 --method POST
    assert_line "  leaves fixed   user-id=someone  (from request)"
    assert_line "  leaves         tenant-id=t  (from request)"
    assert_line --partial "  stays          service-b-processed=true"
}

@test "preview: one key goes from the browser to every service, and nothing else" {
    printf 'GET / HTTP/1.1\nhost: x\nbaggage: preview=one,a=1\ncookie: a=b; preview=two\n\n' >request
    run explain "$EXAMPLES/preview.conf" http://c.internal.example/ --confidence weak
    assert_line "  leaves         preview=two  (from rule)"
    printf 'GET / HTTP/1.1\nhost: x\nbaggage: preview=one,a=1\ncookie: preview=Not/This\n\n' >request
    run explain "$EXAMPLES/preview.conf" http://c.internal.example/ --confidence weak
    assert_line "  leaves         preview=one  (from request)"
    assert_equal "$(grep -c '^  leaves' <<<"$output")" 1
}

@test "HAProxy limits each user by user-id out of baggage" {
    need haproxy
    local i
    sed "s/:8080/:$FRONT/; s/:8081/:$HTTP_PORT/; s/gt 20/gt 5/; s/10s/60s/g" \
        "$EXAMPLES/haproxy-rate-limit.cfg" >haproxy.cfg
    server_start front 30 front_open -- haproxy -db -f haproxy.cfg
    for i in 1 2 3 4 5; do
        assert_equal "$(ask "a=1, user-id = u1;p=2,b=2")" 200
    done
    assert_equal "$(ask "a=1, user-id = u1;p=2,b=2")" 429
    assert_equal "$(ask "user-id=u1")" 429
    assert_equal "$(ask "user-id=u2")" 200
    for i in {1..8}; do
        assert_equal "$(ask "")$(ask "xuser-id=u1")$(ask "a=user-id=u1")" 200200200
    done
}

four_lines() { [[ $(wc -l <cost.log) -ge 4 ]]; }

@test "nginx writes down whose requests were, by tenant-id out of baggage" {
    need nginx
    local i
    sed "s/:8080/:$FRONT/; s/:8081/:$HTTP_PORT/; s,/var/log/nginx/,$T/," \
        "$EXAMPLES/nginx-tenant-log.conf" >nginx.conf
    for i in client_body proxy fastcgi uwsgi scgi; do
        sed -i "s,^http {,&\n    ${i}_temp_path $T/nginx-$i;," nginx.conf
    done
    [[ $(id -u) != 0 ]] || sed -i '1i user root;' nginx.conf
    server_start front 30 front_open -- nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.error" \
        -g "daemon off; pid $T/nginx.pid;"
    ask "tenant-id=abcde,user-id=1"
    ask "user-id=1, tenant-id = x%20y;ttl=1 ,z=1"
    ask ""
    ask "xtenant-id=1,a=tenant-id=2"
    wait_for 20 four_lines
    assert_equal "$(cut -d' ' -f2,6 cost.log | paste -sd'|')" "abcde 200|x%20y 200|- 200|- 200"
}
