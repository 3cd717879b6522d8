# log.py KIND FILE COMMAND...: makes a /dev/log of that kind, which nobody reads while the command
# runs. FILE gets the messages, one a line, each behind its sender's uid. Ends like the command, or
# with 99 after a minute.
import os
import socket
import stat
import struct
import subprocess
import sys

PATH = "/dev/log"
kind, out, command = sys.argv[1], sys.argv[2], sys.argv[3:]
listener = None
if kind in ("datagram", "full", "gone", "stream"):
    what = socket.SOCK_STREAM if kind == "stream" else socket.SOCK_DGRAM
    listener = socket.socket(socket.AF_UNIX, what)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
    listener.bind(PATH)
    listener.setblocking(False)
    os.chmod(PATH, 0o666)
if kind == "stream":
    listener.listen()
if kind == "gone":
    listener.close()
if kind == "full":
    sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    sender.connect(PATH)
    sender.setblocking(False)
    try:
        while True:
            sender.send(b"filler")
    except BlockingIOError:
        pass
if kind == "fifo":
    os.mkfifo(PATH, 0o666)
    os.chmod(PATH, 0o666)
    listener = os.open(PATH, os.O_RDWR | os.O_NONBLOCK)
if kind == "directory":
    os.mkdir(PATH, 0o777)
if kind == "file":
    os.close(os.open(PATH, os.O_WRONLY | os.O_CREAT, 0o666))
    os.chmod(PATH, 0o666)


def messages():
    while True:
        try:
            data, extra, _, _ = listener.recvmsg(8192, socket.CMSG_SPACE(12))
        except BlockingIOError:
            return
        uid = struct.unpack("iII", extra[0][2][:12])[1] if extra else -1
        if data != b"filler":
            yield f"{uid} ".encode() + data + b"\n"


def arrived():
    if kind in ("datagram", "full"):
        return b"".join(messages())
    try:
        if kind == "stream":
            return repr(listener.accept()).encode()
        if kind == "fifo":
            return os.read(listener, 8192)
    except BlockingIOError:
        return b""
    if kind == "file" and stat.S_ISREG(os.stat(PATH).st_mode):
        return open(PATH, "rb").read()
    return b""


try:
    status = subprocess.run(command, timeout=60).returncode
except subprocess.TimeoutExpired:
    status = 99
with open(out, "wb") as file:
    file.write(arrived())
sys.exit(status)
