#include "sandbox/places.h"

#include "sandbox/diagnose.h"
#include "sandbox/mounts.h"
#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>

/*
 * A root that the policy names. The host's /dev and /proc are mounted in it: the tier's own are
 * made from them later, and the kernel allows a fresh /proc only where one is visible already
 * (mount_namespaces(7)).
 */
static int bring_along(int root, const char *path, const char *name, struct error *err) {
	cleanup_fd int from = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (from < 0)
		return error_errno(err, errno, "'%s'", path);
	/* Not through a link: whoever can write the new root could aim it anywhere. */
	cleanup_fd int place = openat(root, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return error_errno(err, errno, "filesystem.root needs a directory '%s'", name);
	cleanup_fd int tree = -1;
	int r = mounts_detach_below(from, path, &tree, err);
	return r < 0 ? r : mounts_attach_at(tree, place, path, err);
}

/* pivot_root(2): with "." twice the old root lies on the new one and can be taken off. */
static int turn(int root, struct error *err) {
	if (fchdir(root) < 0 || sys_pivot_root(".", ".") < 0 || umount2(".", MNT_DETACH) < 0 ||
	    chdir("/") < 0)
		return sandbox_diagnose(
			err, error_errno(err, errno, "cannot change the root directory"));
	return 0;
}

int places_enter_root(const struct sandbox_spec *spec, struct error *err) {
	const struct sandbox_place *place = sandbox_spec_first(spec, SANDBOX_PLACE_ROOT);
	const char *path = place ? sandbox_spec_path(spec, place) : "/";
	cleanup_fd int directory = -1;
	cleanup_fd int tree = -1;
	int r = place ? places_open(spec, place, &directory, err)
	              : error_set(err, EPROTO, "no root directory was named");
	if (r < 0)
		return r;
	r = mounts_detach_below(directory, path, &tree, err);
	if (r < 0)
		return r;
	/* The old root too, because the program was opened in it. */
	if (spec->features & SANDBOX_READONLY_ROOT)
		r = mounts_set_readonly("/", 1, err);
	if (r < 0)
		return r;
	r = mounts_attach_at(tree, directory, path, err);
	if (r < 0)
		return r;
	r = bring_along(tree, "/dev", "dev", err);
	if (r < 0)
		return r;
	r = bring_along(tree, "/proc", "proc", err);
	return r < 0 ? r : turn(tree, err);
}
