# traced.py COMMAND...: runs COMMAND like a debugger, traced from its exec on.
import ctypes
import os
import sys

TRACEME, CONT = 0, 7
libc = ctypes.CDLL(None, use_errno=True)
pid = os.fork()
if pid == 0:
    libc.ptrace(TRACEME, 0, None, None)
    os.execvp(sys.argv[1], sys.argv[1:])
status = os.waitpid(pid, 0)[1]
while os.WIFSTOPPED(status):
    # The SIGTRAP of its exec is ours; every other signal is its own.
    signal = os.WSTOPSIG(status)
    libc.ptrace(CONT, pid, None, ctypes.c_void_p(0 if signal == 5 else signal))
    status = os.waitpid(pid, 0)[1]
sys.exit(os.waitstatus_to_exitcode(status))
