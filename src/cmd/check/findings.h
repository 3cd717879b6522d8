#ifndef ENVSEAL_CMD_CHECK_FINDINGS_H
#define ENVSEAL_CMD_CHECK_FINDINGS_H

#include "cmd/check/check.h"

#include <jansson.h>
#include <stdbool.h>

/* Findings kept, to be sorted by weight, printed and written as JSON. */

struct kept_finding {
	struct check_finding finding; /* its strings are owned */
	size_t order;                 /* in which the findings came */
};

struct findings {
	struct kept_finding *items;
	size_t count;
	size_t counts[CHECK_NOTE + 1]; /* by severity */
	bool failed;                   /* one could not be kept: no memory */
};

/* For struct checker: `context` is a struct findings. */
void findings_keep(void *context, const struct check_finding *finding);

/* Errors first, then warnings, then notes; within each as they came. */
void findings_sort(struct findings *findings);

/* "FILE:LINE:COLUMN: TEXT [SEVERITY: CODE]". */
void finding_print(const struct check_finding *finding);
/* NULL: no memory. */
json_t *findings_json(const struct findings *findings);

/* "1 error, 2 warnings, no notes"; `text` is for any 64 bytes. */
void findings_count(const struct findings *findings, char text[static 64]);

void findings_free(struct findings *findings);
#define cleanup_findings __attribute__((cleanup(findings_free)))

#endif
