#include "vault/slot_set.h"

#include "vault/internal.h"

#include <errno.h>
#include <fcntl.h>

static int add(struct vault *vault, const struct vault_slot_new *slot, bool replace,
               struct error *err) {
	char path[LAYOUT_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot->slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	r = slot_write(&vault->writer, slots, path, slot, vault->now->keys.root, replace, err);
	if (r == -EEXIST)
		return error_set(err, r, "slot '%s' already exists; --force replaces it",
		                 vault_slot_name(slot->slot));
	return r;
}

int vault_slot_add(struct vault *vault, const struct vault_slot_new *slot, bool replace,
                   struct error *err) {
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	return add(held, slot, replace, err);
}

/* Damaged slots open nothing, so they do not count. */
static bool another_opens(const struct vault *vault, enum vault_slot but) {
	for (enum vault_slot slot = 0; slot < VAULT_SLOTS; slot++) {
		struct vault_slot_info info;
		struct error ignored;
		if (slot != but && vault_slot_inspect(vault, slot, &info, &ignored) == 0 &&
		    info.exists)
			return true;
	}
	return false;
}

static int remove_slot(struct vault *vault, enum vault_slot slot, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	cleanup_fd int slots = -1;
	slot_path(vault, slot, path);
	int r = slot_directory(vault, &slots, err);
	if (r < 0)
		return r;
	if (faccessat(slots, slot_file(slot), F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return error_set(err, ENOENT, "vault '%s' has no slot '%s'; see: envseal slot list",
		                 vault->directory, vault_slot_name(slot));
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
	cleanup_hold struct vault *held = vault;
	return remove_slot(held, slot, err);
}
