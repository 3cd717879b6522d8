#include "toml/internal.h"

/*
 * Dates and times as RFC 3339 section 5.6 writes them; TOML 1.1 lets a time end with its minutes.
 */

struct field {
	char before; /* what stands in front of it; NUL: nothing */
	int digits;
	int low, high;
	size_t offset;
	const char *name;
};

#define FIELD(before, digits, low, high, member)                                                   \
	{ before, digits, low, high, offsetof(struct toml_datetime, member), #member }

static const struct field date_fields[] = {
	FIELD('\0', 4, 0, 9999, year),
	FIELD('-', 2, 1, 12, month),
	FIELD('-', 2, 1, 31, day),
};

/* Hours and minutes, of a time and of an offset. */
static const struct field minute_fields[] = {
	FIELD('\0', 2, 0, 23, hour),
	FIELD(':', 2, 0, 59, minute),
};

static const struct field second_field = FIELD(':', 2, 0, 60, second);

static const char malformed[] =
	"not a date or time: write YYYY-MM-DD, hh:mm or hh:mm:ss, or both with a T between";

/* A token while it is read. */
struct reader {
	struct toml_parser *parser;
	struct toml_place place;
	const char *at;
	const char *end;
};

static bool is_digit(char c) {
	return c >= '0' && c <= '9';
}

static char next(const struct reader *reader) {
	return reader->at < reader->end ? *reader->at : '\0';
}

static int read_field(struct reader *reader, const struct field *field,
                      struct toml_datetime *datetime) {
	if (field->before && next(reader) != field->before)
		return toml_fail(reader->parser, reader->place, "%s", malformed);
	if (field->before)
		reader->at++;
	int value = 0;
	for (int i = 0; i < field->digits; i++) {
		if (!is_digit(next(reader)))
			return toml_fail(reader->parser, reader->place, "%s", malformed);
		value = value * 10 + (*reader->at++ - '0');
	}
	if (value < field->low || value > field->high)
		return toml_fail(reader->parser, reader->place, "there is no such %s", field->name);
	*(int *)(void *)((char *)datetime + field->offset) = value;
	return 0;
}

static int read_fields(struct reader *reader, const struct field fields[], size_t count,
                       struct toml_datetime *datetime) {
	for (size_t i = 0; i < count; i++) {
		int r = read_field(reader, &fields[i], datetime);
		if (r < 0)
			return r;
	}
	return 0;
}

static int days_in(int year, int month) {
	static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
	return days[month - 1] + (month == 2 && leap);
}

static int read_date(struct reader *reader, struct toml_datetime *datetime) {
	int r = read_fields(reader, date_fields, ARRAY_SIZE(date_fields), datetime);
	if (r < 0)
		return r;
	if (datetime->day > days_in(datetime->year, datetime->month))
		return toml_fail(reader->parser, reader->place,
		                 "there is no such day in its month");
	return 0;
}

/* ".digits", any number of them, of which nine count. */
static int read_fraction(struct reader *reader, struct toml_datetime *datetime) {
	if (next(reader) != '.')
		return 0;
	reader->at++;
	if (!is_digit(next(reader)))
		return toml_fail(reader->parser, reader->place, "%s", malformed);
	for (int weight = 100000000; is_digit(next(reader)); weight /= 10)
		datetime->nanosecond += (*reader->at++ - '0') * weight;
	return 0;
}

static int read_time(struct reader *reader, struct toml_datetime *datetime) {
	int r = read_fields(reader, minute_fields, ARRAY_SIZE(minute_fields), datetime);
	if (r < 0 || next(reader) != second_field.before)
		return r;
	r = read_field(reader, &second_field, datetime);
	if (r < 0)
		return r;
	return read_fraction(reader, datetime);
}

/* "Z" or "+hh:mm". */
static int read_offset(struct reader *reader, struct toml_datetime *datetime) {
	char sign = next(reader);
	reader->at++;
	if (sign == 'Z' || sign == 'z')
		return 0;
	if (sign != '+' && sign != '-')
		return toml_fail(reader->parser, reader->place, "%s", malformed);
	struct toml_datetime offset = {0};
	int r = read_fields(reader, minute_fields, ARRAY_SIZE(minute_fields), &offset);
	if (r < 0)
		return r;
	int minutes = offset.hour * 60 + offset.minute;
	datetime->offset_minutes = sign == '-' ? -minutes : minutes;
	return 0;
}

/*
 * A 60th second exists only in the last minute of a UTC day (RFC 3339 section 5.7). Which days have
 * one is not known ahead; and without an offset the UTC minute is not known either.
 */
static int check_leap_second(struct reader *reader, const struct toml_datetime *datetime) {
	int minute = datetime->hour * 60 + datetime->minute - datetime->offset_minutes;
	if (datetime->second == 60 && (minute + 2 * 1440) % 1440 != 1439)
		return toml_fail(reader->parser, reader->place, "there is no such second");
	return 0;
}

static int read_datetime(struct reader *reader, struct toml_value *value) {
	struct toml_datetime *datetime = &value->datetime;
	value->type = TOML_DATE_LOCAL;
	int r = read_date(reader, datetime);
	if (r < 0 || reader->at == reader->end)
		return r;
	char separator = *reader->at++;
	if (separator != 'T' && separator != 't' && separator != ' ')
		return toml_fail(reader->parser, reader->place, "%s", malformed);
	value->type = TOML_DATETIME_LOCAL;
	r = read_time(reader, datetime);
	if (r < 0 || reader->at == reader->end)
		return r;
	value->type = TOML_DATETIME;
	r = read_offset(reader, datetime);
	if (r < 0)
		return r;
	return check_leap_second(reader, datetime);
}

/* Whether the token begins with as many digits, then `after`. */
static bool begins_with(const struct toml_string *token, size_t digits, char after) {
	if (token->size <= digits || token->bytes[digits] != after)
		return false;
	for (size_t i = 0; i < digits; i++)
		if (!is_digit(token->bytes[i]))
			return false;
	return true;
}

bool toml_looks_like_datetime(const struct toml_string *token) {
	return begins_with(token, 4, '-') || begins_with(token, 2, ':');
}

int toml_parse_datetime(struct toml_parser *parser, const struct toml_string *token,
                        struct toml_value *value) {
	struct reader reader = {
		.parser = parser,
		.place = value->place,
		.at = token->bytes,
		.end = token->bytes + token->size,
	};
	value->datetime = (struct toml_datetime){0};
	int r;
	if (begins_with(token, 2, ':')) {
		value->type = TOML_TIME_LOCAL;
		r = read_time(&reader, &value->datetime);
	} else {
		r = read_datetime(&reader, value);
	}
	if (r < 0)
		return r;
	if (reader.at != reader.end)
		return toml_fail(parser, value->place, "%s", malformed);
	return 0;
}
