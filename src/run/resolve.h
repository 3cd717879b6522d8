#ifndef ENVSEAL_RUN_RESOLVE_H
#define ENVSEAL_RUN_RESOLVE_H

#include "util/error.h"

/*
 * From what somebody typed to an absolute path. A name with a slash is taken from the working directory;
 * any other is looked for in `search` (a PATH; NULL: the configured secure path), of which only absolute
 * directories count. What it finds grants nothing: the policy for the path decides. The caller frees.
 *   -ENOENT   not found
 *   -EACCES   found, but nothing that can be executed
 */
int resolve_command(const char *name, const char *search, char **ret_path, struct error *err);

#endif
