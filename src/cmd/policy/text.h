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
	const char *package; /* the one that owns it; NULL: none is known */
	bool runs_anything;  /* whatever its arguments say */
	bool approved;       /* it counts when its user approves it */
	struct pin_hash hash;
	const struct policy_secret *secrets; /* variable and name only */
	size_t secret_count;
	const char *interpreter;                 /* NULL: not a script */
	const struct pin_hash *interpreter_hash; /* NULL: the interpreter is trusted */
	char *const *options;                    /* of the interpreter, NULL at the end; NULL: none */
};

void policy_draft_write(const struct policy_draft *draft, struct buffer *text);

/*
 * The same from a template: a policy for the same command elsewhere, or another one, whose `command` is replaced and to
 * which the hash is added (but to pin = "trusted"), comments and all else kept. `name` is for messages. -EBADMSG: not a
 * policy, or one that has a `hash` itself.
 */
int policy_draft_from(const struct policy_draft *draft, const struct buffer *template, const char *name,
                      struct buffer *text, struct error *err);

#endif
