#!/usr/bin/env bats
# Members out of JSON Web Tokens: which tokens are believed, and what is taken out of them.

load lib/settings

# The keys are made once.
setup_file() {
    export KEYS="$BATS_FILE_TMPDIR"
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$KEYS/RS.pem" 2>/dev/null
    openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:1024 -out "$KEYS/small.pem" 2>/dev/null
    local n curve
    while read -r n curve; do
        openssl ecparam -name "$curve" -genkey -noout -out "$KEYS/ES$n.pem"
        openssl pkey -in "$KEYS/ES$n.pem" -pubout -out "$KEYS/ES$n.pub"
    done <<<$'256 prime256v1\n384 secp384r1\n512 secp521r1'
    openssl pkey -in "$KEYS/RS.pem" -pubout -out "$KEYS/RS.pub"
    openssl rsa -in "$KEYS/RS.pem" -RSAPublicKey_out -out "$KEYS/RS.pkcs1" 2>/dev/null
    openssl pkey -in "$KEYS/small.pem" -pubout -out "$KEYS/small.pub"
    head -c 64 /dev/urandom | base64 -w0 >"$KEYS/HS"
    head -c 31 /dev/zero | tr '\0' x >"$KEYS/short"
}

LATER='"exp":9999999999'

token() { /usr/bin/python3 "$BATS_TEST_DIRNAME/lib/token.py" "$@"; }

# rules TOKEN [CLAIM]: settings with one token and one claim.
rules() {
    echo "tokens = ( { name = \"t\"; header = \"authorization\"; $1 } );
          make = ( { key = \"k\"; token = \"t\"; claim = \"${2:-sub}\"; max_length = 512; } );"
}

# made SETTINGS LINE...: what is made of a head.
made() {
    printf '%s' "$1" >f
    { printf 'GET / HTTP/1.1\n' && printf '%s\n' "${@:2}"; } |
        timeout 20 "$TOOL" rules f inbound - 0 | sed -n 's/^made //p'
}

# claim PAYLOAD CLAIM: out of a token that nobody verified.
claim() { made "$(rules 'unverified = true;' "$2")" "Authorization: Bearer $(token none - "$1")"; }

# assert_claim EXPECTED PAYLOAD CLAIM
assert_claim() { assert_equal "$2 $(claim "$2" "$3")" "$2 $1"; }

@test "a claim of a token becomes a member" {
    assert_claim k=user-12345 '{"sub":"user-12345"}' sub
    assert_claim k=a%20%22b%0A/%C3%BC%E2%82%AC%F0%9F%98%80 \
        ' { "x" : [1, {"sub":2}] , "sub" : "a \"b\n\/\u00fc\u20AC\uD83D\ude00" } ' sub
    assert_claim k=-12.5e+3 '{"sub":-12.5E+3}' sub
    assert_claim k=true '{"sub":true,"x":null}' sub
    assert_claim k=7 '{"org":{"x":{"id":1},"id":7,"y":{"id":2}},"id":3}' org.id
    assert_claim k=9 '{"https://a.example/t":{"a.b":9}}' 'https://a\\.example/t.a\\.b'
    assert_claim k=1 '{"\u0073\u0075b":"1"}' sub
    local deep
    deep=$(printf '[%.0s' {1..30})$(printf ']%.0s' {1..30})
    assert_claim k=1 "{\"a\":$deep,\"sub\":1}" sub
}

@test "what is no single value is not taken" {
    local payload
    for payload in '{}' '{"sub":null}' '{"sub":["a"]}' '{"sub":{"a":1}}' '{"sub":""}' \
        '{"sub":"a","sub":"b"}' '{"sub":"a","\u0073ub":"a"}' '{"x":{"sub":"a"}}' '["sub","a"]'; do
        assert_claim "" "$payload" sub
    done
    assert_claim "" '{"org":{"id":1},"org":{"id":1}}' org.id
    assert_claim "" '{"org":{"id":1},"org":{}}' org.id
    assert_claim "" '{"org":[{"id":1}]}' org.id
    assert_claim "" '{"org":"id"}' org.id
}

@test "what is no JSON is not believed at all" {
    local payload
    for payload in '' '{' '{"sub":"a"' '{"sub":"a"}}' '{"sub":"a"},' '{"sub":"a",}' '{"sub":a}' \
        '{"sub":"a" "x":1}' '{sub:"a"}' '{"sub":01}' '{"sub":1.}' '{"sub":"a","x":tru}' \
        '{"sub":"a","x":"\x"}' '{"sub":"a","x":"\ud800"}' '{"sub":"a","x":"\udc00\ud800"}' \
        $'{"sub":"a","x":"\n"}' '"sub"' '{"sub":"a","x":[1,]}' '{"sub":"a","x":[1}' \
        "{\"sub\":\"a\",\"x\":$(printf '[%.0s' {1..31})$(printf ']%.0s' {1..31})}"; do
        assert_claim "" "$payload" sub
    done
}

@test "a text that is no token makes nothing" {
    local good settings text
    good=$(token none - '{"sub":"a"}')
    settings=$(rules 'unverified = true;')
    assert_equal "$(made "$settings" "authorization: bearer  $good")" k=a
    assert_equal "$(made "$settings" "authorization: $good")" k=a
    for text in "$good." ".$good" "${good%.}" "Basic $good" "Bearer" "${good/./..}" "${good%%.*}" \
        "${good%.}=." "${good%.}A." "${good/./.%}" "$good, $good" "$(token none - '{"sub":"aa"}' | tr J K)"; do
        assert_equal "$text: $(made "$settings" "authorization: $text")" "$text: "
    done
    # Two, of which one may be another user's.
    assert_equal "$(made "$settings" "authorization: $good" "authorization: $good")" k=a
    assert_equal "$(made "$settings" "authorization: $good" \
        "authorization: $(token none - '{"sub":"b"}')")" ""
}

@test "a token may stand in a cookie or in another header" {
    local good
    good=$(token none - '{"sub":"a"}')
    assert_equal "$(made 'tokens = ( { name = "t"; cookie = "jwt"; unverified = true; } );
        make = ( { key = "k"; token = "t"; claim = "sub"; } );' "cookie: a=b; jwt=$good")" k=a
    assert_equal "$(made 'tokens = ( { name = "t"; header = "x-jwt"; unverified = true; } );
        make = ( { key = "k"; token = "t"; claim = "sub"; } );' "x-jwt: $good")" k=a
}

@test "every algorithm: a right signature is believed, a wrong one is not" {
    local alg key file settings good other
    for alg in HS256 HS384 HS512 RS256 RS384 RS512 ES256 ES384 ES512; do
        case $alg in
        HS*) key=HS file=HS ;;
        RS*) key=RS.pem file=RS.pub ;;
        *) key=$alg.pem file=$alg.pub ;;
        esac
        settings=$(rules "algorithm = \"$alg\"; key_file = \"$KEYS/$file\";")
        good=$(token "$alg" "$KEYS/$key" "{\"sub\":\"$alg\",$LATER}")
        assert_equal "$(made "$settings" "authorization: Bearer $good")" "k=$alg"
        other=$(token "$alg" "$KEYS/$key" "{\"sub\":\"evil\",$LATER}")
        # The head and signature of one, the payload of the other.
        local middle=${other#*.}
        assert_equal "$(made "$settings" "authorization: ${good%%.*}.${middle%%.*}.${good##*.}")" ""
        assert_equal "$(made "$settings" "authorization: ${good%.*}.")" ""
        assert_equal "$(made "$settings" "authorization: ${good%????}")" ""
        assert_equal "$(made "$settings" "authorization: ${good}AAAA")" ""
    done
    settings=$(rules "algorithm = \"RS256\"; key_file = \"$KEYS/RS.pkcs1\";")
    assert_equal "$(made "$settings" "authorization: $(token RS256 "$KEYS/RS.pem" "{\"sub\":1,$LATER}")")" k=1
}

@test "the key's algorithm counts, whatever the token says: none, confusion, another" {
    local settings header
    settings=$(rules "algorithm = \"RS256\"; key_file = \"$KEYS/RS.pub\";")
    assert_equal "$(made "$settings" "authorization: $(token none - "{\"sub\":1,$LATER}")")" ""
    # HMAC with the public key as its secret.
    assert_equal "$(made "$settings" \
        "authorization: $(token HS256 "$KEYS/RS.pub" "{\"sub\":1,$LATER}")")" ""
    for header in '{"alg":"none"}' '{"alg":"HS256"}' '{"alg":"RS512"}' '{"alg":"rs256"}' '{}' \
        '{"alg":["RS256"]}' '{"alg":"RS256","alg":"none"}' '{"alg":"RS256","crit":["exp"]}' '[]' 'x'; do
        assert_equal "$header $(made "$settings" \
            "authorization: $(token RS256 "$KEYS/RS.pem" "{\"sub\":1,$LATER}" "$header")")" "$header "
    done
    assert_equal "$(made "$settings" "authorization: $(token RS256 "$KEYS/RS.pem" \
        "{\"sub\":1,$LATER}" '{"typ":"JWT","kid":"a","alg":"RS256"}')")" k=1
}

# assert_verified EXPECTED PAYLOAD SETTING...
assert_verified() {
    local got
    got=$(made "$(rules "algorithm = \"HS256\"; key_file = \"$KEYS/HS\"; ${*:3}")" \
        "authorization: $(token HS256 "$KEYS/HS" "$2")")
    assert_equal "$2 ${*:3}: $got" "$2 ${*:3}: $1"
}

@test "a token counts in its time only" {
    local now
    now=$(date +%s)
    assert_verified k=1 "{\"sub\":1,\"exp\":$((now + 100))}"
    assert_verified k=1 "{\"sub\":1,\"exp\":$((now - 10))}"
    assert_verified "" "{\"sub\":1,\"exp\":$((now - 100))}"
    assert_verified "" "{\"sub\":1,\"exp\":$((now - 10))}" 'leeway = 0;'
    assert_verified k=1 "{\"sub\":1,\"exp\":$((now - 100))}" 'leeway = 1000;'
    assert_verified k=1 "{\"sub\":1,\"exp\":$((now + 100)).75}"
    assert_verified "" '{"sub":1}'
    assert_verified k=1 '{"sub":1}' 'without_exp = true;'
    local bad
    for bad in '"9999999999"' 1e99 -1 null '[9999999999]' 99999999999999999999; do
        assert_verified "" "{\"sub\":1,\"exp\":$bad}" 'without_exp = true;'
        assert_verified "" "{\"sub\":1,$LATER,\"nbf\":$bad}"
    done
    assert_verified "" "{\"sub\":1,$LATER,$LATER}"
    assert_verified k=1 "{\"sub\":1,$LATER,\"nbf\":$((now + 10))}"
    assert_verified "" "{\"sub\":1,$LATER,\"nbf\":$((now + 100))}"
}

@test "a token counts from its issuer and for its audience only" {
    local issuer='issuer = "https://a/";' audience='audience = "me";'
    assert_verified k=1 "{\"sub\":1,$LATER,\"iss\":\"https://a/\"}" "$issuer"
    assert_verified "" "{\"sub\":1,$LATER,\"iss\":\"https://a\"}" "$issuer"
    assert_verified "" "{\"sub\":1,$LATER,\"iss\":[\"https://a/\"]}" "$issuer"
    assert_verified "" "{\"sub\":1,$LATER}" "$issuer"
    assert_verified k=1 "{\"sub\":1,$LATER,\"aud\":\"me\"}" "$audience"
    assert_verified k=1 "{\"sub\":1,$LATER,\"aud\":[ \"you\" , \"me\"]}" "$audience"
    assert_verified "" "{\"sub\":1,$LATER,\"aud\":[\"you\",\"mee\"]}" "$audience"
    assert_verified "" "{\"sub\":1,$LATER,\"aud\":[]}" "$audience"
    assert_verified "" "{\"sub\":1,$LATER}" "$audience"
    # Who names an audience, and it is not told that we are it, is not for us.
    assert_verified "" "{\"sub\":1,$LATER,\"aud\":\"me\"}"
    assert_verified k=1 "{\"sub\":1,$LATER,\"aud\":\"me\"}" 'audience = "*";'
}

@test "a wrong token is no way around a rule: what came in under its key is dropped" {
    printf '%s' "$(rules "algorithm = \"HS256\"; key_file = \"$KEYS/HS\";")" >f
    run "$TOOL" rules f inbound - 0 <<REQUEST
GET / HTTP/1.1
baggage: k=evil,a=1
authorization: Bearer $(token HS256 "$KEYS/short" "{\"sub\":1,$LATER}")
REQUEST
    assert_line "in a=1"
    assert_line "made "
}

# refuses_token TOKEN MESSAGE
refuses_token() { refuses "tokens = ( { $1 } );" "f:1: error: $2"; }

@test "a token is verified, or said to be unverified" {
    local t='name = "t"; header = "a";'
    refuses_token "$t" \
        'a token that needs an "algorithm" and a "key_file", or unverified = true to believe everybody'
    refuses_token "$t unverified = false;" \
        'a token that needs an "algorithm" and a "key_file", or unverified = true to believe everybody'
    refuses_token "$t unverified = true; issuer = \"x\";" \
        'a token that is "unverified", but says how to verify it'
    for alg in none None hs256 PS256 EdDSA; do
        refuses_token "$t algorithm = \"$alg\"; key_file = \"$KEYS/RS.pub\";" \
            "the algorithm \"$alg\" is not one of HS256, HS384, HS512, RS256, RS384, RS512, ES256, ES384, ES512"
    done
    refuses_token "$t algorithm = \"RS256\"; key_file = \"missing\";" \
        'the file "missing": cannot be opened: No such file or directory'
}

@test "a key is of the kind that its algorithm asks for" {
    local alg file fault
    while read -r alg file fault; do
        run check "tokens = ( { name = \"t\"; header = \"a\"; algorithm = \"$alg\";
            key_file = \"$KEYS/$file\"; } );"
        assert_output "f:2: error: the key_file \"$KEYS/$file\" $fault"
    done <<'CASES'
HS256 RS.pub holds a key in PEM form, which is no secret
HS256 RS.pem holds a key in PEM form, which is no secret
HS256 short holds a secret that is shorter than the hash (RFC 7518 section 3.2)
RS256 RS.pem holds a private key; what is needed here is the public one
RS256 HS holds no public key in PEM form (-----BEGIN PUBLIC KEY-----)
RS256 ES256.pub holds no RSA key, which the algorithm asks for
RS256 small.pub holds an RSA key of less than 2048 bits (RFC 7518 section 3.3)
ES256 RS.pub holds no EC key, which the algorithm asks for
ES256 ES384.pub holds a key on another curve than the algorithm's
CASES
    sed '3,4d' "$KEYS/RS.pub" >cut.pub
    run check 'tokens = ( { name = "t"; header = "a"; algorithm = "RS256"; key_file = "cut.pub"; } );'
    assert_output --regexp '^f:1: error: the key_file "cut.pub" holds no .*'
}

@test "rules and tokens must fit" {
    local t='name = "t"; header = "a"; unverified = true;'
    accepts "tokens = ( { $t } ); make = ( { key = \"k\"; token = \"t\"; claim = \"a.b\"; } );"
    accepts "make = ( { key = \"k\"; token = \"t\"; claim = \"a.b\"; } ); tokens = ( { $t } );"
    refuses 'make = ( { key = "k"; token = "t"; claim = "a"; } );' \
        'f:1: error: the token "t" is none of "tokens"'
    refuses 'make = ( { key = "k"; claim = "a"; } );' \
        'f:1: error: a rule that has a claim, but no "token" to take it from'
    refuses 'make = ( { key = "k"; header = "x"; token = "t"; } );' \
        'f:1: error: a rule that has a token, but no "claim" to take out of it'
    for claim in '' . a. .a a..b a.b.c.d.e.f.g.h.i "$(printf 'x%.0s' {1..129})"; do
        run check "tokens = ( { $t } ); make = ( { key = \"k\"; token = \"t\"; claim = \"$claim\"; } );"
        assert_output --partial 'is no path of up to 8 names with dots between'
    done
    refuses_token 'header = "a"; unverified = true;' \
        'a token that needs a "name" for rules to call it by'
    refuses_token 'name = "t"; unverified = true;' \
        'a token that is to be found in one place, a "header" or a "cookie"'
    refuses_token 'name = "t"; cookie = "a"; header = "b"; unverified = true;' \
        'a token that is to be found in one place, a "header" or a "cookie"'
    refuses "tokens = ( { $t }, { $t } );" 'f:1: error: the name "t" stands here twice'
    refuses "tokens = ( $(printf '{ name = "t%d"; header = "a"; unverified = true; }, ' {1..4}) { $t } );" \
        'f:1: error: too many tokens (4), or names of headers (23) or all (32)'
}

@test "no value of a token stands in what is said about it" {
    printf '%s' "$(rules "algorithm = \"HS256\"; key_file = \"$KEYS/HS\";")" >f
    run "$BELLHOP" check f
    refute_output --partial "$(cut -c1-10 "$KEYS/HS")"
}
