#!/usr/bin/python3
"""Members that change all the time, and programs that make requests meanwhile: live.py SOCKET LEAST
prints the port of a sink, reads "NAME PID PORT" of each server and "NAME - FIFO" of each loop, and an
empty line, and goes on until LEAST requests came from each and LEAST * 10 changes were made.

Changes 1, 2, 3 ... of a target are made one after another, and what change n leaves there is known
(state()). A request is told, in its path, the last change that was answered before it was asked for,
and the sink knows the last one that was begun when it arrives. What it carries must be what one of the
changes between these left: neither an older state, nor a mixture of two, nor none."""
import ctypes
import multiprocessing
import socket
import struct
import sys
import threading
import time

HELLO, SET, UNSET, CLEAR, END = 1, 3, 4, 5, 68
PID, ALL, MEMBERS, KEY = 1, 5, 6, 7
PAUSE = 0.001  # between changes of all targets: a thousand a second of each, if the machine can


def field(tag, data):
    return struct.pack("=HH", tag, len(data)) + data


def message(kind, *fields):
    body = b"".join(fields)
    return struct.pack("=IHHII", 16 + len(body), 1, kind, 7, 0) + body


def order(target, prefix, n):
    """Change n, of five kinds by turns."""
    a, b = b"%sa" % prefix, b"%sb" % prefix
    kind = n % 5
    if kind == 0:  # not CLEAR: a process's members may have come from the fleet
        return message(UNSET, target, field(KEY, a), field(KEY, b))
    if kind == 4:
        return message(UNSET, target, field(KEY, b))
    return message(SET, target, field(MEMBERS, b"%s=%d,%s=%d" % (a, n, b, n)))


def state(n):
    """(a, b) after change n."""
    kind = n % 5
    return (None, None) if kind == 0 else (n - 1, None) if kind == 4 else (n, n)


class Target:
    """Its own, and the changes of it: begun and answered."""

    def __init__(self, prefix, pid):
        self.prefix = prefix.encode()
        self.to = field(ALL, b"") if pid is None else field(PID, struct.pack("=I", pid))
        self.begun = multiprocessing.RawValue(ctypes.c_uint64, 0)
        self.answered = multiprocessing.RawValue(ctypes.c_uint64, 0)

    def change(self, agent):
        n = self.begun.value + 1
        self.begun.value = n
        agent.send(order(self.to, self.prefix, n))
        if struct.unpack_from("=H", agent.recv(65536), 6)[0] != END:
            sys.exit("change %d of '%s' is refused" % (n, self.prefix.decode()))
        self.answered.value = n


def change_all(targets, stop):
    agent = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    agent.settimeout(60)
    agent.connect(sys.argv[1])
    agent.send(message(HELLO))
    agent.recv(65536)
    due = time.monotonic()
    while not stop.value:
        for target in targets:
            target.change(agent)
        due = max(due + PAUSE, time.monotonic() - 1)
        time.sleep(max(0, due - time.monotonic()))


def head_of(stream):
    """The first line and the lines of one head, or nothing."""
    lines = []
    while (line := stream.readline().rstrip(b"\r\n")):
        lines.append(line.decode())
    return lines


class Sink:
    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.targets, self.seen, self.states, self.wrong = {}, {}, {}, []
        self.lock = threading.Lock()
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            peer = self.listener.accept()[0]
            threading.Thread(target=self.serve, args=(peer,), daemon=True).start()

    def serve(self, peer):
        with peer, peer.makefile("rb") as stream:
            while (lines := head_of(stream)):
                begun = {name: t.begun.value for name, t in self.targets.items()}
                self.look(lines, begun)
                peer.sendall(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok")

    def look(self, lines, begun):
        # /NAME/from=N/TARGET=LAST,TARGET=LAST
        _, name, brought, floors = lines[0].split()[1].split("/")
        values = [l.split(":", 1)[1].strip() for l in lines if l.lower().startswith("baggage:")]
        pairs = [m.split("=") for v in values for m in v.split(",")]
        members = dict(map(tuple, pairs))
        good = len(values) <= 1 and len(members) == len(pairs)
        good &= brought == "-" or members.pop("brought", None) == brought
        for floor in floors.split(","):
            target, answered = floor.split("=")
            got = tuple(int(v) if v else None for v in
                        (members.pop(target + k, None) for k in "ab"))
            good &= got in map(state, range(int(answered), begun[target] + 1))
            with self.lock:
                self.states.setdefault(name, set()).add(got)
        good &= not members
        with self.lock:
            self.seen[name] = self.seen.get(name, 0) + 1
            if not good:
                self.wrong.append((name, floors, begun, values))


class Asker:
    """Asks one program for requests, one after another."""

    def __init__(self, name, where, targets):
        self.name, self.where, self.targets, self.count = name, where, targets, 0
        self.failed = None

    def path(self):
        self.count += 1
        floors = ",".join("%s=%d" % (name, t.answered.value) for name, t in self.targets.items())
        return "/%s/%s/%s" % (self.name, self.count if self.where.isdigit() else "-", floors)

    def ask(self, stop):
        try:
            if self.where.isdigit():
                self.ask_server(stop)
            else:
                with open(self.where + ".in", "w") as out, open(self.where + ".out") as answers:
                    while not stop.value:
                        print(self.path(), file=out, flush=True)
                        if answers.readline() != "ok\n":
                            raise OSError("the loop has ended")
        except OSError as e:
            self.failed = e

    def ask_server(self, stop):
        server = socket.create_connection(("127.0.0.1", int(self.where)), timeout=60)
        stream = server.makefile("rb")
        while not stop.value:
            path = self.path()
            server.sendall(b"GET %s HTTP/1.1\r\nhost: b.test\r\nbaggage: brought=%d\r\n\r\n"
                           % (path.encode(), self.count))
            if not head_of(stream) or stream.read(2) != b"ok":
                raise OSError("no answer to " + path)


def main():
    sys.setswitchinterval(0.0005)
    sink, least = Sink(), int(sys.argv[2])
    print(sink.listener.getsockname()[1], flush=True)
    fleet, askers = Target("", None), []
    sink.targets["f"] = fleet
    fleet.prefix = b"f"
    for line in iter(sys.stdin.readline, "\n"):
        name, pid, where = line.split()
        mine = {"f": fleet}
        if pid != "-":
            mine[name] = sink.targets[name] = Target(name, int(pid))
        askers.append(Asker(name, where, mine))
    stop = multiprocessing.RawValue(ctypes.c_bool, False)
    changer = multiprocessing.Process(target=change_all, args=(sink.targets.values(), stop))
    began = time.monotonic()
    changer.start()
    threads = [threading.Thread(target=a.ask, args=(stop,)) for a in askers]
    for thread in threads:
        thread.start()
    changes = lambda: sum(t.answered.value for t in sink.targets.values())
    while changer.is_alive() and all(t.is_alive() for t in threads):
        if changes() >= 10 * least and all(sink.seen.get(a.name, 0) >= least for a in askers):
            break
        time.sleep(0.02)
    took, made = time.monotonic() - began, changes()
    stop.value = True
    for one in threads + [changer]:
        one.join()
    print("# %d changes in %.1f s, %d a second, while %s requests were made" % (
        made, took, made / took, ", ".join("%d by %s" % (sink.seen.get(a.name, 0), a.name)
                                           for a in askers)))
    for asker in askers:
        print(asker.name, "failed" if asker.failed else "answered", "asked" if sink.seen.get(
            asker.name, 0) >= asker.count else "lost",
            "many" if len(sink.states.get(asker.name, ())) > 20 else "few")
        if asker.failed:
            print(asker.failed)
    print("wrong", len(sink.wrong))
    for wrong in sink.wrong[:5]:
        print(*wrong)


main()
