#include "vault/vault.h"

#include "vault/internal.h"
#include "vault/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <time.h>

/* Changing secrets. Each function holds the vault while it does. */

static int taken(const char *name, struct error *err) {
	return error_set(err, EEXIST, "secret '%s' already exists; --force replaces it", name);
}

/* A damaged secret has no version to continue from, and may be replaced. */
static uint32_t next_version(const struct vault *vault, const char *name) {
	struct vault_info info;
	struct error ignored;
	if (vault_inspect(vault, name, &info, &ignored) < 0 || info.version == UINT32_MAX)
		return 1;
	return info.version + 1;
}

/* Numbers the file, and keeps the one that it will replace. */
static int prepare(const struct vault *vault, const char *name, struct seal_bytes *sealed,
                   bool replace, struct error *err) {
	int r = vault_has(vault, name, err);
	if (r == -ENOENT) {
		seal_label_renumber(name, 1, sealed->bytes);
		return 0;
	}
	/* Writing refuses or replaces whatever else is in the file's place. */
	if (r == -EBADMSG)
		return 0;
	if (r < 0)
		return r;
	if (!replace)
		return taken(name, err);
	seal_label_renumber(name, next_version(vault, name), sealed->bytes);
	r = vault_keep_previous(vault, name, err);
	return r == -EBADMSG ? 0 : r;
}

static int write_sealed(struct vault *vault, const char *name, struct seal_bytes *sealed,
                        bool replace, struct error *err) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	const struct layout_tree tree = vault_tree(vault, LAYOUT_SECRETS);
	int r = prepare(vault, name, sealed, replace, err);
	if (r < 0)
		return r;
	r = layout_find(&tree, name, true, &place, err);
	if (r < 0)
		return r;
	r = writer_write(&vault->writer, place.fd, place.file, sealed->bytes, sealed->size, replace,
	                 place.path, err);
	if (r < 0)
		layout_prune(&tree, name);
	return r == -EEXIST ? taken(name, err) : r;
}

static int hold_and_write(struct vault *vault, const char *name, struct seal_bytes *sealed,
                          bool replace, struct error *err) {
	int r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	return write_sealed(held, name, sealed, replace, err);
}

static int seal(const struct vault *vault, const char *name, const struct secret *value,
                int64_t expires, struct seal_bytes *ret_sealed, struct error *err) {
	const struct seal_label label = {.version = 1, .created = time(NULL), .expires = expires};
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	return seal_make(vault->now->config.public_key, name, &label, value, ret_sealed, err);
}

int vault_store(struct vault *vault, const char *name, const struct secret *value, int64_t expires,
                bool replace, struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	int r = seal(vault, name, value, expires, &sealed, err);
	if (r < 0)
		return r;
	return hold_and_write(vault, name, &sealed, replace, err);
}

int vault_store_sealed(struct vault *vault, const char *name, unsigned char *bytes, size_t size,
                       bool replace, struct error *err) {
	struct seal_bytes sealed = {bytes, size};
	struct seal_label label;
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	if (!seal_size_possible(size))
		return error_set(err, EBADMSG, "this is not a sealed secret: none has that length");
	r = seal_label_read(name, bytes, size, &label, err);
	if (r < 0)
		return error_wrap(err, r, "the sealed file");
	return hold_and_write(vault, name, &sealed, replace, err);
}

/* The earlier value goes first: a kill in between leaves the present one. */
static int drop_both(struct vault *vault, const char *name, struct error *err) {
	int r = vault_has(vault, name, err);
	if (r < 0)
		return r;
	r = vault_drop(vault, LAYOUT_PREVIOUS, name, err);
	if (r < 0 && r != -ENOENT)
		return r;
	return vault_drop(vault, LAYOUT_SECRETS, name, err);
}

int vault_remove(struct vault *vault, const char *name, struct error *err) {
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	return drop_both(held, name, err);
}

static int swap(struct vault *vault, const char *name, struct error *err) {
	cleanup_place struct layout_place current = LAYOUT_PLACE_NONE, previous = LAYOUT_PLACE_NONE;
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	struct staged staged;
	int r = vault_read_sealed(vault, LAYOUT_PREVIOUS, name, &sealed, err);
	if (r == -ENOENT)
		return error_set(err, r, "no earlier value of '%s' is kept", name);
	if (r < 0)
		return r;
	r = vault_find(vault, LAYOUT_PREVIOUS, name, &previous, err);
	if (r < 0)
		return r;
	r = writer_stage_link(&vault->writer, previous.fd, previous.file, previous.path, &staged,
	                      err);
	if (r < 0)
		return r;
	r = vault_keep_previous(vault, name, err);
	if (r < 0)
		return r;
	r = vault_find(vault, LAYOUT_SECRETS, name, &current, err);
	if (r < 0)
		return r;
	return writer_publish(&vault->writer, &staged, current.fd, current.file, true, current.path,
	                      err);
}

int vault_restore(struct vault *vault, const char *name, struct error *err) {
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	r = vault_hold(vault, err);
	if (r < 0)
		return r;
	cleanup_hold struct vault *held = vault;
	r = vault_has(held, name, err);
	if (r < 0)
		return r;
	return swap(held, name, err);
}
