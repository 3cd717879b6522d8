#ifndef ENVSEAL_AUTHORITY_SYSTEM_IDS_H
#define ENVSEAL_AUTHORITY_SYSTEM_IDS_H

#include "util/error.h"
#include "util/trust.h"

#include <sys/types.h>

/*
 * The two ids of system mode in system.toml. envseal-exec needs them while it still has
 * capabilities, so they are read without the TOML reader (doc/decisions/system-ids.md).
 * policy/system.h reads the whole file afterwards, and must find the same ids.
 */
struct system_ids {
	uid_t service_uid;
	gid_t run_gid;
};

/*
 * Reads a file that a trusted walk reaches; `trust` is TRUST_ROOT, except in tests. Each id has a
 * line of its own: "service_uid = 991", from the first column, with optional blanks around the "="
 * and an optional comment after it. Ids are decimal, 1 to 4294967294. All other lines are ignored.
 *  -ENOENT   there is no such file
 *  -EPERM    root does not own it, or others can write it
 *  -EBADMSG  an id is missing, is there twice, or is not such a number; the message names file and
 *            line
 */
int system_ids_read(const char *path, const struct trust *trust, struct system_ids *ret_ids,
                    struct error *err);

#endif
