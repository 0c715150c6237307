#!/usr/bin/python3
"""Passes connections on and keeps what the clients sent: tap.py DIR TARGET. TARGET is a port of
127.0.0.1 or the path of a Unix socket; the tap's own port is written to DIR/port. Connection N is
DIR/N.open while it lasts, then DIR/N.done, one line of hexadecimal digits."""
import os
import socket
import sys
import threading


def connect(target):
    if target.isdigit():
        return socket.create_connection(("127.0.0.1", int(target)))
    server = socket.socket(socket.AF_UNIX)
    server.connect(target)
    return server


def pump(source, sink, kept):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            kept += data
            sink.sendall(data)
        sink.shutdown(socket.SHUT_WR)
    except OSError:
        # One side is gone: the other has to know.
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def serve(client, target, path):
    kept = bytearray()
    with client, connect(target) as server:
        for end in (client, server):
            if end.family == socket.AF_INET:
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        back = threading.Thread(target=pump, args=(server, client, bytearray()))
        back.start()
        pump(client, server, kept)
        back.join()
    with open(path + ".open", "w", encoding="ascii") as out:
        out.write(kept.hex() + "\n")
    os.rename(path + ".open", path + ".done")


def main(folder, target):
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    with open(folder + "/port.new", "w", encoding="ascii") as out:
        out.write("%d\n" % listener.getsockname()[1])
    os.rename(folder + "/port.new", folder + "/port")
    number = 0
    while True:
        client, _ = listener.accept()
        number += 1
        path = "%s/%d" % (folder, number)
        with open(path + ".open", "w", encoding="ascii"):
            pass
        threading.Thread(target=serve, args=(client, target, path), daemon=True).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
