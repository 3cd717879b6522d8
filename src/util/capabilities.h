#ifndef ENVSEAL_UTIL_CAPABILITIES_H
#define ENVSEAL_UTIL_CAPABILITIES_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * This process's capabilities, set and read back. Every capability that envseal-exec can ever hold
 * in the host's user namespace is kept and dropped here. authority/privilege.h decides when.
 */

/*
 * Reduces this process to the capabilities that system mode needs where `uid` is the caller's. They
 * stay permitted, and with `effective` also effective. All others are gone for good.
 */
int capabilities_hold(uid_t uid, bool effective, struct error *err);

/* Empties every set but the bounding one, for good. -EPERM: something is left. */
int capabilities_drop(struct error *err);

/* Whether both CAP_SETUID and CAP_SETGID are permitted. */
int capabilities_permit(bool *ret_both, struct error *err);

/*
 * A file's permitted capabilities (capabilities(7)), 0 for none, and whether they become effective
 * at execve(2).
 */
uint64_t capabilities_of_file(const char *program, bool *ret_effective);

/*
 * Whether CAP_SETUID and CAP_SETGID are among them: what system mode's installation gives the file.
 */
bool capabilities_are_both(uint64_t capabilities);

#endif
