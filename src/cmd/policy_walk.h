#ifndef ENVSEAL_CMD_POLICY_WALK_H
#define ENVSEAL_CMD_POLICY_WALK_H

#include "cmd/policy_common.h"
#include "policy/layers.h"
#include "util/error.h"

#include <stddef.h>

/* Every file below policies/ of every layer: for `policy check` and `policy list`, never for a run. */

struct policy_file {
	const char *layer;   /* borrowed from the layers */
	size_t layer_index;
	char *file;
	char *name;          /* the command that its place says; NULL: not named like a policy */
	char *profile;       /* NULL: none */
};

struct policy_files {
	struct policy_file *items;
	size_t count;
};

/* Sorted by command, then profile, then in the order of the layers. The caller frees. */
int policy_files_collect(const struct layers *layers, struct policy_files *ret_files,
                         struct error *err);
void policy_files_free(struct policy_files *files);
#define cleanup_policy_files __attribute__((cleanup(policy_files_free)))

enum policy_file_state {
	POLICY_FILE_ACTIVE,     /* the one that counts */
	POLICY_FILE_SHADOWED,   /* an earlier layer's counts, or masks it; good in itself */
	POLICY_FILE_MASK,
	POLICY_FILE_BAD,        /* cannot be used; the error says why */
};

/*
 * Loads one of them as a run would. A command may have an '@' in its own name: where the file says
 * so, `file` loses its profile. `ret_loaded` is set when active, and is the caller's to free.
 */
enum policy_file_state policy_file_load(const struct layers *layers, struct policy_file *file,
                                        struct policy_loaded *ret_loaded, struct error *err);

#endif
