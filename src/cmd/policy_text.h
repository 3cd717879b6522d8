#ifndef ENVSEAL_CMD_POLICY_TEXT_H
#define ENVSEAL_CMD_POLICY_TEXT_H

#include "pin/pin.h"
#include "policy/policy.h"
#include "util/buffer.h"

/* The text that `envseal policy new` writes: a policy whose comments explain each key. */

struct policy_draft {
	const char *command;
	enum policy_tier tier;
	bool approved;                         /* it counts when its user approves it */
	struct pin_hash hash;
	const struct policy_secret *secrets;   /* variable and name only */
	size_t secret_count;
	const char *interpreter;               /* NULL: not a script */
	const struct pin_hash *interpreter_hash; /* NULL: the interpreter is trusted */
	char *const *options;                  /* of the interpreter, NULL at the end; NULL: none */
};

void policy_draft_write(const struct policy_draft *draft, struct buffer *text);

#endif
