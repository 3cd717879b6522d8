#include "run/program.h"

#include "util/cleanup.h"
#include "util/path.h"

#include <errno.h>
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

/* [options..., script,] what the policy puts first, the caller's arguments. */
static char **make_arguments(const struct program *program, const struct policy_strings *prepend,
                             char *const arguments[]) {
	const struct script *script = &program->script;
	size_t options = program->is_script ? length(script->options) : 0;
	size_t own = length(arguments);
	char **all = calloc(options + 1 + prepend->count + own + 1, sizeof(*all)), **at = all;
	if (!all)
		return NULL;
	if (program->is_script) {
		at = append(at, script->options, options);
		*at++ = script->path;
	}
	at = append(at, prepend->items, prepend->count);
	append(at, arguments, own);
	return all;
}

static void describe_target(struct program *program, const struct policy *policy, const char *copies) {
	const struct pin *executed = program->is_script ? program->script.interpreter : program->command;
	program->target = (struct target){
		.fd = executed->fd,
		.script_fd = program->is_script && program->command->copied ? program->command->fd : -1,
		.copies = copies,
		.script_name = program->script.copy_name,
		.program_name = copies && executed->copied ? path_base(executed->path) : NULL,
		.arg0 = program->is_script ? program->script.arg0 : policy->command,
		.arguments = program->arguments,
	};
}

int program_prepare(struct pin *command, const struct policy *policy, char *const arguments[],
                    const char *copies, struct program *ret_program, struct error *err) {
	cleanup_program struct program program = {.command = command};
	int r = pin_settle(command, policy->command, err);
	program.is_script = r == 0 && (policy->script.interpreter || pin_is_script(command));
	/* Its interpreter opens it inside, where its path is another file's, or nobody's. */
	if (r == 0 && program.is_script && policy->filesystem.root)
		r = pin_copy(command, err);
	if (r == 0 && program.is_script)
		r = script_prepare(command, policy, copies, &program.script, err);
	if (r < 0)
		return r;
	program.arguments = make_arguments(&program, &policy->arguments.prepend, arguments);
	if (!program.arguments)
		return error_errno(err, ENOMEM, "cannot build the argument vector");
	describe_target(&program, policy, copies);
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

int program_verify(const struct program *program, const struct policy *policy, const struct policy_hashes *pins,
                   struct error *err) {
	int r = 0;
	if (!policy->pin_trusted)
		r = verify_command(program->command, policy, pins, err);
	else if (!pin_is_trusted_as(program->command, policy->command))
		r = error_set(
			err, EPERM,
			"'%s' is not trusted, as its policy asks (pin = \"trusted\"): it, or a directory or "
			"link on the way to it, can be changed by others than root; pin it by hash",
			policy->command);
	if (r == 0 && program->is_script && policy->script.hashes.count)
		r = pin_verify(program->script.interpreter, policy->script.hashes.items,
		               policy->script.hashes.count, err);
	return r;
}

void program_free(struct program *program) {
	pin_free(program->command);
	script_free(&program->script);
	free(program->arguments);
	*program = (struct program){0};
}
