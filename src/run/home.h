#ifndef ENVSEAL_RUN_HOME_H
#define ENVSEAL_RUN_HOME_H

#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The home directory that a private one takes the place of. There is no NSS in a static program, so it is the
 * caller's HOME, where that is a directory of `uid`'s, else what /etc/passwd says. Where the two differ,
 * `other` is the one of /etc/passwd: programs look there too, so it is hidden.
 */
struct home {
	char *directory; /* every link resolved */
	char *other;     /* NULL: none */
};

/*
 * `stays`: only a directory that nobody but root can put another in the place of, for whoever owns the one above it
 * can rename it, and the kernel takes along what is mounted there.
 * `root`: a descriptor of the directory that becomes "/", in which paths are meant; -1 for none. The caller frees
 * with home_free. -ENOENT: no home directory is known.
 */
int home_find(char *const environment[], uid_t uid, int root, bool stays, struct home *ret_home,
              struct error *err);

void home_free(struct home *home);

#define cleanup_home __attribute__((cleanup(home_free)))

#endif
