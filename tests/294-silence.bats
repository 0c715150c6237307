# No value of a member, and no secret, stands in a log or an error of ours: programs of every kind run
# with marked values, tokens and settings, and with all that is wrong with those.

load lib/bed
load lib/programs

SECRET=mk7QzXsecret

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    unset BAGGAGE
    B_PORT=$(free_ports 1)
    mkdir said
    export BELLHOP_LOG="debug:$T/said/log"
}
teardown() { server_stop; }

b_open() { port_open "$B_PORT"; }

# The mark as it is, in base64 at each of the three places, escaped, in hexadecimal, and its hashes.
forms() {
    printf '%s\n' "$SECRET"
    printf '%s' "$SECRET" | base64 | cut -c1-14
    printf 'x%s' "$SECRET" | base64 | cut -c3-16
    printf 'xx%s' "$SECRET" | base64 | cut -c5-16
    printf '%s' "$SECRET" | od -An -v -tx1 | tr -d ' \n'
    printf '\n'
    printf '%s' "$SECRET" | sha256sum | cut -c1-64
    printf '%s' "$SECRET" | openssl dgst -sha256 -hmac pepper | sed 's/.* //'
}

# assert_silent: something was said, and no form of the mark is in it, escaped or not.
assert_silent() {
    forms >marks
    assert [ "$(wc -l <marks)" -eq 7 ]
    cat said/* >all
    assert [ -s all ]
    "$PYTHON" -c 'import sys, urllib.parse
sys.stdout.write(urllib.parse.unquote(open("all", errors="replace").read()))' >all.plain
    run grep -a -i -F -f marks all all.plain
    assert_output ""
}

# sent_marks COUNT: so many requests carried the mark, so that there was something to say.
sent_marks() {
    since >shim.jsonl
    assert [ "$(jq -r '.headers[][1]' shim.jsonl | grep -c -i -F -f <(forms))" -ge "$1" ]
}

# shellcheck disable=SC2016 # it is the settings that expand ${...}
RULES='salt = "pepper"; limits = { members = 9; bytes = 400; };
set = ( { key = "set"; value = "mk7QzXsecret"; metadata = "p=mk7QzXsecret"; } );
default = ( { key = "default"; value = "${MARKED:-mk7QzXsecret}"; } );
members = ( { keys = [ "never" ]; never = true; } );
outbound = (
    { hosts = [ "service-c.test" ]; off = true; },
    { hosts = [ "*" ]; methods = [ "GET" ]; paths = [ "/f/**" ]; keys = [ "set" ]; hash = [ "a" ];
      fixed = ( { keys = [ "b" ]; value = "mk7QzXsecret"; } ); },
    { hosts = [ "*" ]; keys = [ "*" ]; hash = [ "b" ]; }
);'

@test "the forms are found where they are" {
    printf 'x %%6d%%6B7QzXsecret\n' >said/log
    run assert_silent
    assert_failure
    printf 'eDogbWs3UXpYc2VjcmV0\n' >said/log
    run assert_silent
    assert_failure
}

@test "programs that ask, over sockets, OpenSSL, GnuTLS and libcurl" {
    printf '%s\n' "$RULES" >rules.conf
    local path proto baggage
    for baggage in "a=$SECRET,b=$SECRET;p=$SECRET,never=$SECRET" "a b=$SECRET,=$SECRET,c=\"$SECRET\",d=%$SECRET" \
        "$(printf "k%d=$SECRET," {1..70})" "$SECRET"; do
        for path in /f/x /other; do
            (
                export BELLHOP_CONFIG="$T/rules.conf" BAGGAGE="$baggage" CA TRACEPARENT="00-$SECRET" \
                    TRACESTATE="a=$SECRET"
                shim "$PYTHON" "$BATS_TEST_DIRNAME/data/policy/raw.py" GET "$path?$SECRET" service-b.test
                shim wget --no-config --no-hsts -q -t 1 -O out "--ca-certificate=$CA" \
                    --header="baggage: own=$SECRET" "https://localhost:$TLS_PORT$path"
                for proto in "${PROTOCOLS[@]}"; do
                    curl_args "$proto"
                    shim curl "${ARGS[@]}" -o out -H "Baggage: own=$SECRET,$SECRET" -L "$(at_b "$path")" "$(at_c /)"
                done
            ) 2>>said/err
        done
    done
    sent_marks 20
    assert [ "$(grep -c 'rule=line-' said/log)" -ge 40 ]
    assert_silent
}

# serve SETTINGS: B with these.
serve() {
    printf '%s\n' "$1" >b.conf
    server_start b 30 b_open -- env LD_PRELOAD="$SHIM" BELLHOP_CONFIG="$T/b.conf" CA="$CA" \
        SSL_CERT_FILE="$CA" "$PYTHON" "$BATS_TEST_DIRNAME/data/policy/b.py" "$B_PORT"
}

@test "a server: what comes in, is made, is forwarded, and is refused" {
    local way token
    head -c 64 /dev/zero | tr '\0' k >key
    serve "$RULES inbound = ( { keys = [ \"a\", \"b\", \"never\" ]; } ); forward = [ \"x-request-id\" ];
        tokens = ( { name = \"t\"; header = \"authorization\"; algorithm = \"HS256\"; key_file = \"$T/key\"; } );
        make = ( { key = \"user-id\"; token = \"t\"; claim = \"sub\"; }, { key = \"h\"; header = \"x-h\"; hash = true; },
            { key = \"c\"; cookie = \"c\"; match = \"mk*\"; }, { key = \"q\"; query = \"q\"; max_length = 5; },
            { key = \"p\"; path = \"/t/{}/**\"; lower = true; metadata = \"m=$SECRET\"; } );"
    for token in "$("$PYTHON" "$LIB/token.py" HS256 key "{\"sub\":\"$SECRET\",\"exp\":9999999999}")" \
        "$("$PYTHON" "$LIB/token.py" none - "{\"sub\":\"$SECRET\",\"exp\":9999999999}")" "$SECRET" \
        "$("$PYTHON" "$LIB/token.py" HS256 key "{\"sub\":\"$SECRET\",\"exp\":1}")"; do
        for way in "plain http://127.0.0.1:$HTTP_PORT/f/x" "plain https://localhost:$TLS_PORT/c" \
            "curl http://127.0.0.1:$HTTP_PORT/c" "post https://localhost:$TLS_PORT/c"; do
            curl -q -sS -o out -H "X-Do: $way" -H "baggage: a=$SECRET,b=$SECRET;p=$SECRET,x=$SECRET,\"=$SECRET" \
                -H "baggage: never=$SECRET" -H "authorization: Bearer $token" -H "x-h: $SECRET" \
                -H "cookie: c=$SECRET; c=$SECRET" -H "x-request-id: $SECRET" -H "traceparent: 00-$SECRET" \
                "http://127.0.0.1:$B_PORT/t/$SECRET/x?q=$SECRET" 2>>said/curl
        done
    done
    sent_marks 12
    assert [ "$(grep -c 'rule=line-' said/log)" -ge 16 ]
    cp b.log said/b.log
    assert_silent
}

@test "settings that are wrong, for bellhop check and for a program" {
    local text
    printf '%s\n' "$SECRET" >marked
    # shellcheck disable=SC2016 # it is the settings that expand ${...}
    for text in 'set = ( { key = "a"; value = "${MARK"; } );' \
        'set = ( { key = "a"; value = "MARK${MARK:}"; } );' 'set = ( { key = "a"; value = "MARK' \
        'set = ( { key = "a"; value = [ "MARK" ]; } );' 'set = ( { key = "a b"; value = "MARK"; } );' \
        'set = ( { key = "a"; value = "b"; metadata = "MARK MARK"; } );' \
        'set = ( { key = "a"; value = "MARK"; }, { key = "a"; value = "MARK"; } );' \
        "set = ( { key = \"a\"; value = \"MARK$(printf '%09000d' 0)\"; } );" \
        'default = ( { key = "a"; value = "MARK"; valeu = "MARK"; } );' \
        'outbound = ( { hosts = [ "*" ]; keys = [ ]; fixed = ( { keys = [ "a" ]; value = [ "MARK" ]; } ); } );' \
        "outbound = ( { hosts = [ \"*\" ]; keys = [ ]; fixed = ( { keys = [ \"a\" ]; value = \"MARK$(printf '%0300d' 0)\"; } ); } );" \
        'make = ( { key = "a"; header = "x"; value = "MARK"; hash = true; } );' \
        'make = ( { key = "a"; header = "x"; metadata = "MARK MARK"; } );' \
        'make = ( { key = "a"; header = "x"; value = "MARK"; max_length = 0; } );' \
        'salt = "MARK"; salt_file = "MARKED"; edge = 1;' 'salt = [ "MARK" ];' 'salt_file = "MARKED"; edge = 1;' \
        'tokens = ( { name = "t"; header = "x"; algorithm = "RS256"; key_file = "MARKED"; } );' \
        'tokens = ( { name = "t"; header = "x"; algorithm = "HS512"; key_file = "MARKED"; } );' \
        'set = ( { key = "a"; value = "MARK"; } ) MARK'; do
        text=${text//MARKED/$T/marked}
        printf '%s\n' "${text//MARK/$SECRET}" >wrong.conf
        run timeout 20 "$BUILD/bellhop" check wrong.conf
        assert_failure 1
        assert [ -n "$output" ]
        printf '%s\n' "$output" >>said/check
        BELLHOP_CONFIG="$T/wrong.conf" shim curl -q -sS -o out "http://127.0.0.1:$HTTP_PORT/" 2>>said/err
    done
    assert [ "$(wc -l <said/log)" -ge 20 ]
    assert_silent
}

@test "the command: members that cannot be, and settings explained" {
    local bad
    for bad in "a b=$SECRET" "=$SECRET" "a=$SECRET;x y" "a=$SECRET,b=$SECRET" "a=$SECRET$(printf '%09000d' 0)"; do
        run timeout 20 "$BUILD/bellhop" run --baggage "$bad" -- true
        assert_failure 2
        printf '%s\n' "$output" >>said/run
        run timeout 20 "$BUILD/bellhop" format "$bad"
        printf '%s\n' "$output" >>said/format
        run timeout 20 "$BUILD/bellhop" set --control "$T/none" --all "$bad"
        printf '%s\n' "$output" >>said/set
    done
    printf '%s\n' "$RULES" >rules.conf
    printf 'GET /f/x HTTP/1.1\nhost: x\nbaggage: a=%s;p=%s,b=%s\n\n' "$SECRET" "$SECRET" "$SECRET" >request
    timeout 20 "$BUILD/bellhop" explain --settings rules.conf --request request --to http://b/f/x >said/explain
    timeout 20 "$BUILD/bellhop" explain --settings rules.conf --request request --to http://b/f/x --json >said/json
    assert_silent
    # Unless they are asked for.
    printf '%s\nlog_values = true;\n' "$RULES" >rules.conf
    run timeout 20 "$BUILD/bellhop" explain --settings rules.conf --request request --to http://b/f/x
    assert_output --partial "set=$SECRET;p=$SECRET"
}
