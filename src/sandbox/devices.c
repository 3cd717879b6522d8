#include "sandbox/mounts.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

/* Devices that carry nothing from one process to another. */
static const char *const devices[] = {
	"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty",
};

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

/* Taken before the tmpfs hides them; a user namespace cannot make device nodes. */
static int keep_devices(struct kept *kept, struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
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
		cleanup_fd int place = open(devices[i], O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
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

/* A devpts of its own: other people's terminals are not in it. */
static int place_terminals(struct error *err) {
	if (mkdir("/dev/pts", 0755) < 0 || mkdir("/dev/shm", 01777) < 0)
		return error_errno(err, errno, "cannot make '/dev/pts'");
	if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	          "newinstance,ptmxmode=0666,mode=0620") < 0)
		return error_errno(err, errno, "cannot mount a fresh '/dev/pts'");
	return 0;
}

int mounts_minimal_dev(const struct sandbox_spec *spec, struct error *err) {
	(void)spec;
	__attribute__((cleanup(close_kept))) struct kept kept;
	memset(&kept, 0xff, sizeof(kept));
	int r = keep_devices(&kept, err);
	if (r == 0)
		r = mounts_tmpfs("/dev", "size=64k,mode=0755", err);
	if (r == 0)
		r = place_devices(&kept, err);
	if (r == 0)
		r = place_terminals(err);
	if (r == 0)
		r = place_links(err);
	if (r == 0)
		r = mounts_set_readonly("/dev", 0, err);
	return r;
}
