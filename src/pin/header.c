#include "pin/header.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

/*
 * The kernel reads so much of a first line (BINPRM_BUF_SIZE, less the NUL); a longer one it cuts.
 */
#define LINE_MAX_BYTES 255
#define WORDS_MAX 64

static int unclear(const char *path, const char *what, struct error *err) {
	return error_set(err, ENOEXEC,
	                 "'%s' %s; name the program in its policy ([script] interpreter)", path,
	                 what);
}

static char *skip_blanks(char *text) {
	return text + strspn(text, " \t");
}

static void cut_blanks(char *text) {
	size_t length = strlen(text);
	while (length > 0 && strchr(" \t", text[length - 1]))
		text[--length] = '\0';
}

/* The unread rest of a script's first lines; a NUL follows. */
struct rest {
	char *text;
	size_t size;
};

/* Takes one line. Characters that editors do not show (mostly carriage returns) are refused. */
static int take_line(struct rest *rest, const char *path, char **ret_line, struct error *err) {
	char *line = rest->text;
	const char *newline = rest->size ? memchr(line, '\n', rest->size) : NULL;
	size_t length = newline ? (size_t)(newline - line) : rest->size;
	if (length > LINE_MAX_BYTES)
		return unclear(path, "has a header line of more than 255 bytes", err);
	for (size_t i = 0; i < length; i++) {
		if (line[i] == '\r')
			return unclear(
				path,
				"ends its header with a carriage return (save it with Unix line "
				"ends)",
				err);
		if (iscntrl((unsigned char)line[i]) && line[i] != '\t')
			return unclear(path, "has a control character in its header", err);
	}
	line[length] = '\0';
	rest->text += length + (newline != NULL);
	rest->size -= length + (newline != NULL);
	*ret_line = line;
	return 0;
}

/*
 * What follows "#!", behind one of the marks that begin a comment elsewhere; NULL when there is
 * none.
 */
static char *after_mark(char *line, bool comments) {
	static const char *const marks[] = {"", "//", "--", ";"};
	for (size_t i = 0; i < (comments ? ARRAY_SIZE(marks) : 1); i++) {
		size_t length = strlen(marks[i]);
		if (strncmp(line, marks[i], length) == 0 && strncmp(line + length, "#!", 2) == 0)
			return skip_blanks(line + length + 2);
	}
	return NULL;
}

struct words {
	char *items[WORDS_MAX];
	size_t count;
};

static int split(char *text, const char *path, struct words *words, struct error *err) {
	/* env -S has its own syntax for these, which is not implemented a second time here. */
	if (strpbrk(text, "\"'\\$"))
		return unclear(path,
		               "has quotes, '\\' or '$' in its header, which are not interpreted",
		               err);
	for (char *word = strtok_r(text, " \t", &text); word; word = strtok_r(NULL, " \t", &text)) {
		if (words->count == WORDS_MAX)
			return unclear(path, "has too many words in its header", err);
		words->items[words->count++] = word;
	}
	return 0;
}

static bool is_env(const char *program) {
	return strcmp(program, "/usr/bin/env") == 0 || strcmp(program, "/bin/env") == 0;
}

/* env(1) splits what follows -S, and nothing else. */
static char *split_argument(char *rest) {
	static const char *const flags[] = {"-S", "--split-string="};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		if (strncmp(rest, flags[i], strlen(flags[i])) == 0)
			return skip_blanks(rest + strlen(flags[i]));
	}
	return NULL;
}

/* The program, then its options. `all`: split at every blank; else as the kernel does. */
static int take_words(char *text, bool all, const char *path, struct words *words,
                      struct error *err) {
	char *rest = text + strcspn(text, " \t");
	if (*rest) {
		*rest = '\0';
		rest = skip_blanks(rest + 1);
	}
	words->items[words->count++] = text;
	char *argument = is_env(text) ? split_argument(rest) : NULL;
	if (argument || all)
		return split(argument ? argument : rest, path, words, err);
	if (*rest)
		words->items[words->count++] = rest;
	return 0;
}

static bool is_name(const char *word) {
	return word[0] != '\0' && word[0] != '-' && !strpbrk(word, " \t/=");
}

/* An absolute path behind env needs no search. */
static int take_program(const struct words *words, const char *path, struct script_header *header,
                        size_t *ret_options, struct error *err) {
	bool env = is_env(words->items[0]);
	if (env && words->count < 2)
		return unclear(path, "has an env without a program in its header", err);
	const char *word = words->items[env ? 1 : 0];
	bool absolute = path_is_normal(word);
	if (!absolute && !(env && is_name(word)))
		return unclear(
			path,
			env ? "gives env more than a program's name (with -S it may have options)"
			    : "does not name its interpreter by an absolute path",
			err);
	char *copy = strdup(word);
	if (!copy)
		return error_errno(err, ENOMEM, "'%s'", path);
	*(absolute ? &header->interpreter : &header->name) = copy;
	*ret_options = env ? 2 : 1;
	return 0;
}

/*
 * Perl reads the first line too and executes what it names; with -x it starts at the line that
 * names perl.
 */
static bool needs_x(const struct script_header *header) {
	const char *program = header->interpreter ? path_base(header->interpreter) : header->name;
	return strncmp(program, "perl", 4) == 0;
}

static int interpret(struct words *words, bool second, const char *path,
                     struct script_header *header, struct error *err) {
	size_t first = 0, count = 0;
	int r = take_program(words, path, header, &first, err);
	if (r < 0)
		return r;
	header->options = calloc(words->count - first + 2, sizeof(*header->options));
	if (!header->options)
		return error_errno(err, ENOMEM, "'%s'", path);
	if (second && needs_x(header) && !(header->options[count++] = strdup("-x")))
		return error_errno(err, ENOMEM, "'%s'", path);
	for (size_t i = first; i < words->count; i++) {
		if (!(header->options[count++] = strdup(words->items[i])))
			return error_errno(err, ENOMEM, "'%s'", path);
	}
	return 0;
}

static int read_line(struct rest *rest, bool second, const char *path,
                     struct script_header *ret_header, struct error *err) {
	cleanup_script_header struct script_header header = {0};
	struct words words = {.count = 0};
	char *line = NULL;
	int r = take_line(rest, path, &line, err);
	if (r < 0)
		return r;
	char *program = after_mark(line, second);
	if (!program || *program == '\0')
		return unclear(path,
		               second ? "has no second line such as '#!/usr/bin/python3'"
		                      : "has no line '#!/path/to/interpreter'",
		               err);
	cut_blanks(program);
	r = take_words(program, second, path, &words, err);
	if (r < 0)
		return r;
	r = interpret(&words, second, path, &header, err);
	if (r < 0)
		return r;
	*ret_header = header;
	header = (struct script_header){0};
	return 0;
}

static bool is_ours(const struct script_header *header) {
	const char *program = header->interpreter ? path_base(header->interpreter) : header->name;
	return strcmp(program, "envseal-exec") == 0;
}

int script_header_read(int fd, const char *path, struct script_header *ret_header,
                       struct error *err) {
	cleanup_script_header struct script_header header = {0};
	char start[2 * (LINE_MAX_BYTES + 2)];
	ssize_t size;
	while ((size = pread(fd, start, sizeof(start) - 1, 0)) < 0 && errno == EINTR)
		continue;
	if (size < 0)
		return error_errno(err, errno, "'%s'", path);
	start[size] = '\0';
	struct rest rest = {start, (size_t)size};
	int r = read_line(&rest, false, path, &header, err);
	if (r < 0)
		return r;
	if (is_ours(&header)) {
		script_header_free(&header);
		r = read_line(&rest, true, path, &header, err);
		if (r < 0)
			return r;
	}
	if (is_ours(&header))
		return unclear(path, "names envseal-exec as its interpreter twice", err);
	*ret_header = header;
	header = (struct script_header){0};
	return 0;
}

void script_header_free(struct script_header *header) {
	for (char **option = header->options; option && *option; option++)
		free(*option);
	free(header->options);
	free(header->interpreter);
	free(header->name);
	*header = (struct script_header){0};
}
