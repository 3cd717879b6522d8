/*
 * Only in the helper of a build with --enable-coverage: opens the file of counters through a
 * separate mount. A file that is open for writing keeps its mount from becoming read-only
 * (mount(2), EBUSY), and this file stays mapped.
 */
#include "util/syscalls.h"

#include <stdio.h>
#include <string.h>

extern const char __llvm_profile_filename[];
void __llvm_profile_set_filename(const char *name);

/* Before LLVM's own constructor, which then leaves the file to us. */
__attribute__((constructor(101))) static void open_elsewhere(void) {
	static char name[64];
	char directory[4096];
	snprintf(directory, sizeof(directory), "%s", __llvm_profile_filename);
	char *slash = strrchr(directory, '/');
	if (!slash)
		return;
	*slash = '\0';
	/* Without the right to mount nothing becomes read-only either. */
	int mount = sys_open_tree(AT_FDCWD, directory, SYS_OPEN_TREE_CLONE | O_CLOEXEC);
	if (mount < 0)
		return;
	snprintf(name, sizeof(name), "/proc/self/fd/%d/%s", mount, slash + 1);
	__llvm_profile_set_filename(name);
	close(mount);
}
