"""Starts a program in a state that a hostile caller may choose: state.py WORD[=VALUE]... -- PROGRAM
ARGUMENT..."""
import ctypes
import os
import resource
import signal
import sys

at = sys.argv.index("--")
program = sys.argv[at + 1]
arguments = sys.argv[at + 1 :]

LIMITS = {
    "as": resource.RLIMIT_AS,
    "core": resource.RLIMIT_CORE,
    "fsize": resource.RLIMIT_FSIZE,
    "memlock": resource.RLIMIT_MEMLOCK,
    "nofile": resource.RLIMIT_NOFILE,
    "nproc": resource.RLIMIT_NPROC,
    "sigpending": resource.RLIMIT_SIGPENDING,
    "stack": resource.RLIMIT_STACK,
}

for word in sys.argv[1:at]:
    name, _, value = word.partition("=")
    if name in LIMITS:
        last = (LIMITS[name], (int(value), int(value)))
        resource.setrlimit(*last)
    elif name == "close":
        os.close(int(value))
    elif name == "ignore":
        signal.signal(getattr(signal, value), signal.SIG_IGN)
    elif name == "block":
        signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    elif name == "timer":
        signal.setitimer(getattr(signal, value), 0.3)
    elif name == "umask":
        os.umask(int(value, 8))
    elif name == "merge":
        ctypes.CDLL(None).prctl(67, 1, 0, 0, 0)  # PR_SET_MEMORY_MERGE
    elif name == "remove-directory":
        os.rmdir(os.getcwd())
    elif name == "no-arguments":
        nothing = (ctypes.c_char_p * 1)(None)
        ctypes.CDLL(None).execve(program.encode(), nothing, nothing)
        sys.exit("cannot execute")
    else:
        sys.exit("unknown: " + word)
os.execv(program, arguments)
