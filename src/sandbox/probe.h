#ifndef ENVSEAL_SANDBOX_PROBE_H
#define ENVSEAL_SANDBOX_PROBE_H

#include "sandbox/tier.h"
#include "util/error.h"

/*
 * What this kernel lets this user do, found out by doing it, in a child that then ends. Each returns 0, or a
 * negative errno with what was refused and, where it can be seen, why (sandbox/diagnose.h). Nothing
 * outside of the child changes. Call them from a process with one thread and no secrets.
 */

/* A new user namespace with the caller's ids mapped. */
int probe_user_namespace(struct error *err);

/* A /proc of a new PID namespace, mounted over the host's. */
int probe_fresh_proc(struct error *err);

/* The filter of the tier hardened. */
int probe_seccomp(struct error *err);

/*
 * All that the sandbox of a tier does before its target runs, by the code that does it: namespaces and the
 * helper's every step. Standard descriptors are /dev/null meanwhile.
 */
int probe_tier(enum sandbox_tier tier, struct error *err);

/* A sealed copy of a program, as what others could change is run from. */
int probe_executable_memory(struct error *err);

#endif
