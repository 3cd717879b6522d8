#include "policy/system.h"

#include "policy/layers.h"
#include "toml/toml.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)65536)

/*
 * (uid_t)-1 means "none" to the kernel. With 0, root itself would be the service, and nothing would
 * separate programs from the vault.
 */
#define ID_MIN 1
#define ID_MAX (INT64_C(0xffffffff) - 1)

/* Optional, and the only key that is no id. */
#define SIGNATURE_KEY "require_signature"

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
	{"service_uid", offsetof(struct system, service_uid)},
	{"run_gid", offsetof(struct system, run_gid)},
};
_Static_assert(sizeof(uid_t) == sizeof(uint32_t) && sizeof(gid_t) == sizeof(uint32_t),
               "both ids hold 32 bits");

static int wrong(const char *path, const struct toml_place *place, const char *key,
                 const char *what, struct error *err) {
	return error_set(err, EBADMSG, "%s:%u:%u: %s: %s", path, place->line, place->column, key,
	                 what);
}

static int read_field(const struct field *field, const struct toml_value *root, const char *path,
                      struct system *system, struct error *err) {
	const struct toml_value *value = toml_get(root, field->name);
	if (!value)
		return wrong(path, &root->place, field->name, "is missing", err);
	if (value->type != TOML_INTEGER)
		return wrong(path, &value->place, field->name, "must be an integer", err);
	if (value->integer < ID_MIN || value->integer > ID_MAX)
		return wrong(path, &value->place, field->name, "must be from 1 to 4294967294", err);
	uint32_t id = (uint32_t)value->integer;
	memcpy((char *)system + field->offset, &id, sizeof(id));
	return 0;
}

static bool equals(const struct toml_string *string, const char *text) {
	return string->size == strlen(text) && memcmp(string->bytes, text, string->size) == 0;
}

/* A misspelt layer is an error: otherwise the real one would need no signatures. */
static int require_layer(const struct layers *layers, const struct toml_value *value,
                         const char *path, struct system *system, struct error *err) {
	for (size_t i = 0; value->type == TOML_STRING && i < layers->count; i++) {
		if (equals(&value->string, layers->paths[i])) {
			system->require_signature |= UINT32_C(1) << i;
			return 0;
		}
	}
	return wrong(path, &value->place, SIGNATURE_KEY,
	             "must be one of the system's layers (doc/formats/policy.md has the list)",
	             err);
}

static int read_layers(const struct toml_value *root, const char *path, struct system *system,
                       struct error *err) {
	cleanup_layers struct layers layers = {0};
	const struct toml_value *value = toml_get(root, SIGNATURE_KEY);
	if (!value)
		return 0;
	if (value->type != TOML_ARRAY)
		return wrong(path, &value->place, SIGNATURE_KEY, "must be an array of layers", err);
	int r = layers_for_system(&layers, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < value->array.count; i++) {
		r = require_layer(&layers, &value->array.values[i], path, system, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_known(const struct toml_string *key) {
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (equals(key, fields[i].name))
			return true;
	}
	return equals(key, SIGNATURE_KEY);
}

static int check_keys(const struct toml_value *root, const char *path, struct error *err) {
	for (size_t i = 0; i < root->table.count; i++) {
		const struct toml_entry *entry = &root->table.entries[i];
		if (!is_known(&entry->key))
			return wrong(path, &entry->place, entry->key.bytes, "is unknown", err);
	}
	return 0;
}

static int read_fields(const struct toml_value *root, const char *path, struct system *system,
                       struct error *err) {
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		int r = read_field(&fields[i], root, path, system, err);
		if (r < 0)
			return r;
	}
	return read_layers(root, path, system, err);
}

static int parse(const struct buffer *text, const char *path, struct system *ret_system,
                 struct error *err) {
	cleanup_toml struct toml_document *document = NULL;
	struct system system = {0};
	int r = toml_parse(text->size > 0 ? text->bytes : "", text->size, path, &document, err);
	if (r < 0)
		return r;
	const struct toml_value *root = toml_root(document);
	r = check_keys(root, path, err);
	if (r < 0)
		return r;
	r = read_fields(root, path, &system, err);
	if (r < 0)
		return r;
	*ret_system = system;
	return 0;
}

int system_read(const char *path, const struct trust *trust, struct system *ret_system,
                struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	/* Tested first, by path: where system mode is not set up, nothing has to be trusted. */
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return error_errno(err, ENOENT, "'%s'", path);
	int r = trust_read(path, FILE_SIZE_MAX, trust, &text, err);
	if (r < 0)
		return r == -EFBIG ? -EBADMSG : r;
	return parse(&text, path, ret_system, err);
}
