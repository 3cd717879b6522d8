#!/usr/bin/env python3
"""Prints in hex, one a line, what to look for: the keys of a vault that has a host key, and the
given texts.

keys.py VAULT TEXT...  Uses only the standard library, so it is also a second reader of the format.
"""
import hashlib
import sys

vault, *texts = sys.argv[1:]
with open(vault + "/slots/host.key", "rb") as file:
    root = file.read()


def subkey(number):
    """crypto_kdf_derive_from_key with the context "envseal1"."""
    return hashlib.blake2b(b"", digest_size=32, key=root, salt=number.to_bytes(16, "little"),
                           person=b"envseal1").digest()


def private(seed):
    """crypto_box_seed_keypair: the first half of SHA-512."""
    return hashlib.sha512(seed).digest()[:32]


needles = [root] + [subkey(number) for number in range(1, 7)] + [private(subkey(1))]
for needle in needles + [text.encode() for text in texts]:
    print(needle.hex())
