#!/usr/bin/python3
"""Settings, one after the other, as fast as an agent takes them:
reloads.py SOCKET FIRST LAST [SECONDS] hands over the states FIRST to LAST (see apps/reload.c), with
as many seconds between two of them, and prints the last."""
import array
import fcntl
import os
import socket
import struct
import sys
import time

SOCKET, FIRST, LAST = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
PAUSE = float(sys.argv[4]) if len(sys.argv) > 4 else 0
HELLO, RELOAD, END = 1, 11, 68
F_ADD_SEALS, SEALS = 1033, 1 | 2 | 4 | 8


def state(n):
    even = n % 2 == 0
    return """
set = ( { key = "g1"; value = "%(n)d"; }, { key = "g2"; value = "%(n)d"; metadata = "x%(pad)s"; } );
default = ( { key = "g3"; value = "%(n)d"; } );
forward = [ "x-%(name)s" ];
%(inbound)s
make = ( { key = "g4"; header = "x-h"; value = "%(n)d"; } );
outbound = ( { hosts = [ "b.test" ]; off = true; },
             { hosts = [ "*.test" ]; keys = [ "g1", "g2", "g3", "g4", "in" ];
               fixed = ( { keys = [ "g5" ]; value = "%(n)d"; } ); } );
""" % {"n": n, "pad": "y" * (n * 7 % 500), "name": "even" if even else "odd",
       "inbound": 'inbound = ( { keys = [ "in", "g5" ]; } );' if even
                  else 'inbound = ( { keys = [ "g5" ]; } );'}


def message(kind, ident):
    return struct.pack("=IHHII", 16, 1, kind, ident, 0)


def memfd(text):
    fd = os.memfd_create("settings", os.MFD_ALLOW_SEALING)
    os.write(fd, text.encode())
    fcntl.fcntl(fd, F_ADD_SEALS, SEALS)
    return fd


def main():
    if SOCKET == "-":
        print(state(FIRST))
        return
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    agent.connect(SOCKET)
    agent.send(message(HELLO, 1))
    agent.recv(65536)
    for n in range(FIRST, LAST + 1):
        fd = memfd(state(n))
        agent.sendmsg([message(RELOAD, n)],
                      [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [fd]))])
        os.close(fd)
        answer = agent.recv(65536)
        if struct.unpack_from("=H", answer, 6)[0] != END:
            sys.exit("refused: %d" % n)
        if PAUSE:
            time.sleep(PAUSE)
    print(LAST)


main()
