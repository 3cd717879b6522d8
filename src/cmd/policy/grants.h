#ifndef ENVSEAL_CMD_POLICY_GRANTS_H
#define ENVSEAL_CMD_POLICY_GRANTS_H

#include "policy/layers.h"
#include "util/error.h"

#include <stddef.h>
#include <sys/types.h>

/* Who may use a policy in system mode, as people write it. */

/*
 * "root", "all", "group:docker", "group:990" where the group has no name, with "+acl" behind it where an
 * ACL says more. Caller frees.
 */
int grants_text(const struct layers *layers, const char *name, const char *profile, char **ret_text,
                struct error *err);

/* Writes the first layer's grant, with that mode and group, in place of what it said before. */
int grants_write(const struct layers *layers, const char *name, const char *profile, mode_t mode, gid_t gid,
                 struct error *err);

/*
 * Lets nobody but root: without a file nobody else may. Where a later layer has one, ours stays, closed, for the
 * first one decides.
 */
int grants_take_away(const struct layers *layers, const char *name, const char *profile, struct error *err);

/* A group's name, or its number. -EINVAL: neither. */
int grants_group(const char *word, gid_t *ret_gid, struct error *err);

#endif
