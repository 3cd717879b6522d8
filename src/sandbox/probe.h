#ifndef ENVSEAL_SANDBOX_PROBE_H
#define ENVSEAL_SANDBOX_PROBE_H

#include "sandbox/tier.h"
#include "util/error.h"

/*
 * Finds out what this kernel lets this user do, by doing it in a child that then ends. Each returns
 * 0, or a negative errno with what was refused and, where it can be seen, why (sandbox/diagnose.h).
 * Nothing changes outside of the child. Call them from a process with one thread and no secrets.
 */

/* A new user namespace with the caller's ids mapped. */
int probe_user_namespace(struct error *err);

/* A /proc of a new PID namespace, mounted over the host's. */
int probe_fresh_proc(struct error *err);

/* The filter of the tier hardened. */
int probe_seccomp(struct error *err);

/*
 * All that the sandbox of a tier does before its target runs, by the same code: the namespaces and
 * every step of the helper. Standard descriptors are /dev/null meanwhile.
 */
int probe_tier(enum sandbox_tier tier, struct error *err);

/*
 * Whether sealed copies of programs can be executed: programs that others could change run from
 * those.
 */
int probe_executable_memory(struct error *err);

#endif
