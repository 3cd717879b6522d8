#include "vault/keep.h"

#include "util/fd.h"
#include "util/file.h"
#include "util/syscalls.h"
#include "vault/bytes.h"
#include "vault/layout.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <time.h>

#define NAME_SIZE (sizeof("envseal:") + (size_t)2 * CONFIG_ID_BYTES)

static void name_of(char separator, const uint8_t id[static CONFIG_ID_BYTES],
                    char ret_name[static NAME_SIZE]) {
	snprintf(ret_name, NAME_SIZE, "envseal%c", separator);
	sodium_bin2hex(ret_name + strlen(ret_name), 2 * CONFIG_ID_BYTES + 1, id, CONFIG_ID_BYTES);
}

/* -- the kernel's keyring of the user, which outlives sessions */

static int no_keyring(int code, struct error *err) {
	return error_errno(
		err, code,
		"cannot keep the key in the kernel's keyring (containers often forbid it, "
		"keyctl(2))");
}

static int keyring_put(const uint8_t id[static CONFIG_ID_BYTES], const struct secret *root,
                       unsigned int seconds, struct error *err) {
	/*
	 * The user's processes need the permissions too: few sessions link the user keyring, and
	 * only those "possess" the key.
	 */
	const unsigned long permissions = SYS_KEY_POS_ALL | SYS_KEY_USR_VIEW | SYS_KEY_USR_READ |
	                                  SYS_KEY_USR_SEARCH | SYS_KEY_USR_SETATTR;
	char name[NAME_SIZE];
	name_of(':', id, name);
	long key = sys_add_key("user", name, root->bytes, root->size, SYS_KEY_SPEC_USER_KEYRING);
	if (key < 0)
		return no_keyring(errno, err);
	/* The timeout is set first, so that a kill in between cannot leave the key for good. */
	if (sys_keyctl(SYS_KEYCTL_SET_TIMEOUT, (unsigned long)key, seconds, 0, 0) < 0 ||
	    sys_keyctl(SYS_KEYCTL_SETPERM, (unsigned long)key, permissions, 0, 0) < 0) {
		int saved = errno;
		sys_keyctl(SYS_KEYCTL_UNLINK, (unsigned long)key,
		           (unsigned long)SYS_KEY_SPEC_USER_KEYRING, 0, 0);
		return no_keyring(saved, err);
	}
	return 0;
}

static long keyring_find(const uint8_t id[static CONFIG_ID_BYTES]) {
	char name[NAME_SIZE];
	name_of(':', id, name);
	return sys_keyctl(SYS_KEYCTL_SEARCH, (unsigned long)SYS_KEY_SPEC_USER_KEYRING,
	                  (unsigned long)"user", (unsigned long)name, 0);
}

static int keyring_get(const uint8_t id[static CONFIG_ID_BYTES], struct secret **ret_root,
                       struct error *err) {
	cleanup_secret struct secret *root = NULL;
	long key = keyring_find(id);
	if (key < 0)
		return -ENOENT;
	int r = secret_new(VAULT_KEY_BYTES, &root, err);
	if (r < 0)
		return r;
	if (sys_keyctl(SYS_KEYCTL_READ, (unsigned long)key, (unsigned long)root->bytes, root->size,
	               0) != VAULT_KEY_BYTES)
		return -ENOENT;
	*ret_root = steal_pointer(root);
	return 0;
}

static int keyring_drop(const uint8_t id[static CONFIG_ID_BYTES], struct error *err) {
	long key = keyring_find(id);
	if (key < 0)
		return -ENOENT;
	if (sys_keyctl(SYS_KEYCTL_UNLINK, (unsigned long)key,
	               (unsigned long)SYS_KEY_SPEC_USER_KEYRING, 0, 0) < 0)
		return error_errno(err, errno, "cannot remove the key from the kernel's keyring");
	return 0;
}

/* -- a file: "envkept", zero; the deadline; the root key */

enum {
	AT_DEADLINE = 8,
	AT_ROOT = 16,
	FILE_SIZE = AT_ROOT + VAULT_KEY_BYTES,
};

static const unsigned char magic[8] = {'e', 'n', 'v', 'k', 'e', 'p', 't', 0};

static uint64_t now(void) {
	struct timespec time = {0};
	clock_gettime(CLOCK_BOOTTIME, &time);
	return (uint64_t)time.tv_sec;
}

/* A key on a disk would outlive its timeout and the machine. */
static int open_memory(const char *directory, int access_flag, int *ret_fd, struct error *err) {
	struct statfs fs;
	cleanup_fd int fd = open(directory, access_flag | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", directory);
	int r = layout_check(fd, S_IFDIR, directory, NULL, err);
	if (r < 0)
		return r;
	if (fstatfs(fd, &fs) < 0 ||
	    ((unsigned long)fs.f_type != TMPFS_MAGIC && (unsigned long)fs.f_type != RAMFS_MAGIC))
		return error_set(err, EPERM,
		                 "'%s' is not on a tmpfs; a key may be kept only in memory",
		                 directory);
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int file_put(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
                    const struct secret *root, unsigned int seconds, struct error *err) {
	cleanup_fd int directory = -1;
	cleanup_secret struct secret *content = NULL;
	char name[NAME_SIZE];
	name_of('-', id, name);
	int r = file_make_directories(keep->directory, 0755, err);
	if (r < 0)
		return r;
	r = open_memory(keep->directory, O_RDONLY, &directory, err);
	if (r < 0)
		return r;
	r = secret_new(FILE_SIZE, &content, err);
	if (r < 0)
		return r;
	memcpy(content->bytes, magic, sizeof(magic));
	bytes_put(content->bytes + AT_DEADLINE, 8, now() + seconds);
	memcpy(content->bytes + AT_ROOT, root->bytes, VAULT_KEY_BYTES);
	const struct file_look look = {.mode = 0400, .uid = keep->owner, .gid = (gid_t)-1};
	return file_write_owned(directory, name, content->bytes, content->size, &look, true, name,
	                        err);
}

static int file_get(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
                    struct secret **ret_root, struct error *err) {
	cleanup_fd int directory = -1;
	cleanup_fd int fd = -1;
	cleanup_secret struct secret *content = NULL;
	struct stat st;
	char name[NAME_SIZE];
	name_of('-', id, name);
	int r = open_memory(keep->directory, O_PATH, &directory, err);
	if (r < 0)
		return r;
	r = layout_open_file(directory, name, name, &fd, &st, err);
	if (r < 0)
		return r;
	r = secret_new(FILE_SIZE, &content, err);
	if (r < 0)
		return r;
	if (st.st_size != FILE_SIZE || (st.st_mode & (S_IRWXG | S_IRWXO)) ||
	    fd_read_full(fd, content->bytes, content->size) < 0 ||
	    memcmp(content->bytes, magic, sizeof(magic)) != 0 ||
	    now() >= bytes_get(content->bytes + AT_DEADLINE, 8))
		return -ENOENT;
	memmove(content->bytes, content->bytes + AT_ROOT, VAULT_KEY_BYTES);
	content->size = VAULT_KEY_BYTES;
	*ret_root = steal_pointer(content);
	return 0;
}

static int file_drop(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
                     struct error *err) {
	cleanup_fd int directory = -1;
	char name[NAME_SIZE];
	name_of('-', id, name);
	int r = open_memory(keep->directory, O_PATH, &directory, err);
	if (r < 0)
		return r;
	if (unlinkat(directory, name, 0) < 0)
		return errno == ENOENT ? -ENOENT
		                       : error_errno(err, errno, "'%s/%s'", keep->directory, name);
	return 0;
}

int keep_put(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
             const struct secret *root, unsigned int seconds, struct error *err) {
	return keep->directory ? file_put(keep, id, root, seconds, err)
	                       : keyring_put(id, root, seconds, err);
}

int keep_get(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
             struct secret **ret_root, struct error *err) {
	return keep->directory ? file_get(keep, id, ret_root, err) : keyring_get(id, ret_root, err);
}

int keep_drop(const struct vault_keep *keep, const uint8_t id[static CONFIG_ID_BYTES],
              struct error *err) {
	return keep->directory ? file_drop(keep, id, err) : keyring_drop(id, err);
}
