#include "cmd/ask.h"
#include "cmd/cmd.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/vault/recovery.h"
#include "cmd/vault/tpm2.h"

#include <errno.h>
#include <sodium.h>
#include <string.h>

struct add {
	struct cmd_common common;
	enum vault_slot slot;
	const char *file;          /* of a key file or credential */
	const char *passphrase_fd; /* --new-passphrase-fd */
	const struct vault_cost *cost;
	bool force;
	bool made;                         /* the file is new */
	unsigned char blob[TPM2_BLOB_MAX]; /* the key, sealed by the TPM */
	size_t blob_size;
};

static const struct {
	const char *name;
	struct vault_cost cost;
} costs[] = {
	{"interactive", {crypto_pwhash_OPSLIMIT_INTERACTIVE, crypto_pwhash_MEMLIMIT_INTERACTIVE}},
	{"moderate", {crypto_pwhash_OPSLIMIT_MODERATE, crypto_pwhash_MEMLIMIT_MODERATE}},
	{"sensitive", {crypto_pwhash_OPSLIMIT_SENSITIVE, crypto_pwhash_MEMLIMIT_SENSITIVE}},
};

static int no_material(struct add *add, struct secret **ret_key, struct error *err) {
	(void)add;
	(void)ret_key;
	(void)err;
	return 0;
}

static int new_passphrase(struct add *add, struct secret **ret_key, struct error *err) {
	if (!add->passphrase_fd && (add->common.no_input || !ask_possible()))
		return error_set(err, EINVAL,
		                 "there is no terminal to ask on; give the new passphrase with "
		                 "--new-passphrase-fd");
	return ask_new_passphrase(add->passphrase_fd, ret_key, err);
}

static int new_recovery(struct add *add, struct secret **ret_key, struct error *err) {
	(void)add;
	return recovery_new(ret_key, err);
}

static int key_file(struct add *add, struct secret **ret_key, struct error *err) {
	return vault_key_file(add->file, &add->made, ret_key, err);
}

static int sealed_by_tpm2(struct add *add, struct secret **ret_key, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = recovery_new(&key, err);
	if (r < 0)
		return r;
	r = tpm2_seal(key, add->blob, &add->blob_size, err);
	if (r < 0)
		return r;
	*ret_key = steal_pointer(key);
	return 0;
}

static void say_host_key(const struct add *add, const struct vault *vault) {
	(void)add;
	cmd_say("its key is in '%s/slots/host.key': every program with your uid can "
	        "open this vault",
	        vault_directory(vault));
}

static void say_nothing(const struct add *add, const struct vault *vault) {
	(void)add;
	(void)vault;
}

static void say_key_file(const struct add *add, const struct vault *vault) {
	(void)vault;
	cmd_say("%s '%s' opens the vault when ENVSEAL_KEY_FILE names it; keep it "
	        "away from the vault",
	        add->made ? "the new file" : "the file", add->file);
}

static void say_tpm2(const struct add *add, const struct vault *vault) {
	(void)add;
	(void)vault;
	cmd_say("envseal opens the vault with this machine's TPM; "
	        "for envseal-exec: envseal unlock");
}

static void say_credential(const struct add *add, const struct vault *vault) {
	(void)vault;
	cmd_say("give '%s' to the service as envseal.key (LoadCredential=, or encrypted: "
	        "systemd-creds encrypt --name=envseal.key), then delete it",
	        add->file);
}

/* What each kind of slot needs, and what to tell afterwards. */
static const struct kind {
	bool file;
	int (*material)(struct add *add, struct secret **ret_key, struct error *err);
	void (*say)(const struct add *add, const struct vault *vault);
} kinds[VAULT_SLOTS] = {
	[VAULT_SLOT_HOST_KEY] = {false, no_material, say_host_key},
	[VAULT_SLOT_PASSPHRASE] = {false, new_passphrase, say_nothing},
	[VAULT_SLOT_RECOVERY] = {false, new_recovery, say_nothing},
	[VAULT_SLOT_KEY_FILE] = {true, key_file, say_key_file},
	[VAULT_SLOT_CREDENTIAL] = {true, key_file, say_credential},
	[VAULT_SLOT_TPM2] = {false, sealed_by_tpm2, say_tpm2},
};

static int refuse_existing(const struct add *add, const struct vault *vault, struct error *err) {
	struct vault_slot_info info;
	struct error ignored;
	vault_slot_inspect(vault, add->slot, &info, &ignored);
	if (info.exists && !add->force)
		return error_set(err, EEXIST, "slot '%s' already exists; --force replaces it",
		                 vault_slot_name(add->slot));
	return 0;
}

static int add_slot(struct add *add, struct vault *vault, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = refuse_existing(add, vault, err);
	if (r < 0)
		return r;
	r = cmd_unlock(&add->common, vault, err);
	if (r < 0)
		return r;
	r = kinds[add->slot].material(add, &key, err);
	if (r < 0)
		return r;
	const struct vault_slot_new slot = {
		.slot = add->slot,
		.key = key,
		.cost = add->cost,
		.blob = add->blob,
		.blob_size = add->blob_size,
	};
	r = vault_slot_add(vault, &slot, add->force, err);
	if (r < 0)
		return r;
	return add->slot == VAULT_SLOT_RECOVERY ? recovery_print(key, err) : 0;
}

static int parse_cost(struct add *add, const char *name) {
	for (size_t i = 0; name && i < ARRAY_SIZE(costs); i++) {
		if (strcmp(costs[i].name, name) == 0)
			add->cost = &costs[i].cost;
	}
	if (name && (!add->cost || add->slot != VAULT_SLOT_PASSPHRASE))
		return cmd_usage_error("--cost is for a passphrase, and one of: interactive, "
		                       "moderate, sensitive");
	return CMD_OK;
}

static int parse(struct add *add, int argc, char **argv, const char *cost) {
	if (argc < 1 || vault_slot_parse(argv[0], &add->slot) < 0)
		return cmd_usage_error("slot add needs a KIND: " CMD_SLOT_KINDS);
	if (argc != (kinds[add->slot].file ? 2 : 1))
		return cmd_usage_error(kinds[add->slot].file
		                               ? "this kind of slot needs the FILE of its key"
		                               : "this kind of slot takes no FILE");
	if (add->passphrase_fd && add->slot != VAULT_SLOT_PASSPHRASE)
		return cmd_usage_error("--new-passphrase-fd is for a passphrase");
	add->file = argv[1];
	return parse_cost(add, cost);
}

int cmd_slot_add(int argc, char **argv) {
	struct add add = {0};
	const char *cost = NULL;
	const struct cmd_option own[] = {
		{"force", NULL, "replace the slot if it exists", .flag = &add.force},
		{"cost", "COST", "price of guessing a passphrase: interactive, moderate, sensitive",
	         .value = &cost},
		{"new-passphrase-fd", "N", "read the new passphrase from descriptor N",
	         .value = &add.passphrase_fd},
		{0},
	};
	struct error err;
	cleanup_vault struct vault *vault = NULL;
	int status = cmd_options(&argc, argv, own, &add.common);
	if (status != CMD_OK)
		return status;
	status = parse(&add, argc, argv, cost);
	if (status != CMD_OK)
		return status;
	if (cmd_open_vault(&add.common, false, &vault, &err) < 0 || add_slot(&add, vault, &err) < 0)
		return cmd_fail("%s", err.text);
	cmd_say("vault '%s' now has the slot '%s'", vault_directory(vault),
	        vault_slot_name(add.slot));
	kinds[add.slot].say(&add, vault);
	return CMD_OK;
}
