#!/usr/bin/env python3
"""A second reader of the vault's format, from doc/formats/vault.md alone: opens the vault beside
it.

Needs PyNaCl. Prints nothing if the vault is as that page says; otherwise an assertion fails.
"""
import hashlib
import pathlib
import re

from nacl import pwhash
from nacl.public import PrivateKey, SealedBox
from nacl.secret import SecretBox

VAULT = pathlib.Path(__file__).parent / "vault"
PUBLIC_KEY = "71fb71101a728501da091ceecdd034339b469fb9ae4cad097caac5093b14642f"
PASSPHRASE = b"correct horse battery"
RECOVERY = "HB89-4GFE-81GG-S0SM-6RMX-04PQ-YVNW-TGG2-QDFV-KNSH-3NH3-5VYH-3HC5-M5YP"
NAME, VALUE = b"test/vector", b"envseal test vector"
FINGERPRINT = "690d-cfa4-97d0-6286-545a-3d56-3521-a5f4"
PHRASE = b"we agreed on this"
SHARED = "33c8-cd2f-8ec4-34e1-cdb8-9e24-cfe4-b8fe"
DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def kdf(key, number, context):
    return hashlib.blake2b(b"", digest_size=32, key=key, salt=number.to_bytes(16, "little"), person=context).digest()


def number(data, offset, size):
    return int.from_bytes(data[offset:offset + size], "little")


def groups(digest):
    return "-".join(re.findall("....", digest.hex()))


def check_slot(file, algorithm, opener):
    data = (VAULT / "slots" / file).read_bytes()
    assert len(data) == 152 and data[:8] == b"envslot\0" and number(data, 8, 4) == 1
    assert number(data, 12, 4) == algorithm
    assert data[120:] == hashlib.blake2b(data[:120], digest_size=32).digest()
    return SecretBox(opener(data)).decrypt(data[72:120], data[48:72])


def stretched(data):
    return pwhash.argon2id.kdf(32, PASSPHRASE, data[32:48], number(data, 16, 8), number(data, 24, 8))


def recovery_key():
    bits = int("".join(f"{DIGITS.index(digit):05b}" for digit in RECOVERY.replace("-", "")), 2).to_bytes(35, "big")
    assert bits[32:] == hashlib.blake2b(bits[:32], digest_size=32).digest()[:3]
    return bits[:32]


root = bytes(range(32))
assert (VAULT / "slots/host.key").read_bytes() == root
assert check_slot("passphrase", 2, stretched) == root
assert check_slot("recovery", 256, lambda data: kdf(recovery_key(), 2, b"envslot1")) == root

private = PrivateKey(hashlib.sha512(kdf(root, 1, b"envseal1")).digest()[:32])
public = bytes(private.public_key)
assert public.hex() == PUBLIC_KEY
config = dict(re.findall(r'(\w+) = "?(\w+)"?', (VAULT / "vault.toml").read_text()))
assert config["public_key"] == PUBLIC_KEY
proven = b"envseal vault\0\0\0" + (1).to_bytes(4, "little") + bytes.fromhex(config["id"]) + public
assert config["mac"] == hashlib.blake2b(proven, digest_size=32, key=kdf(root, 3, b"envseal1")).hexdigest()

sealed = (VAULT / "secrets/test/vector.sealed").read_bytes()
assert len(sealed) == 624 and sealed[:8] == b"envseal\0"
assert (number(sealed, 8, 4), number(sealed, 12, 4)) == (1, 1)
assert sealed[32:64] == hashlib.blake2b(sealed[:32] + NAME, digest_size=32).digest()
plain = SealedBox(private).decrypt(sealed[64:])
assert plain[:8] == b"envseal\0" and number(plain, 8, 4) == 1 and plain[16:32] == sealed[16:32]
assert number(plain, 24, 8) == 4102444800
assert plain[33:33 + plain[32]] == NAME and not any(plain[33 + plain[32]:288])
size = number(plain, 12, 4)
assert plain[288:288 + size] == VALUE and not any(plain[288 + size:])

assert groups(hashlib.blake2b(VALUE, digest_size=16, key=kdf(root, 5, b"envseal1")).digest()) == FINGERPRINT
domain = b"envseal fingerprint 1\0"
salt = hashlib.blake2b(PHRASE, digest_size=16, key=domain).digest()
digest = hashlib.blake2b(VALUE, digest_size=64, key=domain).digest()
assert groups(pwhash.argon2id.kdf(16, digest, salt, pwhash.argon2id.OPSLIMIT_MODERATE,
                                  pwhash.argon2id.MEMLIMIT_MODERATE)) == SHARED
