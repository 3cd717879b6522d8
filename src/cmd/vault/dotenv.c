#include "cmd/vault/dotenv.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#define NAME_MAX_SIZE 255

/* The reader's position. `value` has room for the whole text. */
struct scan {
	const struct dotenv_reader *reader;
	const unsigned char *at;
	const unsigned char *end;
	size_t line;
	char name[NAME_MAX_SIZE + 1];
	struct secret *value;
	bool failed;
};

static bool at_end(const struct scan *scan) {
	return scan->at == scan->end;
}

static bool at_line_end(const struct scan *scan) {
	return at_end(scan) || *scan->at == '\n' ||
	       (*scan->at == '\r' && scan->at + 1 < scan->end && scan->at[1] == '\n');
}

static void skip_blanks(struct scan *scan) {
	while (!at_end(scan) && (*scan->at == ' ' || *scan->at == '\t'))
		scan->at++;
}

static void skip_line(struct scan *scan) {
	while (!at_end(scan) && *scan->at != '\n')
		scan->at++;
	if (!at_end(scan))
		scan->at++;
	scan->line++;
}

/* NULL: no error. Otherwise the message. */
typedef const char *verdict;

static bool name_byte(unsigned char c, bool first) {
	return c == '_' || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (!first && c >= '0' && c <= '9');
}

static verdict take_name(struct scan *scan) {
	size_t size = 0;
	while (!at_end(scan) && name_byte(*scan->at, size == 0)) {
		if (size == NAME_MAX_SIZE)
			return "the name is too long";
		scan->name[size++] = (char)*scan->at++;
	}
	scan->name[size] = '\0';
	if (size == 0)
		return "a line is NAME=VALUE, and a name consists of A-Z a-z 0-9 _";
	return NULL;
}

static verdict take_key(struct scan *scan) {
	verdict wrong = take_name(scan);
	if (!wrong && strcmp(scan->name, "export") == 0 && !at_end(scan) &&
	    (*scan->at == ' ' || *scan->at == '\t')) {
		skip_blanks(scan);
		wrong = take_name(scan);
	}
	if (!wrong && (at_end(scan) || *scan->at != '='))
		return "'=' must follow the name directly";
	if (!wrong)
		scan->at++;
	return wrong;
}

static void put(struct scan *scan, unsigned char c) {
	scan->value->bytes[scan->value->size++] = c;
}

static verdict take_plain(struct scan *scan) {
	bool blank = false;
	for (; !at_line_end(scan); scan->at++) {
		unsigned char c = *scan->at;
		if (c == '#' && (blank || scan->value->size == 0))
			break;
		if (strchr("'\"\\$`", c))
			return "outside quotes, programs differ about ' \" \\ $ and `; put '...' "
			       "around the value";
		blank = c == ' ' || c == '\t';
		put(scan, c);
	}
	while (scan->value->size > 0 && strchr(" \t", scan->value->bytes[scan->value->size - 1]))
		scan->value->size--;
	return NULL;
}

/* Quoted values may span lines. */
static void count_line(struct scan *scan, unsigned char c) {
	scan->line += c == '\n';
}

static verdict take_single(struct scan *scan) {
	for (scan->at++; !at_end(scan) && *scan->at != '\''; scan->at++) {
		count_line(scan, *scan->at);
		put(scan, *scan->at);
	}
	if (at_end(scan))
		return "the value's ' is never closed";
	scan->at++;
	return NULL;
}

static verdict take_escape(struct scan *scan) {
	static const char letters[] = "nrt\\\"$`";
	static const char meant[] = "\n\r\t\\\"$`";
	if (++scan->at == scan->end)
		return "the value's \" is never closed";
	const char *letter = *scan->at ? strchr(letters, *scan->at) : NULL;
	if (!letter)
		return "after a \\ in \"...\" only n r t \\ \" $ and ` are allowed";
	put(scan, (unsigned char)meant[letter - letters]);
	return NULL;
}

static verdict take_byte(struct scan *scan) {
	put(scan, *scan->at);
	return NULL;
}

static verdict take_double(struct scan *scan) {
	for (scan->at++; !at_end(scan) && *scan->at != '"'; scan->at++) {
		count_line(scan, *scan->at);
		if (*scan->at == '$' || *scan->at == '`')
			return "some programs replace $ and ` in \"...\"; put '...' around the "
			       "value, or a \\ before it";
		/* An error may mean the end of the text, so do not advance. */
		verdict wrong = *scan->at == '\\' ? take_escape(scan) : take_byte(scan);
		if (wrong)
			return wrong;
	}
	if (at_end(scan))
		return "the value's \" is never closed";
	scan->at++;
	return NULL;
}

static verdict take_value(struct scan *scan) {
	scan->value->size = 0;
	if (at_end(scan) || (*scan->at != '\'' && *scan->at != '"'))
		return take_plain(scan);
	verdict wrong = *scan->at == '"' ? take_double(scan) : take_single(scan);
	if (wrong)
		return wrong;
	skip_blanks(scan);
	if (!at_line_end(scan) && *scan->at != '#')
		return "something follows the closing quote";
	return NULL;
}

static void report(struct scan *scan, size_t line, verdict wrong) {
	scan->failed = true;
	scan->reader->wrong(scan->reader->context, line, wrong);
}

static int deliver(struct scan *scan, size_t line, struct error *err) {
	const struct dotenv_entry entry = {line, scan->name, scan->value};
	if (scan->value->size > 0)
		return scan->reader->each(scan->reader->context, &entry, err);
	report(scan, line, "the value is empty; a secret has at least one byte");
	return 0;
}

static int read_line(struct scan *scan, struct error *err) {
	const size_t line = scan->line;
	skip_blanks(scan);
	if (at_line_end(scan) || *scan->at == '#') {
		skip_line(scan);
		return 0;
	}
	verdict wrong = take_key(scan);
	if (!wrong)
		wrong = take_value(scan);
	if (wrong)
		report(scan, line, wrong);
	int r = wrong ? 0 : deliver(scan, line, err);
	skip_line(scan);
	return r;
}

static int read_record(struct scan *scan, struct error *err) {
	const size_t line = scan->line++;
	const unsigned char *nul = memchr(scan->at, '\0', (size_t)(scan->end - scan->at));
	const unsigned char *end = scan->end;
	if (!nul) {
		report(scan, line, "the record does not end in a NUL byte");
		scan->at = scan->end;
		return 0;
	}
	scan->end = nul;
	verdict wrong = take_key(scan);
	scan->value->size = (size_t)(nul - scan->at);
	memcpy(scan->value->bytes, scan->at, scan->value->size);
	scan->end = end;
	scan->at = nul + 1;
	if (wrong)
		report(scan, line, wrong);
	return wrong ? 0 : deliver(scan, line, err);
}

/* Reads `text` from its byte `from` on. */
static int read_all(const struct secret *text, size_t from, const struct dotenv_reader *reader,
                    int (*step)(struct scan *scan, struct error *err), struct error *err) {
	if (text->size == from)
		return 0;
	cleanup_secret struct secret *value = NULL;
	int r = secret_new(text->size, &value, err);
	if (r < 0)
		return r;
	struct scan scan = {.reader = reader, .at = text->bytes + from, .line = 1, .value = value};
	scan.end = text->bytes + text->size;
	while (!at_end(&scan)) {
		r = step(&scan, err);
		if (r < 0)
			return r;
	}
	return scan.failed ? -EBADMSG : 0;
}

/* The size of a byte order mark, which some editors write before the text. */
static size_t mark_size(const struct secret *text) {
	static const unsigned char mark[] = {0xef, 0xbb, 0xbf};
	bool marked = text->size >= sizeof(mark) && memcmp(text->bytes, mark, sizeof(mark)) == 0;
	return marked ? sizeof(mark) : 0;
}

int dotenv_read(const struct secret *text, const struct dotenv_reader *reader, struct error *err) {
	if (text->size > 0 && memchr(text->bytes, '\0', text->size)) {
		reader->wrong(reader->context, 1, "there is a NUL byte in the file");
		return -EBADMSG;
	}
	return read_all(text, mark_size(text), reader, read_line, err);
}

int dotenv_read_records(const struct secret *text, const struct dotenv_reader *reader,
                        struct error *err) {
	return read_all(text, 0, reader, read_record, err);
}
