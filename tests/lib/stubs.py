#!/usr/bin/python3
"""Small servers of other protocols, as far as a client needs them: stubs.py KIND PORTFILE. KIND is
smtp, ftp, websocket or dns."""
import base64
import hashlib
import os
import socket
import struct
import sys
import threading


def smtp(sock):
    stream = sock.makefile("rwb")

    def say(text):
        stream.write(text.encode() + b"\r\n")
        stream.flush()

    say("220 stub")
    size = 0
    for line in stream:
        word = line[:4].upper().strip()
        if word == b"DATA":
            say("354 go on")
            for text in iter(stream.readline, b".\r\n"):
                size += len(text)
            say("250 %d bytes" % size)
        elif word == b"QUIT":
            say("221 bye")
            break
        elif word == b"EHLO":
            stream.write(b"250-stub\r\n")
            say("250 8BITMIME")
        else:
            say("250 ok")
    stream.close()


FILE = b"GET / HTTP/1.1\r\nHost: stub\r\n\r\n" * 1000


def ftp(sock):
    stream = sock.makefile("rwb")
    data = socket.create_server(("127.0.0.1", 0))

    def say(text):
        stream.write(text.encode() + b"\r\n")
        stream.flush()

    say("220 stub")
    for line in stream:
        word = line.split()[0].upper()
        if word == b"EPSV":
            say("229 (|||%d|)" % data.getsockname()[1])
        elif word in (b"RETR", b"STOR"):
            say("150 here")
            peer, _ = data.accept()
            with peer:
                if word == b"RETR":
                    peer.sendall(FILE)
                else:
                    body = b"".join(iter(lambda: peer.recv(65536), b""))
            say("226 " + (hashlib.sha256(body).hexdigest() if word == b"STOR" else "done"))
        elif word == b"SIZE":
            say("213 %d" % len(FILE))
        elif word == b"QUIT":
            say("221 bye")
            break
        else:
            say({b"USER": "331 password", b"PASS": "230 in", b"PWD": '257 "/"'}.get(word, "200 ok"))
    stream.close()
    data.close()


def websocket(sock):
    """Answers the request for an upgrade with 101 and then gives back every byte as it
    came."""
    head = b""
    while b"\r\n\r\n" not in head:
        head += sock.recv(65536)
    head, rest = head.split(b"\r\n\r\n", 1)
    fields = dict(x.split(b": ", 1) for x in head.split(b"\r\n")[1:])
    salt = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
    told = base64.b64encode(hashlib.sha1(fields[b"Sec-WebSocket-Key"] + salt).digest())
    sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\nSec-WebSocket-Accept: " + told + b"\r\n\r\n")
    while True:
        if rest:
            sock.sendall(rest)
        rest = sock.recv(65536)
        if not rest:
            break


def publish(path, port):
    with open(path + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % port)
    os.rename(path + ".new", path)


def serve(talk, path):
    listener = socket.create_server(("127.0.0.1", 0))
    publish(path, listener.getsockname()[1])
    while True:
        sock, _ = listener.accept()

        def run(peer=sock):
            with peer:
                try:
                    talk(peer)
                except (OSError, LookupError):
                    pass

        threading.Thread(target=run, daemon=True).start()


def answer(query):
    """192.0.2.1 for every A, nothing for everything else."""
    end = 12
    while query[end]:
        end += query[end] + 1
    question = query[12:end + 5]
    wanted = struct.unpack(">H", query[end + 1:end + 3])[0] == 1
    head = query[:2] + struct.pack(">HHHHH", 0x8580, 1, 1 if wanted else 0, 0, 0)
    record = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + b"\xc0\x00\x02\x01"
    return head + question + (record if wanted else b"")


def dns(path):
    """Over UDP and TCP, on one port."""
    while True:
        listener = socket.create_server(("127.0.0.1", 0))
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            udp.bind(listener.getsockname())
            break
        except OSError:
            listener.close()

    def over_tcp():
        while True:
            with listener.accept()[0] as peer:
                query = peer.recv(65536)
                if len(query) > 2:
                    said = answer(query[2:])
                    peer.sendall(struct.pack(">H", len(said)) + said)

    threading.Thread(target=over_tcp, daemon=True).start()
    publish(path, udp.getsockname()[1])
    while True:
        query, peer = udp.recvfrom(65536)
        udp.sendto(answer(query), peer)


if __name__ == "__main__":
    kinds = {"smtp": smtp, "ftp": ftp, "websocket": websocket}
    if sys.argv[1] == "dns":
        dns(sys.argv[2])
    else:
        serve(kinds[sys.argv[1]], sys.argv[2])
