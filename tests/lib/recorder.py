#!/usr/bin/python3
"""An origin server that writes down every request as it came: recorder.py LOG PORTFILE [GITROOT].

Each request is one JSON line in LOG, written before its answer is sent, so that a client which
has its answer can read the log. It reads the socket itself: header lines stay in their order and
letter case, and nothing is normalised. It listens on a free port of 127.0.0.1.

Routes: /hops/HOST/HOST/PATH redirects to HOST (same scheme and port) and on; /redirect?to=&code=;
/flaky/N/... answers 503 N times, then 200; /echo gives the body back; /private asks for Basic
credentials; /chunked answers in chunks; /close closes; /git/ is `git http-backend`.
"""
import hashlib
import json
import os
import socket
import subprocess
import sys
import threading
from urllib.parse import parse_qs, urlsplit

REASONS = {200: "OK", 301: "Moved Permanently", 302: "Found", 303: "See Other",
           307: "Temporary Redirect", 308: "Permanent Redirect", 401: "Unauthorized",
           404: "Not Found", 503: "Service Unavailable"}


class Log:
    def __init__(self, path):
        self.file = open(path, "w", encoding="ascii")
        self.lock = threading.Lock()
        self.counts = {}

    def add(self, entry):
        with self.lock:
            self.file.write(json.dumps(entry) + "\n")
            self.file.flush()

    def count(self, name):
        with self.lock:
            self.counts[name] = self.counts.get(name, 0) + 1
            return self.counts[name]


class Request:
    """One request: `headers` are (name, value) as sent, `body` without transfer coding."""

    def __init__(self, head):
        self.raw = head
        lines = head.decode("latin-1").split("\n")
        lines = [line[:-1] if line.endswith("\r") else line for line in lines]
        self.line = lines[0]
        parts = self.line.split(" ")
        self.method, self.target = parts[0], parts[1] if len(parts) > 1 else ""
        self.headers = [(n, v.strip(" \t")) for n, _, v in
                        (line.partition(":") for line in lines[1:] if line)]
        self.body = b""

    def get(self, name, default=None):
        return next((v for n, v in self.headers if n.lower() == name), default)

    @property
    def path(self):
        parts = urlsplit(self.target)
        return parts.path + ("?" + parts.query if parts.query else "")


class Connection(threading.Thread):
    def __init__(self, sock, number, log, git_root):
        super().__init__(daemon=True)
        self.sock, self.number, self.log, self.git_root = sock, number, log, git_root
        self.buffer = b""

    def run(self):
        try:
            while self.serve_one():
                pass
        except (OSError, EOFError, ValueError):
            pass
        finally:
            self.sock.close()

    def fill(self):
        data = self.sock.recv(65536)
        if not data:
            raise EOFError
        self.buffer += data

    def read_head(self):
        while True:
            blanks = [e for e in (b"\r\n\r\n", b"\n\n") if e in self.buffer]
            ends = [self.buffer.find(e) + len(e) for e in blanks]
            if ends:
                head, self.buffer = self.buffer[:min(ends)], self.buffer[min(ends):]
                return head
            self.fill()

    def read_exactly(self, count):
        parts, have = [self.buffer], len(self.buffer)
        while have < count:
            data = self.sock.recv(min(1 << 20, count - have + 65536))
            if not data:
                raise EOFError
            parts.append(data)
            have += len(data)
        whole = b"".join(parts)
        self.buffer = whole[count:]
        return whole[:count]

    def read_line(self):
        while b"\n" not in self.buffer:
            self.fill()
        line, _, self.buffer = self.buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def read_body(self, request):
        if (request.get("expect") or "").lower() == "100-continue":
            self.sock.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
        if "chunked" in (request.get("transfer-encoding") or "").lower():
            parts = []
            while True:
                size = int(self.read_line().split(b";")[0], 16)
                if size == 0:
                    break
                parts.append(self.read_exactly(size))
                self.read_line()
            while self.read_line():
                pass
            return b"".join(parts)
        return self.read_exactly(int(request.get("content-length") or 0))

    def serve_one(self):
        request = Request(self.read_head())
        request.body = self.read_body(request)
        front = request.get("x-front")
        headers = [h for h in request.headers if h[0].lower() not in ("x-front", "x-front-scheme")]
        self.log.add({
            "conn": self.number, "line": request.line, "method": request.method,
            "target": request.target, "path": request.path, "headers": headers,
            "host": (request.get("host") or "").rsplit(":", 1)[0],
            "proto": front or request.line.rsplit(" ", 1)[-1],
            "raw": request.raw.decode("latin-1"), "body_len": len(request.body),
            "body_sha256": hashlib.sha256(request.body).hexdigest()})
        close = self.answer(request)
        return not close and (request.get("connection") or "").lower() != "close"

    def reply(self, request, code, body=b"", headers=(), close=False):
        lines = ["HTTP/1.1 %d %s" % (code, REASONS.get(code, "Status"))]
        lines += ["%s: %s" % h for h in headers]
        lines += ["Content-Length: %d" % len(body)] + (["Connection: close"] if close else [])
        head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        self.sock.sendall(head + (b"" if request.method == "HEAD" else body))
        return close

    def answer(self, request):
        parts = urlsplit(request.target)
        path = parts.path
        if path.startswith("/git/") and self.git_root:
            return self.git(request, path, parts.query)
        route = getattr(self, "do_" + path.strip("/").split("/")[0].replace("-", "_"), None)
        if route:
            return route(request, path, parse_qs(parts.query))
        return self.reply(request, 200, ("%s %s\n" % (request.method, path)).encode())

    def do_echo(self, request, _path, _query):
        return self.reply(request, 200, request.body, [("Content-Type", "text/plain")])

    def do_hops(self, request, path, query):
        host, _, rest = path[len("/hops/"):].partition("/")
        authority = request.get("host") or ""
        port = authority.rsplit(":", 1)[1] if ":" in authority else "80"
        scheme = request.get("x-front-scheme") or "http"
        follow = "/hops/" + rest if rest.split("/")[0].endswith(".test") else "/" + rest
        code = int(query.get("code", ["302"])[0])
        query_text = "?code=%d" % code if code != 302 else ""
        where = "%s://%s:%s%s%s" % (scheme, host, port, follow, query_text)
        return self.reply(request, code, b"moved\n", [("Location", where)])

    def do_redirect(self, request, _path, query):
        return self.reply(request, int(query.get("code", ["302"])[0]), b"moved\n",
                          [("Location", query["to"][0])])

    def do_flaky(self, request, path, _query):
        failures = int(path.split("/")[2])
        if self.log.count(path) % (failures + 1):
            return self.reply(request, 503, b"later\n", [("Retry-After", "0")])
        return self.reply(request, 200, b"now\n")

    def do_private(self, request, _path, _query):
        if request.get("authorization"):
            return self.reply(request, 200, b"welcome\n")
        return self.reply(request, 401, b"who?\n", [("WWW-Authenticate", 'Basic realm="test"')])

    def do_close(self, request, _path, _query):
        return self.reply(request, 200, b"bye\n", close=True)

    def do_chunked(self, request, _path, _query):
        self.sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        if request.method != "HEAD":
            for word in (b"one\n", b"two\n", b"three\n"):
                self.sock.sendall(b"%x\r\n%s\r\n" % (len(word), word))
            self.sock.sendall(b"0\r\n\r\n")
        return False

    def git(self, request, path, query):
        env = {"PATH": os.environ["PATH"], "GIT_PROJECT_ROOT": self.git_root,
               "GIT_HTTP_EXPORT_ALL": "1", "REMOTE_USER": "test", "GIT_CONFIG_NOSYSTEM": "1",
               "HOME": self.git_root, "PATH_INFO": path[len("/git"):], "QUERY_STRING": query,
               "REQUEST_METHOD": request.method, "CONTENT_LENGTH": str(len(request.body)),
               "CONTENT_TYPE": request.get("content-type") or "",
               "GIT_PROTOCOL": request.get("git-protocol") or ""}
        if request.get("content-encoding"):
            env["HTTP_CONTENT_ENCODING"] = request.get("content-encoding")
        done = subprocess.run(["git", "http-backend"], env=env, input=request.body,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = [tuple(x.split(": ", 1)) for x in lines if ": " in x]
        status = next((int(v.split()[0]) for n, v in headers if n.lower() == "status"), 200)
        return self.reply(request, status, body, [h for h in headers if h[0].lower() != "status"])


def main():
    log = Log(sys.argv[1])
    git_root = sys.argv[3] if len(sys.argv) > 3 else None
    server = socket.create_server(("127.0.0.1", 0), backlog=1024)
    with open(sys.argv[2] + ".new", "w", encoding="ascii") as out:
        out.write("%d\n" % server.getsockname()[1])
    os.rename(sys.argv[2] + ".new", sys.argv[2])
    number = 0
    while True:
        sock, _ = server.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        number += 1
        Connection(sock, number, log, git_root).start()


if __name__ == "__main__":
    main()
