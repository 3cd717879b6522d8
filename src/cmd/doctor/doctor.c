#include "cmd/doctor/doctor.h"

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/style.h"
#include "util/cleanup.h"

#include <stdio.h>
#include <string.h>

/* The order of the output; a check may use what earlier ones found. */
static const struct check {
	const char *name;
	doctor_look *look;
	const char *help; /* what it is for */
} checks[] = {
	{"envseal-exec", doctor_binary,
         "the program that runs commands: its mode and capabilities"},
	{"sandbox helper", doctor_helper,
         "the program that does the mounts of hardened and lockdown"},
	{"service ids", doctor_system, "the uid and gid of system mode, from system.toml"},
	{"authority", doctor_authority, "which privilege envseal-exec is installed with"},
	{"this process", doctor_process,
         "whether the kernel grants a program that it starts any privilege"},
	{"vault", doctor_vault, "the user's vault, and what opens it"},
	{"system vault", doctor_system_vault, "the vault of system mode"},
	{"locked memory", doctor_memory, "secrets live in memory that is never swapped out"},
	{"seccomp", doctor_seccomp, "every tier filters system calls"},
	{"Landlock", doctor_landlock, "keeps lockdown from writing, hardened from signalling"},
	{"user namespaces", doctor_user_namespaces, "hardened and lockdown need one"},
	{"fresh /proc", doctor_fresh_proc, "hardened and lockdown mount one"},
	{"memory files", doctor_memfd, "commands that others could change run from a sealed copy"},
	{"core files", doctor_core, "where the memory of a crashed program goes"},
	{"hidepid", doctor_hidepid, "whether others see a program's arguments"},
	{"tier none", doctor_tier_none, "all that the tier does, done"},
	{"tier hardened", doctor_tier_hardened, "all that the tier does, done"},
	{"tier lockdown", doctor_tier_lockdown, "all that the tier does, done"},
};

static const struct level {
	const char *name;
	enum style style;
} levels[] = {
	[FINDING_OK] = {"ok", STYLE_GOOD},
	[FINDING_NOTE] = {"note", STYLE_PLAIN},
	[FINDING_WEAK] = {"weak", STYLE_WEAK},
	[FINDING_MISSING] = {"missing", STYLE_BAD},
};

/* What the checks found, in their order. */
struct report {
	struct finding findings[ARRAY_SIZE(checks)];
	struct verdict verdict;
	bool lacking;
};

static void free_report(struct report *report) {
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		json_decref(report->findings[i].facts);
}

static void examine(const struct cmd_common *common, struct report *report) {
	struct doctor doctor = {.common = common};
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++) {
		report->findings[i].facts = json_object();
		checks[i].look(&doctor, &report->findings[i]);
		doctor.lacking = doctor.lacking || report->findings[i].level == FINDING_MISSING;
	}
	report->lacking = doctor.lacking;
	doctor_conclude(&doctor, &report->verdict);
}

static void print_finding(const struct check *check, const struct finding *finding) {
	const struct level *level = &levels[finding->level];
	printf("%s%-7s%s  %-15s  ", style_begin(level->style), level->name, style_end(level->style),
	       check->name);
	cmd_print(stdout, finding->text);
	putchar('\n');
	if (finding->advice[0]) {
		printf("%-26s", "");
		cmd_print(stdout, finding->advice);
		putchar('\n');
	}
}

static void print_text(const struct report *report) {
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		print_finding(&checks[i], &report->findings[i]);
	printf("\n%s\n%s\n", report->verdict.sentence, report->verdict.advice);
}

static json_t *finding_json(const struct check *check, const struct finding *finding) {
	return json_pack("{s:s, s:s, s:o, s:o, s:s, s:O}", "name", check->name, "level",
	                 levels[finding->level].name, "text", json_text(finding->text), "advice",
	                 json_text(finding->advice), "help", check->help, "facts", finding->facts);
}

static int print_json(const struct report *report) {
	json_t *array = json_array();
	for (size_t i = 0; i < ARRAY_SIZE(checks); i++)
		json_array_append_new(array, finding_json(&checks[i], &report->findings[i]));
	return json_print(json_pack("{s:o, s:s, s:s, s:s}", "checks", array, "boundary",
	                            report->verdict.boundary, "verdict", report->verdict.sentence,
	                            "advice", report->verdict.advice));
}

int cmd_doctor(int argc, char **argv) {
	const struct cmd_option own[] = {{0}};
	struct cmd_common common;
	int status = cmd_options(&argc, argv, own, &common);
	if (status != CMD_OK)
		return status;
	if (argc != 0)
		return cmd_usage_error("doctor takes no operand");
	__attribute__((cleanup(free_report))) struct report report = {0};
	/* A probe's child inherits stdio's buffer and would write it a second time. */
	fflush(stdout);
	examine(&common, &report);
	if (common.json)
		status = print_json(&report);
	else
		print_text(&report);
	return status == CMD_OK && report.lacking ? CMD_FAILED : status;
}
