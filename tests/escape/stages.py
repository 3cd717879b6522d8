"""Stops or kills each process of a run, at each stage of it.

stages.py stop|kill ROUNDS MICROSECONDS -- COMMAND...

Each round signals one process of the tree, a little later than the round before: the supervisor,
the mapper, the child before and after its exec, PID 1, the target, in turn. It then continues a
stopped process. Prints for each round the run's end and its last line: "ended STATUS OUTPUT"; then
"left N", the number of processes that wrongly remained.
"""
import ctypes
import os
import signal
import subprocess
import sys
import time

PR_SET_CHILD_SUBREAPER = 36
at = sys.argv.index("--")
how, rounds, step = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
command = sys.argv[at + 1 :]


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def tree(pid):
    return [pid] + [below for child in children(pid) for below in tree(child)]


def send(pid, number):
    try:
        os.kill(pid, number)
    except OSError:
        pass


def wait_at(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


def one(number):
    run = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    wait_at(number * step / 1e6)
    all_of_it = tree(run.pid)
    struck = all_of_it[number % len(all_of_it)]
    if how == "kill":
        send(struck, signal.SIGKILL)
    else:
        send(struck, signal.SIGSTOP)
        time.sleep(0.005)
        # Whoever reports a stop stops as well.
        for _ in range(400):
            for pid in tree(run.pid):
                send(pid, signal.SIGCONT)
            if run.poll() is not None:
                break
            time.sleep(0.01)
    try:
        output = run.communicate(timeout=30)[0].decode()
    except subprocess.TimeoutExpired:
        output = "hangs"
        run.kill()
    lines = output.splitlines() or [""]
    print("ended", run.returncode, lines[-1], flush=True)


def left():
    for _ in range(500):
        while True:
            try:
                if os.waitpid(-1, os.WNOHANG)[0] == 0:
                    break
            except ChildProcessError:
                return 0
        time.sleep(0.01)
    return len(tree(os.getpid())) - 1


ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
for each in range(rounds):
    one(each)
print("left", left())
