#include "policy/schema.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <string.h>

/* Keys of [process]. */

#define EXEC_MAX 256

static const struct word {
	const char *name;
	enum sandbox_profile profile;
} words[] = {
	{"default", SANDBOX_PROFILE_DEFAULT},           {"essential", SANDBOX_PROFILE_ESSENTIAL},
	{"minimal", SANDBOX_PROFILE_MINIMAL},           {"io", SANDBOX_PROFILE_IO},
	{"compute", SANDBOX_PROFILE_COMPUTE},           {"network", SANDBOX_PROFILE_NETWORK},
	{"unrestricted", SANDBOX_PROFILE_UNRESTRICTED},
};

static bool same(const struct toml_value *value, const char *text) {
	return value->string.size == strlen(text) && memcmp(value->string.bytes, text, value->string.size) == 0;
}

const char *policy_seccomp_name(enum sandbox_profile profile) {
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].profile == profile)
			return words[i].name;
	}
	return NULL;
}

int field_seccomp(struct schema_reader *reader, const struct toml_value *value, void *into) {
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!same(value, words[i].name))
			continue;
		if (words[i].profile == SANDBOX_PROFILE_UNRESTRICTED &&
		    reader->policy->tier == SANDBOX_TIER_NONE)
			return schema_fail(reader, value->place,
			                   "\"unrestricted\" has no effect in tier 'none'; remove it");
		*(enum sandbox_profile *)into = words[i].profile;
		return 0;
	}
	return schema_fail(
		reader, value->place,
		"must be \"default\", \"essential\", \"minimal\", \"io\", \"compute\", \"network\" or "
		"\"unrestricted\"");
}

static int check_program(struct schema_reader *reader, const struct toml_value *value) {
	if (value->type != TOML_STRING)
		return schema_fail(reader, value->place, "entries must be of type string, not %s",
		                   toml_type_name(value->type));
	if (strlen(value->string.bytes) != value->string.size || !path_is_normal(value->string.bytes) ||
	    same(value, "/"))
		return schema_fail(reader, value->place,
		                   "must be an absolute path without '.', '..' and doubled slashes");
	return 0;
}

/* An empty list is a choice: its items are allocated. */
int field_exec(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_strings *programs = into;
	if (value->array.count > EXEC_MAX)
		return schema_fail(reader, value->place, "must have at most %d entries", EXEC_MAX);
	programs->items = calloc(value->array.count + 1, sizeof(*programs->items));
	if (!programs->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < value->array.count; i++) {
		int r = check_program(reader, &value->array.values[i]);
		if (r < 0)
			return r;
		programs->items[i] = strdup(value->array.values[i].string.bytes);
		if (!programs->items[i])
			return schema_no_memory(reader);
		programs->count++;
	}
	return 0;
}
