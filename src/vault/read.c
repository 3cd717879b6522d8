#include "vault/vault.h"

#include "util/fd.h"
#include "vault/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

/* Reading: no lock, and nothing is written. */

/* No message shows the name: it may be a secret that was typed in the wrong place. */
int vault_not_there(const struct vault *vault, struct error *err) {
	return error_set(err, ENOENT, "no secret of that name in vault '%s'; see: envseal list",
	                 vault->directory);
}

int vault_find(const struct vault *vault, const char *top, const char *name,
               struct layout_place *ret_place, struct error *err) {
	const struct layout_tree tree = vault_tree(vault, top);
	int r = vault_name_check(name, err);
	if (r < 0)
		return r;
	r = layout_find(&tree, name, false, ret_place, err);
	return r == -ENOENT ? vault_not_there(vault, err) : r;
}

int vault_has(const struct vault *vault, const char *name, struct error *err) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	struct stat st;
	int r = vault_find(vault, LAYOUT_SECRETS, name, &place, err);
	if (r < 0)
		return r;
	if (fstatat(place.fd, place.file, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? vault_not_there(vault, err)
		                       : error_errno(err, errno, "'%s'", place.path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EBADMSG, "'%s' is not a regular file; move it away",
		                 place.path);
	return 0;
}

static int open_file(const struct vault *vault, const char *top, const char *name, int *ret_fd,
                     struct stat *ret_st, struct error *err) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	int r = vault_find(vault, top, name, &place, err);
	if (r < 0)
		return r;
	r = layout_open_file(place.fd, place.file, place.path, ret_fd, ret_st, err);
	return r == -ENOENT ? vault_not_there(vault, err) : r;
}

static int wrong_length(const char *name, struct error *err) {
	return error_set(err, EBADMSG,
	                 "secret '%s' is damaged: no sealed file has that length; store it again",
	                 name);
}

int vault_read_file(int fd, const char *name, const char *path, struct seal_bytes *ret_sealed,
                    struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if (st.st_size < 0 || !seal_size_possible((size_t)st.st_size))
		return wrong_length(name, err);
	sealed.size = (size_t)st.st_size;
	sealed.bytes = malloc(sealed.size);
	if (!sealed.bytes)
		return error_errno(err, ENOMEM, "secret '%s'", name);
	int r = fd_read_full(fd, sealed.bytes, sealed.size);
	if (r < 0)
		return error_errno(err, r, "cannot read '%s'", path);
	*ret_sealed = sealed;
	sealed = (struct seal_bytes){0};
	return 0;
}

int vault_read_sealed(const struct vault *vault, const char *top, const char *name,
                      struct seal_bytes *ret_sealed, struct error *err) {
	cleanup_fd int fd = -1;
	int r = open_file(vault, top, name, &fd, NULL, err);
	if (r < 0)
		return r;
	return vault_read_file(fd, name, name, ret_sealed, err);
}

static int open_with(const struct vault_keys *keys, const char *name, int64_t now,
                     const struct seal_bytes *sealed, struct secret **ret_value,
                     struct error *err) {
	return seal_open(keys->public_key, keys->private_key, name, now, sealed->bytes,
	                 sealed->size, ret_value, err);
}

int vault_open_sealed(const struct vault *vault, const char *name, int64_t now,
                      const struct seal_bytes *sealed, struct secret **ret_value,
                      struct error *err) {
	struct error ignored;
	const struct vault_state *state = vault->now;
	int r = open_with(&state->keys, name, now, sealed, ret_value, err);
	if (r != -EBADMSG || !state->retired.root)
		return r;
	int before = open_with(&state->retired, name, now, sealed, ret_value, &ignored);
	if (before == -EKEYEXPIRED)
		*err = ignored;
	return before == -EBADMSG ? r : before;
}

static int unseal(const struct vault *vault, const char *name, struct secret **ret_value,
                  struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	int r = vault_read_sealed(vault, LAYOUT_SECRETS, name, &sealed, err);
	if (r < 0)
		return r;
	return vault_open_sealed(vault, name, time(NULL), &sealed, ret_value, err);
}

/* A secret that does not open may have been sealed to a new key since vault.toml was read. */
int vault_unseal(const struct vault *vault, const char *name, struct secret **ret_value,
                 struct error *err) {
	struct error ignored;
	int r = vault_is_unlocked(vault, err);
	if (r < 0)
		return r;
	r = unseal(vault, name, ret_value, err);
	if (r != -EBADMSG || vault_check_current(vault, &ignored) != -ESTALE)
		return r;
	r = vault_refresh(vault, err);
	if (r < 0)
		return r;
	return unseal(vault, name, ret_value, err);
}

static bool has_previous(const struct vault *vault, const char *name) {
	cleanup_place struct layout_place place = LAYOUT_PLACE_NONE;
	struct error ignored;
	struct stat st;
	return vault_find(vault, LAYOUT_PREVIOUS, name, &place, &ignored) == 0 &&
	       fstatat(place.fd, place.file, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

int vault_inspect(const struct vault *vault, const char *name, struct vault_info *ret_info,
                  struct error *err) {
	struct seal_label label;
	struct stat st;
	unsigned char bytes[SEAL_LABEL];
	cleanup_fd int fd = -1;
	int r = open_file(vault, LAYOUT_SECRETS, name, &fd, &st, err);
	if (r < 0)
		return r;
	if (st.st_size < 0 || !seal_size_possible((size_t)st.st_size) ||
	    fd_read_full(fd, bytes, sizeof(bytes)) < 0)
		return wrong_length(name, err);
	r = seal_label_read(name, bytes, sizeof(bytes), &label, err);
	if (r < 0)
		return r;
	*ret_info = (struct vault_info){
		.version = label.version,
		.created = label.created,
		.expires = label.expires,
		.size_at_most = (size_t)st.st_size - SEAL_OVERHEAD - SEAL_HEADER,
		.previous = has_previous(vault, name),
	};
	return 0;
}

int vault_check_opens(const struct vault *vault, const char *top, const char *name,
                      struct error *err) {
	cleanup_seal_bytes struct seal_bytes sealed = {0};
	cleanup_secret struct secret *value = NULL;
	int r = vault_read_sealed(vault, top, name, &sealed, err);
	if (r < 0)
		return r;
	return vault_open_sealed(vault, name, SEAL_ANY_TIME, &sealed, &value, err);
}
