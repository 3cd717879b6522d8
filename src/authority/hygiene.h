#ifndef ENVSEAL_AUTHORITY_HYGIENE_H
#define ENVSEAL_AUTHORITY_HYGIENE_H

#include "util/error.h"

#include <sys/types.h>

/*
 * Puts a process into a known state, whatever state its caller left: descriptors 0-2 exist, no core
 * file, not dumpable, SIGCHLD at its default, timers off, umask 022. The first thing that a program
 * does, whatever its privileges.
 *  -EPERM   the core file limit cannot be set, and a core handler would get the target's memory
 */
int hygiene_begin(struct error *err);

/* Before the target or its sandbox takes over: restores the caller's SIGXFSZ. */
int hygiene_end(struct error *err);

/* The caller's umask, for the target (privilege_umask in system mode). */
mode_t hygiene_umask(void);

#endif
