#include "cmd/vault/public_keys.h"

#include "cmd/cmd.h"
#include "policy/system.h"
#include "run/location.h"
#include "util/buffer.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/path.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdbool.h>
#include <string.h>

#define FILE_SIZE_MAX ((size_t)1024 * 1024)
#define HEX_SIZE (2 * VAULT_KEY_BYTES)

/* How the file is trusted and created, for a user's and for the system's vault. */
struct side {
	bool sticky;
	mode_t directory_mode;
	mode_t file_mode;
};

static const struct side user_side = {.sticky = true, .directory_mode = 0700, .file_mode = 0600};
static const struct side system_side = {.sticky = false, .directory_mode = 0755, .file_mode = 0644};

/* The file of copies, and the line that it should have for this vault. */
struct copy {
	const struct side *side;
	char *file;
	struct buffer text; /* empty when there is no file */
	char *line;
	bool exists;
};

static void copy_free(struct copy *copy) {
	free(copy->file);
	free(copy->line);
	buffer_free(&copy->text);
}

#define cleanup_copy __attribute__((cleanup(copy_free)))

static int make_line(const struct vault *vault, char **ret_line, struct error *err) {
	cleanup_buffer struct buffer line = BUFFER_INIT;
	cleanup_free char *real = realpath(vault_directory(vault), NULL);
	char hex[HEX_SIZE + 1];
	if (!real)
		return error_errno(err, errno, "'%s'", vault_directory(vault));
	if (strchr(real, '\n'))
		return error_set(err, EINVAL, "'%s': a vault's path cannot contain a newline",
		                 real);
	sodium_bin2hex(hex, sizeof(hex), vault_public_key(vault), VAULT_KEY_BYTES);
	buffer_format(&line, "%s %s", hex, real);
	char *text = buffer_steal(&line);
	if (!text)
		return error_errno(err, ENOMEM, "'%s'", real);
	*ret_line = text;
	return 0;
}

static int read_file(struct copy *copy, struct error *err) {
	const struct trust trust = {.owner = geteuid(), .sticky = copy->side->sticky};
	cleanup_fd int fd = -1;
	int r = trust_open(copy->file, O_RDONLY, &trust, &fd, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	r = fd_read_all(fd, FILE_SIZE_MAX, &copy->text);
	if (r < 0)
		return error_errno(err, r, "cannot read '%s'", copy->file);
	copy->exists = true;
	return 0;
}

/* The system's vault is compared with root's file only, never with a user's. */
static int find_file(const struct vault *vault, struct copy *copy, struct error *err) {
	bool system = strcmp(vault_directory(vault), SYSTEM_VAULT) == 0;
	copy->side = system ? &system_side : &user_side;
	if (!system)
		return location_public_keys(environ, &copy->file, err);
	copy->file = strdup(SYSTEM_PUBLIC_KEYS);
	return copy->file ? 0 : error_errno(err, ENOMEM, "'%s'", SYSTEM_PUBLIC_KEYS);
}

static int copy_read(const struct vault *vault, struct copy *copy, struct error *err) {
	int r = find_file(vault, copy, err);
	if (r < 0)
		return r;
	r = make_line(vault, &copy->line, err);
	if (r < 0)
		return r;
	return read_file(copy, err);
}

/* Whether the line `text` of `length` bytes names the same directory as `line`. */
static bool same_directory(const char *text, size_t length, const char *line) {
	const char *directory = line + HEX_SIZE;
	return length >= HEX_SIZE && text[0] != '#' && strlen(directory) == length - HEX_SIZE &&
	       memcmp(text + HEX_SIZE, directory, length - HEX_SIZE) == 0;
}

/* The next line; false at the end. `*text` moves on. */
static bool next_line(const char **text, const char **ret_line, size_t *ret_length) {
	if (**text == '\0')
		return false;
	*ret_line = *text;
	*ret_length = strcspn(*text, "\n");
	*text += *ret_length + ((*text)[*ret_length] == '\n');
	return true;
}

int public_keys_record(const struct vault *vault, struct error *err) {
	cleanup_copy struct copy copy = {0};
	cleanup_buffer struct buffer text = BUFFER_INIT;
	int r = copy_read(vault, &copy, err);
	if (r < 0)
		return r;
	const char *line;
	size_t length;
	for (const char *at = copy.exists ? copy.text.bytes : ""; next_line(&at, &line, &length);) {
		if (same_directory(line, length, copy.line))
			continue;
		buffer_append(&text, line, length);
		buffer_char(&text, '\n');
	}
	buffer_format(&text, "%s\n", copy.line);
	cleanup_free char *directory =
		strndup(copy.file, (size_t)(path_base(copy.file) - copy.file));
	if (text.failed || !directory)
		return error_errno(err, ENOMEM, "'%s'", copy.file);
	r = file_make_directories(directory, copy.side->directory_mode, err);
	if (r < 0)
		return r;
	cleanup_fd int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return error_errno(err, errno, "'%s'", directory);
	return file_write_atomic(fd, path_base(copy.file), text.bytes, text.size,
	                         copy.side->file_mode, true, copy.file, err);
}

static int altered(const struct vault *vault, const char *file, struct error *err) {
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(vault_public_key(vault), fingerprint);
	return error_set(err, EKEYREJECTED,
	                 "the public key of vault '%s' (%s) is not the one in '%s': somebody "
	                 "altered the vault, or made it anew; compare both, and remove the "
	                 "line from that file only if the vault's key is right",
	                 vault_directory(vault), fingerprint, file);
}

/* All lines for the directory must agree: a matching line must not hide another that differs. */
int public_keys_compare(const struct vault *vault, struct error *err) {
	cleanup_copy struct copy copy = {0};
	int r = copy_read(vault, &copy, err);
	if (r < 0)
		return r;
	const char *line;
	size_t length;
	bool found = false;
	for (const char *at = copy.exists ? copy.text.bytes : ""; next_line(&at, &line, &length);) {
		if (!same_directory(line, length, copy.line))
			continue;
		if (memcmp(line, copy.line, HEX_SIZE) != 0)
			return altered(vault, copy.file, err);
		found = true;
	}
	return found ? 0
	             : error_set(err, ENOENT, "'%s' has no line for vault '%s'", copy.file,
	                         vault_directory(vault));
}

int public_keys_check(const struct vault *vault, struct error *err) {
	int r = public_keys_compare(vault, err);
	if (r != -ENOENT)
		return r;
	char fingerprint[VAULT_FINGERPRINT_SIZE];
	vault_fingerprint(vault_public_key(vault), fingerprint);
	cmd_say("warning: %s, so its key %s cannot be compared", err->text, fingerprint);
	return 0;
}
