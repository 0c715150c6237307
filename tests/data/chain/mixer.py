"""A B that is wrong on purpose: it forwards by hand, and now and then as HOW says: PORT C-URL HOW."""
import http.client
import http.server
import sys
from urllib.parse import urlsplit

PORT, C, HOW = int(sys.argv[1]), urlsplit(sys.argv[2]), sys.argv[3]
FIELDS = ("baggage", "traceparent", "tracestate")
last = []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        global last
        fields = [(n, v) for n, v in self.headers.items() if n.lower() in FIELDS]
        mine, last = fields, fields or last
        fields = {"right": fields, "drop": [], "doubled": fields + fields, "swapped": fields,
                  "changed": [(n, v + "x") for n, v in fields], "half": fields[:1],
                  "own": fields}[HOW]
        conn = http.client.HTTPConnection(C.hostname, C.port)
        conn.putrequest("GET", "/own/timer" if HOW == "own" else self.path)
        for name, value in swap(fields) if HOW == "swapped" else fields:
            conn.putheader(name, value)
        conn.endheaders()
        data = conn.getresponse().read()
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


before = []


def swap(fields):
    global before
    fields, before = before, fields
    return fields


server = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Handler)
server.serve_forever()
