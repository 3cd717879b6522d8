#include "toml/internal.h"

/* A document: lines that are blank, a pair, or a header that says where the next pairs go. */

/* The table that the pairs of the text go into. */
struct section {
	struct toml_value *table;
	unsigned int depth;
};

static struct toml_value *last_of(const struct toml_value *array) {
	return &array->array.values[array->array.count - 1];
}

/* Headers may pass through any table but an inline one, and the last of an array of tables. */
static int enter_header(struct toml_parser *parser, const struct toml_key_part *part,
                        struct toml_value **table, unsigned int *depth) {
	struct toml_entry *entry = toml_table_find(*table, &part->name);
	++*depth;
	if (!entry)
		return toml_add_table(parser, part, TOML_IMPLICIT, *depth, table);
	struct toml_value *value = &entry->value;
	if (value->type == TOML_ARRAY && toml_array_store(value)->of_tables) {
		++*depth;
		value = last_of(value);
	}
	if (value->type != TOML_TABLE || toml_table_store(value)->kind == TOML_INLINE)
		return toml_fail_taken(parser, part, entry);
	*table = value;
	return 0;
}

/* [key] */
static int define_table(struct toml_parser *parser, const struct toml_key_part *part,
                        struct toml_place place, struct section *section) {
	struct toml_entry *entry = toml_table_find(section->table, &part->name);
	section->depth++;
	if (!entry) {
		int r = toml_add_table(parser, part, TOML_HEADER, section->depth, &section->table);
		if (r < 0)
			return r;
	} else if (entry->value.type != TOML_TABLE ||
	           toml_table_store(&entry->value)->kind != TOML_IMPLICIT) {
		return toml_fail_taken(parser, part, entry);
	} else {
		toml_table_store(&entry->value)->kind = TOML_HEADER;
		section->table = &entry->value;
	}
	section->table->place = place;
	return 0;
}

static int add_array(struct toml_parser *parser, const struct toml_key_part *part,
                     struct toml_place place, struct toml_value *table,
                     struct toml_entry **ret_entry) {
	int r = toml_add_key(parser, table, part, ret_entry);
	if (r < 0)
		return r;
	if (!toml_array_init(parser->arena, true, place, &(*ret_entry)->value))
		return toml_no_memory(parser);
	return 0;
}

/* [[key]] */
static int define_element(struct toml_parser *parser, const struct toml_key_part *part,
                          struct toml_place place, struct section *section) {
	struct toml_entry *entry = toml_table_find(section->table, &part->name);
	section->depth += 2;
	int r = toml_check_depth(parser, part->place, section->depth);
	if (r < 0)
		return r;
	r = entry ? 0 : add_array(parser, part, place, section->table, &entry);
	if (r < 0)
		return r;
	struct toml_value *array = &entry->value;
	if (array->type != TOML_ARRAY || !toml_array_store(array)->of_tables)
		return toml_fail_taken(parser, part, entry);
	struct toml_value element;
	if (!toml_table_init(parser->arena, TOML_HEADER, place, &element) ||
	    !toml_array_add(parser->arena, array, &element))
		return toml_no_memory(parser);
	section->table = last_of(array);
	return 0;
}

static int parse_header(struct toml_parser *parser, struct toml_value *root,
                        struct section *ret_section) {
	struct section section = {.table = root};
	struct toml_key_part part;
	struct toml_place place = toml_here(parser);
	bool element = toml_accept(parser, "[[");
	if (!element)
		toml_accept(parser, "[");
	toml_skip_blanks(parser);
	int r = toml_parse_key(parser, enter_header, &section.table, &section.depth, &part);
	if (r < 0)
		return r;
	const char *close = element ? "]]" : "]";
	if (!toml_accept(parser, close))
		return toml_fail(parser, toml_here(parser), "expected %s to end the header", close);
	r = element ? define_element(parser, &part, place, &section)
	            : define_table(parser, &part, place, &section);
	if (r < 0)
		return r;
	*ret_section = section;
	return toml_end_line(parser, "a header");
}

static int parse_pair(struct toml_parser *parser, const struct section *section) {
	int r = toml_parse_key_value(parser, section->table, section->depth);
	if (r < 0)
		return r;
	return toml_end_line(parser, "a value");
}

int toml_parse_document(struct toml_parser *parser, struct toml_value *root) {
	struct section section = {.table = root};
	for (toml_skip_lines(parser); parser->at < parser->end; toml_skip_lines(parser)) {
		int r = toml_peek(parser) == '[' ? parse_header(parser, root, &section)
		                                 : parse_pair(parser, &section);
		if (r < 0)
			return r;
	}
	return 0;
}
