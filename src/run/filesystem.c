#include "run/filesystem.h"

#include "sandbox/places.h"
#include "util/cleanup.h"
#include "util/path.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* How a policy's paths are looked up, and the spec that gets them. */
struct view {
	const struct policy *policy;
	const struct request *request;
	struct sandbox_spec *spec;
	int root; /* filesystem.root, opened; -1 for none */
};

uid_t filesystem_uid(const struct policy *policy, const struct request *request) {
	return policy->process.as_other ? policy->process.user : request->uid;
}

static bool private_home(const struct policy *policy) {
	return policy->filesystem.home == POLICY_HOME_PRIVATE;
}

static int open_root(const struct policy *policy, int *ret_fd, struct error *err) {
	const char *path = policy->filesystem.root;
	int fd = path ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC) : -1;
	if (path && fd < 0)
		return error_errno(err, errno, "filesystem.root '%s'", path);
	*ret_fd = fd;
	return 0;
}

static int find_home(const struct policy *policy, const struct request *request,
                     struct home *ret_home, struct error *err) {
	cleanup_fd int root = -1;
	int r = open_root(policy, &root, err);
	return r < 0 ? r
	             : home_find(request->environment, filesystem_uid(policy, request), root,
	                         policy->filesystem.home_stays, ret_home, err);
}

bool filesystem_tmp_will_do(uint32_t features) {
	return (features & SANDBOX_PRIVATE_TMP) && !(features & SANDBOX_HOST_TMP);
}

static int plan_home(const struct policy *policy, const struct request *request, uint32_t features,
                     struct home *ret_home, struct error *err) {
	cleanup_home struct home home = {0};
	int r = private_home(policy) ? find_home(policy, request, &home, err) : 0;
	if (r == -ENOENT && filesystem_tmp_will_do(features)) {
		home.directory = strdup("/tmp");
		r = home.directory ? 0 : error_errno(err, ENOMEM, "filesystem.home");
	}
	if (r < 0)
		return r;
	*ret_home = home;
	home = (struct home){0};
	return 0;
}

int filesystem_plan(const struct policy *policy, const struct request *request,
                    struct sandbox_spec *spec, struct home *ret_home, struct error *err) {
	bool places = private_home(policy) || policy->filesystem.hidden.count ||
	              policy->filesystem.writable.count || policy->filesystem.keep.count;
	if (policy->filesystem.tmp_host && (spec->features & SANDBOX_MINIMAL_DEV))
		spec->features |= SANDBOX_HOST_TMP;
	else if (policy->filesystem.tmp_host)
		spec->features &= ~(uint32_t)SANDBOX_PRIVATE_TMP;
	if (places)
		spec->features |= SANDBOX_PLACES;
	if (policy->filesystem.keep.count)
		spec->features |= SANDBOX_KEEPS;
	if (policy->filesystem.root)
		spec->features |= SANDBOX_OWN_ROOT;
	return plan_home(policy, request, spec->features, ret_home, err);
}

static int look_up(const struct view *view, const char *path) {
	if (view->root < 0)
		return open(path, O_PATH | O_CLOEXEC);
	return sys_openat2(view->root, path, O_PATH | O_CLOEXEC, RESOLVE_IN_ROOT);
}

static int add(const struct view *view, enum sandbox_place_kind kind, const char *path, int fd,
               struct error *err) {
	struct stat st;
	if (fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	return sandbox_spec_add(view->spec, kind, path, st.st_dev, st.st_ino, err);
}

static int add_place(const struct view *view, enum sandbox_place_kind kind, const char *key,
                     const char *path, struct error *err) {
	cleanup_fd int fd = look_up(view, path);
	if (fd < 0)
		return error_errno(err, errno,
		                   errno == ENOSYS ? "%s '%s' (with a root, this needs Linux 5.6)"
		                                   : "%s '%s'",
		                   key, path);
	return add(view, kind, path, fd, err);
}

/*
 * A missing path needs no cover. A path that the target cannot reach now may become reachable, so
 * the nearest directory that it can reach is hidden instead.
 */
static int add_hidden(const struct view *view, const char *path, struct error *err) {
	cleanup_free char *nearest = strdup(path);
	if (!nearest)
		return error_errno(err, ENOMEM, "'%s'", path);
	cleanup_fd int fd = look_up(view, nearest);
	for (char *slash; fd < 0 && errno == EACCES && (slash = strrchr(nearest, '/')) > nearest;) {
		*slash = '\0';
		fd = look_up(view, nearest);
	}
	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return 0;
	if (fd < 0)
		return error_errno(err, errno, "filesystem.hidden '%s'", path);
	return add(view, SANDBOX_PLACE_HIDDEN, nearest, fd, err);
}

/* By its real path, whatever links led there. */
static int check_writable(const struct view *view, const char *path, int fd, struct error *err) {
	static const char *const never[] = {"/proc", "/sys", "/dev"};
	char link[32], real[PATH_MAX];
	cleanup_home struct home home = {0};
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, real, sizeof(real) - 1);
	if (n <= 0)
		return error_errno(err, errno, "filesystem.writable '%s'", path);
	real[n] = '\0';
	int r = home_find(view->request->environment, view->request->uid, -1, false, &home, err);
	if (r < 0 && r != -ENOENT)
		return r;
	bool refused = strcmp(real, "/") == 0 ||
	               (home.directory && path_at_or_below(home.directory, real)) ||
	               (home.other && path_at_or_below(home.other, real));
	for (size_t i = 0; i < ARRAY_SIZE(never); i++)
		refused = refused || path_at_or_below(real, never[i]);
	if (refused)
		return error_set(
			err, EPERM,
			"filesystem.writable '%s': '/', the home directory, what contains it, "
			"/proc, /sys and /dev cannot be writable; name a directory below it",
			path);
	return 0;
}

int filesystem_caller_directory(char path[static PATH_MAX], struct error *err) {
	if (!getcwd(path, PATH_MAX) || path[0] != '/')
		return error_errno(
			err, errno ? errno : ENOENT,
			"the working directory was removed; start from another directory");
	return 0;
}

static int add_writable(const struct view *view, const char *path, struct error *err) {
	char here[PATH_MAX];
	bool caller = strcmp(path, ".") == 0;
	int r = caller ? filesystem_caller_directory(here, err) : 0;
	if (r < 0)
		return r;
	/*
	 * "." is the caller's directory, by whatever path; a root of the sandbox's own has another
	 * path for it, or none.
	 */
	cleanup_fd int fd = caller ? open(".", O_PATH | O_CLOEXEC) : look_up(view, path);
	if (fd < 0)
		return error_errno(err, errno, "filesystem.writable '%s'", path);
	r = check_writable(view, path, fd, err);
	return r < 0 ? r : add(view, SANDBOX_PLACE_WRITABLE, caller ? here : path, fd, err);
}

/*
 * Whether the path is on a filesystem that the sandbox makes, which has no files of the host to
 * hide.
 */
static bool is_fresh(const struct view *view, const char *path) {
	const uint32_t features = view->spec->features;
	bool tmp = filesystem_tmp_will_do(features) &&
	           (path_at_or_below(path, "/tmp") || path_at_or_below(path, "/var/tmp"));
	return tmp || ((features & SANDBOX_FRESH_RUN) && path_at_or_below(path, "/run"));
}

static int add_home(const struct view *view, const struct home *home, struct error *err) {
	int r = is_fresh(view, home->directory)
	                ? sandbox_spec_add(view->spec, SANDBOX_PLACE_HOME, home->directory, 0, 0,
	                                   err)
	                : add_place(view, SANDBOX_PLACE_HOME, "filesystem.home", home->directory,
	                            err);
	if (r < 0 || !home->other || is_fresh(view, home->other))
		return r;
	return add_place(view, SANDBOX_PLACE_HIDDEN, "filesystem.home", home->other, err);
}

/*
 * A directory that the policy names may be another one inside. The caller's must be the same one
 * there.
 */
static int add_directory(const struct view *view, struct error *err) {
	char here[PATH_MAX];
	const char *path = view->policy->filesystem.directory;
	if (!path && view->policy->filesystem.root)
		path = "/";
	if (path && strcmp(path, POLICY_CALLER) != 0)
		return sandbox_spec_add(view->spec, SANDBOX_PLACE_DIRECTORY, path, 0, 0, err);
	struct stat st;
	int r = filesystem_caller_directory(here, err);
	if (r < 0)
		return r;
	if (stat(".", &st) < 0)
		return error_errno(
			err, errno,
			"the working directory was removed; start from another directory");
	return sandbox_spec_add(view->spec, SANDBOX_PLACE_DIRECTORY, here, st.st_dev, st.st_ino,
	                        err);
}

static int add_keep(const struct view *view, const char *path, struct error *err) {
	return add_place(view, SANDBOX_PLACE_KEEP, "filesystem.keep", path, err);
}

static int add_each(const struct view *view, const struct policy_strings *paths,
                    int (*add_one)(const struct view *, const char *, struct error *),
                    struct error *err) {
	for (size_t i = 0; i < paths->count; i++) {
		int r = add_one(view, paths->items[i], err);
		if (r < 0)
			return r;
	}
	return 0;
}

int filesystem_describe(const struct policy *policy, const struct request *request,
                        const struct home *home, struct sandbox_spec *spec, struct error *err) {
	cleanup_fd int root = -1;
	int r = open_root(policy, &root, err);
	if (r < 0)
		return r;
	const struct view view = {policy, request, spec, root};
	spec->tmp_size = policy->filesystem.tmp_size;
	r = root < 0 ? 0 : add(&view, SANDBOX_PLACE_ROOT, policy->filesystem.root, root, err);
	if (r < 0)
		return r;
	r = add_directory(&view, err);
	if (r < 0)
		return r;
	r = add_each(&view, &policy->filesystem.hidden, add_hidden, err);
	if (r < 0)
		return r;
	r = add_each(&view, &policy->filesystem.writable, add_writable, err);
	if (r < 0)
		return r;
	r = add_each(&view, &policy->filesystem.keep, add_keep, err);
	return r < 0 || !home->directory ? r : add_home(&view, home, err);
}

int filesystem_enter(const struct policy *policy, struct error *err) {
	const char *path = policy->filesystem.directory;
	if (path && strcmp(path, POLICY_CALLER) != 0 && chdir(path) < 0)
		return error_errno(err, errno, "filesystem.directory '%s'", path);
	return 0;
}
