# A web server, and as much of a PostgreSQL server as psql needs for one query, on loopback. Prints
# both ports.
import http.server
import socketserver
import struct
import threading


class Page(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"42\n")

    def log_message(self, *_):
        pass


def message(kind, body):
    return kind + struct.pack("!i", len(body) + 4) + body


READY = message(b"Z", b"I")
ANSWER = (
    message(b"T", struct.pack("!h", 1) + b"a\0" + struct.pack("!ihihih", 0, 0, 25, -1, -1, 0))
    + message(b"D", struct.pack("!hi", 1, 2) + b"42")
    + message(b"C", b"SELECT 1\0")
    + READY
)


class Database(socketserver.StreamRequestHandler):
    def take(self, size):
        data = self.rfile.read(size)
        if len(data) != size:
            raise EOFError
        return data

    def handle(self):
        try:
            self.greet()
            while True:
                kind = self.take(1)
                self.take(struct.unpack("!i", self.take(4))[0] - 4)
                if kind == b"Q":
                    self.wfile.write(ANSWER)
        except (EOFError, ConnectionError):
            pass

    # Encryption is asked for first, and refused.
    def greet(self):
        while True:
            size, code = struct.unpack("!ii", self.take(8))
            self.take(size - 8)
            if code in (80877103, 80877104):
                self.wfile.write(b"N")
            else:
                break
        version = message(b"S", b"server_version\0" + b"15.0\0") + message(b"S", b"client_encoding\0UTF8\0")
        self.wfile.write(message(b"R", struct.pack("!i", 0)) + version + READY)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True


servers = [Server(("127.0.0.1", 0), handler) for handler in (Page, Database)]
for server in servers:
    threading.Thread(target=server.serve_forever, daemon=True).start()
print(*(server.server_address[1] for server in servers), flush=True)
threading.Event().wait(600)
