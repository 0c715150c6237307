"""Request streams for the sending side: what clients send, what they should not send, and what only
looks like requests. A case is a name, parts, and answers.

A part is ("http", bytes), which the oracle reads as requests from a message boundary on, or ("dark",
bytes), in which nothing may ever be inserted. An answer (offset, bytes) reaches the client when all
bytes before the offset have arrived; the client reads it before it goes on.
"""

GET = b"GET /a HTTP/1.1\r\nHost: a.test\r\n\r\n"
POST = b"POST /p HTTP/1.1\r\nHost: a.test\r\nContent-Length: %d\r\n\r\n%s"
TRAP = b"GET /trap HTTP/1.1\r\nHost: trap\r\n\r\n"
CHUNKED = b"POST /c HTTP/1.1\r\nTransfer-Encoding: chunked\r\nHost: a.test\r\n\r\n"
EXPECT = b"PUT /e HTTP/1.1\r\nHost: a.test\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
CONNECT = b"CONNECT b.test:443 HTTP/1.1\r\nHost: b.test:443\r\nbaggage: own=1\r\n\r\n"
UPGRADE = (b"GET /chat HTTP/1.1\r\nHost: a.test\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
           b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 417 Expectation Failed\r\nContent-Length: 0\r\n\r\n"
SWITCH = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
TUNNEL = b"HTTP/1.1 200 Connection established\r\n\r\n"
DENIED = b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 4\r\n\r\nauth"


def get(*lines, eol=b"\r\n"):
    return eol.join((b"GET /own HTTP/1.1", b"Host: a.test") + lines + (b"", b""))


def post(body):
    return POST % (len(body), body)


def chunk(body):
    return b"%x\r\n%s\r\n" % (len(body), body)


OWN = (
    b"baggage: own=1", b"Baggage: own=1", b"BAGGAGE:own=1", b"bAgGaGe:\town=1 \t", b"baggage:",
    b"baggage: ", b"baggage: ,", b"baggage: own=1,", b"baggage: own=1 ,  two=2;p=3", b"baggage: ,,a=1",
    b"baggage: user-id=mine", b"baggage: a=1, user-id = mine;p", b"baggage: user-id=1,tenant-id=2,k=3",
    b"baggage: User-Id=other", b"baggage: user-idx=1,user-i=2,user-id2=3", b"baggage: user-id",
    b"baggage: user-id x=1", b"baggage: ;user-id=1", b"baggage: x=user-id=1", b"baggage: x=1;user-id=2",
    b"baggage: k=1\r\nbaggage: user-id=second", b"X: 1\r\nBaggage: a=1\r\nY: 2\r\nbaggage: b=2",
    b"baggage: a=1\r\ntraceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    b"TraceParent: x", b"tracestate: a=b", b"traceparent:", b"baggages: a=1", b"x-baggage: user-id=1",
    b"bag: a\r\ngage: b=1", b"baggage: a=1,\r\n\tuser-id=folded", b"baggage: a=1\r\n , b=2",
    b"baggage: " + b"e=" + b"x" * 200 + b",tenant-id=mine",
)

BROKEN = (
    b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", b"GET / HTTP/1.1\r\nbaggage: a=1\r\nbad line\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\0b\r\n\r\n", b"GET / HTTP/1.1\r\n\tX: 1\r\n\r\n",
    b"GET / HTTP/1.1\r\nX: a\rb\r\n\r\n", b"GET  / HTTP/1.1\r\n\r\n", b"GET / HTTP/1.2\r\n\r\n",
    b"GET /\r\n", b"GET / HTTP/1.1\r\nbaggage: a=1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n",
    b"POST / HTTP/1.1\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcd\r\n0\r\n\r\n",
)

FOREIGN = (
    b"", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0",
    b"SSH-2.0-OpenSSH_9.2\r\n", b"EHLO me\r\n", b"*1\r\n$4\r\nPING\r\n", b"\0\0\0\x08\x04\xd2\x16\x2f",
    b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", b" GET / HTTP/1.1\r\n\r\n", b"\r\r\nGET / HTTP/1.1",
    b"GET\0", b"\n\n", bytes(range(255, -1, -1)), b"get / http/1.1\r\n\r\n", b"GET\t/ HTTP/1.1\r\n\r\n",
)


def simple():
    yield "one request", GET
    yield "two, pipelined", GET + GET
    yield "keep-alive", GET + post(b"hello") + GET
    yield "empty lines first", b"\r\n\n\r\n" + GET + b"\r\n\r\n" + GET
    yield "bare LF", get(b"X: 1", eol=b"\n") * 2
    yield "bare LF and own", get(b"baggage: own=1", eol=b"\n")
    yield "mixed line ends", b"GET / HTTP/1.1\nHost: a\r\nX: 1\n\r\nGET / HTTP/1.1\r\nHost: a\n\n"
    yield "HTTP/1.0", b"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\nHEAD / HTTP/1.0\n\n"
    yield "absolute form", b"GET http://u@a.test:81/x HTTP/1.1\r\nHost: other\r\n\r\n" + GET
    yield "asterisk form", b"OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n"
    yield "shortest", b"G / HTTP/1.1\n\n" * 3
    yield "a request in a body", post(TRAP) + GET
    yield "requests and lines in a body", post(b"\r\n\r\n" + TRAP * 2 + b"baggage: a=1\r\n\r\n") + GET
    yield "an empty body", post(b"") + GET
    yield "chunked", CHUNKED + chunk(b"abc") + chunk(TRAP) + b"0\r\n\r\n" + GET
    yield "chunks with extensions, trailers", (
        CHUNKED + b"3;a=b\r\nabc\r\n0A ; c=\"d\"\r\n0123456789\r\n000\r\nbaggage: t=1\r\nX: y\r\n\r\n" + GET)
    yield "a request in a trailer's place", CHUNKED + b"0\r\nGET /trap HTTP/1.1\r\n\r\n" + GET
    yield "length given twice", b"POST / HTTP/1.1\r\nContent-Length: 3, 3\r\nHost: a\r\n\r\nabc" + GET
    yield "long lines", get(b"Cookie: " + b"c" * 3000, b"baggage: own=1") + GET
    yield "own, then none, then own", get(b"baggage: user-id=1") + GET + get(b"baggage: z=1") + GET
    for i, line in enumerate(OWN):
        yield "own %d" % i, get(b"A: 1", line, b"Z: 2") + GET
        yield "own last %d" % i, get(line)


def answered():
    """Cases in which what the server says matters."""
    body = TRAP
    expect = EXPECT % len(body)
    yield ("Expect, continued", [("http", expect + body + GET)], [(len(expect), CONTINUE)])
    yield ("Expect, no answer", [("http", expect + body + GET)], [])
    yield ("Expect, refused", [("http", expect), ("dark", body + GET)], [(len(expect), REFUSED)])
    yield ("Expect, refused, another request", [("http", GET + expect), ("dark", GET + GET)],
           [(len(GET + expect), OK + REFUSED)])
    yield ("Upgrade, accepted", [("http", UPGRADE), ("dark", b"\x81\x85" + TRAP + GET)],
           [(len(UPGRADE), SWITCH)])
    yield ("Upgrade, declined", [("http", UPGRADE), ("http", GET + post(TRAP))], [(len(UPGRADE), OK)])
    yield ("Upgrade, not waited for", [("http", UPGRADE), ("dark", TRAP)], [])
    yield ("CONNECT, accepted", [("dark", CONNECT + TRAP + GET)], [(len(CONNECT), TUNNEL)])
    yield ("CONNECT, denied, tried again", [("dark", CONNECT * 2 + GET)],
           [(len(CONNECT), DENIED), (2 * len(CONNECT), TUNNEL)])
    yield ("CONNECT, denied, then a request", [("dark", CONNECT), ("http", GET)],
           [(len(CONNECT), DENIED)])
    yield ("CONNECT, not waited for", [("dark", CONNECT + GET)], [])
    yield ("answers to pipelined requests", [("http", GET * 5)], [(len(GET * 3), OK * 3)])
    yield ("an answer to half a head", [("http", GET), ("dark", GET)], [(len(GET) + 20, OK + OK)])
    yield ("answers that go on", [("http", GET), ("http", UPGRADE), ("http", GET)],
           [(len(GET), CONTINUE + OK), (len(GET + UPGRADE), CONTINUE + OK)])


def large():
    yield "64 kB in one field", get(b"X-Long: " + b"y" * 65000, b"baggage: own=1") + GET
    yield "64 kB in many fields", get(*[b"X-Many: 0123456789abcdef"] * 2500) + GET
    yield "64 kB of own baggage", get(b"baggage: " + b",".join(b"m%d=v" % i for i in range(8000))) + GET
    yield "a target of 20 kB", b"GET /" + b"p" * 20000 + b" HTTP/1.1\r\nHost: a\r\n\r\n" + GET
    yield "a body of 100 kB", post(TRAP * 3000) + GET
    yield "300 requests at once", GET * 300
    yield "300 chunks", CHUNKED + chunk(TRAP) * 300 + b"0\r\n\r\n" + GET
    yield "own baggage just below the limits", get(
        b"baggage: " + b",".join(b"m%02d=%s" % (i, b"v" * 100) for i in range(60))) + GET
    for total in range(8143, 8194):
        yield "own baggage of %d bytes" % total, get(b"baggage: m=" + b"v" * (total - 2))
    for count in (61, 62, 63, 64, 65):
        yield "%d members of its own" % count, get(
            b"baggage: " + b",".join(b"m%02d=v" % i for i in range(count)))


def cases(kind):
    """(name, parts, answers)."""
    if kind == "large":
        for name, data in large():
            yield name, [("http", data)], []
        return
    for name, data in simple():
        yield name, [("http", data)], []
    yield from answered()
    for i, data in enumerate(BROKEN):
        yield "broken %d" % i, [("http", GET + data), ("dark", TRAP)], []
    for i, data in enumerate(FOREIGN):
        dark = data + TRAP if data else b""
        yield "foreign %d" % i, [("dark", dark)] if data not in (b"\n\n",) else [("http", dark)], []
