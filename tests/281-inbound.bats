# What a server may do to the shim, and its clients, in the worst order (P1, P3, P4, P5, P7). The
# program plays all parts, and prints what baggage reached the service that it calls.

load lib/bed

setup() { cd "$BATS_TEST_TMPDIR" || return 1; }

inbound() {
    run shim "$APPS/inbound" "$@"
    assert_success
}

@test "a request's baggage goes until it is answered" {
    inbound once
    assert_output $'k=1\nnothing'
}

@test "children of vfork that run a program leave nothing taken" {
    inbound vforks
    assert_output $'k=0\nk=1499'
}

@test "select for more descriptors than the set has room for, none, or fewer than none" {
    inbound selects
    assert_output "k=1"
}

@test "poll for more descriptors than there can be" {
    inbound polls
    assert_output "k=1"
}

@test "a limit that is not given" {
    run bare "$APPS/inbound" limits
    local expected=$output
    inbound limits
    assert_output "$expected"
}

@test "a thread on the smallest stack runs a program in a large environment" {
    inbound small-stacks
    assert_output "survived"
}

@test "an answer that is sent between the halves of the next head" {
    inbound half-heads
    assert_output $'k=1\nk=2'
}

@test "a descriptor whose number comes back while a thread reads from it" {
    inbound number-again
    assert_output "k=new"
}

@test "more connections than there is room for are nobody's" {
    ulimit -Sn 1024
    (($(ulimit -Hn) >= 8000)) || skip "no more than $(ulimit -Hn) descriptors are allowed here"
    inbound exhausted
    assert_output $'k=first\nnothing'
}

@test "a set that is waited for by poll is an event loop's, with one connection too" {
    inbound nested
    assert_output "nothing"
}

@test "bytes that are only looked at, come in empty vectors, in several messages, or are thrown away" {
    inbound peeks
    assert_output $'k=1\nk=2\nk=3\nnothing'
}

@test "signals that lead out of accept, poll and read, and a thread that is cancelled there" {
    inbound jumps
    assert_output "k=1"
}

@test "an answer is over when the kernel has sent the last of it" {
    inbound sendfiles
    assert_output $'k=1\nk=1\nnothing\nk=2'
}
