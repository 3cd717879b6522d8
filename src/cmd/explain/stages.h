#ifndef ENVSEAL_CMD_EXPLAIN_STAGES_H
#define ENVSEAL_CMD_EXPLAIN_STAGES_H

#include "run/run.h"
#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * A run's stages without the run: the same refusals, as far as they show without starting,
 * unsealing or asking. Not found are values that do not fit and sandboxes that the kernel
 * refuses.
 */

/* What was found out at one stage. */
struct explanation_stage {
	const char *name;
	enum {
		STAGE_UNKNOWN, /* an earlier refusal left nothing to examine */
		STAGE_PASSED,
		STAGE_REFUSED,
	} state;
	int status;       /* refused: the exit status */
	struct error why; /* refused: what envseal-exec says */
};

#define EXPLANATION_STAGES_MAX 32

struct explanation {
	struct run run; /* with everything that was found out, also after a refusal */
	struct explanation_stage stages[EXPLANATION_STAGES_MAX];
	size_t stage_count;
	const struct explanation_stage *refusal; /* the run's; NULL: it would run */
	bool would_ask;                          /* for the vault's passphrase */
	bool vault_hidden;                       /* we may not look into it */
};

/*
 * Goes through the stages of the request's run. Its privilege is only described
 * (cmd/installed.h). Changes nothing. The caller frees the run with run_free.
 */
void explanation_make(const struct request *request, struct explanation *ret_explanation);

/* The stage of that name; NULL: there is none, or it can refuse nothing. */
const struct explanation_stage *explanation_stage(const struct explanation *explanation,
                                                  const char *name);

#endif
