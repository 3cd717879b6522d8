#!/usr/bin/env python3
"""s3.py PORT KEY-ID SECRET-KEY: serves buckets in memory to requests with a right signature
(AWS4-HMAC-SHA256)."""

import hashlib
import hmac
import re
import sys
import urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

port, key_id, secret = int(sys.argv[1]), sys.argv[2], sys.argv[3]
objects = {"/shelf/book": b"for members\n"}
LIST = b"<ListAllMyBucketsResult><Buckets><Bucket><Name>shelf</Name><CreationDate>2026-01-01T00:00:00Z</CreationDate></Bucket></Buckets></ListAllMyBucketsResult>"


def sign(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def signed(self):
        given = re.match(
            r"AWS4-HMAC-SHA256 Credential=([^/]+)/((\d+)/([^/]+)/([^/]+)/aws4_request), SignedHeaders=([^,]+), Signature=(\w+)",
            self.headers.get("Authorization", ""),
        )
        if not given or given[1] != key_id:
            return False
        url = urllib.parse.urlsplit(self.path)
        query = "&".join(sorted(part if "=" in part else part + "=" for part in url.query.split("&") if part))
        headers = "".join("%s:%s\n" % (name, self.headers[name].strip()) for name in given[6].split(";"))
        request = "\n".join([self.command, url.path, query, headers, given[6], self.headers["x-amz-content-sha256"]])
        text = "\n".join(
            ["AWS4-HMAC-SHA256", self.headers["x-amz-date"], given[2], hashlib.sha256(request.encode()).hexdigest()]
        )
        key = ("AWS4" + secret).encode()
        for part in (given[3], given[4], given[5], "aws4_request"):
            key = sign(key, part)
        return hmac.compare_digest(sign(key, text).hex(), given[7])

    def answer(self, status, body=b""):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT")
        self.send_header("ETag", '"%s"' % hashlib.md5(body).hexdigest())
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def handle_any(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        path = urllib.parse.urlsplit(self.path).path
        if not self.signed():
            self.answer(403)
        elif self.command == "PUT":
            objects[path] = body
            self.answer(200)
        elif path == "/":
            self.answer(200, LIST)
        else:
            self.answer(200 if path in objects else 404, objects.get(path, b""))

    do_GET = do_HEAD = do_PUT = handle_any


ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
