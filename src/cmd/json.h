#ifndef ENVSEAL_CMD_JSON_H
#define ENVSEAL_CMD_JSON_H

#include <jansson.h>

/*
 * Prints what a verb answers to --json, and releases it. NULL, as jansson leaves it where there was no memory or a text was not
 * UTF-8, is a failure that is said. Returns an exit status of cmd/cmd.h.
 */
int json_print(json_t *answer);

/*
 * A string that need not be UTF-8: other bytes become "\xNN", and a backslash beside them two. NULL
 * becomes null. Returns NULL when there is no memory.
 */
json_t *json_text(const char *text);

#endif
