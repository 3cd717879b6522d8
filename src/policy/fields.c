#include "policy/schema.h"

#include "policy/variables.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HASHES_MAX 64
#define OPTIONS_MAX 64
#define INHERIT_MAX 256
#define VARIABLES_MAX 256

/* execve(2): one string of the environment, its NUL included. */
#define VARIABLE_SIZE_MAX ((size_t)128 * 1024)

int field_version(struct schema_reader *reader, const struct toml_value *value, void *into) {
	(void)into;
	if (value->integer != 1)
		return schema_fail(reader, value->place, "this version of envseal reads version 1");
	return 0;
}

int field_tier(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"none", "hardened", "lockdown"};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	*(enum sandbox_tier *)into = (enum sandbox_tier)choice;
	return 0;
}

int field_path(struct schema_reader *reader, const struct toml_value *value, void *into) {
	if (!path_is_normal(value->string.bytes) || strcmp(value->string.bytes, "/") == 0)
		return schema_fail(
			reader, value->place,
			"must be an absolute path without '.', '..' and doubled slashes");
	return schema_copy(reader, value, into);
}

int field_string(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_copy(reader, value, into);
}

int field_bool(struct schema_reader *reader, const struct toml_value *value, void *into) {
	(void)reader;
	*(bool *)into = value->boolean;
	return 0;
}

int field_hashes(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_hashes *hashes = into;
	int r = schema_check_strings(reader, value, 1, HASHES_MAX);
	if (r < 0)
		return r;
	hashes->items = calloc(value->array.count, sizeof(*hashes->items));
	if (!hashes->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < value->array.count; i++) {
		const struct toml_value *hash = &value->array.values[i];
		if (pin_hash_parse(hash->string.bytes, &hashes->items[i]) < 0)
			return schema_fail(
				reader, hash->place,
				"must be \"blake2b-256:\" or \"sha256:\" and 64 lower-case "
				"hexadecimal digits");
		hashes->count++;
	}
	return 0;
}

int field_pin(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"hash", "trusted", NULL};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	*(bool *)into = choice == 1;
	return 0;
}

/* The day's first second in UTC: from then on the policy is refused. */
int field_expires(struct schema_reader *reader, const struct toml_value *value, void *into) {
	(void)reader;
	struct policy *policy = into;
	struct tm day = {
		.tm_year = value->datetime.year - 1900,
		.tm_mon = value->datetime.month - 1,
		.tm_mday = value->datetime.day,
	};
	policy->expires_at = timegm(&day);
	policy->expires = true;
	return 0;
}

/* Invalid names, and variables that no program may be started with. */
int schema_check_variable(struct schema_reader *reader, struct toml_place place,
                          const struct toml_string *name) {
	if (strlen(name->bytes) != name->size || !variable_name_ok(name->bytes))
		return schema_fail(reader, place,
		                   "not a valid variable name: [A-Za-z_][A-Za-z0-9_]*");
	const char *reason = variable_forbidden(name->bytes);
	if (reason)
		return schema_fail(reader, place, "this variable cannot be set: %s", reason);
	return 0;
}

int field_options(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 0, OPTIONS_MAX, NULL, into);
}

/*
 * A plain name is checked here. Variables that match a pattern are checked at the run. A pattern
 * without a letter would pass on whatever the caller chooses.
 */
static int check_inherit(struct schema_reader *reader, const struct toml_value *value) {
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_*?";
	const char *name = value->string.bytes;
	if (name[0] == '\0' || name[strspn(name, letters)] != '\0' ||
	    (name[0] >= '0' && name[0] <= '9'))
		return schema_fail(reader, value->place,
		                   "must be a variable's name, '*' and '?' allowed");
	if (name[strspn(name, "*?_")] == '\0')
		return schema_fail(
			reader, value->place,
			"would pass on every variable of the caller; name those the command needs");
	const char *reason = strpbrk(name, "*?") ? NULL : variable_not_inheritable(name);
	if (reason)
		return schema_fail(reader, value->place, "may not come from the caller: %s",
		                   reason);
	return 0;
}

int field_inherit(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 0, INHERIT_MAX, check_inherit, into);
}

static int read_variable(struct schema_reader *reader, const struct toml_entry *entry,
                         struct policy_variable *variable) {
	int r = schema_check_variable(reader, entry->place, &entry->key);
	if (r < 0)
		return r;
	if (entry->value.type != TOML_STRING)
		return schema_fail(reader, entry->value.place, "must be of type string, not %s",
		                   toml_type_name(entry->value.type));
	if (entry->key.size + entry->value.string.size + 2 > VARIABLE_SIZE_MAX)
		return schema_fail(reader, entry->value.place, "longer than a variable can be");
	variable->name = strdup(entry->key.bytes);
	if (!variable->name)
		return schema_no_memory(reader);
	return schema_copy(reader, &entry->value, &variable->value);
}

int field_set(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy *policy = into;
	size_t above = strlen(reader->path);
	if (value->table.count > VARIABLES_MAX)
		return schema_fail(reader, value->place, "more than %d variables", VARIABLES_MAX);
	policy->environment.set = calloc(value->table.count + 1, sizeof(*policy->environment.set));
	if (!policy->environment.set)
		return schema_no_memory(reader);
	for (size_t i = 0; i < value->table.count; i++) {
		const struct toml_entry *entry = &value->table.entries[i];
		snprintf(reader->path + above, sizeof(reader->path) - above, ".%s",
		         entry->key.bytes);
		int r = read_variable(reader, entry,
		                      &policy->environment.set[policy->environment.set_count++]);
		if (r < 0)
			return r;
	}
	return 0;
}

int field_network(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"none", "host", NULL};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	if (choice == 0 && reader->policy->tier == SANDBOX_TIER_NONE)
		return schema_fail(reader, value->place,
		                   "\"none\" has no effect in tier 'none'; choose another tier");
	*(enum policy_network *)into = choice == 0 ? POLICY_NETWORK_NONE : POLICY_NETWORK_HOST;
	return 0;
}

int field_mask(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"always", "pipes", "never"};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	*(enum policy_mask *)into = (enum policy_mask)choice;
	return 0;
}
