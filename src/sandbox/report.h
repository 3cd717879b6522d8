#ifndef ENVSEAL_SANDBOX_REPORT_H
#define ENVSEAL_SANDBOX_REPORT_H

#include <stdint.h>

/* The sandbox's messages to its supervisor, each in one write smaller than PIPE_BUF. */

enum sandbox_failure {
	SANDBOX_FAILED_SETUP, /* namespaces, mounts, confinement: the target did not start */
	SANDBOX_FAILED_EXEC,  /* execveat(2) refused the target */
};

/*
 * On the report pipe, when a step failed. If the pipe closes without one, the target was executed.
 */
struct sandbox_report {
	uint32_t failed; /* enum sandbox_failure */
	int32_t error;   /* errno, positive */
	char text[1024]; /* the message, as in struct error */
};

/*
 * On the status pipe, from PID 1, about the target: a wait(2) status, and at the end what its tree
 * used.
 */
struct sandbox_status {
	int32_t code;       /* CLD_EXITED, CLD_KILLED, CLD_DUMPED, CLD_STOPPED, CLD_CONTINUED */
	int32_t value;      /* exit status or signal number */
	uint32_t timed_out; /* limits.timeout was over before it ended */
	uint32_t reserved;
	uint64_t cpu;         /* microseconds, of all that was waited for */
	uint64_t peak_memory; /* bytes, of the largest process */
};

#endif
