#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/public_keys.h"

#include <errno.h>

static int make(const char *directory, enum vault_slot slot, const char *passphrase_fd,
                struct error *err) {
	cleanup_secret struct secret *passphrase = NULL;
	int r = 0;
	if (slot == VAULT_SLOT_PASSPHRASE)
		r = ask_new_passphrase(passphrase_fd, &passphrase, err);
	return r < 0 ? r : vault_create(directory, slot, passphrase, err);
}

static void say_what_it_is(const struct vault *vault, enum vault_slot slot) {
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("made the vault '%s', key %s", vault_directory(vault), fingerprint);
	if (slot == VAULT_SLOT_HOST_KEY)
		cmd_say("its key is in '%s/slots/host.key': whatever runs with your uid can open "
		        "this "
		        "vault; back that file up",
		        vault_directory(vault));
	else
		cmd_say("only the passphrase opens it; nobody can restore a forgotten one, so "
		        "add a recovery key: envseal slot add recovery");
}

static int finish(const char *directory, enum vault_slot slot) {
	cleanup_vault struct vault *vault = NULL;
	struct error err;
	if (vault_open(directory, &vault, &err) < 0)
		return cmd_fail("%s", err.text);
	say_what_it_is(vault, slot);
	if (public_keys_record(vault, &err) < 0)
		return cmd_fail("the vault is made, but the copy of its public key is not, so that "
		                "'store' will warn: %s",
		                err.text);
	return CMD_OK;
}

int cmd_init(int argc, char **argv) {
	bool key_file = false;
	bool passphrase = false;
	const struct cmd_option own[] = {
		{.name = "key-file", .flag = &key_file},
		{.name = "passphrase", .flag = &passphrase},
		{0},
	};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status < 0 ? CMD_OK : status;
	if (argc != 0)
		return cmd_usage_error("init takes no operand; --vault DIR says where");
	if (key_file && passphrase)
		return cmd_usage_error("--key-file and --passphrase exclude each other");
	if (!key_file && !common.passphrase_fd && (common.no_input || !ask_possible()))
		return cmd_usage_error(
			"nobody can be asked for a passphrase: choose --key-file, or start "
			"this on a terminal (without --no-input) for --passphrase");
	enum vault_slot slot = key_file ? VAULT_SLOT_HOST_KEY : VAULT_SLOT_PASSPHRASE;
	cleanup_free char *directory = NULL;
	cleanup_vault struct vault *there = NULL;
	struct error err;
	if (cmd_vault_directory(&common, &directory, &err) < 0)
		return cmd_fail("%s", err.text);
	/* Before anybody types a passphrase for nothing. */
	if (vault_open(directory, &there, &err) == 0)
		return cmd_fail("there is a vault in '%s' already; use it, or move it away",
		                directory);
	if (make(directory, slot, common.passphrase_fd, &err) < 0)
		return cmd_fail("%s", err.text);
	return finish(directory, slot);
}
