#include "pin/pin.h"

#include "util/fd.h"
#include "util/syscalls.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * O_NONBLOCK: a FIFO must not hang us; it has no effect on a regular file. No magic links: a path
 * through /proc/PID/fd would name whatever that process holds. Kernels before 5.6 lack openat2.
 */
static int open_command(const char *path) {
	const int flags = O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	int fd = sys_openat2(AT_FDCWD, path, (uint64_t)flags, RESOLVE_NO_MAGICLINKS);
	if (fd < 0 && errno == ENOSYS)
		fd = open(path, flags);
	return fd;
}

static int check_executable(int fd, const struct stat *st, const char *path, struct error *err) {
	if (S_ISDIR(st->st_mode))
		return error_errno(err, EISDIR, "'%s'", path);
	if (!S_ISREG(st->st_mode))
		return error_set(err, EACCES, "'%s' is not a regular file", path);
	int r = sys_faccessat2(fd, "", X_OK, AT_EMPTY_PATH | AT_EACCESS);
	if (r < 0 && errno == ENOSYS)
		r = st->st_mode & 0111 ? 0 : (errno = EACCES, -1);
	if (r < 0)
		return error_errno(err, errno, "'%s' is not executable", path);
	return 0;
}

/*
 * The strict walk must end at the same file that is open. 1 or 0; its -EPERM means "not trusted".
 */
static int arrives(const char *path, int flags, const struct stat *st, struct error *err) {
	struct stat walked;
	cleanup_fd int fd = -1;
	int r = trust_open(path, O_PATH | flags, &TRUST_ROOT, &fd, err);
	if (r < 0)
		return r == -EPERM ? 0 : r;
	if (fstat(fd, &walked) < 0)
		return error_errno(err, errno, "'%s'", path);
	return walked.st_dev == st->st_dev && walked.st_ino == st->st_ino;
}

bool pin_is_trusted_as(const struct pin *pin, const char *name) {
	struct error ignored;
	return pin->trusted && arrives(name, 0, &pin->st, &ignored) > 0;
}

int pin_open(const char *real_path, struct pin **ret_pin, struct error *err) {
	cleanup_pin struct pin *pin = calloc(1, sizeof(*pin));
	if (!pin)
		return error_errno(err, ENOMEM, "'%s'", real_path);
	pin->fd = open_command(real_path);
	if (pin->fd < 0)
		return error_errno(err, errno, "'%s'", real_path);
	pin->path = strdup(real_path);
	if (!pin->path)
		return error_errno(err, ENOMEM, "'%s'", real_path);
	if (fstat(pin->fd, &pin->st) < 0)
		return error_errno(err, errno, "'%s'", real_path);
	int r = check_executable(pin->fd, &pin->st, real_path, err);
	if (r < 0)
		return r;
	r = arrives(real_path, O_NOFOLLOW, &pin->st, err);
	if (r < 0)
		return r;
	pin->trusted = r;
	*ret_pin = steal_pointer(pin);
	return 0;
}

/*
 * With vm.memfd_noexec=1 a memory file must ask to be executable; before Linux 6.3 asking is
 * EINVAL.
 */
static int executable_memfd(const char *name) {
	int fd = sys_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);
	if (fd < 0 && errno == EINVAL)
		fd = sys_memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd;
}

int pin_copy(struct pin *pin, struct error *err) {
	if (pin->copied)
		return 0;
	/* The copy is memory, and is made before anything is verified. */
	if (pin->st.st_size > FD_COPY_MAX)
		return error_set(
			err, EFBIG,
			"'%s' is too large to be copied before it is hashed (more than 1 GiB); "
			"install it where only root may write",
			pin->path);
	cleanup_fd int copy = executable_memfd("envseal-copy");
	if (copy < 0)
		return error_errno(err, errno,
		                   "cannot make a private copy of '%s' (is vm.memfd_noexec 2?)",
		                   pin->path);
	int r = fd_copy(pin->fd, copy);
	if (r < 0)
		return error_errno(err, r, "cannot copy '%s'", pin->path);
	if (fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return error_errno(err, errno, "cannot seal the copy of '%s'", pin->path);
	/* A script's is handed on by its number. */
	if ((r = fd_raise(&copy, true)) < 0)
		return error_errno(err, r, "cannot place the copy of '%s'", pin->path);
	close(pin->fd);
	pin->fd = steal_fd(&copy);
	pin->copied = true;
	return 0;
}

int pin_settle(struct pin *pin, const char *name, struct error *err) {
	if (pin->trusted && !pin->copied && trust_users_may_mount(pin->fd) != 0)
		pin->trusted = pin_is_trusted_as(pin, name);
	return pin->trusted ? 0 : pin_copy(pin, err);
}

/* Hashes once for each algorithm that is asked for. */
struct actual {
	bool known[2];
	struct pin_hash hash[2];
};

static int actual_hash(const struct pin *pin, enum pin_algorithm algorithm, struct actual *actual,
                       struct error *err) {
	if (actual->known[algorithm])
		return 0;
	int r = pin_hash_fd(pin->fd, algorithm, &actual->hash[algorithm], err);
	if (r < 0)
		return error_wrap(err, r, "'%s'", pin->path);
	actual->known[algorithm] = true;
	return 0;
}

static int mismatch(const struct pin *pin, const struct pin_hash *expected,
                    const struct pin_hash *actual, struct error *err) {
	char wanted[PIN_HASH_TEXT_MAX], found[PIN_HASH_TEXT_MAX];
	pin_hash_format(expected, wanted);
	pin_hash_format(actual, found);
	return error_set(
		err, EBADMSG,
		"'%s' is not what was pinned: expected %s, found %s; if the change is intended, "
		"run: envseal policy pin %s",
		pin->path, wanted, found, pin->path);
}

int pin_verify(const struct pin *pin, const struct pin_hash *hashes, size_t count,
               struct error *err) {
	struct actual actual = {0};
	if (!pin->trusted && !pin->copied)
		return error_set(err, EINVAL, "'%s' was not settled before it was hashed",
		                 pin->path);
	if (count == 0)
		return error_set(err, EBADMSG, "'%s' is not pinned; run: envseal policy pin %s",
		                 pin->path, pin->path);
	for (size_t i = 0; i < count; i++) {
		int r = actual_hash(pin, hashes[i].algorithm, &actual, err);
		if (r < 0)
			return r;
		if (memcmp(actual.hash[hashes[i].algorithm].digest, hashes[i].digest,
		           PIN_DIGEST_BYTES) == 0)
			return 0;
	}
	return mismatch(pin, &hashes[0], &actual.hash[hashes[0].algorithm], err);
}

bool pin_is_script(const struct pin *pin) {
	char start[2];
	ssize_t n = pread(pin->fd, start, 2, 0);
	return n < 0 || (n == 2 && start[0] == '#' && start[1] == '!');
}

void pin_free(struct pin *pin) {
	if (!pin)
		return;
	if (pin->fd >= 0)
		close(pin->fd);
	free(pin->path);
	free(pin);
}
