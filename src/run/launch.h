#ifndef ENVSEAL_RUN_LAUNCH_H
#define ENVSEAL_RUN_LAUNCH_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The sandboxed child. It is started before any secret is in memory, executes the sandbox helper,
 * makes the mounts while the supervisor verifies and unseals, and then waits for the environment.
 * Nothing of the target runs before.
 */

struct run;

/* The supervisor's ends. All close-on-exec; -1 when closed. */
struct launch {
	pid_t child;
	bool ending;             /* the target has ended, and PID 1 will: do not kill it */
	bool walks;              /* tier none: the init is not PID 1, and must end the tree */
	uint64_t timeout;        /* milliseconds from the target's start; 0: none */
	int environment_fd;      /* write */
	int report_fd;           /* read: struct sandbox_report, or nothing */
	int status_fd;           /* read: struct sandbox_status */
	int life_fd;             /* write: signals to pass on; the sandbox ends when it closes */
	int relayed[3];          /* our ends for those of 0-2 that are relayed (stdio/relay.h) */
	struct child_ends *ends; /* the child's, between launch_prepare and launch_start */
};

/*
 * Makes the pipes between the two and sends run->spec, which must be complete but for their
 * descriptors. Acts as the target, who must be able to open the helper.
 */
int launch_prepare(struct run *run, struct error *err);

/*
 * Starts the child that launch_prepare described. Acts as the user who is to own its namespaces.
 * Call with signals blocked. In system mode the child has the service's ids until the mapper has
 * written its maps, and then the target's. The descriptors that the policy keeps are the child's
 * alone afterwards.
 */
int launch_start(struct run *run, struct error *err);

/* The sandbox helper, as it is installed. The caller closes. */
int launch_open_helper(int *ret_fd, struct error *err);

/* Closes everything, ends what still runs, and waits until it is gone. */
void launch_free(struct launch *launch);

#define LAUNCH_NONE ((struct launch){-1, false, false, 0, -1, -1, -1, -1, {-1, -1, -1}, NULL})

#endif
