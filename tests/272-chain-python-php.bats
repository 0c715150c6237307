# A -> B -> C, where B is a server that comes with Python or PHP: everything is kept.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start tls; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

python_b() { b_start "$PYTHON" "$DATA/threads.py" "$B_PORT" "$@"; }

@test "python, a thread per connection: http.client" {
    python_b "$C_URL" http.client
    load_b n=800
    all_kept
    load_b mode=mixed
    all_kept
    load_b mode=pipelined
    none_wrong
    load_b mode=broken
    none_wrong
    assert_equal "part $PART missing $MISSING" "part 0 missing 0"
}

@test "python, a thread per connection: urllib, two calls a request" {
    python_b "$C_URL" both
    load_b calls=2
    all_kept
    load_b calls=2 size=4096
    all_kept
}

@test "python over TLS on both sides" {
    export SSL_CERT_FILE=$CA
    python_b "$C_TLS_URL" http.client "$TLS/server.pem" "$TLS/server.key"
    load_b tls=1
    all_kept
    load_b tls=1 mode=mixed
    all_kept
    b_stop
    python_b "$C_TLS_URL" urllib "$TLS/server.pem" "$TLS/server.key"
    load_b tls=1
    all_kept
    load_b tls=1 mode=http10 n=200
    all_kept
}

@test "python over TLS on one side" {
    export SSL_CERT_FILE=$CA
    python_b "$C_URL" http.client "$TLS/server.pem" "$TLS/server.key"
    load_b tls=1
    all_kept
    b_stop
    python_b "$C_TLS_URL" http.client
    load_b
    all_kept
}

@test "python, a process per connection" {
    python_b "$C_URL" http.client fork
    load_b
    all_kept
    load_b mode=http10 n=200
    all_kept
}

@test "php's built-in server, one worker and four, curl and streams" {
    local client workers
    need php php-cli
    for workers in "" 4; do
        for client in curl streams; do
            export CLIENT=$client PHP_CLI_SERVER_WORKERS=$workers
            [[ -n $workers ]] || unset PHP_CLI_SERVER_WORKERS
            b_start php -S "127.0.0.1:$B_PORT" "$DATA/php.php"
            load_b
            all_kept
            load_b mode=http10 n=100
            all_kept
            load_b mode=post n=100
            all_kept
            b_stop
        done
    done
}
