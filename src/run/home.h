#ifndef ENVSEAL_RUN_HOME_H
#define ENVSEAL_RUN_HOME_H

#include "util/error.h"

#include <stdbool.h>
#include <sys/types.h>

/*
 * The home directory that a private one replaces. A static program has no NSS, so it is the
 * caller's HOME, where `uid` owns that directory, else the entry in /etc/passwd. Where the two
 * differ, `other` is the one in /etc/passwd, which is hidden because programs look there too.
 */
struct home {
	char *directory; /* every link resolved */
	char *other;     /* NULL: none */
};

/*
 * `stays`: accept only a directory that nobody but root can replace. The owner of the directory
 * above could rename it, and the kernel takes mounts along.
 * `root`: a descriptor of the directory that becomes "/", in which paths are looked up; -1 for
 * none. The caller frees with home_free. -ENOENT: no home directory is known.
 */
int home_find(char *const environment[], uid_t uid, int root, bool stays, struct home *ret_home,
              struct error *err);

void home_free(struct home *home);

#define cleanup_home __attribute__((cleanup(home_free)))

#endif
