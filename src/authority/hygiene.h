#ifndef ENVSEAL_AUTHORITY_HYGIENE_H
#define ENVSEAL_AUTHORITY_HYGIENE_H

#include "util/error.h"

#include <sys/types.h>

/*
 * Puts a process that anybody may have started in any state into a known one: descriptors 0-2 exist,
 * no core file, not dumpable, SIGCHLD at its default, timers off, umask 022. The first thing that a program does,
 * whatever its privileges.
 *   -EPERM   a core file limit that cannot be had, and that would let a core handler see the target's memory
 */
int hygiene_begin(struct error *err);

/* Before the target or its sandbox takes over: gives SIGXFSZ back as the caller had it. */
int hygiene_end(struct error *err);

/* The caller's umask, which is the target's. */
mode_t hygiene_umask(void);

#endif
