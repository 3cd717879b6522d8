#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/walk.h"
#include "cmd/vault/public_keys.h"
#include "cmd/vault/recovery.h"
#include "cmd/vault/tpm2.h"
#include "policy/approval.h"
#include "run/location.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

/* The slots of the new root key: one for each slot of the old key, with the key that it needs. */
struct rotation {
	struct cmd_common common;
	struct vault *vault;
	struct secret *keys[VAULT_SLOTS];
	struct vault_slot_new slots[VAULT_SLOTS];
	struct vault_cost cost;
	unsigned char blob[TPM2_BLOB_MAX]; /* of the TPM's slot */
	size_t blob_size;
	size_t count;
};

static void rotation_free(struct rotation *rotation) {
	for (size_t i = 0; i < VAULT_SLOTS; i++)
		secret_free(rotation->keys[i]);
	vault_free(rotation->vault);
}

static int try_key(const struct rotation *rotation, enum vault_slot slot, struct error *err) {
	int r = vault_slot_try(rotation->vault, slot, rotation->keys[slot], err);
	return r < 0 ? error_wrap(err, r, "slot '%s'", vault_slot_name(slot)) : 0;
}

static int need_file(const char *file, enum vault_slot slot, const char *variable,
                     struct error *err) {
	return file ? 0
	            : error_set(
			      err, ENOKEY,
			      "the slot '%s' needs its key too: set %s, or first remove the slot: "
			      "envseal slot remove %s",
			      vault_slot_name(slot), variable, vault_slot_name(slot));
}

static int read_file(struct rotation *rotation, enum vault_slot slot, const char *file,
                     struct error *err) {
	bool made = false;
	if (access(file, F_OK) < 0)
		return error_errno(err, errno, "'%s'", file);
	int r = vault_key_file(file, &made, &rotation->keys[slot], err);
	return r < 0 ? r : try_key(rotation, slot, err);
}

static int take_key_file(struct rotation *rotation, struct error *err) {
	const char *file = location_variable(environ, "ENVSEAL_KEY_FILE");
	int r = need_file(file, VAULT_SLOT_KEY_FILE, "ENVSEAL_KEY_FILE", err);
	return r < 0 ? r : read_file(rotation, VAULT_SLOT_KEY_FILE, file, err);
}

static int take_credential(struct rotation *rotation, struct error *err) {
	const char *directory = location_variable(environ, "CREDENTIALS_DIRECTORY");
	cleanup_free char *file = directory ? path_join(directory, "envseal.key") : NULL;
	int r = need_file(file, VAULT_SLOT_CREDENTIAL, "CREDENTIALS_DIRECTORY", err);
	return r < 0 ? r : read_file(rotation, VAULT_SLOT_CREDENTIAL, file, err);
}

static int take_passphrase(struct rotation *rotation, struct error *err) {
	struct vault_slot_info info;
	int r = vault_slot_inspect(rotation->vault, VAULT_SLOT_PASSPHRASE, &info, err);
	if (r < 0)
		return r;
	r = cmd_ask_passphrase(&rotation->common, &rotation->keys[VAULT_SLOT_PASSPHRASE], err);
	if (r < 0)
		return r;
	rotation->cost = info.cost;
	return try_key(rotation, VAULT_SLOT_PASSPHRASE, err);
}

static int take_recovery(struct rotation *rotation, struct error *err) {
	return recovery_new(&rotation->keys[VAULT_SLOT_RECOVERY], err);
}

static int take_nothing(struct rotation *rotation, struct error *err) {
	(void)rotation;
	(void)err;
	return 0;
}

static int take_tpm2(struct rotation *rotation, struct error *err) {
	int r = recovery_new(&rotation->keys[VAULT_SLOT_TPM2], err);
	return r < 0 ? r
	             : tpm2_seal(rotation->keys[VAULT_SLOT_TPM2], rotation->blob,
	                         &rotation->blob_size, err);
}

/* clang-format off */
static int (*const takers[VAULT_SLOTS])(struct rotation *rotation, struct error *err) = {
	[VAULT_SLOT_HOST_KEY] = take_nothing,
	[VAULT_SLOT_PASSPHRASE] = take_passphrase,
	[VAULT_SLOT_RECOVERY] = take_recovery,
	[VAULT_SLOT_KEY_FILE] = take_key_file,
	[VAULT_SLOT_CREDENTIAL] = take_credential,
	[VAULT_SLOT_TPM2] = take_tpm2,
};
/* clang-format on */

/* Runs before any change: a slot that cannot be carried over ends the rotation. */
static int collect_slots(struct rotation *rotation, struct error *err) {
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		struct vault_slot_info info;
		int r = vault_slot_inspect(rotation->vault, slot, &info, err);
		if (r < 0)
			return r;
		if (!info.exists)
			continue;
		r = takers[slot](rotation, err);
		if (r < 0)
			return r;
		rotation->slots[rotation->count++] = (struct vault_slot_new){
			.slot = slot,
			.key = rotation->keys[slot],
			.cost = slot == VAULT_SLOT_PASSPHRASE ? &rotation->cost : NULL,
			.blob = rotation->blob,
			.blob_size = slot == VAULT_SLOT_TPM2 ? rotation->blob_size : 0,
		};
	}
	return 0;
}

static int ask_again(void *context, const char *what, struct secret **ret_answer,
                     struct error *err) {
	const struct secret *passphrase = context;
	(void)what;
	return secret_from_bytes(passphrase->bytes, passphrase->size, ret_answer, err);
}

/* The passphrase for the slot also opens the vault, so that nobody is asked twice. */
static int unlock(struct rotation *rotation, struct error *err) {
	struct secret *passphrase = rotation->keys[VAULT_SLOT_PASSPHRASE];
	if (!passphrase)
		return cmd_unlock(&rotation->common, rotation->vault, err);
	const struct vault_unlock how = {
		.key_file = location_variable(environ, "ENVSEAL_KEY_FILE"),
		.ask = ask_again,
		.context = passphrase,
	};
	return vault_unlock(rotation->vault, &how, err);
}

static int approve_again(struct rotation *rotation, struct policy_set *set,
                         struct policy_file *file, size_t *count, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	struct error ignored;
	if (policy_file_load(set, file, &loaded, &ignored) != POLICY_FILE_ACTIVE ||
	    approval_check(rotation->vault, &loaded.found, policy_file_profile(file), &ignored) < 0)
		return 0;
	++*count;
	return approval_write(rotation->vault, &loaded.found, policy_file_profile(file), err);
}

static int approve_all(struct rotation *rotation, size_t *ret_count, struct error *err) {
	cleanup_layers struct layers layers = {0};
	cleanup_policy_set struct policy_set set = {0};
	int r = cmd_layers(&rotation->common, &layers, err);
	if (r < 0)
		return r;
	r = policy_set_collect(&layers, &set, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < set.policies.count; i++) {
		r = approve_again(rotation, &set, &set.policies.items[i], ret_count, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int begin(struct rotation *rotation, struct error *err) {
	bool resumed = vault_is_rotating(rotation->vault);
	int r = resumed ? 0 : collect_slots(rotation, err);
	if (r < 0)
		return r;
	r = unlock(rotation, err);
	if (r < 0)
		return r;
	r = vault_rotate_begin(rotation->vault, rotation->slots, rotation->count, &resumed, err);
	if (r < 0)
		return r;
	if (resumed)
		cmd_say("finishing an interrupted change of the key; if you did not see the "
		        "new recovery key: envseal slot add recovery --force");
	else if (rotation->keys[VAULT_SLOT_RECOVERY])
		r = recovery_print(rotation->keys[VAULT_SLOT_RECOVERY], err);
	return r;
}

static int rotate(struct rotation *rotation, struct error *err) {
	size_t approvals = 0;
	size_t secrets = 0;
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	int r = begin(rotation, err);
	if (r < 0)
		return r;
	r = public_keys_record(rotation->vault, err);
	if (r < 0)
		return r;
	r = approve_all(rotation, &approvals, err);
	if (r < 0)
		return r;
	r = vault_rotate_finish(rotation->vault, &secrets, err);
	if (r < 0)
		return r;
	vault_fingerprint(vault_public_key(rotation->vault), fingerprint);
	cmd_say("vault '%s' has a new key, %s: %zu value%s sealed again, "
	        "%zu approval%s given again",
	        vault_directory(rotation->vault), fingerprint, secrets, secrets == 1 ? "" : "s",
	        approvals, approvals == 1 ? "" : "s");
	cmd_say("the old key still opens older copies of the vault: change the "
	        "secrets that matter");
	return 0;
}

int cmd_rotate_key(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	__attribute__((cleanup(rotation_free))) struct rotation rotation = {0};
	struct error err;
	int status = cmd_options(&argc, argv, own, &rotation.common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("rotate-key takes no operand");
	if (cmd_open_vault(&rotation.common, false, &rotation.vault, &err) < 0)
		return cmd_fail("%s", err.text);
	if (rotate(&rotation, &err) == 0)
		return CMD_OK;
	return vault_is_rotating(rotation.vault)
	               ? cmd_fail("%s; nothing is lost; to finish: envseal rotate-key", err.text)
	               : cmd_fail("%s", err.text);
}
