# A good guest: silent unless asked, and nothing of the process changes.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() { bed_start tls; }
teardown_file() { bed_stop; }
setup() { bed_test; }

# logged [CURL OPTION...] URL...: the same run, its debug log in $T/log.
logged() {
    export BELLHOP_LOG="debug:$T/log"
    same "$@"
    assert [ -s "$T/log" ]
}

@test "the log names host, rule and keys of each request, never a value" {
    local proto
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );' >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf"
    for proto in "${PROTOCOLS[@]}"; do
        rm -f "$T/log"
        curl_args "$proto"
        logged curl "${ARGS[@]}" "$(at_b /)" "$(at_c /)"
        run cat "$T/log"
        assert_line --regexp 'service-b\.test.*user-id'
        assert_line --regexp 'service-b\.test.*(line-|:)1'
        assert_line --regexp 'service-b\.test.*withheld.*tenant-id'
        assert_line --regexp 'service-c\.test.*withheld.*user-id.*tenant-id'
        refute_output --partial user-12345
        refute_output --partial abcde
    done
}

@test "the log says of each hop of a redirect what went there" {
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );' >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf"
    curl_args http
    logged curl "${ARGS[@]}" -L "$(url http service-b.test /hops/service-c.test/service-b.test/end)"
    assert_equal "$(grep -c 'service-b\.test.*user-id' "$T/log")" 2
    assert_equal "$(grep -c 'service-c\.test' "$T/log")" 1
}

@test "the log has no password, token or own header of the program" {
    curl_args http
    logged curl "${ARGS[@]}" -H "Authorization: Bearer s3cret1" -H "Baggage: own=s3cret2" \
        "http://me:s3cret3@service-b.test:$HTTP_PORT/?token=s3cret4"
    run cat "$T/log"
    refute_output --partial s3cret
}

@test "a BAGGAGE full of control characters does not break the log's lines" {
    curl_args http
    BAGGAGE=$'k\x1b[31m=v\nFAKE LINE,ok=1' logged curl "${ARGS[@]}" "$(url http service-b.test /)"
    run cat "$T/log"
    refute_line --regexp '^FAKE'
    refute_output --partial $'\x1b'
}

@test "a log that cannot be written is no reason to do anything else" {
    local log
    curl_args http
    for log in "debug:/nonexistent/dir/log" "debug:/dev/full" "debug:" "nonsense" "loud:$T/log" \
        "debug:$T" "debug:/proc/self/nothing"; do
        BELLHOP_LOG="$log" same curl "${ARGS[@]}" "$(url http service-b.test /)"
        assert_sent "GET service-b.test / $B"
    done
}

@test "a level above what happens leaves no log" {
    curl_args http
    BELLHOP_LOG="error:$T/log" same curl "${ARGS[@]}" "$(url http service-b.test /)"
    assert_equal "$(cat "$T/log" 2>/dev/null)" ""
}

@test "no descriptor, thread, signal handler, mask or limit is added, nor the umask changed" {
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );' >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf" BELLHOP_LOG="debug:$T/log"
    same ls /proc/self/fd
    same grep -E '^(Threads|Sig|Shd|Umask|NoNewPrivs|Seccomp):' /proc/self/status
    same cat /proc/self/limits
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c 'umask; ulimit -a; trap'
}

@test "after requests a program has the descriptors and threads that it would have" {
    app_env http
    export BELLHOP_LOG="debug:$T/log"
    cat >"$T/count.py" <<'PY'
import io, os, sys
import pycurl
out = io.BytesIO()
curl = pycurl.Curl()
curl.setopt(pycurl.URL, sys.argv[1])
curl.setopt(pycurl.RESOLVE, os.environ["APP_RESOLVE"].split(","))
curl.setopt(pycurl.WRITEDATA, out)
for _ in range(5):
    curl.perform()
print(sorted(os.listdir("/proc/self/fd")), os.listdir("/proc/self/task").__len__())
PY
    same "$PYTHON" "$T/count.py" "$(url http service-b.test /)"
    assert_exit 0
    assert_all_sent "$B"
}

@test "programs that make no request run as ever" {
    same ls -la /usr/share
    same sh -c 'echo out; echo err >&2; exit 7'
    assert_exit 7
    same "$PYTHON" -c 'import sys; print(sys.version)'
    same perl -e 'print "hello\n"; exit 3'
    assert_exit 3
    # shellcheck disable=SC2016 # expanded by the inner shell
    same bash -c 'a=$(echo b | cat); echo "$a"; (exit 4)'
    assert_exit 4
}

@test "a program that carries nothing has two pages of memory of the shim's own" {
    # Its mappings, and the one behind them: what is zero at first. Seldom that is one with somebody
    # else's memory, which happens to lie there.
    for _ in 1 2 3; do
        env -i LD_PRELOAD="$SHIM" cat /proc/self/smaps >"$T/smaps"
        run awk '/^[0-9a-f]+-/ {
                split($1, at, "-")
                ours = /libbellhop/ ? 1 : (ours == 1 && NF == 5 && at[1] == end ? 2 : 0)
                end = at[2]
            }
            ours && $1 == "Anonymous:" { kb += $2; count++ }
            END { print count, kb * 1024 / '"$(getconf PAGESIZE)"' }' "$T/smaps"
        [[ $output != "4 2" ]] || return 0
    done
    assert_output "4 2"
}

@test "a child that the program starts with an empty environment is left alone" {
    same env -i /bin/echo hello
    assert_exit 0
}

@test "a program that closes its standard descriptors is not written to" {
    curl_args http
    # shellcheck disable=SC2016 # expanded by the inner shell
    same bash -c 'exec 0<&- 1>&- 2>&-; exec curl "$@"' bash "${ARGS[@]}" -o body \
        "$(url http service-b.test /)"
    assert_sent "GET service-b.test / $B"
    assert_equal "$(cat "$T/shim/body")" "GET /"
}

@test "a very small address space or few descriptors disturb no program" {
    curl_args http
    # shellcheck disable=SC2016 # expanded by the inner shell
    same bash -c 'ulimit -n 16; exec curl "$@"' bash "${ARGS[@]}" "$(url http service-b.test /)"
    assert_exit 0
    assert_sent "GET service-b.test / $B"
}
