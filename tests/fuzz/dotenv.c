#include "cmd/vault/dotenv.c"

#include "fuzz.h"

#include <errno.h>
#include <sodium.h>

/*
 * libFuzzer target of `envseal import`: both formats; names are names, values are not empty, lines
 * are the text's.
 */

struct seen {
	const struct secret *text;
	size_t lines;
	size_t entries;
	size_t wrong;
};

static int take(void *context, const struct dotenv_entry *entry, struct error *err) {
	struct seen *seen = context;
	(void)err;
	seen->entries++;
	MUST(entry->line >= 1 && entry->line <= seen->lines);
	MUST(entry->value->size >= 1 && entry->value->size <= seen->text->size);
	MUST(entry->name[0] != '\0' && strlen(entry->name) <= 255);
	for (const char *c = entry->name; *c; c++)
		MUST(strchr("_ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", *c));
	return 0;
}

static void refuse(void *context, size_t line, const char *what) {
	struct seen *seen = context;
	seen->wrong++;
	MUST(line >= 1 && line <= seen->lines && what[0] != '\0');
}

static size_t count(const struct secret *text, unsigned char end) {
	size_t n = 1;
	for (size_t i = 0; i < text->size; i++)
		n += text->bytes[i] == end;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	struct seen seen = {0};
	cleanup_secret struct secret *text = NULL;
	const struct dotenv_reader reader = {take, refuse, &seen};
	if (sodium_init() < 0 || size < 2 ||
	    secret_from_bytes(bytes + 1, size - 1, &text, &err) < 0)
		return 0;
	bool records = bytes[0] % 2;
	seen.text = text;
	seen.lines = count(text, records ? '\0' : '\n');
	int r = records ? dotenv_read_records(text, &reader, &err)
	                : dotenv_read(text, &reader, &err);
	MUST(r == (seen.wrong ? -EBADMSG : 0));
	return 0;
}
