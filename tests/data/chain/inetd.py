"""B as what inetd starts: Python's handler over descriptor 0."""
import http.server
import os
import socket
import urllib.request


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        with urllib.request.urlopen(os.environ["C_URL"] + self.path) as answer:
            data = answer.read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


Handler(socket.socket(fileno=0), ("inetd", 0), None)
