#include "policy/schema.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

/* The keys for the program's directory, for what it sees of the file system, and for its user. */

#define PATHS_MAX 16
#define KEEP_FDS_MAX 64
#define FD_MAX 65535

int field_directory(struct schema_reader *reader, const struct toml_value *value, void *into) {
	if (strcmp(value->string.bytes, POLICY_CALLER) != 0 && !path_is_normal(value->string.bytes))
		return schema_fail(
			reader, value->place,
			"must be \"caller\" or an absolute path without '.', '..' and doubled "
			"slashes");
	return schema_copy(reader, value, into);
}

int field_home(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"private", "host", NULL};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	*(enum policy_home *)into = choice == 0 ? POLICY_HOME_PRIVATE : POLICY_HOME_HOST;
	return 0;
}

int field_tmp(struct schema_reader *reader, const struct toml_value *value, void *into) {
	static const char *const words[] = {"private", "host", NULL};
	int choice = schema_choose(reader, value, words);
	if (choice < 0)
		return choice;
	*(bool *)into = choice == 1;
	return 0;
}

static int check_path(struct schema_reader *reader, const struct toml_value *value) {
	if (!path_is_normal(value->string.bytes) || strcmp(value->string.bytes, "/") == 0)
		return schema_fail(
			reader, value->place,
			"must be absolute paths other than \"/\", without '.', '..' and doubled "
			"slashes");
	return 0;
}

static int check_hidden(struct schema_reader *reader, const struct toml_value *value) {
	int r = check_path(reader, value);
	if (r < 0)
		return r;
	if (path_at_or_below(value->string.bytes, "/proc"))
		return schema_fail(reader, value->place,
		                   "/proc is a fresh one; what is in it cannot be hidden");
	return 0;
}

int field_hidden(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 1, PATHS_MAX, check_hidden, into);
}

/* Lockdown makes these for itself. */
static int check_writable(struct schema_reader *reader, const struct toml_value *value) {
	const char *path = value->string.bytes;
	if (strcmp(path, ".") == 0)
		return 0;
	int r = check_path(reader, value);
	if (r < 0)
		return r;
	if (path_at_or_below(path, "/proc") || path_at_or_below(path, "/dev") ||
	    path_at_or_below(path, "/sys") || strcmp(path, "/run") == 0)
		return schema_fail(reader, value->place,
		                   "/proc, /sys, /dev and /run themselves cannot be writable");
	return 0;
}

int field_writable(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 1, PATHS_MAX, check_writable, into);
}

static int check_keep(struct schema_reader *reader, const struct toml_value *value) {
	int r = check_path(reader, value);
	if (r < 0)
		return r;
	if (strncmp(value->string.bytes, "/run/", 5) != 0)
		return schema_fail(reader, value->place,
		                   "must be below /run; the rest stays visible anyway");
	return 0;
}

int field_keep(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return schema_read_list(reader, value, 1, PATHS_MAX, check_keep, into);
}

static int read_numbers(struct schema_reader *reader, const struct toml_value *array,
                        struct policy_numbers *numbers) {
	numbers->items = calloc(array->array.count + 1, sizeof(*numbers->items));
	if (!numbers->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < array->array.count; i++) {
		const struct toml_value *value = &array->array.values[i];
		if (value->type != TOML_INTEGER || value->integer < 3 || value->integer > FD_MAX)
			return schema_fail(
				reader, value->place,
				"must be \"all\" or descriptors from 3 to %d; 0 to 2 are kept "
				"anyway",
				FD_MAX);
		numbers->items[numbers->count++] = (int)value->integer;
	}
	return 0;
}

int field_keep_fds(struct schema_reader *reader, const struct toml_value *value, void *into) {
	__typeof__(reader->policy->process) *process = into;
	if (value->type == TOML_STRING && value->string.size == 3 &&
	    strcmp(value->string.bytes, "all") == 0) {
		process->keep_all_fds = true;
		return 0;
	}
	if (value->type != TOML_ARRAY)
		return schema_fail(reader, value->place,
		                   "must be \"all\" or an array of descriptors");
	if (value->array.count < 1 || value->array.count > KEEP_FDS_MAX)
		return schema_fail(reader, value->place, "must have 1 to %d entries", KEEP_FDS_MAX);
	return read_numbers(reader, value, &process->keep_fds);
}

/* 2^32-1 means "unchanged" to the kernel. */
int field_id(struct schema_reader *reader, const struct toml_value *value, void *into) {
	if (value->integer < 0 || value->integer >= UINT32_MAX)
		return schema_fail(reader, value->place, "must be from 0 to %u", UINT32_MAX - 1);
	*(uint32_t *)into = (uint32_t)value->integer;
	return 0;
}

static const struct toml_value *value_of(struct schema_reader *reader,
                                         const struct toml_value *root, const char *table,
                                         const char *key) {
	const struct toml_value *values = toml_get(root, table);
	const struct toml_value *value = values ? toml_get(values, key) : NULL;
	if (value)
		snprintf(reader->path, sizeof(reader->path), "%s.%s", table, key);
	return value;
}

/* Places that the sandbox makes itself, whatever the host has there. */
static bool is_private(const struct policy *policy, const char *path) {
	bool lockdown = policy->tier == SANDBOX_TIER_LOCKDOWN;
	if (!policy->filesystem.tmp_host &&
	    (path_at_or_below(path, "/tmp") || path_at_or_below(path, "/var/tmp")))
		return true;
	if (lockdown)
		return path_at_or_below(path, "/run") || path_at_or_below(path, "/dev");
	return !policy->filesystem.tmp_host && path_at_or_below(path, "/dev/shm");
}

static bool is_below_hidden(const struct policy *policy, const char *path) {
	for (size_t i = 0; i < policy->filesystem.hidden.count; i++) {
		if (path_at_or_below(path, policy->filesystem.hidden.items[i]))
			return true;
	}
	return false;
}

static int check_hidden_places(struct schema_reader *reader, const struct toml_value *root) {
	const struct toml_value *hidden = value_of(reader, root, "filesystem", "hidden");
	for (size_t i = 0; hidden && i < hidden->array.count; i++) {
		const struct toml_value *value = &hidden->array.values[i];
		if (is_private(reader->policy, value->string.bytes))
			return schema_fail(
				reader, value->place,
				"has no effect: the sandbox has a place of its own there; remove "
				"it");
	}
	return 0;
}

/* A place cannot be below a hidden one, and cannot be a directory that the sandbox makes itself. */
static int check_open_places(struct schema_reader *reader, const struct toml_value *root) {
	static const char *const keys[] = {"writable", "keep"};
	const struct policy *policy = reader->policy;
	for (size_t k = 0; k < ARRAY_SIZE(keys); k++) {
		const struct toml_value *list = value_of(reader, root, "filesystem", keys[k]);
		for (size_t i = 0; list && i < list->array.count; i++) {
			const char *path = list->array.values[i].string.bytes;
			if (is_below_hidden(policy, path))
				return schema_fail(reader, list->array.values[i].place,
				                   "is below filesystem.hidden");
			if (!policy->filesystem.tmp_host &&
			    (strcmp(path, "/tmp") == 0 || strcmp(path, "/var/tmp") == 0))
				return schema_fail(
					reader, list->array.values[i].place,
					"is private and writable anyway; for the host's, set tmp "
					"= \"host\" as well");
		}
	}
	return 0;
}

static int check_directory(struct schema_reader *reader, const struct toml_value *root) {
	const struct policy *policy = reader->policy;
	const struct toml_value *directory = value_of(reader, root, "filesystem", "directory");
	if (!directory)
		return 0;
	bool caller = strcmp(policy->filesystem.directory, POLICY_CALLER) == 0;
	if (caller && policy->filesystem.root)
		return schema_fail(reader, directory->place,
		                   "must be a path inside filesystem.root");
	if (!caller && is_below_hidden(policy, policy->filesystem.directory))
		return schema_fail(reader, directory->place, "is below filesystem.hidden");
	return 0;
}

static int check_tmp_size(struct schema_reader *reader, const struct toml_value *root) {
	const struct policy *policy = reader->policy;
	const struct toml_value *size = value_of(reader, root, "filesystem", "tmp_size");
	if (size && policy->tier == SANDBOX_TIER_HARDENED && policy->filesystem.tmp_host &&
	    policy->filesystem.home != POLICY_HOME_PRIVATE)
		return schema_fail(reader, size->place,
		                   "has no effect beside tmp = \"host\"; remove it");
	return 0;
}

int schema_check_places(struct schema_reader *reader, const struct toml_value *root) {
	static schema_check *const checks[] = {
		check_hidden_places, check_open_places, check_directory, check_tmp_size, NULL,
	};
	return schema_check_each(reader, root, checks);
}

int schema_check_identity(struct schema_reader *reader, const struct toml_value *root) {
	const struct toml_value *user = value_of(reader, root, "process", "user");
	if (user && !toml_get(toml_get(root, "process"), "group"))
		return schema_fail(reader, user->place,
		                   "process.group is missing; both or neither");
	const struct toml_value *group = value_of(reader, root, "process", "group");
	if (group && !user)
		return schema_fail(reader, group->place,
		                   "process.user is missing; both or neither");
	reader->policy->process.as_other = user != NULL;
	return 0;
}
