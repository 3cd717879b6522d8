#include "cmd/cmd.h"
#include "cmd/policy/grants.h"
#include "cmd/mode.h"
#include "cmd/open.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "policy/grant.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

struct allow {
	struct cmd_common common;
	const char *profile;
	const char *group;
	bool all;
	bool none;
	gid_t gid;
	struct layers layers;
};

static void free_allow(struct allow *allow) {
	layers_free(&allow->layers);
}

/* Finds the policy, so that a mistyped command does not seem to be allowed. */
static int find_name(const struct allow *allow, const char *word, char **ret_name,
                     struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	cleanup_policy_command struct policy_command command = {0};
	int r = policy_load_word(&allow->layers, word, allow->profile, &loaded, err);
	if (r >= 0) {
		*ret_name = steal_pointer(loaded.found.name);
		return 0;
	}
	/* --none needs no policy: the grant of a removed policy would apply to the next one. */
	if (r != -ENOENT || !allow->none)
		return r;
	r = policy_command_resolve(word, &command, err);
	if (r < 0)
		return r;
	*ret_name = steal_pointer(command.name);
	return 0;
}

static int apply(const struct allow *allow, const char *name, struct error *err) {
	if (allow->none)
		return grants_take_away(&allow->layers, name, allow->profile, err);
	return grants_write(&allow->layers, name, allow->profile, allow->all ? 0644 : 0640,
	                    allow->gid, err);
}

/* Tells when an ACL that somebody set by hand is lost. */
static void warn_of_acl(const struct allow *allow, const char *name) {
	struct error ignored;
	cleanup_grant struct grant before = {0};
	if (grant_read(&allow->layers, 0, name, allow->profile, &TRUST_ROOT, &before, &ignored) ==
	            0 &&
	    before.acl && before.layer == 0)
		cmd_say("the ACL of '%s' was removed; set it again with setfacl", before.file);
}

static void say(const struct allow *allow, const char *name) {
	const char *at = allow->profile ? "@" : "";
	const char *profile = allow->profile ? allow->profile : "";
	if (allow->none)
		cmd_say("nobody but root may use the policy of '%s%s%s'", name, at, profile);
	else if (allow->all)
		cmd_say("everybody may use the policy of '%s%s%s'", name, at, profile);
	else
		cmd_say("group '%s' may use the policy of '%s%s%s'", allow->group, name, at,
		        profile);
}

static int allow_one(const struct allow *allow, const char *word) {
	struct error err;
	cleanup_free char *name = NULL;
	int r = find_name(allow, word, &name, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	warn_of_acl(allow, name);
	r = apply(allow, name, &err);
	if (r < 0)
		return cmd_fail("%s", err.text);
	say(allow, name);
	return CMD_OK;
}

/* Every program runs with the run group, so all of them could use the policy. */
static int find_group(struct allow *allow, struct error *err) {
	struct system system;
	if (!allow->group)
		return 0;
	int r = grants_group(allow->group, &allow->gid, err);
	if (r < 0)
		return r;
	r = system_read(SYSTEM_FILE, &TRUST_ROOT, &system, err);
	if (r < 0)
		return r;
	if (allow->gid == system.run_gid)
		return error_set(err, EINVAL,
		                 "'%s' is the group that programs run with, so every program would "
		                 "be allowed; choose a group of users",
		                 allow->group);
	return r;
}

static int prepare(struct allow *allow) {
	struct error err;
	if (policy_profile_check(allow->profile, &err) < 0 ||
	    cmd_layers(&allow->common, &allow->layers, &err) < 0)
		return cmd_fail("%s", err.text);
	if (allow->layers.grants == 0)
		return cmd_fail(
			"only root can allow, and only system policies ('%s' sets up system "
			"mode); for your own: envseal policy approve",
			SYSTEM_FILE);
	return find_group(allow, &err) < 0 ? cmd_fail("%s", err.text) : CMD_OK;
}

int cmd_policy_allow(int argc, char **argv) {
	__attribute__((cleanup(free_allow))) struct allow allow = {0};
	const struct cmd_option own[] = {
		{"group", "GROUP", "allow the members of this group", .value = &allow.group},
		{"all", NULL, "allow everybody", .flag = &allow.all},
		{"none", NULL, "allow nobody but root", .flag = &allow.none},
		{"profile", "NAME", "the policy COMMAND@NAME", .value = &allow.profile},
		{0},
	};
	int status = cmd_options(&argc, argv, own, &allow.common);
	if (status != CMD_OK)
		return status;
	if (argc < 1)
		return cmd_usage_error("a command is needed");
	if ((allow.group != NULL) + allow.all + allow.none != 1)
		return cmd_usage_error("one of --group GROUP, --all and --none is needed");
	status = prepare(&allow);
	for (int i = 0; status == CMD_OK && i < argc; i++)
		status = allow_one(&allow, argv[i]);
	return status;
}
