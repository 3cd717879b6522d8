#!/usr/bin/env python3
"""Seals a secret for another host's envseal vault, with PyNaCl.

    envseal-seal.py PUBLIC_KEY NAME [EXPIRES] <VALUE >NAME.sealed     here, where nothing can open it
    envseal store --sealed NAME <NAME.sealed                          on the host

PUBLIC_KEY is what `envseal pubkey` prints on the host; compare its fingerprint over another way. EXPIRES
is in seconds since 1970. One newline at the end of VALUE is dropped, as by `envseal store`.
"""
import hashlib
import struct
import sys
import time

from nacl.public import PublicKey, SealedBox

MAGIC = b"envseal\0"
FORMAT = 1
HEADER = 288
BLOCK = 256


def seal(public_key: bytes, name: str, value: bytes, created: int, expires: int) -> bytes:
    """The whole file: doc/formats/vault.md, "secrets/"."""
    encoded = name.encode("ascii")
    if not 1 <= len(encoded) <= 255 or not 1 <= len(value) <= 1 << 20:
        raise ValueError("a name has 1 to 255 bytes, a value 1 to 1048576")
    plain = struct.pack("<8sIIqqB255s", MAGIC, FORMAT, len(value), created, expires, len(encoded), encoded)
    plain += value
    plain += bytes(-len(plain) % BLOCK)
    label = struct.pack("<8sIIqq", MAGIC, FORMAT, 1, created, expires)
    label += hashlib.blake2b(label + encoded, digest_size=32).digest()
    return label + SealedBox(PublicKey(public_key)).encrypt(plain)


def main() -> None:
    if len(sys.argv) not in (3, 4):
        sys.exit(__doc__)
    value = sys.stdin.buffer.read()
    value = value[:-1] if value.endswith(b"\n") else value
    expires = int(sys.argv[3]) if len(sys.argv) == 4 else 0
    sys.stdout.buffer.write(seal(bytes.fromhex(sys.argv[1]), sys.argv[2], value, int(time.time()), expires))


if __name__ == "__main__":
    main()
