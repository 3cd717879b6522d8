#ifndef ENVSEAL_CMD_ASK_H
#define ENVSEAL_CMD_ASK_H

#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>

/* Whether there is a terminal to ask on. */
bool ask_possible(void);

/*
 * Asks for something new on the terminal, hidden, twice, until nothing has to be shown for it to be
 * right. `what` begins the prompt ("Passphrase"). The caller frees, here and below.
 * -EINVAL: empty, or the two differ. Else as terminal_read_hidden.
 */
int ask_twice(const char *what, size_t max, struct secret **ret_line, struct error *err);

/* Reads a passphrase from the descriptor that an option names, without its last newline. */
int ask_from_fd(const char *number, struct secret **ret_line, struct error *err);

/*
 * A new passphrase, from the descriptor `number` or, where that is NULL, asked for twice. Warns of a
 * short one. -EINVAL: one that is too short to be any use.
 */
int ask_new_passphrase(const char *number, struct secret **ret_passphrase, struct error *err);

/*
 * Asks on the terminal itself, for what is on standard input may be another program's, until the answer is one of
 * `letters` or such a word's beginning; an empty answer is the first of them. -ENXIO: no terminal. -ECANCELED: no more input.
 */
int ask_letter(const char *question, const char *letters, char *ret_letter);

#endif
