#include "toml/internal.h"

/* Keys, and the pairs they begin. */

int toml_check_depth(struct toml_parser *parser, struct toml_place place, unsigned int depth) {
	if (depth > TOML_DEPTH_MAX)
		return toml_fail(parser, place, "nested deeper than %d levels", TOML_DEPTH_MAX);
	return 0;
}

int toml_fail_taken(struct toml_parser *parser, const struct toml_key_part *part,
                    const struct toml_entry *entry) {
	parser->key = part->written;
	return toml_fail(parser, part->place,
	                 "already defined on line %u, in a way that cannot be added to here",
	                 entry->place.line);
}

int toml_add_key(struct toml_parser *parser, struct toml_value *table,
                 const struct toml_key_part *part, struct toml_entry **ret_entry) {
	if (table->table.count == TOML_KEYS_MAX)
		return toml_fail(parser, part->place, "more than %d keys in one table",
		                 TOML_KEYS_MAX);
	if (!toml_table_add(parser->arena, table, &part->name, part->place, ret_entry))
		return toml_no_memory(parser);
	return 0;
}

int toml_add_table(struct toml_parser *parser, const struct toml_key_part *part,
                   enum toml_table_kind kind, unsigned int depth, struct toml_value **table) {
	struct toml_entry *entry;
	int r = toml_check_depth(parser, part->place, depth);
	if (r < 0)
		return r;
	r = toml_add_key(parser, *table, part, &entry);
	if (r < 0)
		return r;
	if (!toml_table_init(parser->arena, kind, part->place, &entry->value))
		return toml_no_memory(parser);
	*table = &entry->value;
	return 0;
}

static bool is_bare(char c) {
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       c == '_' || c == '-';
}

static int parse_bare(struct toml_parser *parser, struct toml_string *ret_name) {
	const char *start = parser->at;
	while (is_bare(toml_peek(parser)))
		parser->at++;
	if (parser->at == start)
		return toml_fail(parser, toml_here(parser),
		                 "expected a key: letters, digits, _ and -, or a quoted string");
	size_t size = (size_t)(parser->at - start);
	char *bytes = toml_arena_alloc(parser->arena, size + 1);
	if (!bytes)
		return toml_no_memory(parser);
	for (size_t i = 0; i < size; i++)
		bytes[i] = start[i];
	bytes[size] = '\0';
	*ret_name = (struct toml_string){.bytes = bytes, .size = size};
	return 0;
}

static int parse_part(struct toml_parser *parser, struct toml_string *ret_name) {
	char quote = toml_peek(parser);
	if (quote != '"' && quote != '\'')
		return parse_bare(parser, ret_name);
	if (toml_peek_ahead(parser, 1) == quote && toml_peek_ahead(parser, 2) == quote)
		return toml_fail(parser, toml_here(parser), "a key cannot be a multi-line string");
	return toml_parse_string(parser, ret_name);
}

int toml_parse_key(struct toml_parser *parser, toml_enter *enter, struct toml_value **table,
                   unsigned int *depth, struct toml_key_part *ret_last) {
	struct toml_key_part part = {.written.bytes = parser->at};
	for (;;) {
		part.place = toml_here(parser);
		int r = parse_part(parser, &part.name);
		if (r < 0)
			return r;
		part.written.size = (size_t)(parser->at - part.written.bytes);
		toml_skip_blanks(parser);
		if (!toml_accept(parser, "."))
			break;
		toml_skip_blanks(parser);
		r = enter(parser, &part, table, depth);
		if (r < 0)
			return r;
	}
	*ret_last = part;
	return 0;
}

/*
 * "Since tables cannot be defined more than once", a dotted key adds only to tables that dotted
 * keys made, or that nobody has defined yet. (It cannot meet one that dotted keys of another header
 * made: whatever lies between the two headers was defined by the nearer one.)
 */
static int enter_dotted(struct toml_parser *parser, const struct toml_key_part *part,
                        struct toml_value **table, unsigned int *depth) {
	struct toml_entry *entry = toml_table_find(*table, &part->name);
	++*depth;
	if (!entry)
		return toml_add_table(parser, part, TOML_DOTTED, *depth, table);
	if (entry->value.type != TOML_TABLE)
		return toml_fail_taken(parser, part, entry);
	struct toml_table_store *store = toml_table_store(&entry->value);
	if (store->kind != TOML_IMPLICIT && store->kind != TOML_DOTTED)
		return toml_fail_taken(parser, part, entry);
	store->kind = TOML_DOTTED;
	*table = &entry->value;
	return 0;
}

int toml_parse_key_value(struct toml_parser *parser, struct toml_value *table, unsigned int depth) {
	struct toml_key_part part;
	struct toml_entry *entry;
	int r = toml_parse_key(parser, enter_dotted, &table, &depth, &part);
	if (r < 0)
		return r;
	/* Before the "=", the text may be a value without its key, so messages do not repeat it. */
	if (!toml_accept(parser, "="))
		return toml_fail(parser, toml_here(parser), "expected = after the key");
	entry = toml_table_find(table, &part.name);
	if (entry)
		return toml_fail_taken(parser, &part, entry);
	r = toml_add_key(parser, table, &part, &entry);
	if (r < 0)
		return r;
	struct toml_string outer = parser->key;
	parser->key = part.written;
	toml_skip_blanks(parser);
	r = toml_parse_value(parser, depth + 1, &entry->value);
	parser->key = outer;
	return r;
}
