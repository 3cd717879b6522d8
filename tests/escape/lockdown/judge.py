# judge.py WAYS PLACE ENVSEAL_EXEC TOPIC [TIER=PROGRAM]...: tries the ways of a topic, each first
# outside, where it must work, then all in the tiers, where none may. Prints the failures, then a
# line of figures; exits 1 if there are failures.
import errno
import json
import os
import signal
import subprocess
import sys

from stage import Stage, ours

LOCKDOWN, HARDENED, SEEN, ROOT, MAYBE, MARK, NOWHERE, SURFACE = (1 << bit for bit in range(8))
# Profiles of process.seccomp are lockdown's.
TIERS = {"hardened": HARDENED}

# What a kernel answers that refuses or has nothing there. Any other errno is a way that went wrong.
REFUSALS = {getattr(errno, name) for name in """EPERM EACCES EROFS ENOSYS ENOENT ESRCH ENXIO ENODEV ENOTDIR EXDEV
    EAFNOSUPPORT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP ENETUNREACH ECONNREFUSED EADDRNOTAVAIL EISCONN
    EINVAL EBADF ENOTSOCK ENOTTY EPROTOTYPE EDESTADDRREQ""".split()}
# What one answers that was built without a thing: such a way is absent on this host, whatever its
# row says.
LACKING = {errno.ENOSYS, errno.EAFNOSUPPORT, errno.EPROTONOSUPPORT, errno.ESOCKTNOSUPPORT}
MISSING = REFUSALS - {errno.EPERM, errno.EACCES, errno.EROFS} | {errno.EIO}


def parse(output):
    """NAME -> "out", an errno, or a signal's name."""
    results = {}
    for line in output.splitlines():
        name, kind, *number = line.split()
        results[name] = "out" if kind == "out" else int(number[0]) if kind == "errno" else signal.Signals(int(number[0])).name
    return results


def scopes():
    """Whether Landlock has them (ABI 6), as this build sees it. Without, hardened keeps nobody from abstract sockets (SECURITY.md)."""
    told = subprocess.run([os.environ["ENVSEAL"], "doctor", "--json"], stdout=subprocess.PIPE, text=True).stdout
    return next(check["facts"]["abi"] >= 6 for check in json.loads(told)["checks"] if check["name"] == "Landlock")


def say(result):
    return errno.errorcode.get(result, result) if isinstance(result, int) else result


class Judge:
    def __init__(self, ways, place, envseal, topic):
        self.ways, self.place, self.envseal, self.topic = ways, place, envseal, topic
        self.problems, self.shown, self.absent, self.closed = [], set(), {}, 0
        self.scopes = topic != "sockets" or scopes()
        listed = subprocess.run([ways, "list"], stdout=subprocess.PIPE, text=True, check=True).stdout.split("\n")
        self.rows = {name: int(flags) for of, name, flags in (line.split() for line in listed if line) if of == topic}

    def terminal(self, stage, name):
        """Rows of this topic need a terminal: as standard input, or only as the session's."""
        if self.topic != "terminal":
            return {}
        own = {"terminal": stage.own_slave}
        return own if name == "dev-tty" else {**own, "stdin": stage.own_slave}

    def outside(self, name, flags):
        with Stage(self.place, self.ways) as stage:
            before = stage.look()
            run = stage.run([self.ways, "take", self.place, self.topic, name], **self.terminal(stage, name))
            result = parse(run.stdout).get(name)
            arrived = stage.changes(before, 2 if result == "out" and flags & SEEN and not flags & NOWHERE else 0)
        works = result == "out" and (bool(arrived) or not flags & SEEN)
        if works:
            self.shown.add(name)
        if result in LACKING or (flags & MAYBE and result in MISSING):
            self.absent[name] = result
        excused = name in self.absent or (flags & ROOT and os.geteuid() != 0) or flags & NOWHERE or (
            flags & MAYBE and (result == "out" or (result in REFUSALS and os.geteuid() != 0)
                               or (result in (errno.EPERM, errno.EACCES))))
        if works and flags & NOWHERE:
            self.problems.append(f"{name}: works outside ({arrived}), which a tier relies upon")
        if not works and not excused:
            self.problems.append(f"{name}: does not even work outside: {say(result)}, arrived: {arrived}")

    def judge(self, tier, name, result):
        flags = self.rows[name]
        if tier == "hardened" and not self.scopes and "abstract" in name:
            return
        if not flags & TIERS.get(tier, LOCKDOWN) or (tier == "unrestricted" and flags & SURFACE):
            return
        if name in self.absent and result == self.absent[name]:
            return
        if flags & MARK or result in REFUSALS or result == "SIGSYS":
            self.closed += 1
        else:
            self.problems.append(f"{name}: {say(result)} in {tier}")

    def inside(self, tier, program, names=None):
        with Stage(self.place, self.ways) as stage:
            before = stage.look()
            for name in names or [None]:
                argv = [self.envseal, program, "take", self.place, self.topic, *([name] if name else [])]
                run = stage.run(argv, **self.terminal(stage, name))
                results = parse(run.stdout)
                for way in [name] if name else self.rows:
                    if way in results:
                        self.judge(tier, way, results[way])
                    else:
                        self.problems.append(f"{way}: no answer in {tier}: status {run.returncode}, {run.stderr}")
                if run.returncode != 0:
                    self.problems.append(f"{tier} ended with {run.returncode}: {run.stderr}")
            arrived = stage.changes(before, 0.2)
        expected = self.left_open(tier)
        if arrived and not expected:
            # Which one it was: each alone.
            self.problems.append(f"{tier}: arrived outside: {arrived}; {results}")

    def left_open(self, tier):
        """Hardened closes only some of a topic's ways, so that others arrive."""
        return any(not flags & TIERS.get(tier, LOCKDOWN) and flags & SEEN for flags in self.rows.values())

    def closed_ones(self, tier):
        """All at once where the tier closes all; else those that it does, one by one."""
        if self.topic == "terminal" or self.left_open(tier):
            return [name for name, flags in self.rows.items() if flags & TIERS.get(tier, LOCKDOWN)]
        return None

    def verdict(self):
        for problem in self.problems:
            print(problem)
        for name in sorted(self.absent):
            print(f"absent: {name}")
        unshown = sorted(set(self.rows) - self.shown)
        print(f"{self.topic}: {len(self.rows)} ways, {len(self.shown)} shown to work outside, {self.closed} times closed inside"
              + (f"; not to be shown here: {' '.join(unshown)}" if unshown else ""))
        return 1 if self.problems else 0


def main():
    ways, place, envseal, topic, *tiers = sys.argv[1:]
    ours()
    judge = Judge(ways, place, envseal, topic)
    for name, flags in judge.rows.items():
        judge.outside(name, flags)
    for tier, program in (tier.split("=", 1) for tier in tiers):
        judge.inside(tier, program, judge.closed_ones(tier))
    return judge.verdict()


if __name__ == "__main__":
    sys.exit(main())
