#ifndef ENVSEAL_SANDBOX_PLACES_H
#define ENVSEAL_SANDBOX_PLACES_H

#include "sandbox/spec.h"
#include "util/error.h"

/*
 * The paths that a policy names, in the helper. Each is opened by its path inside, compared with
 * the file that the supervisor saw, and used by that descriptor from then on. Places that one step
 * takes are put back by a later one, so these functions serve one sandbox per process, in the order
 * in which they are declared here (steps.c).
 *
 *  -ESTALE   the path leads to another file than it did outside
 */

/* root.c: the place of the kind root becomes "/", with the host's /dev and /proc in it. */
int places_enter_root(const struct sandbox_spec *spec, struct error *err);

/* Before the root becomes read-only: takes the writable places, which stay writable. */
int places_take_writable(const struct sandbox_spec *spec, struct error *err);

/* After that, and before there is a fresh /run: takes the places to keep. */
int places_take_kept(const struct sandbox_spec *spec, struct error *err);

/* After the fresh mounts: puts all that was taken where it was. */
int places_put_back(const struct sandbox_spec *spec, struct error *err);

/*
 * hide.c: covers the hidden places and their other mounts, and puts an empty directory in place of
 * the home.
 */
int places_hide(const struct sandbox_spec *spec, struct error *err);

/*
 * Enters the working directory with the target's ids, by path and after the mounts: a descriptor
 * from outside would lead below hidden places.
 */
int places_enter_directory(const struct sandbox_spec *spec, struct error *err);

/* The error for a directory that is missing inside, or, with ESTALE, is another one there. */
int places_no_directory(const char *path, int code, struct error *err);

/*
 * The places that the policy lets the target write: the writable ones and the home. -1 past the
 * last.
 */
int places_writable(size_t index);

/* Adds one; takes the descriptor over. */
void places_add_writable(int fd);

/*
 * Opens a place (O_PATH) and checks that it is the file that the supervisor saw. The caller closes.
 */
int places_open(const struct sandbox_spec *spec, const struct sandbox_place *place, int *ret_fd,
                struct error *err);

/* The absolute path of an open file, every link resolved. The caller frees. */
int places_real_path(int fd, char **ret_path, struct error *err);

#endif
