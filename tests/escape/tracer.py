"""A debugger that its target consents to: tracer.py UID GID TARGET-GID COMMAND...

Root starts it. It starts COMMAND with UID and TARGET-GID, and becomes UID and GID itself. COMMAND
prints an address in its memory, asks to be traced (PTRACE_TRACEME) and stops. Prints the data at
that address, or "refused".
"""
import ctypes
import os
import signal
import sys

PTRACE_PEEKDATA = 2
uid, gid, target_gid = map(int, sys.argv[1:4])
command = sys.argv[4:]
libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.restype = ctypes.c_long


def become(group):
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(uid, uid, uid)


def peek(pid, address):
    word = libc.ptrace(PTRACE_PEEKDATA, pid, ctypes.c_void_p(address), None)
    return word.to_bytes(8, sys.byteorder, signed=True).decode(errors="replace")


reader, writer = os.pipe()
target = os.fork()
if target == 0:
    become(target_gid)
    os.dup2(writer, 1)
    os.execv(command[0], command)
os.close(writer)
become(gid)
_, status = os.waitpid(target, os.WUNTRACED)
said = os.read(reader, 100).decode().split()
if os.WIFSTOPPED(status) and said[0] == "traced":
    print("took", peek(target, int(said[1])))
else:
    print("refused" if said == ["refused"] else f"{status} {said}")
if os.WIFSTOPPED(status):
    os.kill(target, signal.SIGKILL)
