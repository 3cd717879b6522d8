#ifndef ENVSEAL_CMD_EXPLAIN_EXPLAIN_H
#define ENVSEAL_CMD_EXPLAIN_EXPLAIN_H

#include "cmd/explain/stages.h"
#include "util/buffer.h"

#include <jansson.h>

/* What `envseal explain` says of one run; each section is a function of the table in explain.c, which prints them. */

struct explained {
	const struct explanation *explanation;
	const struct run *run;             /* the same's */
	const struct privilege *installed; /* what envseal-exec gets to begin with */
	bool user_mode;                    /* asked for by an option */
};

/* Lines for people, and the same as members of an object for --json. */
struct explain_part {
	struct buffer text;
	json_t *facts;
};

void explain_line(struct explain_part *part, const char *format, ...) __attribute__((format(printf, 2, 3)));
void explain_fact(struct explain_part *part, const char *name, json_t *value);

/* A string that need not be UTF-8; NULL becomes null. */
json_t *explain_text(const char *text);

/* How a stage of the run ended: `passed` when it did (NULL: nothing), else why it was refused or not looked at. */
void explain_stage(struct explain_part *part, const struct explained *explained, const char *stage,
                   const char *passed);

typedef void explain_write(const struct explained *explained, struct explain_part *part);

/* explain_policy.c: which policy, and whether it counts */
explain_write explain_mode, explain_command, explain_layers, explain_policy, explain_use, explain_pin,
	explain_vault;

/* explain_program.c: what is executed, with what */
explain_write explain_script, explain_arguments, explain_environment, explain_secrets;

/* explain_sandbox.c: and in what */
explain_write explain_tier, explain_network, explain_limits, explain_output;

#endif
