#ifndef ENVSEAL_CMD_POLICY_ROWS_H
#define ENVSEAL_CMD_POLICY_ROWS_H

#include "cmd/options.h"
#include "cmd/policy/state.h"
#include "cmd/policy/walk.h"

#include <jansson.h>
#include <stdbool.h>

/*
 * One row for each policy that counts, and each mask: what `policy list`, `who` and `report`
 * show.
 */

struct policy_row {
	char *name; /* with "@PROFILE" */
	char *file;
	const char *layer; /* borrowed from the layers */
	bool masked;       /* then nothing below is set */
	struct policy *policy;
	enum policy_pin_state pin;
	struct policy_use use; /* NULL in it: unknown */
};

struct policy_rows {
	struct policy_row *items;
	size_t count;
};

struct policy_rows_how {
	const struct policy_vault *vault;
	bool verify; /* hash the commands */
	void (*bad)(void *context, const struct policy_file *file,
	            const char *why); /* one that cannot be used */
	void *context;
};

/* Sorted by command and profile. Its layers must outlive it. -ENOMEM. The caller frees. */
int policy_rows_collect(struct policy_set *set, const struct policy_rows_how *how,
                        struct policy_rows *ret_rows, struct error *err);
void policy_rows_free(struct policy_rows *rows);
#define cleanup_policy_rows __attribute__((cleanup(policy_rows_free)))

/* "GH_TOKEN=github/token,A=b", "env,file"; "-" without any. NULL: no memory. */
char *policy_row_secrets(const struct policy *policy);
char *policy_row_delivery(const struct policy *policy);

/* How one row of [secrets] is delivered. */
const char *policy_row_deliver(const struct policy_secret *secret);

/* Whether a row of [secrets] names that secret for some caller: "%U" stands for any number. */
bool policy_row_names(const struct policy_secret *secret, const char *name);

/* NULL: no memory. */
json_t *policy_row_json(const struct policy_row *row);

#endif
