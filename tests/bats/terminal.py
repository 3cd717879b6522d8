"""terminal.py ANSWER... -- COMMAND...: runs COMMAND on a terminal of its own, answers its prompts
(": " or "? ") one by one, then ends its input. Prints what the terminal showed. Ends with COMMAND's
status, or with 124 after a minute."""
import os
import pty
import select
import signal
import sys
import time

at = sys.argv.index("--")
answers, command = sys.argv[1:at], sys.argv[at + 1:]
END_OF_INPUT = b"\x04"


def start():
    child, terminal = pty.fork()
    if child == 0:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # which Python ignores
        os.execvp(command[0], command)
    return child, terminal


def asks(shown):
    line = shown.rpartition(b"\n")[2]
    return line.endswith((b": ", b"? ")) and not line.startswith(b"envseal:")


def next_input():
    return answers.pop(0).encode() + b"\n" if answers else END_OF_INPUT


def talk(terminal):
    """What was shown until the terminal's last user is gone; None: that took a minute."""
    shown, end = b"", time.monotonic() + 60
    while time.monotonic() < end:
        # A reader that does not prompt gets its end of input too, but not before it had time to set
        # the terminal up.
        if not select.select([terminal], [], [], 0.3)[0]:
            if not answers:
                os.write(terminal, END_OF_INPUT)
            continue
        try:
            shown += os.read(terminal, 65536)
        except OSError:  # EIO
            return shown
        if asks(shown):
            os.write(terminal, next_input())
    return None


child, terminal = start()
shown = talk(terminal)
if shown is None:
    os.kill(child, signal.SIGKILL)
    sys.exit(124)
sys.stdout.buffer.write(shown.replace(b"\r", b""))
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(status if status >= 0 else 128 - status)
