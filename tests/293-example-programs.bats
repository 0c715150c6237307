# The examples of conf/examples that are for servers, each in a server as it is shipped, with real
# requests, and with what strangers try. Hosts are told by name here: all of them are on this machine, so
# the networks that the examples let members go to are taken out of the copies.

load lib/bed
load lib/programs

EXAMPLES="$BATS_TEST_DIRNAME/../conf/examples"
DATA="$BATS_TEST_DIRNAME/data/policy"

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    FRONT=$(free_ports 1)
}
teardown() { server_stop; }

front_open() { port_open "$FRONT"; }

# ask PATH CURL-OPTIONS...: one request for the front.
ask() {
    mark
    curl -q -sS --fail --max-time 60 -o answer "${@:2}" "http://127.0.0.1:$FRONT$1"
}

# asked: what the services behind it were asked, without the hosts' common end.
asked() {
    since >shim.jsonl
    sent "$@" | sed 's/\.example / /'
}

hash_of() { printf %s "$1" | openssl dgst -sha256 -hmac pepper | sed 's/.* //'; }

# --- edge: Apache, whose CGI scripts run curl -------------------------------------------------------

edge_start() {
    need apache2 apache2
    local modules=/usr/lib/apache2/modules host up="$T"
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out key.pem 2>/dev/null
    openssl pkey -in key.pem -pubout -out login.pem
    printf pepper >salt
    sed "s,/etc/bellhop/,$T/,; /hosts/s/, \"127.0.0.0\/8\"//" "$EXAMPLES/edge.conf" >edge.conf
    mkdir cgi
    cp "$DATA/shop.cgi" cgi
    # Apache's workers run as another user.
    chmod 644 ./*.pem salt edge.conf
    while [[ $(id -u) == 0 && $up != / && $up != /tmp ]]; do
        chmod o+x "$up"
        up=$(dirname "$up")
    done
    RESOLVE=
    for host in b.internal.example www.example.org bucket.s3.amazonaws.com; do
        RESOLVE+=" --resolve $host:$HTTP_PORT:127.0.0.1"
    done
    cat >apache.conf <<CONF
ServerRoot $T
ServerName shop.example
Listen 127.0.0.1:$FRONT
PidFile $T/apache.pid
ErrorLog $T/apache.error
DefaultRuntimeDir $T
LoadModule mpm_prefork_module $modules/mod_mpm_prefork.so
LoadModule authz_core_module $modules/mod_authz_core.so
LoadModule env_module $modules/mod_env.so
LoadModule alias_module $modules/mod_alias.so
LoadModule cgi_module $modules/mod_cgi.so
PassEnv LD_PRELOAD BELLHOP_CONFIG RESOLVE
ScriptAliasMatch ^/ $T/cgi/shop.cgi
CONF
    # At its end it signals its whole process group.
    server_start front 60 front_open -- setsid env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/edge.conf" \
        RESOLVE="$RESOLVE" apache2 -DFOREGROUND -f "$T/apache.conf"
}

# token ALG KEY [CLAIMS]: one whose other claims are good.
token() {
    "$PYTHON" "$LIB/token.py" "$1" "$2" '{"sub":"user-12345","org":{"id":"abcde"},
        "iss":"https://login.example.com/","aud":["shop"],'"${3:-\"exp\":9999999999}}"
}

# shop TOKEN URL...: a request with forged baggage for the edge, which asks these.
shop() {
    ask /checkout/1 -H "X-Do: ${*:2}" -H 'baggage: user-id=evil,tenant-id=evil' -H 'Baggage: x=1' \
        ${1:+-H "Authorization: Bearer $1"}
}

@test "edge, Apache: a good token makes members, and forged baggage comes to nothing" {
    edge_start
    local b="http://b.internal.example:$HTTP_PORT" www="http://www.example.org:$HTTP_PORT" made
    made="user-id=$(hash_of user-12345),tenant-id=abcde,entry=checkout"
    shop "$(token RS256 key.pem)" "$b/a"
    assert_equal "$(asked)" "GET b.internal /a $made"
    # Others are asked without, on each hop.
    shop "$(token RS256 key.pem)" "$www/a" "$b/redirect?to=$www/end" "$www/redirect?to=$b/end" \
        "http://bucket.s3.amazonaws.com:$HTTP_PORT/b"
    assert_equal "$(asked | sed 's/?.* / /')" "GET www.example.org /a -
GET b.internal /redirect $made
GET www.example.org /end -
GET www.example.org /redirect -
GET b.internal /end $made
GET bucket.s3.amazonaws.com /b -"
    # A request later there is nothing of it.
    ask /other -H "X-Do: $b/c"
    assert_equal "$(asked)" "GET b.internal /c entry=site"
}

@test "edge, Apache: tokens that are no good make nothing" {
    edge_start
    local b="http://b.internal.example:$HTTP_PORT/a" bad good
    good=$(token RS256 key.pem)
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out other.pem 2>/dev/null
    for bad in "" "$(token RS256 key.pem '"exp":1000000000')" "$(token RS256 key.pem '"x":1')" \
        "$(token RS256 key.pem '"exp":9999999999,"nbf":9999999998')" "$(token none -)" \
        "$(token HS256 login.pem)" "$(token RS256 other.pem)" "$(token RS512 key.pem)" \
        "${good%.*}." "${good%?????}AAAAA" "x$good" "$good.x" "$good,$good"; do
        shop "$bad" "$b"
        assert_equal "$(asked)" "GET b.internal /a entry=checkout"
    done
    # Two that differ are none; two that are one are one.
    shop "" "$b"
    ask /checkout/1 -H "X-Do: $b" -H "Authorization: Bearer $good" \
        -H "Authorization: Bearer $(token RS256 key.pem '"exp":9999999998')"
    assert_equal "$(asked)" "GET b.internal /a entry=checkout"
    shop "$good" "$b"
    assert_equal "$(asked)" "GET b.internal /a user-id=$(hash_of user-12345),tenant-id=abcde,entry=checkout"
}

# --- inner: PHP's server, by streams and libcurl ----------------------------------------------------

# inner_start SED: the example's settings, changed by this.
inner_start() {
    need php php-cli
    sed "$1" "$EXAMPLES/inner.conf" >inner.conf
    server_start front 60 front_open -- env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/inner.conf" \
        php -S "127.0.0.1:$FRONT" "$DATA/inner.php"
}

# inner METHOD HOST PATH CURL-OPTIONS...: it asks there, in both ways; what they carry, if it is the same.
inner() {
    local how
    for how in streams curl; do
        ask / -H "X-Do: $how $1 http://127.0.0.1:$HTTP_PORT$3 $2" "${@:4}"
        asked ${HEADER:+"$HEADER"}
    done | sort -u
}

@test "inner, PHP: what neighbours may bring goes on, with what it adds" {
    inner_start '/hosts/s/, "127.0.0.0\/8"//'
    run inner GET c.internal.example /a -H 'baggage: user-id=u1,tenant-id=t1,odd=1' \
        -H 'X-Request-ID: r1'
    assert_output "GET c.internal /a user-id=u1,tenant-id=t1,service-b-processed=true"
    HEADER=x-request-id run inner GET c.internal.example /a -H 'X-Request-ID: r1'
    assert_output "GET c.internal /a r1"
    run inner GET c.internal.example /a
    assert_output "GET c.internal /a tenant-id=unknown,service-b-processed=true"
    run inner POST mail.example.net /v1/send/x -H 'baggage: user-id=u1,tenant-id=t1'
    assert_output "POST mail.example.net /v1/send/x user-id=someone,tenant-id=t1"
    run inner GET mail.example.net /v1/send/x -H 'baggage: user-id=u1,tenant-id=t1'
    assert_output "GET mail.example.net /v1/send/x -"
    run inner POST mail.example.net /v1/other -H 'baggage: user-id=u1,tenant-id=t1'
    assert_output "POST mail.example.net /v1/other -"
    run inner GET www.example.org /a -H 'baggage: user-id=u1,tenant-id=t1'
    assert_output "GET www.example.org /a -"
    # What is too much leaves whole members behind, and not those that come first.
    run inner GET c.internal.example /a -H "baggage: tenant-x=$(printf '%02030d' 0),user-id=u1"
    assert_output "GET c.internal /a tenant-id=unknown,user-id=u1,service-b-processed=true"
}

@test "inner, PHP: what strangers bring comes to nothing" {
    inner_start '/hosts/s/, "127.0.0.0\/8"//; /peers/s/"127.0.0.0\/8", //'
    run inner GET c.internal.example /a -H 'baggage: user-id=evil,tenant-id=evil'
    assert_output "GET c.internal /a tenant-id=unknown,service-b-processed=true"
}

# --- preview: nginx, an event loop ------------------------------------------------------------------

@test "preview, nginx: one key goes from the browser to the service behind, and nothing else" {
    need nginx
    local i
    cat >nginx.conf <<CONF
$([[ $(id -u) != 0 ]] || echo "user root;")
daemon off;
worker_processes 1;
pid $T/nginx.pid;
events { }
http {
    access_log off;
$(for i in client_body proxy fastcgi uwsgi scgi; do echo "    ${i}_temp_path $T/nginx-$i;"; done)
    server {
        listen 127.0.0.1:$FRONT;
        location / { proxy_pass http://127.0.0.1:$HTTP_PORT; proxy_set_header baggage ""; }
        location /out/ { proxy_pass http://127.0.0.1:$HTTP_PORT; proxy_set_header Host www.example.org; }
    }
}
CONF
    sed '/hosts/s/, "127.0.0.0\/8"/, "127.0.0.1"/' "$EXAMPLES/preview.conf" >preview.conf
    server_start front 60 front_open -- env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/preview.conf" \
        nginx -p "$T" -c "$T/nginx.conf" -e "$T/nginx.error"
    for i in 1 2 3; do
        ask /a -H 'baggage: preview=one,a=1'
        assert_equal "$(asked)" "GET 127.0.0.1 /a preview=one"
        ask /a -H 'baggage: preview=one,a=1' -H 'Cookie: a=b; preview=two'
        assert_equal "$(asked)" "GET 127.0.0.1 /a preview=two"
        ask /a -H 'X-Preview: three' -H 'Cookie: preview=two'
        assert_equal "$(asked)" "GET 127.0.0.1 /a preview=three"
        ask /a -H 'Cookie: preview=Not/This'
        assert_equal "$(asked)" "GET 127.0.0.1 /a -"
        ask /a
        assert_equal "$(asked)" "GET 127.0.0.1 /a -"
    done
}
