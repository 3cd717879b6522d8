#ifndef ENVSEAL_TESTS_UNIT_INJECT_H
#define ENVSEAL_TESTS_UNIT_INJECT_H

#include <stdbool.h>

/*
 * Calls that fail: the linker sends what our sources call of the C library and of libsodium through
 * here (-Wl,--wrap, in the list INJECT of tests/unit/local.mk), and the one that is due fails. What
 * the libraries call of themselves is not touched.
 */

/*
 * From now on `calls` of them go through and the next one fails: an allocation as if there were no
 * memory, any other with `error`. EINTR is for the calls that signals interrupt, and the others do
 * not count then.
 */
void inject_begin(long calls, int error);

/* As if no other calls were made: as an older kernel answers, say. */
void inject_only(const char *call, long calls, int error);

/* No more. The name of the call that failed; NULL: there were not so many. */
const char *inject_end(void);

#endif
