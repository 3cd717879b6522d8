#ifndef ENVSEAL_UTIL_PINENTRY_H
#define ENVSEAL_UTIL_PINENTRY_H

#include "util/error.h"
#include "util/secret.h"

/*
 * Asks through a pinentry program (the Assuan protocol of GnuPG), which shows a window where there
 * is no terminal. It gets `environment`, and no descriptor except its end of a socket. At most
 * `max` bytes. The caller frees.
 *   -ENXIO         no such program, or it cannot ask here
 *   -ECANCELED     nothing was entered
 *   -EFBIG, -EPROTO
 */
int pinentry_ask(const char *program, const char *description, const char *prompt,
                 char *const environment[], size_t max, struct secret **ret_answer,
                 struct error *err);

#endif
