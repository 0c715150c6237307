"""Holds `bellhop parse --json` and `bellhop format --json` to the vectors of the codec:
cli_vectors.py FILE BELLHOP
"""
import json
import subprocess
import sys

from baggage_vectors import load


def call(program, command, data):
    done = subprocess.run([program, *command], input=data, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=True, timeout=60)
    return done.stdout


def parse(program, lines):
    """NUL separates values here, so that a value may hold every other byte."""
    return json.loads(call(program, ["parse", "-0", "--json"], b"".join(x + b"\0" for x in lines)))


def text(octets):
    return octets.decode("utf-8", "replace")


def parse_faults(v, program):
    if any(b"\0" in line for line in v.lines):
        return
    got = parse(program, v.lines)
    if set(got) != {"members", "dropped", "bytes"}:
        yield f"the object has {sorted(got)}"
    members = [(m["key"], m["value"], m["metadata"]) for m in got["members"]]
    if v.members is not None:
        expected = [(text(k), text(val), text(meta)) for k, val, meta, _ in v.members]
        if members != expected:
            yield f"members {members}, not {expected}"
    if v.count is not None and len(members) != v.count:
        yield f"{len(members)} members, not {v.count}"
    if v.bytes is not None and got["bytes"] != v.bytes:
        yield f"{got['bytes']} bytes, not {v.bytes}"
    sent = call(program, ["format", "--json"], json.dumps(got).encode()).rstrip(b"\n")
    again = parse(program, [sent])
    # What was decoded may need more bytes than before, so a full list may lose its last members.
    if again["members"] != got["members"] and got["bytes"] < 2000:
        yield f"formatted as {sent}, which reads as {again['members']}"


def format_faults(v, program):
    members = [{"key": text(k), "value": text(val),
                "metadata": ";".join(text(a) if b is None else f"{text(a)}={text(b)}"
                                     for a, b in props)}
               for k, val, props in v.compose]
    if any(p for *_, p in v.compose):
        return  # property values are given encoded here, and plain there
    sent = call(program, ["format", "--json"], json.dumps({"members": members}).encode())
    got = parse(program, [sent.rstrip(b"\n")])
    if v.count is not None and len(got["members"]) != v.count:
        yield f"{len(got['members'])} members, not {v.count}"
    if v.bytes is not None and got["bytes"] != v.bytes:
        yield f"{got['bytes']} bytes, not {v.bytes}"
    if v.text is not None and got["members"] != parse(program, [v.text])["members"]:
        yield f"{sent} is not {v.text}"


def main(path, program):
    failed = 0
    vectors = load(path)
    for v in vectors:
        why = list((format_faults if v.compose else parse_faults)(v, program))
        failed += bool(why)
        if why:
            print(f"{v.name}: {why}"[:2000])
    print(f"{len(vectors)} vectors, {failed} failed")
    return 1 if failed or not vectors else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
