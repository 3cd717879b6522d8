#ifndef ENVSEAL_CMD_POLICY_GRANTS_H
#define ENVSEAL_CMD_POLICY_GRANTS_H

#include "policy/layers.h"
#include "util/error.h"

#include <stddef.h>
#include <sys/types.h>

/* Grants: who may use a policy in system mode. */

/*
 * "root", "all", "group:docker", or "group:990" if the group has no name, followed by "+acl" if
 * an ACL grants more. The caller frees.
 */
int grants_text(const struct layers *layers, const char *name, const char *profile, char **ret_text,
                struct error *err);

/* Writes or replaces the first layer's grant, with that mode and group. */
int grants_write(const struct layers *layers, const char *name, const char *profile, mode_t mode,
                 gid_t gid, struct error *err);

/*
 * Allows only root, by removing the grant. If a later layer has a grant, ours stays but closed,
 * because the first one decides.
 */
int grants_take_away(const struct layers *layers, const char *name, const char *profile,
                     struct error *err);

/* A group's name, or its number. -EINVAL: neither. */
int grants_group(const char *word, gid_t *ret_gid, struct error *err);

#endif
