#ifndef ENVSEAL_SANDBOX_COPIES_H
#define ENVSEAL_SANDBOX_COPIES_H

#include "sandbox/spec.h"

/*
 * Private copies of files that others may change: on a read-only tmpfs of the sandbox's own, below
 * directories that nobody outside can rename or mount over. A script read from there has its name, and
 * a program its $ORIGIN and /proc/self/exe; what lies beside the original is not there, and must not be.
 */

/*
 * Where such a tmpfs can be with these features (enum sandbox_feature): /run/envseal where that is root's
 * or /run is fresh, else in the private /tmp. NULL: nowhere. Ask before the namespaces are made.
 */
const char *copies_directory(uint32_t features);

/* Below that directory. */
#define COPIES_SCRIPTS "script"
#define COPIES_PROGRAMS "program"

/*
 * Makes what the spec asks for: spec->copies, with spec->script_name from spec->script_fd, and
 * spec->program_name from spec->program_fd, which is the copy's from then on.
 */
int copies_make(const struct sandbox_spec *spec, struct error *err);

#endif
