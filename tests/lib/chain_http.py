"""HTTP/1 by hand over asyncio's streams: nothing is normalised, and everything can be cut short."""
import asyncio


def fields(head):
    """The start line and (name in lower case, value) of a head."""
    lines = head.decode("latin-1").split("\r\n")
    return lines[0], [(n.lower(), v.strip(" \t")) for n, _, v in
                      (line.partition(":") for line in lines[1:] if line)]


def find(headers, name):
    return next((v for n, v in headers if n == name), None)


async def read_head(reader):
    return fields(await reader.readuntil(b"\r\n\r\n"))


async def read_chunked(reader):
    body = b""
    while True:
        size = int((await reader.readuntil(b"\r\n")).split(b";")[0], 16)
        if size == 0:
            while await reader.readuntil(b"\r\n") != b"\r\n":
                pass
            return body
        body += await reader.readexactly(size)
        await reader.readexactly(2)


async def read_body(reader, headers, until_close):
    if "chunked" in (find(headers, "transfer-encoding") or "").lower():
        return await read_chunked(reader)
    length = find(headers, "content-length")
    if length is not None:
        return await reader.readexactly(int(length))
    return await reader.read() if until_close else b""


async def read_response(reader, method):
    """(status, body, may the connection be used again)."""
    while True:
        line, headers = await read_head(reader)
        status = int(line.split(" ")[1])
        if status >= 200:
            break
    bodiless = method == "HEAD" or status in (204, 304)
    body = b"" if bodiless else await read_body(reader, headers, True)
    known = bodiless or find(headers, "content-length") or find(headers, "transfer-encoding")
    connection = (find(headers, "connection") or "").lower()
    keep = bool(known) and (connection == "keep-alive" if line.startswith("HTTP/1.0")
                            else connection != "close")
    return status, body, keep


def chunks(body, sizes):
    """`body` in chunked transfer coding, cut into pieces of these sizes in turn."""
    out, at, i = b"", 0, 0
    while at < len(body):
        piece = body[at:at + max(1, sizes[i % len(sizes)])]
        out += b"%x\r\n%s\r\n" % (len(piece), piece)
        at += len(piece)
        i += 1
    return out + b"0\r\n\r\n"


async def close(writer, reset=False):
    if reset:
        writer.transport.abort()
        return
    writer.close()
    try:
        await asyncio.wait_for(writer.wait_closed(), 5)
    except asyncio.TimeoutError:
        writer.transport.abort()
    except OSError:
        pass
