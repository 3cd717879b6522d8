"""The disturbances that each row is tried with. A column is a function that yields jobs for a row,
some columns only for some rows."""
import collections
import os
import re
import resource

import place as places
import commands

Job = collections.namedtuple("Job", "column verb row title options")

# What reads the vault and the policies, for columns that change files.
READERS = ("store", "list", "rename", "verify", "fingerprint", "unlock", "slot list", "rotate-key", "explain",
           "policy check", "policy report", "doctor", "envseal-exec")
# These take any number of commands or files.
MORE = ("hash", "policy check", "policy pin", "policy approve", "policy mask", "policy remove", "policy allow")


def job(column, verb, row, title="", **options):
    return Job(column, verb, row, f"{column}: {' '.join(row.words)}{' ' if title else ''}{title}", options)


def behind_verb(row):
    """Where options may stand: behind the verb, and before a command's own words."""
    return 2 if " ".join(row.words[:2]) in commands.USER else 1


def is_first(verb, row):
    return row.words == commands.USER[verb][0].words


def as_it_is(_place, verb, row):
    yield job("as it is", verb, row, meant=True)


FORMS = {commands.Name: ("{value}", "{token}", "A={token}", "{token}/"), commands.New: ("{value}", "{token}="),
         commands.Command: ("A={token}", "A={value}")}


def pasted(_place, verb, row):
    """A value where a name, a number or a word is expected; behind the last one; as an option."""
    words = list(row.words)
    for i, word in enumerate(words):
        for form in FORMS.get(type(word), ()):
            yield job("pasted", verb, row._replace(words=words[:i] + [form] + words[i + 1:]))
    at = behind_verb(row)
    for option in ("--password={value}", "--{token}", "-{token}", "--for={value}"):
        if verb != "unlock" or "--for" not in option:
            yield job("pasted", verb, row._replace(words=words[:at] + [option] + words[at:]))
    if verb not in (*MORE, "envseal-exec", "run"):
        for word in ("{value}", "{token}"):
            yield job("pasted", verb, row._replace(words=words + [word]))


def streams(_place, verb, row):
    for files in ({0: None}, {1: None}, {2: None}, {1: None, 2: None}, {1: "/dev/full"}, {2: "/dev/full"},
                  {1: "/dev/full", 2: "/dev/full"}, {0: "/dev/full"}):
        yield job("streams", verb, row, str(files), files=files)


def inputs(_place, verb, row):
    if not row.stdin:
        return
    for title, text in {
            "too long": row.stdin * 40000, "nothing": "", "a NUL": row.stdin.replace("}", "}\0"), "twice": row.stdin * 2,
            "lines": row.stdin.replace("}", "}\n"), "no UTF-8": "\udcff" + row.stdin}.items():
        yield job("input", verb, row._replace(stdin=text), title)


def environment(_place, verb, row):
    """A value in a variable, among them those that name files."""
    if is_first(verb, row):
        for name in ("ENVSEAL_KEY_FILE", "CREDENTIALS_DIRECTORY", "GH_TOKEN", "LANG", "TERM", "USER", "EDITOR", "DISPLAY"):
            yield job("environment", verb, row, name, environment={name: "{token}"})


def limits(_place, verb, row):
    for name, value in (("FSIZE", 0), ("FSIZE", 100), ("NOFILE", 4), ("NOFILE", 6), ("NOFILE", 9), ("AS", 12 << 20),
                        ("AS", 24 << 20), ("MEMLOCK", 0), ("MEMLOCK", 65536), ("STACK", 65536), ("CPU", 1)):
        if name != "MEMLOCK" or not places.ROOT:  # root is not held to it
            yield job("limits", verb, row, f"{name} {value}", limit=(name, value))


def full_disk(place, verb, row):
    if places.ROOT and not place.as_caller and is_first(verb, row):
        yield job("full disk", verb, row, disk=True)


def passphrase(_place, verb, row):
    """What only a passphrase opens, and what is given for it."""
    if "--passphrase-fd" in row.words or not (is_first(verb, row) or verb == "envseal-exec"):
        return
    for title, text in {
            "right": "{passphrase}", "wrong": "{passphrase}!", "half": "{passphrase}"[:-1], "nothing": "",
            "recovery key": "{recovery}", "no recovery key": "0000-{recovery}", "too long": "{passphrase}" * 99}.items():
        yield job("passphrase", verb, row, title, passphrase=text)


CHANGING = ("read", "write", "openat", "fsync", "renameat", "renameat2", "rename", "linkat", "unlinkat", "mkdirat", "flock")
ALLOCATING = ("mmap", "mlock", "mprotect", "clone3", "clone", "memfd_create", "pipe2", "execveat", "ioctl", "fchmod")


def injections(place, row, calls):
    """(call, number) for each time that a run makes one of them."""
    trace = os.path.join(place.top, "trace")
    place.fresh()
    place.run_row(row, wrapper=["strace", "-f", "-qq", "-e", "trace=" + ",".join(calls), "-e", "signal=none", "-s", "0",
                                "-o", trace])
    counts = collections.Counter()
    with open(trace, errors="replace") as file:
        for line in file:
            found = re.match(r"\d+ +([a-z0-9_]+)\(", line)
            if found:
                counts[found[1]] += 1
    for call, count in counts.items():
        yield from ((call, number) for number in range(1, min(count, 25) + 1))


def strace(call, what):
    return ["strace", "-f", "-qq", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:{what}"]


def faults(place, verb, row):
    if row.status == 0 and is_first(verb, row):
        for call, number in injections(place, row, CHANGING + ALLOCATING):
            error = "EIO" if call in CHANGING else "ENOMEM"
            yield job("faults", verb, row, f"{call} {number} {error}", wrapper=strace(call, f"error={error}:when={number}"))


def signals(place, verb, row):
    if row.status == 0 and is_first(verb, row):
        for call, number in injections(place, row, CHANGING + ("mmap", "mlock", "close")):
            name = ("SIGKILL", "SIGTERM", "SIGINT", "SIGSEGV")[number % 4]
            yield job("signals", verb, row, f"{call} {number} {name}", wrapper=strace(call, f"signal={name}:when={number}"))


def core(place, verb, row):
    """A crash, where nothing but envseal forbids core files."""
    most = ("CORE", resource.RLIM_INFINITY)
    if verb in ("store", "import", "verify", "fingerprint", "slot add", "envseal-exec") and is_first(verb, row):
        for call, number in injections(place, row, ("read", "write", "openat", "close", "mmap")):
            yield job("core", verb, row, f"{call} {number}", wrapper=strace(call, f"signal=SIGSEGV:when={number}"), limit=most)
    if row.words[-1] == "{loud}":
        # The command; and what supervises it, where that can be reached.
        for who in ("$$", "$PPID") if "masked" in row.words else ("$$",):
            yield job("core", verb, row._replace(words=[*row.words[:-1], f"kill -SEGV {who}"]), limit=most)


# Columns about files: each goes over the files of the vault and the configuration.

def files_of(place):
    """One of each kind: of the policies, approvals and grants those of one profile."""
    for path, size in place.files_below("/envseal/"):
        if "@" not in path or "@none" in path:
            yield path, size


def damaged(place, verb, row):
    if verb not in READERS or not is_first(verb, row):
        return
    for path, size in files_of(place):
        for at in sorted({0, 7, 9, 12, 20, 30, 40, 63, 70, 110, size // 2, size - 1} & set(range(size))):
            yield job("damaged", verb, row, f"{path} byte {at}", damage=(path, "flip", at))
        for at in sorted({0, 64, size // 2, size - 1} & set(range(size))):
            yield job("damaged", verb, row, f"{path} cut at {at}", damage=(path, "cut", at))
        for kind in ("longer", "gone", "directory", "loop", "pipe", "mode"):
            yield job("damaged", verb, row, f"{path} {kind}", damage=(path, kind, 0))


def damage(path, kind, at):
    if kind == "flip":
        with open(path, "r+b") as file:
            file.seek(at)
            byte = file.read(1)[0]
            file.seek(at)
            file.write(bytes([byte ^ 0x55]))
    elif kind == "cut":
        os.truncate(path, at)
    elif kind == "longer":
        with open(path, "ab") as file:
            file.write(b"\n= more\n")
    elif kind == "mode":
        os.chmod(path, 0o666 if places.ROOT else 0)
    else:
        os.unlink(path)
        make = {"gone": lambda p: None, "directory": os.mkdir, "loop": lambda p: os.symlink(p, p), "pipe": os.mkfifo}
        make[kind](path)


def mistakes(place, verb, row):
    """A text with a value stands where one of ours belongs: nothing of it is quoted but the names of keys."""
    if is_first(verb, row) and (verb in READERS or verb == "policy approve"):
        for path, _ in files_of(place):
            for title, text in commands.MISTAKES.items():
                # What is a name is shown where names are: on standard output, and where somebody is
                # to approve it.
                named = title == "as secret's name"
                shown = row._replace(dumps=named)
                if named and verb == "policy approve":
                    continue
                if path.endswith(".toml") or title in ("alone", "token alone"):
                    yield job("mistakes", verb, shown, f"{path} {title}", mistake=(path, text))
