#ifndef ENVSEAL_CMD_ASK_H
#define ENVSEAL_CMD_ASK_H

#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>

/* Whether there is a terminal to ask on. */
bool ask_possible(void);

/*
 * Asks for something new on the terminal, hidden, twice, until nothing has to be shown for it to be
 * right. `what` begins the prompt ("Passphrase"). The caller frees.
 * -EINVAL: empty, or the two differ. Else as terminal_read_hidden.
 */
int ask_twice(const char *what, size_t max, struct secret **ret_line, struct error *err);

#endif
