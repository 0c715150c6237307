#!/usr/bin/python3
"""An HTTP proxy that writes down every request head it was asked: proxy.py LOG PORTFILE.

CONNECT opens a tunnel; anything else is passed on as it came. Every host name leads to 127.0.0.1,
at the port that the request names. One JSON line a head, in the recorder's form.
"""
import json
import os
import socket
import sys
import threading

LOCK = threading.Lock()


def note(log, head):
    lines = head.decode("latin-1").split("\r\n")
    headers = [[n, v.strip(" \t")] for n, _, v in (x.partition(":") for x in lines[1:] if x)]
    method, target, proto = (lines[0].split(" ") + ["", ""])[:3]
    with LOCK:
        log.write(json.dumps({"line": lines[0], "method": method, "target": target, "proto": proto,
                              "path": target, "headers": headers, "host": "proxy",
                              "raw": head.decode("latin-1")}) + "\n")
        log.flush()
    return method, target


def read_head(sock):
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(65536)
        if not part:
            raise EOFError
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    return head + b"\r\n\r\n", rest


def pump(source, sink):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            sink.sendall(data)
    except OSError:
        pass
    try:
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def serve(client, log):
    try:
        head, rest = read_head(client)
        method, target = note(log, head)
        authority = target if method == "CONNECT" else target.split("/")[2]
        port = int(authority.rsplit(":", 1)[1]) if ":" in authority else 80
        upstream = socket.create_connection(("127.0.0.1", port), timeout=60)
        upstream.settimeout(None)
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            upstream.sendall(rest)
        else:
            upstream.sendall(head + rest)
        back = threading.Thread(target=pump, args=(upstream, client), daemon=True)
        back.start()
        pump(client, upstream)
        back.join()
        upstream.close()
    except (OSError, EOFError, ValueError, IndexError):
        pass
    finally:
        client.close()


def main():
    server = socket.create_server(("127.0.0.1", 0), backlog=256)
    with open(sys.argv[1], "w", encoding="ascii") as log:
        with open(sys.argv[2] + ".new", "w", encoding="ascii") as out:
            out.write("%d\n" % server.getsockname()[1])
        os.rename(sys.argv[2] + ".new", sys.argv[2])
        while True:
            client, _ = server.accept()
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=serve, args=(client, log), daemon=True).start()


if __name__ == "__main__":
    main()
