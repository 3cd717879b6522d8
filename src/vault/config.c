#include "vault/config.h"

#include "toml/toml.h"
#include "util/buffer.h"
#include "util/fd.h"
#include "vault/bytes.h"
#include "vault/layout.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#define FILE_SIZE_MAX 4096

static const char domain[16] = "envseal vault";

/* The parts that the MAC covers. Each has a fixed size; only the last is optional. */
void config_mac(const struct config *config, const struct secret *key,
                uint8_t ret_mac[static CONFIG_MAC_BYTES]) {
	unsigned char input[sizeof(domain) + 4 + CONFIG_ID_BYTES + VAULT_KEY_BYTES +
	                    CONFIG_RETIRED_BYTES];
	unsigned char *at = input;
	memcpy(at, domain, sizeof(domain));
	at += sizeof(domain);
	bytes_put(at, 4, CONFIG_VERSION);
	at += 4;
	memcpy(at, config->id, sizeof(config->id));
	at += sizeof(config->id);
	memcpy(at, config->public_key, sizeof(config->public_key));
	at += sizeof(config->public_key);
	if (config->retiring) {
		memcpy(at, config->retired, sizeof(config->retired));
		at += sizeof(config->retired);
	}
	crypto_generichash(ret_mac, CONFIG_MAC_BYTES, input, (size_t)(at - input), key->bytes,
	                   key->size);
}

const char *config_slots(const struct config *config) {
	return config->retiring ? LAYOUT_SLOTS_NEXT : LAYOUT_SLOTS;
}

/* The keys whose values are bytes in hexadecimal. */
static const struct field {
	const char *name;
	size_t offset;
	size_t size;
	bool only_retiring;
} fields[] = {
	{"id", offsetof(struct config, id), CONFIG_ID_BYTES, false},
	{"public_key", offsetof(struct config, public_key), VAULT_KEY_BYTES, false},
	{"retired", offsetof(struct config, retired), CONFIG_RETIRED_BYTES, true},
	{"mac", offsetof(struct config, mac), CONFIG_MAC_BYTES, false},
};

static int wrong(const char *path, const struct toml_place *place, const char *key,
                 const char *what, struct error *err) {
	return error_set(err, EBADMSG, "%s:%u:%u: %s: %s; restore the file from a backup", path,
	                 place->line, place->column, key, what);
}

static int read_field(const struct field *field, const struct toml_value *root, const char *path,
                      struct config *config, struct error *err) {
	const struct toml_value *value = toml_get(root, field->name);
	if (!value)
		return wrong(path, &root->place, field->name, "is missing", err);
	if (value->type != TOML_STRING)
		return wrong(path, &value->place, field->name, "must be a string", err);
	const struct toml_string *text = &value->string;
	if (text->size != 2 * field->size || strspn(text->bytes, "0123456789abcdef") != text->size)
		return wrong(path, &value->place, field->name, "has the wrong length or digits",
		             err);
	sodium_hex2bin((unsigned char *)config + field->offset, field->size, text->bytes,
	               text->size, NULL, NULL, NULL);
	return 0;
}

static bool is_key(const struct toml_string *key, const char *name) {
	return key->size == strlen(name) && memcmp(key->bytes, name, key->size) == 0;
}

static int check_keys(const struct toml_value *root, const char *path, struct error *err) {
	for (size_t i = 0; i < root->table.count; i++) {
		const struct toml_entry *entry = &root->table.entries[i];
		bool known = is_key(&entry->key, "version");
		for (size_t f = 0; f < ARRAY_SIZE(fields); f++)
			known = known || is_key(&entry->key, fields[f].name);
		if (!known)
			return wrong(path, &entry->place, "a key", "is unknown", err);
	}
	return 0;
}

static int check_version(const struct toml_value *root, const char *path, struct error *err) {
	const struct toml_value *version = toml_get(root, "version");
	if (!version)
		return wrong(path, &root->place, "version", "is missing", err);
	if (version->type != TOML_INTEGER)
		return wrong(path, &version->place, "version", "must be an integer", err);
	if (version->integer != CONFIG_VERSION)
		return error_set(err, EBADMSG,
		                 "%s:%u:%u: version: this envseal knows only %d; use a "
		                 "newer envseal",
		                 path, version->place.line, version->place.column, CONFIG_VERSION);
	return 0;
}

static int parse(const struct buffer *text, const char *path, struct config *ret_config,
                 struct error *err) {
	cleanup_toml struct toml_document *document = NULL;
	int r = toml_parse(text->bytes, text->size, path, &document, err);
	if (r < 0)
		return r;
	const struct toml_value *root = toml_root(document);
	struct config config = {0};
	if ((r = check_version(root, path, err)) < 0 || (r = check_keys(root, path, err)) < 0)
		return r;
	config.retiring = toml_get(root, "retired") != NULL;
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (fields[i].only_retiring && !config.retiring)
			continue;
		if ((r = read_field(&fields[i], root, path, &config, err)) < 0)
			return r;
	}
	*ret_config = config;
	return 0;
}

int config_read(int dirfd, const char *directory, struct config *ret_config, struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" LAYOUT_CONFIG, directory);
	cleanup_fd int fd = -1;
	int r = layout_open_file(dirfd, LAYOUT_CONFIG, path, &fd, NULL, err);
	if (r == -ENOENT)
		return error_set(err, ENOENT, "no vault in '%s'; make one with: envseal init",
		                 directory);
	if (r < 0)
		return r;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	r = fd_read_all(fd, FILE_SIZE_MAX, &text);
	if (r == -EFBIG)
		return error_set(err, EBADMSG,
		                 "'%s' is larger than any vault.toml; restore it from a "
		                 "backup",
		                 path);
	if (r < 0)
		return error_errno(err, r, "cannot read '%s'", path);
	return parse(&text, path, ret_config, err);
}

int config_write(const struct writer *writer, int dirfd, const struct config *config, bool replace,
                 struct error *err) {
	char path[LAYOUT_PATH_MAX];
	snprintf(path, sizeof(path), "%s/" LAYOUT_CONFIG, writer->directory);
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_format(&text, "version = %d\n", CONFIG_VERSION);
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		char hex[2 * CONFIG_RETIRED_BYTES + 1];
		if (fields[i].only_retiring && !config->retiring)
			continue;
		sodium_bin2hex(hex, sizeof(hex), (const unsigned char *)config + fields[i].offset,
		               fields[i].size);
		buffer_format(&text, "%s = \"%s\"\n", fields[i].name, hex);
	}
	if (text.failed)
		return error_errno(err, ENOMEM, "'%s'", path);
	return writer_write(writer, dirfd, LAYOUT_CONFIG, text.bytes, text.size, replace, path,
	                    err);
}
