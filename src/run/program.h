#ifndef ENVSEAL_RUN_PROGRAM_H
#define ENVSEAL_RUN_PROGRAM_H

#include "pin/pin.h"
#include "policy/find.h"
#include "policy/policy.h"
#include "run/launch.h"
#include "run/script.h"
#include "util/error.h"

/*
 * What a policy's command comes down to: one pinned file, or a script and the interpreter that reads it,
 * with the argument vector that execve(2) gets.
 */
struct program {
	struct pin *command; /* owned */
	bool is_script;
	struct script script; /* who reads it, and where */
	char **arguments;     /* after argv[0], NULL at the end */
	struct target target; /* points into the above */
};

/*
 * Opens what is needed besides the command (whose pin it takes over, also on failure) and makes the bytes of
 * all of it immutable. `arguments` are the caller's, after the command. `copies` is where the sandbox can make
 * private copies (sandbox/copies.h), NULL for nowhere. Errors as script_prepare.
 */
int program_prepare(struct pin *command, const struct policy *policy, char *const arguments[],
                    const char *copies, struct program *ret_program, struct error *err);

/*
 * Proves the bytes: the command by the policy's hashes and the pins, or by trust where the policy says so;
 * the interpreter by its hashes or by trust. -EBADMSG, -EPERM.
 */
int program_verify(const struct program *program, const struct policy *policy, const struct policy_hashes *pins,
                   struct error *err);

void program_free(struct program *program);

#define cleanup_program __attribute__((cleanup(program_free)))

#endif
