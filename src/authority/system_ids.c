#include "authority/system_ids.h"

#include "util/buffer.h"
#include "util/cleanup.h"
#include "util/trust.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define FILE_SIZE_MAX ((size_t)65536)

/* (uid_t)-1 means "none" to the kernel; 0 would make root the only wall between user and vault. */
#define ID_MAX (UINT32_MAX - 1)

enum { SERVICE_UID, RUN_GID, KEY_COUNT };

static const char *const keys[KEY_COUNT] = {
	[SERVICE_UID] = "service_uid",
	[RUN_GID] = "run_gid",
};

static const char *skip_blanks(const char *at) {
	return at + strspn(at, " \t");
}

/* What follows "KEY =" at the start of the line; NULL: the line is about something else. */
static const char *value_of(const char *line, const char *key) {
	size_t size = strlen(key);
	if (strncmp(line, key, size) != 0)
		return NULL;
	const char *at = skip_blanks(line + size);
	return *at == '=' ? skip_blanks(at + 1) : NULL;
}

/* A decimal number, then nothing but a comment. */
static bool parse_id(const char *text, uint32_t *ret_id) {
	uint64_t id = 0;
	size_t digits = strspn(text, "0123456789");
	if (digits == 0 || digits > 10 || text[0] == '0')
		return false;
	for (size_t i = 0; i < digits; i++)
		id = id * 10 + (uint64_t)(text[i] - '0');
	const char *end = skip_blanks(text + digits);
	bool ends = *end == '\0' || *end == '#' || (end[0] == '\r' && end[1] == '\0');
	if (!ends || id > ID_MAX)
		return false;
	*ret_id = (uint32_t)id;
	return true;
}

/* `ids` are 0 until their lines were seen. */
static int read_line(const char *path, unsigned int number, const char *line,
                     uint32_t ids[KEY_COUNT], struct error *err) {
	for (size_t i = 0; i < KEY_COUNT; i++) {
		const char *value = value_of(line, keys[i]);
		if (!value)
			continue;
		if (ids[i])
			return error_set(err, EBADMSG, "%s:%u: %s: the key is there twice", path,
			                 number, keys[i]);
		if (!parse_id(value, &ids[i]))
			return error_set(err, EBADMSG,
			                 "%s:%u: %s: must be a decimal number from 1 to %u", path,
			                 number, keys[i], (unsigned int)ID_MAX);
	}
	return 0;
}

static int read_lines(const char *path, char *text, uint32_t ids[KEY_COUNT], struct error *err) {
	unsigned int number = 1;
	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n"), number++) {
		int r = read_line(path, number, line, ids, err);
		if (r < 0)
			return r;
	}
	return 0;
}

int system_ids_read(const char *path, const struct trust *trust, struct system_ids *ret_ids,
                    struct error *err) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	uint32_t ids[KEY_COUNT] = {0};
	/*
	 * First by path: where system mode was never set up, the directories above need not be
	 * root's.
	 */
	if (access(path, F_OK) < 0 && errno == ENOENT)
		return error_errno(err, ENOENT, "'%s'", path);
	int r = trust_read(path, FILE_SIZE_MAX, trust, &text, err);
	if (r < 0)
		return r == -EFBIG ? -EBADMSG : r;
	if (text.size > 0)
		r = read_lines(path, text.bytes, ids, err);
	if (r < 0)
		return r;
	for (size_t i = 0; i < KEY_COUNT; i++) {
		if (!ids[i])
			return error_set(err, EBADMSG,
			                 "%s: %s: is missing; it needs a line of its own", path,
			                 keys[i]);
	}
	*ret_ids = (struct system_ids){.service_uid = ids[SERVICE_UID], .run_gid = ids[RUN_GID]};
	return 0;
}
