#include "vault/vault.h"

#include "util/file.h"
#include "util/path.h"
#include "vault/keys.h"
#include "vault/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int write_new(const char *path, const struct secret *key, struct error *err) {
	cleanup_free char *directory = strndup(path, (size_t)(path_base(path) - path));
	if (!directory)
		return error_errno(err, ENOMEM, "'%s'", path);
	cleanup_fd int fd =
		open(directory[0] ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", directory);
	return file_write_atomic(fd, path_base(path), key->bytes, key->size, 0600, false, path,
	                         err);
}

static int make(const char *path, struct secret **ret_key, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	int r = key_new_root(&key, err);
	if (r < 0)
		return r;
	r = write_new(path, key, err);
	if (r < 0)
		return r;
	*ret_key = steal_pointer(key);
	return 0;
}

/* An existing key file is used as it is, so that one file can open several vaults. */
int vault_key_file(const char *path, bool *ret_made, struct secret **ret_key, struct error *err) {
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool made = fd < 0 && errno == ENOENT;
	if (fd < 0 && !made)
		return error_errno(err, errno, "cannot open key file '%s'", path);
	int r = made ? make(path, ret_key, err) : slot_key_read(fd, path, false, ret_key, err);
	if (r < 0)
		return r;
	*ret_made = made;
	return 0;
}
