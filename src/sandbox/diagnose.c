#include "sandbox/diagnose.h"

#include "util/cleanup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>

/* A file whose content betrays the cause. First row that matches speaks. */
static const struct cause {
	const char *file;
	const char *sign; /* found at the start of a line */
	const char *advice;
} causes[] = {
	/* clang-format off */
	{"/proc/sys/user/max_user_namespaces", "0\n",
         "user namespaces are switched off: sysctl user.max_user_namespaces=15000"},
	{"/proc/sys/kernel/unprivileged_userns_clone", "0\n",
         "user namespaces are for root only here: sysctl kernel.unprivileged_userns_clone=1"},
	{"/proc/sys/kernel/apparmor_restrict_unprivileged_userns", "1\n",
         "AppArmor restricts user namespaces: load the profile in contrib/apparmor"},
	{"/proc/self/status", "Seccomp:\t2\n",
         "a seccomp filter, as of a container, may forbid it: allow unshare, clone and mount there"},
	/* clang-format on */
};

static bool shows(const struct cause *cause) {
	char text[8192] = "\n";
	cleanup_fd int fd = open(cause->file, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return false;
	ssize_t n = read(fd, text + 1, sizeof(text) - 2);
	if (n <= 0)
		return false;
	text[n + 1] = '\0';
	const char *at = text;
	while ((at = strstr(at, cause->sign)) != NULL) {
		if (at[-1] == '\n')
			return true;
		at++;
	}
	return false;
}

int sandbox_diagnose(struct error *err, int code) {
	if (code != -EPERM && code != -EACCES && code != -ENOSPC && code != -EUSERS && code != -ENOSYS)
		return code;
	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		struct error so_far = *err;
		if (shows(&causes[i]))
			return error_set(err, code, "%s (%s)", so_far.text, causes[i].advice);
	}
	return code;
}
