# A -> B -> C, where B is handed its connection, or the socket that it listens on.

load lib/bed
load lib/programs
load lib/chain

setup_file() { chain_start; }
teardown_file() { bed_stop; }
setup() { chain_test; }
teardown() { b_stop; }

@test "a shell script that inetd starts, its connection as descriptor 0" {
    need socat socat
    b_start socat "TCP-LISTEN:$B_PORT,bind=127.0.0.1,fork,reuseaddr,backlog=128" \
        "EXEC:$DATA/inetd.sh,nofork"
    load_b n=100
    all_kept
    load_b n=48 mode=http10
    all_kept
}

@test "a python program that inetd starts" {
    need socat socat
    b_start socat "TCP-LISTEN:$B_PORT,bind=127.0.0.1,fork,reuseaddr,backlog=128" \
        "EXEC:$PYTHON $DATA/inetd.py,nofork"
    load_b n=100
    all_kept
    load_b n=32 mode=http10
    all_kept
}

@test "a script behind a relay that is not the connection itself" {
    need socat socat
    b_start socat "TCP-LISTEN:$B_PORT,bind=127.0.0.1,fork,reuseaddr,backlog=128" \
        "EXEC:$DATA/inetd.sh"
    load_b n=100
    none_wrong
}

@test "a listening socket that is handed over at start" {
    local how
    for how in threads fork pool prefork; do
        b_start "$PYTHON" "$DATA/activate.py" "$B_PORT" "$APPS/curl-chain-server" "$how" fd3 "$C_URL"
        load_b
        all_kept
        b_stop
    done
}
