#include "policy/schema.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* One loop over the rows of a schema, and what the rows' functions share. */

int schema_fail(struct schema_reader *reader, struct toml_place place, const char *format, ...) {
	char text[512];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(reader->err, EBADMSG, "%s:%u:%u: %s: %s", reader->file, place.line,
	                 place.column, reader->path, text);
}

int schema_no_memory(struct schema_reader *reader) {
	return error_errno(reader->err, ENOMEM, "%s", reader->file);
}

bool schema_equals(const struct toml_string *string, const char *text) {
	return string->size == strlen(text) && memcmp(string->bytes, text, string->size) == 0;
}

/* TOML allows \u0000, but nothing here could carry it. */
static int check_nul(struct schema_reader *reader, const struct toml_value *value) {
	if (strlen(value->string.bytes) != value->string.size)
		return schema_fail(reader, value->place, "contains a NUL byte");
	return 0;
}

int schema_copy(struct schema_reader *reader, const struct toml_value *value, char **into) {
	int r = check_nul(reader, value);
	if (r < 0)
		return r;
	char *text = strdup(value->string.bytes);
	if (!text)
		return schema_no_memory(reader);
	free(*into);
	*into = text;
	return 0;
}

int schema_choose(struct schema_reader *reader, const struct toml_value *value,
                  const char *const words[static 3]) {
	int r = check_nul(reader, value);
	if (r < 0)
		return r;
	for (int i = 0; i < 3 && words[i]; i++) {
		if (schema_equals(&value->string, words[i]))
			return i;
	}
	if (words[2])
		return schema_fail(reader, value->place, "must be \"%s\", \"%s\" or \"%s\"",
		                   words[0], words[1], words[2]);
	return schema_fail(reader, value->place, "must be \"%s\" or \"%s\"", words[0], words[1]);
}

int schema_check_strings(struct schema_reader *reader, const struct toml_value *array, size_t min,
                         size_t max) {
	if (array->array.count < min || array->array.count > max)
		return schema_fail(reader, array->place, "must have %zu to %zu entries", min, max);
	for (size_t i = 0; i < array->array.count; i++) {
		const struct toml_value *value = &array->array.values[i];
		if (value->type != TOML_STRING)
			return schema_fail(reader, value->place,
			                   "entries must be of type string, not %s",
			                   toml_type_name(value->type));
		int r = check_nul(reader, value);
		if (r < 0)
			return r;
	}
	return 0;
}

int schema_copy_strings(struct schema_reader *reader, const struct toml_value *array,
                        struct policy_strings *strings) {
	strings->items = calloc(array->array.count + 1, sizeof(*strings->items));
	if (!strings->items)
		return schema_no_memory(reader);
	for (size_t i = 0; i < array->array.count; i++) {
		int r = schema_copy(reader, &array->array.values[i], &strings->items[i]);
		if (r < 0)
			return r;
		strings->count++;
	}
	return 0;
}

int schema_read_list(struct schema_reader *reader, const struct toml_value *array, size_t min,
                     size_t max, schema_check *check, struct policy_strings *strings) {
	int r = schema_check_strings(reader, array, min, max);
	if (r < 0)
		return r;
	for (size_t i = 0; check && i < array->array.count; i++) {
		r = check(reader, &array->array.values[i]);
		if (r < 0)
			return r;
	}
	return schema_copy_strings(reader, array, strings);
}

int schema_check_each(struct schema_reader *reader, const struct toml_value *value,
                      schema_check *const checks[]) {
	for (; *checks; checks++) {
		int r = (*checks)(reader, value);
		if (r < 0)
			return r;
	}
	return 0;
}

/* By length as well: a key may contain a NUL. */
static bool named(const struct toml_string *key, const char *name) {
	return strcmp(name, "*") == 0 || schema_equals(key, name);
}

static const struct schema_row *find_row(const struct schema_reader *reader, const char *table,
                                         const struct toml_string *key) {
	for (const struct schema_row *row = reader->rows; row->table; row++) {
		if (strcmp(row->table, table) == 0 && named(key, row->key))
			return row;
	}
	return NULL;
}

/* The schema's name of a table of the root; NULL when there is none of that name. */
static const char *find_table(const struct schema_reader *reader, const struct toml_string *key) {
	for (const struct schema_row *row = reader->rows; row->table; row++) {
		if (row->table[0] != '\0' && named(key, row->table))
			return row->table;
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

static const char *near_miss(const struct schema_reader *reader, const char *table,
                             const char *key) {
	for (const struct schema_row *row = reader->rows; row->table; row++) {
		if (strcmp(row->table, table) == 0 && one_letter_off(key, row->key))
			return row->key;
		if (table[0] == '\0' && !strchr(row->table, '*') && one_letter_off(key, row->table))
			return row->table;
	}
	return NULL;
}

static int unknown(struct schema_reader *reader, const char *table,
                   const struct toml_entry *entry) {
	const char *meant = near_miss(reader, table, entry->key.bytes);
	if (meant)
		return schema_fail(reader, entry->place, "unknown key; did you mean '%s'?", meant);
	return schema_fail(reader, entry->place, "unknown key");
}

static int check_type(struct schema_reader *reader, const struct toml_value *value, int type) {
	if (type == SCHEMA_ANY_TYPE || (int)value->type == type)
		return 0;
	return schema_fail(reader, value->place, "must be of type %s, not %s",
	                   toml_type_name((enum toml_type)type), toml_type_name(value->type));
}

static int read_row(struct schema_reader *reader, const struct schema_row *row,
                    const struct toml_entry *entry, void *base) {
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

static int read_entry(struct schema_reader *reader, const char *table,
                      const struct toml_entry *entry, void *base) {
	const struct schema_row *row = find_row(reader, table, &entry->key);
	if (row)
		return read_row(reader, row, entry, base);
	const char *inner = table[0] == '\0' ? find_table(reader, &entry->key) : NULL;
	if (!inner)
		return unknown(reader, table, entry);
	int r = check_type(reader, &entry->value, TOML_TABLE);
	if (r < 0)
		return r;
	return schema_read_table(reader, inner, &entry->value, base);
}

int schema_read_table(struct schema_reader *reader, const char *table,
                      const struct toml_value *value, void *base) {
	size_t above = strlen(reader->path);
	for (size_t i = 0; i < value->table.count; i++) {
		const struct toml_entry *entry = &value->table.entries[i];
		snprintf(reader->path + above, sizeof(reader->path) - above, "%s%s",
		         above ? "." : "", entry->key.bytes);
		int r = read_entry(reader, table, entry, base);
		if (r < 0)
			return r;
		reader->path[above] = '\0';
	}
	return 0;
}

static const struct toml_entry *misspelt(const struct toml_value *root, const char *key) {
	for (size_t i = 0; i < root->table.count; i++) {
		if (one_letter_off(root->table.entries[i].key.bytes, key))
			return &root->table.entries[i];
	}
	return NULL;
}

int schema_read_required(struct schema_reader *reader, const struct toml_value *root,
                         const char *key) {
	snprintf(reader->path, sizeof(reader->path), "%s", key);
	for (size_t i = 0; i < root->table.count; i++) {
		const struct toml_entry *entry = &root->table.entries[i];
		if (!named(&entry->key, key))
			continue;
		int r = read_row(reader, find_row(reader, "", &entry->key), entry, reader->policy);
		reader->path[0] = '\0';
		return r;
	}
	const struct toml_entry *entry = misspelt(root, key);
	if (!entry)
		return schema_fail(reader, (struct toml_place){1, 1},
		                   "missing; every policy needs it");
	snprintf(reader->path, sizeof(reader->path), "%s", entry->key.bytes);
	return unknown(reader, "", entry);
}
