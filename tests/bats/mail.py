#!/usr/bin/env python3
"""mail.py PORT CERTIFICATE KEY USER PASSWORD FILE: accepts that account's mail by STARTTLS and
appends it to FILE."""

import ssl
import sys
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

port, certificate, key, user, password, path = sys.argv[1:]


class Handler:
    async def handle_DATA(self, server, session, envelope):
        with open(path, "ab") as file:
            file.write(envelope.content)
        return "250 taken"


def authenticator(server, session, envelope, mechanism, data):
    good = mechanism == "PLAIN" and data.login == user.encode() and data.password == password.encode()
    return AuthResult(success=good, handled=good)


context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(certificate, key)
Controller(
    Handler(),
    hostname="127.0.0.1",
    port=int(port),
    tls_context=context,
    require_starttls=True,
    auth_required=True,
    authenticator=authenticator,
).start()
while True:
    time.sleep(60)
