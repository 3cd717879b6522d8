#include "cmd/explain.h"

#include "run/environment.h"
#include "util/cleanup.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static json_t *strings_json(char *const strings[]) {
	json_t *array = json_array();
	for (size_t i = 0; strings[i]; i++)
		json_array_append_new(array, explain_text(strings[i]));
	return array;
}

static void explain_interpreter(const struct script *script, const struct policy *policy,
                                struct explain_part *part) {
	const struct pin *pin = script->interpreter;
	const char *from = policy->script.interpreter ? "script.interpreter" : "the script's header";
	const char *believed = policy->script.hashes.count ? "by script.interpreter_hash" : "because only root can change it";
	cleanup_buffer struct buffer options = BUFFER_INIT;
	for (size_t i = 0; script->options[i]; i++)
		buffer_format(&options, " %s", script->options[i]);
	explain_line(part, "read by '%s' as '%s', which %s names", pin->path, script->arg0, from);
	explain_line(part, "the interpreter is believed %s", believed);
	explain_line(part, "it gets:%s %s", options.size ? options.bytes : "", script->path);
	explain_fact(part, "interpreter", explain_text(pin->path));
	explain_fact(part, "interpreter_from", json_string(from));
	explain_fact(part, "interpreter_trusted", json_boolean(pin->trusted));
	explain_fact(part, "interpreter_hashed", json_boolean(policy->script.hashes.count > 0));
	explain_fact(part, "options", strings_json(script->options));
	explain_fact(part, "reads", explain_text(script->path));
}

void explain_script(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	const struct program *program = &run->program;
	explain_fact(part, "is_script", program->command ? json_boolean(program->is_script) : json_null());
	if (program->command && program->is_script)
		explain_interpreter(&program->script, run->policy, part);
	explain_stage(part, explained, "program", program->is_script ? NULL : "none: the command is a program");
	if (program->command)
		explain_stage(part, explained, "start", NULL);
}

static bool is_set(const struct policy *policy, const char *name) {
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		if (strcmp(policy->environment.set[i].name, name) == 0)
			return true;
	}
	for (size_t i = 0; i < policy->secret_count; i++) {
		if (strcmp(policy->secrets[i].variable, name) == 0)
			return true;
	}
	return strcmp(name, "PATH") == 0 || strcmp(name, "ENVSEAL_SCRIPT") == 0;
}

/* The names that become of the caller's variables, "" for those that are none. */
static char *name_of(const char *variable) {
	return strndup(variable, strchr(variable, '=') ? strcspn(variable, "=") : 0);
}

/* Whether an earlier one of the same name counts. */
static bool is_double(char *const environment[], size_t i, const char *name) {
	size_t size = strlen(name) + 1;
	for (size_t j = 0; j < i; j++) {
		if (strncmp(environment[j], environment[i], size) == 0)
			return true;
	}
	return false;
}

/* All that is left out for the same reason as number `from`, on one line, where that is the first such. */
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
		json_array_append_new(left_out, json_pack("{s:o, s:s}", "name", explain_text(name), "why", reasons[i]));
	}
	explain_line(part, "left out, %s: %s", reasons[from], names.size ? names.bytes : "");
}

static void explain_inherited(const struct policy *policy, char *const environment[], const char **reasons,
                              struct explain_part *part) {
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *passed = json_array();
	for (size_t i = 0; environment[i]; i++) {
		cleanup_free char *name = name_of(environment[i]);
		if (!name || name[0] == '\0' || is_double(environment, i, name))
			continue;
		reasons[i] = is_set(policy, name) ? "for it is set" : environment_left_out(policy, environment[i]);
		if (reasons[i])
			continue;
		buffer_format(&names, "%s%s", names.size ? " " : "", name);
		json_array_append_new(passed, explain_text(name));
	}
	explain_line(part, "passed on: %s", names.size ? names.bytes : "nothing");
	explain_fact(part, "passed", passed);
}

static void explain_set(const struct run *run, struct explain_part *part) {
	const struct policy *policy = run->policy;
	cleanup_buffer struct buffer names = BUFFER_INIT;
	json_t *set = json_array();
	buffer_string(&names, "PATH");
	json_array_append_new(set, json_string("PATH"));
	if (run->program.is_script) {
		buffer_string(&names, " ENVSEAL_SCRIPT");
		json_array_append_new(set, json_string("ENVSEAL_SCRIPT"));
	}
	for (size_t i = 0; i < policy->environment.set_count; i++) {
		buffer_format(&names, " %s", policy->environment.set[i].name);
		json_array_append_new(set, json_string(policy->environment.set[i].name));
	}
	explain_line(part, "set: %s", names.failed ? "" : names.bytes);
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
		explain_inherited(run->policy, environment, reasons, part);
	for (size_t i = 0; reasons && i < count; i++) {
		if (reasons[i])
			explain_left_out(environment, reasons, i, part, left_out);
	}
	explain_fact(part, "left_out", left_out);
}

/* What is known of one secret without opening it. */
static const struct {
	int code;
	const char *state;
	const char *text;
} presence[] = {
	{0, "present", "in the vault"},
	{-ENOENT, "absent", "not in the vault"},
	{-EKEYEXPIRED, "expired", "in the vault, but expired"},
	{-EBADMSG, "damaged", "in the vault, but damaged"},
	{-EACCES, "hidden", "may not be looked at"},
};

/* Which row; the last, for whatever else keeps us from looking. */
static size_t find_presence(const struct run *run, const char *name) {
	struct error err;
	int r = run->vault ? vault_foresee(run->vault, name, time(NULL), &err) : -EACCES;
	size_t i = 0;
	while (i + 1 < ARRAY_SIZE(presence) && presence[i].code != r)
		i++;
	return i;
}

void explain_secrets(const struct explained *explained, struct explain_part *part) {
	const struct run *run = explained->run;
	json_t *rows = json_array();
	for (size_t i = 0; i < run->policy->secret_count; i++) {
		const struct policy_secret *secret = &run->policy->secrets[i];
		size_t found = find_presence(run, secret->secret);
		explain_line(part, "%s = '%s', %s%s", secret->variable, secret->secret, presence[found].text,
		             secret->required ? "" : ", not required");
		json_array_append_new(rows, json_pack("{s:s, s:s, s:s, s:b}", "variable", secret->variable, "secret",
		                                      secret->secret, "state", presence[found].state, "required",
		                                      secret->required));
	}
	explain_fact(part, "rows", rows);
	if (part->text.size == 0)
		explain_line(part, "none");
	explain_stage(part, explained, "secrets", NULL);
}
