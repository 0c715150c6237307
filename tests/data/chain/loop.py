"""B as an event loop (asyncio), with what such programs do: PORT C-URL HOW.

  each     a connection to C for each request
  lent     connections to C that one request after the other is lent
  flight   requests that come while another one waits for C wait for its answer, then ask C
A timer asks C on its own all the while.
"""
import asyncio
import sys
from urllib.parse import urlsplit

PORT, C, HOW = int(sys.argv[1]), urlsplit(sys.argv[2]), sys.argv[3]
idle = []
flight = None


async def message(reader):
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict((n.lower(), v.strip()) for n, _, v in
                  (line.partition(":") for line in head.split("\r\n")[1:]))
    return head, await reader.readexactly(int(fields.get("content-length", 0))), fields


async def ask(path, lent):
    while True:
        kept = lent and idle
        reader, writer = idle.pop() if kept else await asyncio.open_connection(C.hostname, C.port)
        try:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: c.test\r\n\r\n".encode())
            _, data, fields = await message(reader)
        except (OSError, asyncio.IncompleteReadError):
            writer.close()
            if not kept:
                raise
            continue
        if lent and fields.get("connection") != "close":
            idle.append((reader, writer))
        else:
            writer.close()
        return data


async def handle(path):
    global flight
    if HOW != "flight":
        return await ask(path, HOW == "lent")
    if not flight:
        flight = asyncio.ensure_future(ask(path.replace("/back/", "/also/"), True))
        flight.add_done_callback(forget)
    await flight
    return await ask(path, True)


def forget(_):
    global flight
    flight = None


async def serve(reader, writer):
    try:
        while True:
            head, _, _ = await message(reader)
            method, path, version = head.split("\r\n")[0].split(" ")
            data = await handle(path)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(data))
            writer.write(b"" if method == "HEAD" else data)
            await writer.drain()
            if version == "HTTP/1.0":
                break
    except (OSError, asyncio.IncompleteReadError, ValueError):
        pass
    finally:
        writer.close()


async def timer():
    while True:
        await ask("/own/timer", True)
        await asyncio.sleep(0.003)


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", PORT, backlog=128)
    await asyncio.gather(server.serve_forever(), timer())


asyncio.run(main())
