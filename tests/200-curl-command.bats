# The curl command carries baggage and is otherwise the program that it was.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

@test "a GET carries the baggage over HTTP/1.1, HTTPS and HTTP/2" {
    local proto
    for proto in http https h2 h2c; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -o body -w '%{http_code} %{size_download} %{num_headers}\n' \
            "$(at_b /a?b=c)"
        assert_exit 0
        assert_sent "GET service-b.test /a?b=c $B"
        assert_protocol "$proto"
    done
}

@test "nothing is sent without baggage" {
    unset BAGGAGE
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "$(at_b /)"
        assert_sent "GET service-b.test / -"
    done
}

@test "the header stands once, in lower case, inside the head of the request" {
    curl_args http
    same curl "${ARGS[@]}" "$(url http service-b.test /)"
    run jq -r .raw "$T/shim.jsonl"
    assert_line --regexp "^baggage: $B"$'\r?'"$"
    assert_equal "$(grep -ci '^baggage' <<<"$output")" 1
}

@test "HEAD, DELETE and OPTIONS requests carry it" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        SAME_DATE=no same curl "${ARGS[@]}" -I "$(at_b /head)"
        assert_sent "HEAD service-b.test /head $B"
        same curl "${ARGS[@]}" -X DELETE "$(at_b /thing)"
        assert_sent "DELETE service-b.test /thing $B"
        same curl "${ARGS[@]}" -X OPTIONS "$(at_b /opt)"
        assert_sent "OPTIONS service-b.test /opt $B"
    done
}

@test "a POST of 5 MB arrives whole and comes back whole" {
    local proto
    head -c 5000000 /dev/urandom >"$T/big"
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" --data-binary "@$T/big" -o back "$(at_b /echo)"
        assert_exit 0
        assert_sent "POST service-b.test /echo $B"
        cmp "$T/big" "$T/shim/back"
        assert_equal "$(jq -r .body_sha256 "$T/shim.jsonl")" \
            "$(sha256sum <"$T/big" | cut -d' ' -f1)"
    done
}

@test "uploads carry it: -T from a file, and from standard input in chunks" {
    local proto
    head -c 300000 /dev/urandom >"$T/up"
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -T "$T/up" "$(at_b /echo)"
        assert_sent "PUT service-b.test /echo $B"
        # shellcheck disable=SC2016 # expanded by the inner shell
        same sh -c 'exec curl "$@" -T - <../up' sh "${ARGS[@]}" "$(at_b /echo)"
        assert_sent "PUT service-b.test /echo $B"
        cmp "$T/up" "$T/shim.out"
    done
}

@test "a multipart form arrives as it would" {
    # curl makes up its boundary, so the bodies differ by it; their lengths do not.
    curl_args http
    run_in shim curl "${ARGS[@]}" -F a=b -F "file=@/etc/hostname" "$(url http service-b.test /form)"
    assert_exit 0
    assert_sent "POST service-b.test /form $B"
}

@test "-L carries it to each host of a redirect" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -L "$(at_b /hops/service-c.test/service-b.test/end)"
        assert_exit 0
        assert_sent "GET service-b.test /hops/service-c.test/service-b.test/end $B" \
            "GET service-c.test /hops/service-b.test/end $B" "GET service-b.test /end $B"
    done
}

@test "--next starts a request of its own, which carries it too" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -H "X-One: 1" "$(at_b /one)" \
            --next "${ARGS[@]:1}" -d two=2 "$(at_c /two)"
        assert_exit 0
        assert_sent "GET service-b.test /one $B" "POST service-c.test /two $B"
    done
}

@test "several URLs over one connection each carry it" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "$(at_b "/n/[1-20]")"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 20
        assert_all_sent "$B"
    done
}

@test "on a connection that has carried it, the stream below puts it in, and libcurl knows nothing" {
    local proto
    for proto in http https; do
        curl_args "$proto"
        SAME_STDERR=no same curl "${ARGS[@]}" -v "$(at_b "/n/[1-9]")" -H "X-Own: 1"
        assert_all_sent "$B"
        assert_equal "$(sent | wc -l) $(grep -c '^> baggage: ' "$T/shim.err")" "9 1"
        # Lines of the program's own that may be of ours are libcurl's to put together.
        SAME_STDERR=no same curl "${ARGS[@]}" -v "$(at_b "/n/[1-3]")" -H "Baggage: own=1"
        assert_all_sent "own=1,$B"
        assert_equal "$(sent | wc -l) $(grep -c '^> Baggage: ' "$T/shim.err")" "3 3"
        same curl "${ARGS[@]}" "$(at_b "/n/[1-3]")" -H "Baggage:"
        assert_all_sent -
    done
}

@test "several hosts in turn, over connections that stay" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" "$(at_b /1)" "$(at_c /2)" "$(at_b /3)" "$(at_b /4)" "$(at_c /5)" \
            -d x=y
        assert_equal "$(sent | wc -l)" 5
        assert_all_sent "$B"
    done
}

@test "-Z with 50 URLs carries it on all of them" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same -u curl "${ARGS[@]}" -Z --no-progress-meter --parallel-max 25 -o "out-#1" \
            "$(at_b "/n/[1-50]")"
        assert_exit 0
        assert_equal "$(sent | sort -u | wc -l)" 50
        assert_all_sent "$B"
    done
}

@test "--retry carries it on the second attempt" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        SAME_STDERR=no same curl "${ARGS[@]}" --retry 2 --retry-delay 1 -f \
            "$(at_b "/flaky/1/$proto")"
        assert_exit 0
        assert_sent "GET service-b.test /flaky/1/$proto $B" "GET service-b.test /flaky/1/$proto $B"
    done
}

@test "an authentication round trip carries it on both requests" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" --anyauth -u me:secret "$(at_b /private)"
        assert_exit 0
        assert_sent "GET service-b.test /private $B" "GET service-b.test /private $B"
    done
}

@test "the program's own baggage, in any letter case, becomes one line with its members first" {
    local proto name
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        for name in Baggage BAGGAGE bAgGaGe baggage; do
            same curl "${ARGS[@]}" -H "$name: own=1" -H "X-Other: 2" "$(at_b /)"
            assert_sent "GET service-b.test / own=1,$B"
            assert_sent -h x-other "GET service-b.test / 2"
        done
    done
}

@test "a key that the program sends itself stays the program's" {
    curl_args http
    same curl "${ARGS[@]}" -H "baggage: user-id=mine;p=1 , own=%20x" "$(url http service-b.test /)"
    run sent
    assert_output --partial "user-id=mine"
    refute_output --partial "user-12345"
    assert_output --regexp "own=%20x,tenant-id=abcde$"
}

@test "two baggage headers of the program stay two, one list with ours at its end" {
    curl_args http
    SAME_LEGAL=no same curl "${ARGS[@]}" -H "Baggage: a=1" -H "X-Between: 1" -H "baggage: b=2" \
        "$(url http service-b.test /)"
    assert_sent -h x-between "GET service-b.test / 1"
    assert_equal "$(sent | cut -d' ' -f4- | sed 's/ | /,/g')" "a=1,b=2,$B"
}

@test "-H baggage: keeps its meaning, no such header" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        curl_args "$proto"
        same curl "${ARGS[@]}" -H "Baggage:" "$(at_b /)"
        assert_exit 0
        assert_sent "GET service-b.test / -"
    done
}

@test "-H 'baggage;' keeps its meaning, an empty header" {
    curl_args http
    run_in shim curl "${ARGS[@]}" -H "Baggage;" "$(url http service-b.test /)"
    assert_exit 0
    run jq -r '.headers[] | select(.[0] | ascii_downcase == "baggage") | join("=")' "$T/shim.jsonl"
    assert_output "Baggage="
}

@test "headers that only begin or end like ours are left alone" {
    curl_args http
    same curl "${ARGS[@]}" -H "baggage-claim: 1" -H "x-baggage: 2" -H "X: baggage: 3" \
        "$(url http service-b.test /)"
    assert_sent "GET service-b.test / $B"
}

@test "headers from a file and cookies are as ever" {
    curl_args http
    printf 'X-File: 1\nBaggage: own=1\n' >"$T/headers"
    same curl "${ARGS[@]}" -H "@$T/headers" -b "a=b; baggage=no" -A agent -e http://referer.test/ \
        -H "Accept:" -H "X-Empty;" "$(url http service-b.test /)"
    assert_sent "GET service-b.test / own=1,$B"
}

@test "the exit code and message of a failure are curl's own" {
    curl_args http
    same curl "${ARGS[@]}" "$(url http service-b.test /a)" "http://[bad"
    assert_exit 3
    same curl "${ARGS[@]}" -f "$(url http service-b.test /private)"
    assert_exit 22
    local closed
    closed=$(free_ports 1)
    same curl -q -sS --max-time 20 "http://127.0.0.1:$closed/"
    assert_exit 7
    same curl -q -sS "nothing://service-b.test/"
    assert_exit 1
}

@test "a file URL is read as ever" {
    echo content >"$T/file"
    same curl -q -sS "file://$T/file"
    assert_equal "$(cat "$T/shim.out")" content
}

@test "-v shows the header where curl shows those it sends, and -w the same facts" {
    curl_args http
    run_in shim curl "${ARGS[@]}" -v \
        -w '%{http_code} %{num_connects} %{num_redirects} %{errormsg}\n' "$(at_b /)"
    run cat "$T/shim.out"
    assert_line "200 1 0 "
}
