#include "cmd/explain/explain.h"

#include "cmd/json.h"
#include "policy/arguments.h"
#include "policy/fields_secrets.h"
#include "run/environment.h"
#include "util/cleanup.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static json_t *strings_json(char *const strings[]) {
	json_t *array = json_array();
	for (size_t i = 0; strings[i]; i++)
		json_array_append_new(array, json_text(strings[i]));
	return array;
}

static void explain_interpreter(const struct script *script, const struct policy *policy,
                                struct explain_part *part) {
	const struct pin *pin = script->interpreter;
	const char *from =
		policy->script.interpreter ? "script.interpreter" : "the script's header";
	const char *believed = policy->script.hashes.count ? "by script.interpreter_hash"
	                                                   : "because only root can change it";
	cleanup_buffer struct buffer options = BUFFER_INIT;
	for (size_t i = 0; script->options[i]; i++)
		buffer_format(&options, " %s", script->options[i]);
	explain_line(part, "read by '%s' as '%s', which %s names", pin->path, script->arg0, from);
	explain_line(part, "the interpreter is trusted %s", believed);
	explain_line(part, "it gets:%s %s", options.size ? options.bytes : "", script->path);
	explain_fact(part, "interpreter", json_text(pin->path));
	explain_fact(part, "interpreter_from", json_string(from));
	explain_fact(part, "interpreter_trusted", json_boolean(pin->trusted));
	explain_fact(part, "interpreter_hashed", json_boolean(policy->script.hashes.count > 0));
	explain_fact(part, "options", strings_json(script->options));
	explain_fact(part, "reads", json_text(script->path));
}

void explain_script(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct program *program = &run->program;
	explain_fact(part, "is_script",
	             program->command ? json_boolean(program->is_script) : json_null());
	if (program->command && program->is_script)
		explain_interpreter(&program->script, run->policy, part);
	explain_stage(part, explained, "program",
	              program->is_script ? NULL : "none: the command is a program");
	if (program->command)
		explain_stage(part, explained, "start", NULL);
}

static bool is_set(const struct run *run, const char *name) {
	const struct policy *policy = run->policy;
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		if (strcmp(policy->environment.set[i].name, name) == 0)
			return true;
	}
	return policy_has_secret(policy, name) || strcmp(name, "PATH") == 0 ||
	       (run->home.directory && strcmp(name, "HOME") == 0);
}

/* The name of a variable; "" when the string has no '='. */
static char *name_of(const char *variable) {
	return strndup(variable, strchr(variable, '=') ? strcspn(variable, "=") : 0);
}

/* Whether an earlier variable of the same name counts instead. */
static bool is_double(char *const environment[], size_t i, const char *name) {
	size_t size = strlen(name) + 1;
	for (size_t j = 0; j < i; j++) {
		if (strncmp(environment[j], environment[i], size) == 0)
			return true;
	}
	return false;
}

/*
 * One line for all variables with the same reason as number `from`, if that is the first of
 * them.
 */
static void explain_left_out(char *const environment[], const char *const reasons[], size_t from,
                             struct explain_part *part, json_t *left_out) {
	cleanup_buffer struct buffer names = BUFFER_INIT;
	for (size_t i = 0; i < from; i++) {
		if (reasons[i] && strcmp(reasons[i], reasons[from]) == 0)
			return;
	}
	for (size_t i = from; environment[i]; i++) {
		cleanup_free char *name = name_of(environment[i]);
		if (!name || !reasons[i] || strcmp(reasons[i], reasons[from]) != 0)
			continue;
		buffer_format(&names, "%s%s", names.size ? " " : "", name);
		json_array_append_new(left_out, json_pack("{s:o, s:s}", "name", json_text(name),
		                                          "why", reasons[i]));
	}
	explain_line(part, "left out, %s: %s", reasons[from], names.size ? names.bytes : "");
}

static void explain_inherited(const struct run *run, const char **reasons,
                              struct explain_part *part) {
	char *const *environment = run->request->environment;
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *passed = json_array();
	for (size_t i = 0; environment[i]; i++) {
		cleanup_free char *name = name_of(environment[i]);
		if (!name || name[0] == '\0' || is_double(environment, i, name))
			continue;
		reasons[i] = is_set(run, name) ? "because the policy sets it"
		                               : environment_left_out(run->policy, environment[i]);
		if (reasons[i])
			continue;
		buffer_format(&names, "%s%s", names.size ? " " : "", name);
		json_array_append_new(passed, json_text(name));
	}
	explain_line(part, "passed on: %s", names.size ? names.bytes : "nothing");
	explain_fact(part, "passed", passed);
}

static void add_name(struct buffer *names, json_t *array, const char *name) {
	buffer_format(names, " %s", name);
	json_array_append_new(array, json_string(name));
}

static bool has_secret_variable(const struct policy *policy) {
	for (size_t i = 0; i < policy->secret_count; i++) {
		if (policy->secrets[i].deliver == POLICY_DELIVER_ENV)
			return true;
	}
	return false;
}

static void explain_set(const struct run *run, struct explain_part *part) {
	const struct policy *policy = run->policy;
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *set = json_array();
	add_name(&names, set, "PATH");
	if (run->home.directory)
		add_name(&names, set, "HOME");
	if (run->program.is_script)
		add_name(&names, set, "ENVSEAL_SCRIPT");
	if (has_secret_variable(policy))
		add_name(&names, set, "ENVSEAL_PADDING");
	for (size_t i = 0; i < policy->environment.set_count; i++)
		add_name(&names, set, policy->environment.set[i].name);
	explain_line(part, "set:%s", names.failed ? "" : names.bytes);
	explain_fact(part, "set", set);
}

void explain_environment(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	char *const *environment = run->request->environment;
	json_t *left_out = json_array();
	size_t count = 0;
	while (environment[count])
		count++;
	cleanup_free const char **reasons = calloc(count + 1, sizeof(*reasons));
	explain_set(run, part);
	if (reasons)
		explain_inherited(run, reasons, part);
	for (size_t i = 0; reasons && i < count; i++) {
		if (reasons[i])
			explain_left_out(environment, reasons, i, part, left_out);
	}
	explain_fact(part, "left_out", left_out);
}

/* What is known of a secret without opening it. */
static const struct {
	int code;
	const char *state;
	const char *text;
} presence[] = {
	{0, "present", "in the vault"},
	{-ENOENT, "absent", "not in the vault"},
	{-EKEYEXPIRED, "expired", "in the vault, but expired"},
	{-EBADMSG, "damaged", "in the vault, but damaged"},
	{-EACCES, "hidden", "cannot be examined"},
};

/* The row of `presence`; the last one stands for every other error. */
static size_t find_presence(const struct run *run, const char *name) {
	struct error err;
	int r = run->vault ? vault_preview(run->vault, name, time(NULL), &err) : -EACCES;
	size_t i = 0;
	while (i + 1 < ARRAY_SIZE(presence) && presence[i].code != r)
		i++;
	return i;
}

/* The secrets of a row: one, or those of a template. */
static json_t *explain_names(const struct run *run, const struct policy_secret *row,
                             struct buffer *text) {
	char name[POLICY_NAME_SIZE];
	struct policy_piece piece;
	const char *at = NULL;
	json_t *names = json_array();
	while (policy_secret_next(row, &at, &piece)) {
		if (!piece.is_secret)
			continue;
		policy_secret_name(&piece, run->request->uid, name);
		size_t found = find_presence(run, name);
		buffer_format(text, "%s'%s', %s", text->size ? "; " : "", name,
		              presence[found].text);
		json_array_append_new(names, json_pack("{s:s, s:s}", "secret", name, "state",
		                                       presence[found].state));
	}
	return names;
}

static const char *const deliveries[] = {
	[POLICY_DELIVER_ENV] = "as its value",
	[POLICY_DELIVER_FILE] = "as a file, whose path the variable holds",
	[POLICY_DELIVER_FD] = "as a descriptor, whose number the variable holds",
	[POLICY_DELIVER_STDIN] = "on standard input",
};

void explain_secrets(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	json_t *rows = json_array();
	for (size_t i = 0; i < run->policy->secret_count; i++) {
		const struct policy_secret *row = &run->policy->secrets[i];
		cleanup_buffer struct buffer text = BUFFER_INIT;
		json_t *names = explain_names(run, row, &text);
		char number[32] = "";
		if (row->descriptor)
			snprintf(number, sizeof(number), " (%d)", row->descriptor);
		explain_line(part, "%s: %s; %s%s%s%s", row->variable, text.size ? text.bytes : "",
		             deliveries[row->deliver], number,
		             row->is_template ? ", in a template" : "",
		             row->required ? "" : ", if it exists");
		json_array_append_new(
			rows,
			json_pack("{s:s, s:o, s:s, s:o, s:b, s:b}", "variable", row->variable,
		                  "secrets", names, "deliver", policy_delivery_name(row->deliver),
		                  "descriptor",
		                  row->descriptor ? json_integer(row->descriptor) : json_null(),
		                  "template", row->is_template, "required", row->required));
	}
	explain_fact(part, "rows", rows);
	if (part->text.size == 0)
		explain_line(part, "none");
	explain_stage(part, explained, "secrets", NULL);
}

void explain_arguments(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct policy *policy = run->policy;
	const struct explanation_stage *stage =
		explanation_stage(explained->explanation, "arguments");
	const bool limited = arguments_limited(policy) || policy->arguments.deny.count > 0;
	json_t *prepended = json_array();
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (size_t i = 0; i < policy->arguments.prepend.count; i++) {
		buffer_format(&text, " %s", policy->arguments.prepend.items[i]);
		json_array_append_new(prepended, json_text(policy->arguments.prepend.items[i]));
	}
	explain_stage(part, explained, "arguments",
	              limited ? "allowed by the policy's rules"
	                      : "any are allowed: the policy has no rules");
	if (text.size)
		explain_line(part, "prepended:%s", text.bytes);
	explain_fact(part, "limited", json_boolean(limited));
	explain_fact(part, "allowed", json_boolean(stage && stage->state == STAGE_PASSED));
	explain_fact(part, "prepended", prepended);
}
