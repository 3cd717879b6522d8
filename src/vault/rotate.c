#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keys.h"
#include "vault/slot_set.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

static int write_next(const struct vault *vault, const struct secret *root,
                      const struct vault_slot_new *slots, size_t count, struct error *err) {
	cleanup_fd int next = -1;
	char path[LAYOUT_PATH_MAX];
	int r = slots_remove_next(vault, err);
	if (r < 0)
		return r;
	r = slots_open(vault, LAYOUT_SLOTS_NEXT, true, &next, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < count; i++) {
		slots_path(vault, LAYOUT_SLOTS_NEXT, slots[i].slot, path);
		r = slot_write(&vault->writer, next, path, &slots[i], root, false, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int seal_retired(const struct secret *root, const struct secret *before,
                        struct config *config, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = key_derive(root, KEY_RETIRED, &key, err);
	if (r < 0)
		return r;
	randombytes_buf(config->retired, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(config->retired + crypto_secretbox_NONCEBYTES, before->bytes,
	                      before->size, config->retired, key->bytes);
	return 0;
}

/* Writes vault.toml for `keys`. The caller makes them the vault's. */
static int write_config(struct vault *vault, const struct vault_keys *keys, bool retiring,
                        struct error *err) {
	cleanup_secret struct secret *key = NULL;
	struct config config = vault->now->config;
	memcpy(config.public_key, keys->public_key, sizeof(config.public_key));
	config.retiring = retiring;
	int r = key_derive(keys->root, KEY_VAULT, &key, err);
	if (r < 0)
		return r;
	if (retiring) {
		r = seal_retired(keys->root, vault->now->keys.root, &config, err);
		if (r < 0)
			return r;
	}
	config_mac(&config, key, config.mac);
	r = config_write(&vault->writer, vault->dirfd, &config, true, err);
	if (r < 0)
		return r;
	vault->now->config = config;
	return 0;
}

static int in_both_trees(const struct vault *vault, vault_act *act, size_t *count,
                         struct error *err) {
	int r = vault_each(vault, LAYOUT_SECRETS, act, count, err);
	if (r < 0)
		return r;
	return vault_each(vault, LAYOUT_PREVIOUS, act, count, err);
}

/* A secret that does not open with the present key would be lost. */
static int check_all_open(const struct vault *vault, struct error *err) {
	size_t count = 0;
	int r = in_both_trees(vault, vault_check_opens, &count, err);
	if (r < 0)
		return error_wrap(
			err, r,
			"the root key was not changed, because a secret does not open (see: "
			"envseal verify)");
	return 0;
}

static int begin(struct vault *vault, const struct vault_slot_new *slots, size_t count,
                 struct error *err) {
	cleanup_secret struct secret *root = NULL;
	cleanup_keys struct vault_keys keys = {0};
	if (count == 0)
		return error_set(err, EINVAL, "a new root key needs a slot");
	int r = check_all_open(vault, err);
	if (r < 0)
		return r;
	r = key_new_root(&root, err);
	if (r < 0)
		return r;
	r = write_next(vault, root, slots, count, err);
	if (r < 0)
		return r;
	r = keys_make(&root, &keys, err);
	if (r < 0)
		return r;
	r = write_config(vault, &keys, true, err);
	if (r < 0)
		return r;
	vault->now->retired = vault->now->keys;
	vault->now->keys = keys;
	keys = (struct vault_keys){0};
	return 0;
}

int vault_rotate_begin(struct vault *vault, const struct vault_slot_new *slots, size_t count,
                       bool *ret_resumed, struct error *err) {
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	const bool resumed = held->now->config.retiring;
	r = resumed ? 0 : begin(held, slots, count, err);
	if (r < 0)
		return r;
	*ret_resumed = resumed;
	steal_pointer(held); /* vault_free releases it */
	return 0;
}

static bool is_current(const struct vault *vault, const char *name,
                       const struct seal_bytes *sealed) {
	cleanup_secret struct secret *value = NULL;
	struct error ignored;
	const struct vault_keys *keys = &vault->now->keys;
	return seal_open(keys->public_key, keys->private_key, name, SEAL_ANY_TIME, sealed->bytes,
	                 sealed->size, &value, &ignored) == 0;
}

static int reseal(const struct vault *vault, const char *top, const char *name, struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0}, again = {0};
	cleanup_secret struct secret *value = NULL;
	struct seal_label label;
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	int r = vault_read_sealed(vault, top, name, &sealed, err);
	if (r < 0 || is_current(vault, name, &sealed))
		return r;
	r = seal_label_read(name, sealed.bytes, sealed.size, &label, err);
	if (r < 0)
		return r;
	r = vault_open_sealed(vault, name, SEAL_ANY_TIME, &sealed, &value, err);
	if (r < 0)
		return r;
	r = seal_make(vault->now->keys.public_key, name, &label, value, &again, err);
	if (r < 0)
		return r;
	r = vault_find(vault, top, name, &place, err);
	if (r < 0)
		return r;
	return writer_write(&vault->writer, place.fd, place.file, again.bytes, again.size, true,
	                    place.path, err);
}

static int move_slot(const struct vault *vault, int next, int slots, enum vault_slot slot,
                     struct error *err) {
	char path[LAYOUT_PATH_MAX];
	struct staged staged;
	slots_path(vault, LAYOUT_SLOTS, slot, path);
	int r = writer_stage_link(&vault->writer, next, slot_file(slot), path, &staged, err);
	if (r >= 0)
		return writer_publish(&vault->writer, &staged, slots, slot_file(slot), true, path,
		                      err);
	if (r != -ENOENT)
		return r;
	r = writer_remove(&vault->writer, slots, slot_file(slot), path, err);
	return r == -ENOENT ? 0 : r;
}

static int move_slots(const struct vault *vault, struct error *err) {
	cleanup_fd int next = -1, slots = -1;
	int r = slots_open(vault, LAYOUT_SLOTS_NEXT, false, &next, err);
	if (r < 0)
		return r;
	r = slots_open(vault, LAYOUT_SLOTS, true, &slots, err);
	if (r < 0)
		return r;
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		r = move_slot(vault, next, slots, slot, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int vault_rotate_finish(struct vault *vault, size_t *ret_secrets, struct error *err) {
	size_t count = 0;
	if (!vault->now->config.retiring || vault->holds == 0)
		return error_set(err, EINVAL, "the root key of vault '%s' is not being changed",
		                 vault->directory);
	int r = in_both_trees(vault, reseal, &count, err);
	if (r < 0)
		return r;
	r = move_slots(vault, err);
	if (r < 0)
		return r;
	r = write_config(vault, &vault->now->keys, false, err);
	if (r < 0)
		return r;
	r = slots_remove_next(vault, err);
	if (r < 0)
		return r;
	keys_free(&vault->now->retired);
	*ret_secrets = count;
	return 0;
}
