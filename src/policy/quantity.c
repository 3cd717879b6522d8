/* Durations, sizes and counts: how the keys of [limits] are read. */
#include "policy/schema.h"

#include "util/cleanup.h"

#include <inttypes.h>
#include <string.h>

struct unit {
	const char *name;
	uint64_t factor;
};

/* What a kind of quantity is measured in, and how a message names it. NULL ends the units. */
struct measure {
	const char *form;
	struct unit units[5];
};

static const struct measure milliseconds = {
	"a number with a unit, ms, s, m or h, as \"30s\"",
	{{"ms", 1}, {"s", 1000}, {"m", 60 * 1000}, {"h", 60 * 60 * 1000}, {NULL, 0}},
};
static const struct measure seconds = {
	"a number with a unit, s, m or h, as \"60s\"",
	{{"s", 1}, {"m", 60}, {"h", 60 * 60}, {NULL, 0}},
};
/* clang-format off */
static const struct measure bytes = {
	"a number with a unit, K, M, G or T, as \"512M\"",
	{{"K", UINT64_C(1) << 10}, {"M", UINT64_C(1) << 20}, {"G", UINT64_C(1) << 30},
	 {"T", UINT64_C(1) << 40}, {NULL, 0}},
};
static const struct measure plain_bytes = {
	"a number of bytes, or with K, M or G (powers of 1024) behind it",
	{{"", 1},
	 {"K", UINT64_C(1) << 10},
	 {"M", UINT64_C(1) << 20},
	 {"G", UINT64_C(1) << 30},
	 {NULL, 0}},
};
/* clang-format on */

#define HOURS_A_YEAR (UINT64_C(365) * 24)
#define YEAR_SECONDS (HOURS_A_YEAR * 60 * 60)
#define TERABYTES(n) (UINT64_C(n) << 40)

static uint64_t unit_factor(const struct measure *measure, const char *name) {
	for (const struct unit *unit = measure->units; unit->name; unit++) {
		if (strcmp(unit->name, name) == 0)
			return unit->factor;
	}
	return 0;
}

/* 0: not a number with one of the units, or above `max`. */
static uint64_t parse(const struct measure *measure, const char *text, uint64_t max) {
	size_t digits = strspn(text, "0123456789");
	uint64_t factor = digits ? unit_factor(measure, text + digits) : 0;
	uint64_t number = 0;
	if (factor == 0)
		return 0;
	for (size_t i = 0; i < digits; i++) {
		number = number * 10 + (uint64_t)(text[i] - '0');
		if (number > max / factor)
			return 0;
	}
	return number * factor;
}

/* `range` is for the message: the limits in units that a policy uses. */
static int read_measured(struct schema_reader *reader, const struct toml_value *value,
                         const struct measure *measure, uint64_t min, uint64_t max,
                         const char *range, uint64_t *into) {
	uint64_t number = 0;
	/* By length as well: TOML allows \u0000. */
	if (strlen(value->string.bytes) == value->string.size)
		number = parse(measure, value->string.bytes, max);
	if (number < min)
		return schema_fail(reader, value->place, "must be %s, %s", measure->form, range);
	*into = number;
	return 0;
}

static int read_count(struct schema_reader *reader, const struct toml_value *value, int64_t min,
                      int64_t max, uint64_t *into) {
	if (value->integer < min || value->integer > max)
		return schema_fail(reader, value->place, "must be %" PRId64 " to %" PRId64, min,
		                   max);
	*into = (uint64_t)value->integer;
	return 0;
}

int field_timeout(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_measured(reader, value, &milliseconds, 1, YEAR_SECONDS * 1000, "1ms to 8760h",
	                     into);
}

int field_cpu_time(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_measured(reader, value, &seconds, 1, YEAR_SECONDS, "1s to 8760h", into);
}

/* With less than a megabyte hardly a program starts. */
int field_memory(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_measured(reader, value, &bytes, UINT64_C(1) << 20, TERABYTES(1024),
	                     "1M to 1024T", into);
}

int field_file_size(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_measured(reader, value, &bytes, 1024, TERABYTES(1024), "1K to 1024T", into);
}

/* The kernel's PID_MAX_LIMIT. */
int field_processes(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_count(reader, value, 1, 4194304, into);
}

/*
 * Enough for the standard descriptors and for the dynamic loader. At most the kernel's default
 * fs.nr_open.
 */
int field_open_files(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_count(reader, value, 8, 1048576, into);
}

int field_tmp_size(struct schema_reader *reader, const struct toml_value *value, void *into) {
	return read_measured(reader, value, &plain_bytes, 4096, TERABYTES(1024), "4K to 1048576G",
	                     into);
}
