#ifndef ENVSEAL_CMD_CMD_H
#define ENVSEAL_CMD_CMD_H

#include <stdio.h>

/* The verbs of `envseal`: one file each, one row each in the table of envseal.c or policy.c. */

/* Exit statuses of `envseal`; those of envseal-exec are in run/request.h. */
enum cmd_status {
	CMD_OK = 0,
	CMD_FAILED = 1,
	CMD_USAGE = 2,
	CMD_ANSWERED = 3, /* never leaves: --help was answered, and the exit status is 0 */
};

struct cmd {
	const char *name;
	int (*run)(int argc, char **argv); /* argv[0] is the verb; returns an exit status */
	const char *usage;                 /* what follows the verb */
	const char *help;                  /* one line */
};

/*
 * Runs the row that argv[1] names, behind options that every verb takes; `table` ends with a row
 * without a name. `program` is what stands in front of the verb: "envseal", "envseal policy". Also
 * answers `help [VERB]`, --help and --version, and turns output that could not be written into a
 * failure.
 */
int cmd_dispatch(const char *program, const struct cmd *table, int argc, char **argv);

/* The verb that runs from now on: usage errors show how it is called. */
void cmd_enter(const char *program, const struct cmd *verb);

/* How the verb that runs is called, and what it does. */
void cmd_print_help(FILE *to);

/* Prints a text from a file or a directory so that it cannot drive a terminal. */
void cmd_print(FILE *to, const char *text);

/* Prints "envseal: ..." on stderr and returns CMD_FAILED / CMD_USAGE. */
int cmd_fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
int cmd_usage_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints "envseal: ..." on stderr: a warning, or what was done. */
void cmd_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* One file each, except that lifecycle.c has rename, restore and prune, and unlock.c has lock. */
int cmd_doctor(int argc, char **argv);
int cmd_explain(int argc, char **argv);
int cmd_fingerprint(int argc, char **argv);
int cmd_hash(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_lock(int argc, char **argv);
int cmd_policy(int argc, char **argv);
int cmd_prune(int argc, char **argv);
int cmd_pubkey(int argc, char **argv);
int cmd_remove(int argc, char **argv);
int cmd_rename(int argc, char **argv);
int cmd_restore(int argc, char **argv);
int cmd_rotate_key(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_shim(int argc, char **argv);
int cmd_slot(int argc, char **argv);
int cmd_store(int argc, char **argv);
int cmd_unlock_verb(int argc, char **argv);
int cmd_verify(int argc, char **argv);

#define CMD_SLOT_KINDS "host-key, passphrase, recovery, key-file, credential, tpm2"
int cmd_slot_add(int argc, char **argv);
int cmd_slot_list(int argc, char **argv);
int cmd_slot_remove(int argc, char **argv);

int cmd_policy_allow(int argc, char **argv);
int cmd_policy_approve(int argc, char **argv);
int cmd_policy_check(int argc, char **argv);
int cmd_policy_diff(int argc, char **argv);
int cmd_policy_edit(int argc, char **argv);
int cmd_policy_keys(int argc, char **argv);
int cmd_policy_list(int argc, char **argv);
int cmd_policy_mask(int argc, char **argv);
int cmd_policy_new(int argc, char **argv);
int cmd_policy_pin(int argc, char **argv);
int cmd_policy_remove(int argc, char **argv);
int cmd_policy_report(int argc, char **argv);
int cmd_policy_show(int argc, char **argv);
int cmd_policy_who(int argc, char **argv);

#endif
