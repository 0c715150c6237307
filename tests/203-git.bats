# git over HTTP and HTTPS: its helper process uses libcurl-gnutls, and carries baggage.

load lib/bed

B="user-id=user-12345,tenant-id=abcde"

setup_file() {
    bed_start tls git
    export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_TERMINAL_PROMPT=0
    export GIT_AUTHOR_NAME=t GIT_AUTHOR_EMAIL=t@example.test GIT_AUTHOR_DATE="1700000000 +0000"
    export GIT_COMMITTER_NAME=t GIT_COMMITTER_EMAIL=t@example.test
    export GIT_COMMITTER_DATE="1700000000 +0000"
    git init -q --bare -b main "$BED/git/repo.git"
    git -C "$BED/git/repo.git" config http.receivepack true
    git init -q -b main "$BED/work"
    cd "$BED/work" || return 1
    seq 1 2000 >numbers
    git add numbers
    git commit -q -m first
    head -c 3000000 /dev/urandom >big
    git add big
    git commit -q -m second
    git push -q "$BED/git/repo.git" HEAD~:refs/heads/main
}
teardown_file() { bed_stop; }
setup() { bed_test; }

# git_args PROTOCOL: sets ARGS to what leads git to the bed.
git_args() {
    local entry
    resolve_all
    ARGS=(-c "http.sslCAInfo=$CA" -c gc.auto=0)
    ARGS+=(-c "http.version=$([[ $1 == h2 ]] && echo HTTP/2 || echo HTTP/1.1)")
    for entry in "${RESOLVE[@]}"; do
        ARGS+=(-c "http.curloptResolve=$entry")
    done
}

# Each request has our line once, and there was one at least.
assert_carried() {
    assert_exit 0
    assert_all_sent "$B"
    assert_protocol "$1"
}

@test "git ls-remote carries it" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        git_args "$proto"
        same git "${ARGS[@]}" ls-remote "$(at_b /git/repo.git)"
        assert_carried "$proto"
        run cat "$T/shim.out"
        assert_line --partial "refs/heads/main"
    done
}

@test "git clone carries it on every request and gets the same tree" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        git_args "$proto"
        same git "${ARGS[@]}" clone -q "$(at_b /git/repo.git)" copy
        assert_carried "$proto"
        assert [ "$(sent | wc -l)" -ge 2 ]
        cmp "$BED/work/numbers" "$T/shim/copy/numbers"
        git -C "$T/shim/copy" fsck --strict
    done
}

# A script, so that both runs push into the same state of the server.
push() {
    # shellcheck disable=SC2016 # expanded by the inner shell
    same env BIG="$1" sh -ec 'shift
        LD_PRELOAD= git -C "$BED/git/repo.git" update-ref -d refs/heads/pushed
        exec git -C "$BED/work" "$@"' sh dummy "${@:2}"
}

@test "git push carries it, small and in chunks" {
    local proto
    for proto in "${PROTOCOLS[@]}"; do
        git_args "$proto"
        push small "${ARGS[@]}" push -q "$(at_b /git/repo.git)" \
            main~:refs/heads/pushed
        assert_carried "$proto"
        push big "${ARGS[@]}" push -q "$(at_b /git/repo.git)" \
            main:refs/heads/pushed
        assert_carried "$proto"
        assert_equal "$(git -C "$BED/git/repo.git" rev-parse pushed)" \
            "$(git -C "$BED/work" rev-parse main)"
    done
}

@test "git's own extra header for baggage is merged with" {
    git_args http
    same git "${ARGS[@]}" -c "http.extraHeader=BAGGAGE: own=1" ls-remote \
        "$(url http service-b.test /git/repo.git)"
    assert_exit 0
    assert_all_sent "own=1,$B"
}

@test "git follows rules: nothing for a host that may have nothing" {
    local proto
    echo 'outbound = ( { hosts = [ "service-b.test" ]; keys = [ "user-id" ]; } );' >"$T/rules.conf"
    export BELLHOP_CONFIG="$T/rules.conf"
    for proto in "${PROTOCOLS[@]}"; do
        git_args "$proto"
        same git "${ARGS[@]}" clone -q "$(at_c /git/repo.git)" copy
        assert_all_sent "-"
        same git "${ARGS[@]}" clone -q "$(at_b /git/repo.git)" copy
        assert_all_sent "user-id=user-12345"
    done
}

@test "git fails as it does without the shim" {
    git_args http
    same git "${ARGS[@]}" ls-remote "$(url http service-b.test /git/none.git)"
    assert_exit 128
}
