#!/usr/bin/python3
"""A server that knows nothing of baggage: for each request it makes one of its own, and answers when
that is answered. b.py PORT, or the PATH of a Unix socket. The header X-Do says what it does: "plain URL",
"post URL", "curl URL", and with "thread-" before it, in a thread that is started for it."""
import os
import socketserver
import sys
import threading
import urllib.request
from http.server import BaseHTTPRequestHandler


def fetch(how, url):
    if how.startswith("thread-"):
        helper = threading.Thread(target=fetch, args=(how[len("thread-"):], url))
        helper.start()
        helper.join()
    elif how == "curl":
        import pycurl
        curl = pycurl.Curl()
        curl.setopt(pycurl.URL, url)
        curl.setopt(pycurl.WRITEFUNCTION, lambda data: None)
        if os.environ.get("CA"):
            curl.setopt(pycurl.CAINFO, os.environ["CA"])
        curl.perform()
        curl.close()
    else:
        method = "POST" if how == "post" else "GET"
        request = urllib.request.Request(url, data=b"x" if method == "POST" else None)
        urllib.request.urlopen(request, timeout=20).read()


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        fetch(*self.headers["X-Do"].split(" "))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args):
        pass

    def address_string(self):
        return "client"


class Tcp(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


class Unix(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


def main(where):
    if where.startswith("/"):
        Unix(where, Handler).serve_forever()
    Tcp(("127.0.0.1", int(where)), Handler).serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
