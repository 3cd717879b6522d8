#include "cmd/check/check.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define FILE_SIZE_MAX ((size_t)1024 * 1024)

/* An error in the text of a policy or pin file begins with "FILE:LINE:". */
static enum check_code code_of(const char *file, const char *text) {
	size_t length = strlen(file);
	if (strstr(text, POLICY_MISPLACED))
		return CHECK_PLACE;
	bool placed =
		strncmp(text, file, length) == 0 && text[length] == ':' && text[length + 1] != ' ';
	return placed ? CHECK_INVALID : CHECK_UNUSABLE;
}

static void add_bad(const struct checker *checker, const struct policy_file *file,
                    const char *text) {
	check_add_file(checker, code_of(file->file, text), file->file, file->name, text);
}

/* Whether only the user's own layer, which system mode ignores, shadows this file of root's. */
static bool counts_as_roots(const struct checker *checker, const struct policy_file *file) {
	cleanup_free char *first =
		policy_is_roots(checker->vault, file->layer)
			? policy_roots_file(checker->vault, file->name, file->profile)
			: NULL;
	return first && strcmp(first, file->file) == 0;
}

static void check_one(const struct checker *checker, struct policy_set *set,
                      struct policy_file *file) {
	struct error err = {0};
	struct layers near = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	switch (policy_file_load(set, file, &loaded, &err)) {
	case POLICY_FILE_ACTIVE:
		if (policy_set_near(set, file, &near, &err) < 0) {
			add_bad(checker, file, err.text);
			return;
		}
		struct checker narrowed = *checker;
		narrowed.layers = &near;
		check_policy(&narrowed, &loaded, policy_file_profile(file));
		free(near.paths);
		break;
	case POLICY_FILE_SHADOWED:
		/* System mode uses it; the note on the user's own file says so. */
		if (counts_as_roots(checker, file))
			break;
		check_add_file(checker, CHECK_SHADOWED, file->file, file->name, err.text);
		break;
	case POLICY_FILE_MASK:
		check_add_file(checker, CHECK_MASKED, file->file, file->name,
		               "the command is refused, whatever later layers say");
		break;
	case POLICY_FILE_BAD: add_bad(checker, file, err.text); break;
	}
}

/* A pin is for all profiles, a grant for one. A directory that cannot be read is a finding too. */
static void check_orphans(const struct checker *checker, const struct policy_set *set,
                          const struct policy_files *files, enum check_code code,
                          const char *text) {
	for (size_t i = 0; i < files->count; i++) {
		const struct policy_file *file = &files->items[i];
		struct error err = {0};
		bool known = file->name && policy_set_has(set, file->name, file->profile);
		if (file->problem) {
			error_errno(&err, file->problem, "'%s' cannot be read", file->file);
			add_bad(checker, file, err.text);
		} else if (!known) {
			check_add_file(checker, code, file->file, file->name, text);
		}
	}
}

void check_all_policies(const struct checker *checker, struct policy_set *set) {
	for (size_t i = 0; i < set->policies.count; i++)
		check_one(checker, set, &set->policies.items[i]);
	check_orphans(checker, set, &set->pins, CHECK_PIN_ORPHAN,
	              "there is no policy for the command; the next one would accept this "
	              "content");
	check_orphans(checker, set, &set->grants, CHECK_GRANT_ORPHAN,
	              "there is no policy for the command; whoever this grant names could "
	              "use the next one");
}

/*
 * ".../policies/usr/bin/gh.toml" and "gh@work.toml" are for /usr/bin/gh; other places may hold
 * any.
 */
static bool place_agrees(const char *file, const char *command) {
	const char *tree = strstr(file, "/policies/");
	for (const char *next = tree; next; next = strstr(next + 1, "/policies/"))
		tree = next;
	if (!tree)
		return true;
	const char *place = tree + strlen("/policies");
	size_t length = strlen(command);
	if (strncmp(place, command, length) != 0)
		return false;
	return strcmp(place + length, ".toml") == 0 || place[length] == '@';
}

static int read_file(const char *file, struct buffer *ret_text, struct error *err) {
	struct stat st;
	cleanup_fd int fd = open(file, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return error_errno(err, errno, "%s", file);
	if (!S_ISREG(st.st_mode))
		return error_set(err, EINVAL, "%s: not a regular file", file);
	int r = fd_read_all(fd, FILE_SIZE_MAX, ret_text);
	return r < 0 ? error_errno(err, r, "%s", file) : 0;
}

static int load_file(const char *file, struct policy_loaded *loaded, struct error *err) {
	const struct buffer *text = &loaded->found.text;
	int r = read_file(file, &loaded->found.text, err);
	if (r < 0)
		return r;
	r = policy_parse(text->bytes, text->size, file, &loaded->policy, err);
	if (r < 0)
		return r;
	cleanup_free char *real = realpath(file, NULL);
	loaded->found.name = strdup(loaded->policy->command);
	if (real && !place_agrees(real, loaded->policy->command))
		return error_set(err, EBADMSG, "%s: " POLICY_MISPLACED, file);
	return 0;
}

void check_single_file(const struct checker *checker, const char *file) {
	struct error err = {0};
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	loaded.found.file = strdup(file);
	int r = load_file(file, &loaded, &err);
	if (r < 0)
		check_add_file(checker, code_of(file, err.text), file, loaded.found.name, err.text);
	else if (loaded.found.file && loaded.found.name)
		check_text(checker, &loaded);
}
