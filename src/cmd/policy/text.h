#ifndef ENVSEAL_CMD_POLICY_TEXT_H
#define ENVSEAL_CMD_POLICY_TEXT_H

#include "pin/pin.h"
#include "policy/policy.h"
#include "util/buffer.h"
#include "util/error.h"

/* The text that `envseal policy new` writes: a policy whose comments explain each key. */

struct policy_draft {
	const char *command;
	enum sandbox_tier tier;
	const char *kind;    /* "a script", "an ELF program": for people */
	const char *package; /* that owns the command; NULL: unknown */
	bool runs_anything;  /* it executes what its arguments say */
	bool approved;       /* it needs its user's approval */
	struct pin_hash hash;
	const struct policy_secret *secrets; /* variable and name only */
	size_t secret_count;
	const char *interpreter;                 /* NULL: not a script */
	const struct pin_hash *interpreter_hash; /* NULL: the interpreter is trusted */
	char *const *options;                    /* of the interpreter; NULL: none */
};

void policy_draft_write(const struct policy_draft *draft, struct buffer *text);

/*
 * The same from a template, which is any policy: replaces its `command`, adds the hash unless
 * pin = "trusted", and keeps everything else with its comments. `name` is for messages.
 * -EBADMSG: not a policy, or one with a `hash`.
 */
int policy_draft_from(const struct policy_draft *draft, const struct buffer *template,
                      const char *name, struct buffer *text, struct error *err);

#endif
