#!/usr/bin/python3
"""Requests in the ways that Python programs make them: prog-python.py MODE URL [CA]. What came back
is printed, so that two runs can be compared."""
import asyncio
import http.client
import os
import selectors
import socket
import ssl
import subprocess
import sys
import threading
import urllib.error
import urllib.parse
import urllib.request

URL = urllib.parse.urlsplit(sys.argv[2])
TLS = ssl.create_default_context(cafile=sys.argv[3]) if URL.scheme == "https" else None


def connection():
    if TLS:
        return http.client.HTTPSConnection(URL.netloc, context=TLS, timeout=60)
    return http.client.HTTPConnection(URL.netloc, timeout=60)


def plain_socket():
    sock = socket.create_connection((URL.hostname, URL.port), timeout=60)
    return TLS.wrap_socket(sock, server_hostname=URL.hostname) if TLS else sock


def head(method, path, *lines):
    fields = ["%s %s HTTP/1.1" % (method, path), "Host: " + URL.netloc, *lines]
    return ("\r\n".join(fields) + "\r\n\r\n").encode()


def show(answer):
    body = answer.read()
    print(answer.status, len(body), body[:60])


def answers(sock, count):
    """Reads `count` answers that have a Content-Length each."""
    stream = sock.makefile("rb")
    for _ in range(count):
        length = 0
        print(stream.readline())
        for line in iter(stream.readline, b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        body = stream.read(length)
        print(length, body[:60])
    stream.close()


def do_client():
    c = connection()
    for method, path, body in (("GET", "/a", None), ("POST", "/echo", b"text"),
                               ("HEAD", "/b", None), ("PUT", "/echo", b"x" * 300000),
                               ("DELETE", "/c", None)):
        c.request(method, path, body)
        show(c.getresponse())
    c.close()


def do_own():
    c = connection()
    c.request("GET", "/own", headers={"Baggage": "own=1"})
    show(c.getresponse())
    c.request("POST", "/own", b"body", headers={"baggage": "user-id=mine,b=2;p=3", "X": "baggage"})
    show(c.getresponse())
    c.close()


def do_chunked():
    c = connection()
    c.request("PUT", "/echo", iter([b"one", b"GET / HTTP/1.1\r\n\r\n", b"z" * 70000]),
              {"Transfer-Encoding": "chunked"}, encode_chunked=True)
    show(c.getresponse())
    c.request("GET", "/chunked")
    show(c.getresponse())
    c.close()


def do_urllib():
    handlers = [urllib.request.HTTPSHandler(context=TLS)] if TLS else []
    opener = urllib.request.build_opener(*handlers, urllib.request.ProxyHandler({}))
    base = "%s://%s" % (URL.scheme, URL.netloc)
    with opener.open(base + "/a?b=c", timeout=60) as answer:
        show(answer)
    with opener.open(base + "/echo", b"name=value", timeout=60) as answer:
        show(answer)
    with opener.open(base + "/redirect?to=/there", timeout=60) as answer:
        show(answer)
    try:
        opener.open(base + "/private", timeout=60)
    except urllib.error.HTTPError as error:
        print(error.code, error.read())


def do_pieces():
    """The head a byte a call, then in two pieces that cut the end of the head in half."""
    sock = plain_socket()
    for byte in head("GET", "/bytes", "X: 1"):
        sock.send(bytes([byte]))
    answers(sock, 1)
    whole = head("POST", "/echo", "Content-Length: 5")
    sock.sendall(whole[:-2])
    sock.sendall(whole[-2:] + b"he")
    sock.sendall(b"llo")
    answers(sock, 1)
    sock.close()


def do_pipelined():
    sock = plain_socket()
    requests = [head("GET", "/%d" % i) for i in range(10)]
    requests[4] = head("POST", "/echo", "Content-Length: 30") + head("GET", "/no").ljust(30)[:30]
    sock.sendall(b"".join(requests))
    answers(sock, 10)
    sock.close()


def do_vectors():
    sock = plain_socket()
    body = [b"a" * 1000, b"", b"b" * 2000]
    print(sock.sendmsg([head("POST", "/echo", "Content-Length: 3000"), *body]))
    answers(sock, 1)
    print(os.writev(sock.fileno(), [head("GET", "/v")[:-1], b"\n"]))
    answers(sock, 1)
    data = head("GET", "/w")
    print(os.write(sock.fileno(), data) == len(data))
    answers(sock, 1)
    sock.close()


def do_file_object():
    """A socket's file object, which writes in Python's own buffers."""
    sock = plain_socket()
    stream = sock.makefile("rwb")
    stream.write(head("GET", "/file")[:20])
    stream.write(head("GET", "/file")[20:])
    stream.flush()
    answers(sock, 1)
    stream.close()
    sock.close()


def do_fd_object():
    """The descriptor itself, opened as a file, a copy of which goes on."""
    sock = plain_socket()
    with os.fdopen(os.dup(sock.fileno()), "wb", buffering=0) as raw:
        raw.write(head("GET", "/raw"))
    answers(sock, 1)
    sock.sendall(head("GET", "/again"))
    answers(sock, 1)
    sock.close()


def do_sendfile():
    with open("upload", "wb") as out:
        out.write(b"GET /inside HTTP/1.1\r\n\r\n" * 20000)
    size = os.path.getsize("upload")
    sock = plain_socket()
    for i in range(2):
        sock.sendall(head("PUT", "/echo", "Content-Length: %d" % size))
        with open("upload", "rb") as body:
            print(sock.sendfile(body))
        answers(sock, 1)
        sock.sendall(head("GET", "/after/%d" % i))
        answers(sock, 1)
    sock.close()


def do_nonblocking():
    sock = plain_socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4608)
    sock.setblocking(False)
    body = b"0123456789" * 40000
    left = memoryview(head("POST", "/echo", "Content-Length: %d" % len(body)) + body)
    selector = selectors.DefaultSelector()
    selector.register(sock, selectors.EVENT_WRITE)
    while left:
        selector.select(60)
        try:
            left = left[sock.send(left):]
        except (BlockingIOError, ssl.SSLWantWriteError):
            pass
    sock.setblocking(True)
    answers(sock, 1)
    sock.close()


async def conversation(tag):
    reader, writer = await asyncio.open_connection(
        URL.hostname, URL.port, ssl=TLS, server_hostname=URL.hostname if TLS else None)
    seen = []
    for i in range(3):
        body = b"%d" % i * 5000
        writer.write(head("POST", "/echo/%s/%d" % (tag, i), "Content-Length: %d" % len(body)))
        writer.writelines([body[:2500], body[2500:]])
        await writer.drain()
        answer = await reader.readuntil(b"\r\n\r\n")
        length = int(answer.lower().split(b"content-length:")[1].split()[0])
        seen.append(await reader.readexactly(length) == body)
    writer.close()
    await writer.wait_closed()
    return seen


def do_asyncio():
    async def run():
        return await asyncio.gather(*(conversation(str(i)) for i in range(5)))
    print(asyncio.run(run()))


def do_threads():
    seen = []

    def work(number):
        c = connection()
        for i in range(5):
            c.request("POST", "/echo/%d/%d" % (number, i), b"%d" % i * 100)
            seen.append((number, i, c.getresponse().read()))
        c.close()

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(sorted(seen))


def do_fork():
    """A connection that parent and child share, and one that the child makes."""
    sock = plain_socket()
    sock.sendall(head("GET", "/parent"))
    answers(sock, 1)
    sys.stdout.flush()
    if os.fork() == 0:
        sock.sendall(head("GET", "/child/shared"))
        answers(sock, 1)
        fresh = plain_socket()
        fresh.sendall(head("GET", "/child/own"))
        answers(fresh, 1)
        sys.stdout.flush()
        os._exit(0)
    print(os.wait()[1])
    if not TLS:
        sock.sendall(head("GET", "/parent/again"))
        answers(sock, 1)
    sock.close()


def do_children():
    """Programs started in Python's ways (vfork, posix_spawn, a shell) carry it like others do."""
    target = "http://%s/" % URL.netloc
    fetch = ["curl", "-q", "-sS"]
    print(subprocess.run(fetch + [target + "run"], stdout=subprocess.PIPE, check=False).stdout)
    pid = os.posix_spawnp("curl", fetch + ["-o", "spawned", target + "spawn"], os.environ)
    print(os.waitpid(pid, 0)[1])
    print(os.system("%s -o shelled %s" % (" ".join(fetch), target + "shell")))
    c = connection()
    c.request("GET", "/parent")
    show(c.getresponse())
    c.close()


def do_descriptors():
    """A connection handed over a Unix socket, and numbers used again for other things."""
    sock = plain_socket()
    sock.sendall(head("GET", "/before"))
    answers(sock, 1)
    number = sock.fileno()
    sock.close()
    with open("plain", "wb", buffering=0) as out:
        print(out.fileno() == number)
        out.write(head("GET", "/file"))
    ours, theirs = socket.socketpair()
    ours.sendall(head("GET", "/pair"))
    print(theirs.recv(4096))
    handed = plain_socket()
    socket.send_fds(ours, [b"x"], [handed.fileno()])
    handed.close()
    _, fds, _, _ = socket.recv_fds(theirs, 10, 1)
    again = socket.socket(fileno=fds[0])
    again.sendall(head("GET", "/handed", "Connection: close"))
    answers(again, 1)


if __name__ == "__main__":
    globals()["do_" + sys.argv[1]]()
