#ifndef ENVSEAL_SANDBOX_ALIASES_H
#define ENVSEAL_SANDBOX_ALIASES_H

#include "util/error.h"

/*
 * Finds other mounts of what is open on `fd` (real path `path`), or of something in it: a bind
 * mount, or the same filesystem mounted twice (/proc/self/mountinfo, proc_pid_mountinfo(5)). Calls
 * `found` with an O_PATH descriptor of each, which it takes over; a negative value that it returns
 * ends the search.
 *
 * Not found: mounts at "/", what another filesystem shows by itself (an overlay's layers, a network
 * filesystem under two names), and hard links.
 */
typedef int aliases_found(void *context, int fd, struct error *err);

int aliases_of(int fd, const char *path, aliases_found *found, void *context, struct error *err);

#endif
