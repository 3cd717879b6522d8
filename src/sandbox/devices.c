#include "sandbox/mounts.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Processes cannot reach each other through these devices, except through the last. */
static const char *const devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

#define TERMINAL (ARRAY_SIZE(devices) - 1)

static const struct link {
	const char *path, *target;
} links[] = {
	{"/dev/fd", "/proc/self/fd"},       {"/dev/stdin", "/proc/self/fd/0"},
	{"/dev/stdout", "/proc/self/fd/1"}, {"/dev/stderr", "/proc/self/fd/2"},
	{"/dev/ptmx", "pts/ptmx"},
};

struct kept {
	int trees[ARRAY_SIZE(devices)];
};

static void close_kept(struct kept *kept) {
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++)
		cleanup_fd_(&kept->trees[i]);
}

/*
 * Whether the caller gave the session's terminal on 0-2. Otherwise /dev/tty would be a way to
 * whoever uses that terminal. The kernel tells a terminal's session only to members of it
 * (TIOCGSID(2const)).
 */
static bool terminal_was_given(void) {
	pid_t session;
	for (int fd = 0; fd <= 2; fd++) {
		if (ioctl(fd, TIOCGSID, &session) == 0)
			return true;
	}
	return false;
}

/* Taken before the tmpfs hides them; a user namespace cannot make device nodes. */
static int keep_devices(struct kept *kept, struct error *err) {
	size_t count = terminal_was_given() ? ARRAY_SIZE(devices) : TERMINAL;
	for (size_t i = 0; i < count; i++) {
		int r = mounts_detach(devices[i], &kept->trees[i], err);
		if (r < 0 && r != -ENOENT)
			return r;
	}
	return 0;
}

static int place_devices(const struct kept *kept, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		if (kept->trees[i] < 0)
			continue;
		cleanup_fd int place =
			open(devices[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		if (place < 0)
			return error_errno(err, errno, "cannot make '%s'", devices[i]);
		int r = mounts_attach(kept->trees[i], devices[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

static int place_links(struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (symlink(links[i].target, links[i].path) < 0)
			return error_errno(err, errno, "cannot make '%s'", links[i].path);
	}
	return 0;
}

/*
 * A devpts of its own has no terminals of other users, and does not count against the host's limit
 * (kernel.pty.max).
 */
static int place_terminals(struct error *err) {
	if (mkdir("/dev/pts", 0755) < 0 || mkdir("/dev/shm", 01777) < 0)
		return error_errno(err, errno, "cannot make '/dev/pts'");
	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	          "newinstance,ptmxmode=0666,mode=0620,max=256") < 0)
		return error_errno(err, errno, "cannot mount a fresh '/dev/pts'");
	return 0;
}

int mounts_minimal_dev(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	__attribute__((cleanup(close_kept))) struct kept kept;
	memset(&kept, 0xff, sizeof(kept));
	int r = keep_devices(&kept, err);
	if (r < 0)
		return r;
	r = mounts_tmpfs("/dev", "size=64k,mode=0755", err);
	if (r < 0)
		return r;
	r = place_devices(&kept, err);
	if (r < 0)
		return r;
	r = place_terminals(err);
	if (r < 0)
		return r;
	r = place_links(err);
	return r < 0 ? r : mounts_set_readonly("/dev", 0, err);
}
