#include "vault/vault.h"

#include "util/fd.h"
#include "vault/internal.h"
#include "vault/seal.h"
#include "vault/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <time.h>

static int not_there(const struct vault *vault, const char *name, struct error *err) {
	return error_set(err, ENOENT, "no secret '%s' in vault '%s'; see: envseal list", name,
	                 vault->directory);
}

/* The place of a secret that should exist; the caller closes. */
static int find(const struct vault *vault, const char *name, struct tree_place *ret_place,
                struct error *err) {
	int r = vault_name_check(name, err);
	if (r == 0)
		r = tree_find(vault->dirfd, vault->directory, name, false, ret_place, err);
	return r == -ENOENT ? not_there(vault, name, err) : r;
}

static int write_sealed(const struct vault *vault, const char *name, const unsigned char *bytes,
                        size_t size, bool replace, struct error *err) {
	cleanup_fd int lock = -1;
	struct tree_place place;
	int r = tree_lock(vault->dirfd, vault->directory, TREE_PATIENCE_MS, &lock, err);
	if (r == 0)
		r = tree_find(vault->dirfd, vault->directory, name, true, &place, err);
	if (r < 0)
		return r;
	r = tree_write(place.fd, place.file, bytes, size, replace, place.path, err);
	close(place.fd);
	if (r < 0)
		tree_prune(vault->dirfd, vault->directory, name);
	if (r == -EEXIST && !replace)
		return error_set(err, EEXIST,
		                 "there is a secret '%s' already; it is replaced only when "
		                 "told so",
		                 name);
	return r;
}

int vault_store(struct vault *vault, const char *name, const struct secret *value, bool replace,
                struct error *err) {
	const struct seal_times times = {.created = time(NULL)};
	cleanup_free unsigned char *bytes = NULL;
	size_t size = 0;
	int r = vault_name_check(name, err);
	if (r == 0)
		r = seal_make(vault->config.public_key, name, &times, value, &bytes, &size, err);
	return r < 0 ? r : write_sealed(vault, name, bytes, size, replace, err);
}

int vault_remove(struct vault *vault, const char *name, struct error *err) {
	cleanup_fd int lock = -1;
	struct tree_place place;
	int r = vault_name_check(name, err);
	if (r == 0)
		r = tree_lock(vault->dirfd, vault->directory, TREE_PATIENCE_MS, &lock, err);
	if (r == 0)
		r = find(vault, name, &place, err);
	if (r < 0)
		return r;
	if (unlinkat(place.fd, place.file, 0) < 0)
		r = errno == ENOENT ? not_there(vault, name, err)
		                    : error_errno(err, errno, "cannot remove '%s'", place.path);
	else if (fsync(place.fd) < 0)
		r = error_errno(err, errno, "cannot sync the directory of '%s'", place.path);
	close(place.fd);
	if (r == 0)
		tree_prune(vault->dirfd, vault->directory, name);
	return r;
}

/* All that can be told of a secret without a key. */
static int open_sealed(const struct vault *vault, const char *name, int *ret_fd, struct stat *ret_st,
                       struct tree_place *ret_place, struct error *err) {
	cleanup_fd int fd = -1;
	int r = find(vault, name, ret_place, err);
	if (r < 0)
		return r;
	r = tree_open_file(ret_place->fd, ret_place->file, ret_place->path, &fd, ret_st, err);
	close(ret_place->fd);
	if (r == -ENOENT)
		return not_there(vault, name, err);
	if (r < 0)
		return r;
	if (ret_st->st_size < (off_t)SEAL_SIZE_MIN || ret_st->st_size > (off_t)SEAL_SIZE_MAX)
		return error_set(err, EBADMSG,
		                 "secret '%s' is damaged: its file is not as long as a "
		                 "sealed file can be; store it again",
		                 name);
	*ret_fd = steal_fd(&fd);
	return 0;
}

int vault_has(const struct vault *vault, const char *name, struct error *err) {
	struct tree_place place;
	struct stat st;
	cleanup_fd int fd = -1;
	return open_sealed(vault, name, &fd, &st, &place, err);
}

static int read_sealed(const struct vault *vault, const char *name, unsigned char **ret_bytes,
                       size_t *ret_size, struct error *err) {
	struct tree_place place;
	struct stat st;
	cleanup_fd int fd = -1;
	int r = open_sealed(vault, name, &fd, &st, &place, err);
	if (r < 0)
		return r;
	cleanup_free unsigned char *bytes = malloc((size_t)st.st_size);
	if (!bytes)
		return error_errno(err, ENOMEM, "secret '%s'", name);
	r = fd_read_full(fd, bytes, (size_t)st.st_size);
	if (r < 0)
		return error_errno(err, r, "cannot read '%s'", place.path);
	*ret_bytes = steal_pointer(bytes);
	*ret_size = (size_t)st.st_size;
	return 0;
}

int vault_unseal(const struct vault *vault, const char *name, struct secret **ret_value,
                 struct error *err) {
	if (!vault->private_key)
		return error_set(err, ENOKEY, "vault '%s' is locked", vault->directory);
	cleanup_free unsigned char *bytes = NULL;
	size_t size = 0;
	int r = read_sealed(vault, name, &bytes, &size, err);
	return r < 0 ? r
	             : seal_open(vault->config.public_key, vault->private_key, name, time(NULL),
	                         bytes, size, ret_value, err);
}
