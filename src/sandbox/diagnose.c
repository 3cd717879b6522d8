#include "sandbox/diagnose.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

/* A file whose content shows the cause. The first row that matches is reported. */
static const struct cause {
	const char *file;
	const char *sign; /* found at the start of a line */
	const char *advice;
	bool absent; /* the sign is found nowhere in the file, not even within a line */
} causes[] = {
	/* clang-format off */
	{"/proc/sys/user/max_user_namespaces", "0\n",
         "user namespaces are switched off: sysctl user.max_user_namespaces=15000", false},
	{"/proc/sys/kernel/unprivileged_userns_clone", "0\n",
         "only root may make user namespaces: sysctl kernel.unprivileged_userns_clone=1", false},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
         "AppArmor restricts user namespaces: load the profile in contrib/apparmor", false},
	{"/proc/self/status", "Seccomp:\t2\n",
         "a seccomp filter, such as a container's, may forbid it: allow unshare, clone and mount",
	 false},
	/* No mount is the root directory (proc(5), mountinfo: ROOT MOUNTPOINT OPTIONS). */
	{"/proc/self/mountinfo", " / r",
         "the kernel makes no user namespaces in a chroot: enter the tree as a container, or by "
	 "pivot_root", true},
	/* clang-format on */
};

static bool shows(const struct cause *cause) {
	char text[32768] = "\n";
	cleanup_fd int fd = open(cause->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text + 1, sizeof(text) - 2);
	if (n <= 0)
		return false;
	text[n + 1] = '\0';
	/* One read gives whole lines, but of a long table not all; then the cause stays unknown. */
	if (cause->absent)
		return (size_t)n < sizeof(text) / 2 && !strstr(text, cause->sign);
	const char *at = text;
	while ((at = strstr(at, cause->sign)) != NULL) {
		if (at[-1] == '\n')
			return true;
		at++;
	}
	return false;
}

int sandbox_diagnose(struct error *err, int code) {
	if (code != -EPERM && code != -EACCES && code != -ENOSPC && code != -EUSERS &&
	    code != -ENOSYS)
		return code;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		struct error so_far = *err;
		if (shows(&causes[i]))
			return error_set(err, code, "%s (%s)", so_far.text, causes[i].advice);
	}
	return code;
}
