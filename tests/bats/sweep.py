"""Tries every resource limit that a caller can set, at many values: each run succeeds, or is
refused with a message.

    sweep.py COMMAND SECRET     with envseal-exec in $ENVSEAL_EXEC and a policy for bash that delivers ONE
"""

import os
import resource
import subprocess
import sys

EXEC = os.environ["ENVSEAL_EXEC"]
VALUES = [0] + [1 << power for power in (4, 6, 10, 13, 15, 17, 19, 22)]
# Below this the kernel has no room for any program's arguments.
STACK_OF_ANY_PROGRAM = 32 << 10


def limits():
    """CPU to RTTIME; python's resource lacks some names."""
    return range(16)


def run(command, limit, value):
    hard = resource.getrlimit(limit)[1]
    if hard != resource.RLIM_INFINITY and value > hard:
        return 7, "", ""
    try:
        done = subprocess.run(
            command, preexec_fn=lambda: resource.setrlimit(limit, (value, value)), capture_output=True, text=True,
            timeout=20, check=False)
    except subprocess.TimeoutExpired:
        return "a hang", "", ""
    return done.returncode, done.stdout, done.stderr


def may_be_killed(limit, value):
    """By the kernel, whatever the program: without processor time, stack, or room for itself."""
    if limit == resource.RLIMIT_CPU:
        return value == 0
    if limit == resource.RLIMIT_STACK:
        return value < STACK_OF_ANY_PROGRAM
    return run([EXEC, "--version"], limit, value)[0] < 0


def fine(status, out, err, limit, value):
    if status == 7:
        return not err
    if status in (125, 126):
        return err.startswith("envseal-exec: ") and not out
    return isinstance(status, int) and status < 0 and may_be_killed(limit, value)


# bash itself may not start with little memory: then it says so, with a status of its own.
def its_own(status, limit, value):
    return status in (1, 2, 127, -11) and run([sys.argv[1], "-c", "exit 7"], limit, value)[0] != 7


TARGET = [EXEC, sys.argv[1], "-c", '[ "$ONE" = "$1" ] && exit 7; echo WRONG', "bash", sys.argv[2]]
wrong = 0
for limit in limits():
    for value in VALUES:
        result = run(TARGET, limit, value)
        if not fine(*result, limit, value) and not its_own(result[0], limit, value):
            print(f"limit {limit} at {value}: {result}")
            wrong += 1
print(f"{wrong} wrong")
