#ifndef ENVSEAL_CMD_ASK_H
#define ENVSEAL_CMD_ASK_H

#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>

/* Whether there is a terminal to ask on. */
bool ask_possible(void);

/*
 * Asks twice for a new value on the terminal, without showing it. `what` begins the prompt
 * ("Passphrase"). The caller frees, here and below. -EINVAL: the value is empty, or the two
 * differ. Other errors as terminal_read_hidden.
 */
int ask_twice(const char *what, size_t max, struct secret **ret_line, struct error *err);

/* Reads a passphrase from the descriptor that an option names, without its last newline. */
int ask_from_fd(const char *number, struct secret **ret_line, struct error *err);

/*
 * A new passphrase, from the descriptor `number` or, if that is NULL, asked for twice. Warns of
 * a short one. -EINVAL: too short.
 */
int ask_new_passphrase(const char *number, struct secret **ret_passphrase, struct error *err);

/*
 * Asks on the terminal, because standard input may come from another program, until the answer
 * begins with one of `letters`; an empty answer means the first. -ENXIO: no terminal.
 * -ECANCELED: end of input.
 */
int ask_letter(const char *question, const char *letters, char *ret_letter);

#endif
