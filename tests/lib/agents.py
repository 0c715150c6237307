#!/usr/bin/python3
"""Agents that are none: agents.py SOCKET WAY FLEET PROCESS ORDERS answers everyone who attaches in
this way. The numbers are those of `testtool control sizes`."""
import array
import fcntl
import os
import socket
import struct
import sys

WAY = sys.argv[2]
SEALS = 0x0002 | 0x0004  # shrink, grow
F_ADD_SEALS = 1033
PAGES = 65


def message(kind=PAGES, body=b"", version=1):
    return struct.pack("=IHHII", 16 + len(body), version, kind, 1, 0) + body


def memfd(size, seal=True, text=b""):
    fd = os.memfd_create("fake", os.MFD_ALLOW_SEALING | os.MFD_CLOEXEC)
    os.truncate(fd, size)
    os.pwrite(fd, text, 0)
    if seal:
        fcntl.fcntl(fd, F_ADD_SEALS, SEALS)
    return fd


def send(peer, data, fds):
    rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
    peer.sendmsg([data], rights)


FLEET, PROCESS, ORDERS = map(int, sys.argv[3:6])
MAGIC = struct.pack("=II", 0x70686C62, 2)


def pages(fleet=FLEET, process=PROCESS, seal=True, magic=MAGIC):
    fds = [memfd(fleet, seal, magic), memfd(process, seal, magic)]
    os.pwrite(fds[1], magic, ORDERS)
    return fds


def answer(peer):
    if WAY == "good":
        send(peer, message(), pages())
    elif WAY == "nothing":
        peer.recv(65536)
    elif WAY == "half":
        send(peer, message()[:9], pages())
    elif WAY == "descriptor":
        send(peer, message(), pages()[:1])
    elif WAY == "three":
        send(peer, message(), pages() + [memfd(4096)])
    elif WAY == "short":
        send(peer, message(), pages(process=PROCESS - 4096))
    elif WAY == "long":
        send(peer, message(), pages(fleet=FLEET + 4096))
    elif WAY == "swapped":
        send(peer, message(), pages()[::-1])
    elif WAY == "unsealed":
        send(peer, message(), pages(seal=False))
    elif WAY == "strange":
        send(peer, message(), pages(magic=b"\0" * 8))
    elif WAY == "pipe":
        send(peer, message(), list(os.pipe()))
    elif WAY == "version":
        send(peer, message(version=77, kind=69), [])
    elif WAY == "garbage":
        send(peer, os.urandom(300), pages())
    elif WAY == "large":
        send(peer, message(body=b"\0" * 60000), pages())
    elif WAY == "flood":
        for _ in range(200):
            send(peer, message(kind=68), [])


def main():
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    listener.bind(sys.argv[1] + ".tmp")
    listener.listen(64)
    os.rename(sys.argv[1] + ".tmp", sys.argv[1])
    kept = []
    while True:
        peer = listener.accept()[0]
        if WAY == "close":
            peer.close()
            continue
        try:
            answer(peer)
        except OSError:
            pass
        kept = kept[-20:] + [peer]


main()
