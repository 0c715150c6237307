#!/usr/bin/python3
"""Plays systemd: systemd.py WAY SOCKET COMMAND... binds SOCKET, hands it over as descriptor 3 with
LISTEN_FDS, LISTEN_PID and NOTIFY_SOCKET, and prints what the command notifies, a line each, until it
ends. WAY: path, abstract (the notify socket), stale (LISTEN_PID is another's), stream (the socket is
of a wrong kind). The command is told to go by SIGTERM."""
import os
import signal
import socket
import sys

way, path, command = sys.argv[1], sys.argv[2], sys.argv[3:]
kind = socket.SOCK_STREAM if way == "stream" else socket.SOCK_SEQPACKET
listener = socket.socket(socket.AF_UNIX, kind)
listener.bind(path)
listener.listen(64)
name = "@bellhop-test-%d" % os.getpid() if way == "abstract" else path + ".notify"
notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
notify.bind("\0" + name[1:] if name[0] == "@" else name)
child = os.fork()
if child == 0:
    if listener.fileno() != 3:
        os.dup2(listener.fileno(), 3)
    os.set_inheritable(3, True)
    pid = os.getppid() if way == "stale" else os.getpid()
    os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(pid), LISTEN_FDNAMES="bellhop",
                      NOTIFY_SOCKET=name)
    os.execvp(command[0], command)
listener.close()
signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
notify.settimeout(0.05)
ended = None
while ended is None:
    try:
        print(notify.recv(4096).decode(), flush=True)
    except socket.timeout:
        pid, status = os.waitpid(child, os.WNOHANG)
        ended = os.waitstatus_to_exitcode(status) if pid else None
sys.exit(ended)
