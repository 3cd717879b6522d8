#ifndef ENVSEAL_CMD_POLICY_USERS_H
#define ENVSEAL_CMD_POLICY_USERS_H

#include "cmd/options.h"
#include "util/error.h"

#include <stddef.h>

/*
 * Which commands' policies name which secrets: one pair for each, sorted by secret, then
 * command.
 */
struct policy_user {
	char *secret;
	char *command; /* "/usr/bin/gh", "/usr/bin/gh@work" */
};

struct policy_users {
	struct policy_user *items;
	size_t count;
};

/* Only policies that are valid and not shadowed. The caller frees. */
int policy_users_collect(const struct cmd_common *common, struct policy_users *ret_users,
                         struct error *err);

/* The pairs of one secret: the first, and how many follow it. */
const struct policy_user *policy_users_of(const struct policy_users *users, const char *secret,
                                          size_t *ret_count);

void policy_users_free(struct policy_users *users);
#define cleanup_policy_users __attribute__((cleanup(policy_users_free)))

#endif
