#include "cmd/cmd.h"
#include "cmd/policy/grants.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "cmd/policy/walk.h"
#include "policy/approval.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* Removes a policy with its grant, approval and pin. */

struct removal {
	struct cmd_common common;
	const char *profile;
	struct layers layers;
	struct vault *vault; /* NULL: system policies, or no vault; there are no approvals then */
	struct policy_set set;
};

static void free_removal(struct removal *removal) {
	policy_set_free(&removal->set);
	layers_free(&removal->layers);
	vault_free(removal->vault);
}

/* The file in the first layer, the only one that we change. -ENOENT: there is none. */
static int find_file(const struct removal *removal, const char *name, char **ret_path,
                     struct error *err) {
	struct stat st;
	cleanup_free char *path = policy_path(name, removal->profile);
	cleanup_free char *file = path ? path_join(removal->layers.paths[0], path) : NULL;
	if (!file)
		return error_errno(err, ENOMEM, "'%s'", name);
	if (lstat(file, &st) < 0)
		return error_errno(err, errno, "'%s'", file);
	*ret_path = steal_pointer(path);
	return 0;
}

static int refuse_other(const struct removal *removal, const char *name, const char *real,
                        struct error *err) {
	for (size_t i = 0; i < removal->set.policies.count; i++) {
		const struct policy_file *file = &removal->set.policies.items[i];
		if (file->name &&
		    (strcmp(file->name, name) == 0 || (real && strcmp(file->name, real) == 0)))
			return error_set(
				err, EPERM,
				"'%s' belongs to another layer or profile; to refuse the command: "
				"envseal policy mask %s",
				file->file, name);
	}
	return error_set(err, ENOENT, "no policy for '%s'%s in '%s'", name,
	                 removal->profile ? " in that profile" : "", removal->layers.paths[0]);
}

/* A pin is for all profiles, so it goes with the last one. */
static bool is_last(const struct removal *removal, const char *name, const char *path) {
	size_t length = strlen(path);
	for (size_t i = 0; i < removal->set.policies.count; i++) {
		const struct policy_file *file = &removal->set.policies.items[i];
		size_t whole = strlen(file->file);
		bool same = file->layer_index == 0 && whole > length &&
		            strcmp(file->file + whole - length, path) == 0;
		if (file->name && strcmp(file->name, name) == 0 && !same)
			return false;
	}
	return true;
}

/* Removes the policy last: an interrupted removal leaves no grant or pin for the next policy. */
static int remove_name(const struct removal *removal, const char *name, const char *path,
                       struct error *err) {
	cleanup_free char *pin = NULL;
	int r = 0;
	if (asprintf(&pin, "pins%s", name) < 0)
		return error_errno(err, ENOMEM, "'%s'", name);
	if (removal->layers.grants > 0)
		r = grants_take_away(&removal->layers, name, removal->profile, err);
	if (r < 0)
		return r;
	if (removal->vault)
		r = approval_remove(removal->vault, name, removal->profile, err);
	if (r < 0)
		return r;
	if (is_last(removal, name, path))
		r = policy_unlink(&removal->layers, pin, err);
	if (r < 0)
		return r;
	return policy_unlink(&removal->layers, path, err);
}

/* Says which policy is in force now; it may be a vendor's. */
static void tell(const struct removal *removal, const char *name) {
	struct error ignored;
	const struct trust trust = policy_trust(&removal->layers);
	const char *const names[] = {name};
	cleanup_policy_found struct policy_found found = {0};
	cmd_say("removed the policy of '%s'%s%s", name, removal->profile ? " in profile " : "",
	        removal->profile ? removal->profile : "");
	if (policy_find(&removal->layers, names, 1, removal->profile, &trust, &found, &ignored) ==
	    0)
		cmd_say("'%s' counts now", found.file);
}

static int remove_one(const struct removal *removal, const char *word, struct error *err) {
	cleanup_policy_command struct policy_command command = {0};
	cleanup_free char *path = NULL;
	int r = policy_command_resolve(word, &command, err);
	if (r < 0)
		return r;
	const char *name = command.name;
	r = find_file(removal, name, &path, err);
	if (r == -ENOENT && command.real) {
		name = command.real;
		r = find_file(removal, name, &path, err);
	}
	if (r == -ENOENT)
		return refuse_other(removal, command.name, command.real, err);
	if (r < 0)
		return r;
	r = remove_name(removal, name, path, err);
	if (r < 0)
		return r;
	tell(removal, name);
	return 0;
}

static int prepare(struct removal *removal, struct error *err) {
	int r = policy_profile_check(removal->profile, err);
	if (r < 0)
		return r;
	r = cmd_layers(&removal->common, &removal->layers, err);
	if (r < 0)
		return r;
	r = policy_set_collect(&removal->layers, &removal->set, err);
	if (r < 0 || removal->layers.grants > 0)
		return r;
	r = cmd_open_vault(&removal->common, false, &removal->vault, err);
	return r == -ENOENT ? 0 : r;
}

int cmd_policy_remove(int argc, char **argv) {
	__attribute__((cleanup(free_removal))) struct removal removal = {0};
	struct error err;
	const struct cmd_option own[] = {
		{"profile", "NAME", "remove the policy COMMAND@NAME", .value = &removal.profile},
		{0}};
	int status = cmd_options(&argc, argv, own, &removal.common);
	if (status != CMD_OK)
		return status;
	if (argc < 1)
		return cmd_usage_error("a command is needed");
	if (prepare(&removal, &err) < 0)
		return cmd_fail("%s", err.text);
	for (int i = 0; i < argc; i++) {
		if (remove_one(&removal, argv[i], &err) < 0)
			return cmd_fail("%s", err.text);
	}
	return CMD_OK;
}
