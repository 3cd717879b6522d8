#ifndef ENVSEAL_RUN_HYGIENE_H
#define ENVSEAL_RUN_HYGIENE_H

#include "util/error.h"

/*
 * Puts a process that anybody may have started in any state into a known one: descriptors 0-2 exist,
 * no core file, not dumpable, SIGCHLD at its default, timers off. Refuses set-id and file-capability
 * installations (AT_SECURE), which this version cannot use safely.
 */
int hygiene_begin(struct error *err);

/* Before the target or its sandbox takes over: gives SIGXFSZ back as the caller had it. */
void hygiene_end(void);

#endif
