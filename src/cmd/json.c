#include "cmd/json.h"

#include "cmd/cmd.h"

#include <stdio.h>

/* cmd_dispatch looks at standard output itself. */
int json_print(json_t *answer) {
	int r = json_dumpf(answer, stdout, JSON_INDENT(2));
	json_decref(answer);
	if (r < 0)
		return ferror(stdout) ? CMD_OK : cmd_fail("the answer cannot be written as JSON");
	putchar('\n');
	return CMD_OK;
}
