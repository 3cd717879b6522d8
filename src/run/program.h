#ifndef ENVSEAL_RUN_PROGRAM_H
#define ENVSEAL_RUN_PROGRAM_H

#include "pin/pin.h"
#include "policy/find.h"
#include "policy/policy.h"
#include "run/script.h"
#include "sandbox/spec.h"
#include "util/error.h"

/*
 * The program of a policy's command: one pinned file, or a script and its interpreter, with the
 * argument vector for execve(2).
 */
struct program {
	struct pin *command; /* owned */
	bool is_script;
	struct script script; /* who reads it, and where */
	char **argv;          /* NULL at the end; the strings are others' */
	int fd;               /* what is executed: the command, or its interpreter */
};

/*
 * Opens what is needed besides the command (whose pin it takes over, also on failure) and makes the
 * bytes of all of it immutable. `arguments` are the caller's, after the command. `spec` has
 * features and namespaces, and gets the descriptors, and the private copies (sandbox/copies.h) that
 * the sandbox is to make. Errors as script_prepare.
 */
int program_prepare(struct pin *command, const struct policy *policy, char *const arguments[],
                    struct sandbox_spec *spec, struct program *ret_program, struct error *err);

/*
 * Proves the bytes: the command by the policy's hashes and the pins, or by trust where the policy
 * says so; the interpreter by its hashes or by trust. -EBADMSG, -EPERM.
 */
int program_verify(const struct program *program, const struct policy *policy,
                   const struct policy_hashes *pins, struct error *err);

void program_free(struct program *program);

#define cleanup_program __attribute__((cleanup(program_free)))

#endif
