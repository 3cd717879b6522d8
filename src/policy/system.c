#include "policy/system.h"

#include "toml/toml.h"
#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SIZE_MAX ((size_t)65536)

/* (uid_t)-1 means "none" to the kernel; 0 would make the wall between user and vault root itself.
 */
#define ID_MIN 1
#define ID_MAX (INT64_C(0xffffffff) - 1)

static const struct field {
	const char *name;
	size_t offset;
} fields[] = {
	{"service_uid", offsetof(struct system, service_uid)},
	{"run_gid", offsetof(struct system, run_gid)},
};
_Static_assert(sizeof(uid_t) == sizeof(uint32_t) && sizeof(gid_t) == sizeof(uint32_t),
               "both fields hold 32 bits");

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

static bool is_known(const struct toml_string *key) {
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (key->size == strlen(fields[i].name) &&
		    memcmp(key->bytes, fields[i].name, key->size) == 0)
			return true;
	}
	return false;
}

static int check_keys(const struct toml_value *root, const char *path, struct error *err) {
	for (size_t i = 0; i < root->table.count; i++) {
		const struct toml_entry *entry = &root->table.entries[i];
		if (!is_known(&entry->key))
			return wrong(path, &entry->place, entry->key.bytes, "is unknown", err);
	}
	return 0;
}

static int parse(const struct buffer *text, const char *path, struct system *ret_system,
                 struct error *err) {
	cleanup_toml struct toml_document *document = NULL;
	struct system system = {0};
	int r = toml_parse(text->size > 0 ? text->bytes : "", text->size, path, &document, err);
	if (r == 0)
		r = check_keys(toml_root(document), path, err);
	for (size_t i = 0; r == 0 && i < ARRAY_SIZE(fields); i++)
		r = read_field(&fields[i], toml_root(document), path, &system, err);
	if (r == 0)
		*ret_system = system;
	return r;
}

int system_read(const char *path, const struct trust *trust, struct system *ret_system,
                struct error *err) {
	cleanup_fd int fd = -1;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	struct stat st;
	/* First, and by path: where nothing is set up, nobody has to be trusted for that. */
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return error_errno(err, ENOENT, "'%s'", path);
	int r = trust_open(path, O_RDONLY, trust, &fd, err);
	if (r < 0)
		return r;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EBADMSG, "'%s' is not a regular file; remove it", path);
	r = fd_read_all(fd, FILE_SIZE_MAX, &text);
	if (r == -EFBIG)
		return error_set(err, EBADMSG, "'%s' is larger than 64 KiB", path);
	if (r < 0)
		return error_errno(err, r, "'%s'", path);
	return parse(&text, path, ret_system, err);
}
