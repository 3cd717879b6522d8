#include "toml/toml.h"
#include "util/buffer.h"
#include "util/fd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/*
 * TOML on stdin, the tagged JSON of the toml-test suite on stdout. Exit 1 and a message when it is
 * not TOML, 2 when something else went wrong.
 */

/* clang-format off */
static const char *const tags[] = {
	[TOML_STRING] = "string",
	[TOML_INTEGER] = "integer",
	[TOML_FLOAT] = "float",
	[TOML_BOOL] = "bool",
	[TOML_DATETIME] = "datetime",
	[TOML_DATETIME_LOCAL] = "datetime-local",
	[TOML_DATE_LOCAL] = "date-local",
	[TOML_TIME_LOCAL] = "time-local",
};
/* clang-format on */

static void write_string(struct buffer *out, const struct toml_string *string) {
	buffer_char(out, '"');
	for (size_t i = 0; i < string->size; i++) {
		char c = string->bytes[i];
		if (c == '"' || c == '\\')
			buffer_format(out, "\\%c", c);
		else if ((unsigned char)c < 0x20)
			buffer_format(out, "\\u%04x", (unsigned int)c);
		else
			buffer_char(out, c);
	}
	buffer_char(out, '"');
}

static void write_date(struct buffer *out, const struct toml_datetime *datetime) {
	buffer_format(out, "%04d-%02d-%02d", datetime->year, datetime->month, datetime->day);
}

static void write_time(struct buffer *out, const struct toml_datetime *datetime) {
	buffer_format(out, "%02d:%02d:%02d.%09d", datetime->hour, datetime->minute,
	              datetime->second, datetime->nanosecond);
}

static void write_datetime(struct buffer *out, const struct toml_value *value) {
	const struct toml_datetime *datetime = &value->datetime;
	int offset = datetime->offset_minutes;
	if (value->type != TOML_TIME_LOCAL)
		write_date(out, datetime);
	if (value->type == TOML_DATETIME || value->type == TOML_DATETIME_LOCAL)
		buffer_char(out, 'T');
	if (value->type != TOML_DATE_LOCAL)
		write_time(out, datetime);
	if (value->type == TOML_DATETIME)
		buffer_format(out, "%c%02d:%02d", offset < 0 ? '-' : '+', abs(offset) / 60,
		              abs(offset) % 60);
}

static void write_scalar(struct buffer *out, const struct toml_value *value) {
	buffer_format(out, "{\"type\": \"%s\", \"value\": ", tags[value->type]);
	if (value->type == TOML_STRING) {
		write_string(out, &value->string);
		buffer_char(out, '}');
		return;
	}
	buffer_char(out, '"');
	if (value->type == TOML_INTEGER)
		buffer_format(out, "%lld", (long long)value->integer);
	else if (value->type == TOML_FLOAT)
		buffer_format(out, "%.17g", value->number);
	else if (value->type == TOML_BOOL)
		buffer_string(out, value->boolean ? "true" : "false");
	else
		write_datetime(out, value);
	buffer_string(out, "\"}");
}

static void write_value(struct buffer *out, const struct toml_value *value);

static void write_table(struct buffer *out, const struct toml_value *table) {
	buffer_char(out, '{');
	for (size_t i = 0; i < table->table.count; i++) {
		buffer_string(out, i ? ",\n" : "");
		write_string(out, &table->table.entries[i].key);
		buffer_string(out, ": ");
		write_value(out, &table->table.entries[i].value);
	}
	buffer_char(out, '}');
}

static void write_array(struct buffer *out, const struct toml_value *array) {
	buffer_char(out, '[');
	for (size_t i = 0; i < array->array.count; i++) {
		buffer_string(out, i ? ",\n" : "");
		write_value(out, &array->array.values[i]);
	}
	buffer_char(out, ']');
}

static void write_value(struct buffer *out, const struct toml_value *value) {
	if (value->type == TOML_TABLE)
		write_table(out, value);
	else if (value->type == TOML_ARRAY)
		write_array(out, value);
	else
		write_scalar(out, value);
}

int main(void) {
	struct error err;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	cleanup_buffer struct buffer json = BUFFER_INIT;
	cleanup_toml struct toml_document *document = NULL;
	if (fd_read_all(STDIN_FILENO, TOML_SIZE_MAX, &text) < 0) {
		fprintf(stderr, "decode: cannot read stdin\n");
		return 2;
	}
	if (toml_parse(text.bytes, text.size, "stdin", &document, &err) < 0) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	write_value(&json, toml_root(document));
	buffer_char(&json, '\n');
	if (json.failed || fd_write_full(STDOUT_FILENO, json.bytes, json.size) < 0)
		return 2;
	return 0;
}
