#ifndef ENVSEAL_CMD_JSON_H
#define ENVSEAL_CMD_JSON_H

#include <jansson.h>

/*
 * Prints and releases a verb's answer to --json. NULL means that jansson had no memory or a text
 * was not UTF-8, and is reported as a failure. Returns an exit status (cmd/cmd.h).
 */
int json_print(json_t *answer);

/*
 * A string that need not be UTF-8: other bytes become "\xNN", and a backslash beside them two. NULL
 * becomes null. Returns NULL when there is no memory.
 */
json_t *json_text(const char *text);

#endif
