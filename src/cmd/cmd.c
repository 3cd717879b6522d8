#include "cmd/cmd.h"

#include "util/version.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <string.h>

/* What runs now: usage errors show how it is called. */
static struct {
	const char *program;
	const struct cmd *verb;
} current;

/* As in an error's text: what came from outside must not drive a terminal. */
__attribute__((format(printf, 1, 0))) static void say(const char *format, va_list args) {
	char text[2048];
	vsnprintf(text, sizeof(text), format, args);
	for (char *c = text; *c; c++) {
		if (iscntrl((unsigned char)*c))
			*c = '?';
	}
	fprintf(stderr, "envseal: %s\n", text);
}

void cmd_say(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
}

int cmd_fail(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
	return CMD_FAILED;
}

int cmd_usage_error(const char *format, ...) {
	va_list args;
	va_start(args, format);
	say(format, args);
	va_end(args);
	cmd_print_usage(stderr);
	return CMD_USAGE;
}

void cmd_print_usage(FILE *to) {
	if (!current.verb)
		return;
	fprintf(to, "usage: %s %s%s%s\n", current.program, current.verb->name,
	        current.verb->usage[0] ? " " : "", current.verb->usage);
}

static int width_of(const struct cmd *table) {
	size_t width = 0;
	for (const struct cmd *row = table; row->name; row++) {
		size_t length = strlen(row->name);
		width = length > width ? length : width;
	}
	return (int)width;
}

static void print_table(FILE *to, const char *program, const struct cmd *table) {
	int width = width_of(table);
	fprintf(to, "usage: %s COMMAND [OPTION...] [ARGUMENT...]\n\n", program);
	for (const struct cmd *row = table; row->name; row++)
		fprintf(to, "  %-*s  %s\n", width, row->name, row->help);
	fprintf(to, "\n'%s COMMAND --help' shows how one is called; see envseal(1)\n", program);
}

static const struct cmd *find(const struct cmd *table, const char *name) {
	for (const struct cmd *row = table; row->name; row++) {
		if (strcmp(row->name, name) == 0)
			return row;
	}
	return NULL;
}

static bool is_one_of(const char *word, const char *first, const char *second) {
	return strcmp(word, first) == 0 || strcmp(word, second) == 0;
}

static int run(const char *program, const struct cmd *verb, int argc, char **argv) {
	current.program = program;
	current.verb = verb;
	int status = verb->run(argc, argv);
	return status == CMD_ANSWERED ? CMD_OK : status;
}

/* Nor is the word shown: somebody may have forgotten the verb in front of a value. */
static int unknown(const char *program) {
	return cmd_usage_error("there is no such command; see '%s help'", program);
}

static int help(const char *program, const struct cmd *table, int argc, char **argv) {
	if (argc < 2) {
		print_table(stdout, program, table);
		return CMD_OK;
	}
	const struct cmd *verb = find(table, argv[1]);
	char option[] = "--help";
	char *asked[] = {argv[1], option, NULL};
	return verb ? run(program, verb, 2, asked) : unknown(program);
}

static int choose(const char *program, const struct cmd *table, int argc, char **argv) {
	if (argc < 2) {
		print_table(stderr, program, table);
		return CMD_USAGE;
	}
	if (is_one_of(argv[1], "help", "--help") || strcmp(argv[1], "-h") == 0)
		return help(program, table, argc - 1, argv + 1);
	if (is_one_of(argv[1], "version", "--version")) {
		puts("envseal " ENVSEAL_VERSION);
		return CMD_OK;
	}
	const struct cmd *verb = find(table, argv[1]);
	return verb ? run(program, verb, argc - 1, argv + 1) : unknown(program);
}

int cmd_dispatch(const char *program, const struct cmd *table, int argc, char **argv) {
	int status = choose(program, table, argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == CMD_OK)
		return cmd_fail("standard output could not be written");
	return status;
}
