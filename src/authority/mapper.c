#include "authority/mapper.h"

#include "sandbox/namespaces.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>

/*
 * Checks the process by the /proc directory that the maps are then written in. An open directory
 * never leads to another process, even if the PID is used again.
 */
static int check_parent(int proc, pid_t parent) {
	int found = 0;
	int r = proc_field(proc, "status", "PPid", &found);
	if (r < 0)
		return r;
	return found == (int)parent && getppid() == parent ? 0 : -ESRCH;
}

static int write_maps(int proc, const struct mapper_ids *ids) {
	struct error err;
	char uid_map[64], gid_map[128];
	snprintf(uid_map, sizeof(uid_map), "%u %u 1\n", ids->uid, ids->uid);
	snprintf(gid_map, sizeof(gid_map), "%u %u 1\n%u %u 1\n", ids->gid, ids->gid, ids->run_gid,
	         ids->run_gid);
	int r = sandbox_map_write(proc, "setgroups", "deny", &err);
	if (r < 0)
		return r;
	r = sandbox_map_write(proc, "uid_map", uid_map, &err);
	return r < 0 ? r : sandbox_map_write(proc, "gid_map", gid_map, &err);
}

static int serve(pid_t child, pid_t supervisor, const struct mapper_ids *ids) {
	char path[32];
	snprintf(path, sizeof(path), "/proc/%d", (int)child);
	cleanup_fd int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (proc < 0)
		return -errno;
	/* While the supervisor is our parent, its PID cannot be another's. */
	int r = child != supervisor       ? check_parent(proc, supervisor)
	        : getppid() == supervisor ? 0
	                                  : -ESRCH;
	return r < 0 ? r : write_maps(proc, ids);
}

void mapper_run(int fd, pid_t supervisor, const struct mapper_ids *ids) {
	pid_t child = 0;
	/* Closes the caller's descriptors, which would stay open as long as the mapper lives. */
	fd_close_others(0, &fd, 1);
	/*
	 * Without its supervisor nobody will ask; the end of the socket shows that. A request
	 * cannot be missed.
	 */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0 || getppid() != supervisor)
		_exit(EXIT_FAILURE);
	if (fd_read_full(fd, &child, sizeof(child)) == 0 && child > 0) {
		int answer = serve(child, supervisor, ids);
		fd_write_full(fd, &answer, sizeof(answer));
	}
	_exit(EXIT_SUCCESS);
}
