#ifndef ENVSEAL_CMD_POLICY_COMMON_H
#define ENVSEAL_CMD_POLICY_COMMON_H

#include "policy/find.h"
#include "policy/layers.h"
#include "policy/policy.h"
#include "util/buffer.h"
#include "util/error.h"
#include "util/file.h"
#include "util/trust.h"

#include <stdbool.h>
#include <stdio.h>

/* What the verbs of `envseal policy` share: finding a command and its policy, writing a policy. */

/* A word of the command line as policies know it: the names of path_command_names. */
struct policy_command {
	char *name;
	char *real; /* NULL: nothing is installed there */
};

/*
 * `word` with a slash is a path; without one it is looked up in PATH. An absolute path need not
 * exist. The caller frees. -ENOENT: nothing of that name.
 */
int policy_command_resolve(const char *word, struct policy_command *ret_command, struct error *err);
void policy_command_free(struct policy_command *command);
#define cleanup_policy_command __attribute__((cleanup(policy_command_free)))

/* A policy that was found and read. */
struct policy_loaded {
	struct policy_found found;
	struct policy *policy;
};

/*
 * Whose files these verbs trust, like a run: root's for the system's layers, else the user's
 * too.
 */
struct trust policy_trust(const struct layers *layers);

/*
 * policy_find and policy_parse, and checks that the file lies in its command's place. The caller
 * frees.
 */
int policy_load(const struct layers *layers, const char *const names[], size_t name_count,
                const char *profile, struct policy_loaded *ret_loaded, struct error *err);

/* The same for a word of the command line. */
int policy_load_word(const struct layers *layers, const char *word, const char *profile,
                     struct policy_loaded *ret_loaded, struct error *err);

void policy_loaded_free(struct policy_loaded *loaded);
#define cleanup_policy_loaded __attribute__((cleanup(policy_loaded_free)))

/* The hash of the file that is installed as `command` now. */
int policy_hash_command(const char *command, struct pin_hash *ret_hash, struct error *err);

/* "/usr/bin/gh@work"; `profile` may be NULL. NULL: no memory. The caller frees, here and below. */
char *policy_full_name(const char *name, const char *profile);

/* Its file below a layer: "policies/usr/bin/gh@work.toml". */
char *policy_path(const char *name, const char *profile);

/*
 * Writes `text` to the file `path` below the first layer ("policies/usr/bin/gh.toml"), with
 * `look` (NULL: 0644). Makes directories: private ones for the user, readable ones in the
 * system's layers. -EEXIST: the file exists and `replace` is false.
 */
int policy_write(const struct layers *layers, const char *path, const struct buffer *text,
                 const struct file_look *look, bool replace, struct error *err);

/* Removes such a file, if it exists. */
int policy_unlink(const struct layers *layers, const char *path, struct error *err);

/* Prints on standard error what a policy allows, before somebody approves it (approve.c). */
void policy_show_summary(const struct policy_loaded *loaded);

#endif
