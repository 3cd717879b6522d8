# Starts a program on sockets, as some parents do, and prints its output.
import os
import socket
import subprocess
import sys
import time


def everything(end):
    data = b""
    while part := end.recv(65536):
        data += part
    return data


def three(command):
    pairs = [socket.socketpair() for _ in range(3)]
    child = subprocess.Popen(command, stdin=pairs[0][1], stdout=pairs[1][1], stderr=pairs[2][1])
    for _, theirs in pairs:
        theirs.close()
    pairs[0][0].sendall(b"hello\n")
    pairs[0][0].shutdown(socket.SHUT_WR)
    output = everything(pairs[1][0])
    error = everything(pairs[2][0])
    print(child.wait(), len(output), output[-16:].decode(), error.decode())


def one(command):
    listener = socket.create_server(("127.0.0.1", 0))
    ours = socket.create_connection(listener.getsockname())
    theirs, _ = listener.accept()
    child = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs)
    theirs.close()
    ours.sendall(b"hello\n")
    ours.shutdown(socket.SHUT_WR)
    print(everything(ours).decode(), child.wait())


def slow(command):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs)
    theirs.close()
    time.sleep(1)
    print(len(everything(ours)), child.wait())


def deaf(command):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs)
    theirs.close()
    ours.recv(1)
    ours.close()
    print(child.wait())


def stuck(command):
    ours, theirs = socket.socketpair()
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=theirs)
    time.sleep(1)
    running = child.poll() is None
    child.terminate()
    print(running, child.wait())


os.environ.pop("PYTHONUNBUFFERED", None)
globals()[sys.argv[1]](sys.argv[2:])
