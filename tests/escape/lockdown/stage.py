# The host, as a way out sees it: files, sockets, queues and a process as targets, in a directory of
# its own; and afterwards their changes. Each way gets new targets (`with Stage(...) as stage`).
import ctypes
import fcntl
import hashlib
import os
import pty
import random
import resource
import select
import shutil
import signal
import socket
import struct
import subprocess
import termios
import time

libc = ctypes.CDLL(None, use_errno=True)
libc.shmat.restype = ctypes.c_void_p
IPC_CREAT, IPC_RMID, IPC_NOWAIT, GETVAL = 0o1000, 0, 0o4000, 12
IOPRIO_GET = {"x86_64": 252, "aarch64": 31}.get(os.uname().machine)
ANY = ctypes.c_ulong(2**64 - 1)


def ours():
    """Lets any process of this uid look at us: otherwise Yama, not the sandbox, would refuse it."""
    libc.prctl(0x59616D61, ANY, 0, 0, 0)  # PR_SET_PTRACER
    libc.prctl(4, 1, 0, 0, 0)  # PR_SET_DUMPABLE


class Stage:
    UNIX = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET}

    def __init__(self, place, ways):
        self.path, self.ways = place, ways
        self.name = f"{os.environ.get('ENVSEAL_RUN', 'envseal')}-{os.getpid()}-{random.randrange(10**9)}"
        self.shared = [f"/dev/shm/{self.name}", f"/dev/shm/sem.{self.name}", f"/tmp/{self.name}", f"/var/tmp/{self.name}"]
        self.sockets, self.facts, self.opened = {}, {}, []

    def __enter__(self):
        self.make_files()
        self.make_sockets()
        self.make_objects()
        self.make_terminals()
        self.make_victim()
        self.facts.update(stage=os.getpid(), shared=self.name, abstract=self.name)
        with open(f"{self.path}/facts", "w", encoding="ascii") as facts:
            facts.writelines(f"{key} {value}\n" for key, value in self.facts.items())
        os.chmod(f"{self.path}/facts", 0o644)
        return self

    def __exit__(self, *unused):
        self.victim.kill()
        self.victim.communicate()
        for listener in self.sockets.values():
            listener.close()
        for fd in self.opened:
            os.close(fd)
        libc.msgctl(self.queue, IPC_RMID, None)
        libc.shmctl(self.memory, IPC_RMID, None)
        libc.semctl(self.semaphore, 0, IPC_RMID, 0)
        libc.shmdt(ctypes.c_void_p(self.mapped))
        libc.mq_unlink(f"/{self.name}".encode())
        for path in self.shared:
            os.unlink(path)
        self.clear()

    def clear(self):
        for entry in os.scandir(self.path):
            if entry.name in ("mount", "bound"):  # mounted by the test; emptied, and kept
                for name in ("new", "below/new"):
                    if os.path.exists(f"{entry.path}/{name}"):
                        os.unlink(f"{entry.path}/{name}")
            elif entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path)
            else:
                os.unlink(entry.path)

    def make_files(self):
        self.clear()
        kept = f"{self.path}/kept"
        with open(kept, "w", encoding="ascii") as file:
            file.write("kept\n" * 1000)
        os.mkdir(f"{self.path}/empty")
        os.mkfifo(f"{self.path}/fifo")
        os.chmod(kept, 0o644)
        # An old time of access, so that relatime moves it at the first reading.
        os.utime(kept, ns=(10**18, 2 * 10**18))
        try:
            os.setxattr(kept, "user.kept", b"kept")
        except OSError:
            pass
        self.fifo = self.keep(os.open(f"{self.path}/fifo", os.O_RDONLY | os.O_NONBLOCK))
        for path in self.shared:
            with open(path, "w", encoding="ascii") as file:
                file.write("kept")

    def keep(self, fd):
        self.opened.append(fd)
        return fd

    def listen(self, name, family, kind, address, protocol=0):
        try:
            one = socket.socket(family, kind, protocol)
            one.bind(address)
            if kind != socket.SOCK_DGRAM:
                one.listen()
        except OSError:
            return
        one.setblocking(False)
        self.sockets[name] = one
        if family != socket.AF_UNIX:
            self.facts[name] = one.getsockname()[1]

    def make_sockets(self):
        here = os.getcwd()
        os.chdir(self.path)  # a socket's name is short
        for name, kind in self.UNIX.items():
            self.listen(f"unix-{name}", socket.AF_UNIX, kind, name)
            self.listen(f"abstract-{name}", socket.AF_UNIX, kind, f"\0{self.name}-{name}")
        os.chdir(here)
        self.listen("tcp4", socket.AF_INET, socket.SOCK_STREAM, ("0.0.0.0", 0))
        self.listen("tcp6", socket.AF_INET6, socket.SOCK_STREAM, ("::1", 0))
        self.listen("udp4", socket.AF_INET, socket.SOCK_DGRAM, ("0.0.0.0", 0))
        self.listen("udp6", socket.AF_INET6, socket.SOCK_DGRAM, ("::1", 0))
        self.listen("udplite4", socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0), 136)
        self.listen("sctp4", socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0), 132)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.connect(("192.0.2.1", 9))  # sends nothing: only asks for a route
                self.facts["address"] = probe.getsockname()[0]
            except OSError:
                pass

    def make_objects(self):
        key = random.randrange(1, 2**31)
        self.queue = libc.msgget(key, IPC_CREAT | 0o600)
        self.memory = libc.shmget(key, 4, IPC_CREAT | 0o600)
        self.semaphore = libc.semget(key, 1, IPC_CREAT | 0o600)
        self.mapped = libc.shmat(self.memory, None, 0)
        assert -1 not in (self.queue, self.memory, self.semaphore)
        attributes = (ctypes.c_long * 8)(0, 4, 16)
        name = f"/{self.name}".encode()
        self.posix = self.keep(libc.mq_open(name, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK, 0o600, attributes))
        self.facts.update(key=key, queue=f"/{self.name}")

    def make_terminals(self):
        """Another's, and one for those who need one of their own."""
        self.master, self.slave = (self.keep(fd) for fd in pty.openpty())
        self.own_master, self.own_slave = (self.keep(fd) for fd in pty.openpty())
        settings = termios.tcgetattr(self.own_slave)
        settings[3] &= ~termios.ICANON
        termios.tcsetattr(self.own_slave, termios.TCSANOW, settings)
        self.facts["terminal"] = os.ttyname(self.slave)
        self.facts["terminals"] = os.stat("/dev/pts/ptmx").st_dev

    def make_victim(self):
        self.victim = subprocess.Popen(
            [self.ways, "victim"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, preexec_fn=lambda: os.setpgid(0, 0))
        assert self.victim.stdout.readline() == b"ready\n"
        self.facts.update(victim=self.victim.pid, group=self.victim.pid)

    def run(self, argv, terminal=None, **more):
        """In the victim's process group, or where `terminal` is the session's."""
        def prepare():
            if terminal is None:
                os.setpgid(0, self.victim.pid)
            else:
                os.setsid()
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
        more.setdefault("stdin", subprocess.DEVNULL)
        return subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60,
                              preexec_fn=prepare, check=False, **more)

    def look(self):
        """Everything that a way may change, as a dictionary."""
        seen = dict(self.look_at_files())
        for name, listener in self.sockets.items():
            seen[name] = self.receive(listener)
        for name, fd in (("fifo", self.fifo), ("terminal", self.master), ("own terminal", self.own_master)):
            ready = select.select([fd], [], [], 0)[0]
            seen[name] = os.read(fd, 4096) if ready else b""
        buffer = ctypes.create_string_buffer(64)
        seen["sysv queue"] = libc.msgrcv(self.queue, buffer, 32, 0, IPC_NOWAIT)
        seen["sysv memory"] = ctypes.string_at(self.mapped, 4)
        seen["sysv semaphore"] = libc.semctl(self.semaphore, 0, GETVAL, 0)
        seen["posix queue"] = libc.mq_receive(self.posix, buffer, 64, None)
        again = libc.mq_open(f"/{self.name}".encode(), os.O_RDONLY)
        seen["posix queue's name"] = again >= 0
        if again >= 0:
            os.close(again)
        for path in self.shared:
            with open(path, "rb") as file:
                seen[path] = file.read()
        seen.update(self.look_at_victim())
        return seen

    def look_at_files(self):
        yield "directory", self.describe(self.path)
        for top, directories, files in os.walk(self.path):
            for name in directories + files:
                yield f"{top}/{name}", self.describe(f"{top}/{name}")

    @staticmethod
    def describe(path):
        st = os.lstat(path)
        try:
            attributes = {name: os.getxattr(path, name, follow_symlinks=False)
                          for name in os.listxattr(path, follow_symlinks=False)}
        except OSError:
            attributes = None
        # Before our own reading moves it; kept only where nothing else reads.
        times = (st.st_mtime_ns, st.st_ctime_ns, st.st_atime_ns if path.endswith("/kept") else 0)
        return st.st_ino, st.st_mode, st.st_uid, st.st_gid, st.st_nlink, st.st_size, times, attributes, Stage.digest(path, st)

    @staticmethod
    def digest(path, st):
        if not os.path.isfile(path) or os.path.islink(path):
            return None
        flags = os.O_RDONLY | (os.O_NOATIME if st.st_uid == os.geteuid() or os.geteuid() == 0 else 0)
        with open(os.open(path, flags), "rb") as file:
            return hashlib.sha256(file.read()).hexdigest()

    @staticmethod
    def receive(listener):
        try:
            if listener.type == socket.SOCK_DGRAM:
                return listener.recv(64)
            with listener.accept()[0] as peer:
                peer.settimeout(1)
                return b"connected " + peer.recv(64)
        except OSError:
            return None

    def look_at_victim(self):
        if self.victim.poll() is not None:
            return {"victim": self.victim.returncode}
        pid = self.victim.pid
        with open(f"/proc/{pid}/oom_score_adj", encoding="ascii") as file:
            score = file.read()
        return {"victim": None, "priority": os.getpriority(os.PRIO_PROCESS, pid), "limit": resource.prlimit(pid, 7),
                "scheduler": os.sched_getscheduler(pid), "processors": os.sched_getaffinity(pid), "score": score,
                "io": libc.syscall(IOPRIO_GET, 1, pid) if IOPRIO_GET else None}

    def changes(self, before, patience):
        """What is no longer as it was; a signal or a packet may take a moment."""
        until = time.monotonic() + patience
        while True:
            now = self.look()
            changed = sorted(key for key in before.keys() | now.keys() if before.get(key) != now.get(key))
            if changed or time.monotonic() > until:
                return changed
            time.sleep(0.01)

    def survivors(self):
        """Processes that name this stage in their arguments, but for ourselves."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                with open(f"/proc/{entry}/cmdline", "rb") as file:
                    words = file.read().split(b"\0")
            except OSError:
                continue
            if b"stay" in words and self.path.encode() in words and os.path.basename(words[0]) != b"envseal-exec":
                found.append(int(entry))
        return found

    def end_survivors(self):
        """Again and again: one may be making more."""
        while found := self.survivors():
            for pid in found:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
