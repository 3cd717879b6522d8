#include "cmd/cmd.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Becomes envseal-exec, with its options, its --help and its exit statuses. */
int cmd_run(int argc, char **argv) {
	if (argc < 2)
		return cmd_usage_error("a command is needed");
	static char name[] = "envseal-exec";
	argv[0] = name;
	execv(ENVSEAL_EXEC, argv);
	int status = errno == ENOENT ? 127 : 126;
	cmd_fail("cannot execute '%s': %s; reinstall envseal", ENVSEAL_EXEC, strerror(errno));
	return status;
}
