#include "vault/slot_set.h"

#include "vault/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

void slot_path(const struct vault *vault, enum vault_slot slot, char ret_path[static TREE_PATH_MAX]) {
	snprintf(ret_path, TREE_PATH_MAX, "%s/%s/%s", vault->directory, config_slots(&vault->now->config),
	         slot_file(slot));
}

int slot_directory(const struct vault *vault, int *ret_fd, struct error *err) {
	char path[TREE_PATH_MAX];
	const char *name = config_slots(&vault->now->config);
	snprintf(path, sizeof(path), "%s/%s", vault->directory, name);
	return tree_open_directory(vault->dirfd, name, path, ret_fd, err);
}

int slot_find(const struct vault *vault, enum vault_slot slot, struct slot_sealed *ret_slot,
              struct error *err) {
	char path[TREE_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	return r < 0 ? r : slot_read(slots, path, slot, ret_slot, err);
}

int slot_find_host_key(const struct vault *vault, struct secret **ret_root, int64_t *ret_changed,
                       struct error *err) {
	char path[TREE_PATH_MAX];
	struct stat st;
	cleanup_fd int slots = -1;
	cleanup_fd int fd = -1;
	slot_path(vault, VAULT_SLOT_HOST_KEY, path);
	int r = slot_directory(vault, &slots, err);
	if (r == 0)
		r = tree_open_file(slots, slot_file(VAULT_SLOT_HOST_KEY), path, &fd, &st, err);
	if (r < 0)
		return r;
	if (ret_changed)
		*ret_changed = st.st_mtime;
	return slot_key_read(fd, path, false, ret_root, err);
}

static int inspect_host_key(const struct vault *vault, struct vault_slot_info *info, struct error *err) {
	cleanup_secret struct secret *root = NULL;
	return slot_find_host_key(vault, &root, &info->changed, err);
}

static int inspect_sealed(const struct vault *vault, enum vault_slot slot, struct vault_slot_info *info,
                          struct error *err) {
	struct slot_sealed sealed;
	int r = slot_find(vault, slot, &sealed, err);
	if (r < 0)
		return r;
	info->changed = sealed.changed;
	info->cost = slot_cost(&sealed);
	return 0;
}

int vault_slot_inspect(const struct vault *vault, enum vault_slot slot, struct vault_slot_info *ret_info,
                       struct error *err) {
	struct vault_slot_info info = {0};
	int r = slot == VAULT_SLOT_HOST_KEY ? inspect_host_key(vault, &info, err)
	                                    : inspect_sealed(vault, slot, &info, err);
	info.exists = r != -ENOENT;
	info.whole = r == 0;
	*ret_info = info;
	return r == -ENOENT ? 0 : r;
}

int vault_slot_try(const struct vault *vault, enum vault_slot slot, const struct secret *key,
                   struct error *err) {
	char path[TREE_PATH_MAX];
	struct slot_sealed sealed;
	cleanup_secret struct secret *root = NULL;
	slot_path(vault, slot, path);
	int r = slot_find(vault, slot, &sealed, err);
	return r < 0 ? r : slot_open(&sealed, path, key, &root, err);
}

int vault_has_slot(const struct vault *vault, enum vault_slot slot, struct error *err) {
	char path[TREE_PATH_MAX];
	struct stat st;
	cleanup_fd int slots = -1, fd = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r == 0)
		r = tree_open_file(slots, slot_file(slot), path, &fd, &st, err);
	if (r == 0 && (st.st_mode & (S_IRWXG | S_IRWXO)))
		r = error_set(err, EPERM, "slot '%s' is open to others; run: chmod 600 '%s'", path, path);
	return r;
}

static int add(struct vault *vault, const struct vault_slot_new *slot, bool replace, struct error *err) {
	char path[TREE_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot->slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	r = slot_write(&vault->writer, slots, path, slot, vault->now->keys.root, replace, err);
	return r == -EEXIST ? error_set(err, r, "there is a slot '%s' already; --force replaces it",
	                                vault_slot_name(slot->slot))
	                    : r;
}

int vault_slot_add(struct vault *vault, const struct vault_slot_new *slot, bool replace, struct error *err) {
	int r = vault_is_unlocked(vault, err);
	if (r == 0)
		r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = add(vault, slot, replace, err);
	vault_release(vault);
	return r;
}

/* Slots that are not whole open nothing, so they do not count. */
static bool another_opens(const struct vault *vault, enum vault_slot but) {
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		struct vault_slot_info info;
		struct error ignored;
		if (slot != but && vault_slot_inspect(vault, slot, &info, &ignored) == 0 && info.exists)
			return true;
	}
	return false;
}

static int remove_slot(struct vault *vault, enum vault_slot slot, struct error *err) {
	char path[TREE_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	if (faccessat(slots, slot_file(slot), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, ENOENT, "vault '%s' has no slot '%s'", vault->directory,
		                 vault_slot_name(slot));
	if (!another_opens(vault, slot))
		return error_set(err, EPERM,
		                 "slot '%s' is the last that opens vault '%s'; add another "
		                 "first",
		                 vault_slot_name(slot), vault->directory);
	return writer_remove(&vault->writer, slots, slot_file(slot), path, err);
}

int vault_slot_remove(struct vault *vault, enum vault_slot slot, struct error *err) {
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = remove_slot(vault, slot, err);
	vault_release(vault);
	return r;
}
