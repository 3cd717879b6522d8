#include "toml/internal.h"

#include <locale.h>
#include <math.h>
#include <string.h>

/* Integers and floats. A token is one word of the text; places are those of its first byte. */

static const char not_a_value[] =
	"not a value; a string needs quotes, and true and false are lower case";
static const char not_a_number[] = "not a number";

static bool is_digit(char c, int base) {
	if (c >= '0' && c <= '9')
		return c - '0' < base;
	char lower = c | 0x20;
	return base == 16 && lower >= 'a' && lower <= 'f';
}

/* Digits with single underscores between them. NULL when there is none; else where they stop. */
static const char *skip_digits(const char *at, const char *end, int base) {
	if (at >= end || !is_digit(*at, base))
		return NULL;
	for (at++; at < end; at++) {
		if (*at == '_' && end - at > 1 && is_digit(at[1], base))
			at++;
		else if (!is_digit(*at, base))
			break;
	}
	return at;
}

static bool is_sign(char c) {
	return c == '+' || c == '-';
}

/* The digits in [at, end), checked before. -ERANGE beyond 64 bits. */
static int convert_integer(const char *at, const char *end, int base, bool negative,
                           int64_t *ret_integer) {
	uint64_t sum = 0;
	for (; at < end; at++) {
		if (*at == '_')
			continue;
		uint64_t digit = (uint64_t)(*at <= '9' ? *at - '0' : (*at | 0x20) - 'a' + 10);
		if (__builtin_mul_overflow(sum, (uint64_t)base, &sum) ||
		    __builtin_add_overflow(sum, digit, &sum))
			return -ERANGE;
	}
	if (sum > (uint64_t)INT64_MAX + negative)
		return -ERANGE;
	*ret_integer = negative ? (int64_t)(0 - sum) : (int64_t)sum;
	return 0;
}

static int set_integer(struct toml_parser *parser, const char *at, const char *end, int base,
                       bool negative, struct toml_value *value) {
	if (convert_integer(at, end, base, negative, &value->integer) < 0)
		return toml_fail(parser, value->place, "this integer does not fit into 64 bits");
	value->type = TOML_INTEGER;
	return 0;
}

static const struct {
	char name;
	int base;
} bases[] = {{'x', 16}, {'o', 8}, {'b', 2}};

/* The base of "0x", "0o", "0b"; 0 when the token does not begin so. */
static int base_of(const struct toml_string *token) {
	if (token->size < 2 || token->bytes[0] != '0')
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(bases); i++)
		if (bases[i].name == token->bytes[1])
			return bases[i].base;
	return 0;
}

static int parse_prefixed(struct toml_parser *parser, const struct toml_string *token, int base,
                          struct toml_value *value) {
	const char *end = token->bytes + token->size;
	if (skip_digits(token->bytes + 2, end, base) != end)
		return toml_fail(parser, value->place, "not a number of base %d", base);
	return set_integer(parser, token->bytes + 2, end, base, false, value);
}

/*
 * strtod(3) obeys the locale: where the decimal comma rules it would stop at the point. The "C"
 * locale object is part of the C library, so asking for it opens no file and works in a static
 * program; no program of ours calls setlocale(3), but a test or a later one may.
 */
static int convert_float(const char *digits, double *ret_number) {
	locale_t c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	if (c_locale == (locale_t)0)
		return -ENOMEM;
	*ret_number = strtod_l(digits, NULL, c_locale);
	freelocale(c_locale);
	return 0;
}

static int set_float(struct toml_parser *parser, const struct toml_string *token,
                     struct toml_value *value) {
	char *digits = toml_arena_alloc(parser->arena, token->size + 1);
	if (!digits)
		return toml_no_memory(parser);
	size_t size = 0;
	for (size_t i = 0; i < token->size; i++)
		if (token->bytes[i] != '_')
			digits[size++] = token->bytes[i];
	digits[size] = '\0';
	if (convert_float(digits, &value->number) < 0)
		return toml_no_memory(parser);
	/* Infinity has a name of its own: nobody means it by a long exponent. */
	if (isinf(value->number))
		return toml_fail(parser, value->place, "this float does not fit into 64 bits");
	value->type = TOML_FLOAT;
	return 0;
}

static bool is_word(const char *at, const char *end, const char *word) {
	return (size_t)(end - at) == strlen(word) && memcmp(at, word, strlen(word)) == 0;
}

static bool parse_special(const char *at, const char *end, bool negative,
                          struct toml_value *value) {
	bool infinite = is_word(at, end, "inf");
	if (!infinite && !is_word(at, end, "nan"))
		return false;
	value->type = TOML_FLOAT;
	value->number = copysign(infinite ? (double)INFINITY : (double)NAN, negative ? -1.0 : 1.0);
	return true;
}

/* ".digits" and "e+digits", each at most once and in that order. NULL where the grammar breaks. */
static const char *skip_fraction(const char *at, const char *end) {
	if (at && at < end && *at == '.')
		at = skip_digits(at + 1, end, 10);
	if (at && at < end && (*at == 'e' || *at == 'E')) {
		at++;
		at = skip_digits(at < end && is_sign(*at) ? at + 1 : at, end, 10);
	}
	return at;
}

int toml_parse_number(struct toml_parser *parser, const struct toml_string *token,
                      struct toml_value *value) {
	const char *at = token->bytes;
	const char *end = at + token->size;
	int base = base_of(token);
	if (base)
		return parse_prefixed(parser, token, base, value);
	bool negative = *at == '-';
	if (is_sign(*at))
		at++;
	if (parse_special(at, end, negative, value))
		return 0;
	const char *whole_end = skip_digits(at, end, 10);
	if (!whole_end)
		return toml_fail(parser, value->place, "%s", not_a_value);
	if (*at == '0' && whole_end - at > 1)
		return toml_fail(parser, value->place, "a number may not start with a zero");
	if (skip_fraction(whole_end, end) != end)
		return toml_fail(parser, value->place, "%s", not_a_number);
	if (whole_end == end)
		return set_integer(parser, at, end, 10, negative, value);
	return set_float(parser, token, value);
}
