"""What a caller can measure of a secret's length: the first size of something that the caller sets
at which the result changes.

    lengths.py arguments|stack|file COMMAND     with envseal-exec in $ENVSEAL_EXEC and a policy for bash
"""

import os
import resource
import subprocess
import sys

STACK = 1 << 20
ARGUMENT = 100000  # below MAX_ARG_STRLEN


def run(arguments, limit=None):
    """Its status and output; None when envseal-exec itself cannot be executed."""

    def set_limit():
        if limit:
            resource.setrlimit(limit[0], (limit[1], limit[1]))

    command = [os.environ["ENVSEAL_EXEC"], sys.argv[2], "-c", *arguments]
    # Little, so that the target's environment is the larger one, and the limit is felt there first.
    own = {"HOME": os.environ["HOME"]}
    try:
        done = subprocess.run(command, env=own, preexec_fn=set_limit, capture_output=True, text=True, check=False)
    except OSError:
        return None
    return done.returncode, done.stdout


def of_size(size):
    return ["a" * ARGUMENT] * (size // (ARGUMENT + 1)) + ["b" * (size % (ARGUMENT + 1))]


def arguments(size):
    """execve(2): argv and environment fit into a quarter of the stack."""
    return run(["exit 7", *of_size(size)], (resource.RLIMIT_STACK, STACK)) == (7, "")


def stack(size):
    """proc(5): VmStk, which the same uid sees of any process, grows by a page."""
    look = 'while read -r line; do case $line in VmStk*) echo "$line" ;; esac; done </proc/$$/status'
    return run([look, *of_size(size)]) == run([look, *of_size(0)])


def file(size):
    """setrlimit(2): a memory file is no larger than RLIMIT_FSIZE; downwards from where all is well."""
    return run(["exit 7"], (resource.RLIMIT_FSIZE, 4096 - size)) == (7, "")


def tips_over(holds, low, high):
    if not holds(low) or holds(high):
        sys.exit("there is nothing to measure")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


WAYS = {
    "arguments": (arguments, STACK // 4 - 4096, STACK // 4),
    "stack": (stack, 0, 4096),
    "file": (file, 0, 4096),
}
print(tips_over(*WAYS[sys.argv[1]]))
