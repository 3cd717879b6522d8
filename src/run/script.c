#include "run/script.h"

#include "run/resolve.h"
#include "sandbox/copies.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* For messages: which setting names the interpreter. */
static const char *source(const struct policy *policy) {
	return policy->script.interpreter ? "script.interpreter" : "the script's header";
}

static int who_reads_it(const struct pin *script, const struct policy *policy,
                        struct script_header *header, char **ret_path, struct error *err) {
	if (policy->script.interpreter) {
		char *path = strdup(policy->script.interpreter);
		if (!path)
			return error_errno(err, ENOMEM, "'%s'", policy->command);
		*ret_path = path;
		return 0;
	}
	int r = script_header_read(script->fd, policy->command, header, err);
	if (r < 0)
		return r;
	/*
	 * The configured path, not the caller's: whoever starts a script does not choose its
	 * interpreter.
	 */
	if (header->name)
		return resolve_command(header->name, NULL, ret_path, err);
	*ret_path = steal_pointer(header->interpreter);
	return 0;
}

/*
 * By its name where that is a link of root's, such as sh for bash, or one of the names of a wrapper
 * that looks at $0. Else by its real name. An interpreter that looks for its libraries beside
 * argv[0], such as Python in a virtual environment, would take them from whoever made the link.
 */
static char *name_for(const struct pin *pin, const char *name) {
	return strdup(pin_is_trusted_as(pin, name) ? name : pin->path);
}

static int check_interpreter(const struct pin *pin, const struct policy *policy, const char *path,
                             struct error *err) {
	if (policy->script.hashes.count == 0 && !pin_is_trusted_as(pin, path))
		return error_set(err, EPERM,
		                 "users other than root can change '%s', or a link to it; give its "
		                 "script.interpreter_hash",
		                 path);
	if (pin_is_script(pin))
		return error_set(err, ENOEXEC,
		                 "'%s' is itself a script; name the program that reads it", path);
	return 0;
}

static int open_interpreter(struct script *script, const struct policy *policy, const char *path,
                            struct error *err) {
	cleanup_free char *name = NULL, *real = NULL;
	int r = path_command_names(path, &name, &real, err);
	if (r < 0)
		return r;
	r = pin_open(real, &script->interpreter, err);
	if (r < 0)
		return r;
	r = check_interpreter(script->interpreter, policy, path, err);
	if (r < 0)
		return r;
	r = pin_settle(script->interpreter, path, err);
	if (r < 0)
		return r;
	script->arg0 = name_for(script->interpreter, name);
	return script->arg0 ? 0 : error_errno(err, ENOMEM, "'%s'", path);
}

/*
 * A trusted script is read by the policy's name for it. Any other is read from the bytes that were
 * hashed: from a private copy in the sandbox, else from the sealed copy, whose name only the target
 * knows.
 */
static int choose_path(struct script *script, const struct pin *pin, const char *command,
                       const char *copies, struct error *err) {
	int n;
	if (!pin->copied) {
		script->path = name_for(pin, command);
		n = script->path ? 0 : -1;
	} else if (copies) {
		script->copy_name = path_base(pin->path);
		n = asprintf(&script->path, "%s/%s/%s", copies, COPIES_SCRIPTS, script->copy_name);
	} else {
		n = asprintf(&script->path, "/proc/self/fd/%d", pin->fd);
	}
	if (n >= 0)
		return 0;
	script->path = NULL;
	return error_errno(err, ENOMEM, "'%s'", pin->path);
}

int script_prepare(const struct pin *pin, const struct policy *policy, const char *copies,
                   struct script *ret_script, struct error *err) {
	static char *const no_options[] = {NULL};
	cleanup_script struct script script = {0};
	cleanup_free char *path = NULL;
	int r = who_reads_it(pin, policy, &script.header, &path, err);
	if (r < 0)
		return r;
	r = open_interpreter(&script, policy, path, err);
	if (r < 0)
		return error_wrap(err, r, "%s", source(policy));
	r = choose_path(&script, pin, policy->command, copies, err);
	if (r < 0)
		return r;
	script.options = policy->script.options.items ? policy->script.options.items
	                 : script.header.options      ? script.header.options
	                                              : no_options;
	*ret_script = script;
	script = (struct script){0};
	return 0;
}

void script_free(struct script *script) {
	pin_free(script->interpreter);
	script_header_free(&script->header);
	free(script->arg0);
	free(script->path);
	*script = (struct script){0};
}
