#ifndef ENVSEAL_AUTHORITY_PRIVILEGE_H
#define ENVSEAL_AUTHORITY_PRIVILEGE_H

#include "util/error.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * What envseal-exec may do that its caller may not, where that comes from, and being rid of it (doc/system-mode.md). The
 * capabilities themselves are authority/capabilities.h's.
 */

/* Who gave it. */
enum privilege_source {
	PRIVILEGE_NONE,         /* user mode: nobody */
	PRIVILEGE_CAPABILITIES, /* set-gid run group, file capabilities cap_setuid and cap_setgid */
	PRIVILEGE_SET_ID,       /* set-uid service user, set-gid run group; no capability, so no namespaces */
	PRIVILEGE_SETUID_ROOT,  /* reduced to the two capabilities at once */
	PRIVILEGE_ROOT,         /* started by root */
};

struct privilege {
	enum privilege_source source;
	bool secure;          /* AT_SECURE: to envseal itself the caller's environment says nothing */
	bool entered;         /* system mode: no capability is left but the mapper's */
	bool can_map;         /* namespaces can be had: the mapper writes their id maps */
	const char *withheld; /* user mode though the program's file says otherwise: why; else NULL */
	uid_t uid;            /* the caller's */
	gid_t gid;
	uid_t effective_uid; /* when the process began */
	gid_t effective_gid;
	bool given_gid; /* by the set-group-ID bit of envseal-exec; else the effective group is the caller's own */
	uid_t service_uid; /* once checked */
	gid_t run_gid;
	pid_t mapper;  /* -1: none */
	int mapper_fd; /* -1: none */
};

#define PRIVILEGE_INIT ((struct privilege){.mapper = -1, .mapper_fd = -1})

/*
 * Finds out, and keeps no more than system mode needs, none of it effective. -EPERM: a mixture of set-id
 * bits and capabilities that is neither installation; the text says what to do.
 */
int privilege_begin(struct privilege *ret_privilege, struct error *err);

/*
 * Sets `source` from the ids and `secure`. `both`: the two capabilities are permitted. -EPERM as privilege_begin.
 */
int privilege_classify(struct privilege *privilege, bool both, struct error *err);

/*
 * System mode: reads the two ids from `system_file` (authority/system_ids.h, whose errors it has), and checks that
 * what is installed fits them. Changes nothing of the process.
 *   -EPERM    it does not fit, or the caller is in a group that must have no members
 */
int privilege_check(struct privilege *privilege, const char *system_file, struct error *err);

/*
 * After privilege_check: becomes the service user as effective uid and the run group as effective gid (the real ids
 * stay the caller's), forks the mapper where there are capabilities, and drops those for good everywhere else. All
 * of it is read back. privilege_free ends the mapper.
 */
int privilege_enter(struct privilege *privilege, struct error *err);

/*
 * Drops everything for good, before or after privilege_enter: all ids are the caller's, no capability (root's
 * stay root's). Read back. User mode from then on, the caller's environment included.
 */
int privilege_give_up(struct privilege *privilege, struct error *err);

/*
 * The target's umask. Its files' group is the run group, which every user's authorised programs have; the caller's umask
 * may be made for a private one. So that group gets no more than everybody.
 */
mode_t privilege_umask(mode_t callers);

/* The supervisor asks the mapper to write the maps of its new child. Does not wait. */
int privilege_request_maps(const struct privilege *privilege, pid_t child, struct error *err);

/* Later, in the supervisor: waits until the mapper has done that and is gone, and with it the last capability. */
int privilege_await_mapper(struct privilege *privilege, struct error *err);

/* In that child: waits until they are written. */
int privilege_await_maps(const struct privilege *privilege, struct error *err);

/*
 * This process goes into a user namespace that the service owns; the mapper, which still runs, maps the ids of the
 * target and no others.
 */
int privilege_leave_users(const struct privilege *privilege, struct error *err);

/*
 * The target's ids, in whichever process becomes it: real, effective and saved uid the caller's, gid the run
 * group. Needs no capability, for they are among the real and saved ones. Read back.
 */
int privilege_become_target(const struct privilege *privilege, struct error *err);

/* Ends the mapper, if there is one, and waits until it is gone. */
void privilege_free(struct privilege *privilege);

#endif
