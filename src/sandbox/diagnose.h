#ifndef ENVSEAL_SANDBOX_DIAGNOSE_H
#define ENVSEAL_SANDBOX_DIAGNOSE_H

#include "util/error.h"

/*
 * For errors of the kernel, not of our own checks. Adds to `err` the likely cause of a refused
 * namespace, map or mount on this host (a sysctl, AppArmor, a container's seccomp filter) and what
 * to do, when one can be seen. Returns `code`.
 */
int sandbox_diagnose(struct error *err, int code);

#endif
