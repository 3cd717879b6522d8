#include "stdio/descriptors.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

/* 1 or 0. */
static int from_caller(int fd) {
	int flags = fcntl(fd, F_GETFD);
	if (flags < 0)
		return errno == EBADF ? 0 : -errno;
	return !(flags & FD_CLOEXEC);
}

static int keep(struct sandbox_spec *spec, int fd, struct error *err) {
	int r = from_caller(fd);
	if (r < 0)
		return error_errno(err, r, "process.keep_fds: cannot look at descriptor %d", fd);
	if (r == 0)
		return 0;
	if (spec->kept_count == SANDBOX_KEPT_MAX)
		return error_set(err, E2BIG, "process.keep_fds: more than %u descriptors are open",
		                 SANDBOX_KEPT_MAX);
	spec->kept_fds[spec->kept_count++] = fd;
	return 0;
}

static int keep_all(struct sandbox_spec *spec, struct error *err) {
	cleanup_dir DIR *dir = opendir("/proc/self/fd");
	struct dirent *entry;
	int r = 0;
	if (!dir)
		return error_errno(err, errno, "process.keep_fds: cannot list the open descriptors");
	while (r == 0 && (errno = 0, entry = readdir(dir)) != NULL) {
		char *end = NULL;
		long fd = strtol(entry->d_name, &end, 10);
		if (*end == '\0' && fd > STDERR_FILENO)
			r = keep(spec, (int)fd, err);
	}
	if (r == 0 && errno)
		r = error_errno(err, errno, "process.keep_fds: cannot list the open descriptors");
	return r;
}

int descriptors_keep(const struct policy *policy, struct sandbox_spec *spec, struct error *err) {
	const struct policy_numbers *wanted = &policy->process.keep_fds;
	int r = policy->process.keep_all_fds ? keep_all(spec, err) : 0;
	for (size_t i = 0; r == 0 && i < wanted->count; i++)
		r = keep(spec, wanted->items[i], err);
	return r;
}

int descriptors_hand_on(const struct sandbox_spec *spec, struct error *err) {
	int r = 0;
	for (uint32_t i = 0; r == 0 && i < spec->kept_count; i++)
		r = fd_set_cloexec(spec->kept_fds[i], false);
	return r < 0 ? error_errno(err, r, "process.keep_fds: cannot hand a descriptor on") : 0;
}

void descriptors_let_go(const struct sandbox_spec *spec) {
	for (uint32_t i = 0; i < spec->kept_count; i++)
		close(spec->kept_fds[i]);
}
