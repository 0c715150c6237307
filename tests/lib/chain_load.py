"""Service A: many requests in flight over kept connections to B, in the ways clients have."""
import asyncio
import random

from chain_http import chunks, close, read_head, read_response
from chain_request import Request

# Bodies hold what a careless reader would take for a request.
BAIT = b"GET /back/0z0z HTTP/1.1\r\nHost: bait\r\nbaggage: bait=9z9z\r\n\r\n"
PATIENCE = 30


class Failed(Exception):
    pass


class Connection:
    """A connection to B, opened anew when B closed it."""

    def __init__(self, load):
        self.load, self.reader, self.writer = load, None, None

    async def open(self):
        if not self.writer:
            self.reader, self.writer = await asyncio.open_connection(
                "127.0.0.1", self.load.port, ssl=self.load.tls,
                server_hostname="localhost" if self.load.tls else None)
        return self.reader, self.writer

    async def end(self, reset=False):
        writer, self.writer = self.writer, None
        if writer:
            await close(writer, reset)


class Load:
    """What one load is asked to do, and how it went."""

    def __init__(self, number, options, tls):
        get = lambda name, default: type(default)(options.get(name, default))
        self.number, self.port = number, int(options["b"])
        self.mode, self.count, self.calls = get("mode", "keep"), get("n", 400), get("calls", 1)
        self.set, self.conns, self.depth = get("set", 0), get("conns", 16), get("depth", 4)
        self.path = get("path", "/back/")
        self.seed = get("seed", random.randrange(1 << 30))
        self.delay = get("delay", 0)
        self.form = get("form", "")
        self.shape = {"size": get("size", 0), "set": self.set, "malformed": get("malformed", 0),
                      "own": get("own", 0), "one": get("one", 0)}
        self.tls = tls if options.get("tls") else None
        self.rng = random.Random(self.seed)
        self.requests, self.verdicts, self.notes = {}, {}, []
        self.failed = self.answered = self.made = 0
        # What a long load is done with is forgotten, or the driver would grow.
        self.forget = self.count > 100000

    def next(self):
        if self.made >= self.count:
            return None
        self.made += 1
        request = Request(self.rng, f"{self.number}z{self.made}z", self.shape)
        request.delay = self.rng.random() * self.delay / 1000 if self.delay else 0
        request.form = self.form or self.rng.choice(("length", "length", "chunked", "close"))
        self.requests[request.id] = request
        return request

    def note(self, text):
        if len(self.notes) < 6:
            self.notes.append(text[:600])

    def fail(self, request, why):
        self.failed += 1
        self.note(f"failed: {request.id if request else '-'}: {why}")

    def done(self, request, status, body, head=False):
        if status != 200 or (not head and not body.startswith(request.id.encode())):
            self.fail(request, f"answer {status} {body[:80]!r}")
        elif request.calls != self.calls:
            self.fail(request, f"B called C {request.calls} times")
        else:
            self.answered += 1
        if self.forget:
            del self.requests[request.id]


def head(load, request, method="GET", version="1.1", extra=()):
    lines = [f"{method} {load.path}{request.id} HTTP/{version}", "Host: b.test"]
    headers = [f"{n}: {v}" for n, v in request.lines] + [f"{n}: {v}" for n, v in extra]
    load.rng.shuffle(headers)
    # The order of several lines of baggage is theirs; shuffled, the list would be another one.
    own = iter([h for h in (f"{n}: {v}" for n, v in request.lines) if h[:7].lower() == "baggage"])
    headers = [next(own) if h[:7].lower() == "baggage" else h for h in headers]
    return ("\r\n".join(lines + headers) + "\r\n\r\n").encode("latin-1")


def body(load):
    return (BAIT * 200)[:load.rng.randint(1, 9000)]


async def exchange(load, conn, request, method, data, version="1.1", again=True):
    """Sends, reads the answer; once more on a new connection if B had closed the kept one."""
    fresh = conn.writer is None
    try:
        reader, writer = await conn.open()
        writer.write(data)
        status, answer, keep = await read_response(reader, method)
    except (asyncio.IncompleteReadError, OSError):
        await conn.end()
        if fresh or not again or request.calls:
            raise
        return await exchange(load, conn, request, method, data, version, False)
    if not keep or version == "1.0":
        await conn.end()
    load.done(request, status, answer, method == "HEAD")


async def keep(load, conn, request):
    await exchange(load, conn, request, "GET", head(load, request))


async def bits(load, conn, request):
    """The head arrives in pieces, cut anywhere."""
    data, (reader, writer) = head(load, request), await conn.open()
    while data:
        take = load.rng.randint(1, 60)
        writer.write(data[:take])
        data = data[take:]
        await asyncio.sleep(0)
    status, answer, again = await read_response(reader, "GET")
    if not again:
        await conn.end()
    load.done(request, status, answer)


async def http10(load, conn, request):
    data = head(load, request, version="1.0")
    await exchange(load, conn, request, "GET", data, version="1.0")


async def method_head(load, conn, request):
    await exchange(load, conn, request, "HEAD", head(load, request, "HEAD"))


async def post(load, conn, request):
    text = body(load)
    data = head(load, request, "POST", extra=[("Content-Length", str(len(text)))]) + text
    await exchange(load, conn, request, "POST", data)


async def late(load, conn, request):
    """A body, or none, that comes after its head."""
    if load.rng.random() < 0.5:
        return await keep(load, conn, request)
    text, (reader, writer) = body(load), await conn.open()
    writer.write(head(load, request, "POST", extra=[("Content-Length", str(len(text)))]))
    await asyncio.sleep(load.rng.random() * 0.004)
    writer.write(text)
    status, answer, again = await read_response(reader, "POST")
    if not again:
        await conn.end()
    load.done(request, status, answer)


async def chunked(load, conn, request):
    sizes = [load.rng.randint(1, 3000) for _ in range(5)]
    data = head(load, request, "POST", extra=[("Transfer-Encoding", "chunked")])
    await exchange(load, conn, request, "POST", data + chunks(body(load), sizes))


async def expect(load, conn, request):
    """Waits for 100 Continue before it sends the body, as curl does, but not for ever."""
    text, (reader, writer) = body(load), await conn.open()
    writer.write(head(load, request, "POST", extra=[("Content-Length", str(len(text))),
                                                    ("Expect", "100-continue")]))
    try:
        line, _ = await asyncio.wait_for(read_head(reader), 2)
        if not line.split(" ")[1] == "100":
            raise Failed(f"{line} instead of 100")
    except asyncio.TimeoutError:
        pass
    writer.write(text)
    status, answer, again = await read_response(reader, "POST")
    if not again:
        await conn.end()
    load.done(request, status, answer)


async def half(load, conn, request):
    """A client that says with its request that it will send nothing more."""
    await conn.end()
    reader, writer = await conn.open()
    writer.write(head(load, request))
    writer.write_eof()
    status, answer, _ = await read_response(reader, "GET")
    load.done(request, status, answer)
    await conn.end()


async def early(load, conn, request):
    """B answers before it has read the body, which comes after the answer."""
    text, (reader, writer) = (BAIT * 3000)[:150000], await conn.open()
    writer.write(head(load, request, "POST", extra=[("Content-Length", str(len(text))),
                                                    ("X-Early", "1")]) + text[:100])
    status, answer, again = await read_response(reader, "POST")
    load.done(request, status, answer)
    writer.write(text[100:])
    await writer.drain()
    if not again:
        await conn.end()


async def broken(load, conn, request):
    """A client that goes away in the middle of something."""
    how, data = load.rng.randrange(5), head(load, request)
    if how == 1:
        data = head(load, request, "POST", extra=[("Content-Length", "5000")]) + BAIT
    request.cut = how == 0
    reader, writer = await conn.open()
    writer.write(data[:load.rng.randint(1, len(data) - 1)] if how == 0 else data)
    await writer.drain()
    if how == 3:
        await asyncio.sleep(load.rng.random() * 0.01)
    elif how == 4:
        await reader.read(1)
    await conn.end(load.rng.random() < 0.5)


async def hasty(load, conn, request):
    """A client that loses patience while C still thinks."""
    request.delay = 0.02 + load.rng.random() * 0.05
    try:
        await asyncio.wait_for(keep(load, conn, request), load.rng.random() * 0.03)
    except asyncio.TimeoutError:
        await conn.end(load.rng.random() < 0.5)


async def deaf(load, conn, request):
    """A client that asks for much and reads nothing of it. It does not pipeline: two heads that B
    reads at once would leave it open which of them is worked for. Where B has not got so far,
    it hangs in answers that nobody reads, and the client goes."""
    request.answer = 300000
    _, writer = await conn.open()
    writer.write(head(load, request))
    await asyncio.sleep(0.02)
    for _ in range(30):
        if request.calls:
            return
        await asyncio.sleep(0.01)
    await conn.end(load.rng.random() < 0.5)


async def upgrade(load, conn, request):
    """A request that turns the connection into another protocol's, in which messages look like
    requests with baggage."""
    await conn.end()
    reader, writer = await conn.open()
    writer.write(head(load, request, extra=[("Connection", "Upgrade"), ("Upgrade", "chain")]))
    line, _ = await read_head(reader)
    if line.split(" ")[1] != "101" or request.calls != load.calls:
        raise Failed(f"{line}, {request.calls} calls")
    for _ in range(4):
        writer.write(BAIT)
        if await reader.readexactly(5) != b"done\n":
            raise Failed("no answer to a message")
    await conn.end()


async def worker(load, kind, polite):
    conn = Connection(load)
    try:
        while (request := load.next()) is not None:
            try:
                await asyncio.wait_for(kind(load, conn, request), PATIENCE)
            except (asyncio.IncompleteReadError, asyncio.TimeoutError, OSError, Failed,
                    ValueError) as error:
                await conn.end()
                if polite:
                    load.fail(request, repr(error))
    finally:
        await conn.end()


async def pipeliner(load):
    """Several requests in one go; the answers come in their order."""
    conn, waiting = Connection(load), []
    while True:
        while len(waiting) < load.depth and (request := load.next()) is not None:
            waiting.append(request)
        if not waiting:
            break
        try:
            fresh, (reader, writer) = conn.writer is None, await conn.open()
            writer.write(b"".join(head(load, request) for request in waiting))
            while waiting:
                status, answer, again = await asyncio.wait_for(read_response(reader, "GET"),
                                                               PATIENCE)
                load.done(waiting.pop(0), status, answer)
                if not again:
                    await conn.end()
                    break
        except (asyncio.IncompleteReadError, asyncio.TimeoutError, OSError) as error:
            await conn.end()
            if fresh:
                load.fail(waiting.pop(0), repr(error))
    await conn.end()


async def mixed(load, conn, request):
    kind = load.rng.choice((keep, keep, bits, http10, method_head, post, chunked, expect))
    await kind(load, conn, request)


POLITE = {"keep": keep, "bits": bits, "http10": http10, "head": method_head, "post": post, "late": late,
          "chunked": chunked, "expect": expect, "early": early, "mixed": mixed,
          "upgrade": upgrade, "half": half}
RUDE = {"broken": broken, "hasty": hasty, "deaf": deaf}


async def run(load):
    """All of it. Rude clients share B with as many polite ones, whose requests must be kept."""
    if load.mode == "pipelined":
        return await asyncio.gather(*(pipeliner(load) for _ in range(load.conns)))
    if load.mode in POLITE:
        kind = POLITE[load.mode]
        return await asyncio.gather(*(worker(load, kind, True) for _ in range(load.conns)))
    kinds = (keep, RUDE[load.mode])
    return await asyncio.gather(*(worker(load, kinds[i % 2], i % 2 == 0)
                                  for i in range(load.conns)))
