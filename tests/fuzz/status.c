#include "fuzz.h"

#include <jansson.h>
#include <signal.h>
#include <sys/prctl.h>

/* A stop that the sandbox tells of stops the supervisor, but not the fuzzer. */
static int raised(int number) {
	return number == SIGSTOP ? 0 : -1;
}
#define raise raised

#include "run/supervise.c"

#include "authority/mapper.c"
#include "sandbox/starter.c"

/*
 * libFuzzer target of what the supervisor is told and tells on: with an even first byte the
 * sandbox's report and its statuses, which end as lines for --status-fd; with an odd one
 * /proc/PID/status and /proc/PID/stat of a process that has the input for a name, for that is all
 * in them that somebody else may choose.
 */

static const struct record_facts facts_of_all = {
	.tier = "hardened", .mode = "user", .limits_by = LIMITS_BY_NONE};

/* The reading end of a pipe that holds all of it and has ended. */
static int pipe_with(const uint8_t *bytes, size_t size) {
	int ends[2];
	MUST(pipe2(ends, O_CLOEXEC) == 0 && fd_write_full(ends[1], bytes, size) == 0);
	close(ends[1]);
	return ends[0];
}

static void check_line(const char *line, size_t size) {
	json_error_t why;
	json_t *json = json_loadb(line, size, JSON_DECODE_INT_AS_REAL, &why);
	MUST(json && size <= PIPE_BUF);
	if (strcmp(json_string_value(json_object_get(json, "event")), "finished") == 0) {
		double status = json_number_value(json_object_get(json, "status"));
		const json_t *number = json_object_get(json, "signal");
		MUST(status >= 0 && status <= UINT8_MAX);
		MUST(json_is_null(number) ||
		     (json_number_value(number) > 0 && json_number_value(number) < NSIG));
	}
	json_decref(json);
}

static void check_lines(int fd) {
	char text[2 * PIPE_BUF + 1];
	ssize_t size = read(fd, text, sizeof(text));
	MUST(size >= 0);
	for (char *line = text, *end; (end = memchr(line, '\n', (size_t)(text + size - line)));
	     line = end + 1)
		check_line(line, (size_t)(end - line));
	MUST(size == 0 || text[size - 1] == '\n');
}

/* A report and no end: it did not start. An end without a report: it ran. Neither says nothing. */
static void check_conclusion(struct supervision *run, const struct record_facts *facts) {
	struct outcome outcome = {.status = EXIT_REFUSED};
	struct error err = {0};
	int r = conclude(run, &outcome, &err);
	MUST(r <= 0 && (r == 0) == (run->ended && !run->reported));
	MUST(outcome.status >= 0 && outcome.status <= UINT8_MAX);
	MUST(outcome.signal >= 0 && outcome.signal < NSIG);
	if (r < 0)
		MUST(err.text[0] != '\0' && outcome.status >= EXIT_REFUSED);
	else
		record_finished(run->record, facts, &outcome);
}

static void supervise_input(const uint8_t *bytes, size_t size, const char *command) {
	struct launch launch = LAUNCH_NONE;
	struct environment environment = {0};
	struct output output;
	struct record_facts facts = facts_of_all;
	size_t report = size <= sizeof(struct sandbox_report) || bytes[0] & 2
	                        ? 0
	                        : sizeof(struct sandbox_report);
	int told[2];
	facts.command = command;
	output_init(&output);
	MUST(pipe2(told, O_CLOEXEC) == 0);
	struct record record = {.fd = told[1]};
	struct supervision run = {.launch = &launch,
	                          .environment = &environment,
	                          .output = &output,
	                          .record = &record,
	                          .facts = &facts};
	launch.report_fd = pipe_with(bytes + 1, report);
	launch.status_fd = pipe_with(bytes + 1 + report, size - 1 - report);
	read_report(&run);
	while (launch.status_fd >= 0 && !run.ended)
		read_status(&run);
	check_conclusion(&run, &facts);
	record_close(&record);
	check_lines(told[0]);
	close(told[0]);
	close_end(&launch.status_fd);
}

static void be_called(const char *name) {
	cleanup_fd int proc = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	MUST(proc >= 0 && prctl(PR_SET_NAME, name) == 0);
	MUST(check_parent(proc, getppid()) == 0);
	MUST(check_parent(proc, getpid()) == -ESRCH);
	MUST(parent_of(getpid()) == getppid());
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	if (size < 1 || size > 2 * PIPE_BUF)
		return 0;
	char *text = malloc(size);
	MUST(text);
	memcpy(text, bytes + 1, size - 1);
	text[size - 1] = '\0';
	if (bytes[0] % 2)
		be_called(text);
	else
		supervise_input(bytes, size, text);
	free(text);
	return 0;
}
