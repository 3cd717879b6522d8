#include "vault/names.h"

#include "vault/vault.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

static bool is_allowed(char c) {
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '.' || c == '_' || c == '-';
}

static bool has_suffix(const char *segment, size_t length) {
	const size_t suffix = strlen(NAMES_SUFFIX);
	return length >= suffix && memcmp(segment + length - suffix, NAMES_SUFFIX, suffix) == 0;
}

/* No message shows the name: it may be a secret that was typed in the wrong place. */
static int check_segment(const char *segment, size_t length, struct error *err) {
	if (length == 0)
		return error_set(err, EINVAL,
		                 "a secret's name has no empty part; use one '/' between parts "
		                 "and none at either end");
	if (segment[0] == '.')
		return error_set(err, EINVAL, "no part of a secret's name may start with a dot");
	if (length > NAMES_SEGMENT_MAX)
		return error_set(err, EINVAL, "a part of a secret's name has at most %d bytes",
		                 NAMES_SEGMENT_MAX);
	if (has_suffix(segment, length))
		return error_set(err, EINVAL, "no part of a secret's name may end in '%s'",
		                 NAMES_SUFFIX);
	for (size_t i = 0; i < length; i++) {
		if (!is_allowed(segment[i]))
			return error_set(
				err, EINVAL,
				"a secret's name is made of A-Z a-z 0-9 . _ - and '/' only");
	}
	return 0;
}

int vault_name_check(const char *name, struct error *err) {
	size_t length = strlen(name);
	if (length == 0 || length > VAULT_NAME_MAX)
		return error_set(err, EINVAL, "a secret's name has 1 to %d bytes", VAULT_NAME_MAX);
	for (const char *segment = name;;) {
		size_t size = strcspn(segment, "/");
		int r = check_segment(segment, size, err);
		if (r < 0)
			return r;
		if (segment[size] == '\0')
			return 0;
		segment += size + 1;
	}
}

void names_file(const char *segment, char ret_file[static NAME_MAX + 1]) {
	size_t length = strnlen(segment, NAMES_SEGMENT_MAX);
	memcpy(ret_file, segment, length);
	memcpy(ret_file + length, NAMES_SUFFIX, sizeof(NAMES_SUFFIX));
}

size_t names_of_file(const char *file) {
	size_t length = strlen(file);
	return has_suffix(file, length) ? length - strlen(NAMES_SUFFIX) : 0;
}
