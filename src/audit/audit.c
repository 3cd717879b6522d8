#include "audit/audit.h"

#include "audit/syslog.h"
#include "util/cleanup.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* How many bytes each value may take, escaped. */
enum {
	WORD_MAX = 16,
	PATH_SHOWN = 448,
	SECRETS_SHOWN = 448,
	REFUSAL_SHOWN = 448,
	/* " uid=4294967295", the fields' names, their quotes and dots. */
	FRAME = 192,
};
static_assert(2 * WORD_MAX + 2 * PATH_SHOWN + SECRETS_SHOWN + REFUSAL_SHOWN + FRAME <=
                      AUDIT_LINE_MAX,
              "every field fits");

struct line {
	char *text;
	size_t size;
};

static void put_bytes(struct line *line, const char *bytes, size_t size) {
	memcpy(line->text + line->size, bytes, size);
	line->size += size;
}

static void put(struct line *line, const char *text) {
	put_bytes(line, text, strlen(text));
}

/* Escapes one byte. `separator` is escaped too. Returns the length. */
static size_t escape(unsigned char c, char separator, char ret_text[static 5]) {
	if (c >= 0x20 && c < 0x7f && c != '"' && c != '\\' && c != (unsigned char)separator) {
		ret_text[0] = (char)c;
		return 1;
	}
	return (size_t)snprintf(ret_text, 5, "\\x%02x", c);
}

/* False: the value did not fit into `room` bytes and was cut, never inside an escape. */
static bool put_escaped(struct line *line, const char *value, char separator, size_t *room) {
	char text[5];
	for (; *value; value++) {
		size_t size = escape((unsigned char)*value, separator, text);
		if (size > *room)
			return false;
		*room -= size;
		put_bytes(line, text, size);
	}
	return true;
}

static void put_field(struct line *line, const char *name, const char *value, size_t room) {
	put(line, " ");
	put(line, name);
	if (!value) {
		put(line, "=-");
		return;
	}
	put(line, "=\"");
	put(line, put_escaped(line, value, '\0', &room) ? "\"" : "\"...");
}

static void put_secrets(struct line *line, const struct audit_record *record) {
	size_t room = SECRETS_SHOWN;
	bool all = true;
	if (record->secret_count == 0) {
		put(line, " secrets=-");
		return;
	}
	put(line, " secrets=\"");
	for (size_t i = 0; all && i < record->secret_count; i++) {
		if (i > 0 && room > 0) {
			put(line, ",");
			room--;
		}
		all = put_escaped(line, record->secret(record->secrets, i), ',', &room);
	}
	put(line, all ? "\"" : "\"...");
}

/* The most important fields come first: some receivers truncate lines. */
size_t audit_format(const struct audit_record *record, char ret_line[static AUDIT_LINE_MAX]) {
	struct line line = {.text = ret_line};
	line.size = (size_t)snprintf(ret_line, FRAME, "%s uid=%u",
	                             record->refusal ? "refused" : "allowed",
	                             (unsigned int)record->uid);
	put_field(&line, "mode", record->mode, WORD_MAX);
	put_field(&line, "tier", record->tier, WORD_MAX);
	put_field(&line, "command", record->command, PATH_SHOWN);
	put_field(&line, "policy", record->policy, PATH_SHOWN);
	put_secrets(&line, record);
	if (record->refusal)
		put_field(&line, "why", record->refusal, REFUSAL_SHOWN);
	line.text[line.size] = '\0';
	return line.size;
}

void audit_decision(const struct audit_record *record) {
	char line[AUDIT_LINE_MAX];
	size_t size = audit_format(record, line);
	audit_syslog_send(AUDIT_SYSLOG_SOCKET, record->refusal ? AUDIT_WARNING : AUDIT_NOTICE, line,
	                  size);
}
