# Names are looked up as ever, and programs that the shim cannot enter run as ever: static ones.

load lib/bed
load lib/programs

setup_file() { bed_start; }
teardown_file() { bed_stop; }
setup() { bed_test; }
teardown() { server_stop; }

@test "getent and Python ask the system's resolver" {
    # shellcheck disable=SC2016 # expanded by the inner shell
    alike sh -c 'getent hosts localhost; getent ahosts 127.0.0.1
        getent hosts nowhere.invalid; echo $?
        getent passwd root; getent services http'
    assert_exit 0
    alike "$PYTHON" -c 'import socket; print(sorted(socket.getaddrinfo("localhost", 80)))'
    assert_exit 0
}

@test "host asks a DNS server, over UDP and TCP" {
    need host bind9-host
    stub_start dns
    alike host -p "$STUB_PORT" -W 20 -t A service.test 127.0.0.1
    assert_exit 0
    run cat "$T/shim.out"
    assert_line "service.test has address 192.0.2.1"
    alike host -T -p "$STUB_PORT" -W 20 -t A service.test 127.0.0.1
    assert_exit 0
    run cat "$T/shim.out"
    assert_line "service.test has address 192.0.2.1"
}

@test "busybox, when it is static, makes its requests without the shim" {
    local busybox=/bin/busybox
    need busybox busybox-static
    # shellcheck disable=SC2016 # expanded by the inner shell
    same sh -c '"$1" wget -q -O - "http://127.0.0.1:$2/a"
        printf "GET /b HTTP/1.0\r\n\r\n" | "$1" nc 127.0.0.1 "$2" | head -c 12; echo
        "$1" sh -c "echo \$BAGGAGE"' sh "$busybox" "$HTTP_PORT"
    assert_exit 0
    run cat "$T/shim.out"
    assert_line "GET /a"
    assert_line "$BAGGAGE"
    # Dynamic ones carry it.
    if ldd "$busybox" 2>&1 | grep -q "not a dynamic"; then
        assert_equal "$(sent | cut -d' ' -f4 | sort -u)" -
    fi
}
