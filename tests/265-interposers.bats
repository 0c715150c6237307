# Other libraries that are preloaded beside the shim, before it and after it: clocks, allocators,
# proxies, what makes a user root.
# shellcheck disable=SC2034 # AFTER is for the bed

load lib/bed
load lib/programs

setup_file() { bed_start tls proxy; }
teardown_file() { bed_stop; }
setup() {
    bed_test
    # Time limits go by the monotonic clock.
    export FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME='@2030-01-01 00:00:00'
    printf 'strict_chain\nquiet_mode\n[ProxyList]\nhttp 127.0.0.1 %s\n' "$PROXY_PORT" >proxychains.conf
    export PROXYCHAINS_CONF_FILE="$T/proxychains.conf"
    GET='import sys, urllib.request; print(urllib.request.urlopen(sys.argv[1], timeout=60).read())'
    WGET=(wget --no-config --no-hsts --no-proxy -q -t 1 -T 60 -O -)
}

# beside PACKAGE PATTERN ORDER: `bare` runs with that library, `shim` with it and the shim.
beside() {
    local found
    found=$(compgen -G "/usr/lib/*/$2" | head -1) || skip "$2 is not installed ($1)"
    if [[ $3 == after ]]; then
        AFTER=$found
    else
        BEFORE=$found
        bare() { timeout 120 env LD_PRELOAD="$BEFORE" "$@"; }
        shim() { timeout 120 env LD_PRELOAD="$BEFORE:$SHIM" "$@"; }
    fi
}

# carries_beside PACKAGE PATTERN: in both orders.
carries_beside() {
    local order
    for order in after before; do
        beside "$1" "$2" "$order"
        carry "${WGET[@]}" "http://localhost:$HTTP_PORT/wget"
        assert_exit 0
        carry "$PYTHON" -c "$GET" "http://localhost:$HTTP_PORT/python"
        assert_exit 0
        carry curl -q -sS -k --http1.1 "https://localhost:$TLS_PORT/curl"
        assert_exit 0
    done
}

@test "libfaketime" { carries_beside libfaketime 'faketime/libfaketime.so.1'; }
@test "libeatmydata" { carries_beside libeatmydata1 'libeatmydata.so'; }
@test "jemalloc" { carries_beside libjemalloc2 'libjemalloc.so.2'; }
@test "tcmalloc" { carries_beside libtcmalloc-minimal4 'libtcmalloc_minimal.so.4'; }
@test "fakeroot" { carries_beside libfakeroot 'libfakeroot/libfakeroot-sysv.so'; }

@test "proxychains after the shim: what goes through its tunnel carries baggage" {
    beside libproxychains4 libproxychains.so.4 after
    carry "${WGET[@]}" "http://localhost:$HTTP_PORT/wget"
    assert_exit 0
    carry "$PYTHON" -c "$GET" "http://localhost:$HTTP_PORT/python"
    assert_exit 0
    assert_equal "$(wire sent baggage "$T/shim.proxy.jsonl" | cut -d' ' -f1,4-)" "CONNECT -"
}

@test "proxychains before the shim: its tunnel is left alone, but for TLS and libcurl" {
    beside libproxychains4 libproxychains.so.4 before
    same "${WGET[@]}" "http://localhost:$HTTP_PORT/wget"
    assert_exit 0
    assert_sent "GET localhost /wget -"
    carry curl -q -sS "http://localhost:$HTTP_PORT/curl"
    assert_exit 0
    carry "${WGET[@]}" --ca-certificate="$CA" "https://localhost:$TLS_PORT/wget"
    assert_exit 0
}
