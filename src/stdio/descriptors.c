#include "stdio/descriptors.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>

/* Unless it is closed, or one of ours. */
static int keep(struct sandbox_spec *spec, int fd, struct error *err) {
	int flags = fcntl(fd, F_GETFD);
	if (flags < 0 && errno != EBADF)
		return error_errno(err, errno, "process.keep_fds: cannot look at descriptor %d",
		                   fd);
	if (flags < 0 || (flags & FD_CLOEXEC))
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
	if (!dir)
		return error_errno(err, errno,
		                   "process.keep_fds: cannot list the open descriptors");
	while ((errno = 0, entry = readdir(dir)) != NULL) {
		char *end = NULL;
		long fd = strtol(entry->d_name, &end, 10);
		int r = *end == '\0' && fd > STDERR_FILENO ? keep(spec, (int)fd, err) : 0;
		if (r < 0)
			return r;
	}
	if (errno)
		return error_errno(err, errno,
		                   "process.keep_fds: cannot list the open descriptors");
	return 0;
}

int descriptors_keep(const struct policy *policy, struct sandbox_spec *spec, struct error *err) {
	const struct policy_numbers *wanted = &policy->process.keep_fds;
	if (policy->process.keep_all_fds)
		return keep_all(spec, err);
	for (size_t i = 0; i < wanted->count; i++) {
		int r = keep(spec, wanted->items[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int descriptors_hand_on(const struct sandbox_spec *spec, struct error *err) {
	for (uint32_t i = 0; i < spec->kept_count; i++) {
		int r = fd_set_cloexec(spec->kept_fds[i], false);
		if (r < 0)
			return error_errno(err, r, "process.keep_fds: cannot hand a descriptor on");
	}
	return 0;
}

void descriptors_let_go(const struct sandbox_spec *spec) {
	for (uint32_t i = 0; i < spec->kept_count; i++)
		close(spec->kept_fds[i]);
}
