"""Shows what a caller sees of each GUESS (before "--"), a part of a secret, before anything follows
it. COMMAND... prints its standard input. Tries a pipe, a terminal, and packets of a socket; one
line each."""
import os
import pty
import select
import socket
import subprocess
import sys
import time

PATIENCE = 10  # only where something stays away


def until_there(descriptor, size):
    """How much there is to be read, without a word more being written."""
    seen, end = b"", time.monotonic() + PATIENCE
    while len(seen) < size and select.select([descriptor], [], [], max(0, end - time.monotonic()))[0]:
        seen += os.read(descriptor, 65536)
    return seen


def through_pipe(command, guess):
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    run.stdin.write(guess)
    run.stdin.flush()
    seen = until_there(run.stdout.fileno(), len(guess))
    run.stdin.close()
    run.wait()
    return seen == guess


def through_terminal(command, guess):
    master, slave = pty.openpty()
    run = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=slave, stderr=slave)
    run.stdin.write(guess)
    run.stdin.flush()
    seen = until_there(master, len(guess))
    run.stdin.close()
    run.wait()
    return seen == guess


def in_packets(command, guess):
    """One write by the program, of less than a pipe holds: its sizes on the way out."""
    here, there = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with open(os.path.join(os.environ["HOME"], "text"), "w+b") as text:
        text.write(b"." * 60000 + guess)
        text.seek(0)
        run = subprocess.Popen(command, stdin=text, stdout=there)
        there.close()
        sizes = []
        while packet := here.recv(65536):
            sizes.append(len(packet))
    run.wait()
    return sizes


split = sys.argv.index("--")
for channel in (through_pipe, through_terminal, in_packets):
    for word in sys.argv[1:split]:
        print(channel.__name__, channel(sys.argv[split + 1:], word.encode()))
