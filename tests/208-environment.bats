# What the environment says: baggage, trace context, propagators, and values that must not pass.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"
TP=00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# get [CURL OPTION...]: one request as in `same`.
get() {
    curl_args "${PROTO:-http}"
    same curl "${ARGS[@]}" "$@" "$(url "${PROTO:-http}" service-b.test /)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 1
}

# assert_field NAME VALUE: of the one request; "-" is none.
assert_field() {
    assert_equal "$(sent "$1" | cut -d' ' -f4-)" "$2"
}

@test "empty BAGGAGE is no BAGGAGE (STANDARD G22)" {
    BAGGAGE="" get
    assert_field baggage -
    BAGGAGE=" , ,, " get
    assert_field baggage -
}

@test "lower-case names in the environment are ignored (STANDARD G22)" {
    unset BAGGAGE
    export baggage=no=1 traceparent=$TP tracestate=a=b Baggage=no=2
    get
    assert_field baggage -
    assert_field traceparent -
    assert_field tracestate -
}

@test "trace context is passed on, unchanged (STANDARD H26)" {
    local PROTO
    export TRACEPARENT=$TP TRACESTATE="vendor=a:b;c,other=2"
    for PROTO in "${PROTOCOLS[@]}"; do
        get
        assert_field traceparent "$TP"
        assert_field tracestate "vendor=a:b;c,other=2"
        assert_field baggage "$B"
    done
    unset BAGGAGE
    get
    assert_field traceparent "$TP"
    assert_field baggage -
}

@test "a future version of trace context is passed on too (STANDARD H26)" {
    export TRACEPARENT="cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-what-the-future"
    get
    assert_field traceparent "$TRACEPARENT"
}

@test "tracestate without traceparent stays at home (STANDARD H27)" {
    TRACESTATE=a=b get
    assert_field tracestate -
    assert_field baggage "$B"
}

@test "a program's own trace context is the only one sent (STANDARD H27)" {
    local PROTO own=00-11111111111111111111111111111111-2222222222222222-00
    export TRACEPARENT=$TP TRACESTATE=ours=1
    for PROTO in "${PROTOCOLS[@]}"; do
        get -H "Traceparent: $own"
        assert_field traceparent "$own"
        assert_field tracestate -
        get -H "TRACEPARENT: $own" -H "TraceState: theirs=1"
        assert_field traceparent "$own"
        assert_field tracestate theirs=1
    done
}

@test "a trace context with illegal bytes never reaches the wire" {
    local bad
    for bad in "$TP"$'\r\nX-Evil: 1' $'\n' "$TP"$'\t\x01' "$TP"$'\xff' "no trace context" \
        "00-00000000000000000000000000000000-b7ad6b7169203331-01" "$(printf '%0100000d' 7)"; do
        TRACEPARENT="$bad" TRACESTATE=a=b get
        assert_field traceparent -
        assert_field tracestate -
        assert_field baggage "$B"
    done
    export TRACEPARENT=$TP
    for bad in $'a=b\r\nX-Evil: 1' $'a=b\nX-Evil: 1' $'a=\x01' $'a=\xff'; do
        TRACESTATE="$bad" get
        assert_field x-evil -
        refute [ "$(sent tracestate | grep -c 'Evil')" -ne 0 ]
        assert_field traceparent "$TP"
    done
}

@test "OTEL_PROPAGATORS chooses what is sent (STANDARD G24)" {
    export TRACEPARENT=$TP TRACESTATE=a=b
    OTEL_PROPAGATORS=baggage get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "$B -"
    assert_field tracestate -
    OTEL_PROPAGATORS=tracecontext get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "- $TP"
    OTEL_PROPAGATORS=none get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "- -"
    OTEL_PROPAGATORS="tracecontext, baggage" get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "$B $TP"
    OTEL_PROPAGATORS="" get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "$B $TP"
}

@test "unknown and repeated propagators are ignored, in silence (STANDARD G24)" {
    export TRACEPARENT=$TP
    OTEL_PROPAGATORS=b3,baggage,jaeger,baggage get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "$B -"
    OTEL_PROPAGATORS=b3multi get
    assert_equal "$(sent baggage | cut -d' ' -f4) $(sent traceparent | cut -d' ' -f4)" "- -"
}

@test "OTEL_SDK_DISABLED has no effect on propagation (STANDARD G24)" {
    OTEL_SDK_DISABLED=true get
    assert_field baggage "$B"
}

@test "BELLHOP_DISABLED=true turns everything off, and only true does" {
    export TRACEPARENT=$TP
    local value
    for value in true TRUE True; do
        BELLHOP_DISABLED=$value get
        assert_field baggage -
        assert_field traceparent -
    done
    for value in "" false 0 no; do
        BELLHOP_DISABLED=$value get
        assert_field baggage "$B"
    done
}

@test "the program's environment is not changed, and its children carry the same" {
    curl_args http
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c 'echo "$BAGGAGE"; exec curl "$@"' sh "${ARGS[@]}" "$(url http service-b.test /)"
    assert_equal "$(head -1 "$T/shim.out")" "$B"
    assert_field baggage "$B"
}

@test "what a program puts into its environment later is for its children" {
    cat >"$T/late.py" <<'PY'
import os, subprocess, sys
os.environ["BAGGAGE"] = "late=1"
sys.exit(subprocess.call(["curl"] + sys.argv[1:]))
PY
    curl_args http
    same "$PYTHON" "$T/late.py" "${ARGS[@]}" "$(url http service-b.test /)"
    assert_field baggage late=1
}

# --- hostile values -------------------------------------------------------------------------

hostile() {
    run "$PYTHON" "$LIB/hostile.py" "$BUILD/bellhop" "$SHIM" "$LOG" \
        "http://127.0.0.1:$HTTP_PORT/hostile" "$@"
    assert_success
}

@test "every octet in a key and in a value, and header injection in many forms" {
    hostile octets
}

@test "values of 100 kB and 10,000 members, and each limit from both sides (STANDARD E18, E19)" {
    hostile sizes
}

@test "every vector that an environment can hold" {
    hostile vectors "$BATS_TEST_DIRNAME/data/baggage.vectors"
}

@test "hostile values over HTTP/2 and HTTPS do no harm" {
    local PROTO value
    for PROTO in https h2; do
        for value in $'k=v\r\nX-Evil: 1,ok=1' $'k=\xff,ok=1' $'k=\x7f,ok=1' $'a b=c,ok=1'; do
            BAGGAGE="$value" get
            assert_field baggage ok=1
            assert_field x-evil -
        done
        BAGGAGE="k=$(printf '%08190d' 0)" get
        assert_field baggage "k=$(printf '%08190d' 0)"
        BAGGAGE="k=$(printf '%08191d' 0)" get
        assert_field baggage -
    done
}

@test "together with the program's own baggage the limits hold, and the program's goes first" {
    local own
    BAGGAGE=$(seq -f 'k%.0f=v' -s , 1 64)
    get -H "Baggage: own1=1,own2=2"
    assert_field baggage "own1=1,own2=2,$(cut -d, -f1-62 <<<"$BAGGAGE")"
    own="own=$(printf '%08180d' 0)"
    BAGGAGE="a=1,bb=22,c=3" get -H "baggage: $own"
    # 8184 bytes of the program, 4 for ",a=1"; ",bb=22" would be the 8194th; ",c=3" fits.
    assert_field baggage "$own,a=1,c=3"
}

@test "raw bytes of a member are forwarded as they came (STANDARD B11, C12)" {
    BAGGAGE='k=%20%zz%c3%A9+x;p;q=%41;p , b = 1 ; r = s ' get
    assert_equal "$(sent | cut -d' ' -f4- | tr -d ' ')" 'k=%20%zz%c3%A9+x;p;q=%41;p,b=1;r=s'
}
