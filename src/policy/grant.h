#ifndef ENVSEAL_POLICY_GRANT_H
#define ENVSEAL_POLICY_GRANT_H

#include "policy/layers.h"
#include "util/error.h"
#include "util/trust.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * Who may use a policy in system mode. Being able to read a policy does not permit its use, so that
 * an auditor may read what nobody else may use. LAYER/access/usr/bin/gh (gh@NAME for a profile) is
 * an empty file; its group, mode and ACL are the list of users. The first layer that has the file
 * decides.
 */

/*
 * Whether `uid`, the real uid of this process, may use the policy of `name`: the name that
 * policy_find found. Root always may. Anybody else must be able to *open* the file for reading with
 * the rights of the caller (ACTOR_CALLER in authority/actor.h); the way to it is walked with
 * `trust` (TRUST_ROOT in system mode), and it must be a regular file, no link. Asks the first
 * `layers->grants` layers only. Leaves the filesystem ids as the effective ones.
 *   -EACCES   no grant; the text names the command, and what root does about it
 *   -EPERM    the file or a directory above it could be somebody else's doing; the text says which
 *   others    the file could not be looked at: refused all the same
 */
int grant_check(const struct layers *layers, const char *name, const char *profile, uid_t uid,
                const struct trust *trust, struct error *err);

/* "LAYER/access/usr/bin/gh[@PROFILE]"; the caller frees. NULL: no memory. */
char *grant_file(const char *layer, const char *name, const char *profile);

/* The content of a grant, for display; the check itself is the open. */
struct grant {
	char *file;     /* owned */
	size_t layer;   /* index of the layer that decides */
	bool everybody; /* others may read it */
	bool group;     /* its group may */
	gid_t gid;
	bool acl; /* there is an ACL as well, which getfacl(1) shows */
};

/*
 * Reads the grant that decides, from the layer `first` on. -ENOENT: there is none. -EPERM as
 * grant_check.
 */
int grant_read(const struct layers *layers, size_t first, const char *name, const char *profile,
               const struct trust *trust, struct grant *ret_grant, struct error *err);
void grant_free(struct grant *grant);
#define cleanup_grant __attribute__((cleanup(grant_free)))

#endif
