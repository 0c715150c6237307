#!/usr/bin/python3
"""Requests that are written by hand: raw.py METHOD TARGET HOST [CUT...] over each of the connections that
the environment names: HTTP_PORT a plain one, TLS_PORT one by OpenSSL. They leave in pieces that end at CUT.
"""
import os
import socket
import ssl
import sys


def connections():
    yield socket.create_connection(("127.0.0.1", int(os.environ["HTTP_PORT"])))
    context = ssl.create_default_context(cafile=os.environ["CA"])
    plain = socket.create_connection(("127.0.0.1", int(os.environ["TLS_PORT"])))
    yield context.wrap_socket(plain, server_hostname="localhost")


def main(method, target, host, *cuts):
    head = "%s %s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n" % (method, target, host)
    if method not in ("GET", "HEAD"):
        head += "Content-Length: 0\r\n"
    data = (head + "\r\n").encode("latin-1")
    edges = [0, *(min(int(cut), len(data)) for cut in cuts), len(data)]
    for connection in connections():
        with connection:
            for begin, end in zip(edges, edges[1:]):
                if begin < end:
                    connection.sendall(data[begin:end])
            while connection.recv(65536):
                pass


if __name__ == "__main__":
    main(*sys.argv[1:])
