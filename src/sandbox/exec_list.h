#ifndef ENVSEAL_SANDBOX_EXEC_LIST_H
#define ENVSEAL_SANDBOX_EXEC_LIST_H

#include "sandbox/spec.h"
#include "util/error.h"

#include <stddef.h>

/*
 * SANDBOX_EXEC_LIST: the target can start the listed programs, itself, and nothing else
 * (doc/sandbox.md says what is left). Three parts, none of which holds alone: every mount becomes
 * noexec, but for the library directories and the listed files; Landlock grants execution of the
 * listed files and their loaders; seccomp refuses memory files.
 */

/* Puts absolute paths into a sealed memory file for the helper, close-on-exec. */
int exec_list_send(char *const paths[], size_t count, int *ret_fd, struct error *err);

/*
 * After all other mounts. -ENOENT, -EACCES and others: a listed program is missing, or not a
 * regular file.
 */
int exec_list_mount(const struct sandbox_spec *spec, struct error *err);

/* After no_new_privs. -ENOSYS where the kernel has no Landlock. */
int exec_list_enforce(const struct sandbox_spec *spec, struct error *err);

#endif
