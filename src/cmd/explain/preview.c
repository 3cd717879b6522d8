#include "cmd/explain/preview.h"

#include "authority/identity.h"
#include "policy/fields_secrets.h"
#include "run/filesystem.h"
#include "sandbox/places.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/path.h"

#include <dirent.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* Assumes masking: where the output goes is not examined here. */
static bool somebody_stays(const struct run *run) {
	return run_supervised(run) ||
	       (run->policy->mask != POLICY_MASK_NEVER && run->policy->secret_count > 0);
}

/* Fails like stage_sandbox. */
static int check_launch(const struct run *run, struct error *err) {
	cleanup_fd int fd = -1;
	int r = launch_open_helper(&fd, err);
	return r < 0 ? r
	             : filesystem_describe(run->policy, run->request, &run->home, run->spec, err);
}

static bool stays_visible(const struct policy_strings *places, const char *directory) {
	for (size_t i = 0; i < places->count; i++) {
		if (strcmp(places->items[i], ".") == 0 ||
		    path_at_or_below(directory, places->items[i]))
			return true;
	}
	return false;
}

/* A directory below a file system that the sandbox replaces does not exist inside. */
static int check_fresh(const struct run *run, const char *here, struct error *err) {
	const uint32_t features = run->spec->features;
	const uint32_t tmp = filesystem_tmp_will_do(features) ? SANDBOX_PRIVATE_TMP : 0;
	const struct {
		const char *path;
		uint32_t feature;
	} fresh[] = {
		{"/tmp", tmp},
		{"/var/tmp", tmp},
		{"/dev/shm", SANDBOX_PRIVATE_TMP},
		{"/run", SANDBOX_FRESH_RUN},
		{run->home.directory, SANDBOX_PLACES},
	};
	for (size_t i = 0; i < ARRAY_SIZE(fresh); i++) {
		if (!fresh[i].path || !(features & fresh[i].feature) ||
		    !path_at_or_below(here, fresh[i].path))
			continue;
		int r = places_no_directory(
			here, strcmp(here, fresh[i].path) == 0 ? ESTALE : ENOENT, err);
		return error_wrap(err, r, "working directory");
	}
	return 0;
}

/* Whether the caller's directory exists in the sandbox. */
static int check_directory(const struct run *run, struct error *err) {
	const struct policy *policy = run->policy;
	const char *named = policy->filesystem.directory;
	char here[PATH_MAX];
	if (policy->filesystem.root || (named && strcmp(named, POLICY_CALLER) != 0))
		return 0;
	int r = filesystem_caller_directory(here, err);
	if (r < 0)
		return r;
	bool visible = stays_visible(&policy->filesystem.writable, here) ||
	               stays_visible(&policy->filesystem.keep, here);
	return visible ? 0 : check_fresh(run, here, err);
}

int preview_sandbox(struct run *run, struct error *err) {
	int r = identity_check(run->policy, err);
	if (r < 0)
		return r;
	/* Tried for real; run_free removes what this makes. */
	r = run_hold_limits(run, err);
	if (r < 0)
		return r;
	r = somebody_stays(run) ? check_launch(run, err) : 0;
	if (r < 0)
		return r;
	return run->spec->namespaces ? check_directory(run, err) : 0;
}

static int preview_secret(const struct run *run, const struct policy_secret *row, int64_t now,
                          struct error *err) {
	char name[POLICY_NAME_SIZE];
	struct policy_piece piece;
	const char *at = NULL;
	while (policy_secret_next(row, &at, &piece)) {
		if (!piece.is_secret)
			continue;
		policy_secret_name(&piece, run->request->uid, name);
		int r = vault_preview(run->vault, name, now, err);
		if (r == -ENOENT && !row->required)
			return 0;
		if (r < 0)
			return error_wrap(err, r, "%s", row->variable);
	}
	return 0;
}

int preview_secrets(struct run *run, struct error *err) {
	const int64_t now = time(NULL);
	if (!run->vault)
		return 0;
	for (size_t i = 0; i < run->policy->secret_count; i++) {
		int r = preview_secret(run, &run->policy->secrets[i], now, err);
		if (r < 0)
			return r;
	}
	return 0;
}

static bool is_elf(int fd) {
	char magic[SELFMAG];
	return pread(fd, magic, sizeof(magic), 0) == (ssize_t)sizeof(magic) &&
	       memcmp(magic, ELFMAG, SELFMAG) == 0;
}

/* Whether an administrator registered further formats (binfmt_misc). */
static bool other_formats(void) {
	DIR *directory = opendir("/proc/sys/fs/binfmt_misc");
	int count = 0;
	while (directory && readdir(directory))
		count++;
	if (directory)
		closedir(directory);
	return count > 4; /* ".", "..", "register", "status" */
}

/* Outside a sandbox only: inside, the directory may be another one. */
static int try_directory(const struct policy *policy, struct error *err) {
	cleanup_fd int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int r = filesystem_enter(policy, err);
	if (r < 0)
		return r;
	if (here < 0 || fchdir(here) < 0)
		return error_errno(err, errno, "cannot come back to the working directory");
	return 0;
}

int preview_start(struct run *run, struct error *err) {
	const struct program *program = &run->program;
	int r = somebody_stays(run) ? 0 : try_directory(run->policy, err);
	if (r < 0)
		return r;
	if (is_elf(program->fd) || other_formats())
		return 0;
	run->outcome.status = EXIT_NOT_EXECUTABLE;
	return error_errno(err, ENOEXEC, "cannot execute '%s'", program->argv[0]);
}
