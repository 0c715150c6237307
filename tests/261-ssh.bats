# ssh, and what rides on it, run as ever: a connection through and through encrypted, git, rsync.

load lib/bed
load lib/programs

setup_file() {
    [[ -x /usr/sbin/sshd ]] || return 0
    PLACE=$(mktemp -d /tmp/bellhop-ssh.XXXXXX)
    export PLACE
    chmod 755 "$PLACE"
    ssh-keygen -q -t ed25519 -N "" -f "$PLACE/host"
    ssh-keygen -q -t ed25519 -N "" -f "$PLACE/user"
    cp "$PLACE/user.pub" "$PLACE/authorized"
    chmod 600 "$PLACE/authorized"
}
teardown_file() { rm -rf "${PLACE:-/nonexistent/x}"; }

setup() {
    T="$BATS_TEST_TMPDIR"
    export BAGGAGE=$B SAME_STDERR=no
    cd "$T" || return 1
    [[ -x /usr/sbin/sshd ]] || skip "sshd is not installed (openssh-server)"
    [[ $(id -u) != 0 ]] || mkdir -p /run/sshd
}
teardown() { server_stop; }

# sshd_start HOW: with the shim or bare. It starts itself anew for each connection.
sshd_start() {
    local preload=()
    SSH_PORT=$(free_ports 1)
    cat >"$T/sshd_config" <<CONF
Port $SSH_PORT
ListenAddress 127.0.0.1
HostKey $PLACE/host
PidFile $T/sshd.pid
AuthorizedKeysFile $PLACE/authorized
StrictModes no
UsePAM no
PasswordAuthentication no
PermitRootLogin prohibit-password
AcceptEnv BAGGAGE
Subsystem sftp internal-sftp
CONF
    cat >"$T/ssh_config" <<CONF
Host probe
    HostName 127.0.0.1
    Port $SSH_PORT
    User $(id -un)
    IdentityFile $PLACE/user
    IdentitiesOnly yes
    StrictHostKeyChecking no
    UserKnownHostsFile /dev/null
    LogLevel ERROR
    ConnectTimeout 60
CONF
    SSH=(ssh -F "$T/ssh_config")
    [[ $1 != shim ]] || preload=(env LD_PRELOAD="$SHIM")
    server_start sshd 30 "port_open $SSH_PORT" -- "${preload[@]}" /usr/sbin/sshd -D -e \
        -f "$T/sshd_config"
}

@test "ssh runs commands, and copies much in both directions" {
    local how
    head -c 3000000 /dev/urandom >"$T/big"
    for how in bare shim; do
        sshd_start "$how"
        # shellcheck disable=SC2016 # expanded on the other side
        alike "${SSH[@]}" probe 'echo hello; echo "${SSH_CONNECTION%% *}"; exit 7'
        assert_exit 7
        assert_equal "$(cat "$T/shim.out")" $'hello\n127.0.0.1'
        # shellcheck disable=SC2016 # expanded by the inner shell
        alike sh -c '"$@" probe "cat; printf GET" <../big >back; tail -c 3 back' sh "${SSH[@]}"
        assert_exit 0
        assert_equal "$(head -c 3000000 "$T/shim/back" | sha256sum)" "$(sha256sum <"$T/big")"
        server_stop
    done
}

@test "sftp and scp" {
    head -c 300000 /dev/urandom >"$T/file"
    sshd_start shim
    echo "get $T/file got" >"$T/batch"
    alike sftp -q -F "$T/ssh_config" -b "$T/batch" probe
    assert_exit 0
    cmp "$T/file" "$T/shim/got"
    alike scp -q -F "$T/ssh_config" "probe:$T/file" copied
    assert_exit 0
    cmp "$T/file" "$T/shim/copied"
}

@test "a tunnel of ssh's passes requests on as they are" {
    local forward
    bed_start
    bed_test
    unset BAGGAGE
    sshd_start shim
    forward=$(free_ports 1)
    server_start tunnel 60 "port_open $forward" -- env LD_PRELOAD="$SHIM" "${SSH[@]}" -N \
        -L "127.0.0.1:$forward:127.0.0.1:$HTTP_PORT" probe
    mark
    run curl -q -sS --max-time 60 -H "Baggage: own=1" "http://127.0.0.1:$forward/tunnel"
    assert_success
    since >"$T/shim.jsonl"
    assert_sent "GET 127.0.0.1 /tunnel own=1"
    bed_stop
}

@test "git over ssh, with both ends preloaded" {
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_SSH_COMMAND="ssh -F $T/ssh_config"
    export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.test GIT_AUTHOR_DATE="1700000000 +0000"
    export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.test
    export GIT_COMMITTER_DATE="1700000000 +0000"
    git init -q -b main "$T/origin"
    seq 5000 >"$T/origin/numbers"
    git -C "$T/origin" add numbers
    git -C "$T/origin" commit -q -m first
    sshd_start shim
    # shellcheck disable=SC2016 # expanded by the inner shell
    alike sh -c 'git clone -q "probe:$1" copy && git -C copy log --format="%H %s" && rm -rf copy' \
        sh "$T/origin"
    assert_exit 0
    assert_equal "$(cut -d' ' -f2 "$T/shim.out")" first
}

@test "rsync over ssh, and with its own daemon" {
    need rsync rsync
    local port
    mkdir "$T/from"
    head -c 500000 /dev/urandom >"$T/from/a"
    printf 'GET / HTTP/1.1\r\n\r\n' >"$T/from/b"
    sshd_start shim
    alike rsync -r -e "${SSH[*]}" "probe:$T/from/" got
    assert_exit 0
    diff -r "$T/from" "$T/shim/got"

    port=$(free_ports 1)
    cat >"$T/rsyncd.conf" <<CONF
use chroot = no
[place]
path = $T/from
read only = yes
$([[ $(id -u) != 0 ]] || printf 'uid = root\ngid = root\n')
CONF
    server_start rsyncd 30 "port_open $port" -- env LD_PRELOAD="$SHIM" rsync --daemon --no-detach \
        --config="$T/rsyncd.conf" --port="$port" --address=127.0.0.1
    tap_start "$port"
    ALIKE_BYTES=no alike rsync -r "rsync://127.0.0.1:$TAP_PORT/place/" got
    assert_exit 0
    diff -r "$T/from" "$T/shim/got"
    refute grep -q 757365722d6964 "$T/shim.tap" # "user-id", as the tap writes it
}
