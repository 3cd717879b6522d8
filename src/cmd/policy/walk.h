#ifndef ENVSEAL_CMD_POLICY_WALK_H
#define ENVSEAL_CMD_POLICY_WALK_H

#include "cmd/policy/common.h"
#include "policy/layers.h"
#include "util/error.h"

#include <stddef.h>

/* Every file of every layer: for the verbs that look at all policies, never for a run. */

struct policy_file {
	const char *layer; /* borrowed from the layers */
	size_t layer_index;
	char *file;
	char *name;      /* the command of its place; NULL: not named like a policy */
	char *profile;   /* NULL: none. Only below policies/ and access/ */
	bool at_in_name; /* known after loading: the '@' belongs to the command */
	int problem;     /* a negative errno: a directory, or a link, that could not be walked */
};

struct policy_files {
	struct policy_file *items;
	size_t count;
	size_t room;
	bool problems; /* one of them has a problem */
};

/* All files in the layers, each kind sorted by command, profile and order of the layers. */
struct policy_set {
	const struct layers *layers; /* borrowed */
	struct policy_files policies;
	struct policy_files pins;
	struct policy_files grants; /* of the system's layers only */
	struct trust_memory memory; /* of the way to them */
};

/*
 * A directory that cannot be read, or a link into a directory above it, becomes an entry with a
 * problem and does not stop the walk. -ENOMEM. The caller frees.
 */
int policy_set_collect(const struct layers *layers, struct policy_set *ret_set, struct error *err);
void policy_set_free(struct policy_set *set);
#define cleanup_policy_set __attribute__((cleanup(policy_set_free)))

/*
 * Whether some layer has a policy file for that name, valid or not; `profile` NULL: for any
 * profile or none.
 */
bool policy_set_has(const struct policy_set *set, const char *name, const char *profile);

enum policy_file_state {
	POLICY_FILE_ACTIVE,   /* the one in force */
	POLICY_FILE_SHADOWED, /* valid, but an earlier layer has one, which the error names */
	POLICY_FILE_MASK,
	POLICY_FILE_BAD, /* cannot be used; the error says why */
};

/*
 * Loads one of set->policies like a run. If the file shows that '@' belongs to the command's
 * name, `file` remembers that. `ret_loaded` is set if the policy is active; the caller frees.
 */
enum policy_file_state policy_file_load(struct policy_set *set, struct policy_file *file,
                                        struct policy_loaded *ret_loaded, struct error *err);

/* The profile that a file is for, after it was loaded; NULL: none. */
const char *policy_file_profile(const struct policy_file *file);

/*
 * The layers with a file for the same command, and the first layer: with 10,000 policies,
 * searching the others is most of the work. The caller frees `ret_near->paths`, whose strings
 * are borrowed. -ENOMEM.
 */
int policy_set_near(struct policy_set *set, const struct policy_file *file, struct layers *ret_near,
                    struct error *err);

#endif
