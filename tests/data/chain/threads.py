"""B as Python's stock threading (or forking) HTTP server: PORT C-URL CLIENT [fork] [CERT KEY].

CLIENT is http.client, urllib, both; pool: urllib in other threads than the handler's; self: B
asks itself first."""
import concurrent.futures
import http.client
import http.server
import socketserver
import ssl
import sys
import urllib.request
from urllib.parse import urlsplit

PORT, URL, CLIENT = int(sys.argv[1]), sys.argv[2].rstrip("/"), sys.argv[3]
C = urlsplit(URL)
POOL = concurrent.futures.ThreadPoolExecutor(8)


def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    kept = None

    def call(self, path):
        if CLIENT == "urllib":
            return fetch(URL + path)
        if CLIENT == "pool":
            return POOL.submit(fetch, URL + path).result()
        if CLIENT == "self" and path.startswith("/back/"):
            return fetch(f"http://127.0.0.1:{PORT}/inner{path}")
        path = path.removeprefix("/inner")
        if CLIENT == "both":
            fetch(URL + path + "/1")
            path += "/2"
        kind = http.client.HTTPSConnection if C.scheme == "https" else http.client.HTTPConnection
        if not self.kept:
            self.kept = kind(C.hostname, C.port)
        self.kept.request("GET", path)
        answer = self.kept.getresponse()
        return answer.read()

    def body(self):
        if "chunked" in self.headers.get("Transfer-Encoding", ""):
            while size := int(self.rfile.readline(), 16):
                self.rfile.read(size + 2)
            self.rfile.readline()
        else:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))

    def do_GET(self):
        early = self.headers.get("X-Early")
        if not early:
            self.body()
        data = self.call(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)
        if early:
            self.body()

    do_HEAD = do_POST = do_GET

    def log_message(self, *args):
        pass


class Forking(socketserver.ForkingMixIn, http.server.HTTPServer):
    max_children = 100


class Threading(http.server.ThreadingHTTPServer):
    request_queue_size = 128


server = (Forking if "fork" in sys.argv else Threading)(("127.0.0.1", PORT), Handler)
if len(sys.argv) > 5:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(sys.argv[-2], sys.argv[-1])
    server.socket = context.wrap_socket(server.socket, server_side=True,
                                        do_handshake_on_connect=False)
server.serve_forever()
