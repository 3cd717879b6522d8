#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

/* Changing secrets. Whoever comes here holds the vault, or takes hold of it. */

static int taken(const char *name, struct error *err) {
	return error_set(err, EEXIST, "there is a secret '%s' already; it is replaced only when told so", name);
}

int vault_keep_previous(const struct vault *vault, const char *name, struct error *err) {
	struct tree_place current, previous;
	struct staged staged;
	const struct tree tree = vault_tree(vault, TREE_PREVIOUS);
	int r = vault_find(vault, TREE_SECRETS, name, &current, err);
	if (r < 0)
		return r;
	r = writer_stage_link(&vault->writer, current.fd, current.file, current.path, &staged, err);
	close(current.fd);
	if (r == 0)
		r = tree_find(&tree, name, true, &previous, err);
	if (r < 0)
		return r;
	r = writer_publish(&vault->writer, &staged, previous.fd, previous.file, true, previous.path, err);
	close(previous.fd);
	return r;
}

int vault_drop(const struct vault *vault, const char *top, const char *name, struct error *err) {
	struct tree_place place;
	const struct tree tree = vault_tree(vault, top);
	int r = tree_find(&tree, name, false, &place, err);
	if (r < 0)
		return r;
	r = writer_remove(&vault->writer, place.fd, place.file, place.path, err);
	close(place.fd);
	if (r == 0)
		tree_prune(&tree, name);
	return r;
}

/* A replaced secret that is damaged has no number to go on from, and is replaced all the same. */
static uint32_t next_version(const struct vault *vault, const char *name) {
	struct vault_info info;
	struct error ignored;
	if (vault_inspect(vault, name, &info, &ignored) < 0 || info.version == UINT32_MAX)
		return 1;
	return info.version + 1;
}

/* Numbers the file, and keeps the one that it will replace. *ret_place is the caller's to close. */
static int prepare(const struct vault *vault, const char *name, struct seal_bytes *sealed, bool replace,
                   struct tree_place *ret_place, struct error *err) {
	const struct tree tree = vault_tree(vault, TREE_SECRETS);
	int r = vault_has(vault, name, err);
	if (r == 0 && !replace)
		return taken(name, err);
	if (r == 0) {
		seal_label_renumber(name, next_version(vault, name), sealed->bytes);
		r = vault_keep_previous(vault, name, err);
	} else if (r == -ENOENT) {
		seal_label_renumber(name, 1, sealed->bytes);
		r = 0;
	}
	/* Something else than a file is refused below, or goes away, when its directory is good. */
	return r < 0 && r != -EBADMSG ? r : tree_find(&tree, name, true, ret_place, err);
}

static int write_sealed(struct vault *vault, const char *name, struct seal_bytes *sealed, bool replace,
                        struct error *err) {
	struct tree_place place;
	const struct tree tree = vault_tree(vault, TREE_SECRETS);
	int r = prepare(vault, name, sealed, replace, &place, err);
	if (r < 0)
		return r;
	r = writer_write(&vault->writer, place.fd, place.file, sealed->bytes, sealed->size, replace, place.path,
	                 err);
	close(place.fd);
	if (r < 0)
		tree_prune(&tree, name);
	return r == -EEXIST ? taken(name, err) : r;
}

static int hold_and_write(struct vault *vault, const char *name, struct seal_bytes *sealed, bool replace,
                          struct error *err) {
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = write_sealed(vault, name, sealed, replace, err);
	vault_release(vault);
	return r;
}

static int seal(const struct vault *vault, const char *name, const struct secret *value, int64_t expires,
                struct seal_bytes *ret_sealed, struct error *err) {
	const struct seal_label label = {.version = 1, .created = time(NULL), .expires = expires};
	int r = vault_name_check(name, err);
	return r < 0 ? r : seal_make(vault->now->config.public_key, name, &label, value, ret_sealed, err);
}

int vault_store(struct vault *vault, const char *name, const struct secret *value, int64_t expires,
                bool replace, struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	int r = seal(vault, name, value, expires, &sealed, err);
	return r < 0 ? r : hold_and_write(vault, name, &sealed, replace, err);
}

int vault_store_sealed(struct vault *vault, const char *name, unsigned char *bytes, size_t size, bool replace,
                       struct error *err) {
	struct seal_bytes sealed = {bytes, size};
	struct seal_label label;
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	if (!seal_size_possible(size))
		return error_set(err, EBADMSG, "this is not a sealed secret: no such file has that length");
	r = seal_label_read(name, bytes, size, &label, err);
	return r < 0 ? error_wrap(err, r, "the sealed file")
	             : hold_and_write(vault, name, &sealed, replace, err);
}

int vault_remove(struct vault *vault, const char *name, struct error *err) {
	int r = vault_name_check(name, err);
	if (r == 0)
		r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = vault_has(vault, name, err);
	/* The value before first: a kill between them leaves the present one, as if nothing happened. */
	if (r == 0)
		r = vault_drop(vault, TREE_PREVIOUS, name, err);
	if (r == -ENOENT)
		r = vault_has(vault, name, err);
	if (r == 0)
		r = vault_drop(vault, TREE_SECRETS, name, err);
	vault_release(vault);
	return r;
}

static int swap(struct vault *vault, const char *name, struct error *err) {
	struct tree_place current, previous;
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	struct staged staged;
	int r = vault_read_sealed(vault, TREE_PREVIOUS, name, &sealed, err);
	if (r == -ENOENT)
		return error_set(err, r, "no earlier value of '%s' is kept", name);
	if (r == 0)
		r = vault_find(vault, TREE_PREVIOUS, name, &previous, err);
	if (r < 0)
		return r;
	r = writer_stage_link(&vault->writer, previous.fd, previous.file, previous.path, &staged, err);
	close(previous.fd);
	if (r == 0)
		r = vault_keep_previous(vault, name, err);
	if (r == 0)
		r = vault_find(vault, TREE_SECRETS, name, &current, err);
	if (r < 0)
		return r;
	r = writer_publish(&vault->writer, &staged, current.fd, current.file, true, current.path, err);
	close(current.fd);
	return r;
}

int vault_restore(struct vault *vault, const char *name, struct error *err) {
	int r = vault_name_check(name, err);
	if (r == 0)
		r = vault_hold(vault, err);
	if (r < 0)
		return r;
	r = vault_has(vault, name, err);
	if (r == 0)
		r = swap(vault, name, err);
	vault_release(vault);
	return r;
}
