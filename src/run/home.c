#include "run/home.h"

#include "run/location.h"
#include "util/cleanup.h"
#include "util/path.h"
#include "util/syscalls.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/*
 * At the end of the file fgetpwent(3) sets ENOENT; other errors, such as ENOMEM, must not look like
 * a missing entry.
 */
static int find_entry(FILE *file, uid_t uid, char **ret_directory) {
	struct passwd *entry;
	while ((errno = 0, entry = fgetpwent(file)) != NULL) {
		if (entry->pw_uid != uid)
			continue;
		*ret_directory = strdup(entry->pw_dir);
		return *ret_directory ? 0 : -ENOMEM;
	}
	if (ferror(file))
		return -EIO;
	return errno == ENOENT ? 0 : -errno;
}

/*
 * fgetpwent(3) reads only that file, without NSS. *ret_directory stays NULL when there is no entry.
 */
static int from_passwd(uid_t uid, char **ret_directory, struct error *err) {
	static const char path[] = "/etc/passwd";
	cleanup_file FILE *file = fopen(path, "re");
	if (!file && path_absent(errno))
		return 0;
	int r = file ? find_entry(file, uid, ret_directory) : -errno;
	return r < 0 ? error_errno(err, r, "'%s'", path) : 0;
}

/* Ends in '\0'. */
static int path_of(int fd, char path[static PATH_MAX], struct error *err) {
	char link[32];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, path, PATH_MAX - 1);
	if (n < 0)
		return error_errno(err, errno, "'%s'", link);
	path[n] = '\0';
	return 0;
}

/*
 * Whether only root can replace the directory: the owner of the one above could rename it. 1 or 0.
 */
static int nobody_moves(int fd, struct error *err) {
	char path[PATH_MAX];
	cleanup_fd int above = -1;
	int r = path_of(fd, path, err);
	char *slash = r < 0 ? NULL : strrchr(path, '/');
	if (!slash)
		return r;
	slash[slash == path ? 1 : 0] = '\0';
	r = trust_open(path, O_PATH | O_DIRECTORY, &TRUST_ROOT, &above, err);
	if (r < 0)
		return r == -EPERM ? 0 : r;
	return 1;
}

/* The real path of `fd`, as seen from `root`. *ret_path stays NULL when it is outside. */
static int real_path(int fd, int root, char **ret_path, struct error *err) {
	char top[PATH_MAX] = "", path[PATH_MAX];
	int r = path_of(fd, path, err);
	if (r < 0)
		return r;
	r = root >= 0 ? path_of(root, top, err) : 0;
	size_t size = strlen(top);
	if (r < 0 || strncmp(path, top, size) != 0 || path[size] != '/')
		return r;
	*ret_path = strdup(path + size);
	return *ret_path ? 0 : error_errno(err, ENOMEM, "'%s'", path);
}

struct wanted {
	uid_t uid;
	int root;
	bool stays;
};

/* Root writes /etc/passwd. HOME is the caller's, and could name a mount that the caller made. */
static int in_place(int fd, bool said, struct error *err) {
	int theirs = said ? trust_users_may_mount(fd) : 0;
	if (theirs < 0)
		return error_errno(err, theirs,
		                   "cannot find out who may mount over the directory in HOME");
	return theirs ? 0 : nobody_moves(fd, err);
}

/*
 * A directory of another user is not a home: the caller sets HOME, and the sandbox covers what it
 * names. *ret_home stays NULL when this is not a home. Failing to find out is an error, because an
 * uncovered home can be read.
 */
static int check(const char *path, bool said, const struct wanted *wanted, char **ret_home,
                 struct error *err) {
	const int root = wanted->root;
	struct stat st;
	if (!path || !path_is_normal(path))
		return 0;
	cleanup_fd int fd = root < 0 ? open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)
	                             : sys_openat2(root, path, O_PATH | O_DIRECTORY | O_CLOEXEC,
	                                           RESOLVE_IN_ROOT);
	if (fd < 0 && path_absent(errno))
		return 0;
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "'%s'", path);
	if (st.st_uid != wanted->uid)
		return 0;
	int r = wanted->stays ? in_place(fd, said, err) : 1;
	if (r <= 0)
		return r;
	cleanup_free char *real = NULL;
	r = real_path(fd, root, &real, err);
	if (r < 0)
		return r;
	if (real && path_is_normal(real) && real[1] != '\0')
		*ret_home = steal_pointer(real);
	return 0;
}

/*
 * The caller's HOME and the entry of /etc/passwd, each NULL where it is no home of `wanted->uid`.
 */
static int find_both(char *const environment[], const struct wanted *wanted, char **ret_said,
                     char **ret_known, struct error *err) {
	cleanup_free char *entry = NULL;
	int r = from_passwd(wanted->uid, &entry, err);
	if (r < 0)
		return r;
	r = check(location_variable(environment, "HOME"), true, wanted, ret_said, err);
	return r < 0 ? r : check(entry, false, wanted, ret_known, err);
}

int home_find(char *const environment[], uid_t uid, int root, bool stays, struct home *ret_home,
              struct error *err) {
	const struct wanted wanted = {uid, root, stays};
	cleanup_free char *said = NULL, *known = NULL;
	int r = find_both(environment, &wanted, &said, &known, err);
	/* -ENOENT means that there is no home, which callers can do without. */
	if (r < 0)
		return error_wrap(err, r == -ENOENT ? -EIO : r, "filesystem.home");
	if (!said && !known)
		return error_set(err, ENOENT,
		                 "filesystem.home = \"private\": uid %u has no home directory in "
		                 "/etc/passwd or HOME; set HOME to a directory that it owns%s",
		                 (unsigned int)uid,
		                 stays ? ", in a directory that only root can write" : "");
	bool both = said && known && strcmp(said, known) != 0;
	ret_home->other = both ? steal_pointer(known) : NULL;
	ret_home->directory = said ? steal_pointer(said) : steal_pointer(known);
	return 0;
}

void home_free(struct home *home) {
	free(home->directory);
	free(home->other);
	*home = (struct home){0};
}
