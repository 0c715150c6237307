# Chromium: many processes, sandboxes, a TLS of its own. It runs as ever.

load lib/bed
load lib/programs

setup_file() {
    type -P chromium >/dev/null || return 0
    bed_start
}
teardown_file() { bed_stop; }
setup() {
    need chromium chromium
    bed_test
    PLACE=''
    CHROMIUM=(chromium --headless --disable-gpu --disable-quic --no-first-run --disable-sync
        --disable-background-networking --disable-component-update --disable-dev-shm-usage
        "--disable-features=OptimizationHints,MediaRouter,DialMediaRouteProvider"
        --user-data-dir=profile --virtual-time-budget=10000 --timeout=60000 --dump-dom)
    PAGE="http://127.0.0.1:$HTTP_PORT/page"
}

# What the page was, and what was asked; Chromium's messages and the rest vary from run to run.
browse() {
    local how
    for how in bare shim; do
        run_in "$how" "$@"
        cat "$T/$how.err"
        assert_equal "$(cat "$T/$how.rc")" 0
    done
    diff "$T/bare.out" "$T/shim.out"
    run cat "$T/shim.out"
    assert_output --partial "GET /page"
    # It may have time to ask for the picture beside the address, or not.
    for how in bare shim; do
        jq -c 'select(.path != "/favicon.ico")' "$T/$how.jsonl" >"$T/$how.page"
    done
    wire same "$T/bare.page" "$T/shim.page"
    wire legal "$T/shim.jsonl"
    sent
    assert_equal "$(sent | cut -d' ' -f4- | grep -v -x -e "$B")" ""
}

@test "headless, without its sandbox, it shows a page" {
    browse "${CHROMIUM[@]}" --no-sandbox "$PAGE"
}

@test "headless, in its sandbox, it shows a page" {
    local user=()
    unshare -U true 2>/dev/null || skip "no user namespaces here"
    if [[ $(id -u) == 0 ]]; then
        # It refuses to run as root in a sandbox; nobody needs a way to the shim and to a home.
        PLACE=$(mktemp -d /tmp/bellhop-chromium.XXXXXX)
        chmod 777 "$PLACE"
        cp "$SHIM" "$PLACE/libbellhop.so"
        chmod 755 "$PLACE/libbellhop.so"
        SHIM="$PLACE/libbellhop.so"
        user=(setpriv --reuid nobody --regid nogroup --clear-groups)
        CHROMIUM=("${CHROMIUM[@]/#--user-data-dir=*/--user-data-dir=$PLACE/profile}")
        export HOME="$PLACE"
        chmod 711 "$T" "$BATS_RUN_TMPDIR" || true
    fi
    browse "${user[@]}" "${CHROMIUM[@]}" "$PAGE"
}

teardown() {
    [[ -z ${PLACE:-} ]] || rm -rf "${PLACE:?}"
}
