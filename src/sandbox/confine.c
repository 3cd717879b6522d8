#include "sandbox/confine.h"

#include "sandbox/diagnose.h"
#include "sandbox/places.h"
#include "util/capabilities.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <cap-ng.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/securebits.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

/* The capabilities that the helper needs, and what for. */
static const struct needed {
	unsigned int capability;
	const char *why;
} needed[] = {
	{CAP_SYS_ADMIN, "mount, unshare, securebits"},
	{CAP_NET_ADMIN, "bring up the loopback interface"},
	{CAP_SETPCAP, "empty the bounding set"},
};

int confine_keep_for_helper(struct error *err) {
	capng_setpid(
		(int)syscall(SYS_getpid)); /* libcap-ng remembers the PID from before the clone */
	capng_clear(CAPNG_SELECT_ALL);
	for (size_t i = 0; i < ARRAY_SIZE(needed); i++) {
		if (capng_updatev(CAPNG_ADD,
		                  CAPNG_EFFECTIVE | CAPNG_PERMITTED | CAPNG_INHERITABLE |
		                          CAPNG_AMBIENT,
		                  needed[i].capability, -1) < 0)
			return error_set(err, EPERM, "cannot keep the capability to %s",
			                 needed[i].why);
	}
	if (capng_apply(CAPNG_SELECT_CAPS | CAPNG_SELECT_AMBIENT) < 0)
		return error_set(err, EPERM, "cannot keep the helper's capabilities");
	return 0;
}

/* Neither an exec nor a change of uid may give root capabilities again. */
static int lock_securebits(struct error *err) {
	const unsigned long bits = SECBIT_NOROOT | SECBIT_NOROOT_LOCKED | SECBIT_NO_SETUID_FIXUP |
	                           SECBIT_NO_SETUID_FIXUP_LOCKED | SECBIT_KEEP_CAPS_LOCKED |
	                           SECBIT_NO_CAP_AMBIENT_RAISE | SECBIT_NO_CAP_AMBIENT_RAISE_LOCKED;
	if (prctl(PR_SET_SECUREBITS, bits, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot lock the securebits");
	return 0;
}

/*
 * Reads one capability with prctl(2): libcap-ng would read /proc/PID/status, which takes 0.1 ms.
 * -ENOENT: the kernel has no such capability, nor any after it (PR_CAPBSET_READ(2const)).
 */
static int in_bounding_set(unsigned long capability, struct error *err) {
	int has = prctl(PR_CAPBSET_READ, capability, 0, 0, 0);
	if (has >= 0)
		return has;
	if (errno == EINVAL && capability > CAP_SETFCAP)
		return -ENOENT;
	return error_errno(err, errno, "cannot read the bounding set");
}

int confine_empty_bounding_set(struct error *err) {
	int has;
	for (unsigned long capability = 0; (has = in_bounding_set(capability, err)) >= 0;
	     capability++) {
		if (prctl(PR_CAPBSET_DROP, capability, 0, 0, 0) < 0)
			return error_errno(err, errno, "cannot empty the bounding set");
	}
	return has == -ENOENT ? 0 : has;
}

static int check_bounding_set(struct error *err) {
	int has;
	for (unsigned long capability = 0; (has = in_bounding_set(capability, err)) >= 0;
	     capability++) {
		if (has)
			return error_set(err, EPERM, "capabilities are left in the bounding set");
	}
	return has == -ENOENT ? 0 : has;
}

int confine_no_new_privileges(struct error *err) {
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot set no_new_privs");
	return 0;
}

int confine_drop_privileges(bool privileged, struct error *err) {
	int r = confine_no_new_privileges(err);
	if (r < 0)
		return r;
	r = lock_securebits(err);
	if (r == -EPERM && !privileged)
		return capabilities_drop(err);
	if (r < 0)
		return r;
	r = confine_empty_bounding_set(err);
	if (r < 0)
		return r;
	r = capabilities_drop(err);
	return r < 0 ? r : check_bounding_set(err);
}

int confine_close_on_exec(int first, struct error *err) {
	int r = fd_cloexec_from(first);
	return r < 0 ? error_errno(err, r, "cannot mark the open descriptors close-on-exec") : 0;
}

/*
 * Devices through which processes cannot reach each other (major number 1 of Linux's devices.txt).
 * NULL: not one of them.
 */
static const char *harmless_device(const struct stat *st) {
	static const struct {
		unsigned int number;
		const char *path;
	} harmless[] = {
		{3, "/dev/null"},   {5, "/dev/zero"},    {7, "/dev/full"},
		{8, "/dev/random"}, {9, "/dev/urandom"},
	};
	for (size_t i = 0;
	     S_ISCHR(st->st_mode) && major(st->st_rdev) == 1 && i < ARRAY_SIZE(harmless); i++) {
		if (minor(st->st_rdev) == harmless[i].number)
			return harmless[i].path;
	}
	return NULL;
}

/*
 * 1: a terminal. 0: not one, or the master of a pair, which could type to whoever uses the other
 * end. -errno; -EIO: it has hung up.
 */
static int terminal(int fd) {
	unsigned int number;
	int r = fd_is_terminal(fd);
	if (r <= 0)
		return r;
	if (ioctl(fd, TIOCGPTN, &number) == 0)
		return 0;
	return errno == ENOTTY || errno == EINVAL ? 1 : -errno;
}

/* 1, 0, or -errno. */
static int plain(int fd, const struct stat *st) {
	if (S_ISFIFO(st->st_mode) || S_ISREG(st->st_mode))
		return 1;
	return S_ISCHR(st->st_mode) ? (harmless_device(st) ? 1 : terminal(fd)) : 0;
}

/* A descriptor that the target gets. */
struct handed {
	int fd;
	int flags;
	struct stat st;
	char name[32];
};

/* 0-2, then the kept descriptors. False past the last. */
static bool handed_number(const struct sandbox_spec *spec, size_t index, int *ret_fd) {
	if (index > STDERR_FILENO + (size_t)spec->kept_count)
		return false;
	*ret_fd = index <= STDERR_FILENO ? (int)index : spec->kept_fds[index - STDERR_FILENO - 1];
	return true;
}

static int look_at(int fd, struct handed *ret_handed, struct error *err) {
	static const char *const names[] = {"standard input", "standard output", "standard error"};
	struct handed handed = {.fd = fd, .flags = fcntl(fd, F_GETFL)};
	if (fd <= STDERR_FILENO)
		snprintf(handed.name, sizeof(handed.name), "%s", names[fd]);
	else
		snprintf(handed.name, sizeof(handed.name), "descriptor %d", fd);
	if (handed.flags < 0 || fstat(fd, &handed.st) < 0)
		return error_errno(err, errno, "cannot look at %s", handed.name);
	*ret_handed = handed;
	return 0;
}

static int check_each(const struct sandbox_spec *spec,
                      int (*check)(const struct sandbox_spec *, const struct handed *,
                                   struct error *),
                      struct error *err) {
	int fd;
	for (size_t i = 0; handed_number(spec, i, &fd); i++) {
		struct handed handed;
		int r = look_at(fd, &handed, err);
		if (r < 0)
			return r;
		r = check(spec, &handed, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int check_directory(const struct sandbox_spec *spec, const struct handed *handed,
                           struct error *err) {
	(void)spec;
	if (S_ISDIR(handed->st.st_mode) || (handed->flags & O_PATH))
		return error_set(
			err, EPERM,
			"%s is a directory, and '..' from there leads out of the sandbox's "
			"mounts; give it a file, a pipe or /dev/null",
			handed->name);
	return 0;
}

int confine_check_directories(const struct sandbox_spec *spec, struct error *err) {
	return check_each(spec, check_directory, err);
}

static int check_plain(const struct sandbox_spec *spec, const struct handed *handed,
                       struct error *err) {
	(void)spec;
	int r = handed->flags & O_PATH ? 0 : plain(handed->fd, &handed->st);
	if (r < 0)
		return error_errno(err, r, "cannot look at %s", handed->name);
	if (r > 0)
		return 0;
	return error_set(
		err, EPERM,
		"%s is a %s, which leads out of lockdown; give it a pipe, a terminal, a regular "
		"file or /dev/null (as with '| cat' or '</dev/null')",
		handed->name,
		S_ISSOCK(handed->st.st_mode)  ? "socket"
		: S_ISDIR(handed->st.st_mode) ? "directory"
					      : "device or path");
}

int confine_check_stdio(const struct sandbox_spec *spec, struct error *err) {
	return check_each(spec, check_plain, err);
}

/*
 * A descriptor for reading must not become one for writing. The target may write to the caller's
 * terminal but not change its mode, which would let others read what is typed there. Both depend on
 * the mount that the descriptor is open on.
 */
static int to_be_reopened(const struct handed *handed) {
	if (handed->flags & O_PATH)
		return 0;
	if (S_ISREG(handed->st.st_mode))
		return (handed->flags & O_ACCMODE) == O_RDONLY;
	return S_ISCHR(handed->st.st_mode) && handed->st.st_uid == geteuid() ? terminal(handed->fd)
	                                                                     : 0;
}

/*
 * Opens the file of a descriptor again, by its path inside. -1: the path does not exist, or leads
 * to another file.
 */
static int open_again(int fd, int access, const struct stat *was, struct error *err) {
	char *path = NULL;
	struct stat st;
	if (places_real_path(fd, &path, err) < 0)
		return -1;
	cleanup_fd int again = open(path, access | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	free(path);
	bool same = again >= 0 && fstat(again, &st) == 0 && st.st_dev == was->st_dev &&
	            st.st_ino == was->st_ino;
	return same ? steal_fd(&again) : -1;
}

static int take_the_place(int fd, const struct handed *handed, struct error *err) {
	if (fcntl(fd, F_SETFL, handed->flags) < 0 || dup2(fd, handed->fd) < 0)
		return error_errno(err, errno, "cannot open %s again", handed->name);
	return handed->fd > STDERR_FILENO ? fd_set_cloexec(handed->fd, true) : 0;
}

static int reopen_file(const struct sandbox_spec *spec, const struct handed *handed,
                       struct error *err) {
	(void)spec;
	int r = to_be_reopened(handed);
	if (r <= 0)
		return r < 0 ? error_errno(err, r, "cannot look at %s", handed->name) : 0;
	cleanup_fd int fd = open_again(handed->fd, handed->flags & O_ACCMODE, &handed->st, err);
	if (fd < 0)
		return error_set(
			err, ESTALE,
			"%s is a file or terminal that has no path in the sandbox; give it "
			"through a pipe (as with 'cat FILE |' or '| cat')",
			handed->name);
	off_t at = lseek(handed->fd, 0, SEEK_CUR);
	bool sought = S_ISCHR(handed->st.st_mode) || (at >= 0 && lseek(fd, at, SEEK_SET) >= 0);
	if (!sought)
		return error_errno(err, errno, "cannot open %s again", handed->name);
	return take_the_place(fd, handed, err);
}

int confine_reopen_files(const struct sandbox_spec *spec, struct error *err) {
	return check_each(spec, reopen_file, err);
}

static int reopen_device(const struct sandbox_spec *spec, const struct handed *handed,
                         struct error *err) {
	const char *path = harmless_device(&handed->st);
	(void)spec;
	if (!path || (handed->flags & O_PATH))
		return 0;
	cleanup_fd int fd = open(path, (handed->flags & O_ACCMODE) | O_NOCTTY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "cannot open '%s' again for %s", path, handed->name);
	return take_the_place(fd, handed, err);
}

int confine_reopen_devices(const struct sandbox_spec *spec, struct error *err) {
	return check_each(spec, reopen_device, err);
}

/*
 * The same, in a copy of the mounts that no path leads to: the exec list makes all others noexec.
 */
static int open_apart(int program, const struct stat *was, struct error *err) {
	struct sys_mount_attr attr = {.attr_set = SYS_MOUNT_ATTR_RDONLY};
	char *path = NULL;
	struct stat st;
	if (places_real_path(program, &path, err) < 0)
		return -1;
	cleanup_fd int tree =
		sys_open_tree(AT_FDCWD, "/", SYS_OPEN_TREE_CLONE | SYS_AT_RECURSIVE | O_CLOEXEC);
	bool ready = tree >= 0 &&
	             sys_mount_setattr(tree, "", AT_EMPTY_PATH | SYS_AT_RECURSIVE, &attr) == 0;
	cleanup_fd int fd =
		ready ? openat(tree, path + 1, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC) : -1;
	free(path);
	bool same = fd >= 0 && fstat(fd, &st) == 0 && st.st_dev == was->st_dev &&
	            st.st_ino == was->st_ino;
	return same ? steal_fd(&fd) : -1;
}

int confine_reopen_program(const struct sandbox_spec *spec, struct error *err) {
	struct stat st;
	/* A sealed copy is not a file of the host. */
	if (spec->program_fd < 0 || fcntl(spec->program_fd, F_GET_SEALS) >= 0)
		return 0;
	if (fstat(spec->program_fd, &st) < 0)
		return error_errno(err, errno, "cannot look at the program");
	cleanup_fd int fd = spec->features & SANDBOX_EXEC_LIST
	                            ? open_apart(spec->program_fd, &st, err)
	                            : open_again(spec->program_fd, O_RDONLY, &st, err);
	if (fd < 0)
		return error_set(
			err, ESTALE,
			"the program, or its script's interpreter, was replaced during the "
			"start; start it again");
	if (dup3(fd, spec->program_fd, O_CLOEXEC) < 0)
		return error_errno(err, errno, "cannot open the program again");
	return 0;
}

static bool opens_for_writing(int fd) {
	char path[32];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	cleanup_fd int again = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return again >= 0;
}

/*
 * Why the target could do more with a descriptor than it was given for; the supervisor relays such
 * files on 0-2 (stdio/relay.h). NULL: it cannot.
 */
static const char *worth_more(const struct sandbox_spec *spec, const struct handed *handed) {
	bool writes = S_ISREG(handed->st.st_mode) && (handed->flags & O_ACCMODE) != O_RDONLY;
	if (writes && (handed->flags & O_APPEND))
		return "appends to a file, and a program could make it write anywhere in that file";
	if (writes && (spec->features & SANDBOX_EXEC_LIST))
		return "writes to a file, which could become a program that process.exec lacks";
	return NULL;
}

static int check_reopening(const struct sandbox_spec *spec, const struct handed *handed,
                           struct error *err) {
	const char *more = worth_more(spec, handed);
	bool only_reads = (handed->flags & O_ACCMODE) == O_RDONLY;
	bool relayed = handed->fd <= STDERR_FILENO && (spec->relayed & (1U << handed->fd));
	if (more)
		return error_set(err, EPERM,
		                 "%s %s; give it through a pipe (as with '%d> >(cat >>FILE)')",
		                 handed->name, more, handed->fd);
	if (!only_reads || relayed || S_ISCHR(handed->st.st_mode) || !opens_for_writing(handed->fd))
		return 0;
	return error_set(
		err, EPERM,
		"a program could open %s again for writing, which leads out of lockdown; give it a "
		"regular file or /dev/null",
		handed->name);
}

int confine_check_reopening(const struct sandbox_spec *spec, struct error *err) {
	return check_each(spec, check_reopening, err);
}

int confine_fresh_keyring(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	if (sys_join_session_keyring() >= 0)
		return 0;
	/*
	 * The kernel has no keys, or a container's filter refuses the call, to the target as well.
	 * The target's own filter remains.
	 */
	if (errno == ENOSYS || errno == EPERM)
		return 0;
	return error_errno(err, errno, "cannot make a session keyring");
}

int confine_own_network(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	if (unshare(CLONE_NEWNET) < 0)
		return sandbox_diagnose(
			err, error_errno(err, errno, "cannot make the network namespace"));
	struct ifreq request = {.ifr_name = "lo"};
	cleanup_fd int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_errno(err, errno, "cannot open a socket for the loopback interface");
	request.ifr_flags = IFF_UP;
	if (ioctl(fd, SIOCSIFFLAGS, &request) < 0)
		return error_errno(err, errno, "cannot bring up the loopback interface");
	return 0;
}
