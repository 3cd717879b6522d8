#include "cmd/check/check.h"

#include "util/cleanup.h"

/* doc/man/envseal.1.scd lists the codes; tests/bats/policy-check.bats sees each of them found. */
/* clang-format off */
const struct check_kind check_kinds[CHECK_CODES] = {
	[CHECK_INVALID] = {"invalid", CHECK_ERROR, "the file is not a policy",
	                   "Not TOML, or an unknown key, a wrong type, a value out of range, a key without effect in "
	                   "its tier. Nothing runs by such a file, and later layers are not asked. The line says "
	                   "where and why; envseal-policy(5) has the keys."},
	[CHECK_UNUSABLE] = {"unusable", CHECK_ERROR, "the file cannot be used as it lies there",
	                    "Something else than a regular file, unreadable, too large, of another owner, writable by "
	                    "others, without the signature that its layer must have, or never read because of its name. Whatever stands in a policy's place and is no "
	                    "policy stops the command, rather than be passed over."},
	[CHECK_PLACE] = {"place", CHECK_ERROR, "the file lies in the place of another command",
	                 "A policy is found by its place in the tree, and its `command` must say the same, so that no "
	                 "file that was copied or moved grants to a program what was meant for another. Move it, or "
	                 "correct `command`."},
	[CHECK_NOT_INSTALLED] = {"not-installed", CHECK_ERROR, "there is no such command",
	                         "The policy allows nothing until the command is installed, but would be in force for "
	                         "whatever comes to lie there with a pinned hash. Remove it when the command is gone for "
	                         "good: envseal policy remove COMMAND."},
	[CHECK_UNPINNED] = {"unpinned", CHECK_ERROR, "no content of the command is accepted",
	                    "Neither `hash` nor a pin file names one, so nothing runs. After looking at what is "
	                    "installed: envseal policy pin COMMAND."},
	[CHECK_CHANGED] = {"changed", CHECK_ERROR, "the command is not what was pinned",
	                   "An upgrade, or somebody's doing. `envseal policy diff COMMAND` shows both hashes and the "
	                   "package's opinion; `envseal policy pin COMMAND`, or `pin --changed` for all, accepts what is "
	                   "installed now."},
	[CHECK_UNTRUSTED] = {"untrusted", CHECK_ERROR, "pin = \"trusted\", but others than root can change the command",
	                     "\"trusted\" accepts any content as long as only root can write the file and every directory "
	                     "above it. That is not so here, and it is refused. Pin it by its hash instead."},
	[CHECK_NOT_APPROVED] = {"not-approved", CHECK_ERROR, "the policy or a pin is not what its user approved",
	                        "Any process of a user can write the user's policies, so they count only as they were "
	                        "approved. Read it, then: envseal policy approve COMMAND."},
	[CHECK_GRANT_UNUSABLE] = {"grant-unusable", CHECK_ERROR, "the grant cannot be believed",
	                          "A link, a directory, or a file that is not root's alone, in access/. Nobody but root "
	                          "may use the policy until it is mended: envseal policy allow COMMAND."},
	[CHECK_SECRET_MISSING] = {"secret-missing", CHECK_ERROR, "the vault has no such secret",
	                          "A required secret that is not there stops the command. Store it, correct the name, "
	                          "or say required = false."},
	[CHECK_SECRET_UNUSABLE] = {"secret-unusable", CHECK_ERROR, "the secret cannot be delivered as the policy says",
	                           "A value of more than 128 KiB, or with a NUL byte, cannot be a variable: deliver it as "
	                           "\"file\", \"fd\" or \"stdin\". One that has expired or is damaged cannot be "
	                           "delivered at all: store it again. Only looked at while the vault is open."},
	[CHECK_EXPIRED] = {"expired", CHECK_ERROR, "the policy's `expires` has come",
	                   "It is refused from that day on, UTC. Give it another date after looking at it again, or "
	                   "remove it."},
	[CHECK_TIER_NONE] = {"tier-none", CHECK_WARNING, "tier none, with secrets",
	                     "In this tier the command has no processes of its own and no private /tmp; in user mode "
	                     "whatever runs with the same uid sees its environment and memory. Take \"hardened\" unless "
	                     "the command does not work there."},
	[CHECK_INTERPRETER] = {"interpreter", CHECK_WARNING, "the command runs whatever its arguments say",
	                       "A shell, an interpreter, or a program that starts others: who may run it with a secret may "
	                       "have it print the secret. Write the policy for a script, which is hashed, instead; or "
	                       "allow only certain arguments. Some interpreters take options behind the script too (awk, "
	                       "make, sed): gawk has -E against that, for others allow only certain arguments."},
	[CHECK_PYTHON_PATH] = {"python-path", CHECK_WARNING, "python without -I",
	                       "It then takes modules from the script's or the working directory and from the user's: "
	                       "whoever can put a file there runs code with the secrets. Say -I in script.options, or in "
	                       "arguments.prepend."},
	[CHECK_MUTABLE] = {"mutable", CHECK_WARNING, "somebody else can change what runs",
	                   "The file, or a directory above it, can be written by others than root and the policy's "
	                   "owner. Changed content of the command does not run, but they can stop it, and see to it that "
	                   "the next `policy pin` accepts theirs. The programs of process.exec, and what lies below "
	                   "filesystem.root, are not hashed: there, what they write runs with the secrets."},
	[CHECK_WRITABLE_HOME] = {"writable-home", CHECK_WARNING, "`writable` covers a home directory",
	                         "lockdown then writes to where shells, editors and other programs look for their "
	                         "configuration: what leaves the sandbox that way runs outside of it. Name a directory "
	                         "below it that has nothing else in it."},
	[CHECK_GRANT_ORPHAN] = {"grant-orphan", CHECK_WARNING, "a grant without a policy",
	                        "The next policy for that command would be usable by whom this file says, at once. Take it "
	                        "away: envseal policy allow COMMAND --none."},
	[CHECK_PIN_ORPHAN] = {"pin-orphan", CHECK_WARNING, "a pin without a policy",
	                      "The next policy for that command would accept this content too, however old it is by "
	                      "then. Remove the file, or the package that it came with."},
	[CHECK_EXPIRES_SOON] = {"expires-soon", CHECK_NOTE, "the policy's `expires` comes within 30 days",
	                        "From that day on, UTC, the command is refused."},
	[CHECK_HASH_SLOW] = {"hash-slow", CHECK_NOTE, "only SHA-256 hashes",
	                     "As safe as BLAKE2b-256, and a third of the speed, which each start of the command pays. "
	                     "`envseal policy pin COMMAND` writes the faster one beside it."},
	[CHECK_SECRET_SHORT] = {"secret-short", CHECK_NOTE, "the secret is too short to be masked",
	                        "Masking so few bytes would hide parts of other words, and show by that what they are. "
	                        "It is left in the command's output. Only looked at while the vault is open."},
	[CHECK_SECRET_GUESSABLE] = {"secret-guessable", CHECK_NOTE, "masking would confirm guesses of the secret",
	                            "Whoever chooses text that the command prints sees which text is masked, and tries "
	                            "millions of guesses a second. Store a longer, random secret, or allow only certain "
	                            "arguments. Only looked at while the vault is open."},
	[CHECK_SHADOWED] = {"shadowed", CHECK_NOTE, "an earlier layer's file counts instead",
	                    "The first layer that has a file for a command wins whole; nothing is merged. `envseal policy "
	                    "diff COMMAND` shows what differs."},
	[CHECK_MASKED] = {"masked", CHECK_NOTE, "the command is masked",
	                  "An empty file, or a link to /dev/null: the command is refused, whatever later layers say. "
	                  "`envseal policy remove COMMAND` ends that."},
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
