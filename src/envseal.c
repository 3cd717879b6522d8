#include "cmd/cmd.h"
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
	{"init", cmd_init, "[--key-file | --passphrase | --system [--service-uid N --run-gid N]]", "make a vault"},
	{"store", cmd_store, "NAME [--force] [--raw] [--generate N] [--expires WHEN] [--sealed]",
         "seal standard input, or what is typed"},
	{"import", cmd_import, "[--prefix P] [--force] [--expires WHEN] FILE | --from-stdin0",
         "seal every line of a .env file"},
	{"list", cmd_list, "[--long]", "name the secrets"},
	{"remove", cmd_remove, "NAME...", "remove secrets"},
	{"rename", cmd_rename, "NAME NEW", "give a secret another name"},
	{"restore", cmd_restore, "NAME", "put the value before back"},
	{"prune", cmd_prune, "", "remove values that were replaced"},
	{"verify", cmd_verify, "", "open everything, and say what is wrong"},
	{"fingerprint", cmd_fingerprint, "NAME [--shared]", "compare a value without seeing it"},
	{"pubkey", cmd_pubkey, "", "print what others seal to"},
	{"unlock", cmd_unlock_verb, "[--for TIME]", "keep the vault open for a while"},
	{"lock", cmd_lock, "", "end that"},
	{"slot", cmd_slot, "COMMAND [OPTION...]", "say what opens the vault"},
	{"rotate-key", cmd_rotate_key, "", "give the vault a new key"},
	{"hash", cmd_hash, "[--algorithm NAME] FILE...", "print what a policy's `hash` takes"},
	{"explain", cmd_explain, "[OPTION...] [--] COMMAND [ARG...]", "say what a run would do, and why it would be refused"},
	{"run", cmd_run, "[OPTION...] [--] COMMAND [ARG...]", "execute envseal-exec"},
	{"shim", cmd_shim, "COMMAND [--directory DIR] [--remove]", "let the plain name run the policy's command"},
	{"policy", cmd_policy, "COMMAND [OPTION...]", "say which program gets which secrets"},
	{"doctor", cmd_doctor, "", "say what works here, and which boundary holds"},
	{0},
};
/* clang-format on */

/* Plaintext passes through here: no debugger of the same user, no core, no file for others. */
static int harden(void) {
	/* 1, not 0: with 0 a core_pattern that is a pipe still gets everything (core(5)). Where the
	 * hard limit is 0 already, being undumpable has to do. */
	const struct rlimit core = {1, 1};
	if (setrlimit(RLIMIT_CORE, &core) < 0 && errno != EPERM)
		return -1;
	umask(077);
	return prctl(PR_SET_DUMPABLE, 0);
}

int main(int argc, char **argv) {
	/* The program that this becomes must not inherit what is done here. */
	if (argc > 1 && strcmp(argv[1], "run") == 0)
		return cmd_dispatch("envseal", verbs, argc, argv);
	if (fd_reserve_standard() < 0 || harden() < 0 || sodium_init() < 0)
		return cmd_fail("the process could not be made safe for secrets");
	secret_lock_stack();
	return cmd_dispatch("envseal", verbs, argc, argv);
}
