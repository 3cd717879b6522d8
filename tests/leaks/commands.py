"""The commands of the sweep: every verb, with its possible refusals. A verb without a row fails the
sweep."""
import collections


class Name(str):
    """A word in whose place somebody may paste a secret. It must not come back."""


class New(Name):
    """One that names something new: what may be a name becomes one, and is named."""


class Command(str):
    """A command or a file: one that is not there is repeated, as every program does, but not what follows a "="."""


# status: what it ends with when nothing is in its way. shows: what is printed once, on purpose: a
# new recovery key. dumps: standard output is the text of a file that the caller has chosen.
Row = collections.namedtuple("Row", "words stdin status shows dumps")


def row(*words, stdin="", status=0, shows=False, dumps=False):
    return Row(words, stdin, status, shows, dumps)


# {given} is a directory with what a user brings: a .env file, key files, programs. {value} and the
# like are the needles.
USER = {
    "init": [
        row("init", "--key-file", "--vault", "{home}/another"),
        row("init", "--passphrase", "--passphrase-fd", "0", "--vault", "{home}/another", stdin="{passphrase}"),
        row("init", "--key-file", status=1),
        row("init", "--service-uid", Name("7"), status=2),
    ],
    "store": [
        row("store", New("fresh"), stdin="{value}"),
        row("store", New("first/one"), "--force", "--expires", Name("90d"), stdin="{value}"),
        row("store", "first/one", stdin="{value}", status=1),
        row("store", New("fresh"), "--raw", stdin="{value}\n"),
        row("store", New("fresh"), "--generate", Name("40")),
        row("store", New("fresh"), "--sealed", stdin="{value}", status=1),
        row("store", "fresh", stdin="{value}\0", status=0),
        row("store", "fresh", stdin="", status=1),
    ],
    "import": [
        row("import", "--prefix", New("env/"), Command("{given}/env")),
        row("import", "-", "--expires", Name("2d"), stdin="A='{value}'"),
        row("import", "--from-stdin0", stdin="A={value}\0B={token}\0"),
        row("import", "-", stdin="A='{value}", status=1),
        row("import", "-", stdin='A="{value}\\', status=1),
        row("import", "-", stdin="A={value}", status=1),
        row("import", "-", stdin="{value}", status=1),
        row("import", "-", stdin="{token}", status=1),
        row("import", "-", stdin="{token}={value}\n{token}=x", status=1),
        row("import", "--from-stdin0", stdin="{token}", status=1),
        row("import", "--from-stdin0", stdin="{value}\0", status=1),
    ],
    "list": [row("list"), row("list", "--long"), row("list", "--json")],
    "remove": [row("remove", Name("second"), Name("first/one"))],
    "rename": [row("rename", Name("second"), New("third"))],
    "restore": [row("restore", Name("second"))],
    "prune": [row("prune")],
    "verify": [row("verify"), row("verify", "--json")],
    "fingerprint": [
        row("fingerprint", Name("first/one")),
        row("fingerprint", "first/one", "--json"),
        row("fingerprint", "first/one", "--shared", "--phrase-fd", "0", stdin="{phrase}"),
        row("fingerprint", "first/one", "--shared", "--phrase-fd", Name("0"), stdin="short", status=1),
    ],
    "pubkey": [row("pubkey"), row("pubkey", "--json")],
    "unlock": [row("unlock", "--for", Name("5s"))],
    "lock": [row("lock")],
    "slot add": [
        row("slot", "add", "passphrase", "--force", "--cost", "interactive", "--new-passphrase-fd", "0",
            stdin="{passphrase}"),
        row("slot", "add", "passphrase", "--new-passphrase-fd", Name("0"), "--force", stdin="short", status=1),
        row("slot", "add", "recovery", "--force", shows=True),
        row("slot", "add", Name("key-file"), "{given}/key", "--force"),
        row("slot", "add", "key-file", "{home}/new-key", "--force"),
        row("slot", "add", "credential", "{given}/credentials/envseal.key", "--force"),
        row("slot", "add", "key-file", "{given}/env", "--force", status=1),
    ],
    "slot list": [row("slot", "list"), row("slot", "list", "--json")],
    "slot remove": [row("slot", "remove", Name("recovery"))],
    "rotate-key": [
        row("rotate-key", "--passphrase-fd", "0", stdin="{passphrase}", shows=True),
        row("rotate-key", "--passphrase-fd", "0", stdin="{passphrase}, nearly", status=1),
    ],
    "hash": [
        row("hash", "{given}/env"),
        row("hash", "--json", "{given}/env"),
        row("hash", "--algorithm", Name("sha256"), "{given}/env"),
    ],
    "explain": [
        row("explain", "--profile", Name("hardened"), "bash", "-c", Name("true")),
        row("explain", "--json", "--profile", "lockdown", "bash", "-c", "true", Name("argument")),
        row("explain", "--profile", "rules", "bash", Name("argument"), status=1),
        row("explain", "--profile", "missing", "bash", status=1),
        row("explain", Command("nowhere"), status=1),
    ],
    "run": [row("run", "--profile", "none", "--", "bash", "-c", "{silent}")],
    "shim": [row("shim", "bash"), row("shim", "bash", "--remove", status=1)],
    "policy new": [
        row("policy", "new", "/usr/bin/env", "--tier", Name("none"), "--secret", "ONE=first/one"),
        row("policy", "new", "/usr/bin/env", "--tier", "hardened", "--secrets", Name("first/"), "--profile", "more"),
        row("policy", "new", "/usr/bin/env", "--tier", "none", "--secret", New("ONE=first/one"), "--force"),
        row("policy", "new", "/usr/bin/env", "--from", "{given}/template", status=1),
    ],
    "policy check": [
        row("policy", "check", status=1),
        row("policy", "check", "--json", status=1),
        row("policy", "check", "--explain", Name("secret-missing")),
        row("policy", "check", "{given}/env", status=1),
    ],
    "policy list": [
        row("policy", "list"), row("policy", "list", "--verify"), row("policy", "list", "--json"),
        row("policy", "list", "--commands"),
    ],
    "policy keys": [row("policy", "keys"), row("policy", "keys", "--json")],
    "policy who": [row("policy", "who", Name("first/one")), row("policy", "who", Name("first/one"), "--json")],
    "policy report": [row("policy", "report"), row("policy", "report", "--json")],
    "policy show": [
        row("policy", "show", "bash", "--profile", Name("template"), dumps=True),
        row("policy", "show", "bash", "--profile", "file", "--json", dumps=True),
    ],
    "policy diff": [row("policy", "diff", "bash", "--profile", Name("none"), dumps=True)],
    "policy edit": [row("policy", "edit", "bash", "--profile", Name("none"))],
    "policy pin": [
        row("policy", "pin", "bash", "--profile", Name("none")),
        row("policy", "pin", "--changed"),
        row("policy", "pin", "--package", Name("no-such-package"), status=1),
    ],
    "policy approve": [row("policy", "approve", "--yes", "bash", "--profile", Name("none"))],
    "policy mask": [row("policy", "mask", "/usr/bin/env")],
    "policy remove": [row("policy", "remove", "bash", "--profile", Name("none"))],
    "policy allow": [row("policy", "allow", "bash", "--group", Name("nogroup"), status=1)],
    "doctor": [row("doctor", status=None), row("doctor", "--json", status=None)],
    "envseal-exec": [
        *(row("exec", "--profile", Name(tier), "bash", "-c", "{silent}", Name("argument"))
          for tier in ("none", "hardened", "lockdown")),
        *(row("exec", "--profile", tier, "bash", "-c", "{loud}", status=3)
          for tier in ("masked", "hardened", "lockdown")),
        *(row("exec", "--profile", tier, "bash", "-c", "{silent}") for tier in ("file", "fd", "stdin", "template")),
        row("exec", "--profile", "rules", "bash", Name("argument"), status=125),
        row("exec", "--profile", "missing", "bash", status=125),
        row("exec", "--profile", "expired", "bash", status=125),
        row("exec", "--profile", "timeout", "bash", "-c", "sleep 9", status=124),
        row("exec", "--status-fd", "2", "--profile", "hardened", "bash", "-c", "{silent}", status=125),
        row("exec", "--status-fd", Name("9"), "bash", status=125),
        row("exec", "--passphrase-fd", Name("0"), "--profile", "none", "bash", "-c", "{silent}", stdin="{passphrase}"),
        row("exec", Command("nowhere"), status=127),
        *(row("exec", "{given}/" + program, status=None) for program in ("no-format", "no-interpreter", "no-loader")),
    ],
}

# What the caller runs, and what root does, in system mode.
SYSTEM = {
    "envseal-exec": [
        *(row("exec", "--profile", Name(tier), "bash", "-c", "{silent}", Name("argument"))
          for tier in ("none", "hardened", "lockdown")),
        *(row("exec", "--profile", tier, "bash", "-c", "{loud}", status=3)
          for tier in ("masked", "hardened", "lockdown")),
        *(row("exec", "--profile", tier, "bash", "-c", "{silent}") for tier in ("file", "fd", "stdin", "template")),
        row("exec", "--profile", "rules", "bash", Name("argument"), status=125),
        row("exec", "--profile", "missing", "bash", status=125),
        row("exec", "--profile", "expired", "bash", status=125),
        row("exec", "--profile", "granted-to-nobody", "bash", status=125),
        row("exec", "--profile", "timeout", "bash", "-c", "sleep 9", status=124),
        row("exec", Command("nowhere"), status=127),
        *(row("exec", "{given}/" + program, status=None) for program in ("no-format", "no-interpreter", "no-loader")),
    ],
}


def of_root():
    """The others are root's, and do there what they can; so none has an ending that it must have."""
    return {verb: [one._replace(status=None) for one in known] for verb, known in USER.items()
            if verb not in ("envseal-exec", "init")}


# Verbs that ask: here stdin is what is answered, one by one. An open vault asks for nothing.
TERMINAL = {
    "init": [row("init", "--passphrase", "--vault", "{home}/another", stdin=("{passphrase}", "{passphrase}"))],
    "store": [row("store", "fresh", stdin=("{token}", "{token}"))],
    "verify": [row("verify", stdin=("{passphrase}",)), row("verify", stdin=("{recovery}",))],
    "unlock": [row("unlock", "--for", "1s", stdin=("{passphrase}",))],
    "fingerprint": [row("fingerprint", "first/one", "--shared", stdin=("{passphrase}", "{phrase}", "{phrase}"))],
    "slot add": [row("slot", "add", "passphrase", "--force", "--cost", "interactive",
                     stdin=("{passphrase}", "{passphrase}", "{passphrase}"))],
    "policy approve": [row("policy", "approve", "bash", "--profile", "none", stdin=("y", "{passphrase}"))],
    "envseal-exec": [
        row("exec", "--profile", tier, "bash", "-c", script, stdin=("{passphrase}",), status=3 if script == "{loud}" else 0)
        for tier, script in (("none", "{silent}"), ("hardened", "{loud}"), ("lockdown", "{loud}"), ("masked", "{loud}"))
    ],
}

# Texts that somebody may put where a policy, a pin file or another file of ours belongs.
MISTAKES = {
    "alone": "{value}\n",
    "token alone": "{token}\n",
    "unquoted": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\n[secrets]\nONE = {token}\n",
    "not closed": "version = 1\n[secrets]\nONE = \"{token}\n",
    "escape": "version = 1\n[secrets]\nONE = \"{value}\"\n",
    "as tier": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"{token}\"\n",
    "as version": "version = \"{token}\"\n",
    "as hash": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\nhash = [\"{token}\"]\n",
    "as secret's name": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                        "[secrets]\nONE = \"{token}\"\n",
    "as bad name": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                   "[secrets]\nONE = '{value}'\n",
    "in a template": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                     "[secrets]\nONE = {{ template = 'x:{value}@${{first/one}}' }}\n",
    "broken template": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                       "[secrets]\nONE = {{ template = 'x:{value}@${{{token}' }}\n",
    "as deliver": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                  "[secrets]\nONE = {{ secret = \"first/one\", deliver = \"{token}\" }}\n",
    "as date": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\nexpires = {token}\n",
    "in set": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
              "[environment]\nset = {{ LD_PRELOAD = '{value}', ONE = '{value}' }}\n",
    "as inherit": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"none\"\npin = \"trusted\"\n"
                  "[environment]\ninherit = ['{value}']\n",
    "as path": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"hardened\"\npin = \"trusted\"\n"
               "[filesystem]\nhidden = ['{value}']\n",
    "as size": "version = 1\ncommand = \"/usr/bin/bash\"\ntier = \"hardened\"\npin = \"trusted\"\n"
               "[limits]\nmemory = '{value}'\n",
}
