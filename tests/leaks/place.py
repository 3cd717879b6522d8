"""A vault with known values, the commands' runs there, and the search for the values afterwards."""
import ctypes
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile

PREFIX = os.environ.get("ENVSEAL_PREFIX", "")
SEARCH = os.environ.get("LEAKS_SEARCH", "")
ROOT = os.geteuid() == 0
SILENT = ":"
LOUD = ('printf "%s\\n" "$ONE"; printf %s "$ONE" | base64 -w0 >&2; printf %s "$ONE" | od -An -tx1 | tr -d " \\n"; '
        'printf %s "$ONE" | base64 | tr +/ -_; exit 3')
PR_SET_CHILD_SUBREAPER = 36
KEYCTL_READ = 11
SYS_KEYCTL = {"x86_64": 250, "aarch64": 219}[os.uname().machine]
# Masks are tried with values that have what other encodings change. None has eight bytes of an
# ordinary text.
RANDOM = "".join(secrets.choice("BCDFGHJKLMNPQRSTVWXZ23456789") for _ in range(24))
NEEDLES = {
    "value": f'Zq7"{RANDOM[:9]}/+ {RANDOM[9:]}\\9&vT~\u00e9#'.encode(),
    "token": f"ghp_{RANDOM[::-1]}Qx0".encode(),
    "passphrase": f"Rm4 {RANDOM[5:17].lower()}\"bat/+ \\{RANDOM[:8]}&".encode(),
    "phrase": f"phr4se {RANDOM[3:20].swapcase()}*&".encode(),
    "key-file": secrets.token_bytes(32),
}


class Finished:
    """How a command ended, and what it printed."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err


class Place:
    """home is what is looked into after each run; given is what the user brings, which has the values and is not."""

    def __init__(self, title):
        self.top = tempfile.mkdtemp(prefix=f"envseal-leaks-{title}.", dir=os.environ.get("TMPDIR"))
        self.home, self.given, self.said = (os.path.join(self.top, name) for name in ("home", "given", "said"))
        self.template, self.needles = os.path.join(self.top, "template"), os.path.join(self.top, "needles")
        for path in (self.home, self.given, self.said, f"{self.given}/credentials", f"{self.home}/tmp"):
            os.makedirs(path, mode=0o700)
        self.environment = {"HOME": self.home, "TMPDIR": f"{self.home}/tmp", "PATH": os.environ["PATH"],
                            "EDITOR": "true", "LC_ALL": "C.UTF-8"}
        self.words = {name: os.fsdecode(value) for name, value in NEEDLES.items()}
        self.words.update(home=self.home, given=self.given, silent=SILENT, loud=LOUD)
        self.known = dict(NEEDLES)
        self.kept = {}  # where a value belongs: path -> names of values
        self.elsewhere = []       # what is only looked into
        self.roots = [self.home]  # what is put back as it was before each run
        self.as_caller = []       # in front of what an ordinary user runs
        self.runs = self.files = self.bytes = self.processes = self.messages = 0
        self.leaks, self.wrong = [], []
        self.unchanged = []
        self.log = None
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)

    # What is run.

    def expand(self, text):
        return re.sub(r"\{([a-z-]+)\}", lambda match: self.words[match[1]], text)

    def program(self, words):
        name = "envseal-exec" if words[0] == "exec" else "envseal"
        return [f"{PREFIX}/bin/{name}", *words[words[0] == "exec":]]

    def start(self, command, stdin=b"", environment=None, wrapper=(), prepare=None, files=None, pass_fds=()):
        """Standard input is a pipe, so that the value is on no disk. files: {1: "/dev/full", 2: None (closed)}."""
        out, err = (open(os.path.join(self.said, name), "w+b") for name in ("out", "err"))

        def child():
            for number, path in (files or {}).items():
                os.close(number)
                if path and os.open(path, os.O_RDWR) != number:
                    os._exit(99)
            if prepare:
                prepare()
        process = subprocess.Popen([*wrapper, *command], stdin=subprocess.PIPE, stdout=out, stderr=err, cwd="/",
                                   env={**self.environment, **(environment or {})}, preexec_fn=child,
                                   start_new_session=True, pass_fds=pass_fds)
        try:
            process.stdin.write(stdin)
            process.stdin.flush()
        except BrokenPipeError:
            pass
        self.runs += 1
        return process, out, err

    def finish(self, started):
        process, out, err = started
        try:
            process.stdin.close()
        except BrokenPipeError:
            pass
        try:
            status = process.wait(60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = "hangs"
        texts = []
        for file in (out, err):
            file.seek(0)
            texts.append(file.read())
            file.close()
        return Finished(status, *texts)

    def run(self, command, **options):
        return self.finish(self.start(command, **options))

    def run_row(self, row, passphrase=None, **options):
        words, pipe = [self.expand(word) for word in row.words], None
        if passphrase is not None:
            pipe = self.pipe_with(os.fsencode(self.expand(passphrase)))
            at = 2 if words[0] in ("policy", "slot") else 1
            words[at:at] = ["--passphrase-fd", str(pipe)]
            options["pass_fds"] = (pipe,)
        if words[0] == "exec":
            options["wrapper"] = self.as_caller + options.get("wrapper", [])
        options["environment"] = {name: self.expand(value) for name, value in options.get("environment", {}).items()}
        done = self.run(self.program(words), stdin=os.fsencode(self.expand(row.stdin)), **options)
        if pipe is not None:
            os.close(pipe)
        return done

    @staticmethod
    def pipe_with(text):
        """The end to read from, at which the text waits."""
        reader, writer = os.pipe()
        os.write(writer, text)
        os.close(writer)
        return reader

    def envseal(self, *words, stdin=b""):
        done = self.run(self.program(words), stdin=stdin)
        if done.status != 0:
            raise SystemExit(f"leaks: {' '.join(words)}: {done.status}: {done.err.decode()}")
        return done

    # What is there before each run.

    def write(self, path, text, mode=0o600):
        with open(path, "wb") as file:
            file.write(text if isinstance(text, bytes) else self.expand(text).encode())
        os.chmod(path, mode)

    def give(self):
        self.write(f"{self.given}/env", "# of a project\nA='{value}'\nexport B={token}\n")
        self.write(f"{self.given}/template", "version = 1\n[secrets]\nONE = \"{value}\"\n")
        self.write(f"{self.given}/key", NEEDLES["key-file"])
        self.write(f"{self.given}/credentials/envseal.key", NEEDLES["key-file"])
        self.write(f"{self.given}/no-format", "neither a script nor a program\n", 0o700)
        self.write(f"{self.given}/no-interpreter", "#!{given}/interpreter\n", 0o700)
        shutil.copy("/bin/true", f"{self.given}/interpreter")  # for as long as the policies are made
        self.write(f"{self.given}/no-loader", b"\x7fELF" + bytes(200), 0o700)
        self.write_needles()

    def write_needles(self):
        with open(self.needles, "w") as file:
            for name, value in self.known.items():
                file.write(f"{name} {value.hex()}\n")

    def keep(self):
        """All as it is now is where every run begins."""
        shutil.rmtree(self.template, ignore_errors=True)
        os.mkdir(self.template)
        for i, root in enumerate(self.roots):
            subprocess.run(["cp", "-a", root, f"{self.template}/{i}"], check=True)
        self.unchanged = self.state()

    def state(self):
        """Changes with whatever is done to the files. Most runs leave them as they were."""
        paths = list(self.roots)
        for root in self.roots:
            for directory, directories, files in os.walk(root):
                paths += (os.path.join(directory, name) for name in directories + files)
        return [(path, status.st_ino, status.st_mode, status.st_ctime_ns)
                for path, status in ((path, os.lstat(path)) for path in paths)]

    def fresh(self):
        if self.state() == self.unchanged:
            return
        for i, root in enumerate(self.roots):
            shutil.rmtree(root)
            subprocess.run(["cp", "-a", f"{self.template}/{i}", root], check=True)
        self.unchanged = self.state()

    def files_below(self, *tops):
        """(path, size) of each as it is before a run."""
        for i, root in enumerate(self.roots):
            for directory, _, names in os.walk(f"{self.template}/{i}"):
                for name in sorted(names):
                    kept = os.path.join(directory, name)
                    path = kept.replace(f"{self.template}/{i}", root, 1)
                    if any(top in path for top in tops):
                        yield path, os.path.getsize(kept)

    # What is looked into after it.

    def search(self, *places, known=None):
        """What was found in other places than it belongs: [(file, value, encoding)]."""
        if known:
            self.known, before = {**self.known, **known}, self.known
            self.write_needles()
        done = subprocess.run([SEARCH, self.needles, *places], capture_output=True)
        if known:
            self.known = before
            self.write_needles()
        counts = re.search(rb"searched (\d+) files, (\d+) bytes", done.stderr)
        if done.returncode > 1 or not counts:
            raise SystemExit(f"leaks: {done.stderr.decode()}")
        self.files += int(counts[1])
        self.bytes += int(counts[2])
        found = (re.match(rb"(.*): (\S+), (.*)$", line, re.S) for line in done.stdout.splitlines())
        return [(os.fsdecode(match[1]), match[2].decode(), match[3].decode()) for match in found]

    def left_behind(self):
        """What we started has ended; what it started and is there is a child of ours now (PR_SET_CHILD_SUBREAPER)."""
        left = []
        for pid in filter(str.isdigit, os.listdir("/proc")):
            try:
                with open(f"/proc/{pid}/stat", errors="replace") as file:
                    fields = file.read().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[1]) == os.getpid():
                left.append((int(pid), fields[0]))
        return left

    def look(self, title, done=None, allowed=(), shown=False, dumps=False):
        """After a run: everything it printed, wrote, logged or left running. shown: a recovery key on standard output."""
        known = {}
        if shown:
            text = done.out.strip()
            if re.fullmatch(rb"([0-9A-Z]{4}-){13}[0-9A-Z]{4}", text):
                known = {"recovery": text, "recovery's-digits": text.replace(b"-", b"")}
        if shown or dumps:
            os.truncate(os.path.join(self.said, "out"), 0)
        self.look_at_processes(title)
        self.receive()
        self.read_keys()
        for path, value, encoding in self.search(self.said, *self.roots, *self.elsewhere, known=known):
            kept = next((names for start, names in self.kept.items() if path.startswith(start)), ())
            belongs = value in kept or (value, path) in allowed
            if not belongs:
                self.leaks.append(f"{title}: {path.replace(self.top, '')}: {value}, {encoding}")

    def look_again(self, title):
        """A killed run may leave a link to a key's file in the vault's tmp/, which the next writer removes. Nothing else."""
        staged = [leak for leak in self.leaks if leak.startswith(f"{title}: ") and "/envseal/tmp/" in leak
                  and leak.endswith(": root-key, as it is")]
        if staged:
            self.leaks = [leak for leak in self.leaks if leak not in staged]
            self.envseal("store", "--force", "next", stdin=b"of no value")
            self.look(title)

    def look_at_processes(self, title):
        for pid, state in self.left_behind():
            if state != "Z":
                self.processes += 1
                for path, value, encoding in self.search(f"pid:{pid}") if ROOT else ():
                    self.leaks.append(f"{title}: left behind: {path}: {value}, {encoding}")
                os.kill(pid, signal.SIGKILL)
            try:
                os.waitpid(pid, 0)
            except ChildProcessError:
                pass

    def listen(self):
        """A /dev/log of ours, and what is shared in memory: in a mount namespace with a /dev of its own."""
        if "LEAKS_OWN_DEV" not in os.environ:
            return
        self.elsewhere.append("/dev/shm")
        self.log = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.log.bind("/dev/log")
        self.log.setblocking(False)
        os.chmod("/dev/log", 0o666)

    def receive(self):
        """What was logged becomes a file, which is looked into with the others."""
        with open(os.path.join(self.said, "log"), "wb") as file:
            while self.log:
                try:
                    file.write(self.log.recv(65536) + b"\n")
                    self.messages += 1
                except BlockingIOError:
                    break

    def read_keys(self):
        """What `envseal unlock` left in the kernel becomes a file, too. It is a key, and no passphrase (SECURITY.md)."""
        self.kept[f"{self.said}/keys"] = {"root-key"}
        with open(f"{self.said}/keys", "wb") as file, open("/proc/keys", errors="replace") as keys:
            for number in re.findall(r"^([0-9a-f]+) .* user +envseal:", keys.read(), re.M):
                text = ctypes.create_string_buffer(4096)
                size = ctypes.CDLL(None).syscall(SYS_KEYCTL, KEYCTL_READ, int(number, 16), text, len(text), 0)
                file.write(text.raw[:max(size, 0)])

    def remove(self):
        shutil.rmtree(self.top, ignore_errors=True)


