#ifndef ENVSEAL_SANDBOX_FILTER_PROFILES_H
#define ENVSEAL_SANDBOX_FILTER_PROFILES_H

#include "sandbox/profile.h"

#include <stddef.h>

/* The profiles of process.seccomp as tables, for filters-compile. */

struct filter_call {
	int number; /* the number here; negative: libseccomp's own */
	const char *name;
};

/* Calls that belong together. */
struct filter_calls {
	enum sandbox_profile from; /* the smallest profile that has them */
	const char *name;          /* as doc/seccomp.md calls it */
	const struct filter_call *calls;
	size_t count;
};

extern const struct filter_calls filter_calls[];
extern const size_t filter_calls_count;

/*
 * Libraries try these and can do without them. Profiles below `until` answer with an errno instead
 * of ending the program.
 */
struct filter_soft_call {
	int call;
	int answer; /* ENOSYS or another errno */
	enum sandbox_profile
		until; /* the smallest profile that has the call; UNRESTRICTED: none has it */
};

extern const struct filter_soft_call filter_soft_calls[];
extern const size_t filter_soft_call_count;

#endif
