#include "cmd/duration.h"

#include "util/cleanup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const struct {
	char letter;
	int64_t seconds;
} units[] = {
	{'y', 365 * 86400}, {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1},
};

#define LONGEST ((int64_t)100 * 365 * 86400)

static int64_t unit_of(const char *text) {
	for (size_t i = 0; i < ARRAY_SIZE(units); i++) {
		if (text[0] == units[i].letter && text[1] == '\0')
			return units[i].seconds;
	}
	return 0;
}

int duration_parse(const char *text, int64_t *ret_seconds, struct error *err) {
	size_t digits = strspn(text, "0123456789");
	int64_t unit = unit_of(text + digits);
	int64_t count = digits > 0 && digits <= 10 ? strtoll(text, NULL, 10) : 0;
	if (unit == 0 || count < 1 || count > LONGEST / unit)
		return error_set(err, EINVAL,
		                 "a duration is a number and one of s m h d w y, as in 90d");
	*ret_seconds = count * unit;
	return 0;
}

static int parse_day(const char *text, int64_t *ret_time) {
	struct tm tm = {0};
	char back[sizeof("YYYY-MM-DD")];
	if (strlen(text) != 10 ||
	    sscanf(text, "%4d-%2d-%2d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday) != 3)
		return -EINVAL;
	tm.tm_year -= 1900;
	tm.tm_mon--;
	time_t time = timegm(&tm);
	/* timegm(3) takes 31 February for a day in March. */
	if (strftime(back, sizeof(back), "%Y-%m-%d", &tm) == 0 || strcmp(back, text) != 0)
		return -EINVAL;
	*ret_time = time;
	return 0;
}

int duration_parse_end(const char *text, int64_t now, int64_t *ret_end, struct error *err) {
	int64_t end = 0;
	int64_t seconds = 0;
	if (duration_parse(text, &seconds, err) == 0)
		end = now + seconds;
	else if (parse_day(text, &end) < 0)
		return error_set(err, EINVAL,
		                 "an expiry is a duration from now (90d) or a day (2027-06-30)");
	if (end <= now)
		return error_set(err, EINVAL, "that day has passed");
	*ret_end = end;
	return 0;
}

void duration_format(int64_t seconds, char ret_text[static DURATION_TEXT_SIZE]) {
	size_t i = 0;
	while (i + 1 < ARRAY_SIZE(units) && seconds < units[i].seconds)
		i++;
	snprintf(ret_text, DURATION_TEXT_SIZE, "%" PRId64 "%c",
	         seconds < 0 ? 0 : seconds / units[i].seconds, units[i].letter);
}

void duration_format_time(int64_t time, char ret_text[static DURATION_TIME_SIZE]) {
	struct tm tm = {0};
	time_t seconds = (time_t)time;
	gmtime_r(&seconds, &tm);
	if (strftime(ret_text, DURATION_TIME_SIZE, "%Y-%m-%dT%H:%M:%SZ", &tm) == 0)
		ret_text[0] = '\0';
}
