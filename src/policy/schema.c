#include "policy/schema.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define TIER(name) (1U << SANDBOX_TIER_##name)
#define SANDBOXED (TIER(HARDENED) | TIER(LOCKDOWN))
#define ALL_TIERS (TIER(NONE) | SANDBOXED)

/* The type is up to the row's function. */
#define TYPE_ANY (-1)

struct row {
	const char *table; /* "" for the root */
	const char *key;   /* "*" for every key that the writer of the policy makes up */
	int type;          /* enum toml_type or TYPE_ANY */
	schema_read *read;
	size_t offset;      /* what `read` is given, from the base of its table */
	unsigned int tiers; /* where the key has an effect */
};

#define AT(member) offsetof(struct policy, member)

/* The whole format. doc/formats/policy.md says what each key means. */
static const struct row rows[] = {
	{"", "version", TOML_INTEGER, field_version, 0, ALL_TIERS},
	{"", "command", TOML_STRING, field_path, AT(command), ALL_TIERS},
	{"", "description", TOML_STRING, field_string, AT(description), ALL_TIERS},
	{"", "tier", TOML_STRING, field_tier, AT(tier), ALL_TIERS},
	{"", "hash", TOML_ARRAY, field_hashes, AT(hashes), ALL_TIERS},
	{"", "pin", TOML_STRING, field_pin, AT(pin_trusted), ALL_TIERS},
	{"", "expires", TOML_DATE_LOCAL, field_expires, 0, ALL_TIERS},

	{"secrets", "*", TYPE_ANY, field_secret, 0, ALL_TIERS},
	{"secrets.*", "secret", TOML_STRING, field_secret_name, 0, ALL_TIERS},
	{"secrets.*", "template", TOML_STRING, field_template, 0, ALL_TIERS},
	{"secrets.*", "required", TOML_BOOL, field_bool, offsetof(struct policy_secret, required), ALL_TIERS},
	{"secrets.*", "deliver", TOML_STRING, field_deliver, 0, ALL_TIERS},
	{"secrets.*", "descriptor", TOML_INTEGER, field_descriptor, 0, ALL_TIERS},

	{"script", "interpreter", TOML_STRING, field_path, AT(script.interpreter), ALL_TIERS},
	{"script", "interpreter_hash", TOML_ARRAY, field_hashes, AT(script.hashes), ALL_TIERS},
	{"script", "options", TOML_ARRAY, field_options, AT(script.options), ALL_TIERS},

	{"arguments", "prepend", TOML_ARRAY, field_prepend, AT(arguments.prepend), ALL_TIERS},
	{"arguments", "allow", TOML_ARRAY, field_allow, AT(arguments.allow), ALL_TIERS},
	{"arguments", "deny", TOML_ARRAY, field_deny, AT(arguments.deny), ALL_TIERS},

	{"environment", "inherit", TOML_ARRAY, field_inherit, AT(environment.inherit), ALL_TIERS},
	{"environment", "set", TOML_TABLE, field_set, 0, ALL_TIERS},

	{"filesystem", "directory", TOML_STRING, field_directory, AT(filesystem.directory), ALL_TIERS},
	{"filesystem", "home", TOML_STRING, field_home, AT(filesystem.home), SANDBOXED},
	{"filesystem", "tmp", TOML_STRING, field_tmp, AT(filesystem.tmp_host), SANDBOXED},
	{"filesystem", "hidden", TOML_ARRAY, field_hidden, AT(filesystem.hidden), SANDBOXED},
	{"filesystem", "writable", TOML_ARRAY, field_writable, AT(filesystem.writable), TIER(LOCKDOWN)},
	{"filesystem", "keep", TOML_ARRAY, field_keep, AT(filesystem.keep), TIER(LOCKDOWN)},
	{"filesystem", "tmp_size", TOML_STRING, field_tmp_size, AT(filesystem.tmp_size), SANDBOXED},
	{"filesystem", "root", TOML_STRING, field_path, AT(filesystem.root), SANDBOXED},

	{"network", "access", TOML_STRING, field_network, AT(network.access), ALL_TIERS},
	{"network", "listen", TOML_BOOL, field_bool, AT(network.listen), ALL_TIERS},
	{"network", "unix", TOML_BOOL, field_bool, AT(network.unix_sockets), TIER(LOCKDOWN)},

	{"process", "exec", TOML_ARRAY, field_exec, AT(process.exec), SANDBOXED},
	{"process", "seccomp", TOML_STRING, field_seccomp, AT(process.seccomp), ALL_TIERS},
	{"process", "keep_fds", TYPE_ANY, field_keep_fds, AT(process), SANDBOXED},
	{"process", "user", TOML_INTEGER, field_id, AT(process.user), ALL_TIERS},
	{"process", "group", TOML_INTEGER, field_id, AT(process.group), ALL_TIERS},

	{"limits", "timeout", TOML_STRING, field_timeout, AT(limits.timeout), ALL_TIERS},
	{"limits", "memory", TOML_STRING, field_memory, AT(limits.memory), ALL_TIERS},
	{"limits", "processes", TOML_INTEGER, field_processes, AT(limits.processes), ALL_TIERS},
	{"limits", "open_files", TOML_INTEGER, field_open_files, AT(limits.open_files), ALL_TIERS},
	{"limits", "file_size", TOML_STRING, field_file_size, AT(limits.file_size), ALL_TIERS},
	{"limits", "cpu_time", TOML_STRING, field_cpu_time, AT(limits.cpu_time), ALL_TIERS},

	{"output", "mask", TOML_STRING, field_mask, AT(mask), ALL_TIERS},
};

int schema_fail(struct schema_reader *reader, struct toml_place place, const char *format, ...) {
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(reader->err, EBADMSG, "%s:%u:%u: %s: %s", reader->file, place.line, place.column,
	                 reader->path, text);
}

int schema_no_memory(struct schema_reader *reader) {
	return error_errno(reader->err, ENOMEM, "%s", reader->file);
}

/* By length as well: a key may contain a NUL. */
static bool named(const struct toml_string *key, const char *name) {
	return strcmp(name, "*") == 0 ||
	       (key->size == strlen(name) && memcmp(key->bytes, name, key->size) == 0);
}

static const struct row *find_row(const char *table, const struct toml_string *key) {
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].table, table) == 0 && named(key, rows[i].key))
			return &rows[i];
	}
	return NULL;
}

/* The schema's name of a table of the root; NULL when there is none of that name. */
static const char *find_table(const struct toml_string *key) {
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (rows[i].table[0] != '\0' && named(key, rows[i].table))
			return rows[i].table;
	}
	return NULL;
}

/* Whether one letter is missing, too many, another one, or swapped with its neighbour. */
static bool one_letter_off(const char *a, const char *b) {
	while (*a && *a == *b)
		a++, b++;
	if (*a == '\0' && *b == '\0')
		return false;
	if (*a && strcmp(a + 1, b) == 0)
		return true;
	if (*b && strcmp(a, b + 1) == 0)
		return true;
	if (*a && *b && strcmp(a + 1, b + 1) == 0)
		return true;
	if (!a[0] || !a[1] || !b[0] || !b[1])
		return false;
	return a[0] == b[1] && a[1] == b[0] && strcmp(a + 2, b + 2) == 0;
}

static const char *near_miss(const char *table, const char *key) {
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcmp(rows[i].table, table) == 0 && one_letter_off(key, rows[i].key))
			return rows[i].key;
		if (table[0] == '\0' && !strchr(rows[i].table, '*') && one_letter_off(key, rows[i].table))
			return rows[i].table;
	}
	return NULL;
}

static int unknown(struct schema_reader *reader, const char *table, const struct toml_entry *entry) {
	const char *meant = near_miss(table, entry->key.bytes);
	if (meant)
		return schema_fail(reader, entry->place, "unknown key; did you mean '%s'?", meant);
	return schema_fail(reader, entry->place, "unknown key");
}

static int check_type(struct schema_reader *reader, const struct toml_value *value, int type) {
	if (type == TYPE_ANY || (int)value->type == type)
		return 0;
	return schema_fail(reader, value->place, "must be of type %s, not %s",
	                   toml_type_name((enum toml_type)type), toml_type_name(value->type));
}

static int read_row(struct schema_reader *reader, const struct row *row, const struct toml_entry *entry,
                    void *base) {
	enum sandbox_tier tier = reader->policy->tier;
	if (!(row->tiers & (1U << tier)))
		return schema_fail(reader, entry->place, "has no effect in tier '%s'; remove it",
		                   policy_tier_name(tier));
	int r = check_type(reader, &entry->value, row->type);
	if (r < 0)
		return r;
	reader->name = &entry->key;
	return row->read(reader, &entry->value, (char *)base + row->offset);
}

static int read_entry(struct schema_reader *reader, const char *table, const struct toml_entry *entry,
                      void *base) {
	const struct row *row = find_row(table, &entry->key);
	if (row)
		return read_row(reader, row, entry, base);
	const char *inner = table[0] == '\0' ? find_table(&entry->key) : NULL;
	if (!inner)
		return unknown(reader, table, entry);
	int r = check_type(reader, &entry->value, TOML_TABLE);
	return r < 0 ? r : schema_read_table(reader, inner, &entry->value, base);
}

int schema_read_table(struct schema_reader *reader, const char *table, const struct toml_value *value,
                      void *base) {
	size_t above = strlen(reader->path);
	for (size_t i = 0; i < value->table.count; i++) {
		const struct toml_entry *entry = &value->table.entries[i];
		snprintf(reader->path + above, sizeof(reader->path) - above, "%s%s", above ? "." : "",
		         entry->key.bytes);
		int r = read_entry(reader, table, entry, base);
		if (r < 0)
			return r;
		reader->path[above] = '\0';
	}
	return 0;
}

int schema_read_required(struct schema_reader *reader, const struct toml_value *root, const char *key) {
	snprintf(reader->path, sizeof(reader->path), "%s", key);
	for (size_t i = 0; i < root->table.count; i++) {
		const struct toml_entry *entry = &root->table.entries[i];
		if (!named(&entry->key, key))
			continue;
		int r = read_row(reader, find_row("", &entry->key), entry, reader->policy);
		reader->path[0] = '\0';
		return r;
	}
	return schema_fail(reader, (struct toml_place){1, 1}, "missing; every policy needs it");
}

bool policy_key_at(size_t index, struct policy_key *ret_key) {
	if (index >= ARRAY_SIZE(rows))
		return false;
	const struct row *row = &rows[index];
	*ret_key = (struct policy_key){
		.table = row->table,
		.key = row->key,
		.type = row->type == TYPE_ANY ? "any" : toml_type_name((enum toml_type)row->type),
		.tiers = row->tiers,
	};
	return true;
}
