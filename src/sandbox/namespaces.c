#include "sandbox/namespaces.h"

#include "sandbox/diagnose.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * A PID namespace takes effect for children (unshare(2)), and the user namespace that owns it comes
 * first.
 */
#define AT_THE_FORK ((uint64_t)CLONE_NEWUSER | CLONE_NEWPID)

int sandbox_unshare(uint64_t namespaces, struct error *err) {
	if (unshare((int)(namespaces & ~AT_THE_FORK)) == 0)
		return 0;
	return sandbox_diagnose(err, error_errno(err, errno, "cannot make the namespaces"));
}

#define CHILD_STACK ((size_t)256 * 1024)

static int enter_child(void *argument) {
	struct sandbox_child *child = argument;
	child->run(child->context, child->user_namespace);
	_exit(EXIT_FAILURE);
}

static pid_t clone_child(uint64_t namespaces, char *stack, struct sandbox_child *child) {
	child->user_namespace = (namespaces & CLONE_NEWUSER) != 0;
	/*
	 * Copying the page tables of a process that executes at once would be half of the time of
	 * its start.
	 */
	int sharing = child->copy ? 0 : CLONE_VM | CLONE_VFORK;
	return clone(enter_child, stack + CHILD_STACK, (int)namespaces | sharing | SIGCHLD, child);
}

pid_t sandbox_start(uint64_t namespaces, struct sandbox_child *child, struct error *err) {
	cleanup_free char *stack = aligned_alloc(64, CHILD_STACK);
	if (!stack)
		return error_errno(err, ENOMEM, "cannot start the sandboxed child");
	namespaces &= AT_THE_FORK;
	pid_t pid = clone_child(namespaces, stack, child);
	if (pid >= 0)
		return pid;
	int refusal = errno;
	if (geteuid() == 0 && (namespaces & CLONE_NEWUSER)) {
		pid = clone_child(namespaces & ~(uint64_t)CLONE_NEWUSER, stack, child);
		if (pid >= 0)
			return pid;
	}
	error_errno(err, refusal, "cannot make the namespaces");
	return sandbox_diagnose(err, -refusal);
}

int sandbox_map_write(int proc, const char *name, const char *text, struct error *err) {
	cleanup_fd int fd = openat(proc, name, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return sandbox_diagnose(err, error_errno(err, errno, "cannot write %s", name));
	return 0;
}

/* "inside outside count", whatever the spacing. */
static int check_map(int proc, const char *name, unsigned int id, struct error *err) {
	char text[128] = "";
	unsigned int inside = 0, outside = 0, count = 0;
	char more = 0;
	cleanup_fd int fd = openat(proc, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);
	if (n < 0)
		return error_errno(err, errno, "cannot read %s", name);
	int fields = sscanf(text, "%u %u %u %c", &inside, &outside, &count, &more);
	if (fields != 3 || inside != id || outside != id || count != 1)
		return error_set(err, EPERM, "%s does not have what was written to it", name);
	return 0;
}

static int write_map(int proc, const char *name, unsigned int id, struct error *err) {
	char line[64];
	snprintf(line, sizeof(line), "%u %u 1\n", id, id);
	int r = sandbox_map_write(proc, name, line, err);
	return r < 0 ? r : check_map(proc, name, id, err);
}

int sandbox_map_ids(uid_t uid, gid_t gid, struct error *err) {
	cleanup_fd int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return error_errno(err, errno, "'/proc/self'");
	int r = sandbox_map_write(proc, "setgroups", "deny", err);
	if (r < 0)
		return r;
	r = write_map(proc, "uid_map", uid, err);
	return r < 0 ? r : write_map(proc, "gid_map", gid, err);
}

int sandbox_mount_namespace(uint64_t *ret_inode, struct error *err) {
	struct stat st;
	if (stat("/proc/self/ns/mnt", &st) < 0)
		return error_errno(err, errno,
		                   "cannot see the mount namespace (is /proc mounted?)");
	*ret_inode = st.st_ino;
	return 0;
}
