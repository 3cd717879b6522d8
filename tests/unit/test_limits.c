#include "unit.h"

#include "policy/policy.h"
#include "run/record.h"
#include "sandbox/cgroup.h"
#include "sandbox/limits.h"
#include "sandbox/tree.h"
#include "util/fd.h"
#include "util/json_line.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEAD "version = 1\ncommand = \"/usr/bin/gh\"\ntier = \"none\"\n[limits]\n"

static int parse(const char *row, struct sandbox_limits *ret_limits, struct error *err) {
	char text[512];
	cleanup_policy struct policy *policy = NULL;
	snprintf(text, sizeof(text), HEAD "%s\n", row);
	int r = policy_parse(text, strlen(text), "f", &policy, err);
	if (r == 0)
		*ret_limits = policy->limits;
	return r;
}

static void quantities_have_units(void **state) {
	(void)state;
	static const struct {
		const char *row;
		struct sandbox_limits limits;
	} rows[] = {
		{"timeout = \"1ms\"", {.timeout = 1}},
		{"timeout = \"30s\"", {.timeout = 30000}},
		{"timeout = \"5m\"", {.timeout = 300000}},
		{"timeout = \"8760h\"", {.timeout = UINT64_C(31536000000)}},
		{"memory = \"1M\"", {.memory = 1048576}},
		{"memory = \"1024K\"", {.memory = 1048576}},
		{"memory = \"512M\"", {.memory = UINT64_C(512) << 20}},
		{"memory = \"1024T\"", {.memory = UINT64_C(1) << 50}},
		{"processes = 1", {.processes = 1}},
		{"processes = 4194304", {.processes = 4194304}},
		{"open_files = 8", {.open_files = 8}},
		{"open_files = 1048576", {.open_files = 1048576}},
		{"file_size = \"1K\"", {.file_size = 1024}},
		{"file_size = \"001G\"", {.file_size = UINT64_C(1) << 30}},
		{"cpu_time = \"1s\"", {.cpu_time = 1}},
		{"cpu_time = \"2h\"", {.cpu_time = 7200}},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		struct sandbox_limits limits = {0};
		if (parse(rows[i].row, &limits, &err) < 0)
			fail_msg("%s: %s", rows[i].row, err.text);
		assert_memory_equal(&limits, &rows[i].limits, sizeof(limits));
	}
}

static void quantities_are_bounded(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const rows[] = {
		"timeout = \"0s\"", "timeout = \"8761h\"", "timeout = \"s\"", "timeout = \"\"", "timeout = \"30\"",
		"timeout = \" 30s\"", "timeout = \"30 s\"", "timeout = \"30S\"", "timeout = \"-30s\"",
		"timeout = \"1.5s\"", "timeout = \"30s\\u0000\"", "timeout = \"99999999999999999999999s\"",
		"timeout = 30", "memory = \"1023K\"", "memory = \"1025T\"", "memory = \"18446744073709551616K\"",
		"memory = \"512\"", "memory = \"512m\"", "memory = \"512MB\"", "processes = 0", "processes = -1",
		"processes = 4194305", "processes = \"64\"", "open_files = 7", "open_files = 1048577",
		"file_size = \"1023\"", "file_size = \"0K\"", "cpu_time = \"999ms\"", "cpu_time = \"0s\"",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct error err = {0};
		struct sandbox_limits limits = {0};
		if (parse(rows[i], &limits, &err) != -EBADMSG || strncmp(err.text, "f:5:", 4) != 0)
			fail_msg("%s: %s", rows[i], err.text);
		/* No value is echoed; the examples in the messages are others. */
		assert_null(strstr(err.text, "99999"));
	}
}

static void root_is_not_given_a_limit_that_does_not_hold(void **state) {
	(void)state;
	struct error err;
	struct sandbox_limits limits = {.processes = 5, .memory = 1};
	assert_int_equal(limits_by_rlimit(&limits, 0, true, &err), -EPERM);
	assert_int_equal(limits_by_rlimit(&limits, 1000, true, &err), 0);
	assert_int_equal(limits.processes, 6); /* and PID 1 */
	assert_int_equal(limits_by_rlimit(&limits, 1000, false, &err), 0);
	assert_int_equal(limits.processes, 6);
	limits_by_cgroup(&limits);
	assert_int_equal(limits.processes + limits.memory, 0);
	assert_int_equal(limits_by_rlimit(&limits, 0, true, &err), 0);
}

static void limits_are_soft_and_hard_and_only_go_down(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct error err;
		struct rlimit size, cpu;
		struct sandbox_limits limits = {.file_size = 4096, .cpu_time = 1000};
		const struct rlimit hard = {
			4096, 4096}; /* root could raise it again, what follows could not */
		int r = limits_apply(&limits, &err);
		setrlimit(RLIMIT_FSIZE, &hard);
		limits = (struct sandbox_limits){.file_size = 8192};
		r |= limits_apply(&limits, &err);
		getrlimit(RLIMIT_FSIZE, &size);
		getrlimit(RLIMIT_CPU, &cpu);
		_exit(r == 0 && size.rlim_cur == 4096 && size.rlim_max == 4096 &&
		                      cpu.rlim_cur == 1000 && cpu.rlim_max == 1001
		              ? 0
		              : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void lines_are_json(void **state) {
	(void)state;
	char text[256];
	struct json_line line;
	json_line_begin(&line, text, sizeof(text));
	json_line_string(&line, "a", "q\"b\\n\n\x1f\x7f\xc3\xa9");
	json_line_string(&line, "b", "\xff\xc0\xaf\xed\xa0\x80\xf0\x9f\x98\x80\xe2\x82");
	json_line_string(&line, "c", NULL);
	json_line_integer(&line, "d", UINT64_MAX);
	json_line_boolean(&line, "e", true);
	json_line_seconds(&line, "f", 1234567);
	json_line_seconds(&line, "g", 4);
	assert_true(json_line_end(&line));
	assert_string_equal(
		text,
		"{\"a\":\"q\\\"b\\\\n\\u000a\\u001f\\u007f\xc3\xa9\","
		"\"b\":\"\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\\ufffd\xf0\x9f\x98\x80\\ufffd\\ufffd\","
		"\"c\":null,\"d\":18446744073709551615,\"e\":true,\"f\":1.235,\"g\":0.000}\n");
	assert_int_equal(line.size, strlen(text));
}

static void lines_that_do_not_fit_are_none(void **state) {
	(void)state;
	char text[32];
	for (size_t room = 1; room < sizeof(text); room++) {
		struct json_line line;
		memset(text, 'x', sizeof(text));
		json_line_begin(&line, text, room);
		json_line_string(&line, "name", "value");
		assert_int_equal(json_line_end(&line), room > strlen("{\"name\":\"value\"}\n"));
		assert_int_equal(text[room], 'x');
	}
}

static void records_need_a_descriptor_to_write_to(void **state) {
	(void)state;
	struct error err;
	struct record record = RECORD_NONE;
	cleanup_fd int reads = open("/dev/null", O_RDONLY);
	cleanup_fd int path = open("/dev/null", O_PATH);
	assert_int_equal(record_open(1, &record, &err), -EBADF);
	assert_int_equal(record_open(1000, &record, &err), -EBADF);
	assert_int_equal(record_open(reads, &record, &err), -EBADF);
	assert_int_equal(record_open(path, &record, &err), -EBADF);
	assert_int_equal(record_open(-1, &record, &err), 0);
	record_started(&record, &(struct record_facts){.tier = "none"});
	assert_int_equal(record.size, 0);
	record_close(&record);
}

static void a_command_that_does_not_fit_is_left_out(void **state) {
	(void)state;
	static char command[PATH_MAX], text[PATH_MAX];
	struct error err;
	struct record record = RECORD_NONE;
	int ends[2];
	memset(command, '\n', sizeof(command) - 1);
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(record_open(ends[1], &record, &err), 0);
	record_started(&record,
	               &(struct record_facts){.command = command, .tier = "none", .mode = "user"});
	record_close(&record);
	ssize_t n = read(ends[0], text, sizeof(text) - 1);
	assert_true(n > 0);
	assert_string_equal(
		text, "{\"event\":\"started\",\"command\":null,\"tier\":\"none\",\"mode\":\"user\","
		      "\"limits_by\":\"none\"}\n");
	close(ends[0]);
}

static void all_descriptors_but_some_are_closed(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		const int kept[] = {90, -1, 80, 81};
		for (int fd = 79; fd <= 91; fd++)
			dup2(0, fd);
		fd_close_others(79, kept, ARRAY_SIZE(kept));
		bool right = true;
		for (int fd = 79; fd <= 91; fd++)
			right = right &&
			        (fcntl(fd, F_GETFD) >= 0) == (fd == 80 || fd == 81 || fd == 90);
		_exit(right ? 0 : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

/*
 * A child, its child in another session, and an orphan that ignores everything; and a stranger, who
 * must live.
 */
static void a_tree_is_ended_by_walking_it(void **state) {
	(void)state;
	pid_t stranger = fork();
	if (stranger == 0)
		for (;;)
			pause();
	pid_t init = fork();
	if (init == 0) {
		struct error err;
		int ready[2];
		char byte;
		if (tree_adopt(&err) < 0 || pipe(ready) < 0)
			_exit(1);
		if (fork() == 0) {
			for (int i = 0; i < 2; i++) {
				if (fork() == 0) {
					setsid();
					signal(SIGTERM, SIG_IGN);
					if (write(ready[1], "r", 1) != 1)
						_exit(1);
					for (;;)
						pause();
				}
			}
			_exit(0);
		}
		for (int i = 0; i < 2; i++) {
			if (read(ready[0], &byte, 1) != 1)
				_exit(1);
		}
		tree_end();
		_exit(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD ? 0 : 1);
	}
	int status = -1;
	assert_int_equal(waitpid(init, &status, 0), init);
	assert_int_equal(status, 0);
	assert_int_equal(kill(stranger, 0), 0);
	assert_int_equal(waitpid(stranger, NULL, WNOHANG), 0);
	kill(stranger, SIGKILL);
	waitpid(stranger, NULL, 0);
}

/*
 * What a directory that cannot share out its controllers looks like; a real one makes its
 * children's files itself.
 */
static void a_place_without_the_controllers_is_no_cgroup(void **state) {
	(void)state;
	char top[] = "/tmp/envseal-cgroup.XXXXXX";
	struct error err;
	struct cgroup cgroup = CGROUP_NONE;
	const struct sandbox_limits limits = {.memory = 1 << 20};
	assert_non_null(mkdtemp(top));
	cleanup_fd int directory = open(top, O_RDONLY | O_DIRECTORY);
	assert_int_equal(cgroup_make_in(directory, &limits, &cgroup, &err), -ENOENT);
	close(openat(directory, "cgroup.procs", O_WRONLY | O_CREAT, 0600));
	assert_int_equal(cgroup_make_in(directory, &limits, &cgroup, &err), -ENOENT);
	int control = openat(directory, "cgroup.subtree_control", O_WRONLY | O_CREAT, 0400);
	assert_int_equal(write(control, "cpu memory_other pids\n", 22), 22);
	close(control);
	if (geteuid() != 0)
		assert_int_equal(cgroup_make_in(directory, &limits, &cgroup, &err), -ENOENT);
	assert_int_equal(cgroup.directory_fd, -1);
	unlinkat(directory, "cgroup.procs", 0);
	unlinkat(directory, "cgroup.subtree_control", 0);
	assert_int_equal(rmdir(top), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quantities_have_units),
		cmocka_unit_test(quantities_are_bounded),
		cmocka_unit_test(root_is_not_given_a_limit_that_does_not_hold),
		cmocka_unit_test(limits_are_soft_and_hard_and_only_go_down),
		cmocka_unit_test(lines_are_json),
		cmocka_unit_test(lines_that_do_not_fit_are_none),
		cmocka_unit_test(records_need_a_descriptor_to_write_to),
		cmocka_unit_test(a_command_that_does_not_fit_is_left_out),
		cmocka_unit_test(all_descriptors_but_some_are_closed),
		cmocka_unit_test(a_tree_is_ended_by_walking_it),
		cmocka_unit_test(a_place_without_the_controllers_is_no_cgroup),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
