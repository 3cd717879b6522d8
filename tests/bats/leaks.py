#!/usr/bin/env python3
"""leaks.py VALUE... -- PLACE...: names each file below PLACE that has a VALUE in it, in an encoding that masking knows.
With --write DIR first: writes one file for each encoding of each VALUE instead, to show that all are found."""
import base64
import json
import os
import sys
import urllib.parse


def encodings(value):
    for name, change in (("standard", lambda t: t), ("url", lambda t: t.replace(b"+", b"-").replace(b"/", b"_"))):
        for shift in range(3):
            text = base64.b64encode(b"\0" * shift + value).rstrip(b"=")
            # The characters at both ends hold bits of the neighbours.
            end = len(text) - (1 if (shift + len(value)) % 3 else 0)
            yield f"base64 {name} {shift}", change(text[(shift * 8 + 5) // 6:end])
    yield "plain", value
    yield "hex", value.hex().encode()
    yield "HEX", value.hex().upper().encode()
    yield "url", urllib.parse.quote_from_bytes(value, safe="").encode()
    yield "form", urllib.parse.quote_plus(value).encode()
    yield "json", json.dumps(value.decode())[1:-1].encode()


def files(place):
    if os.path.isfile(place):
        yield place
    for directory, _, names in os.walk(place):
        for name in names:
            yield os.path.join(directory, name)


def main():
    arguments = sys.argv[1:]
    if arguments[0] == "--write":
        for i, value in enumerate(arguments[2:]):
            for name, text in encodings(os.fsencode(value)):
                with open(os.path.join(arguments[1], f"{i} {name}"), "wb") as file:
                    file.write(b"before " + text + b" after")
        return
    split = arguments.index("--")
    searched = 0
    for place in arguments[split + 1:]:
        for path in files(place):
            if not os.path.isfile(path) or os.path.islink(path):
                continue
            searched += 1
            with open(path, "rb") as file:
                content = file.read()
            for value in arguments[:split]:
                for name, text in encodings(os.fsencode(value)):
                    if text in content or text in content.replace(b"\n", b""):
                        print(f"{path}: {name}")
    print(f"searched {searched} files", file=sys.stderr)


main()
