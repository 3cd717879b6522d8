#ifndef ENVSEAL_CMD_DURATION_H
#define ENVSEAL_CMD_DURATION_H

#include "util/error.h"

#include <stdint.h>

/*
 * "90d": a number and s, m, h, d, w or y (365 days), at least 1 second, at most 100 years.
 * -EINVAL.
 */
int duration_parse(const char *text, int64_t *ret_seconds, struct error *err);

/*
 * An expiry in seconds since the epoch: a duration from `now` on, or a day ("2027-06-30"), which
 * means its first second in UTC. -EINVAL: neither, or not in the future.
 */
int duration_parse_end(const char *text, int64_t now, int64_t *ret_end, struct error *err);

/* "3d", "12m": the largest unit of which there is at least one. */
#define DURATION_TEXT_SIZE 24
void duration_format(int64_t seconds, char ret_text[static DURATION_TEXT_SIZE]);

/* "2027-06-30T00:00:00Z" */
#define DURATION_TIME_SIZE 24
void duration_format_time(int64_t time, char ret_text[static DURATION_TIME_SIZE]);

#endif
