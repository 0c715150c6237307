# The receiving side of connections, from inside: what the first unanswered request carries, against
# an oracle that counts bytes. Nothing is left taken at the end.

load lib/bed

ORACLE="$BATS_TEST_DIRNAME/tool/inlet_oracle.py"

oracle() {
    run timeout 120 "$PYTHON" "$ORACLE" "$@"
    assert_success
}

@test "heads that are cut at every byte" {
    oracle "$BUILD/testtool" cuts
}

@test "random requests and answers, pipelined, folded, cut anywhere" {
    oracle "$BUILD/testtool" random 1000 1
    oracle "$BUILD/testtool" random 1000 "$RANDOM"
}

@test "the same, instrumented" {
    [[ -x $BUILD/asan/testtool ]] || skip "no sanitizer build: make san-builds"
    export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1
    oracle "$BUILD/asan/testtool" random 200
}

# inlet COMMAND...: heads and answers as `in HEAD`, `out`.
inlet() {
    local head answer word
    head=$(printf 'GET / HTTP/1.1\r\nHost: b\r\nbaggage: k=1\r\n\r\n' | od -An -vtx1 | tr -d ' \n')
    answer=$(printf 'HTTP/1.1 204 No Content\r\n\r\n' | od -An -vtx1 | tr -d ' \n')
    run timeout 20 "$BUILD/testtool" inlet <<<"$(for word; do
        word=${word/#in/in $head}
        word=${word/#out/out $answer}
        echo "${word/#other/other $answer}"
    done)"
    assert_success
}

@test "what an event loop reads is passed over once it is known to be one" {
    inlet new many in show out in show sure
    assert_output $'k=1||\nnone\nnever'
    inlet new in show out in show sure
    assert_output $'k=1||\nk=1||\nlive'
}

@test "a connection that is passed over, and answered by another thread, is a sign for all" {
    inlet new many in out end new in out other
    assert_output "never"
    inlet new many in out end new in end new other
    assert_output "live"
}

@test "a thread that said 100 Continue and reads elsewhere has left its request" {
    local continues
    continues="out $(printf 'HTTP/1.1 100 Continue\r\n\r\n' | od -An -vtx1 | tr -d ' \n')"
    head='GET / HTTP/1.1\r\nHost: b\r\n\r\n'
    head="in $(printf '%b' "$head" | od -An -vtx1 | tr -d ' \n')"
    run timeout 20 "$BUILD/testtool" inlet < <(printf '%s\n' new "$head" "$continues" sure new "$head" sure)
    assert_success
    assert_output $'live\nnever'
}
