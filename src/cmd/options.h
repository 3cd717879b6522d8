#ifndef ENVSEAL_CMD_OPTIONS_H
#define ENVSEAL_CMD_OPTIONS_H

#include <stdbool.h>

/*
 * A verb's own option: a row of its table. --help, completions and the manual's test show all
 * rows.
 */
struct cmd_option {
	const char *name;                              /* without the dashes */
	const char *argument;                          /* its name in the manual; NULL: a flag */
	const char *help;                              /* what the option does, in a few words */
	bool *flag;                                    /* set when given */
	const char **value;                            /* set to the argument */
	int (*each)(void *context, const char *value); /* or called for each time it is given */
	void *context;
};

/* The options that every verb takes. */
struct cmd_common {
	const char *vault;
	const char *layers;
	bool user;
	bool json;
	bool no_input;
	const char *passphrase_fd;
};

/*
 * Reads options (in any place, up to "--") and leaves the operands in argv[0 .. *argc). `own`
 * ends with a row without a name. Anything but CMD_OK is what the verb returns: a usage error
 * was printed, or the answer to --help.
 */
int cmd_options(int *argc, char **argv, const struct cmd_option *own,
                struct cmd_common *ret_common);

/* The same, up to the first operand: the words after it belong to the command to run. */
int cmd_options_first(int *argc, char **argv, const struct cmd_option *own,
                      struct cmd_common *ret_common);

/*
 * Options that every verb takes may stand in front of the verb: moves those between argv[0] and the
 * verb behind it. Changes nothing where another option stands there, or no verb follows.
 */
void cmd_options_behind_verb(int argc, char **argv);

/* The usage error for an option where a verb should stand. Returns CMD_USAGE. */
int cmd_option_without_verb(const char *argument);

#endif
