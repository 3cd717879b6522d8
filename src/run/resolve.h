#ifndef ENVSEAL_RUN_RESOLVE_H
#define ENVSEAL_RUN_RESOLVE_H

#include "util/error.h"

/* What is in a directory of PATH under a command's name. */
enum resolve_state {
	RESOLVE_ABSENT,  /* nothing, or out of sight */
	RESOLVE_COMMAND, /* a file that the caller may execute */
	RESOLVE_SHIM,    /* a link to envseal-exec, which is never the command (envseal-exec(1)) */
	RESOLVE_NOT_EXECUTABLE,
};

enum resolve_state resolve_probe(const char *path);

/*
 * Makes an absolute path of a command as it was typed. A name with a slash is relative to the
 * working directory; any other is looked for in `search` (a PATH; NULL: the configured secure
 * path), of which only absolute directories count. The result grants nothing: the policy for the
 * path decides. The caller frees.
 *  -ENOENT   not found
 *  -EACCES   found, but not executable
 */
int resolve_command(const char *name, const char *search, char **ret_path, struct error *err);

#endif
