"""A FUSE server that claims that its files are root's, and shows different contents to different
readers: fuse.py DIRECTORY UID READER. It has one file, "tool". The process whose name is READER
reads a content of its own.
"""
import ctypes
import os
import struct
import sys

directory, uid, reader = sys.argv[1], int(sys.argv[2]), sys.argv[3]
honest = b"#!/bin/bash\necho honest\n"
other = b"#!/bin/bash\necho STOLEN\n"
LOOKUP, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR = 1, 3, 14, 15, 17, 18, 25, 26, 27
FORGET, BATCH_FORGET, INTERRUPT = 2, 42, 36
ENOENT, ENOSYS = 2, 38
DIRECT_IO = 1
ROOT, TOOL = 1, 2

device = os.open("/dev/fuse", os.O_RDWR)
libc = ctypes.CDLL(None, use_errno=True)
options = f"fd={device},rootmode=40000,user_id={uid},group_id={uid},allow_other"
if libc.mount(b"envseal,user_id=0", directory.encode(), b"fuse", 2 | 4, options.encode()) < 0:  # nosuid, nodev
    sys.exit(os.strerror(ctypes.get_errno()))


def attributes(node):
    mode = 0o40755 if node == ROOT else 0o100755
    return struct.pack("<6Q3I7I", node, len(honest), 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def content(pid):
    with open(f"/proc/{pid}/comm") as name:
        return other if name.read().strip() == reader else honest


def answer(operation, node, pid, body):
    if operation == INIT:
        return struct.pack("<4I2H2I2H8I", 7, 31, 65536, 0, 0, 0, 4096, 1, 0, 0, *[0] * 8)
    if operation == LOOKUP and body == b"tool\0":
        return struct.pack("<4Q2I", TOOL, 0, 0, 0, 0, 0) + attributes(TOOL)
    if operation == GETATTR:
        return struct.pack("<Q2I", 0, 0, 0) + attributes(node)
    if operation in (OPEN, OPENDIR):
        return struct.pack("<Q2I", 0, DIRECT_IO, 0)
    if operation == READ:
        offset, size = struct.unpack_from("<8xQI", body)
        return content(pid)[offset:offset + size]
    if operation == STATFS:
        return struct.pack("<5Q4I24x", 0, 0, 0, 0, 0, 4096, 255, 4096, 0)
    if operation in (RELEASE, FLUSH):
        return b""
    return -(ENOENT if operation == LOOKUP else ENOSYS)


print("mounted", flush=True)
while True:
    request = os.read(device, 1 << 20)
    _, operation, unique, node, _, _, pid, _ = struct.unpack_from("<IIQQ4I", request)
    if operation in (FORGET, BATCH_FORGET, INTERRUPT):
        continue
    said = answer(operation, node, pid, request[40:])
    error, data = (said, b"") if isinstance(said, int) else (0, said)
    os.write(device, struct.pack("<IiQ", 16 + len(data), error, unique) + data)
