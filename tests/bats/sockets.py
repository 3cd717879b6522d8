# Prints for each kind of socket whether it can be made, and where it leads.
import errno
import socket


def attempt(name, family, kind, protocol=0):
    try:
        socket.socket(family, kind, protocol).close()
        print(f"{name}: made")
    except OSError:
        print(f"{name}: refused")


def pair(name, kind):
    try:
        socket.socketpair(socket.AF_UNIX, kind)
        print(f"{name}: made")
    except OSError:
        print(f"{name}: refused")


attempt("unix", socket.AF_UNIX, socket.SOCK_STREAM)
attempt("packet", 17, socket.SOCK_DGRAM)
attempt("vsock", 40, socket.SOCK_STREAM)
attempt("alg", 38, socket.SOCK_SEQPACKET)
attempt("netlink route", 16, socket.SOCK_RAW, 0)
attempt("netlink audit", 16, socket.SOCK_RAW, 9)
attempt("inet", socket.AF_INET, socket.SOCK_STREAM)
pair("dgram pair", socket.SOCK_DGRAM)
pair("raw pair", socket.SOCK_RAW)
pair("stream pair", socket.SOCK_STREAM)

server = socket.socket()
server.bind(("127.0.0.1", 0))
client = socket.socket()
try:
    client.connect(server.getsockname())
except OSError as error:
    # Nobody listens there: an interface that is up refuses, one that is down cannot be reached.
    print("loopback:", "up" if error.errno == errno.ECONNREFUSED else "down")
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
    print("elsewhere: reachable")
except OSError:
    print("elsewhere: unreachable")
try:
    server.listen()
    print("listen: works")
except OSError:
    print("listen: refused")
