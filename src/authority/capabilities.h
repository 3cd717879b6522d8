#ifndef ENVSEAL_AUTHORITY_CAPABILITIES_H
#define ENVSEAL_AUTHORITY_CAPABILITIES_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * This process's ids and capabilities, set and read back. Every capability that the program can ever hold in the host's
 * user namespace is raised, kept and dropped here; when, is authority/privilege.h's to say.
 */

/* Real, effective, saved; the filesystem's follow the effective ones. */
struct ids {
	uid_t uid[3];
	gid_t gid[3];
};

/* -EPERM: they are others (getresuid(2), setfsuid(2)). */
int ids_check(const struct ids *wanted, struct error *err);

/* Takes them on, becomes undumpable, and checks. */
int ids_set(const struct ids *ids, struct error *err);

/*
 * Reduces this process to what system mode needs where `uid` is the caller's: permitted, and in force or not. The rest is
 * gone for good.
 */
int capabilities_hold(uid_t uid, bool effective, struct error *err);

/* None is left in any set but the bounding one, for good. */
int capabilities_drop(struct error *err);

/* Whether this process may raise CAP_SETUID and CAP_SETGID, both of them. */
int capabilities_permit(bool *ret_both, struct error *err);

/* A file's permitted capabilities (capabilities(7)), 0 for none, and whether they are in force from the start. */
uint64_t capabilities_of_file(const char *program, bool *ret_effective);

/* Whether CAP_SETUID and CAP_SETGID are among them: what system mode's installation gives the file. */
bool capabilities_are_both(uint64_t capabilities);

#endif
