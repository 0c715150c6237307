# The load generators: every one of their requests carries baggage.

load lib/bed
load lib/programs

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# ab prints how long all took; these lines do not.
ab_counts() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    echo 'ab -q "$@" >all || cat all; grep -E "^(Complete|Failed|Non-2xx|Keep-Alive|Total [bt])" all
        rm -f all'
}

@test "ab: HTTP/1.0, GET and POST" {
    local proto
    head -c 20000 /dev/urandom | base64 >"$T/body"
    for proto in "${BOTH[@]}"; do
        # It waits for the server to close.
        carry -u sh -c "$(ab_counts)" ab -n 40 -c 4 -H "Connection: close" "$(where "$proto" /a)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 40
        carry -u sh -c "$(ab_counts)" ab -n 10 -c 2 -H "Connection: close" -p "$T/body" \
            -T text/plain "$(where "$proto" /echo)"
        assert_exit 0
        assert_equal "$(sent | wc -l)" 10
        run cat "$T/shim.out"
        assert_line --regexp "^Complete requests: +10$"
        assert_line --regexp "^Failed requests: +0$"
    done
}

@test "ab: kept connections" {
    # The server has to say that it keeps them, as the one before the recorder does.
    carry -u sh -c "$(ab_counts)" ab -n 40 -c 4 -k "$(where https /a)"
    assert_exit 0
    assert_equal "$(sent | wc -l)" 40
    run cat "$T/shim.out"
    assert_line --regexp "^Keep-Alive requests: +40$"
}

@test "ab: its own baggage is merged with" {
    carry -u sh -c "$(ab_counts)" ab -n 10 -H "Baggage: own=1" "$(where http /close)"
    assert_all_sent "own=1,$B"
}

# wrk asks as often as it can, and is cut off at the end: what it sent is compared, not how often.
wrk_asks() {
    local how
    for how in bare shim; do
        run_in "$how" wrk -t 2 -c 6 -d 1s "$@"
        assert_equal "$(cat "$T/$how.rc")" 0
        run cat "$T/$how.out"
        refute_output --partial "Socket errors"
        refute_output --partial "Non-2xx"
        sed 's/"conn": [0-9]*, //' "$T/$how.jsonl" | sort -u >"$T/$how.once"
    done
    wire same "$T/bare.once" "$T/shim.once" || return 1
    wire_exact "$B" "$T/bare.once" "$T/shim.once" ""
}

@test "wrk over HTTP and HTTPS" {
    local proto
    for proto in "${BOTH[@]}"; do
        wrk_asks "$(where "$proto" /a)"
    done
}

@test "wrk with eight requests in one call, POSTs among them" {
    cat >"$T/pipe.lua" <<'LUA'
init = function()
    local all = {}
    for i = 1, 8 do
        local body = i % 3 == 0 and "GET / HTTP/1.1\r\n\r\n" or ""
        all[i] = (body == "" and "GET" or "POST") .. " /" .. i .. " HTTP/1.1\r\n" ..
            "Host: localhost\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
    end
    together = table.concat(all)
end
request = function() return together end
LUA
    wrk_asks -s "$T/pipe.lua" "$(where http /)"
    assert_equal "$(wc -l <"$T/shim.once")" 8
}

@test "hey, a static Go program, is undisturbed" {
    need hey hey
    # shellcheck disable=SC2016 # expanded by the inner shell
    same -u sh -c 'hey "$@" >all || cat all; grep -A5 "^Status code" all; rm all' hey \
        -n 20 -c 4 "$(where http /a)"
    assert_exit 0
    assert_equal "$(sent | sort -u)" "GET localhost /a -"
}
