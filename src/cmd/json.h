#ifndef ENVSEAL_CMD_JSON_H
#define ENVSEAL_CMD_JSON_H

#include <jansson.h>

/*
 * Prints what a verb answers to --json, and releases it. NULL, as jansson leaves it where there was no memory or a text was not
 * UTF-8, is a failure that is said. Returns an exit status of cmd/cmd.h.
 */
int json_print(json_t *answer);

#endif
