"""B as Python's threading server whose handlers start programs: PORT HOW PROGRAM."""
import http.server
import os
import subprocess
import sys

PORT, HOW, PROGRAM = int(sys.argv[1]), sys.argv[2], sys.argv[3]


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def run(self):
        if HOW == "subprocess":
            return subprocess.run([PROGRAM, self.path], capture_output=True, check=True).stdout
        if HOW == "shell":
            return subprocess.check_output(f"{PROGRAM} {self.path}", shell=True)
        if HOW == "fork":
            return subprocess.run([PROGRAM, self.path], capture_output=True, check=True,
                                  preexec_fn=os.getpid).stdout
        with os.popen(f"{PROGRAM} {self.path}") as child:
            return child.read().encode()

    def do_GET(self):
        before = dict(os.environ)
        data = self.run()
        assert dict(os.environ) == before
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    request_queue_size = 128


Server(("127.0.0.1", PORT), Handler).serve_forever()
