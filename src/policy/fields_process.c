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

const char *policy_seccomp_name(enum sandbox_profile profile) {
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (words[i].profile == profile)
			return words[i].name;
	}
	return NULL;
}

int field_seccomp(struct schema_reader *reader, const struct toml_value *value, void *into) {
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!schema_equals(&value->string, words[i].name))
			continue;
		if (words[i].profile == SANDBOX_PROFILE_UNRESTRICTED &&
		    reader->policy->tier == SANDBOX_TIER_NONE)
			return schema_fail(
				reader, value->place,
				"\"unrestricted\" has no effect in tier 'none'; remove it");
		*(enum sandbox_profile *)into = words[i].profile;
		return 0;
	}
	return schema_fail(reader, value->place,
	                   "must be \"default\", \"essential\", \"minimal\", \"io\", \"compute\", "
	                   "\"network\" or \"unrestricted\"");
}

static int check_program(struct schema_reader *reader, const struct toml_value *value) {
	if (!path_is_normal(value->string.bytes) || strcmp(value->string.bytes, "/") == 0)
		return schema_fail(
			reader, value->place,
			"must be an absolute path without '.', '..' and doubled slashes");
	return 0;
}

int field_exec(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 0, EXEC_MAX, check_program, into);
}
