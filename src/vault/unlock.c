#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keep.h"
#include "vault/keys.h"
#include "vault/slot_set.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>

static int no_slot(const struct vault *vault, struct error *err) {
	return error_set(err, ENOKEY,
	                 "vault '%s' has no slot to open it with; restore '%s/" LAYOUT_SLOTS "'",
	                 vault->directory, vault->directory);
}

static int read_key(const char *path, bool service, struct secret **ret_key, struct error *err) {
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open key file '%s'", path);
	return slot_key_read(fd, path, service, ret_key, err);
}

static int open_slot(const struct vault *vault, enum vault_slot slot, const struct secret *key,
                     struct secret **ret_root, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	struct slot_sealed sealed;
	slot_path(vault, slot, path);
	int r = slot_find(vault, slot, &sealed, err);
	if (r < 0)
		return r;
	r = slot_open(&sealed, path, key, ret_root, err);
	return r == -EKEYREJECTED ? error_wrap(err, r, "vault '%s'", vault->directory) : r;
}

static bool fits(const struct vault *vault, const struct secret *root) {
	cleanup_secret struct secret *private_key = NULL;
	uint8_t public_key[VAULT_KEY_BYTES];
	struct error ignored;
	return key_pair(root, public_key, &private_key, &ignored) == 0 &&
	       sodium_memcmp(public_key, vault->now->config.public_key, sizeof(public_key)) == 0;
}

/* A key file opens its slot, or is the root key itself: a copy of host.key. */
static int try_key_file(const struct vault *vault, const struct vault_unlock *how,
                        struct secret **ret_root, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	if (!how->key_file)
		return -ENOENT;
	int r = read_key(how->key_file, false, &key, err);
	if (r == -ENOENT)
		return error_set(err, ENOKEY, "there is no key file '%s'", how->key_file);
	if (r < 0)
		return r;
	r = open_slot(vault, VAULT_SLOT_KEY_FILE, key, ret_root, err);
	if (r != -ENOENT && !(r == -EKEYREJECTED && fits(vault, key)))
		return r;
	*ret_root = steal_pointer(key);
	return 0;
}

static int try_host_key(const struct vault *vault, const struct vault_unlock *how,
                        struct secret **ret_root, struct error *err) {
	(void)how;
	return slot_find_host_key(vault, ret_root, NULL, err);
}

/* A key kept from before a change of the root key is useless; the slots are tried next. */
static int try_kept(const struct vault *vault, const struct vault_unlock *how,
                    struct secret **ret_root, struct error *err) {
	cleanup_secret struct secret *root = NULL;
	if (!how->keep)
		return -ENOENT;
	int r = keep_get(how->keep, vault->now->config.id, &root, err);
	if (r < 0 || !fits(vault, root))
		return -ENOENT;
	*ret_root = steal_pointer(root);
	return 0;
}

static int try_credential(const struct vault *vault, const struct vault_unlock *how,
                          struct secret **ret_root, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	if (!how->credential)
		return -ENOENT;
	int r = read_key(how->credential, true, &key, err);
	if (r < 0)
		return r;
	return open_slot(vault, VAULT_SLOT_CREDENTIAL, key, ret_root, err);
}

static int try_tpm2(const struct vault *vault, const struct vault_unlock *how,
                    struct secret **ret_root, struct error *err) {
	struct slot_sealed slot;
	char path[LAYOUT_PATH_MAX];
	cleanup_secret struct secret *key = NULL;
	size_t size = 0;
	if (!how->tpm2)
		return -ENOENT;
	slot_path(vault, VAULT_SLOT_TPM2, path);
	int r = slot_find(vault, VAULT_SLOT_TPM2, &slot, err);
	if (r < 0)
		return r;
	const unsigned char *blob = slot_blob(&slot, &size);
	r = how->tpm2(how->context, blob, size, &key, err);
	/* There is no TPM, or this build has no support for it: the other slots are tried. */
	if (r == -ENOKEY || r == -ENOTSUP)
		return -ENOENT;
	if (r < 0)
		return r;
	return slot_open(&slot, path, key, ret_root, err);
}

static int nobody_to_ask(const struct vault *vault, struct error *err) {
	return error_set(
		err, ENOKEY,
		"vault '%s' is locked, and asking is not possible; unlock it first (envseal "
		"unlock), or set ENVSEAL_KEY_FILE to a key file",
		vault->directory);
}

/* A recovery key is recognised by its checksum; anything else is a passphrase. */
static int open_typed(const struct vault *vault, const struct slot_sealed *recovery,
                      const struct slot_sealed *passphrase, const struct secret *typed,
                      struct secret **ret_root, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	struct error ignored;
	cleanup_secret struct secret *key = NULL;
	if (recovery->size > 0 && vault_recovery_parse(typed, &key, &ignored) == 0) {
		slot_path(vault, VAULT_SLOT_RECOVERY, path);
		return slot_open(recovery, path, key, ret_root, err);
	}
	if (passphrase->size == 0)
		return error_set(err, EKEYREJECTED,
		                 "this is not a recovery key, or it is mistyped");
	slot_path(vault, VAULT_SLOT_PASSPHRASE, path);
	return slot_open(passphrase, path, typed, ret_root, err);
}

static const char *what_to_ask(const struct slot_sealed *recovery,
                               const struct slot_sealed *passphrase) {
	if (recovery->size == 0)
		return "passphrase";
	return passphrase->size == 0 ? "recovery key" : "passphrase or recovery key";
}

static int try_asking(const struct vault *vault, const struct vault_unlock *how,
                      struct secret **ret_root, struct error *err) {
	struct slot_sealed recovery = {0};
	struct slot_sealed passphrase = {0};
	struct error ignored;
	cleanup_secret struct secret *typed = NULL;
	int spare = slot_find(vault, VAULT_SLOT_RECOVERY, &recovery, &ignored);
	int r = slot_find(vault, VAULT_SLOT_PASSPHRASE, &passphrase, err);
	/* A damaged slot is reported, unless the other one can be used. */
	if (r < 0 && r != -ENOENT && spare < 0)
		return r;
	if (r == -ENOENT && spare < 0) {
		if (spare != -ENOENT)
			*err = ignored;
		return spare;
	}
	if (!how->ask)
		return nobody_to_ask(vault, err);
	r = how->ask(how->context, what_to_ask(&recovery, &passphrase), &typed, err);
	if (r < 0)
		return error_wrap(err, r, "vault '%s' is locked", vault->directory);
	r = open_typed(vault, &recovery, &passphrase, typed, ret_root, err);
	if (r < 0)
		return error_wrap(err, r, "vault '%s'", vault->directory);
	return 0;
}

/* Only a way that is missing (-ENOENT) leads on to the next: a damaged slot is an error. */
static int (*const ways[])(const struct vault *vault, const struct vault_unlock *how,
                           struct secret **ret_root, struct error *err) = {
	try_key_file, try_host_key, try_kept, try_credential, try_tpm2, try_asking,
};

static bool has_slot(const struct vault *vault) {
	struct vault_slot_info info;
	struct error ignored;
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		vault_slot_inspect(vault, slot, &info, &ignored);
		if (info.exists)
			return true;
	}
	return false;
}

static int find_root(const struct vault *vault, const struct vault_unlock *how,
                     struct secret **ret_root, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		int r = ways[i](vault, how, ret_root, err);
		if (r != -ENOENT)
			return r;
	}
	return has_slot(vault) ? nobody_to_ask(vault, err) : no_slot(vault, err);
}

static int altered(const struct vault *vault, struct error *err) {
	return error_set(err, EBADMSG,
	                 "'%s/" LAYOUT_CONFIG "' was altered since it was made; restore "
	                 "it from a backup",
	                 vault->directory);
}

/*
 * Proves that the holder of this root key wrote vault.toml: by its MAC, and by the key pair. Values
 * would otherwise be sealed to an attacker's public key.
 */
static int prove(const struct vault *vault, const struct vault_keys *keys, struct error *err) {
	const struct config *config = &vault->now->config;
	cleanup_secret struct secret *key = NULL;
	uint8_t mac[CONFIG_MAC_BYTES];
	int r = key_derive(keys->root, KEY_VAULT, &key, err);
	if (r < 0)
		return r;
	config_mac(config, key, mac);
	if (sodium_memcmp(keys->public_key, config->public_key, sizeof(keys->public_key)) != 0)
		return error_set(
			err, EBADMSG,
			"'%s/" LAYOUT_CONFIG "' does not belong to the root key: somebody altered "
			"it, or the key is another vault's; restore it from a backup, then store "
			"again what you stored since",
			vault->directory);
	if (sodium_memcmp(mac, config->mac, sizeof(mac)) != 0)
		return altered(vault, err);
	return 0;
}

/* While the root key is changed, secrets that are not yet resealed need the old key. */
static int open_retired(const struct vault *vault, const struct secret *root,
                        struct vault_keys *ret_keys, struct error *err) {
	const struct config *config = &vault->now->config;
	cleanup_secret struct secret *key = NULL;
	cleanup_secret struct secret *before = NULL;
	if (!config->retiring)
		return 0;
	int r = key_derive(root, KEY_RETIRED, &key, err);
	if (r < 0)
		return r;
	r = secret_new(VAULT_KEY_BYTES, &before, err);
	if (r < 0)
		return r;
	if (crypto_secretbox_open_easy(before->bytes, config->retired + crypto_secretbox_NONCEBYTES,
	                               CONFIG_RETIRED_BYTES - crypto_secretbox_NONCEBYTES,
	                               config->retired, key->bytes) != 0)
		return altered(vault, err);
	return keys_make(&before, ret_keys, err);
}

static int unlock(const struct vault *vault, const struct vault_unlock *how, struct error *err) {
	cleanup_secret struct secret *root = NULL;
	cleanup_keys struct vault_keys keys = {0}, retired = {0};
	int r = find_root(vault, how, &root, err);
	if (r < 0)
		return r;
	r = keys_make(&root, &keys, err);
	if (r < 0)
		return r;
	r = prove(vault, &keys, err);
	if (r < 0)
		return r;
	r = open_retired(vault, keys.root, &retired, err);
	if (r < 0)
		return r;
	keys_free(&vault->now->keys);
	keys_free(&vault->now->retired);
	vault->now->keys = keys;
	vault->now->retired = retired;
	keys = retired = (struct vault_keys){0};
	return 0;
}

static int again(const struct vault *vault, const struct vault_unlock *how, struct error *err) {
	struct config current;
	int r = config_read(vault->dirfd, vault->directory, &current, err);
	if (r < 0)
		return r;
	vault->now->config = current;
	return unlock(vault, how, err);
}

/* Another process may change the root key between the reading of vault.toml and of a slot. */
int vault_unlock(struct vault *vault, const struct vault_unlock *how, struct error *err) {
	struct error ignored;
	int r = unlock(vault, how, err);
	if (r < 0 && vault_check_current(vault, &ignored) == -ESTALE)
		r = again(vault, how, err);
	vault->how = (struct vault_unlock){
		.key_file = how->key_file, .credential = how->credential, .keep = how->keep};
	return r;
}

int vault_refresh(const struct vault *vault, struct error *err) {
	int r = again(vault, &vault->how, err);
	if (r == -ENOKEY)
		return error_set(
			err, ESTALE,
			"the root key of vault '%s' was changed by another process; try again",
			vault->directory);
	return r;
}
