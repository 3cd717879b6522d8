#ifndef ENVSEAL_TESTS_UNIT_FLOWS_H
#define ENVSEAL_TESTS_UNIT_FLOWS_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/*
 * What is done with keys, policies and pins, with each call of the C library and of libsodium
 * failing in turn (inject.h). Whatever fails, the answer is an error with a message or the same as
 * without, and no descriptor stays open. That nothing is leaked or used after its end is valgrind's
 * to say, and the sanitizers'.
 */

/* One thing that is done. */
struct flow {
	const char *name;
	void (*prepare)(void);
	int (*run)(struct error *err); /* this is what fails */
	void (*check)(int r);          /* what is true afterwards, whatever failed */
	void (*clean)(void);
};

/* Does each with each call failing, by EIO and by EINTR, and fails the test where that shows. */
void each_call(const struct flow *flow, size_t count);

/* The call that failed in the flow that is being checked, for messages. */
const char *flow_failed_call(void);

/* Where there is nothing to prepare or to clean, or to check. */
void nothing(void);
void no_check(int r);

/* In the flows' directory (scratch.h): everything gone; a file, with what leads to it. */
void empty_scratch(void);
void put(const char *name, const char *text, mode_t mode);

/* In main, before and after everything; `failed` is handed through. */
void flows_begin(void);
int flows_end(int failed);

#endif
