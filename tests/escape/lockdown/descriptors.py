# descriptors.py PROGRAM PLACE ENVSEAL_EXEC: what a program can do with its standard input. A row is
# a kind of descriptor and the ways to try on it. Outside each way must work and have a visible
# effect. In lockdown the descriptor is refused and nothing runs, or the way fails without effect.
import ctypes
import fcntl
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import termios

from judge import parse, say, REFUSALS
from stage import Stage, ours, libc


class Given:
    """A descriptor for standard input, and how its other side looks."""

    def __init__(self, fd, look=lambda: None, also=()):
        self.fd, self.look, self.also = fd, look, also

    def close(self):
        for fd in {self.fd, *self.also}:
            os.close(fd)


def directory(stage):
    """Below the stage's, so that \"..\" leads to what is looked at."""
    return Given(os.open(f"{stage.path}/empty", os.O_RDONLY | os.O_DIRECTORY))


def path_of_directory(stage):
    return Given(os.open(f"{stage.path}/empty", os.O_PATH | os.O_DIRECTORY))


def path_of_file(stage):
    return Given(os.open(f"{stage.path}/kept", os.O_PATH))


def read_only_file(stage):
    fd = os.open(f"{stage.path}/kept", os.O_RDONLY)
    return Given(fd, lambda: os.lseek(fd, 0, os.SEEK_CUR))


def appending_file(stage):
    return Given(os.open(f"{stage.path}/kept", os.O_WRONLY | os.O_APPEND))


def readable(fd):
    return os.read(fd, 64) if select.select([fd], [], [], 0)[0] else b""


def unix_datagram(stage):
    ours_end, theirs = (os.dup(one.detach()) for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM))
    return Given(theirs, lambda: readable(ours_end), [ours_end])


def unix_stream(stage):
    ours_end, theirs = (one.detach() for one in socket.socketpair())
    return Given(theirs, lambda: readable(ours_end), [ours_end])


def unix_packets(stage):
    ours_end, theirs = (one.detach() for one in socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET))
    return Given(theirs, lambda: readable(ours_end), [ours_end])


def tcp(stage):
    with socket.create_server(("127.0.0.1", 0)) as server:
        theirs = socket.create_connection(server.getsockname()).detach()
        ours_end = server.accept()[0].detach()
    return Given(theirs, lambda: readable(ours_end), [ours_end])


def udp(stage):
    one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    one.connect(("127.0.0.1", stage.facts["udp4"]))
    return Given(one.detach())


def memory_file(stage):
    whole = os.memfd_create("envseal")
    os.write(whole, b"kept" * 1000)
    return Given(os.open(f"/proc/self/fd/{whole}", os.O_RDONLY), lambda: os.pread(whole, 8, 0), [whole])


def deleted_file(stage):
    path = f"{stage.path}/deleted"
    whole = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    os.write(whole, b"kept" * 1000)
    fd = os.open(path, os.O_RDONLY)
    os.unlink(path)
    return Given(fd, lambda: (os.pread(whole, 8, 0), os.fstat(whole).st_mode, os.fstat(whole).st_mtime_ns), [whole])


def pipe(stage):
    """Others read it too."""
    fd, other = os.pipe()
    return Given(fd, lambda: readable(fd), [other])


def fifo(stage):
    other = os.open(f"{stage.path}/fifo", os.O_RDWR | os.O_NONBLOCK)
    return Given(os.open(f"{stage.path}/fifo", os.O_RDONLY), also=[other])


def message_queue(stage):
    """The host's, opened before its name was out of reach."""
    return Given(libc.mq_open(stage.facts["queue"].encode(), os.O_WRONLY | os.O_NONBLOCK))


def counter(stage):
    fd = libc.eventfd(0, os.O_NONBLOCK)
    return Given(fd, lambda: readable(fd))


def process(stage):
    return Given(os.pidfd_open(stage.victim.pid))


def namespace(stage):
    return Given(os.open("/proc/self/ns/net", os.O_RDONLY))


def master(stage):
    keyboard, screen = pty.openpty()
    settings = termios.tcgetattr(screen)
    settings[3] &= ~(termios.ICANON | termios.ECHO)
    termios.tcsetattr(screen, termios.TCSANOW, settings)
    return Given(keyboard, lambda: readable(screen), [screen])


def null_device(stage):
    """One of its own, for the machine's is not to change."""
    os.mknod(f"{stage.path}/null", 0o20666, os.makedev(1, 3))
    return Given(os.open(f"{stage.path}/null", os.O_RDWR))


def nothing(stage):
    """But the program itself: by /proc/self/exe it reaches its own file, through the mount that it came from."""
    os.chmod(stage.ways, 0o755)
    return Given(os.open("/dev/null", os.O_RDONLY), lambda: Stage.describe(stage.ways))


CHANGES = ["fchmod", "futimens", "futimens-now", "fsetxattr", "setflags"]
ROOT = os.geteuid() == 0
ROWS = [
    (directory, ["openat", "openat-above", "fchdir", *CHANGES]),
    (path_of_directory, ["openat", "openat-above", "fchdir"]),
    (path_of_file, ["reopen"]),
    (read_only_file, ["reopen", "reopen-rdwr", "reopen-emptying", "lseek", *CHANGES]),
    (deleted_file, ["reopen", "fchmod", "futimens"]),
    (appending_file, ["reopen-emptying", "ftruncate"]),
    (unix_datagram, ["write", "sendto"]),
    (unix_stream, ["write"]),
    (unix_packets, ["write"]),
    (tcp, ["write"]),
    (udp, ["write"]),
    (memory_file, ["reopen", "reopen-rdwr"]),
    (pipe, ["reopen", "reopen-rdwr"]),
    (fifo, ["reopen", "reopen-rdwr", "futimens"]),
    (message_queue, ["mq-send"]),
    (counter, ["write"]),
    (process, ["pidfd-send-signal"]),
    (master, ["write"]),
    (nothing, ["left-open-9", "left-open-200", "own-times", "own-mode", "own-attribute"]),
    *([(namespace, ["setns"]), (null_device, ["fchmod", "futimens", "futimens-now"])] if ROOT else []),
]
# Nothing can be done with them that is seen; lockdown takes only what it knows.
ODD = {
    "epoll": lambda: libc.epoll_create1(0),
    "inotify": lambda: libc.inotify_init1(0),
    "signal": lambda: libc.signalfd(-1, ctypes.create_string_buffer(128), 0),
    "timer": lambda: libc.timerfd_create(0, 0),
    "netlink": lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0).detach(),
    "unconnected UDP socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).detach(),
}
# Numbers that are left open beside 0-2.
LEFT_OPEN = (9, 200)


class Descriptors:
    def __init__(self, program, place, envseal):
        self.program, self.place, self.envseal = program, place, envseal
        self.problems, self.shown, self.closed = [], 0, 0

    def attempt(self, make, way, argv):
        with Stage(self.place, self.program) as stage:
            given = make(stage)
            left_open = os.open(f"{self.place}/kept", os.O_RDWR)
            for number in LEFT_OPEN:
                os.dup2(left_open, number)
            before = stage.look()
            before_other = given.look()
            run = stage.run([*argv, self.program, "take", self.place, "descriptors", way], stdin=given.fd, pass_fds=LEFT_OPEN)
            seen = stage.changes(before, 0.05)
            if given.look() != before_other:
                seen.append("the other side")
            given.close()
            os.close(left_open)
        return run, parse(run.stdout).get(way), seen

    def row(self, make, way):
        label = f"{make.__name__}: {way}"
        run, result, seen = self.attempt(make, way, [])
        if result == "out" and (seen or way == "setns"):
            self.shown += 1
        elif way not in ("fsetxattr", "own-attribute", "setflags"):
            self.problems.append(f"{label}: does not even work outside: {say(result)}, seen: {seen}, {run.stderr}")
        run, result, seen = self.attempt(make, way, [self.envseal])
        refused = run.returncode == 125 and not run.stdout
        # What went to the sandbox's own copy, or stopped in its relay, got nowhere.
        if seen or not (refused or result in REFUSALS or (result == "out" and way != "setns")):
            self.problems.append(f"{label}: {say(result)} in lockdown, seen: {seen}, status {run.returncode}, {run.stderr}")
        else:
            self.closed += 1

    def odd(self, name, make):
        fd = make()
        run = subprocess.run([self.envseal, self.program, "list"], stdin=fd, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, check=False)
        os.close(fd)
        if run.returncode == 125 and not run.stdout:
            self.closed += 1
        else:
            self.problems.append(f"{name} as standard input: lockdown ran with it")


def main():
    ours()
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    reserved = os.open("/dev/null", os.O_RDWR)
    for number in LEFT_OPEN:
        os.dup2(reserved, number)
    judge = Descriptors(*sys.argv[1:])
    for make, ways in ROWS:
        for way in ways:
            judge.row(make, way)
    for name, make in ODD.items():
        judge.odd(name, make)
    print(*judge.problems, sep="\n")
    print(f"descriptors: {judge.shown} ways shown to work outside, {judge.closed} closed inside")
    return 1 if judge.problems else 0


if __name__ == "__main__":
    sys.exit(main())
