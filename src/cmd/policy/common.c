#include "cmd/policy/common.h"

#include "pin/pin.h"
#include "run/resolve.h"
#include "util/cleanup.h"
#include "util/file.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

int policy_command_resolve(const char *word, struct policy_command *ret_command,
                           struct error *err) {
	cleanup_policy_command struct policy_command command = {0};
	cleanup_free char *path = NULL;
	/*
	 * Looks the command up like envseal-exec, so that the policy is for the program that it
	 * starts.
	 */
	int r = resolve_command(word, getenv("PATH"), &path, err);
	if (r < 0)
		return r;
	r = path_command_names(path, &command.name, &command.real, err);
	/* A policy may exist before its program, or after it is removed. */
	if (r == -ENOENT && path_is_normal(path)) {
		command.name = steal_pointer(path);
		r = 0;
	}
	if (r < 0)
		return r;
	*ret_command = command;
	command = (struct policy_command){0};
	return 0;
}

void policy_command_free(struct policy_command *command) {
	free(command->name);
	free(command->real);
	*command = (struct policy_command){0};
}

struct trust policy_trust(const struct layers *layers) {
	struct trust trust = {.owner = geteuid(), .sticky = true, .unmapped = true};
	if (layers->grants > 0)
		trust = TRUST_ROOT;
	trust.memory = layers->memory;
	return trust;
}

int policy_load(const struct layers *layers, const char *const names[], size_t name_count,
                const char *profile, struct policy_loaded *ret_loaded, struct error *err) {
	cleanup_policy_loaded struct policy_loaded loaded = {0};
	const struct trust trust = policy_trust(layers);
	int r = policy_find(layers, names, name_count, profile, &trust, &loaded.found, err);
	if (r < 0)
		return r;
	r = policy_parse(loaded.found.text.bytes, loaded.found.text.size, loaded.found.file,
	                 &loaded.policy, err);
	if (r < 0)
		return r;
	r = policy_check_command(loaded.policy, loaded.found.name, loaded.found.file, err);
	if (r < 0)
		return r;
	*ret_loaded = loaded;
	loaded = (struct policy_loaded){0};
	return 0;
}

int policy_load_word(const struct layers *layers, const char *word, const char *profile,
                     struct policy_loaded *ret_loaded, struct error *err) {
	cleanup_policy_command struct policy_command command = {0};
	int r = policy_command_resolve(word, &command, err);
	if (r < 0)
		return r;
	const char *const names[] = {command.name, command.real};
	return policy_load(layers, names, command.real ? 2 : 1, profile, ret_loaded, err);
}

void policy_loaded_free(struct policy_loaded *loaded) {
	policy_found_free(&loaded->found);
	policy_free(loaded->policy);
	loaded->policy = NULL;
}

int policy_hash_command(const char *command, struct pin_hash *ret_hash, struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	cleanup_free char *real = realpath(command, NULL);
	if (!real)
		return error_errno(err, errno, "'%s'", command);
	int r = pin_open(real, &pin, err);
	if (r < 0)
		return r;
	r = pin_settle(pin, command, err);
	return r < 0 ? r : pin_hash_fd(pin->fd, PIN_BLAKE2B_256, ret_hash, err);
}

char *policy_full_name(const char *name, const char *profile) {
	char *full = NULL;
	int r = asprintf(&full, "%s%s%s", name, profile ? "@" : "", profile ? profile : "");
	return r < 0 ? NULL : full;
}

char *policy_path(const char *name, const char *profile) {
	char *path = NULL;
	cleanup_free char *full = policy_full_name(name, profile);
	return full && asprintf(&path, "policies%s.toml", full) >= 0 ? path : NULL;
}

/* Opens "LAYER/policies/usr/bin" of the first layer; *ret_file gets the whole path of the file. */
static int open_parent(const struct layers *layers, const char *path, bool make, int *ret_dir,
                       char **ret_file, struct error *err) {
	const struct trust trust = policy_trust(layers);
	cleanup_free char *file = path_join(layers->paths[0], path);
	cleanup_free char *parent =
		file ? strndup(file, (size_t)(path_base(file) - file - 1)) : NULL;
	if (!parent)
		return error_errno(err, ENOMEM, "'%s'", path);
	int r = make ? file_make_directories(parent, layers->grants > 0 ? 0755 : 0700, err) : 0;
	if (r < 0)
		return r;
	r = trust_open(parent, O_RDONLY | O_DIRECTORY, &trust, ret_dir, err);
	if (r < 0)
		return r;
	*ret_file = steal_pointer(file);
	return 0;
}

int policy_write(const struct layers *layers, const char *path, const struct buffer *text,
                 const struct file_look *look, bool replace, struct error *err) {
	static const struct file_look ordinary = {0644, (uid_t)-1, (gid_t)-1};
	cleanup_fd int dir = -1;
	cleanup_free char *file = NULL;
	if (text->failed)
		return error_errno(err, ENOMEM, "'%s'", path);
	int r = open_parent(layers, path, true, &dir, &file, err);
	if (r < 0)
		return r;
	return file_write_owned(dir, path_base(file), text->size > 0 ? text->bytes : "", text->size,
	                        look ? look : &ordinary, replace, file, err);
}

int policy_unlink(const struct layers *layers, const char *path, struct error *err) {
	cleanup_fd int dir = -1;
	cleanup_free char *file = NULL;
	int r = open_parent(layers, path, false, &dir, &file, err);
	if (r == -ENOENT)
		return 0;
	if (r < 0)
		return r;
	if (unlinkat(dir, path_base(file), 0) < 0)
		return errno == ENOENT ? 0 : error_errno(err, errno, "cannot remove '%s'", file);
	return fsync(dir) < 0 ? error_errno(err, errno, "cannot sync the directory of '%s'", file)
	                      : 0;
}
