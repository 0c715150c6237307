"""What the first unanswered request of a connection carries, found out by counting bytes: streams of
requests and answers, cut anywhere, through `testtool inlet`.

    inlet_oracle.py TOOL cuts          one stream cut in two at every byte
    inlet_oracle.py TOOL random N [S]  N connections, random ones, from the seed S
"""

import random
import subprocess
import sys

TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


class Stream:
    """Bytes, and the offsets at which a message is there: its head, or the whole of it."""

    def __init__(self):
        self.data = b""
        self.marks = []

    def request(self, head, body=b""):
        self.data += head.encode() + b"\r"
        self.marks.append(len(self.data))
        self.data += b"\n" + body

    def answer(self, data):
        self.data += data
        self.marks.append(len(self.data))

    def reached(self, offset):
        return sum(mark <= offset for mark in self.marks)


def folded(r, value):
    """A value over several lines, which begin and end anywhere between members."""
    parts = value.split(",")
    cut = r.randrange(len(parts) + 1)
    first, rest = ",".join(parts[:cut]), ",".join(parts[cut:])
    if not rest:
        return first
    if first:
        first += ","
    return first + "\r\n" + r.choice([" ", "\t", "   "]) + rest


def request(r, number, stream):
    """Returns what is expected of it."""
    members, lines, trace = [], [], ""
    for i in range(r.choice([0, 1, 1, 2, 3])):
        group = [f"k{number}-{i}-{j}={r.randrange(10 ** r.randrange(1, 6))}"
                 for j in range(r.choice([1, 1, 2, 30 if i == 0 else 1]))]
        members += group
        value = ",".join(group)
        if r.random() < 0.4:
            value = folded(r, value)
        name = r.choice(["baggage", "Baggage", "BAGGAGE"])
        lines.append(f"{name}:{r.choice(['', ' ', '  '])}{value}{r.choice(['', ' '])}")
    others = [r.choice(["Host: a", "Accept: */*", "X-Empty:", "X-Fold: a\r\n b", "tracestate:",
                        "X-Baggage: no=1", "Cookie: " + "c" * r.randrange(300)])
              for _ in range(r.randrange(4))]
    if r.random() < 0.5:
        trace = TRACEPARENT
        others.append("traceparent: " + trace)
    places = sorted(r.randrange(len(others) + 1) for _ in lines)
    for place, line in reversed(list(zip(places, lines))):
        others.insert(place, line)
    body = b""
    kind = r.randrange(4)
    if kind == 1:
        body = b"GET / HTTP/1.1\r\nbaggage: body=1\r\n\r\n"[:r.randrange(36)]
        others.append(f"Content-Length: {len(body)}")
    elif kind == 2:
        body = b"5\r\nhello\r\n0\r\n\r\n"
        others.append("Transfer-Encoding: chunked")
    head = "".join(line + "\r\n" for line in [r.choice(["GET / HTTP/1.1", "POST /x HTTP/1.1"])]
                   + others)
    stream.request(head, body)
    return ",".join(members[:64]) + "|" + trace + "|"


def answer(r, stream):
    data = b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nHTTP"
    kind = r.randrange(4)
    if kind == 1:
        data = b"HTTP/1.1 204 No Content\r\n\r\n"
    elif kind == 2:
        data = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"
    elif kind == 3:
        data = b"HTTP/1.1 100 Continue\r\n\r\n" + data
    stream.answer(data)


class Run:
    def __init__(self, tool):
        self.tool, self.commands, self.expected, self.about = tool, [], [], []

    def say(self, command):
        self.commands.append(command)

    def expect(self, line, about):
        self.commands.append("show")
        self.expected.append(line)
        self.about.append((about, len(self.commands)))

    def finish(self):
        text = "\n".join(["room", *self.commands, "room", ""])
        done = subprocess.run([self.tool, "inlet"], input=text, stdout=subprocess.PIPE, text=True,
                              check=False)
        lines = done.stdout.splitlines()
        if done.returncode != 0 or len(lines) != len(self.expected) + 2:
            sys.exit(f"the tool ended with {done.returncode} after {len(lines)} lines")
        for expected, line, (about, at) in zip(self.expected, lines[1:], self.about):
            if expected != line:
                print("\n".join(bytes.fromhex(c.split()[1]).decode() if " " in c else c
                                for c in self.commands[max(0, at - 12):at]))
                sys.exit(f"{about}: expected {expected}\n got {line}")
        if lines[0] != lines[-1]:
            sys.exit(f"left to be taken before: {lines[0]}, and after: {lines[-1]}")
        print(len(self.expected), "right")


def connection(r, run, about):
    requests, answers = Stream(), Stream()
    count = r.choice([1, 2, 3, 12])
    carried = [request(r, i, requests) for i in range(count)]
    for _ in range(count):
        answer(r, answers)
    run.say("new")
    read = sent = 0
    while read < len(requests.data) or sent < len(answers.data):
        begun, ended = requests.reached(read), answers.reached(sent)
        step = r.choice([1, 7, 60, 1000, 5000])
        # An answer may begin when its request's head is there, and ends in the same piece or not.
        limit = answers.marks[begun - 1] if begun else 0
        if sent < limit and (r.random() < 0.5 or read == len(requests.data)):
            piece = answers.data[sent:min(limit, sent + step)]
            run.say("out " + piece.hex())
            sent += len(piece)
        else:
            piece = requests.data[read:read + step]
            if not piece:
                continue
            run.say("in " + piece.hex())
            read += len(piece)
        begun, ended = requests.reached(read), answers.reached(sent)
        run.expect(carried[ended] if begun > ended else "none", about)
    run.say("end")


def cuts(run):
    for seed in range(12):
        requests = Stream()
        carried = [request(random.Random(seed * 10 + i), i, requests) for i in range(2)]
        for cut in range(1, len(requests.data)):
            run.say("new")
            for piece, offset in ((requests.data[:cut], cut),
                                  (requests.data[cut:], len(requests.data))):
                run.say("in " + piece.hex())
                run.expect(carried[0] if requests.reached(offset) else "none", f"cut at {cut}")
            run.say("end")


def main():
    run = Run(sys.argv[1])
    if sys.argv[2] == "cuts":
        cuts(run)
    else:
        r = random.Random(int(sys.argv[4]) if len(sys.argv) > 4 else 1)
        for i in range(int(sys.argv[3])):
            connection(r, run, f"connection {i}")
    run.finish()


main()
