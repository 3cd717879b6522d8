#include "run/program.h"

#include "sandbox/copies.h"
#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

/* argv[0], [options..., script,] what the policy puts first, the caller's arguments. */
static char **make_argv(const struct program *program, const struct policy *policy,
                        char *const arguments[]) {
	const struct script *script = &program->script;
	const struct policy_strings *prepend = &policy->arguments.prepend;
	size_t options = program->is_script ? length(script->options) : 0;
	size_t own = length(arguments);
	char **all = calloc(1 + options + 1 + prepend->count + own + 1, sizeof(*all)), **at = all;
	if (!all)
		return NULL;
	*at++ = program->is_script ? script->arg0 : policy->command;
	if (program->is_script) {
		at = append(at, script->options, options);
		*at++ = script->path;
	}
	at = append(at, prepend->items, prepend->count);
	append(at, arguments, own);
	return all;
}

static const struct pin *executed(const struct program *program) {
	return program->is_script ? program->script.interpreter : program->command;
}

/* `copies` NULL: there is no place for private copies, and a script keeps its descriptor. */
static void describe(const struct program *program, const char *copies, struct sandbox_spec *spec) {
	const char *script = program->script.copy_name;
	const char *copied =
		copies && executed(program)->copied ? path_base(executed(program)->path) : NULL;
	spec->program_fd = program->fd;
	spec->script_fd =
		program->is_script && program->command->copied ? program->command->fd : -1;
	if (!script && !copied)
		return;
	snprintf(spec->copies, sizeof(spec->copies), "%s", copies);
	snprintf(spec->script_name, sizeof(spec->script_name), "%s", script ? script : "");
	snprintf(spec->program_name, sizeof(spec->program_name), "%s", copied ? copied : "");
}

static int prepare_script(struct program *program, const struct policy *policy, const char *copies,
                          struct error *err) {
	/*
	 * Its interpreter opens it inside a root of its own, where its path may lead to another
	 * file, or nowhere.
	 */
	int r = policy->filesystem.root ? pin_copy(program->command, err) : 0;
	return r < 0 ? r : script_prepare(program->command, policy, copies, &program->script, err);
}

int program_prepare(struct pin *command, const struct policy *policy, char *const arguments[],
                    struct sandbox_spec *spec, struct program *ret_program, struct error *err) {
	const char *copies = spec->namespaces ? copies_directory(spec->features) : NULL;
	cleanup_program struct program program = {.command = command};
	int r = pin_settle(command, policy->command, err);
	if (r < 0)
		return r;
	program.is_script = policy->script.interpreter || pin_is_script(command);
	r = program.is_script ? prepare_script(&program, policy, copies, err) : 0;
	if (r < 0)
		return r;
	program.argv = make_argv(&program, policy, arguments);
	if (!program.argv)
		return error_errno(err, ENOMEM, "cannot build the argument vector");
	program.fd = executed(&program)->fd;
	describe(&program, copies, spec);
	*ret_program = program;
	program = (struct program){0};
	return 0;
}

/* One matching hash is enough, of the policy's own and of the pins. */
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

static int check_trust(const struct pin *command, const struct policy *policy, struct error *err) {
	if (pin_is_trusted_as(command, policy->command))
		return 0;
	return error_set(
		err, EPERM,
		"'%s' is not trusted, as its policy asks (pin = \"trusted\"): users other than "
		"root can change it, or a directory or link on the way to it; pin it by hash",
		policy->command);
}

int program_verify(const struct program *program, const struct policy *policy,
                   const struct policy_hashes *pins, struct error *err) {
	int r = policy->pin_trusted ? check_trust(program->command, policy, err)
	                            : verify_command(program->command, policy, pins, err);
	if (r < 0 || !program->is_script || !policy->script.hashes.count)
		return r;
	return pin_verify(program->script.interpreter, policy->script.hashes.items,
	                  policy->script.hashes.count, err);
}

void program_free(struct program *program) {
	pin_free(program->command);
	script_free(&program->script);
	free(program->argv);
	*program = (struct program){0};
}
