"""Holds testtool's framers against the oracle and against written listings, under every cut.

    check.py cases "TOOL http" FILE      a file of cases; see requests.cases for the format
    check.py request "TOOL http" SEED COUNT    streams made at random; also response, insert
    check.py stats SEED COUNT KIND       what such streams consist of
"""

import collections
import re
import subprocess
import sys

sys.dont_write_bytecode = True  # the tree stays as it is

import rfc9112  # noqa: E402
import streams  # noqa: E402


def split_answers(output, count):
    """Answers of event lines, each ended by a line with a dot."""
    answers, now = [], []
    for line in output.split(b"\n"):
        if line == b".":
            answers.append(now)
            now = []
        else:
            now.append(line.decode("latin-1"))
    assert len(answers) == count, "%d answers to %d streams:\n%s" % (
        len(answers), count, output[-2000:].decode("latin-1"))
    return answers


def events_of(tool, jobs):
    batch = b"".join(b"%d %s\n%s" % (len(s), " ".join(a).encode(), s) for a, s in jobs)
    done = subprocess.run(tool.split() + ["batch", "--all"], input=batch, stdout=subprocess.PIPE,
                          check=False)
    answers = split_answers(done.stdout, len(jobs))
    for (args, stream), lines in zip(jobs, answers):
        if any(line.startswith("cut every") for line in lines):
            fail(args, stream, "the cuts matter", lines)
    assert done.returncode == 0, "testtool ended with %d" % done.returncode
    return answers


def fail(args, stream, why, *listings):
    print("%s\n%s\n%r" % (why, " ".join(args), stream))
    for listing in listings:
        print("----")
        print("\n".join(map(str, listing)))
    sys.exit(1)


def judge(args, stream, lines, verdict):
    """Compares the tool's listing with the oracle's."""
    events, ending, limit = verdict
    told = [(int(line.split(" ", 1)[0]), line.split(" ", 1)[1]) for line in lines]
    opaque = [at for at, text in told if text == "OPAQUE"]
    got = [e for e in told if e[1] != "OPAQUE"]
    expected = list(events)
    if ending != "open":
        # At the limit an event may be the last of what is certain, or belong to the doubtful line.
        got = [e for e in got if e[0] < limit or e in expected]
    if got != expected:
        fail(args, stream, "the events differ; %s at %d" % (ending, limit), got, expected)
    if ending == "opaque" and not opaque:
        fail(args, stream, "not opaque, though in doubt at %d" % limit, told)
    if opaque and (ending == "open" or opaque[0] < limit):
        fail(args, stream, "opaque without need; %s at %d" % (ending, limit), told, expected)


def random_request(tool, seed, count):
    jobs = [(("request",), streams.requests(seed + i)) for i in range(count)]
    known = 0
    for (args, stream), lines in zip(jobs, events_of(tool, jobs)):
        verdict = rfc9112.request_events(stream)
        judge(args, stream, lines, verdict)
        known += verdict[1] == "open"
    assert known > count // 8, "only %d of %d streams were fully known" % (known, count)


def random_response(tool, seed, count):
    made = [streams.responses(seed + i) for i in range(count)]
    jobs = [(("response", "--methods", m), s) for s, m in made]
    for (args, stream), lines in zip(jobs, events_of(tool, jobs)):
        judge(args, stream, lines, rfc9112.response_events(stream, args[2]))


FIELDS = [(b"baggage", b"our=1,key=2;p"), (b"traceparent", b"00-11-22-01"),
          (b"x-tenant", b"t-7")]
OURS = re.compile(rb"(?:baggage: our=1,key=2;p|traceparent: 00-11-22-01|x-tenant: t-7)\r?\n"
                  rb"|,our=1,key=2;p|our=1,key=2;p,?")


def without_ours(data, stream):
    """Takes out what the stream has not. Ours stands before a CR or LF, and begins with neither."""
    out = bytearray()
    at = 0
    while at < len(data):
        if data[at:at + 1] == stream[len(out):len(out) + 1]:
            out.append(data[at])
            at += 1
            continue
        match = OURS.match(data, at)
        if not match or stream[len(out):len(out) + 1] not in (b"\r", b"\n"):
            return None
        at = match.end()
    return bytes(out)


def random_insert(tool, seed, count):
    """Where the oracle knows all, the very bytes; always, the stream is back when ours are out."""
    args = ["insert"]
    for name, value in FIELDS:
        args += ["--field", (name + b"=" + value).decode()]
    known = 0
    for i in range(count):
        stream = streams.requests(seed + i)
        expected = rfc9112.inserted(stream, FIELDS)
        done = subprocess.run(tool.split() + args + ["--all"], input=stream, stdout=subprocess.PIPE,
                              check=False)
        if done.returncode or (expected is not None and done.stdout != expected):
            fail(args, stream, "the stream differs", [done.stdout], [expected])
        if without_ours(done.stdout, stream) != stream:
            fail(args, stream, "its own bytes do not remain", [done.stdout])
        known += expected not in (None, stream)
    assert known > count // 8, "only %d of %d streams were fully known" % (known, count)


def read_cases(path):
    """(name, arguments, stream, expected lines), from text: == name, arguments, stream, --."""
    with open(path, encoding="ascii") as file:
        for block in file.read().split("\n== ")[1:]:
            title, rest = block.split("\n", 1)
            stream, expected = (rest + "\n").split("\n--\n", 1)
            args, _, body = stream.partition("\n")
            text = "".join(streams.expand(line) for line in body.split("\n"))
            data = text.encode("ascii").decode("unicode_escape").encode("latin-1")
            lines = [l for l in expected.strip("\n").split("\n") if l and not l.startswith("#")]
            yield title, args.split(), data, lines


def cases(tool, path):
    jobs = list(read_cases(path))
    assert jobs, "no cases"
    for (name, args, stream, expected), lines in zip(
            jobs, events_of(tool, [(a, s) for _, a, s, _ in jobs])):
        if lines != expected:
            fail(args, stream, "case: " + name, lines, expected)
        if args == ["request"]:
            judge([name], stream, lines, rfc9112.request_events(stream))
        if len(args) == 3 and args[1] == "--methods":
            judge([name], stream, lines, rfc9112.response_events(stream, args[2]))
    print("%d cases" % len(jobs))


def stats(seed, count, kind):
    seen = collections.Counter()
    for i in range(count):
        if kind == "response":
            stream, methods = streams.responses(seed + i)
            events, ending, _ = rfc9112.response_events(stream, methods)
        else:
            events, ending, _ = rfc9112.request_events(streams.requests(seed + i))
        seen[ending] += 1
        seen.update(text.split(" ")[0] for _, text in events)
    print(dict(seen))


def main(argv):
    if argv[1] == "cases":
        cases(argv[2], argv[3])
    elif argv[1] == "stats":
        stats(int(argv[2]), int(argv[3]), argv[4])
    else:
        {"request": random_request, "response": random_response,
         "insert": random_insert}[argv[1]](argv[2], int(argv[3]), int(argv[4]))


main(sys.argv)
