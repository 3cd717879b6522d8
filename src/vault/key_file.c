#include "vault/vault.h"

#include "util/file.h"
#include "util/path.h"
#include "vault/keys.h"
#include "vault/slots.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

static int make(const char *path, const struct secret *key, struct error *err) {
	cleanup_free char *directory = strndup(path, (size_t)(path_base(path) - path));
	if (!directory)
		return error_errno(err, ENOMEM, "'%s'", path);
	cleanup_fd int fd = open(directory[0] ? directory : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", directory);
	return file_write_atomic(fd, path_base(path), key->bytes, key->size, 0600, false, path, err);
}

/* One that is there is used as it is: one stick may open several vaults. */
int vault_key_file(const char *path, bool *ret_made, struct secret **ret_key, struct error *err) {
	cleanup_secret struct secret *key = NULL;
	cleanup_fd int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	bool missing = fd < 0 && errno == ENOENT;
	if (fd < 0 && !missing)
		return error_errno(err, errno, "cannot open key file '%s'", path);
	int r = missing ? key_new_root(&key, err) : slot_key_read(fd, path, false, &key, err);
	if (r == 0 && missing)
		r = make(path, key, err);
	if (r < 0)
		return r;
	*ret_made = missing;
	*ret_key = steal_pointer(key);
	return 0;
}
