#include "run/program.h"

#include "util/cleanup.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static int open_interpreter(const struct policy *policy, struct pin **ret_pin, struct error *err) {
	const char *path = policy->script.interpreter;
	cleanup_free char *real = realpath(path, NULL);
	cleanup_pin struct pin *pin = NULL;
	int r = real ? pin_open(real, &pin, err) : error_errno(err, errno, "'%s'", path);
	if (r < 0)
		return error_wrap(err, r, "script.interpreter");
	if (!pin->trusted && policy->script.hashes.count == 0)
		return error_set(err, EPERM,
		                 "script.interpreter '%s' can be changed by others than root; give its "
		                 "interpreter_hash",
		                 path);
	r = pin_settle(pin, err);
	if (r == 0)
		*ret_pin = steal_pointer(pin);
	return r;
}

/*
 * A trusted script is read by its own path. Any other is read from the sealed copy, which is the very
 * descriptor that was hashed; its name is only this process's.
 */
static char *script_path(const struct pin *script) {
	char *path = NULL;
	if (!script->copied)
		return strdup(script->path);
	return asprintf(&path, "/proc/self/fd/%d", script->fd) < 0 ? NULL : path;
}

static size_t length(char *const strings[]) {
	size_t count = 0;
	while (strings[count])
		count++;
	return count;
}

static char **append(char **at, char *const strings[], size_t count) {
	for (size_t i = 0; i < count; i++)
		*at++ = strings[i];
	return at;
}

/* [options..., script,] what the policy puts first, the caller's arguments. */
static char **make_arguments(const struct policy *policy, char *script, char *const arguments[]) {
	const struct policy_strings *options = &policy->script.options;
	const struct policy_strings *prepend = &policy->arguments.prepend;
	size_t own = length(arguments);
	char **all = calloc(options->count + 1 + prepend->count + own + 1, sizeof(*all)), **at = all;
	if (!all)
		return NULL;
	if (script) {
		at = append(at, options->items, options->count);
		*at++ = script;
	}
	at = append(at, prepend->items, prepend->count);
	append(at, arguments, own);
	return all;
}

static int prepare_script(struct program *program, const struct policy *policy, struct error *err) {
	if (!policy->script.interpreter) {
		if (!pin_is_script(program->command))
			return 0;
		return error_set(err, ENOEXEC,
		                 "'%s' is a script; name its interpreter in the policy ([script] interpreter)",
		                 policy->command);
	}
	int r = open_interpreter(policy, &program->interpreter, err);
	if (r < 0)
		return r;
	program->script_path = script_path(program->command);
	return program->script_path ? 0 : error_errno(err, ENOMEM, "'%s'", policy->command);
}

static void describe_target(struct program *program, const struct policy *policy) {
	const struct pin *command = program->command;
	bool script = program->interpreter != NULL;
	program->target = (struct target){
		.fd = script ? program->interpreter->fd : command->fd,
		.script_fd = script && command->copied ? command->fd : -1,
		.arg0 = script ? policy->script.interpreter : policy->command,
		.arguments = program->arguments,
	};
}

int program_prepare(struct pin *command, const struct policy *policy, char *const arguments[],
                    struct program *ret_program, struct error *err) {
	cleanup_program struct program program = {.command = command};
	int r = pin_settle(command, err);
	if (r == 0)
		r = prepare_script(&program, policy, err);
	if (r < 0)
		return r;
	program.arguments = make_arguments(policy, program.script_path, arguments);
	if (!program.arguments)
		return error_errno(err, ENOMEM, "cannot build the argument vector");
	describe_target(&program, policy);
	*ret_program = program;
	program = (struct program){0};
	return 0;
}

/* Any one of the policy's own hashes and the pins will do. */
static int verify_command(const struct pin *command, const struct policy *policy,
                          const struct policy_hashes *pins, struct error *err) {
	size_t count = policy->hashes.count + pins->count;
	cleanup_free struct pin_hash *all = calloc(count + 1, sizeof(*all));
	if (!all)
		return error_errno(err, ENOMEM, "cannot verify '%s'", command->path);
	if (policy->hashes.count)
		memcpy(all, policy->hashes.items, policy->hashes.count * sizeof(*all));
	if (pins->count)
		memcpy(all + policy->hashes.count, pins->items, pins->count * sizeof(*all));
	return pin_verify(command, all, count, err);
}

int program_verify(const struct program *program, const struct policy *policy,
                   const struct policy_hashes *pins, struct error *err) {
	int r = 0;
	if (!policy->pin_trusted)
		r = verify_command(program->command, policy, pins, err);
	else if (!program->command->trusted)
		r = error_set(err, EPERM,
		              "'%s' is not trusted, as its policy asks (pin = \"trusted\"): it, or a directory "
		              "above it, can be changed by others than root; pin it by hash",
		              program->command->path);
	if (r == 0 && program->interpreter && policy->script.hashes.count)
		r = pin_verify(program->interpreter, policy->script.hashes.items, policy->script.hashes.count,
		               err);
	return r;
}

void program_free(struct program *program) {
	pin_free(program->command);
	pin_free(program->interpreter);
	free(program->script_path);
	free(program->arguments);
	*program = (struct program){0};
}
