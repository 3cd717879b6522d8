#ifndef ENVSEAL_RUN_RESOLVE_H
#define ENVSEAL_RUN_RESOLVE_H

#include "util/error.h"

/* What a directory of PATH has under a command's name. */
enum resolve_state {
	RESOLVE_ABSENT,  /* nothing, or out of sight */
	RESOLVE_COMMAND, /* a file that the caller may execute */
	RESOLVE_SHIM,    /* a link to envseal-exec, which is never the command (envseal-exec(1)) */
	RESOLVE_NOT_EXECUTABLE,
};

enum resolve_state resolve_probe(const char *path);

/*
 * From what somebody typed to an absolute path. A name with a slash is taken from the working directory;
 * any other is looked for in `search` (a PATH; NULL: the configured secure path), of which only absolute
 * directories count. What it finds grants nothing: the policy for the path decides. The caller frees.
 *   -ENOENT   not found
 *   -EACCES   found, but nothing that can be executed
 */
int resolve_command(const char *name, const char *search, char **ret_path, struct error *err);

#endif
