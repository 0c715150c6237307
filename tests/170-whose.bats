# Whose baggage applies: each rule (DESIGN.md 5, shim/context/whose.h) as a short story. A line is
# an event, told by a thread; behind the arrow stands whose request applies then, and how sure that
# is. The language stands in tests/tool/whose.c.

bats_load_library bats-support
bats_load_library bats-assert

BUILD="${BELLHOP_BUILD:-$BATS_TEST_DIRNAME/../build}"

# story <<END: every arrow in it holds.
story() {
    run "$BUILD/testtool" whose script
    assert_success
    assert_output ""
}

# --- the language itself ---

@test "a story that does not hold fails, and one that expects nothing" {
    run "$BUILD/testtool" whose script <<<"thread 1 is -> r1 live"
    assert_failure
    assert_output "line 1: nobody none, not r1 live"
    run "$BUILD/testtool" whose script <<<"thread 1 reads A begins r1"
    assert_failure
    assert_output "nothing was expected"
    run "$BUILD/testtool" whose script <<<"thread 1 dances -> nobody"
    assert_failure
}

# --- R1 begin ---

@test "R1: nothing applies to a thread that has read nothing" {
    story <<END
thread 1 is -> nobody
thread 1 waits nothing -> nobody
thread 1 connects X -> nobody
thread 1 writes X 0 -> nobody
END
}

@test "R1: a request is current as soon as its head is complete, not before" {
    story <<END
thread 1 reads A -> nobody
thread 1 reads A -> nobody
thread 1 reads A begins r1 -> r1 live
thread 1 reads A -> r1 live
END
}

@test "R1: live for a worker that never waited (a pool is handed connections)" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 finishes A -> nobody
thread 1 reads B begins r2 -> r2 live
END
}

@test "R1: live after a wait for that connection alone" {
    story <<END
thread 1 waits one A
thread 1 reads A begins r1 -> r1 live
thread 1 finishes A
thread 1 waits one A
thread 1 reads A begins r2 -> r2 live
END
}

@test "R1: live after a wait for listeners alone, and after accept" {
    story <<END
thread 1 waits listening
thread 1 accepts
thread 1 reads A begins r1 -> r1 live
thread 2 accepts
thread 2 reads B begins r2 -> r2 live
END
}

@test "R1: a wait for a connection that is over says nothing about the next one" {
    story <<END
thread 1 waits one A
closes A
thread 1 reads B begins r1 -> r1 live
END
}

@test "R1: immediate after a wait for several connections, or for one and a listener" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1 -> r1 immediate
END
}

@test "R1: a thread that read for a loop is the loop's, whatever it waits for later" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1 -> r1 immediate
thread 1 waits listening
thread 1 accepts
thread 1 reads B begins r2 -> r2 immediate
thread 1 waits one A
thread 1 reads A -> r1 immediate
END
}

@test "R1: immediate after a wait for another connection" {
    story <<END
thread 1 waits one B
thread 1 reads A begins r1 -> r1 immediate
END
}

@test "R1: accept in a loop that waits for many makes nothing live" {
    story <<END
thread 1 waits many
thread 1 accepts
thread 1 reads A begins r1 -> r1 immediate
END
}

@test "R1: who waited for listeners alone and keeps what it accepted in a set is a loop" {
    story <<END
thread 1 waits listening
thread 1 accepts
thread 1 registers A
thread 1 reads A begins r1 -> r1 immediate
END
}

@test "R1: and if it read before, the request is not live any more" {
    story <<END
thread 1 waits listening
thread 1 accepts
thread 1 reads A begins r1 -> r1 live
thread 1 registers A -> r1 immediate
END
}

@test "R1: who adds a connection that it has not read is a loop, whatever it waited for" {
    story <<END
thread 1 waits nothing
thread 1 registers A
thread 1 reads A begins r1 -> r1 immediate
thread 2 waits one B
thread 2 registers C
thread 2 reads B begins r2 -> r2 immediate
END
}

@test "R1: who adds a connection whose request it has not answered is a loop" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 registers A -> r1 immediate
END
}

@test "R1: a pool's worker gives a connection back that it is done with, and stays live" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 answers A
thread 1 finishes A
thread 1 registers A
thread 1 reads B begins r2 -> r2 live
END
}

@test "R1: partial reads of another connection leave the request that was current" {
    story <<END
thread 9 reads Z begins r9
thread 1 waits many
thread 1 reads A begins r1 -> r1 immediate
thread 1 reads B -> nobody
thread 1 reads A -> r1 immediate
END
}

# --- R2 stay ---

@test "R2: it stays while the thread works, calls, hears and waits for what it calls" {
    story <<END
thread 1 reads A begins r1
thread 1 connects X -> r1 live
thread 1 writes X 0 -> r1 live
thread 1 waits nothing -> r1 live
thread 1 hears X 1 -> r1 live
thread 1 connects Y -> r1 live
thread 1 connects Z -> r1 live
thread 1 writes Z 0 -> r1 live
thread 1 writes Y something -> r1 live
thread 1 hears Y something -> r1 live
END
}

@test "R2: it stays while the thread waits for its own connection" {
    story <<END
thread 1 reads A begins r1
thread 1 waits one A -> r1 live
thread 1 finds nothing on A -> r1 live
thread 1 waits one A -> r1 live
thread 1 reads A -> r1 live
END
}

@test "R2: it stays while a pooled connection was another one's, whose request is over" {
    story <<END
thread 1 reads A begins r1
thread 1 connects X
thread 1 writes X 0
thread 1 hears X 1
thread 1 finishes A
thread 2 reads B begins r2
thread 2 writes X 0 -> r2 live
thread 2 hears X 1 -> r2 live
END
}

@test "R2: and while that one is still alive" {
    story <<END
thread 1 reads A begins r1
thread 1 connects X
thread 1 writes X something
thread 1 hears X something
thread 2 reads B begins r2
thread 2 writes X something -> r2 live
thread 2 hears X something -> r2 live
thread 1 is -> r1 live
END
}

# --- R3 suspend ---

@test "R3: a wait for listeners or others suspends it" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1
thread 2 reads C begins r2
thread 1 waits many -> nobody
thread 1 reads A -> r1 immediate
thread 1 waits listening -> nobody
thread 1 reads A -> r1 immediate
thread 1 waits one B -> nobody
thread 1 reads A -> r1 immediate
thread 1 accepts -> nobody
END
}

@test "R3: reading what another request is waiting for suspends it" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 writes X 0
thread 2 hears X 1 -> r1 resumed
END
}

@test "R3: reading from a connection with several requests' answers suspends it" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 writes X 0
thread 2 writes X 1 -> r2 live
thread 2 hears X 2 -> nobody
END
}

# --- R4 own ---

@test "R4: who connects owns the connection, and so does who writes a request" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1
thread 1 connects X
thread 1 reads B begins r2
thread 1 writes X 0 -> r1 resumed
thread 1 reads B
thread 1 is -> r2 immediate
thread 1 connects Y
thread 1 waits many -> nobody
thread 1 hears X 1 -> r1 resumed
thread 1 waits many -> nobody
thread 1 writes Y 0 -> r2 resumed
END
}

@test "R4: a connect makes the number's last owner forgotten" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 waits many
thread 1 connects X
thread 1 writes X 0 -> nobody
END
}

# --- R5 resume ---

@test "R5: a thread without a request goes on with the owner's" {
    story <<END
thread 1 waits many
thread 2 reads C begins r9
thread 1 reads A begins r1
thread 1 connects X
thread 1 waits many -> nobody
thread 1 writes X 0 -> r1 resumed
thread 1 waits many -> nobody
thread 1 hears X 1 -> r1 resumed
END
}

@test "R5: not if the owner is over" {
    story <<END
thread 1 waits many
thread 2 reads C begins r9
thread 2 reads C begins r10
thread 1 reads A begins r1
thread 1 connects X
thread 1 waits many
closes A
thread 1 writes X 0 -> nobody
thread 1 hears X 1 -> nobody
END
}

@test "R5: not if more or less than one answer is outstanding" {
    story <<END
thread 1 waits many
thread 2 reads C begins r9
thread 1 reads A begins r1
thread 1 connects X
thread 1 writes X 0
thread 1 writes X 1
thread 1 waits many
thread 1 hears X 2 -> nobody
thread 1 hears X 0 -> nobody
thread 1 hears X something -> nobody
thread 1 hears X 1 -> r1 resumed
END
}

@test "R5: not if another living request wrote meanwhile, until all is answered" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1
thread 1 connects X
thread 1 writes X 0
thread 1 reads B begins r2
thread 1 writes X 1
thread 1 waits many
thread 1 hears X 2 -> nobody
thread 1 hears X 1 -> nobody
thread 1 reads B
thread 1 writes X 0 -> r2 immediate
thread 1 waits many
thread 1 hears X 1 -> r2 resumed
END
}

@test "R5: a loop writes the first request on a connection for who connected" {
    story <<END
thread 1 waits many
thread 1 reads A begins r1
thread 1 connects X
thread 1 waits many
thread 1 reads B begins r2 -> r2 immediate
thread 1 writes X 0 -> r1 resumed
END
}

@test "R5: and for nobody where nobody is known to have connected" {
    story <<END
thread 1 waits many
thread 2 reads C begins r9
thread 1 connects X
thread 1 waits many
thread 1 reads B begins r2 -> r2 immediate
thread 1 writes X 0 -> nobody
END
}

@test "R5: a dedicated thread writes for its own request, if who connected is over" {
    story <<END
thread 1 reads A begins r1
thread 1 connects X
thread 2 reads B begins r2
thread 1 finishes A
thread 2 writes X 0 -> r2 live
thread 3 connects Y
thread 2 writes Y 0 -> r2 live
END
}

@test "R5: and for nobody while that one is alive: it may be the other's fiber" {
    story <<END
thread 1 reads A begins r1
thread 1 connects X
thread 2 reads B begins r2
thread 2 writes X 0 -> nobody
thread 2 reads B -> r2 live
END
}

@test "R5: what is resumed is not surer than the owner was" {
    story <<END
thread 1 reads A begins r1
thread 1 makes 2
thread 2 connects X
thread 3 reads B begins r2
thread 2 waits many -> nobody
thread 2 writes X 0 -> r1 weak
END
}

# --- R6 end ---

@test "R6: it ends with its answer, wherever it was remembered" {
    story <<END
thread 1 reads A begins r1
thread 1 makes 2
thread 1 connects X
thread 1 writes X 0
thread 1 answers A
thread 1 is -> r1 live
thread 1 finishes A -> nobody
thread 2 is -> nobody
thread 3 hears X 1 -> nobody
thread 1 writes X 0 -> nobody
END
}

@test "R6: it ends with its connection" {
    story <<END
thread 1 reads A begins r1 -> r1 live
closes A
thread 1 is -> nobody
thread 1 connects X
thread 1 writes X 0 -> nobody
END
}

@test "R6: an answer before the body is read ends it, and the next read begins nothing" {
    story <<END
thread 1 reads A begins r1
thread 1 answers A
thread 1 finishes A
thread 1 reads A -> nobody
thread 1 reads A begins r2 -> r2 live
END
}

@test "R6: the next of pipelined requests follows, but when cannot be seen" {
    story <<END
thread 1 reads A begins r1 r2 -> r1 immediate
thread 1 answers A
thread 1 finishes A -> r2 immediate
thread 1 finishes A -> nobody
END
}

@test "R6: what was read ahead makes the one before it less than live" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 reads A begins r2 -> r1 immediate
END
}

# --- R7 inherit ---

@test "R7: a child goes on with the current request, at its confidence" {
    story <<END
thread 1 reads A begins r1
thread 1 forks 2
thread 2 is -> r1 live
thread 3 waits many
thread 3 reads B begins r2
thread 3 forks 4
thread 4 is -> r2 immediate
END
}

@test "R7: a new thread has it as weak until it waits, accepts or reads" {
    story <<END
thread 9 reads Z begins r9
thread 1 reads A begins r1
thread 1 makes 2
thread 2 is -> r1 weak
thread 2 connects X
thread 2 writes X 0 -> r1 weak
thread 2 waits nothing -> nobody
thread 1 makes 3
thread 3 accepts -> nobody
thread 1 makes 4
thread 4 reads B -> nobody
thread 1 makes 5
thread 5 reads B begins r2 -> r2 live
thread 1 is -> r1 live
END
}

@test "R7: a thread made by one without a request has none" {
    story <<END
thread 1 makes 2
thread 2 is -> nobody
thread 2 reads A begins r1 -> r1 live
END
}

@test "R7: a CGI program is its request's throughout" {
    story <<END
whole r1
thread 1 is -> r1 live
thread 1 connects X
thread 1 writes X 0 -> r1 live
thread 1 waits many -> r1 live
thread 1 makes 2
thread 2 is -> r1 live
END
}

# --- R8 sole ---

@test "R8: the only request that is alive may be the one" {
    story <<END
thread 1 reads A begins r1
thread 2 is -> r1 sole
thread 3 reads B begins r2
thread 2 is -> nobody
thread 1 finishes A
thread 2 is -> r2 sole
thread 3 finishes B
thread 2 is -> nobody
END
}

@test "R8: nobody is sole beside a connection that cannot be followed" {
    story <<END
thread 1 reads A begins r1
obscured
thread 2 is -> nobody
thread 1 is -> r1 live
cleared
thread 2 is -> r1 sole
END
}

# --- threads that turn out not to be dedicated ---

@test "after a thread left an empty connection for other work, nothing becomes live" {
    story <<END
thread 1 finds nothing on A
thread 1 reads B begins r1 -> r1 immediate
thread 2 reads C begins r2 -> r2 immediate
thread 2 finishes C
thread 2 waits one C
thread 2 reads C begins r3 -> r3 immediate
END
}

@test "the same after nobody was to be accepted" {
    story <<END
thread 1 finds nobody
thread 1 reads B begins r1 -> r1 immediate
END
}

@test "a wait for that connection is no other work" {
    story <<END
thread 1 finds nothing on A
thread 1 waits one A
thread 1 reads A begins r1 -> r1 live
thread 2 finds nothing on B
thread 2 reads B begins r2 -> r2 live
END
}

@test "a wait that holds no connection is none for that one" {
    story <<END
thread 1 finds nothing on A
thread 1 waits nothing
thread 1 reads B begins r1 -> r1 immediate
END
}

@test "but who has a request looks with it whether its client is still there" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 finds nothing on A
thread 1 waits nothing
thread 1 hears X something -> r1 live
END
}

@test "a connection that was given up and closed was not left" {
    story <<END
thread 1 finds nothing on A
closes A
thread 1 reads B begins r1 -> r1 live
END
}

@test "who loses a request to other work has none until it reads" {
    story <<END
thread 9 reads Z begins r9
thread 1 reads A begins r1 -> r1 live
thread 1 finds nothing on A
thread 1 connects X -> nobody
thread 1 writes X 0 -> nobody
END
}

@test "after a thread answered what another one read, nothing becomes live" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 2 answers A
thread 1 is -> r1 immediate
thread 3 reads B begins r2 -> r2 immediate
END
}

@test "after a thread left its unanswered request for another connection, nothing is live" {
    story <<END
thread 9 reads Z begins r9 -> r9 live
thread 1 reads A begins r1 -> r1 live
thread 1 reads B begins r2 -> r2 immediate
thread 9 is -> r9 immediate
END
}

@test "the same where it accepted, or waited for others" {
    story <<END
thread 1 waits listening
thread 1 accepts
thread 1 reads A begins r1 -> r1 live
thread 1 accepts
thread 1 reads B begins r2 -> r2 immediate
END
    story <<END
thread 1 waits listening
thread 1 accepts
thread 1 reads A begins r1 -> r1 live
thread 1 waits listening
closes A
thread 1 accepts
thread 1 reads B begins r2 -> r2 immediate
END
}

@test "a thread that has begun to answer may leave the rest of it to others" {
    story <<END
thread 1 reads A begins r1 -> r1 live
thread 1 answers A
thread 1 reads B begins r2 -> r2 live
thread 2 finishes A
thread 1 is -> r2 live
END
}

@test "a connection from which a thread read others' answers has none of its own" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 writes X something
thread 2 hears X something -> nobody
thread 2 reads B -> r2 immediate
thread 2 writes X something -> r2 immediate
thread 2 hears X something -> nobody
END
}

@test "after a handler read what others asked for, it may lie in memory for any handler" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 3 reads C begins r3
thread 1 connects X
thread 1 writes X something
thread 2 writes X something
thread 3 writes X something
thread 3 is -> r3 live
thread 1 hears X something -> nobody
thread 2 is -> r2 immediate
thread 3 is -> r3 immediate
END
}

@test "the same where its own answer came in two parts, and a question between them" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 writes X something
thread 1 hears X something -> r1 live
thread 2 writes X something -> r2 live
thread 1 hears X something -> nobody
thread 2 is -> r2 immediate
END
}

@test "the same where the handler's own request is one of pipelined ones" {
    story <<END
thread 1 reads A begins r1 r2 -> r1 immediate
thread 1 answers A
thread 1 finishes A -> r2 immediate
thread 2 reads B begins r3
thread 1 connects X
thread 1 writes X something
thread 2 writes X something -> r3 live
thread 1 hears X something -> nobody
thread 2 is -> r3 immediate
END
}

@test "but a thread that a request makes, or that goes on with what is answered, may read for all" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 makes 9
thread 1 connects X
thread 1 writes X something
thread 2 writes X something
thread 9 hears X something -> nobody
thread 2 connects Y
thread 2 writes Y 0
thread 1 connects Z
thread 1 writes Z 0
thread 8 hears Z 1 -> r1 resumed
thread 8 hears Y 1 -> r2 resumed
thread 2 is -> r2 live
thread 1 is -> r1 live
END
}

@test "the same of a store's pipelined HTTP" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 connects X
thread 1 writes X 0
thread 2 writes X 1
thread 1 hears X 2 -> nobody
thread 2 is -> r2 immediate
END
}

@test "a thread without a request may read for all, until a handler does" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 9 connects X
thread 1 writes X something
thread 9 hears X something -> nobody
thread 2 writes X something
thread 9 hears X something -> nobody
thread 1 is -> r1 live
thread 2 is -> r2 live
thread 2 hears X something -> nobody
thread 1 is -> r1 immediate
END
}

@test "a helper of a request reads what it wrote, in parts, and gives the connection back" {
    story <<END
thread 1 reads A begins r1
thread 2 reads B begins r2
thread 1 makes 5
thread 5 connects X
thread 5 writes X something -> r1 weak
thread 5 waits nothing -> nobody
thread 5 hears X something -> nobody
thread 5 hears X something -> nobody
thread 2 writes X something -> r2 live
thread 2 hears X something -> r2 live
thread 2 hears X something -> r2 live
thread 1 is -> r1 live
END
}
