#include "sandbox/mounts.h"

#include "util/cleanup.h"
#include "util/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/nsfs.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>

static pid_t parent_of(pid_t pid) {
	char path[32];
	int parent = 0;
	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	return proc_field(AT_FDCWD, path, "PPid", &parent) < 0 ? 0 : parent;
}

/* 0 when it may not be seen. */
static ino_t namespace_at(const char *path) {
	struct stat st;
	return stat(path, &st) == 0 ? st.st_ino : 0;
}

static ino_t namespace_of(pid_t pid) {
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	return namespace_at(path);
}

static bool ancestor_is_elsewhere(ino_t own) {
	for (pid_t pid = getppid(); pid > 0; pid = parent_of(pid)) {
		ino_t seen = namespace_of(pid);
		if (seen && seen != own)
			return true;
	}
	return false;
}

/* After 'unshare --map-root-user --mount': the namespace is our user namespace's own. */
static bool belongs_to_us(void) {
	struct stat mine, owner;
	cleanup_fd int mounts = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	cleanup_fd int user = mounts < 0 ? -1 : ioctl(mounts, NS_GET_USERNS);
	if (user < 0 || fstat(user, &owner) < 0 || stat("/proc/self/ns/user", &mine) < 0)
		return false;
	return owner.st_ino == mine.st_ino && mine.st_ino != PROC_INITIAL_USER_NAMESPACE;
}

/*
 * A process inside a user namespace cannot look at a starter outside of it (ptrace(2), "access mode
 * checking"). A starter that can be looked at, and has the same mounts, is a reason to refuse.
 */
static bool starter_is_behind_a_user_namespace(void) {
	pid_t starter = getppid();
	return starter > 0 && namespace_of(starter) == 0 && belongs_to_us();
}

int mounts_refuse_shared(uint64_t starter, struct error *err) {
	/* Not by PID: in a new PID namespace under the old /proc a PID names another process. */
	ino_t own = namespace_at("/proc/self/ns/mnt");
	if (own == 0)
		return error_set(err, ENOENT, "cannot see the mount namespace; is /proc mounted?");
	if (starter ? own != starter
	            : ancestor_is_elsewhere(own) || starter_is_behind_a_user_namespace())
		return 0;
	return error_set(
		err, EPERM,
		"this is not a private mount namespace; start the helper in a new one, as with "
		"'unshare --map-root-user --mount'");
}
