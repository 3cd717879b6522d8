#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/keys.h"
#include "vault/slots.h"
#include "vault/walk.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

/*
 * A new root key, in steps after each of which everything opens:
 *
 *   1. slots.next/ gets a slot of the new key for each of the old one
 *   2. vault.toml gets the new public key, and the old root key under the new one: from now on the
 *      slots of slots.next/ count, new values are sealed to the new key, and both keys open
 *   3. every secret that the old key sealed is sealed again
 *   4. slots/ gets the files of slots.next/
 *   5. vault.toml loses the old root key: slots/ counts again
 *   6. slots.next/ goes
 *
 * A kill before 2 leaves a directory that nobody asks, one after 2 a vault that says of itself that it
 * is rotating, and the next rotation goes on from 3.
 */

static void slots_path(const struct vault *vault, const char *top, enum vault_slot slot,
                       char ret_path[static TREE_PATH_MAX]) {
	snprintf(ret_path, TREE_PATH_MAX, "%s/%s/%s", vault->directory, top, slot_file(slot));
}

static int open_slots(const struct vault *vault, const char *top, bool make, int *ret_fd, struct error *err) {
	char path[TREE_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", vault->directory, top);
	return make ? tree_make_directory(vault->dirfd, top, path, ret_fd, err)
	            : tree_open_directory(vault->dirfd, top, path, ret_fd, err);
}

int vault_remove_next_slots(const struct vault *vault, struct error *err) {
	cleanup_fd int next = -1;
	int r = vault->now->config.retiring ? -ENOENT : open_slots(vault, TREE_SLOTS_NEXT, false, &next, err);
	if (r == -ENOENT)
		return 0;
	for (enum vault_slot slot = 0; r == 0 && slot < VAULT_SLOTS; slot++)
		unlinkat(next, slot_file(slot), 0);
	if (r == 0 && unlinkat(vault->dirfd, TREE_SLOTS_NEXT, AT_REMOVEDIR) < 0)
		return error_errno(err, errno, "cannot remove '%s/" TREE_SLOTS_NEXT "'", vault->directory);
	return r;
}

static int write_next(const struct vault *vault, const struct secret *root, const struct vault_slot_new *slots,
                      size_t count, struct error *err) {
	cleanup_fd int next = -1;
	char path[TREE_PATH_MAX];
	int r = vault_remove_next_slots(vault, err);
	if (r == 0)
		r = open_slots(vault, TREE_SLOTS_NEXT, true, &next, err);
	for (size_t i = 0; r == 0 && i < count; i++) {
		slots_path(vault, TREE_SLOTS_NEXT, slots[i].slot, path);
		r = slot_write(&vault->writer, next, path, &slots[i], root, false, err);
	}
	return r;
}

static int seal_retired(const struct secret *root, const struct secret *before, struct config *config,
                        struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = key_derive(root, KEY_RETIRED, &key, err);
	if (r < 0)
		return r;
	randombytes_buf(config->retired, crypto_secretbox_NONCEBYTES);
	crypto_secretbox_easy(config->retired + crypto_secretbox_NONCEBYTES, before->bytes, before->size,
	                      config->retired, key->bytes);
	return 0;
}

/* Writes vault.toml for `keys`, which has to be the vault's from then on. */
static int write_config(struct vault *vault, const struct vault_keys *keys, bool retiring,
                        struct config *ret_config, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	struct config config = vault->now->config;
	memcpy(config.public_key, keys->public_key, sizeof(config.public_key));
	config.retiring = retiring;
	int r = key_derive(keys->root, KEY_VAULT, &key, err);
	if (r == 0 && retiring)
		r = seal_retired(keys->root, vault->now->keys.root, &config, err);
	if (r < 0)
		return r;
	config_mac(&config, key, config.mac);
	r = config_write(&vault->writer, vault->dirfd, &config, true, err);
	if (r == 0)
		*ret_config = config;
	return r;
}

static int check_opens(const struct vault *vault, const char *top, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct tree tree = vault_tree(vault, top);
	int r = walk_tree(&tree, NULL, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		cleanup_seal_bytes struct seal_bytes sealed = {0};
		cleanup_secret struct secret *value = NULL;
		r = vault_read_sealed(vault, top, names.items[i], &sealed, err);
		if (r == 0)
			r = vault_open_sealed(vault, names.items[i], SEAL_ANY_TIME, &sealed, &value, err);
	}
	return r < 0 ? error_wrap(err, r,
	                          "the key is not changed, for not every secret opens (see: envseal "
	                          "verify)")
	             : 0;
}

static int begin(struct vault *vault, const struct vault_slot_new *slots, size_t count, struct error *err) {
	cleanup_secret struct secret *root = NULL;
	struct vault_keys keys = {0};
	int r = check_opens(vault, TREE_SECRETS, err);
	if (r == 0)
		r = check_opens(vault, TREE_PREVIOUS, err);
	if (r == 0)
		r = key_new_root(&root, err);
	if (r == 0)
		r = write_next(vault, root, slots, count, err);
	if (r == 0)
		r = vault_keys_make(&root, &keys, err);
	if (r == 0)
		r = write_config(vault, &keys, true, &vault->now->config, err);
	if (r < 0) {
		vault_keys_free(&keys);
		return r;
	}
	vault->now->retired = vault->now->keys;
	vault->now->keys = keys;
	return 0;
}

int vault_rotate_begin(struct vault *vault, const struct vault_slot_new *slots, size_t count, bool *ret_resumed,
                       struct error *err) {
	int r = vault_is_unlocked(vault, err);
	if (r == 0)
		r = vault_hold(vault, err);
	if (r < 0)
		return r;
	*ret_resumed = vault->now->config.retiring;
	if (!*ret_resumed)
		r = count == 0 ? error_set(err, EINVAL, "a new root key needs a slot")
		               : begin(vault, slots, count, err);
	if (r < 0)
		vault_release(vault);
	return r;
}

static bool is_current(const struct vault *vault, const char *name, const struct seal_bytes *sealed) {
	cleanup_secret struct secret *value = NULL;
	struct error ignored;
	const struct vault_keys *keys = &vault->now->keys;
	return seal_open(keys->public_key, keys->private_key, name, SEAL_ANY_TIME, sealed->bytes, sealed->size,
	                 &value, &ignored) == 0;
}

static int reseal(struct vault *vault, const char *top, const char *name, struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	cleanup_seal_bytes struct seal_bytes again = {0};
	cleanup_secret struct secret *value = NULL;
	struct seal_label label;
	struct tree_place place;
	int r = vault_read_sealed(vault, top, name, &sealed, err);
	if (r < 0 || is_current(vault, name, &sealed))
		return r;
	r = seal_label_read(name, sealed.bytes, sealed.size, &label, err);
	if (r == 0)
		r = vault_open_sealed(vault, name, SEAL_ANY_TIME, &sealed, &value, err);
	if (r == 0)
		r = seal_make(vault->now->keys.public_key, name, &label, value, &again, err);
	if (r == 0)
		r = vault_find(vault, top, name, &place, err);
	if (r < 0)
		return r;
	r = writer_write(&vault->writer, place.fd, place.file, again.bytes, again.size, true, place.path, err);
	close(place.fd);
	return r;
}

static int reseal_tree(struct vault *vault, const char *top, size_t *count, struct error *err) {
	cleanup_walk_names struct walk_names names = {0};
	const struct tree tree = vault_tree(vault, top);
	int r = walk_tree(&tree, NULL, &names, err);
	for (size_t i = 0; r == 0 && i < names.count; i++) {
		r = reseal(vault, top, names.items[i], err);
		++*count;
	}
	return r;
}

static int move_slot(const struct vault *vault, int next, int slots, enum vault_slot slot, struct error *err) {
	char path[TREE_PATH_MAX];
	struct staged staged;
	slots_path(vault, TREE_SLOTS, slot, path);
	int r = writer_stage_link(&vault->writer, next, slot_file(slot), path, &staged, err);
	if (r == 0)
		return writer_publish(&vault->writer, &staged, slots, slot_file(slot), true, path, err);
	if (r == -ENOENT)
		r = writer_remove(&vault->writer, slots, slot_file(slot), path, err);
	return r == -ENOENT ? 0 : r;
}

static int move_slots(const struct vault *vault, struct error *err) {
	cleanup_fd int next = -1;
	cleanup_fd int slots = -1;
	int r = open_slots(vault, TREE_SLOTS_NEXT, false, &next, err);
	if (r == 0)
		r = open_slots(vault, TREE_SLOTS, true, &slots, err);
	for (enum vault_slot slot = 0; r == 0 && slot < VAULT_SLOTS; slot++)
		r = move_slot(vault, next, slots, slot, err);
	return r;
}

int vault_rotate_finish(struct vault *vault, size_t *ret_secrets, struct error *err) {
	size_t count = 0;
	if (!vault->now->config.retiring || vault->holds == 0)
		return error_set(err, EINVAL, "vault '%s' is not getting a new key", vault->directory);
	int r = reseal_tree(vault, TREE_SECRETS, &count, err);
	if (r == 0)
		r = reseal_tree(vault, TREE_PREVIOUS, &count, err);
	if (r == 0)
		r = move_slots(vault, err);
	if (r == 0)
		r = write_config(vault, &vault->now->keys, false, &vault->now->config, err);
	if (r == 0)
		r = vault_remove_next_slots(vault, err);
	if (r < 0)
		return r;
	vault_keys_free(&vault->now->retired);
	*ret_secrets = count;
	return 0;
}
