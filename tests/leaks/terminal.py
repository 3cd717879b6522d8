"""Rows that ask on a terminal. The sweep searches what the terminal shows, like all other
output."""
import os
import pty
import re
import select
import signal
import time

import disturbances
from place import Finished

PROMPT = re.compile(rb"[:?] $")
KEYS = {"^C": b"\x03", "^\\": b"\x1c", "^Z": b"\x1a", "^D": b"\x04", "too long": b"x" * 5000 + b"\n", "hangup": None}


def column(_place, verb, row):
    """As it is meant; each answer again with another key in its place."""
    yield disturbances.job("terminal", verb, row, terminal=row.stdin, meant=True)
    for i in range(len(row.stdin)):
        for key in KEYS:
            yield disturbances.job("terminal", verb, row, f"{key} for answer {i + 1}", terminal=(*row.stdin[:i], key))
        yield disturbances.job("terminal", verb, row, f"wrong answer {i + 1}",
                          terminal=(*row.stdin[:i], row.stdin[i] + "!", *row.stdin[i + 1:]))


def start(place, row):
    words = place.program([place.expand(word) for word in row.words])
    pid, master = pty.fork()
    if pid == 0:
        os.chdir("/")
        os.execve(words[0], words, {**place.environment, "TERM": "xterm"})
    place.runs += 1
    return pid, master


def read_some(master, seconds):
    if not select.select([master], [], [], seconds)[0]:
        return None
    try:
        return os.read(master, 65536)
    except OSError:
        return b""


def talk(place, master, answers):
    """What the terminal showed. An answer goes when something ends like a prompt."""
    shown, seen, deadline = b"", 0, time.monotonic() + 30
    # What is stopped by a key says nothing more; what works on the last answer may take its time on
    # a busy machine.
    silence = 5.0 if set(answers) & set(KEYS) else 30.0
    answers = list(answers)
    while time.monotonic() < deadline:
        piece = read_some(master, 1.0 if answers else silence)
        if piece == b"":
            break
        shown += piece or b""
        if answers and PROMPT.search(shown[seen:]):
            answer = answers.pop(0)
            text = KEYS[answer] if answer in KEYS else os.fsencode(place.expand(answer)) + b"\n"
            if text is None:
                break
            os.write(master, text)
            seen = len(shown)
        elif not answers and piece is None:
            break
    return shown


def run(place, row, answers):
    pid, master = start(place, row)
    shown = talk(place, master, answers)
    os.close(master)
    status = None
    for _ in range(100):
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            break
        time.sleep(0.05)
    else:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    with open(f"{place.said}/out", "wb") as file:
        file.write(shown)
    open(f"{place.said}/err", "wb").close()
    return Finished(os.waitstatus_to_exitcode(status) if status is not None else None, shown, b"")
