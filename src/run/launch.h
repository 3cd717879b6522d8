#ifndef ENVSEAL_RUN_LAUNCH_H
#define ENVSEAL_RUN_LAUNCH_H

#include "policy/policy.h"
#include "run/home.h"
#include "run/request.h"
#include "sandbox/limits.h"
#include "sandbox/tier.h"
#include "util/error.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

/*
 * The sandboxed child. It is cloned before any secret is in memory, becomes the helper, does its mounts while
 * the supervisor verifies and unseals, and waits for the environment: nothing of the target runs before.
 */

/* What is to be executed. Descriptors stay the caller's. */
struct target {
	int fd;        /* the pinned command, or its interpreter */
	int script_fd; /* a script's sealed copy; -1 for none */
	/* Where the sandbox makes private copies of them (sandbox/copies.h); a script without keeps its descriptor. */
	const char *copies;      /* NULL: nowhere */
	const char *script_name; /* base names; NULL: no copy of that */
	const char *program_name;
	const char *arg0;
	char *const *arguments; /* after argv[0]; NULL at the end */
};

/* The supervisor's ends. All close-on-exec; -1 when closed. */
struct launch {
	pid_t child;
	bool ending;      /* the target has ended, PID 1 is about to: no need to kill it */
	bool walks;       /* tier none: its init is no PID 1, and ends the tree itself; killed, it could not */
	uint64_t timeout; /* milliseconds from the target's start; 0: none */
	int environment_fd;         /* write */
	int report_fd;              /* read: struct sandbox_report, or nothing */
	int status_fd;              /* read: struct sandbox_status */
	int life_fd;                /* write: the sandbox ends when it closes */
	int relayed[3];             /* our ends for those of 0-2 that have to be relayed (stdio/relay.h) */
	struct launch_draft *draft; /* between launch_prepare and launch_start */
};

/* What surrounds it. */
struct surroundings {
	sigset_t caller_mask;         /* its signal mask */
	struct sandbox_limits limits; /* as resource limits, and the timeout */
	int cgroup_fd;                /* write: it joins its cgroup by this; -1 for none */
	const int *standard;          /* what its descriptors 0-2 are; -1: what ours are, or relayed */
	const struct home *home;      /* the private one; empty for the host's */
	bool leads_session;           /* 0 is a terminal that is to be its controlling one */
};

/*
 * Makes the pipes and describes the sandbox, with the policy's places. Acts as the target's user: the working
 * directory is that user's, and the target may open the pipes again. All that is handed in outlives the launch. The
 * caller frees with launch_free.
 */
int launch_prepare(const struct sandbox_plan *plan, const struct target *target, const struct policy *policy,
                   const struct request *request, const struct surroundings *around, struct launch *ret_launch,
                   struct error *err);

/*
 * Starts the child that launch_prepare described. Acts as the user who is to own its namespaces. Call with signals
 * blocked. The descriptors that the policy keeps are the child's alone afterwards. Once the request's privilege is
 * entered, the child has the service's ids until the mapper has written its maps, and then the target's.
 * launch_free ends it.
 */
int launch_start(struct launch *launch, struct error *err);

/* The sandbox helper, as it is installed. The caller closes. */
int launch_open_helper(int *ret_fd, struct error *err);

/* Closes everything, kills what still runs, and waits until it is gone. */
void launch_free(struct launch *launch);

#define LAUNCH_NONE ((struct launch){-1, false, false, 0, -1, -1, -1, -1, {-1, -1, -1}, NULL})
#define cleanup_launch __attribute__((cleanup(launch_free)))

#endif
