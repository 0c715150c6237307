#!/usr/bin/env bats
# bellhop doctor PROGRAM: what is said of real programs, and of such as cannot be reached.
# shellcheck disable=SC2154,SC2016  # bats sets stderr; text of scripts

load lib/doctor

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

@test "curl: libcurl's requests are carried, and what it is linked with beside them is not told" {
    report 0 curl
    says '.ways.libcurl == ["curl"] and .reach == "all" and .program.libc == "glibc"'
    says '.hooks.curl.curl_easy_perform | index("curl")'
    assert_line --regexp '^carried: requests made with libcurl.* \(by curl, through libcurl\.so\.4\)$'
    assert_line 'do: nothing'
    refute_output --partial 'not carried'
}

@test "wget: sockets and its TLS library" {
    report 0 wget
    says '.ways.sockets[0] == "wget"'
    says '(.ways.gnutls // .ways.openssl) == ["wget"]'
}

@test "python, perl, ruby, php: modules that are loaded at run time are looked at as well" {
    report 0 "$PYTHON"
    found python
    says '.ways.openssl[0] | startswith("_ssl.")'
    says 'any(.libraries[]; (.name | startswith("libssl.")) and .state == "read")'
    report 0 perl
    found perl
    says '.ways.openssl == ["SSLeay.so"]'
    report 0 ruby
    found ruby
    says '.ways.openssl == ["openssl.so"] and .ways.sockets == ["socket.so"]'
    report 0 php
    found php
    says '.ways.libcurl == ["curl.so"] and .ways.openssl == ["php"]'
}

@test "java: sockets are met, its own TLS is not" {
    report 1 java
    found java
    says '.ways.sockets | index("libnet.so") and index("libnio.so")'
    assert_line --partial "not carried: requests over Java's own TLS"
    assert_line --partial 'do: '
    refute_output --partial 'was not found'
}

@test "node: TLS that is linked in statically is told from a shared libssl" {
    need node
    if ldd "$(type -P node)" | grep -q libssl; then
        report 1 node
        says '.ways.openssl | length > 0'
    else
        report 1 node
        found openssl-static
        assert_line --partial 'not carried: requests over TLS, which is linked in statically (OpenSSL)'
    fi
    found node
    says '.ways.sockets == ["node"] or .ways.sockets == ["libnode.so"] or (.ways.sockets | length > 0)'
}

@test "servers: nginx and haproxy" {
    need nginx
    need haproxy
    local PATH=$PATH:/usr/sbin
    report 0 nginx
    says '.ways.openssl == ["nginx"] and .ways.sockets == ["nginx"]'
    says '[.hooks[] | .accept4 // empty][0] | index("nginx")'
    assert_output --regexp '(note: if it serves requests|carried: baggage of the requests that it serves)'
    report 0 haproxy
    says '.ways.sockets == ["haproxy"]'
}

@test "a static program: busybox, and those made here" {
    report 3 busybox
    says '.program.static and .reach == "nothing" and .carried == []'
    assert_line --partial 'not carried: anything: '
    local kind
    for kind in -static -static-pie; do
        program "prog$kind" $kind
        report 3 "./prog$kind"
        assert_line --regexp '^kind +64-bit .*, static'
        assert_line --partial 'is statically linked, so no library can be preloaded'
        assert_line --partial 'do: use a dynamically linked build'
    done
}

@test "a static program with OpenSSL in it" {
    [[ -e $("$CC" -print-file-name=libssl.a) && $("$CC" -print-file-name=libssl.a) == /* ]] ||
        skip "no libssl.a"
    SOURCE='int SSL_write(); int main() { return SSL_write(); }' \
        program prog -static-pie -lssl -lcrypto
    report 3 ./prog
    found openssl-static
    SOURCE='int SSL_write(); int main() { return SSL_write(); }' \
        program prog -Wl,-Bstatic -lssl -lcrypto -Wl,-Bdynamic
    report 1 ./prog
    found openssl-static
    strip prog
    report 1 ./prog
    found openssl-static likely
}

@test "Go: sections tell it, in a program of C and in a real one" {
    program prog
    echo x >info
    objcopy --add-section .go.buildinfo=info prog go
    report 3 ./go
    found go
    says '.reach == "nothing" and .carried == []'
    assert_line --partial 'not carried: anything of Go code'
    # A library of Go in a program of C leaves the program's own calls.
    library own own
    objcopy --add-section .note.go.buildid=info libown.so libgo.so
    program prog -L. -Wl,--no-as-needed -lgo -Wl,-rpath,'$ORIGIN'
    mv libgo.so libown.so
    report 1 ./prog
    says '.ways.sockets == ["prog"]'
    [[ -n $(type -P go) ]] || return 0
    printf 'package main\nimport "net/http"\nfunc main() { http.Get("http://127.0.0.1:1/") }\n' >x.go
    GOCACHE="$PWD/cache" HOME="$PWD" timeout 200 nice go build -o real x.go
    report 3 ./real
    found go
    strip real
    report 3 ./real
    found go
}

@test "Rust: the runtime is told, and what it links is met" {
    need rustc
    echo 'fn main() { let _ = std::net::TcpStream::connect("127.0.0.1:1"); }' >x.rs
    timeout 200 rustc -o prog x.rs 2>err || skip "rustc does not work: $(head -1 err)"
    report 0 ./prog
    found rust
    says '.ways.sockets == ["prog"]'
}

@test "functions that nothing stands before: new ones of OpenSSL, dlmopen" {
    library new SSL_write_ex2
    SOURCE='int SSL_write_ex2(); int main() { return SSL_write_ex2(); }' \
        program prog -L. -lnew '-Wl,-rpath,$ORIGIN'
    if grep -q '[ (]SSL_write_ex2)' "$BATS_TEST_DIRNAME/../shim/hooks/hooks.def"; then
        report 0 ./prog
    else
        report 1 ./prog
        found openssl-new
    fi
    SOURCE='void *dlmopen(); int main() { return dlmopen() != 0; }' program prog
    report 0 ./prog
    found dlmopen
}

@test "text of a TLS implementation in a file that has no other sign of it" {
    SOURCE='const char *t = "c hs traffic"; int main() { return *t; }' \
        program prog
    report 1 ./prog
    found tls-unknown likely
    SOURCE='const char *t = "/rustls-0.23.5/src/x.rs c hs traffic"; int main() { return *t; }' \
        program prog
    report 1 ./prog
    found rustls likely
    says 'all(.found[]; .id != "tls-unknown")'
    SOURCE='const char *t = "PRI * HTTP/2.0"; int main() { return *t; }' \
        program prog
    report 0 ./prog
    found http2 possible
    assert_line --partial 'note: it may also make requests by HTTP/2'
}

@test "a text is found wherever it stands, also across what is read at once" {
    program prog
    local at
    for at in 1048570 1048576 3145720 2097140; do
        cp prog "text-$at"
        printf 'c hs traffic' | dd of="text-$at" bs=1 seek=$at conv=notrunc status=none
        report 1 "./text-$at"
        found tls-unknown likely
    done
}

@test "other TLS libraries, io_uring, HTTP/3: names of libraries and of functions tell them" {
    local name
    for name in wolfssl:wolfSSL_write:wolfssl mbedtls:mbedtls_ssl_write:mbedtls s2n:s2n_send:s2n \
        uring:io_uring_queue_init:io_uring ngtcp2:ngtcp2_conn_write_stream:quic; do
        IFS=: read -r lib function id <<<"$name"
        library "$lib" "$function"
        SOURCE="int $function(void); int main(void) { return $function(); }" \
            program "with-$lib" -L. "-l$lib" -Wl,-rpath,'$ORIGIN'
        report 1 "./with-$lib"
        found "$id"
        assert_line --partial 'not carried: '
        # The library may be gone: the function that the program wants is named in it.
        rm "lib$lib.so"
        report 1 "./with-$lib"
        found "$id"
        assert_line --partial "not carried: anything, as long as lib$lib.so is not found"
    done
}

@test "sanitizers: gcc's library refuses to come second, what is linked in does not" {
    program prog -fsanitize=address
    report 1 ./prog
    found asan
    assert_line --regexp 'not carried: anything, as long as libasan.* does not come first'
    assert_line --partial 'do: set ASAN_OPTIONS=verify_asan_link_order=0'
    # As is said: so it is.
    run env BAGGAGE=a=1 LD_PRELOAD="$BUILD/libbellhop.so" ./prog
    assert_output --partial 'ASan runtime does not come first'
    run env ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$BUILD/libbellhop.so" ./prog
    refute_output --partial 'ASan runtime'
    program prog -fsanitize=address -static-libasan
    report 0 ./prog
    found asan
    says '.ways.sockets == ["prog"]'
    program prog -fsanitize=thread
    report 0 ./prog
    found tsan
}

@test "a program of another class, machine or C library" {
    if program prog32 -m32; then
        report 3 ./prog32
        assert_line --regexp '^kind +32-bit x86, dynamically linked, glibc'
    fi
    cp "$(type -P true)" ld-musl-x86_64.so.1
    program musl "-Wl,--dynamic-linker=$PWD/ld-musl-x86_64.so.1"
    report 3 ./musl
    says '.program.libc == "musl"'
    assert_line --partial 'bellhop is built for glibc'
}

@test "scripts: their interpreter, also through env, and what a wrapper runs" {
    printf '#!%s\nimport ssl\n' "$PYTHON" >a
    printf '#!/usr/bin/env -S A=1 perl -w\n' >b
    printf '#!/bin/sh\nexec /usr/lib/x/y "$@"\n' >c
    printf '#!%s\n' "$PWD/a" >d
    chmod +x a b c d
    report 0 ./a
    found python
    says '.through == ["./a"]'
    report 0 ./b
    found perl
    says '.through == ["./b"] and (.program.path | endswith("/perl"))'
    report 0 ./c
    assert_line 'note: ./c runs /usr/lib/x/y: ask about that'
    report 0 ./d
    found python
    # Env of itself has an end, too.
    printf '#!/usr/bin/env loop\n' >loop
    chmod +x loop
    PATH="$PWD:$PATH" run timeout 20 "$BUILD/bellhop" doctor loop
    assert_success
    printf '#!/usr/bin/env no-such-program\n' >lost
    chmod +x lost
    run -4 --separate-stderr bellhop doctor ./lost
    assert_equal "$stderr" 'bellhop doctor: "no-such-program" was not found'
}

@test "wrappers say that they run others" {
    local name
    for name in env nice timeout sh bash; do
        report 0 "$name"
        assert_line --regexp "^note: $name: .*ask about"
    done
}

@test "setuid and setgid: for somebody who gains rights, and for others" {
    [[ $(id -u) == 0 ]] || skip "needs root to make a setuid program"
    local dir
    dir=$(suid_dir) || skip "no folder where setuid counts"
    program "$dir/suid.$$"
    chown 65534:65534 "$dir/suid.$$"
    chmod 6755 "$dir/suid.$$"
    run -3 bellhop doctor "$dir/suid.$$"
    assert_line --regexp '^rights +setuid .*, setgid '
    assert_line --partial 'is setuid, so the loader ignores LD_PRELOAD'
    assert_line --regexp '^do: run it as .* from the start$'
    chown 0:0 "$dir/suid.$$"
    chmod 4755 "$dir/suid.$$"
    run -1 bellhop doctor "$dir/suid.$$"
    rm -f "$dir/suid.$$"
    assert_line --regexp '^rights +setuid root$'
    assert_line --partial 'not carried: anything, when somebody runs it who gains rights by that'
    assert_line --partial 'carried: HTTP/1 requests over plain sockets'
}

@test "file capabilities" {
    [[ $(id -u) == 0 ]] || skip "needs root to give a file capabilities"
    local dir
    dir=$(suid_dir) || skip "no folder where setuid counts"
    program "$dir/caps.$$"
    setcap cap_net_raw+ep "$dir/caps.$$"
    report 1 "$dir/caps.$$"
    rm -f "$dir/caps.$$"
    says '.rights.capabilities == "0x2000"'
    assert_line --partial 'AmbientCapabilities='
}

@test "a program that makes no request, and one with functions of its own" {
    report 0 true
    says '.ways == {}'
    assert_line --partial 'note: no function was found by which it would make a request itself'
    SOURCE='int send() { return 1; } int main() { return send(); }' \
        program prog -rdynamic
    report 0 ./prog
    assert_line "note: it has functions of its own called send, which come before bellhop's"
}

@test "what is not there, or may not be read, ends with 4; a wrong command line with 2" {
    run -4 --separate-stderr bellhop doctor no-such-program
    assert_equal "$stderr" 'bellhop doctor: "no-such-program" was not found'
    assert_output ''
    touch plain
    run -4 bellhop doctor ./plain
    assert_output 'bellhop doctor: "./plain" cannot be executed: Permission denied'
    run -4 bellhop doctor .
    local args
    for args in '' 'a b' '--pid' '--pid 0' '--pid x' '--pid 1 a' '--pid -1' '--frobnicate'; do
        # shellcheck disable=SC2086  # words
        run -2 bellhop doctor $args
        assert_line --partial "Try 'bellhop doctor --help'."
    done
}

@test "every line is one of a table or a sentence, and names cannot steer the terminal" {
    program $'prog\e[2J'
    local name=$'./prog\e[2J'
    run -0 bellhop doctor "$name"
    refute_output --partial $'\e'
    assert_output --partial 'prog?[2J'
    report 0 curl
    assert_equal "$(sed '1,/^$/d' <<<"$output" | grep -vE '^(carried|not carried|note|do): ')" ''
    printf 'x' >latin
    program $'prog\xff'
    run -0 bellhop doctor --json $'./prog\xff'
    jq -e '.program.path == "./prog?"' <<<"$output"
}
