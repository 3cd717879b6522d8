#include "cmd/check/check.h"

#include "util/cleanup.h"

/* doc/man/envseal.1.scd lists the codes; tests/bats/policy-check.bats sees each of them found. */
/* clang-format off */
const struct check_kind check_kinds[CHECK_CODES] = {
	[CHECK_INVALID] = {"invalid", CHECK_ERROR,
		"the file is not a policy",
		"It is not TOML, or has an unknown key, a wrong type, a value out of range, or a "
		"key without effect in its tier. Such a file allows nothing, and later layers are "
		"not consulted. The line says where and why; envseal-policy(5) lists the keys."},
	[CHECK_UNUSABLE] = {"unusable", CHECK_ERROR,
		"the file cannot be used",
		"It is not a regular file, is unreadable or too large, has another owner, is "
		"writable by others, lacks the signature that its layer requires, or has a name "
		"that is never read. Anything in a policy's place that is no policy stops the "
		"command."},
	[CHECK_PLACE] = {"place", CHECK_ERROR,
		"the file lies in the place of another command",
		"A policy is found by its place in the tree, and its `command` must name the same "
		"command, so that a file that was copied or moved grants nothing to another "
		"program. Move it, or correct `command`."},
	[CHECK_NOT_INSTALLED] = {"not-installed", CHECK_ERROR,
		"there is no such command",
		"The policy allows nothing until the command is installed, but then applies to "
		"any file there with a pinned hash. Remove it when the command is gone for good: "
		"envseal policy remove COMMAND."},
	[CHECK_UNPINNED] = {"unpinned", CHECK_ERROR,
		"no content of the command is accepted",
		"Neither `hash` nor a pin file names a hash, so nothing runs. Look at what is "
		"installed, then run: envseal policy pin COMMAND."},
	[CHECK_CHANGED] = {"changed", CHECK_ERROR,
		"the command is not what was pinned",
		"An upgrade or somebody else changed it. `envseal policy diff COMMAND` shows both "
		"hashes and the package; `envseal policy pin COMMAND`, or `pin --changed` for "
		"all, accepts what is installed now."},
	[CHECK_UNTRUSTED] = {"untrusted", CHECK_ERROR,
		"pin = \"trusted\", but users other than root can change the command",
		"\"trusted\" accepts any content while only root can write the file and every "
		"directory above it. Others can write here, so the command is refused. Pin it by "
		"its hash instead."},
	[CHECK_NOT_APPROVED] = {"not-approved", CHECK_ERROR,
		"the policy or a pin is not what its user approved",
		"Every process of a user can write the user's policies, so they count only in the "
		"form that was approved. Read it, then run: envseal policy approve COMMAND."},
	[CHECK_GRANT_UNUSABLE] = {"grant-unusable", CHECK_ERROR,
		"the grant cannot be trusted",
		"The file in access/ is a link or a directory, or others than root can change it. "
		"Only root may use the policy until this is fixed: envseal policy allow COMMAND."},
	[CHECK_SECRET_MISSING] = {"secret-missing", CHECK_ERROR,
		"the vault has no such secret",
		"A missing required secret stops the command. Store it, correct the name, or set "
		"required = false."},
	[CHECK_SECRET_UNUSABLE] = {"secret-unusable", CHECK_ERROR,
		"the secret cannot be delivered as the policy says",
		"A value of more than 128 KiB, or with a NUL byte, cannot be a variable: deliver "
		"it as \"file\", \"fd\" or \"stdin\". A secret that has expired or is damaged "
		"cannot be delivered at all: store it again. Checked only while the vault is "
		"open."},
	[CHECK_EXPIRED] = {"expired", CHECK_ERROR,
		"the policy has expired",
		"It is refused from the day in `expires` on, UTC. Review it and set another date, "
		"or remove it."},
	[CHECK_TIER_NONE] = {"tier-none", CHECK_WARNING,
		"tier none, with secrets",
		"In this tier the command shares the caller's processes and /tmp; in user mode "
		"every program with the same uid can read its environment and memory. Use "
		"\"hardened\" unless the command does not work there."},
	[CHECK_INTERPRETER] = {"interpreter", CHECK_WARNING,
		"the command executes what its arguments say",
		"A shell, an interpreter, or a program that starts others: whoever may run it "
		"with a secret can make it print the secret. Write the policy for a script, which "
		"is hashed, or allow only certain arguments. Some interpreters also take options "
		"after the script (awk, make, sed): gawk's -E prevents that; for others allow "
		"only certain arguments."},
	[CHECK_PYTHON_PATH] = {"python-path", CHECK_WARNING,
		"python without -I",
		"Python then loads modules from the script's or the working directory and from "
		"the user's: whoever can put a file there runs code with the secrets. Put -I into "
		"script.options or arguments.prepend."},
	[CHECK_MUTABLE] = {"mutable", CHECK_WARNING,
		"somebody else can change what runs",
		"Users other than root and the policy's owner can write the file or a directory "
		"above it. A changed command does not run, but they can stop it, or get their "
		"content accepted by the next `policy pin`. The programs of process.exec and the "
		"files below filesystem.root are not hashed: what they write there runs with the "
		"secrets."},
	[CHECK_WRITABLE_HOME] = {"writable-home", CHECK_WARNING,
		"`writable` covers a home directory",
		"The command can then write where shells, editors and other programs look for "
		"their configuration, which they execute outside the sandbox. Name a directory "
		"below it that holds nothing else."},
	[CHECK_GRANT_ORPHAN] = {"grant-orphan", CHECK_WARNING,
		"a grant without a policy",
		"Whoever this grant names could use the next policy for that command at once. "
		"Remove it: envseal policy allow COMMAND --none."},
	[CHECK_PIN_ORPHAN] = {"pin-orphan", CHECK_WARNING,
		"a pin without a policy",
		"The next policy for that command would also accept this content, however old it "
		"is then. Remove the file, or the package that it came with."},
	[CHECK_EXPIRES_SOON] = {"expires-soon", CHECK_NOTE,
		"the policy expires within 30 days",
		"The command is refused from the day in `expires` on, UTC."},
	[CHECK_HASH_SLOW] = {"hash-slow", CHECK_NOTE,
		"only SHA-256 hashes",
		"SHA-256 is as safe as BLAKE2b-256 but three times slower, at each start of the "
		"command. `envseal policy pin COMMAND` adds the faster hash."},
	[CHECK_SECRET_SHORT] = {"secret-short", CHECK_NOTE,
		"the secret is too short to be masked",
		"Masking so few bytes would also hide parts of other words, and so reveal them. "
		"The secret stays visible in the command's output. Checked only while the vault "
		"is open."},
	[CHECK_SECRET_GUESSABLE] = {"secret-guessable", CHECK_NOTE,
		"masking would confirm guesses of the secret",
		"Whoever chooses text that the command prints sees which text is masked, and "
		"tries millions of guesses a second. Store a longer, random secret, or allow only "
		"certain arguments. Only looked at while the vault is open."},
	[CHECK_SHADOWED] = {"shadowed", CHECK_NOTE,
		"an earlier layer's file counts instead",
		"The first layer with a file for a command wins; nothing is merged. `envseal "
		"policy diff COMMAND` shows the differences."},
	[CHECK_MASKED] = {"masked", CHECK_NOTE,
		"the command is masked",
		"The file is empty or a link to /dev/null: the command is refused, whatever later "
		"layers say. Undo it with: envseal policy remove COMMAND."},
};
/* clang-format on */

const char *check_severity_name(enum check_severity severity) {
	static const char *const names[] = {
		[CHECK_ERROR] = "error",
		[CHECK_WARNING] = "warning",
		[CHECK_NOTE] = "note",
	};
	return names[severity];
}
