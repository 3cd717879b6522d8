#ifndef ENVSEAL_AUTHORITY_PRIVILEGE_H
#define ENVSEAL_AUTHORITY_PRIVILEGE_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The privilege of envseal-exec: where it comes from, and how it is given up (doc/system-mode.md).
 * util/capabilities.h has the capabilities themselves.
 */

/* Who gave it. */
enum privilege_source {
	PRIVILEGE_NONE,         /* user mode: nobody */
	PRIVILEGE_CAPABILITIES, /* set-gid run group, file capabilities cap_setuid and cap_setgid */
	PRIVILEGE_SET_ID,       /* set-uid service user, set-gid run group; no namespaces */
	PRIVILEGE_SETUID_ROOT,  /* reduced to the two capabilities at once */
	PRIVILEGE_ROOT,         /* started by root */
};

struct privilege {
	enum privilege_source source;
	bool secure;          /* AT_SECURE: envseal itself ignores the caller's environment */
	bool entered;         /* system mode: no capability is left but the mapper's */
	bool can_map;         /* namespaces are possible: the mapper writes their id maps */
	const char *withheld; /* why the kernel withheld system mode; else NULL */
	uid_t uid;            /* the caller's */
	gid_t gid;
	uid_t effective_uid; /* when the process began */
	gid_t effective_gid;
	bool given_gid;    /* envseal-exec's set-group-ID bit gave effective_gid */
	uid_t service_uid; /* once checked */
	gid_t run_gid;
	pid_t mapper;  /* -1: none */
	int mapper_fd; /* -1: none */
};

#define PRIVILEGE_INIT ((struct privilege){.mapper = -1, .mapper_fd = -1})

/*
 * Finds out which privilege this process has, and keeps only what system mode needs, none of it
 * effective. -EPERM: the set-id bits and capabilities fit neither installation; the message says
 * what to do.
 */
int privilege_begin(struct privilege *ret_privilege, struct error *err);

/*
 * Sets `source` from the ids and `secure`. `both`: the two capabilities are permitted. -EPERM as
 * privilege_begin.
 */
int privilege_classify(struct privilege *privilege, bool both, struct error *err);

/*
 * System mode: reads the two ids from `system_file` (authority/system_ids.h, whose errors it has),
 * and checks that what is installed fits them. Changes nothing of the process.
 *   -EPERM    it does not fit, or the caller is in a group that must have no members
 */
int privilege_check(struct privilege *privilege, const char *system_file, struct error *err);

/*
 * After privilege_check: becomes the service user (effective uid) and the run group (effective
 * gid), while the real ids stay the caller's. Forks the mapper where there are capabilities, and
 * drops them for good everywhere else. Reads all of it back. privilege_free ends the mapper.
 */
int privilege_enter(struct privilege *privilege, struct error *err);

/*
 * Drops everything for good, before or after privilege_enter: all ids become the caller's, and no
 * capability is left (root keeps root's). Reads it back. From then on it is user mode, and the
 * caller's environment counts.
 */
int privilege_give_up(struct privilege *privilege, struct error *err);

/*
 * The target's umask. Its files belong to the run group, which every user's authorised programs
 * have, but the caller's umask may be meant for a private group. So the group gets no more access
 * than everybody else.
 */
mode_t privilege_umask(mode_t callers);

/* The supervisor asks the mapper to write the maps of its new child. Does not wait. */
int privilege_request_maps(const struct privilege *privilege, pid_t child, struct error *err);

/*
 * Later, in the supervisor: waits until the mapper has done that and has ended, and with it the
 * last capability.
 */
int privilege_await_mapper(struct privilege *privilege, struct error *err);

/* In that child: waits until they are written. */
int privilege_await_maps(const struct privilege *privilege, struct error *err);

/*
 * Moves this process into a user namespace that the service owns. The mapper, which still runs,
 * maps only the ids of the target.
 */
int privilege_leave_users(const struct privilege *privilege, struct error *err);

/*
 * Takes the target's ids, in whichever process becomes it: all uids are the caller's, all gids the
 * run group. Needs no capability, because these are among its real and saved ids. Reads them back.
 */
int privilege_become_target(const struct privilege *privilege, struct error *err);

/* Ends the mapper, if there is one, and waits until it is gone. */
void privilege_free(struct privilege *privilege);

#endif
