#ifndef ENVSEAL_AUTHORITY_MAPPER_H
#define ENVSEAL_AUTHORITY_MAPPER_H

#include <sys/types.h>

/*
 * The mapper is the one process of system mode that keeps capabilities (CAP_SETUID and CAP_SETGID,
 * with a real uid of 0 also CAP_SETFCAP): the service user owns the user namespace, and somebody
 * has to map the caller's ids into it. It takes one request, answers it, and ends. It reads only
 * files that the kernel writes.
 */

/* The ids that it maps, each to itself. */
struct mapper_ids {
	uid_t uid;
	gid_t gid;
	gid_t run_gid;
};

/*
 * Serves one request on the socket `fd`: a pid_t, of a child of `supervisor`, or of `supervisor`
 * itself, which must be this process's parent. The answer is an int: 0, or a negative errno. Never
 * returns.
 */
void mapper_run(int fd, pid_t supervisor, const struct mapper_ids *ids) __attribute__((noreturn));

#endif
