#include "cmd/json.h"

#include "cmd/cmd.h"
#include "util/buffer.h"
#include "util/cleanup.h"

#include <stdio.h>

/* cmd_dispatch reports a standard output that cannot be written. */
int json_print(json_t *answer) {
	int r = json_dumpf(answer, stdout, JSON_INDENT(2));
	json_decref(answer);
	if (r < 0)
		return ferror(stdout) ? CMD_OK : cmd_fail("the answer cannot be written as JSON");
	putchar('\n');
	return CMD_OK;
}

json_t *json_text(const char *text) {
	json_t *plain = text ? json_string(text) : json_null();
	if (plain)
		return plain;
	cleanup_buffer struct buffer escaped = BUFFER_INIT;
	for (const char *c = text; *c; c++) {
		unsigned char byte = (unsigned char)*c;
		if (byte >= 0x80)
			buffer_format(&escaped, "\\x%02x", byte);
		else if (byte == '\\')
			buffer_string(&escaped, "\\\\");
		else
			buffer_char(&escaped, *c);
	}
	return escaped.failed ? NULL : json_string(escaped.bytes);
}
