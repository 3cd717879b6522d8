#include "cmd/options.h"

#include "cmd/cmd.h"
#include "cmd/mode.h"
#include "cmd/vault/tpm2.h"
#include "run/location.h"
#include "run/unlocking.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Longer than the name of any option. */
#define OPTION_SHOWN 24

/* One word of the command line: "--name" or "--name=value". Anything else has no name. */
struct word {
	const char *name;
	size_t length;
	const char *value; /* after the "=", else NULL */
};

static struct word split(const char *argument) {
	struct word word = {.name = ""};
	if (argument[1] != '-')
		return word;
	word.name = argument + 2;
	word.length = strcspn(word.name, "=");
	if (word.name[word.length] == '=')
		word.value = word.name + word.length + 1;
	return word;
}

static const struct cmd_option *find(const struct cmd_option *table, const struct word *word) {
	for (; table->name; table++) {
		if (strlen(table->name) == word->length && memcmp(table->name, word->name, word->length) == 0)
			return table;
	}
	return NULL;
}

static int take(const struct cmd_option *option, const struct word *word, const char *next, int *at) {
	if (option->flag) {
		if (word->value)
			return cmd_usage_error("--%s takes no argument", option->name);
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

static void print_options(const struct cmd_option *own) {
	for (const struct cmd_option *row = own; row->name; row++)
		printf("  --%s%s\n", row->name, row->flag ? "" : " VALUE");
	puts("everywhere:\n"
	     "  --vault DIR          the vault; else ENVSEAL_VAULT, else $XDG_DATA_HOME/envseal\n"
	     "  --layers DIR[:DIR]   where policies are; else ENVSEAL_LAYERS\n"
	     "  --user               root's own vault and policies, not the system's\n"
	     "  --json               JSON on standard output, where there is any\n"
	     "  --no-input           never ask\n"
	     "  --passphrase-fd N    read the vault's passphrase from this descriptor");
}

static int help(const struct cmd_option *own) {
	cmd_print_usage(stdout);
	print_options(own);
	return CMD_ANSWERED;
}

/*
 * What follows a "=" is never shown: it may be what should have come on standard input. So may anything that could be no
 * option of any program.
 */
static int unknown(const char *argument) {
	const char *name = argument + 2;
	size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz-");
	if (argument[1] != '-' && argument[2] == '\0')
		return cmd_usage_error("unknown option '-%c'", argument[1]);
	if (argument[1] != '-' || length > OPTION_SHOWN || strchr("=", name[length]) == NULL)
		return cmd_usage_error("unknown option");
	return cmd_usage_error("unknown option '--%.*s'", (int)length, name);
}

static int read_options(int *argc, char **argv, const struct cmd_option *own, bool anywhere,
                        struct cmd_common *ret_common) {
	bool asked = false;
	struct cmd_common common = {0};
	const struct cmd_option everywhere[] = {
		{.name = "vault", .value = &common.vault},
		{.name = "layers", .value = &common.layers},
		{.name = "user", .flag = &common.user},
		{.name = "json", .flag = &common.json},
		{.name = "no-input", .flag = &common.no_input},
		{.name = "passphrase-fd", .value = &common.passphrase_fd},
		{.name = "help", .flag = &asked},
		{0},
	};
	int kept = 0;
	int i = 1;
	for (; i < *argc && strcmp(argv[i], "--") != 0; i++) {
		bool operand = argv[i][0] != '-' || argv[i][1] == '\0';
		if (operand && !anywhere)
			break;
		if (operand) {
			argv[kept++] = argv[i];
			continue;
		}
		const struct word word = split(strcmp(argv[i], "-h") == 0 ? "--help" : argv[i]);
		const struct cmd_option *option = find(own, &word);
		if (!option)
			option = find(everywhere, &word);
		if (!option)
			return unknown(argv[i]);
		int r = take(option, &word, argv[i + 1], &i);
		if (r != CMD_OK)
			return r;
		if (asked)
			return help(own);
	}
	if (i < *argc && strcmp(argv[i], "--") == 0)
		i++;
	while (i < *argc)
		argv[kept++] = argv[i++];
	argv[kept] = NULL;
	*argc = kept;
	*ret_common = common;
	return CMD_OK;
}

int cmd_options(int *argc, char **argv, const struct cmd_option *own, struct cmd_common *ret_common) {
	return read_options(argc, argv, own, true, ret_common);
}

int cmd_options_first(int *argc, char **argv, const struct cmd_option *own, struct cmd_common *ret_common) {
	return read_options(argc, argv, own, false, ret_common);
}

int cmd_vault_directory(const struct cmd_common *common, char **ret_directory, struct error *err) {
	bool system = false;
	int r = mode_find(common, &system, err);
	if (r < 0)
		return r;
	if (system)
		r = mode_check_place(err);
	if (r < 0)
		return r;
	if (!system)
		return location_vault(common->vault, environ, ret_directory, err);
	char *directory = strdup(SYSTEM_VAULT);
	if (!directory)
		return error_errno(err, ENOMEM, "'%s'", SYSTEM_VAULT);
	*ret_directory = directory;
	return 0;
}

int cmd_layers(const struct cmd_common *common, struct layers *ret_layers, struct error *err) {
	bool system = false;
	int r = mode_find(common, &system, err);
	if (r < 0)
		return r;
	return system ? mode_layers(ret_layers, err)
	              : location_layers(common->layers, environ, ret_layers, err);
}

/* As long as the program: an open vault may have to be unlocked again. */
static struct unlocking unlocking = {.passphrase_fd = -1};

/* Known once the vault was looked for: the system's key is not the calling root's. */
const struct vault_keep *cmd_keep(void) {
	if (vault_served() != 0)
		unlocking.keep = (struct vault_keep){SYSTEM_KEEP, vault_served()};
	return &unlocking.keep;
}

static int prepare_unlocking(const struct cmd_common *common, struct error *err) {
	int fd = -1;
	int r = 0;
	if (common->passphrase_fd)
		r = unlocking_parse_fd(common->passphrase_fd, &fd, err);
	if (r < 0)
		return r;
	unlocking_free(&unlocking);
	r = unlocking_prepare(&unlocking, environ, fd, common->no_input, err);
	unlocking.how.tpm2 = tpm2_unseal;
	cmd_keep();
	return r;
}

int cmd_unlock(const struct cmd_common *common, struct vault *vault, struct error *err) {
	int r = prepare_unlocking(common, err);
	return r < 0 ? r : vault_unlock(vault, &unlocking.how, err);
}

int cmd_ask_passphrase(const struct cmd_common *common, struct secret **ret_passphrase, struct error *err) {
	int r = prepare_unlocking(common, err);
	if (r < 0)
		return r;
	if (!unlocking.how.ask)
		r = error_set(err, ENOKEY, "the passphrase is needed; give it with --passphrase-fd");
	return r < 0 ? r : unlocking.how.ask(unlocking.how.context, "passphrase", ret_passphrase, err);
}

int cmd_open_vault(const struct cmd_common *common, bool with_key, struct vault **ret_vault,
                   struct error *err) {
	cleanup_free char *directory = NULL;
	cleanup_vault struct vault *vault = NULL;
	int r = cmd_vault_directory(common, &directory, err);
	if (r < 0)
		return r;
	r = vault_open(directory, &vault, err);
	if (r < 0)
		return r;
	if (with_key)
		r = cmd_unlock(common, vault, err);
	if (r < 0)
		return r;
	*ret_vault = steal_pointer(vault);
	return 0;
}
