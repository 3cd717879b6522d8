"""The vaults and policies at the start of the sweep: a user's, and the system's."""
import os
import re
import subprocess

from place import NEEDLES, PREFIX, Place

BASH = os.path.realpath("/bin/bash")
# Policies of bash, by profile: tier, what is changed in the text, what is added to it.
PROFILES = {
    "none": ("none", None, ""),
    "hardened": ("hardened", None, ""),
    "lockdown": ("lockdown", None, ""),
    "masked": ("none", None, '[output]\nmask = "always"\n'),
    "rules": ("none", None, '[arguments]\nallow = [["never", "this"]]\n'),
    "timeout": ("hardened", None, '[limits]\ntimeout = "1s"\n'),
    "expired": ("none", (r"(tier = .*)", r"\1\nexpires = 2020-01-01"), ""),
    "missing": ("none", (r'"first/one"', r'"not/there"'), ""),
    "file": ("hardened", (r'"first/one"', r'{ secret = "first/one", deliver = "file" }'), ""),
    "fd": ("none", (r'"first/one"', r'{ secret = "first/one", deliver = "fd" }'), ""),
    "stdin": ("hardened", (r'"first/one"', r'{ secret = "first/one", deliver = "stdin" }'), ""),
    "template": ("hardened", (r'"first/one"', r'{ template = "postgres://app:${first/one}@db" }'), ""),
    "granted-to-nobody": ("none", None, ""),
}
PROGRAMS = ("no-format", "no-interpreter", "no-loader")


def policies(place, directory, let):
    """let(COMMAND, OPTION...): makes the policy count."""
    for profile, (tier, change, more) in PROFILES.items():
        place.envseal("policy", "new", BASH, "--profile", profile, "--tier", tier, "--secret", "ONE=first/one")
        path = f"{directory}/policies{BASH}@{profile}.toml"
        with open(path, encoding="utf-8") as file:
            text = file.read()
        with open(path, "w", encoding="utf-8") as file:
            file.write((re.sub(*change, text) if change else text) + more)
        let(BASH, "--profile", profile)
    for program in PROGRAMS:
        place.envseal("policy", "new", f"{place.given}/{program}", "--tier", "none", "--secret", "ONE=first/one")
        let(f"{place.given}/{program}")
    os.unlink(f"{place.given}/interpreter")


def secrets(place, host_key):
    with open(host_key, "rb") as file:
        place.known["root-key"] = file.read()
    place.kept[host_key] = {"root-key"}
    place.write_needles()
    place.envseal("store", "first/one", stdin=NEEDLES["value"])
    place.envseal("store", "second", stdin=NEEDLES["value"])
    place.envseal("store", "second", "--force", stdin=NEEDLES["token"])


def user(passphrase_only=False):
    """A vault that is always open, or that only a passphrase and a recovery key open."""
    place = Place("user")
    place.give()
    place.envseal("init", "--key-file")
    secrets(place, f"{place.home}/.local/share/envseal/slots/host.key")
    place.envseal("slot", "add", "passphrase", "--cost", "interactive", "--new-passphrase-fd", "0",
                  stdin=NEEDLES["passphrase"])
    recovery = place.envseal("slot", "add", "recovery").out.strip()
    place.known.update({"recovery-key": recovery, "recovery-digits": recovery.replace(b"-", b"")})
    place.words["recovery"] = recovery.decode()
    place.write_needles()
    policies(place, f"{place.home}/.config/envseal", lambda *which: place.envseal("policy", "approve", "--yes", *which))
    if passphrase_only:
        place.envseal("slot", "remove", "host-key")
    place.listen()
    place.keep()
    return place


def system():
    """The system's vault and policies, in the test's own configured places (tests/bats/system.bash)."""
    place = Place("system")
    place.give()
    for path in (place.top, place.given):
        os.chmod(path, 0o711)
    caller = int(os.environ["CALLER_UID"])
    home = f"{place.top}/caller"
    os.mkdir(home)
    os.chown(home, caller, caller)
    place.envseal("init", "--system", "--service-uid", os.environ["SERVICE_UID"], "--run-gid", os.environ["RUN_GID"])
    secrets(place, f"{PREFIX}/var/lib/envseal/vault/slots/host.key")

    def grant(*which):
        if "granted-to-nobody" not in which:
            place.envseal("policy", "allow", *which, "--all")
    policies(place, f"{PREFIX}/etc/envseal", grant)
    place.roots += [f"{PREFIX}/etc/envseal", f"{PREFIX}/var/lib/envseal", home]
    place.as_caller = ["setpriv", f"--reuid={caller}", f"--regid={caller}", "--clear-groups", "env", f"HOME={home}"]
    place.listen()
    place.elsewhere.append("/run")
    place.kept["/run/envseal/unlocked/"] = {"root-key"}
    place.keep()
    return place
