#include "toml/internal.h"

#include <string.h>

/* The public functions: parsing, and access to the tree. */

static int parse(struct toml_parser *parser, struct toml_value *root) {
	int r = toml_check_text(parser);
	if (r < 0)
		return r;
	if (!toml_table_init(parser->arena, TOML_HEADER, toml_here(parser), root))
		return toml_no_memory(parser);
	return toml_parse_document(parser, root);
}

/* The size of a byte order mark at the beginning, which editors hide. It counts as no column. */
static size_t mark_size(const char *text, size_t size) {
	static const char mark[] = {'\xef', '\xbb', '\xbf'};
	return size >= sizeof(mark) && memcmp(text, mark, sizeof(mark)) == 0 ? sizeof(mark) : 0;
}

int toml_parse(const char *text, size_t size, const char *file, struct toml_document **ret_document,
               struct error *err) {
	if (size > TOML_SIZE_MAX)
		return error_set(err, EFBIG, "%s: larger than %zu bytes", file, TOML_SIZE_MAX);
	cleanup_toml struct toml_document *document = calloc(1, sizeof(*document));
	if (!document)
		return error_errno(err, ENOMEM, "%s", file);
	/* An empty text may come as NULL, which no pointer arithmetic may touch. */
	const char *start = size ? text : "";
	const char *first = start + mark_size(start, size);
	struct toml_parser parser = {
		.at = first,
		.end = start + size,
		.mark = {.at = first, .place = {.line = 1, .column = 1}},
		.file = file,
		.arena = &document->arena,
		.err = err,
	};
	int r = parse(&parser, &document->root);
	if (r < 0)
		return r;
	*ret_document = steal_pointer(document);
	return 0;
}

const struct toml_value *toml_root(const struct toml_document *document) {
	return &document->root;
}

const struct toml_value *toml_get(const struct toml_value *table, const char *key) {
	if (table->type != TOML_TABLE)
		return NULL;
	struct toml_string name = {.bytes = key, .size = strlen(key)};
	const struct toml_entry *entry = toml_table_find(table, &name);
	return entry ? &entry->value : NULL;
}

/* clang-format off */
static const char *const type_names[] = {
	[TOML_TABLE] = "table",
	[TOML_ARRAY] = "array",
	[TOML_STRING] = "string",
	[TOML_INTEGER] = "integer",
	[TOML_FLOAT] = "float",
	[TOML_BOOL] = "boolean",
	[TOML_DATETIME] = "date-time",
	[TOML_DATETIME_LOCAL] = "local date-time",
	[TOML_DATE_LOCAL] = "local date",
	[TOML_TIME_LOCAL] = "local time",
};
/* clang-format on */

const char *toml_type_name(enum toml_type type) {
	return type_names[type];
}

void toml_free(struct toml_document *document) {
	if (!document)
		return;
	toml_arena_free(&document->arena);
	free(document);
}
