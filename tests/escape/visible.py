"""Lists the files of a process that a user can read or open for writing: visible.py PID NEEDLE.

Prints one line for each file below /proc/PID, with r, w or both, and a line with NEEDLE for a file
that contains it.
"""
import os
import stat
import sys

top = f"/proc/{sys.argv[1]}"
needle = sys.argv[2].encode()


def readable(path, mode):
    try:
        if stat.S_ISLNK(mode):
            return bool(os.readlink(path))
        if stat.S_ISDIR(mode):
            return bool(os.listdir(path))
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            found = os.read(fd, 1 << 20)
            if needle in found:
                print("NEEDLE", path)
            return bool(found)
        finally:
            os.close(fd)
    except OSError:
        return False


def writable(path, mode):
    if not stat.S_ISREG(mode):
        return False
    try:
        os.close(os.open(path, os.O_WRONLY))
        return True
    except OSError:
        return False


def show(name):
    path = os.path.join(top, name)
    try:
        mode = os.lstat(path).st_mode
    except OSError:
        return
    letters = ("r" if readable(path, mode) else "") + ("w" if writable(path, mode) else "")
    if letters:
        print(letters, name)


for each in sorted(os.listdir(top)):
    show(each)
for directory in "fd", "fdinfo", "ns", "map_files", "attr":
    try:
        for each in sorted(os.listdir(os.path.join(top, directory))):
            show(f"{directory}/{each}")
    except OSError:
        pass
