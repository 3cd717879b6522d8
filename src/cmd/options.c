#include "cmd/options.h"

#include "cmd/cmd.h"
#include "util/nearest.h"

#include <stdio.h>
#include <string.h>

/* What every verb takes. One command line is read at a time. */
static struct cmd_common given;
static bool asked_for_help;
static const struct cmd_option everywhere[] = {
	{"vault", "DIR", "use this vault (default: $ENVSEAL_VAULT, then your own)",
         .value = &given.vault},
	{"layers", "DIR[:DIR...]", "look for policies here (default: $ENVSEAL_LAYERS)",
         .value = &given.layers},
	{"user", NULL, "as root: your own vault and policies, not the system's",
         .flag = &given.user},
	{"json", NULL, "print JSON, where the command prints anything", .flag = &given.json},
	{"no-input", NULL, "fail instead of asking", .flag = &given.no_input},
	{"passphrase-fd", "N", "read the vault's passphrase from descriptor N",
         .value = &given.passphrase_fd},
	{"help", NULL, "show this help", .flag = &asked_for_help},
	{0},
};

/* One word of the command line: "--name" or "--name=value". Anything else has no name. */
struct word {
	const char *name;
	size_t length;
	const char *value; /* after the "=", else NULL */
};

static struct word split(const char *argument) {
	struct word word = {.name = ""};
	if (strcmp(argument, "-h") == 0)
		argument = "--help";
	if (argument[1] != '-')
		return word;
	word.name = argument + 2;
	word.length = strcspn(word.name, "=");
	if (word.name[word.length] == '=')
		word.value = word.name + word.length + 1;
	return word;
}

static bool is_operand(const char *argument) {
	return argument[0] != '-' || argument[1] == '\0';
}

static const struct cmd_option *find(const struct cmd_option *table, const struct word *word) {
	for (; table->name; table++) {
		if (strlen(table->name) == word->length &&
		    memcmp(table->name, word->name, word->length) == 0)
			return table;
	}
	return NULL;
}

static int take(const struct cmd_option *option, const struct word *word, const char *next,
                int *at) {
	if (option->flag && word->value)
		return cmd_usage_error("--%s takes no argument", option->name);
	if (option->flag) {
		*option->flag = true;
		return CMD_OK;
	}
	const char *value = word->value ? word->value : next;
	if (!value)
		return cmd_usage_error("--%s needs an argument", option->name);
	if (!word->value)
		++*at;
	if (option->value)
		*option->value = value;
	return option->each ? option->each(option->context, value) : CMD_OK;
}

static int width_of(const struct cmd_option *table) {
	int width = 0;
	for (const struct cmd_option *row = table; row->name; row++) {
		int length =
			snprintf(NULL, 0, "%s %s", row->name, row->argument ? row->argument : "");
		width = length > width ? length : width;
	}
	return width;
}

static void print_options(const struct cmd_option *table, int width) {
	for (const struct cmd_option *row = table; row->name; row++) {
		int length = printf("  --%s %s", row->name, row->argument ? row->argument : "");
		printf("%*s  %s\n", width + 4 - length, "", row->help);
	}
}

static int help(const struct cmd_option *own) {
	int width = width_of(own), common_width = width_of(everywhere);
	width = width > common_width ? width : common_width;
	cmd_print_help(stdout);
	print_options(own, width);
	puts("\nevery command takes:");
	print_options(everywhere, width);
	return CMD_ANSWERED;
}

/* Nothing that was typed is shown: it may be what should have come on standard input. */
static int unknown(const struct word *word, const struct cmd_option *own) {
	struct nearest nearest = {.typed = word->name, .length = word->length};
	for (; own->name; own++)
		nearest_offer(&nearest, own->name);
	for (const struct cmd_option *row = everywhere; row->name; row++)
		nearest_offer(&nearest, row->name);
	if (nearest.word)
		return cmd_usage_error("unknown option; did you mean '--%s'?", nearest.word);
	return cmd_usage_error("unknown option; --help lists them");
}

static int read_options(int *argc, char **argv, const struct cmd_option *own, bool anywhere,
                        struct cmd_common *ret_common) {
	int kept = 0, i = 1;
	given = (struct cmd_common){0};
	asked_for_help = false;
	for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		if (is_operand(argv[i]) && !anywhere)
			break;
		if (is_operand(argv[i])) {
			argv[kept++] = argv[i];
			continue;
		}
		const struct word word = split(argv[i]);
		const struct cmd_option *option = find(own, &word);
		if (!option)
			option = find(everywhere, &word);
		if (!option)
			return unknown(&word, own);
		int status = take(option, &word, argv[i + 1], &i);
		if (status != CMD_OK)
			return status;
		if (asked_for_help)
			return help(own);
	}
	for (i += i < *argc && strcmp(argv[i], "--") == 0; i < *argc; i++)
		argv[kept++] = argv[i];
	argv[kept] = NULL;
	*argc = kept;
	*ret_common = given;
	return CMD_OK;
}

int cmd_options(int *argc, char **argv, const struct cmd_option *own,
                struct cmd_common *ret_common) {
	return read_options(argc, argv, own, true, ret_common);
}

int cmd_options_first(int *argc, char **argv, const struct cmd_option *own,
                      struct cmd_common *ret_common) {
	return read_options(argc, argv, own, false, ret_common);
}

void cmd_options_behind_verb(int argc, char **argv) {
	int verb = 1;
	for (; verb < argc && !is_operand(argv[verb]); verb++) {
		const struct word word = split(argv[verb]);
		const struct cmd_option *option = find(everywhere, &word);
		if (!option)
			return;
		if (!option->flag && !word.value)
			verb++;
	}
	if (verb >= argc)
		return;
	char *name = argv[verb];
	memmove(argv + 2, argv + 1, (size_t)(verb - 1) * sizeof(*argv));
	argv[1] = name;
}

int cmd_option_without_verb(const char *argument) {
	const struct word word = split(argument);
	return find(everywhere, &word) ? cmd_usage_error("a command is needed")
	                               : unknown(&word, everywhere);
}
