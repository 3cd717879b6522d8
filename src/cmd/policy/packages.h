#ifndef ENVSEAL_CMD_POLICY_PACKAGES_H
#define ENVSEAL_CMD_POLICY_PACKAGES_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * What the system's package manager, dpkg or rpm, says about files. Only for people: nothing is
 * decided by it.
 */

/*
 * "gh 2.40.1-1 (dpkg)"; NULL if no package owns the file, or there is no package manager. The
 * caller frees.
 */
char *packages_owner(const char *path);

/*
 * The files of a package; the caller frees each and the array. -ENOENT: no such package, or no
 * package manager.
 */
struct package_files {
	char **items;
	size_t count;
};
int packages_files(const char *package, struct package_files *ret_files, struct error *err);
void package_files_free(struct package_files *files);
#define cleanup_package_files __attribute__((cleanup(package_files_free)))

/* Whether one of them is this command, even if its directory has two names. */
bool package_files_have(const struct package_files *files, const char *command);

#endif
