#!/usr/bin/python3
"""Passes connections on to a port, and what comes back in crumbs: crumbs.py PORTFILE PORT.

A reader of the answers never knows whether it has all of one.
"""
import sys

# No neighbour stands before a module of Python's own that has its name.
sys.path.append(sys.path.pop(0))

import asyncio
import os
import random


async def pump(reader, writer, most):
    try:
        while data := await reader.read(65536):
            while data:
                take = random.randint(1, most) if most else len(data)
                writer.write(data[:take])
                await writer.drain()
                data = data[take:]
                if most:
                    await asyncio.sleep(random.random() * 0.0005)
    except OSError:
        pass
    finally:
        writer.close()


async def main(portfile, port):
    async def serve(reader, writer):
        back, forth = await asyncio.open_connection("127.0.0.1", int(port))
        await asyncio.gather(pump(reader, forth, 0), pump(back, writer, 9))

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    with open(portfile + ".new", "w", encoding="ascii") as file:
        print(server.sockets[0].getsockname()[1], file=file)
    os.rename(portfile + ".new", portfile)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
