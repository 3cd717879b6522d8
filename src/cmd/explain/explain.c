#include "cmd/explain/explain.h"

#include "cmd/cmd.h"
#include "cmd/installed.h"
#include "cmd/json.h"
#include "cmd/options.h"
#include "cmd/policy/common.h"
#include "util/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* In the order of a run. */
static const struct section {
	const char *name;
	explain_write *write;
	bool needs_policy;
} sections[] = {
	{"mode", explain_mode, false},
	{"command", explain_command, false},
	{"layers", explain_layers, false},
	{"policy", explain_policy, false},
	{"use", explain_use, true},
	{"vault", explain_vault, true},
	{"pin", explain_pin, true},
	{"script", explain_script, true},
	{"arguments", explain_arguments, true},
	{"environment", explain_environment, true},
	{"secrets", explain_secrets, true},
	{"tier", explain_tier, true},
	{"network", explain_network, true},
	{"limits", explain_limits, true},
	{"output", explain_output, true},
};

/* "title first line", with the other lines aligned below it. */
static void print_lines(const char *title, char *text) {
	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
		printf("%-12s", title);
		cmd_print(stdout, line);
		putchar('\n');
		title = "";
	}
}

static void write_section(const struct section *section, const struct explained *explained,
                          json_t *json) {
	struct explain_part part = {.text = BUFFER_INIT, .facts = json_object()};
	section->write(explained, &part);
	cleanup_free char *text = buffer_steal(&part.text);
	if (json) {
		json_object_set_new(json, section->name, part.facts);
		return;
	}
	json_decref(part.facts);
	print_lines(section->name, text);
}

static json_t *stages_json(const struct explanation *explanation) {
	static const char *const states[] = {
		[STAGE_UNKNOWN] = "unknown",
		[STAGE_PASSED] = "passed",
		[STAGE_REFUSED] = "refused",
	};
	json_t *array = json_array();
	for (size_t i = 0; i < explanation->stage_count; i++) {
		const struct explanation_stage *stage = &explanation->stages[i];
		bool refused = stage->state == STAGE_REFUSED;
		json_array_append_new(array,
		                      json_pack("{s:s, s:s, s:o}", "stage", stage->name, "state",
		                                states[stage->state], "why",
		                                json_text(refused ? stage->why.text : NULL)));
	}
	return array;
}

/* `refusal` is NULL when the command would run, perhaps after asking for a passphrase. */
static void print_verdict(const struct explanation_stage *refusal, bool would_ask) {
	printf("%-12s", "verdict");
	if (refusal) {
		printf("would be refused with exit status %d: ", refusal->status);
		cmd_print(stdout, refusal->why.text);
	} else {
		fputs("would run", stdout);
	}
	puts(!refusal && would_ask
	             ? ", once the vault's passphrase is given, if the policy is approved"
	             : "");
}

static int print_json(json_t *json, const struct explanation_stage *refusal, bool would_ask) {
	json_object_set_new(json, "would_run", json_boolean(!refusal));
	json_object_set_new(json, "would_ask", json_boolean(would_ask));
	json_object_set_new(json, "status", refusal ? json_integer(refusal->status) : json_null());
	json_object_set_new(json, "why", json_text(refusal ? refusal->why.text : NULL));
	return json_print(json);
}

/* One call of the verb: its options, and its result. */
struct call {
	struct cmd_common common;
	struct privilege installed;
	int status;
};

static void tell(struct call *call, const struct explanation *explanation) {
	const struct explained explained = {
		.explanation = explanation,
		.run = &explanation->run,
		.installed = &call->installed,
		.user_mode = call->common.user || call->common.vault || call->common.layers,
	};
	json_t *json = call->common.json ? json_object() : NULL;
	for (size_t i = 0; i < ARRAY_SIZE(sections); i++) {
		if (explanation->run.policy || !sections[i].needs_policy)
			write_section(&sections[i], &explained, json);
	}
	call->status = explanation->refusal ? CMD_FAILED : CMD_OK;
	if (call->common.json && !json) {
		call->status = cmd_fail("out of memory");
	} else if (json) {
		json_object_set_new(json, "stages", stages_json(explanation));
		if (print_json(json, explanation->refusal, explanation->would_ask) != CMD_OK)
			call->status = CMD_FAILED;
	} else {
		print_verdict(explanation->refusal, explanation->would_ask);
	}
}

/* envseal-exec would refuse before it reads the request. */
static int refused_at_once(const struct call *call, const struct error *err) {
	const struct explanation_stage refusal = {
		.name = "mode", .status = EXIT_REFUSED, .why = *err};
	if (call->common.json)
		print_json(json_object(), &refusal, false);
	else
		print_verdict(&refusal, false);
	return CMD_FAILED;
}

static int explain(struct call *call, const char *profile, char **argv) {
	struct error err;
	int passphrase_fd = -1;
	if (call->common.passphrase_fd &&
	    unlocking_parse_fd(call->common.passphrase_fd, &passphrase_fd, &err) < 0)
		return cmd_fail("%s", err.text);
	int r = installed_privilege(ENVSEAL_EXEC, &call->installed, &err);
	struct privilege privilege = call->installed;
	const struct request request = {
		.uid = getuid(),
		.gid = getgid(),
		.privilege = &privilege,
		.argv = argv,
		.environment = environ,
		.vault = call->common.vault,
		.layers = call->common.layers,
		.profile = profile,
		.no_input = call->common.no_input,
		.passphrase_fd = passphrase_fd,
		.status_fd = -1,
	};
	if (r < 0)
		return refused_at_once(call, &err);
	if (call->common.user || call->common.vault || call->common.layers) {
		privilege.source = PRIVILEGE_NONE;
		privilege.secure = false;
	}
	cleanup_free struct explanation *explanation = malloc(sizeof(*explanation));
	if (!explanation)
		return cmd_fail("out of memory");
	explanation_make(&request, explanation);
	tell(call, explanation);
	run_free(&explanation->run);
	return call->status;
}

int cmd_explain(int argc, char **argv) {
	struct call call = {.status = CMD_FAILED};
	const char *profile = NULL;
	const struct cmd_option own[] = {
		{"profile", "NAME", "use the policy COMMAND@NAME", .value = &profile}, {0}};
	int r = cmd_options_first(&argc, argv, own, &call.common);
	if (r != CMD_OK)
		return r;
	if (argc == 0)
		return cmd_usage_error("a command is needed");
	return explain(&call, profile, argv);
}
