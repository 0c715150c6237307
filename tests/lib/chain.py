#!/usr/bin/python3
"""Service A and service C in one process, so that C knows what A sent: chain.py PORTFILE [CERT KEY CA].

C listens on a free port of 127.0.0.1 (with a certificate on a second one, over TLS). PORTFILE
gets the port or both. B is whatever stands between.

  /back/ID...        a call that B makes for request ID: judged, answered with "ID\\n"
  /back/ID/env       such a call by a program without the shim that sends what its environment holds
  /also/ID...        one more for it, which not every request makes
  /own/...           a call that B makes on its own: nothing of any request belongs there
  /control/load?b=PORT&mode=keep&n=400&conns=16&calls=1&set=1&size=4096&...   runs a load, answers
                     "kept N part N missing N wrong N empty N failed N", and what went wrong.
                     own=1: B forwards headers itself, and its own word stands; one=1: no request
                     has several lines of baggage
  /control/own       "own N wrong N" since the last time
"""
import sys

# No neighbour stands before a module of Python's own that has its name.
sys.path.append(sys.path.pop(0))

import asyncio
import os
import ssl
from urllib.parse import parse_qsl, urlsplit

import chain_load
from chain_http import chunks, close, find, read_body, read_head
from chain_request import VERDICTS, WRONG, judge, judge_own


class Bed:
    def __init__(self, tls):
        self.loads, self.load, self.tls = [], None, tls
        self.own = self.own_wrong = self.busy = self.heard = 0

    def request(self, number):
        for load in self.loads:
            if number in load.requests:
                return load, load.requests[number]
        return None, None

    def judge(self, path, headers):
        """The answer's (request or None, text)."""
        number = path.split("/")[2] if path.count("/") > 1 else ""
        if path.startswith("/own/"):
            verdict, why = judge_own(headers)
            self.own += 1
            if verdict == WRONG:
                self.own_wrong += 1
                self.load.note(why)
            return None, "own"
        self.heard += 1
        load, request = self.request(number)
        if not request:
            self.unknown(path, headers)
            return None, "unknown"
        # What stands in the environment of a child is not all of what it sends itself.
        added = None if path.endswith("/env") else load.set
        verdict, why = judge(request, headers, added)
        request.calls += path.startswith("/back/")
        load.verdicts[verdict] = load.verdicts.get(verdict, 0) + 1
        if why:
            load.note(f"{verdict}: {why}")
        return request, number

    def unknown(self, path, headers):
        """Some servers take the half of a request line for a whole one; nobody's baggage goes
        with that."""
        load = self.load
        verdict, why = judge_own(headers)
        if verdict == WRONG:
            load.verdicts[WRONG] = load.verdicts.get(WRONG, 0) + 1
            load.note(why)
        elif load and load.mode not in chain_load.RUDE:
            load.fail(None, f"C was asked for {path}")

    async def run(self, options):
        load = self.load = chain_load.Load(len(self.loads) + 1, options, self.tls)
        self.loads.append(load)
        await chain_load.run(load)
        await self.quiet()
        counts = [f"{v} {load.verdicts.get(v, 0)}" for v in VERDICTS] + [f"failed {load.failed}"]
        notes = load.notes + ([f"seed {load.seed}"] if load.notes else [])
        load.requests = {} if load.forget else load.requests
        return "\n".join([" ".join(counts)] + notes) + "\n"

    async def quiet(self):
        """Until nothing more comes of what rude clients left behind."""
        heard, calm = -1, 0
        while calm < 5:
            calm = calm + 1 if heard == self.heard and not self.busy else 0
            heard = self.heard
            await asyncio.sleep(0.02)

    async def control(self, target):
        parts = urlsplit(target)
        if parts.path == "/control/load":
            return await self.run(dict(parse_qsl(parts.query)))
        if parts.path == "/control/own":
            text = f"own {self.own} wrong {self.own_wrong}\n"
            self.own = self.own_wrong = 0
            return text
        return "?\n"

    async def answer(self, line, headers, writer):
        """Whether the connection is kept."""
        method, target, version = line.split(" ")
        form, delay, text = "length", 0, b""
        if target.startswith("/control/"):
            text = (await self.control(target)).encode()
        else:
            self.busy += 1
            try:
                request, text = self.judge(urlsplit(target).path, headers)
                text = text.encode() + b"\n"
                if request:
                    text += b"." * request.answer
                    form, delay = request.form, request.delay
                if delay:
                    await asyncio.sleep(delay)
            finally:
                self.busy -= 1
        if version != "HTTP/1.1" and form == "chunked":
            form = "close"
        connection = (find(headers, "connection") or "").lower()
        keep = form != "close" and (connection == "keep-alive" if version == "HTTP/1.0"
                                    else connection != "close")
        size = "Transfer-Encoding: chunked" if form == "chunked" else f"Content-Length: {len(text)}"
        top = f"HTTP/1.1 200 OK\r\n{size}\r\nContent-Type: text/plain\r\n"
        top += f"Connection: {'keep-alive' if keep else 'close'}\r\n\r\n"
        if method != "HEAD":
            writer.write(top.encode() + (chunks(text, (3, 70, 9000)) if form == "chunked" else text))
        else:
            writer.write(top.encode())
        await writer.drain()
        return keep

    async def serve(self, reader, writer):
        try:
            while True:
                line, headers = await read_head(reader)
                if find(headers, "expect"):
                    writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
                await read_body(reader, headers, False)
                if not await self.answer(line, headers, writer):
                    break
        except (OSError, asyncio.IncompleteReadError, ValueError):
            pass
        finally:
            await close(writer)


async def main(portfile, cert=None, key=None, authority=None):
    context = None
    servers = []
    bed = Bed(ssl.create_default_context(cafile=authority) if authority else None)
    servers.append(await asyncio.start_server(bed.serve, "127.0.0.1", 0, backlog=512))
    if cert:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(cert, key)
        servers.append(await asyncio.start_server(bed.serve, "127.0.0.1", 0, ssl=context,
                                                  backlog=512))
    with open(portfile + ".new", "w", encoding="ascii") as file:
        print(*(s.sockets[0].getsockname()[1] for s in servers), file=file)
    os.rename(portfile + ".new", portfile)
    await asyncio.gather(*(s.serve_forever() for s in servers))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
