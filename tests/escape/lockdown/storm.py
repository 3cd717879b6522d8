# storm.py here|away|kept COMMAND...: runs COMMAND in our process group, with our terminal on 0-2, as
# standard input alone or on descriptor 5 alone, once for each of three signals that the kernel sends
# to whole groups. Prints how many of those arrived.
import os
import pty
import signal
import subprocess
import sys

# What COMMAND is to run: `python3 -c ATTACK NUMBER DESCRIPTOR`. It stays in the group, makes another
# the foreground, and reads or writes; or changes the size.
ATTACK = """
import fcntl, os, signal, sys, termios, time
number, terminal = int(sys.argv[1]), int(sys.argv[2])
signal.signal(signal.SIGTTIN, lambda *unused: None)
signal.signal(signal.SIGTTOU, signal.SIG_IGN)
signal.signal(signal.SIGWINCH, signal.SIG_IGN)
signal.siginterrupt(signal.SIGTTIN, True)
def foreground(to):
    try:
        os.tcsetpgrp(terminal, to)
    except OSError:
        pass
def once():
    child = os.fork()
    if child == 0:
        if number == signal.SIGWINCH:
            fcntl.ioctl(terminal, termios.TIOCSWINSZ, os.urandom(8))
            os._exit(0)
        signal.signal(signal.SIGTTOU, lambda *unused: os._exit(0))
        signal.signal(signal.SIGTTIN, lambda *unused: os._exit(0))
        signal.alarm(1)
        if number == signal.SIGTTIN:
            os.set_blocking(terminal, False)
            os.read(terminal, 1)
        termios.tcsetattr(terminal, termios.TCSANOW, termios.tcgetattr(terminal))
        os._exit(0)
    os.waitpid(child, 0)
other = os.fork()
if other == 0 and number == signal.SIGWINCH:
    time.sleep(60)
if other == 0:
    os.setpgid(0, 0)
    foreground(os.getpgrp())
    time.sleep(60)
time.sleep(0.2)
for i in range(20):
    once()
os.kill(other, signal.SIGKILL)
"""

SIGNALS = {"SIGTTIN": signal.SIGTTIN, "SIGTTOU": signal.SIGTTOU, "SIGWINCH": signal.SIGWINCH}

# The descriptor of COMMAND's that is the terminal, and where its others lead.
AWAY = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
WHERE = {"here": (0, {}), "away": (0, AWAY), "kept": (5, {"stdin": subprocess.DEVNULL, **AWAY})}


def leader(where, command, report):
    count = 0
    terminal, given = WHERE[where]
    os.dup2(0, terminal)

    def seen(*unused):
        nonlocal count
        count += 1

    for name, number in SIGNALS.items():
        for each in SIGNALS.values():
            signal.signal(each, signal.SIG_IGN)
        count = 0
        signal.signal(number, seen)
        subprocess.run([*command, "-c", ATTACK, str(int(number)), str(terminal)], **given, pass_fds=(terminal,),
                       restore_signals=False, check=False)
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        os.tcsetpgrp(0, os.getpgrp())
        os.write(report, f"{name} {'some' if count else 'none'}\n".encode())


def job(where, command, report):
    """As a shell starts one: in a group of its own, which has the terminal. An orphaned group would get no signal."""
    signal.signal(signal.SIGTTOU, signal.SIG_IGN)
    child = os.fork()
    if child == 0:
        os.setpgid(0, 0)
        os.tcsetpgrp(0, os.getpgrp())
        leader(where, command, report)
        os._exit(0)
    os.waitpid(child, 0)


def main():
    ours, report = os.pipe()
    child, master = pty.fork()
    if child == 0:
        job(sys.argv[1], sys.argv[2:], report)
        os._exit(0)
    os.close(report)
    with open(ours, encoding="ascii") as lines:
        print(lines.read(), end="")
    os.waitpid(child, 0)
    os.close(master)


if __name__ == "__main__":
    main()
