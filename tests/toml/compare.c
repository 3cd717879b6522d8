#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * compare EXPECTED.json ACTUAL.json: whether two files of toml-test's tagged JSON mean the same.
 * Floats are compared as numbers, dates and times as instants, all else exactly. Exit 0, 1 (the
 * first difference on stderr) or 2 (a file that is not JSON).
 */

struct instant {
	int64_t seconds;
	long nanoseconds;
};

static int64_t days_before(int64_t year, int month, int day) {
	/* Years that begin in March put the leap day last (the civil calendar's usual trick). */
	int64_t y = year - (month <= 2);
	int64_t m = (month + 9) % 12;
	int64_t leap_days = (y + 400) / 4 - (y + 400) / 100 + (y + 400) / 400;
	return 365 * y + leap_days + (153 * m + 2) / 5 + day;
}

/* Reads ".digits" of which nine count; returns what follows. */
static const char *read_fraction(const char *text, long *ret_nanoseconds) {
	*ret_nanoseconds = 0;
	if (*text != '.')
		return text;
	long weight = 100000000;
	for (text++; *text >= '0' && *text <= '9'; text++, weight /= 10)
		*ret_nanoseconds += (*text - '0') * weight;
	return text;
}

static bool read_offset(const char *text, int64_t *ret_seconds) {
	int hours = 0, minutes = 0;
	*ret_seconds = 0;
	if (*text == '\0' || strcmp(text, "Z") == 0)
		return true;
	if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d", &hours, &minutes) != 2)
		return false;
	*ret_seconds = (*text == '-' ? -60 : 60) * (hours * 60 + minutes);
	return true;
}

static bool read_instant(const char *text, struct instant *ret_instant) {
	int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, used = 0;
	int64_t offset = 0;
	if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &used) == 3)
		text += used + (text[used] != '\0');
	used = 0;
	if (*text && (sscanf(text, "%2d:%2d:%2d%n", &hour, &minute, &second, &used) != 3 || !used))
		return false;
	text = read_fraction(text + used, &ret_instant->nanoseconds);
	if (!read_offset(text, &offset))
		return false;
	ret_instant->seconds =
		days_before(year, month, day) * 86400 + hour * 3600 + minute * 60 + second - offset;
	return true;
}

static bool same_instant(const char *a, const char *b) {
	struct instant first = {0}, second = {0};
	return read_instant(a, &first) && read_instant(b, &second) &&
	       first.seconds == second.seconds && first.nanoseconds == second.nanoseconds;
}

static bool same_float(const char *a, const char *b) {
	char *a_end = NULL, *b_end = NULL;
	double first = strtod(a, &a_end), second = strtod(b, &b_end);
	if (a_end == a || *a_end || b_end == b || *b_end)
		return false;
	if (isnan(first) || isnan(second))
		return isnan(first) && isnan(second);
	return first == second && signbit(first) == signbit(second);
}

static const struct {
	const char *type;
	bool (*same)(const char *a, const char *b);
} comparisons[] = {
	{"float", same_float},
	{"datetime", same_instant},
	{"datetime-local", same_instant},
	{"date-local", same_instant},
	{"time-local", same_instant},
};

/* A TOML value is an object of two strings; a TOML table's members are never strings. */
static bool is_scalar(const json_t *value) {
	return json_is_string(json_object_get(value, "type")) &&
	       json_is_string(json_object_get(value, "value"));
}

static bool same_scalar(const json_t *a, const json_t *b) {
	const json_t *type = json_object_get(a, "type");
	const json_t *first = json_object_get(a, "value"), *second = json_object_get(b, "value");
	if (!json_equal(type, json_object_get(b, "type")))
		return false;
	for (size_t i = 0; i < sizeof(comparisons) / sizeof(comparisons[0]); i++)
		if (strcmp(comparisons[i].type, json_string_value(type)) == 0)
			return comparisons[i].same(json_string_value(first),
			                           json_string_value(second));
	return json_equal(first, second);
}

static bool same(json_t *expected, json_t *actual, const char *name);

static bool same_object(json_t *expected, json_t *actual) {
	const char *key;
	json_t *value;
	if (json_object_size(expected) != json_object_size(actual))
		return false;
	json_object_foreach(expected, key, value) {
		if (!same(value, json_object_get(actual, key), key))
			return false;
	}
	return true;
}

static bool same_array(json_t *expected, json_t *actual, const char *name) {
	if (json_array_size(expected) != json_array_size(actual))
		return false;
	for (size_t i = 0; i < json_array_size(expected); i++)
		if (!same(json_array_get(expected, i), json_array_get(actual, i), name))
			return false;
	return true;
}

static bool same(json_t *expected, json_t *actual, const char *name) {
	bool equal = false;
	if (json_is_array(expected) && json_is_array(actual))
		equal = same_array(expected, actual, name);
	else if (is_scalar(expected) && is_scalar(actual))
		equal = same_scalar(expected, actual);
	else if (json_is_object(expected) && json_is_object(actual))
		equal = is_scalar(expected) == is_scalar(actual) && same_object(expected, actual);
	if (!equal)
		fprintf(stderr, "differs at '%s'\n", name);
	return equal;
}

/*
 * jansson refuses NUL in an object's key, TOML does not: every \u0000 is read as the noncharacter
 * \ufdd0 instead, in both files, and no case of ours or of the suite uses that one.
 */
static void replace_nuls(char *text) {
	for (; *text; text++) {
		if (*text != '\\')
			continue;
		if (strncmp(text, "\\u0000", 6) == 0)
			memcpy(text, "\\ufdd0", 6);
		text++;
		if (*text == '\0')
			return;
	}
}

static char *read_file(const char *path) {
	static const size_t room = 16 * 1024 * 1024;
	FILE *file = fopen(path, "rb");
	char *text = calloc(1, room + 1);
	if (!file || !text || fread(text, 1, room, file) == room) {
		fprintf(stderr, "compare: cannot read '%s'\n", path);
		exit(2);
	}
	fclose(file);
	return text;
}

static json_t *load(const char *path) {
	json_error_t error;
	char *text = read_file(path);
	replace_nuls(text);
	json_t *json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		fprintf(stderr, "%s:%d:%d: %s\n", path, error.line, error.column, error.text);
	free(text);
	return json;
}

int main(int argc, char **argv) {
	if (argc != 3) {
		fprintf(stderr, "usage: compare EXPECTED.json ACTUAL.json\n");
		return 2;
	}
	json_t *expected = load(argv[1]);
	json_t *actual = load(argv[2]);
	int status = !expected || !actual ? 2 : same(expected, actual, "") ? 0 : 1;
	json_decref(expected);
	json_decref(actual);
	return status;
}
