#ifndef ENVSEAL_RUN_SCRIPT_H
#define ENVSEAL_RUN_SCRIPT_H

#include "pin/header.h"
#include "pin/pin.h"
#include "policy/policy.h"
#include "util/error.h"

/*
 * A script as execve(2) sees it: its interpreter, the interpreter's options, and the path that it
 * reads.
 */
struct script {
	struct pin *interpreter;     /* owned, settled */
	char *arg0;                  /* owned; the interpreter's argv[0] */
	struct script_header header; /* owned */
	char *const *options;        /* the policy's or the header's; NULL at the end */
	char *path;                  /* owned; what the interpreter is told to read */
	const char *copy_name;       /* base name of the sandbox's private copy; NULL: none */
};

/*
 * The interpreter is the policy's script.interpreter, else the one in the script's header. It must
 * be trusted, or hashed by the policy. `script` is settled; `copies` is where the sandbox can make
 * a private copy, or NULL.
 *  -ENOEXEC  no interpreter is named, or it is a script itself
 *  -EPERM    the interpreter is neither trusted nor hashed
 */
int script_prepare(const struct pin *script, const struct policy *policy, const char *copies,
                   struct script *ret_script, struct error *err);
void script_free(struct script *script);
#define cleanup_script __attribute__((cleanup(script_free)))

#endif
