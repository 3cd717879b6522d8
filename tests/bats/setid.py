# Tries to make a set-group-ID file in every way, and prints the ways that worked.
# Usage: setid.py DIRECTORY
import ctypes
import os
import shutil
import stat
import struct
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
os.umask(0)
os.chdir(sys.argv[1])
AT_FDCWD, MODE = -100, 0o2755


def syscall(number, *arguments):
    if libc.syscall(number, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def copied(name):
    shutil.copyfile("/usr/bin/id", name)
    return name


def fchmod(name):
    with open(copied(name), "rb") as file:
        os.fchmod(file.fileno(), MODE)


def opened(name):
    os.close(os.open(name, os.O_CREAT | os.O_WRONLY, MODE))


def unnamed(name):
    fd = os.open(".", os.O_TMPFILE | os.O_WRONLY, MODE)
    os.link(f"/proc/self/fd/{fd}", name, src_dir_fd=fd, follow_symlinks=True)


def opened2(name):
    how = ctypes.create_string_buffer(struct.pack("QQQ", os.O_CREAT | os.O_WRONLY, MODE, 0))
    syscall(437, AT_FDCWD, name.encode(), how, 24)


def tar(name):
    subprocess.run(["tar", "--mode=2755", "-cf", "archive", "-C", "/usr/bin", "id"], check=True)
    subprocess.run(["tar", "-xpf", "archive", "--transform", f"s/.*/{name}/"], check=True, stderr=subprocess.DEVNULL)


ways = {
    "chmod": lambda name: os.chmod(copied(name), MODE),
    "fchmod": fchmod,
    "fchmodat2": lambda name: syscall(452, AT_FDCWD, copied(name).encode(), MODE, 0),
    "open": opened,
    "O_TMPFILE": unnamed,
    "openat2": opened2,
    "mknod": lambda name: os.mknod(name, stat.S_IFREG | MODE),
    "chmod(1)": lambda name: subprocess.run(["chmod", "2755", copied(name)], check=True, stderr=subprocess.DEVNULL),
    "install": lambda name: subprocess.run(
        ["install", "-m", "2755", "/usr/bin/id", name], check=True, stderr=subprocess.DEVNULL
    ),
    "tar": tar,
}
made = []
for way, make in ways.items():
    name = "made-" + "".join(c for c in way if c.isalnum())
    try:
        make(name)
    except (OSError, subprocess.CalledProcessError):
        pass
    if os.path.exists(name) and os.stat(name).st_mode & stat.S_ISGID:
        made.append(way)
print("made:", *made)
