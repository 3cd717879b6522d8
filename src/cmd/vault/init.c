#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/vault/init_system.h"
#include "cmd/mode.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/vault/public_keys.h"

#include <errno.h>

/* The options. */
struct init {
	struct cmd_common common;
	bool key_file;
	bool passphrase;
	bool system;
	const char *service_uid;
	const char *run_gid;
};

static int make(const char *directory, enum vault_slot slot, const char *passphrase_fd,
                struct error *err) {
	cleanup_secret struct secret *passphrase = NULL;
	int r = 0;
	if (slot == VAULT_SLOT_PASSPHRASE)
		r = ask_new_passphrase(passphrase_fd, &passphrase, err);
	return r < 0 ? r : vault_create(directory, slot, passphrase, err);
}

static void say_what_it_is(const struct init *init, const struct vault *vault,
                           enum vault_slot slot) {
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("made the vault '%s', key %s", vault_directory(vault), fingerprint);
	if (init->system)
		cmd_say("its key is in '%s/slots/host.key', for root and the service uid; "
		        "back up that file",
		        vault_directory(vault));
	else if (slot == VAULT_SLOT_HOST_KEY)
		cmd_say("its key is in '%s/slots/host.key': every program with your uid can "
		        "open this vault; back up that file",
		        vault_directory(vault));
	else
		cmd_say("only the passphrase opens it; nobody can restore a forgotten one, so "
		        "add a recovery key: envseal slot add recovery");
}

static int finish(const struct init *init, const char *directory, enum vault_slot slot) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	if (vault_open(directory, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	say_what_it_is(init, vault, slot);
	if (public_keys_record(vault, &err) < 0)
		return cmd_fail("the vault is made, but the copy of its public key is not, so "
		                "'store' will warn: %s",
		                err.text);
	cmd_say("next, store a secret: envseal store NAME, or envseal import FILE");
	return CMD_OK;
}

static int create(const struct init *init, const char *directory, enum vault_slot slot) {
	cleanup_vault struct vault *there = NULL;
	struct error err;
	/* Checks first, so that nobody types a passphrase in vain. */
	if (vault_open(directory, &there, &err) == 0)
		return cmd_fail("'%s' already contains a vault; use it, or move it away",
		                directory);
	if (make(directory, slot, init->common.passphrase_fd, &err) < 0)
		return cmd_fail("%s", err.text);
	return finish(init, directory, slot);
}

/* Nobody can type a passphrase when a user's program runs. */
static int check_system_options(const struct init *init) {
	if (init->common.vault || init->common.layers || init->common.user)
		return cmd_usage_error(
			"--system excludes --user, --vault and --layers: its paths are "
			"fixed");
	if (init->passphrase)
		return cmd_usage_error(
			"the system's vault is opened by a key file, not a passphrase");
	return CMD_OK;
}

static int init_for_system(const struct init *init) {
	struct system system;
	struct error err;
	int status = check_system_options(init);
	if (status != CMD_OK)
		return status;
	if (init_system(init->service_uid, init->run_gid, &system, &err) < 0 ||
	    mode_check_place(&err) < 0)
		return cmd_fail("%s", err.text);
	mode_enter(&system);
	return create(init, SYSTEM_VAULT, VAULT_SLOT_HOST_KEY);
}

static int init_for_user(const struct init *init) {
	cleanup_free char *directory = NULL;
	struct error err;
	if (init->service_uid || init->run_gid)
		return cmd_usage_error("--service-uid and --run-gid are for --system");
	if (init->key_file && init->passphrase)
		return cmd_usage_error("--key-file and --passphrase exclude each other");
	if (!init->key_file && !init->common.passphrase_fd &&
	    (init->common.no_input || !ask_possible()))
		return cmd_usage_error(
			"there is no terminal to ask on; choose --key-file, or start this "
			"on a terminal and without --no-input");
	if (cmd_vault_directory(&init->common, &directory, &err) < 0)
		return cmd_fail("%s", err.text);
	return create(init, directory,
	              init->key_file ? VAULT_SLOT_HOST_KEY : VAULT_SLOT_PASSPHRASE);
}

int cmd_init(int argc, char **argv) {
	struct init init = {0};
	const struct cmd_option own[] = {
		{"key-file", NULL,
	         "keep the key in the vault: every program with your uid can open it",
	         .flag = &init.key_file},
		{"passphrase", NULL,
	         "ask for a passphrase that opens the vault (default on a terminal)",
	         .flag = &init.passphrase},
		{"system", NULL, "as root: make the system's vault", .flag = &init.system},
		{"service-uid", "N", "with --system: the uid that owns the vault",
	         .value = &init.service_uid},
		{"run-gid", "N", "with --system: the group that programs run with",
	         .value = &init.run_gid},
		{0},
	};
	struct error err;
	int status = cmd_options(&argc, argv, own, &init.common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("init takes no operand; --vault DIR says where");
	if (!init.system && mode_find(&init.common, &init.system, &err) < 0)
		return cmd_fail("%s", err.text);
	return init.system ? init_for_system(&init) : init_for_user(&init);
}
