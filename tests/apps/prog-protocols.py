#!/usr/bin/python3
"""Clients of other protocols: prog-protocols.py smtp|websocket|resolve PORT."""
import smtplib
import socket
import sys

PORT = int(sys.argv[2])


def do_smtp():
    text = "Subject: probe\r\n\r\nGET / HTTP/1.1\r\nHost: x\r\n\r\n.\r\nbaggage: a=1\r\n" * 50
    with smtplib.SMTP("127.0.0.1", PORT, local_hostname="probe", timeout=60) as peer:
        print(peer.ehlo())
        print(peer.sendmail("a@example.test", ["b@example.test"], text))


def frame(data, mask=b"\0\0\0\0"):
    return bytes([0x82, 0x80 | 126]) + len(data).to_bytes(2, "big") + mask + data


def do_websocket():
    """After the upgrade, frames without a mask look like requests on the wire."""
    peer = socket.create_connection(("127.0.0.1", PORT), timeout=60)
    peer.sendall(b"GET /chat HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\n"
                 b"Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
                 b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
    stream = peer.makefile("rb")
    for line in iter(stream.readline, b"\r\n"):
        print(line)
    request = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for data in (request, frame(request), request * 100, b"\0" * 7 + request, frame(request * 500)):
        peer.sendall(data)
        print(stream.read(len(data)) == data)
    peer.close()


globals()["do_" + sys.argv[1]]()
