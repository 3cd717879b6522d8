#include "policy/arguments.h"

#include "policy/schema.h"

#include <errno.h>
#include <fnmatch.h>
#include <string.h>

#define PREPEND_MAX 64
#define LINES_MAX 256
#define PATTERNS_MAX 256

static const char rest[] = "**";

static bool is_rest(const struct policy_strings *line, size_t at) {
	return at + 1 == line->count && strcmp(line->items[at], rest) == 0;
}

/* How many arguments match the line, from the first on. -1: all match, and none is left over. */
static int matched(const struct policy_strings *line, char *const arguments[]) {
	size_t i = 0;
	for (; i < line->count && !is_rest(line, i); i++) {
		if (!arguments[i] || fnmatch(line->items[i], arguments[i], 0) != 0)
			return (int)i;
	}
	return i < line->count || !arguments[i] ? -1 : (int)i;
}

static int check_allowed(const struct policy_lines *lines, char *const arguments[],
                         struct error *err) {
	int furthest = 0;
	for (size_t i = 0; i < lines->count; i++) {
		int n = matched(&lines->items[i], arguments);
		if (n < 0)
			return 0;
		furthest = n > furthest ? n : furthest;
	}
	if (lines->count == 0)
		return 0;
	if (!arguments[furthest])
		return error_set(
			err, EPERM,
			"arguments.allow: argument %d is missing: the policy requires more "
			"arguments",
			furthest + 1);
	return error_set(err, EPERM, "arguments.allow: the policy does not allow argument %d",
	                 furthest + 1);
}

static int check_denied(const struct policy_strings *patterns, char *const arguments[],
                        struct error *err) {
	for (int i = 0; arguments[i]; i++) {
		for (size_t j = 0; j < patterns->count; j++) {
			if (fnmatch(patterns->items[j], arguments[i], 0) == 0)
				return error_set(err, EPERM,
				                 "arguments.deny: the policy forbids argument %d",
				                 i + 1);
		}
	}
	return 0;
}

int arguments_check(const struct policy *policy, char *const arguments[], struct error *err) {
	int r = check_denied(&policy->arguments.deny, arguments, err);
	if (r < 0)
		return r;
	return check_allowed(&policy->arguments.allow, arguments, err);
}

bool arguments_limited(const struct policy *policy) {
	return policy->arguments.allow.count > 0;
}

int field_prepend(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 1, PREPEND_MAX, NULL, into);
}

/* A pattern that can never match, as "[", would be a rule without effect. */
static int check_patterns(struct schema_reader *reader, const struct toml_value *array,
                          bool rest_allowed) {
	for (size_t i = 0; i < array->array.count; i++) {
		const struct toml_value *value = &array->array.values[i];
		bool last = i + 1 == array->array.count;
		if (strcmp(value->string.bytes, rest) == 0 && !(last && rest_allowed))
			return schema_fail(
				reader, value->place,
				"\"**\" stands for all remaining arguments, so it must be the "
				"last of a line in 'allow'; \"*\" stands for one argument");
		if (strlen(value->string.bytes) > 0 &&
		    fnmatch(value->string.bytes, "", 0) > FNM_NOMATCH)
			return schema_fail(reader, value->place,
			                   "not a pattern that fnmatch(3) takes");
	}
	return 0;
}

static int read_patterns(struct schema_reader *reader, const struct toml_value *array, size_t min,
                         bool rest_allowed, struct policy_strings *patterns) {
	int r = schema_check_strings(reader, array, min, PATTERNS_MAX);
	if (r < 0)
		return r;
	r = check_patterns(reader, array, rest_allowed);
	if (r < 0)
		return r;
	return schema_copy_strings(reader, array, patterns);
}

int field_deny(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_patterns(reader, value, 1, false, into);
}

static int read_line(struct schema_reader *reader, const struct toml_value *value,
                     struct policy_strings *line) {
	if (value->type != TOML_ARRAY)
		return schema_fail(reader, value->place, "entries must be of type array, not %s",
		                   toml_type_name(value->type));
	return read_patterns(reader, value, 0, true, line);
}

int field_allow(struct schema_reader *reader, const struct toml_value *value, void *into) {
	struct policy_lines *lines = into;
	if (value->array.count == 0 || value->array.count > LINES_MAX)
		return schema_fail(reader, value->place,
		                   "must have 1 to %d entries; [[]] allows no arguments at all",
		                   LINES_MAX);
	lines->items = calloc(value->array.count, sizeof(*lines->items));
	if (!lines->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < value->array.count; i++) {
		int r = read_line(reader, &value->array.values[i], &lines->items[lines->count++]);
		if (r < 0)
			return r;
	}
	return 0;
}
