#ifndef ENVSEAL_RUN_SCRIPT_H
#define ENVSEAL_RUN_SCRIPT_H

#include "pin/header.h"
#include "pin/pin.h"
#include "policy/policy.h"
#include "util/error.h"

/* A script as execve(2) sees it: the program that reads it, that program's options, and where it reads. */
struct script {
	struct pin *interpreter;     /* owned, settled */
	char *arg0;                  /* owned; the interpreter's argv[0] */
	struct script_header header; /* owned */
	char *const *options;        /* the policy's or the header's; NULL at the end */
	char *path;                  /* owned; what the interpreter is told to read */
	const char *copy_name;       /* base name of the sandbox's private copy; NULL: none */
};

/*
 * Who reads it: the policy's script.interpreter, else what its header says. The interpreter must be trusted, or
 * hashed by the policy. `script` is settled; `copies` is where the sandbox can make a private copy, or NULL.
 *   -ENOEXEC  nobody is named, or the interpreter is a script itself
 *   -EPERM    the interpreter is neither trusted nor hashed
 */
int script_prepare(const struct pin *script, const struct policy *policy, const char *copies,
                   struct script *ret_script, struct error *err);
void script_free(struct script *script);
#define cleanup_script __attribute__((cleanup(script_free)))

#endif
