#include "vault/slot_set.h"

#include "vault/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

void slots_path(const struct vault *vault, const char *top, enum vault_slot slot,
                char ret_path[static LAYOUT_PATH_MAX]) {
	snprintf(ret_path, LAYOUT_PATH_MAX, "%s/%s/%s", vault->directory, top, slot_file(slot));
}

void slot_path(const struct vault *vault, enum vault_slot slot,
               char ret_path[static LAYOUT_PATH_MAX]) {
	slots_path(vault, config_slots(&vault->now->config), slot, ret_path);
}

int slots_open(const struct vault *vault, const char *top, bool make, int *ret_fd,
               struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/%s", vault->directory, top);
	return make ? layout_make_directory(vault->dirfd, top, path, ret_fd, err)
	            : layout_open_directory(vault->dirfd, top, path, ret_fd, err);
}

int slot_directory(const struct vault *vault, int *ret_fd, struct error *err) {
	return slots_open(vault, config_slots(&vault->now->config), false, ret_fd, err);
}

int slots_remove_next(const struct vault *vault, struct error *err) {
	cleanup_fd int next = -1;
	if (vault->now->config.retiring)
		return 0;
	int r = slots_open(vault, LAYOUT_SLOTS_NEXT, false, &next, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++)
		unlinkat(next, slot_file(slot), 0);
	if (unlinkat(vault->dirfd, LAYOUT_SLOTS_NEXT, AT_REMOVEDIR) < 0)
		return error_errno(err, errno, "cannot remove '%s/" LAYOUT_SLOTS_NEXT "'",
		                   vault->directory);
	return 0;
}

int slot_find(const struct vault *vault, enum vault_slot slot, struct slot_sealed *ret_slot,
              struct error *err) {
	char path[LAYOUT_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	return slot_read(slots, path, slot, ret_slot, err);
}

int slot_find_host_key(const struct vault *vault, struct secret **ret_root, int64_t *ret_changed,
                       struct error *err) {
	char path[LAYOUT_PATH_MAX];
	struct stat st;
	cleanup_fd int slots = -1;
	cleanup_fd int fd = -1;
	slot_path(vault, VAULT_SLOT_HOST_KEY, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	r = layout_open_file(slots, slot_file(VAULT_SLOT_HOST_KEY), path, &fd, &st, err);
	if (r < 0)
		return r;
	if (ret_changed)
		*ret_changed = st.st_mtime;
	return slot_key_read(fd, path, false, ret_root, err);
}

static int inspect_host_key(const struct vault *vault, struct vault_slot_info *info,
                            struct error *err) {
	cleanup_secret struct secret *root = NULL;
	return slot_find_host_key(vault, &root, &info->changed, err);
}

static int inspect_sealed(const struct vault *vault, enum vault_slot slot,
                          struct vault_slot_info *info, struct error *err) {
	struct slot_sealed sealed;
	int r = slot_find(vault, slot, &sealed, err);
	if (r < 0)
		return r;
	info->changed = sealed.changed;
	info->cost = slot_cost(&sealed);
	return 0;
}

int vault_slot_inspect(const struct vault *vault, enum vault_slot slot,
                       struct vault_slot_info *ret_info, struct error *err) {
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
	char path[LAYOUT_PATH_MAX];
	struct slot_sealed sealed;
	cleanup_secret struct secret *root = NULL;
	slot_path(vault, slot, path);
	int r = slot_find(vault, slot, &sealed, err);
	if (r < 0)
		return r;
	return slot_open(&sealed, path, key, &root, err);
}

int vault_has_slot(const struct vault *vault, enum vault_slot slot, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	struct stat st;
	cleanup_fd int slots = -1, fd = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	r = layout_open_file(slots, slot_file(slot), path, &fd, &st, err);
	if (r < 0)
		return r;
	if (st.st_mode & (S_IRWXG | S_IRWXO))
		return error_set(err, EPERM, "slot '%s' is open to others; run: chmod 600 '%s'",
		                 path, path);
	return 0;
}
