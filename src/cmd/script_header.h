#ifndef ENVSEAL_CMD_SCRIPT_HEADER_H
#define ENVSEAL_CMD_SCRIPT_HEADER_H

#include "util/error.h"

#include <stdbool.h>

/* What a script's first lines say about its interpreter. */
struct script_header {
	char *interpreter;
	char *option;   /* NULL: none; one string, as the kernel passes it (execve(2)) */
};

/*
 * Reads "#!/path [option]" from the start of a file. Where the path is envseal-exec, the second line
 * has the real one. The caller frees.
 *   -ENOEXEC  no such line, or it names env(1), which leaves the choice to PATH
 */
int script_header_read(int fd, const char *path, struct script_header *ret_header, struct error *err);
void script_header_free(struct script_header *header);
#define cleanup_script_header __attribute__((cleanup(script_header_free)))

#endif
