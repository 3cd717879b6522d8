#ifndef ENVSEAL_SANDBOX_COPIES_H
#define ENVSEAL_SANDBOX_COPIES_H

#include "sandbox/spec.h"

/*
 * Private copies of files that others may change, on a read-only tmpfs of the sandbox, below
 * directories that nobody outside can rename or mount over. A script read from there has its name,
 * and a program its $ORIGIN and /proc/self/exe. Files beside the original are not there: others may
 * change them too.
 */

/*
 * Where such a tmpfs can be with these features (enum sandbox_feature): /run/envseal where that is
 * root's or /run is fresh, else in the private /tmp. NULL: nowhere. Call it before the namespaces
 * are made.
 */
const char *copies_directory(uint32_t features);

/* Below that directory. */
#define COPIES_SCRIPTS "script"
#define COPIES_PROGRAMS "program"

/*
 * Copies spec->script_fd and spec->program_fd below spec->copies, with the names that the spec
 * gives them. spec->program_fd is the copy's descriptor from then on.
 */
int copies_make(const struct sandbox_spec *spec, struct error *err);

#endif
