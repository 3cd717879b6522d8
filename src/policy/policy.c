#include "policy/policy.h"

#include "policy/fields_secrets.h"
#include "policy/schema.h"
#include "toml/toml.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/*
 * Harmless descriptions of the user, the terminal and the language. The last two are for user mode
 * only.
 */
#define INHERIT_USER_MODE 2
static const char *const inherit_default[] = {
	"USER", "LOGNAME", "TERM", "COLORTERM", "LANG", "LC_*", "TZ", "HOME", "SHELL",
};

/* Read before the other keys, whose meaning depends on the version and the tier. */
static int read_head(struct schema_reader *reader, const struct toml_value *root) {
	static const char *const required[] = {"version", "tier", "command"};
	for (size_t i = 0; i < ARRAY_SIZE(required); i++) {
		int r = schema_read_required(reader, root, required[i]);
		if (r < 0)
			return r;
	}
	return 0;
}

static void set_defaults(struct policy *policy) {
	bool lockdown = policy->tier == SANDBOX_TIER_LOCKDOWN;
	policy->network.access = lockdown ? POLICY_NETWORK_NONE : POLICY_NETWORK_HOST;
	policy->network.listen = false;
	policy->network.unix_sockets = !lockdown;
	policy->mask = policy->tier == SANDBOX_TIER_NONE ? POLICY_MASK_NEVER : POLICY_MASK_ALWAYS;
}

static int inherit_defaults(struct schema_reader *reader) {
	struct policy_strings *inherit = &reader->policy->environment.inherit;
	/* An empty list is a choice: its items are allocated. */
	if (inherit->items)
		return 0;
	reader->policy->environment.inherit_unsaid = true;
	inherit->items = calloc(ARRAY_SIZE(inherit_default), sizeof(*inherit->items));
	if (!inherit->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < ARRAY_SIZE(inherit_default); i++) {
		inherit->items[inherit->count] = strdup(inherit_default[i]);
		if (!inherit->items[inherit->count++])
			return schema_no_memory(reader);
	}
	return 0;
}

static int check_pin(struct schema_reader *reader, const struct toml_value *root) {
	const struct toml_value *hash = toml_get(root, "hash");
	if (!hash || !reader->policy->pin_trusted)
		return 0;
	snprintf(reader->path, sizeof(reader->path), "hash");
	return schema_fail(reader, hash->place,
	                   "has no effect beside pin = \"trusted\"; remove one");
}

static int check_set(struct schema_reader *reader, const struct toml_value *root) {
	const struct toml_value *environment = toml_get(root, "environment");
	const struct toml_value *set = environment ? toml_get(environment, "set") : NULL;
	for (size_t i = 0; set && i < set->table.count; i++) {
		const struct toml_entry *entry = &set->table.entries[i];
		if (!policy_has_secret(reader->policy, entry->key.bytes))
			continue;
		snprintf(reader->path, sizeof(reader->path), "environment.set.%s",
		         entry->key.bytes);
		return schema_fail(reader, entry->place, "is in [secrets] too; remove one");
	}
	return 0;
}

static const struct policy_secret *secret_with(const struct policy *policy, int descriptor) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		if (policy->secrets[i].descriptor == descriptor)
			return &policy->secrets[i];
	}
	return NULL;
}

static int check_descriptors(struct schema_reader *reader, const struct toml_value *root) {
	const struct policy_numbers *kept = &reader->policy->process.keep_fds;
	for (size_t i = 0; i < kept->count; i++) {
		const struct policy_secret *secret = secret_with(reader->policy, kept->items[i]);
		if (!secret)
			continue;
		snprintf(reader->path, sizeof(reader->path), "process.keep_fds");
		return schema_fail(reader, toml_get(root, "process")->place,
		                   "has %d, which is the 'descriptor' of %s; remove one",
		                   kept->items[i], secret->variable);
	}
	return 0;
}

/* What no single key can know. */
static int check_whole(struct schema_reader *reader, const struct toml_value *root) {
	static schema_check *const checks[] = {
		check_pin, check_set, check_descriptors, schema_check_places, schema_check_identity,
		NULL,
	};
	return schema_check_each(reader, root, checks);
}

static int read_policy(struct schema_reader *reader, const struct toml_value *root) {
	int r = read_head(reader, root);
	if (r < 0)
		return r;
	set_defaults(reader->policy);
	r = schema_read_table(reader, "", root, reader->policy);
	if (r < 0)
		return r;
	r = check_whole(reader, root);
	if (r < 0)
		return r;
	return inherit_defaults(reader);
}

int policy_parse(const char *text, size_t size, const char *file, struct policy **ret_policy,
                 struct error *err) {
	cleanup_toml struct toml_document *document = NULL;
	int r = toml_parse(text, size, file, &document, err);
	if (r < 0)
		return r;
	cleanup_policy struct policy *policy = calloc(1, sizeof(*policy));
	if (!policy)
		return error_errno(err, ENOMEM, "%s", file);
	struct schema_reader reader = {
		.rows = schema_of_policies, .file = file, .policy = policy, .err = err};
	r = read_policy(&reader, toml_root(document));
	if (r < 0)
		return r;
	*ret_policy = steal_pointer(policy);
	return 0;
}

int policy_check_command(const struct policy *policy, const char *command, const char *file,
                         struct error *err) {
	if (strcmp(policy->command, command) != 0)
		return error_set(err, EBADMSG, "%s: " POLICY_MISPLACED, file);
	return 0;
}

/* Keys that mean something else, or permit too much, in a policy of root's for other users. */
static int refuse_in_system(const struct policy *policy, struct error *err) {
	for (size_t i = 0; i < policy->filesystem.writable.count; i++) {
		if (strcmp(policy->filesystem.writable.items[i], ".") == 0)
			return error_set(
				err, EBADMSG,
				"%s: filesystem.writable: \".\" is for user mode; name a directory",
				policy->command);
	}
	if (policy->process.as_other)
		return error_set(
			err, EBADMSG,
			"%s: process.user: not possible in system mode, where programs keep the "
			"caller's uid; as root, use user mode (envseal-exec --user)",
			policy->command);
	return 0;
}

int policy_for_system(struct policy *policy, struct error *err) {
	struct policy_strings *inherit = &policy->environment.inherit;
	for (size_t i = 0; policy->environment.inherit_unsaid && i < INHERIT_USER_MODE; i++)
		free(inherit->items[--inherit->count]);
	policy->environment.inherit_unsaid = false;
	policy->environment.homeless = policy->filesystem.home_stays = true;
	if (policy->tier != SANDBOX_TIER_NONE && policy->filesystem.home == POLICY_HOME_UNSAID)
		policy->filesystem.home = POLICY_HOME_PRIVATE;
	if (!policy->filesystem.directory && !(policy->filesystem.directory = strdup("/")))
		return error_errno(err, ENOMEM, "'%s'", policy->command);
	return refuse_in_system(policy, err);
}

static void free_strings(struct policy_strings *strings) {
	for (size_t i = 0; i < strings->count; i++)
		free(strings->items[i]);
	free(strings->items);
}

static void free_arguments(struct policy *policy) {
	free_strings(&policy->arguments.prepend);
	for (size_t i = 0; i < policy->arguments.allow.count; i++)
		free_strings(&policy->arguments.allow.items[i]);
	free(policy->arguments.allow.items);
	free_strings(&policy->arguments.deny);
}

static void free_secrets(struct policy *policy) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		free(policy->secrets[i].variable);
		free(policy->secrets[i].secret);
		free(policy->secrets[i].secret_of_template);
	}
	free(policy->secrets);
}

static void free_set(struct policy *policy) {
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		free(policy->environment.set[i].name);
		free(policy->environment.set[i].value);
	}
	free(policy->environment.set);
}

void policy_free(struct policy *policy) {
	if (!policy)
		return;
	free(policy->command);
	free(policy->description);
	free(policy->hashes.items);
	free_secrets(policy);
	free(policy->script.interpreter);
	free(policy->script.hashes.items);
	free_strings(&policy->script.options);
	free_arguments(policy);
	free_strings(&policy->environment.inherit);
	free_set(policy);
	free(policy->filesystem.directory);
	free(policy->filesystem.root);
	free_strings(&policy->filesystem.hidden);
	free_strings(&policy->filesystem.writable);
	free_strings(&policy->filesystem.keep);
	free(policy->process.keep_fds.items);
	free_strings(&policy->process.exec);
	free(policy);
}
