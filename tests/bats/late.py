"""Runs COMMAND... on a terminal. Stops its supervisor once COMMAND sleeps, and then ends the sleep.
So everything that COMMAND prints afterwards is still unread when COMMAND has ended. Prints that
output, and ends like COMMAND, or with 124 if the supervisor is not done after 20 seconds."""
import os
import pty
import signal
import sys
import time


def children(pid):
    try:
        with open(f"/proc/{pid}/task/{pid}/children") as file:
            return [int(word) for word in file.read().split()]
    except OSError:
        return []


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rsplit(")", 1)[1].split()[0]


def sleeper(pid):
    """That process, or one below it."""
    try:
        with open(f"/proc/{pid}/comm") as file:
            if file.read() == "sleep\n":
                return pid
    except OSError:
        return None
    return next(filter(None, map(sleeper, children(pid))), None)


def until(condition):
    while not (answer := condition()):
        time.sleep(0.02)
    return answer


def read_all(master):
    while True:
        try:
            text = os.read(master, 65536)
        except OSError:
            return
        if not text:
            return
        os.write(1, text)


supervisor, master = pty.fork()
if supervisor == 0:
    os.execv(sys.argv[1], sys.argv[1:])
sleeping = until(lambda: sleeper(supervisor))
os.kill(supervisor, signal.SIGSTOP)
os.kill(sleeping, signal.SIGTERM)
until(lambda: all(state(child) == "Z" for child in children(supervisor)))
signal.signal(signal.SIGALRM, lambda *_: (os.kill(supervisor, signal.SIGKILL), os._exit(124)))
signal.alarm(20)
os.kill(supervisor, signal.SIGCONT)
read_all(master)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(supervisor, 0)[1]))
