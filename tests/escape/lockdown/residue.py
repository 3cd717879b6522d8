# residue.py WAYS PLACE ENVSEAL_EXEC PROGRAM: the ways that lockdown leaves open, so that
# SECURITY.md's list is exact. Each row: the program's action, and how the host sees it.
import ctypes
import fcntl
import os
import socket
import struct
import subprocess
import sys

from stage import Stage, ours, libc


def target(stage, program):
    """The sandboxed process, by its number outside: the youngest that runs as `program`."""
    found = []
    for entry in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open(f"/proc/{entry}/cmdline", "rb") as file:
                words = file.read().split(b"\0")
        except OSError:
            continue
        if words[0] == program.encode() and b"hold" in words:
            found.append(int(entry))
    return max(found)


def locked(stage, program):
    with open(f"{stage.path}/kept", "rb") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return True
    return False


def range_locked(stage, program):
    wanted = struct.pack("hhqqi4x", fcntl.F_WRLCK, os.SEEK_SET, 4711, 1, 0)
    with open(f"{stage.path}/kept", "rb") as file:
        return struct.unpack("hhqqi4x", fcntl.fcntl(file, fcntl.F_GETLK, wanted))[0] != fcntl.F_UNLCK


def read_from(stage, program):
    try:
        os.close(os.open(f"{stage.path}/fifo", os.O_WRONLY | os.O_NONBLOCK))
    except OSError:
        return False
    return True


def renamed(stage, program):
    with open(f"/proc/{target(stage, program)}/comm", encoding="ascii") as file:
        return file.read() == "LEAK\n"


def rewritten(stage, program):
    with open(f"/proc/{target(stage, program)}/cmdline", "rb") as file:
        return b"\0LEAK" in file.read()


def watched(stage, program):
    return bool(os.read(stage.watch, 4096))


def pipes_stay_small(stage, program):
    reading, writing = os.pipe()
    try:
        fcntl.fcntl(writing, 1031, 1 << 20)  # F_SETPIPE_SZ
    except PermissionError:
        return True
    finally:
        os.close(reading)
        os.close(writing)
    return False


def descriptors_are_refused(stage, program):
    ours_end, theirs = socket.socketpair()
    with ours_end, theirs:
        try:
            socket.send_fds(ours_end, [b"x"], [0])
        except OSError:
            return True
    return False


ROWS = {"flock": locked, "lock-range": range_locked, "fifo-reader": read_from, "comm": renamed,
        "argv": rewritten, "inotify": watched}
# These quotas do not bind root.
if os.geteuid() != 0:
    ROWS.update({"pipes": pipes_stay_small, "in-flight": descriptors_are_refused})


def main():
    ways, place, envseal, program = sys.argv[1:]
    ours()
    problems = []
    for name, sees in ROWS.items():
        with Stage(place, ways) as stage:
            if name == "fifo-reader":
                os.close(stage.fifo)  # ours would be one
                stage.opened.remove(stage.fifo)
            stage.watch = stage.keep(libc.inotify_init1(os.O_NONBLOCK))
            before = sees(stage, program) if name not in ("comm", "argv", "inotify") else False
            libc.inotify_add_watch(stage.watch, f"{place}/kept".encode(), ctypes.c_uint32(0x20))  # IN_OPEN
            run = subprocess.Popen([envseal, program, "hold", place, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
            answer = run.stdout.readline()
            if answer != b"held\n" or before or not sees(stage, program):
                problems.append(f"{name}: {answer}: no longer to be seen outside: say so in SECURITY.md")
            run.communicate()
    print(*problems, sep="\n")
    print(f"residue: {len(ROWS)} ways")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
