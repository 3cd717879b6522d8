#ifndef ENVSEAL_CMD_EXPLAIN_PART_H
#define ENVSEAL_CMD_EXPLAIN_PART_H

#include "cmd/explain/stages.h"
#include "util/buffer.h"

#include <jansson.h>

/* What a section of `envseal explain` reads and writes. */

struct explained {
	const struct explanation *explanation;
	const struct run *run;             /* of the explanation */
	const struct privilege *installed; /* what envseal-exec gets to begin with */
	bool user_mode;                    /* asked for by an option */
};

/* Lines for people, and the same as members of an object for --json. */
struct explain_part {
	struct buffer text;
	json_t *facts;
};

void explain_line(struct explain_part *part, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void explain_fact(struct explain_part *part, const char *name, json_t *value);

/*
 * How a stage of the run ended: `passed` if it passed (NULL: nothing), else why it was refused
 * or not examined.
 */
void explain_stage(struct explain_part *part, const struct explained *explained, const char *stage,
                   const char *passed);

#endif
