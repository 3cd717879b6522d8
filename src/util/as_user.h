#ifndef ENVSEAL_UTIL_AS_USER_H
#define ENVSEAL_UTIL_AS_USER_H

#include "util/error.h"

/*
 * Files opened with the rights of whoever started us, where our effective ids are others (system mode): the
 * filesystem ids (setfsuid(2)) become the real ones for a while. Needs no capability, for the kernel lets
 * them be any of the real, effective and saved ids. The supplementary groups are the user's all the time.
 *
 * What opens or looks up a path that the user chose does so between the two. Where real and effective ids are
 * the same (user mode) both do nothing. They do not nest: the first end ends it. Beginning twice and ending
 * twice do no harm.
 */

/* -EPERM: the ids did not become the user's; open nothing. */
int as_user_begin(struct error *err);

/* Back to the effective ids. -EPERM: they did not come back; what only they may read stays closed. */
int as_user_end(struct error *err);

#endif
