# refuse.py CALL ERRNO COMMAND...: runs COMMAND under a seccomp filter that answers one call with
# ERRNO (x86-64 and arm64).
import ctypes
import errno
import os
import platform
import struct
import sys

X86 = platform.machine() == "x86_64"
# The number, and the first argument where only that one is refused.
CALLS = {
    "seccomp": (157 if X86 else 167, 22),  # prctl(PR_SET_SECCOMP)
    "landlock": (444, None),
    "memfd": (319 if X86 else 279, None),
    "mlock": (149 if X86 else 228, None),
}
LOAD, JUMP_IF_EQUAL, RETURN = 0x20, 0x15, 0x06
ALLOW, ERRNO = 0x7FFF0000, 0x00050000

number, first = CALLS[sys.argv[1]]
steps = [(LOAD, 0, 0, 0), (JUMP_IF_EQUAL, 0, 3 if first is not None else 1, number)]
if first is not None:
    steps += [(LOAD, 0, 0, 16), (JUMP_IF_EQUAL, 0, 1, first)]
steps += [(RETURN, 0, 0, ERRNO | getattr(errno, sys.argv[2])), (RETURN, 0, 0, ALLOW)]
code = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *step) for step in steps))


class Program(ctypes.Structure):
    _fields_ = [("count", ctypes.c_ushort), ("steps", ctypes.c_void_p)]


libc = ctypes.CDLL(None, use_errno=True)
program = Program(len(steps), ctypes.addressof(code))
if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, ctypes.byref(program), 0, 0):
    sys.exit("refuse.py: no filter: " + os.strerror(ctypes.get_errno()))
os.execvp(sys.argv[3], sys.argv[3:])
