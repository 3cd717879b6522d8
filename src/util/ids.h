#ifndef ENVSEAL_UTIL_IDS_H
#define ENVSEAL_UTIL_IDS_H

#include "util/error.h"

#include <sys/types.h>

/* The user and group ids of this process. */

/* Real, effective, saved; the filesystem's follow the effective ones. */
struct ids {
	uid_t uid[3];
	gid_t gid[3];
};

/* Reads them back (getresuid(2), setfsuid(2)). -EPERM: they differ. */
int ids_check(const struct ids *wanted, struct error *err);

/* Sets them, makes the process undumpable, and reads them back. */
int ids_set(const struct ids *ids, struct error *err);

#endif
