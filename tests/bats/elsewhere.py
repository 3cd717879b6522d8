#!/usr/bin/env python3
"""elsewhere.py PROTOCOL PORT FILE [ADDRESS]: a server that asks for passwords and stores what
clients send.

It speaks just enough of each protocol that a client sends what it would send to its own server.
"""

import base64
import socket
import socketserver
import struct
import sys


def read_message(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            break
        data += more
    return data


def postgres(connection):
    (size,) = struct.unpack("!i", read_message(connection, 4))
    (code,) = struct.unpack("!i", read_message(connection, 4))
    if code in (80877103, 80877104):  # SSLRequest, GSSENCRequest
        connection.sendall(b"N")
        return postgres(connection)
    read_message(connection, size - 8)
    connection.sendall(b"R" + struct.pack("!ii", 8, 3))  # AuthenticationCleartextPassword
    return connection.recv(4096)


def mysql(connection):
    def packet(number, body):
        return struct.pack("<I", len(body))[:3] + bytes([number]) + body

    flags = 0x00000200 | 0x00008000 | 0x00080000 | 0x1
    greeting = b"\x0a5.5.5-10.11.0-MariaDB\0" + struct.pack("<I", 7) + b"12345678\0"
    greeting += struct.pack("<HBHH", flags & 0xFFFF, 33, 2, flags >> 16) + b"\x15" + b"\0" * 10
    greeting += b"123456789012\0mysql_native_password\0"
    connection.sendall(packet(0, greeting))
    data = connection.recv(4096)
    connection.sendall(packet(2, b"\xfemysql_clear_password\0"))
    return data + connection.recv(4096)


def redis(connection):
    data = connection.recv(4096)
    connection.sendall(b"+OK\r\n" * 4)
    return data


def http(connection):
    data = connection.recv(65536)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
    for line in data.split(b"\r\n"):
        name, _, value = line.partition(b": Basic ")
        if name.lower() == b"authorization":
            data += base64.b64decode(value)
    return data


GITHUB = (
    b'{"data":{"repository":{"releases":{"nodes":[{"name":"a release",'
    b'"tagName":"v1","isDraft":false,"isLatest":true,"isPrerelease":false,"createdAt":"2026-01-01T00:00:00Z",'
    b'"publishedAt":"2026-01-01T00:00:00Z"}],"pageInfo":{"hasNextPage":false}}}}}'
)


def github(connection):
    data = connection.recv(65536)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    connection.sendall(head % len(GITHUB) + GITHUB)
    return data


def smtp(connection):
    data = b""
    connection.sendall(b"220 elsewhere ESMTP\r\n")
    while True:
        line = connection.recv(4096)
        if not line:
            return data
        if line.upper().startswith(b"EHLO"):
            connection.sendall(b"250-elsewhere\r\n250 AUTH PLAIN\r\n")
        elif line.upper().startswith(b"AUTH PLAIN "):
            data += base64.b64decode(line.split()[2])
            connection.sendall(b"535 thank you\r\n")
        else:
            connection.sendall(b"221 bye\r\n")


def main():
    protocol, port, path = globals()[sys.argv[1]], int(sys.argv[2]), sys.argv[3]

    class Handler(socketserver.BaseRequestHandler):
        def handle(self):
            self.request.settimeout(5)
            try:
                data = protocol(self.request)
            except (OSError, struct.error):
                return
            with open(path, "ab") as file:
                file.write(data)

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    Server((sys.argv[4] if len(sys.argv) > 4 else "127.0.0.1", port), Handler).serve_forever()


main()
