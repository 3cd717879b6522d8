#ifndef ENVSEAL_AUTHORITY_ACTOR_H
#define ENVSEAL_AUTHORITY_ACTOR_H

#include "policy/policy.h"
#include "util/error.h"

/*
 * Whose rights act. In system mode the effective ids are the service's and the real ids are the
 * caller's. Files are opened with the filesystem ids (setfsuid(2)), which may be any of the real,
 * effective and saved ids, so a switch needs no capability. The supplementary groups are always the
 * caller's.
 */
enum actor {
	ACTOR_SERVICE, /* the service user in system mode, the caller in user mode */
	ACTOR_CALLER,  /* opens files as the caller: for every path that the caller chose */
	ACTOR_TARGET,  /* the same, or the user that root's policy names with process.user */
	ACTOR_OWNER,   /* owns the namespaces: process.user, else the service */
};

/*
 * Switches from one actor to another, and reads the ids back. `policy` is read for ACTOR_TARGET and
 * ACTOR_OWNER alone, and may be NULL for the others.
 *   -EPERM   the ids are not the new actor's, or anybody but root asked for process.user; end the
 *            run
 */
int actor_switch(enum actor from, enum actor to, const struct policy *policy, struct error *err);

#endif
