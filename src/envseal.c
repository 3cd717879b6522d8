#include "cmd/cmd.h"
#include "cmd/options.h"
#include "util/fd.h"
#include "util/secret.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

/* clang-format off */
static const struct cmd verbs[] = {
	{"init", cmd_init, "[--key-file | --passphrase | --system [OPTION...]]", "create a vault"},
	{"store", cmd_store, "NAME [OPTION...]",
	 "store a secret from standard input or the terminal"},
	{"import", cmd_import, "[OPTION...] FILE | - | --from-stdin0",
	 "store every line of a .env file"},
	{"list", cmd_list, "[OPTION...]", "list the secrets"},
	{"remove", cmd_remove, "NAME...", "remove secrets"},
	{"rename", cmd_rename, "NAME NEW", "rename a secret"},
	{"restore", cmd_restore, "NAME", "restore a secret's previous value"},
	{"prune", cmd_prune, "", "remove the previous values of all secrets"},
	{"verify", cmd_verify, "", "open every secret and report what is wrong"},
	{"fingerprint", cmd_fingerprint, "NAME [OPTION...]", "compare secrets without seeing them"},
	{"pubkey", cmd_pubkey, "", "print the key that others seal values to"},
	{"unlock", cmd_unlock_verb, "[--for TIME]", "keep the vault open for a while"},
	{"lock", cmd_lock, "", "close the vault again"},
	{"slot", cmd_slot, "COMMAND [OPTION...]", "manage what opens the vault"},
	{"rotate-key", cmd_rotate_key, "", "give the vault a new key"},
	{"hash", cmd_hash, "[OPTION...] FILE...",
	 "print a file's hash in the form that policies use"},
	{"explain", cmd_explain, "[OPTION...] [--] COMMAND [ARG...]",
	 "show what a run would do, and why it would be refused"},
	{"run", cmd_run, "[OPTION...] [--] COMMAND [ARG...]",
	 "run a command, as envseal-exec does"},
	{"shim", cmd_shim, "COMMAND [OPTION...]",
	 "make a command's plain name run it with its policy"},
	{"policy", cmd_policy, "COMMAND [OPTION...]", "say which program gets which secrets"},
	{"doctor", cmd_doctor, "", "check what works on this machine, and which boundary holds"},
	{0},
};
/* clang-format on */

/* Plaintext passes through here: no debugger of the same user, no core, no file for others. */
static int harden(void) {
	/*
	 * 1, not 0: at 0 a core_pattern that is a pipe still gets the whole core (core(5)).
	 * Where the hard limit is 0 already, only being undumpable protects the memory.
	 */
	const struct rlimit core = {1, 1};
	if (setrlimit(RLIMIT_CORE, &core) < 0 && errno != EPERM)
		return -1;
	umask(077);
	return prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv) {
	cmd_options_behind_verb(argc, argv);
	/* `run` becomes another program, which must not inherit limits and umask from here. */
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return cmd_dispatch("envseal", verbs, argc, argv);
	if (fd_reserve_standard() < 0 || harden() < 0 || sodium_init() < 0)
		return cmd_fail("the process could not be made safe for secrets");
	secret_lock_stack();
	return cmd_dispatch("envseal", verbs, argc, argv);
}
