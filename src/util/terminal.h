#ifndef ENVSEAL_UTIL_TERMINAL_H
#define ENVSEAL_UTIL_TERMINAL_H

#include "util/error.h"
#include "util/secret.h"

#include <stdbool.h>

/*
 * Asks on /dev/tty (never stdin) with echo off, and reads one line with read(2), without its
 * newline. Echo is restored in every case, also when a signal ends the program. The caller frees.
 *   -ENXIO      no terminal
 *   -EFBIG      more than `max` bytes
 *   -ECANCELED  end of input or a signal
 */
int terminal_read_hidden(const char *prompt, size_t max, struct secret **ret_line,
                         struct error *err);

/* Whether there is one to ask on. */
bool terminal_present(void);

#endif
