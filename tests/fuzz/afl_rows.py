"""
AFL++'s mutator for tests/fuzz/afl: policies of which a fair part may run. A policy is taken for rows, "key = value" with
all of the key's names, and rows are added, exchanged, removed, taken from another input and changed in their values. Bytes
alone, as AFL++ changes them, seldom get past the reader. The rows are those of afl.rows and of the seeds.
"""
import os
import random

HEAD = [b"version = 1", b'command = "/usr/bin/true"']
rows = []


def key(row):
    return row.split(b"=")[0].strip()


def init(seed):
    random.seed(seed)
    with open(os.path.join(os.path.dirname(__file__), "afl.rows"), "rb") as file:
        rows.extend(line for line in file.read().splitlines() if line and not line.startswith(b"#"))


def read(text):
    """Its rows by their keys; what is no row is left out, and so is what stands below a table's header."""
    found = {}
    for line in bytes(text).splitlines():
        if line.startswith(b"["):
            break
        if b"=" in line and line not in HEAD:
            found[key(line)] = line
    return found


def changed(row):
    name, value = row.split(b"=", 1)
    at = random.randrange(len(value)) if value else 0
    other = bytes([random.choice(b'0123456789"/.*%$-_[]{},aAsSmMkK ')])
    return name + b"=" + random.choice([value[:at] + other + value[at + 1 :], value[:at] + other + value[at:], value[:at] + value[at + 1 :]])


def fuzz(buf, add_buf, max_size):
    policy = read(buf)
    policy.setdefault(b"tier", random.choice([b'tier = "none"', b'tier = "hardened"', b'tier = "lockdown"']))
    for _ in range(random.randrange(1, 5)):
        step = random.randrange(10)
        if step < 4:
            row = random.choice(rows)
            policy[key(row)] = row
        elif step < 6 and add_buf:
            policy.update(random.sample(sorted(read(add_buf).items()), k=min(1, len(read(add_buf)))))
        elif step < 9 and len(policy) > 1:
            policy.pop(random.choice(sorted(set(policy) - {b"tier"})))
        else:
            name = random.choice(sorted(policy))
            policy[name] = changed(policy[name])
    return bytearray(b"\n".join(HEAD + list(policy.values()))[: max_size - 1] + b"\n")


def deinit():
    """AFL++ asks for it."""
