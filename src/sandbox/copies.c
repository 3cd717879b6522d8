#include "sandbox/copies.h"

#include "sandbox/mounts.h"
#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static const char in_run[] = "/run/envseal";
static const char in_tmp[] = "/tmp/.envseal";

/* Whether only root can replace this directory of the host. */
static bool belongs_to_root(const char *path) {
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode) && st.st_uid == 0 &&
	       !(st.st_mode & (S_IWGRP | S_IWOTH));
}

const char *copies_directory(uint32_t features) {
	bool host = !(features & SANDBOX_OWN_ROOT);
	if ((features & SANDBOX_FRESH_RUN) || (host && belongs_to_root(in_run)))
		return in_run;
	return features & SANDBOX_PRIVATE_TMP ? in_tmp : NULL;
}

static int make_directory(const char *path, struct error *err) {
	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return error_errno(err, errno, "cannot make '%s'", path);
	return 0;
}

/* Executable, as the original was. The read-only mount keeps the target from changing it. */
static int copy(int from, const char *path, struct error *err) {
	cleanup_fd int to = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0555);
	int r = to < 0 ? -errno : fd_copy(from, to);
	if (r < 0)
		return error_errno(err, r, "cannot copy to '%s'", path);
	/* open(2) took the caller's umask off. */
	if (fchmod(to, 0555) < 0)
		return error_errno(err, errno, "cannot copy to '%s'", path);
	return 0;
}

static int place(const char *directory, const char *below, const char *name, int from,
                 char path[PATH_MAX], struct error *err) {
	snprintf(path, PATH_MAX, "%s/%s", directory, below);
	int r = make_directory(path, err);
	if (r < 0)
		return r;
	snprintf(path, PATH_MAX, "%s/%s/%s", directory, below, name);
	return copy(from, path, err);
}

/* With the number of the descriptor that is executed. */
static int reopen(const char *path, int number, struct error *err) {
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || dup3(fd, number, O_CLOEXEC) < 0)
		return error_errno(err, errno, "cannot open '%s'", path);
	return 0;
}

int copies_make(const struct sandbox_spec *spec, struct error *err) {
	char path[PATH_MAX];
	const bool script = spec->script_name[0] != '\0', program = spec->program_name[0] != '\0';
	if (spec->copies[0] == '\0')
		return 0;
	int r = make_directory(spec->copies, err);
	if (r < 0)
		return r;
	r = mounts_tmpfs(spec->copies, "mode=0755", err);
	if (r < 0)
		return r;
	if (script)
		r = place(spec->copies, COPIES_SCRIPTS, spec->script_name, spec->script_fd, path,
		          err);
	if (r < 0)
		return r;
	if (program)
		r = place(spec->copies, COPIES_PROGRAMS, spec->program_name, spec->program_fd, path,
		          err);
	if (r < 0)
		return r;
	r = mounts_set_readonly(spec->copies, 0, err);
	return r < 0 || !program ? r : reopen(path, spec->program_fd, err);
}
