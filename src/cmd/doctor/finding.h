#ifndef ENVSEAL_CMD_DOCTOR_FINDING_H
#define ENVSEAL_CMD_DOCTOR_FINDING_H

#include "util/error.h"

#include <jansson.h>

enum finding_level {
	FINDING_OK,
	FINDING_NOTE,    /* worth knowing */
	FINDING_WEAK,    /* something works less well, or protects less, than it could */
	FINDING_MISSING, /* envseal-exec cannot work as it is */
};

/*
 * What one check found: a text, what to do about it (empty: nothing), and the numbers for
 * --json.
 */
struct finding {
	enum finding_level level;
	char text[1024];
	char advice[1024];
	json_t *facts;
};

void finding_set(struct finding *finding, enum finding_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
void finding_advise(struct finding *finding, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void finding_fact(struct finding *finding, const char *name, json_t *value);

/* A probe's result: `good` when it returned 0, else its error at `otherwise`. */
void finding_probe(struct finding *finding, int r, const char *good, enum finding_level otherwise,
                   const struct error *err);

#endif
