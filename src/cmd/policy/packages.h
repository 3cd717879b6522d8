#ifndef ENVSEAL_CMD_POLICY_PACKAGES_H
#define ENVSEAL_CMD_POLICY_PACKAGES_H

#include "util/error.h"

#include <stdbool.h>
#include <stddef.h>

/* What the system's package manager says of files: dpkg, else rpm. What it says is for people; nothing is decided by it. */

/* "gh 2.40.1-1 (dpkg)"; NULL when no package owns it, or nothing could be asked. The caller frees. */
char *packages_owner(const char *path);

/* The files of a package; the caller frees each and the array. -ENOENT: no such package, or no package manager. */
struct package_files {
	char **items;
	size_t count;
};
int packages_files(const char *package, struct package_files *ret_files, struct error *err);
void package_files_free(struct package_files *files);
#define cleanup_package_files __attribute__((cleanup(package_files_free)))

/* Whether one of them is this command, by whatever name of its directories. */
bool package_files_have(const struct package_files *files, const char *command);

#endif
