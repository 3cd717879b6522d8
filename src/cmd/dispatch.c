#include "cmd/cmd.h"
#include "cmd/options.h"
#include "util/cleanup.h"
#include "util/nearest.h"
#include "util/version.h"

#include <stdbool.h>
#include <string.h>

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
	fprintf(to, "\n'%s COMMAND --help' explains a command; the manual is envseal(1)\n",
	        program);
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
	cmd_enter(program, verb);
	int status = verb->run(argc, argv);
	return status == CMD_ANSWERED ? CMD_OK : status;
}

static bool wants_a_value(const char *program, const char *word) {
	static const char *const verbs[] = {"get", "show", "cat", "print", "read", "export"};
	for (size_t i = 0; i < ARRAY_SIZE(verbs) && strcmp(program, "envseal") == 0; i++) {
		if (strcmp(word, verbs[i]) == 0)
			return true;
	}
	return false;
}

/* What was typed is not shown: somebody may have forgotten the verb in front of a value. */
static int unknown(const char *program, const struct cmd *table, const char *word) {
	if (wants_a_value(program, word))
		return cmd_usage_error("no command prints a secret; to give it to a program: "
		                       "envseal policy new COMMAND --secret VARIABLE=NAME");
	struct nearest nearest = {.typed = word, .length = strlen(word)};
	for (; table->name; table++)
		nearest_offer(&nearest, table->name);
	if (nearest.word)
		return cmd_usage_error("there is no such command; did you mean '%s %s'?", program,
		                       nearest.word);
	return cmd_usage_error("there is no such command; see '%s help'", program);
}

static int help(const char *program, const struct cmd *table, int argc, char **argv) {
	if (argc < 2 || argv[1][0] == '-') {
		print_table(stdout, program, table);
		return CMD_OK;
	}
	const struct cmd *verb = find(table, argv[1]);
	char option[] = "--help";
	char *asked[] = {argv[1], option, NULL};
	return verb ? run(program, verb, 2, asked) : unknown(program, table, argv[1]);
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
	if (!verb && argv[1][0] == '-')
		return cmd_option_without_verb(argv[1]);
	return verb ? run(program, verb, argc - 1, argv + 1) : unknown(program, table, argv[1]);
}

int cmd_dispatch(const char *program, const struct cmd *table, int argc, char **argv) {
	cmd_options_behind_verb(argc, argv);
	int status = choose(program, table, argc, argv);
	if ((fflush(stdout) != 0 || ferror(stdout)) && status == CMD_OK)
		return cmd_fail("standard output could not be written");
	return status;
}
