#include "toml/internal.h"

#include <string.h>

/* Values. Arrays and inline tables nest, so this recurses; toml_check_depth bounds it. */

/* The characters of numbers, dates, times, true and false. */
static bool is_word_byte(char c) {
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c != '\0' && strchr("+-_.:", c));
}

static size_t word_size(const struct toml_parser *parser, size_t from) {
	size_t size = from;
	while (is_word_byte(toml_peek_ahead(parser, size)))
		size++;
	return size;
}

/* The word at the cursor. A date may have a single space in front of its time. */
static struct toml_string take_word(struct toml_parser *parser) {
	struct toml_string word = {.bytes = parser->at, .size = word_size(parser, 0)};
	static const size_t date_size = sizeof("YYYY-MM-DD") - 1;
	if (word.size == date_size && toml_looks_like_datetime(&word)) {
		char digit = toml_peek_ahead(parser, date_size + 1);
		if (toml_peek_ahead(parser, date_size) == ' ' && digit >= '0' && digit <= '9')
			word.size = word_size(parser, date_size + 1);
	}
	parser->at += word.size;
	return word;
}

static bool parse_bool(const struct toml_string *word, struct toml_value *value) {
	bool is_true = word->size == 4 && memcmp(word->bytes, "true", 4) == 0;
	bool is_false = word->size == 5 && memcmp(word->bytes, "false", 5) == 0;
	if (!is_true && !is_false)
		return false;
	value->type = TOML_BOOL;
	value->boolean = is_true;
	return true;
}

static int parse_word(struct toml_parser *parser, struct toml_value *value) {
	struct toml_string word = take_word(parser);
	if (word.size == 0)
		return toml_fail(parser, value->place, "expected a value; a string needs quotes");
	if (parse_bool(&word, value))
		return 0;
	if (toml_looks_like_datetime(&word))
		return toml_parse_datetime(parser, &word, value);
	return toml_parse_number(parser, &word, value);
}

static int parse_array(struct toml_parser *parser, unsigned int depth, struct toml_value *array) {
	struct toml_place place = array->place;
	int r = toml_check_depth(parser, place, depth);
	if (r < 0)
		return r;
	if (!toml_array_init(parser->arena, false, place, array))
		return toml_no_memory(parser);
	parser->at++;
	for (toml_skip_lines(parser); !toml_accept(parser, "]"); toml_skip_lines(parser)) {
		struct toml_value value;
		if (parser->at == parser->end)
			return toml_fail(parser, place, "this array never ends");
		r = toml_parse_value(parser, depth + 1, &value);
		if (r < 0)
			return r;
		if (!toml_array_add(parser->arena, array, &value))
			return toml_no_memory(parser);
		toml_skip_lines(parser);
		if (!toml_accept(parser, ",") && toml_peek(parser) != ']')
			return toml_fail(parser, toml_here(parser),
			                 "expected a comma or ] in this array");
	}
	return 0;
}

static int parse_inline_table(struct toml_parser *parser, unsigned int depth,
                              struct toml_value *table) {
	struct toml_place place = table->place;
	int r = toml_check_depth(parser, place, depth);
	if (r < 0)
		return r;
	if (!toml_table_init(parser->arena, TOML_INLINE, place, table))
		return toml_no_memory(parser);
	parser->at++;
	for (toml_skip_lines(parser); !toml_accept(parser, "}"); toml_skip_lines(parser)) {
		if (parser->at == parser->end)
			return toml_fail(parser, place, "this inline table never ends");
		r = toml_parse_key_value(parser, table, depth);
		if (r < 0)
			return r;
		toml_skip_lines(parser);
		if (!toml_accept(parser, ",") && toml_peek(parser) != '}')
			return toml_fail(parser, toml_here(parser),
			                 "expected a comma or } in this inline table");
	}
	return 0;
}

static int parse_string_value(struct toml_parser *parser, struct toml_value *value) {
	value->type = TOML_STRING;
	return toml_parse_string(parser, &value->string);
}

int toml_parse_value(struct toml_parser *parser, unsigned int depth, struct toml_value *ret_value) {
	struct toml_value value = {.type = TOML_BOOL, .place = toml_here(parser)};
	int r;
	switch (toml_peek(parser)) {
	case '"':
	case '\'': r = parse_string_value(parser, &value); break;
	case '[': r = parse_array(parser, depth, &value); break;
	case '{': r = parse_inline_table(parser, depth, &value); break;
	default: r = parse_word(parser, &value);
	}
	if (r < 0)
		return r;
	*ret_value = value;
	return 0;
}
