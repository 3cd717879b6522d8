#include "unit.h"

#include "scratch.h"
#include "policy/grant.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>

/* Who asks when these tests run as root; else it is whoever runs them. */
#define ASKER 54321
#define GROUP 54322

#define GH "a/access/usr/bin/gh"

static struct layers layers;

/* Two layers, a and b, both of which may grant. */
static int make_layers(void **state) {
	struct error err;
	char list[256];
	if (scratch_make(state) < 0)
		return -1;
	snprintf(list, sizeof(list), "%s/a:%s/b", scratch, scratch);
	int r = layers_parse(list, &layers, &err);
	layers.grants = layers.count;
	return r;
}

static int remove_layers(void **state) {
	layers_free(&layers);
	return scratch_remove(state);
}

static void put(const char *name, mode_t mode) {
	make_parents(at(name));
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

/*
 * As an ordinary user without and with GROUP among the supplementary groups, in a process of its
 * own.
 */
static int check_as(bool with_group, const char *profile, struct error *err) {
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	const gid_t groups[] = {GROUP};
	int pipes[2];
	struct {
		int r;
		struct error err;
	} answer = {.r = 1};
	assert_int_equal(pipe(pipes), 0);
	pid_t pid = fork();
	if (pid == 0) {
		alarm(10);
		if (geteuid() == 0 &&
		    (setgroups(with_group ? 1 : 0, groups) < 0 ||
		     setresgid(ASKER, ASKER, ASKER) < 0 || setresuid(ASKER, ASKER, ASKER) < 0))
			_exit(1);
		answer.r =
			grant_check(&layers, "/usr/bin/gh", profile, getuid(), &trust, &answer.err);
		_exit(write(pipes[1], &answer, sizeof(answer)) != (ssize_t)sizeof(answer));
	}
	int status = 0;
	assert_int_equal(read(pipes[0], &answer, sizeof(answer)), (ssize_t)sizeof(answer));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	close(pipes[0]);
	close(pipes[1]);
	*err = answer.err;
	return answer.r;
}

static int check(const char *profile, struct error *err) {
	return check_as(false, profile, err);
}

static void test_nobody_without_a_grant(void **state) {
	(void)state;
	struct error err;
	assert_int_equal(check(NULL, &err), -EACCES);
	assert_non_null(strstr(err.text, "envseal policy allow /usr/bin/gh --group"));
	assert_int_equal(check("work", &err), -EACCES);
	assert_non_null(
		strstr(err.text, "envseal policy allow /usr/bin/gh --profile work --group"));
}

static void test_open_decides(void **state) {
	(void)state;
	struct error err;
	put(GH, 0644);
	assert_int_equal(check(NULL, &err), 0);
	put(GH, 0200);
	assert_int_equal(check(NULL, &err), -EACCES);
	/* Neither is good for the other. */
	assert_int_equal(check("work", &err), -EACCES);
	put(GH "@work", 0644);
	assert_int_equal(check("work", &err), 0);
	assert_int_equal(check(NULL, &err), -EACCES);
}

static void test_group_decides(void **state) {
	(void)state;
	struct error err;
	if (geteuid() != 0)
		return; /* only root can be in a group or not as it likes; grants.bats has it too */
	put(GH, 0640);
	assert_int_equal(chown(at(GH), 0, GROUP), 0);
	assert_int_equal(check_as(false, NULL, &err), -EACCES);
	assert_int_equal(check_as(true, NULL, &err), 0);
	/* The directory counts as well: who cannot get there cannot open it. */
	assert_int_equal(chmod(at("a/access"), 0700), 0);
	assert_int_equal(check_as(true, NULL, &err), -EACCES);
}

static void test_root_needs_none(void **state) {
	(void)state;
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	struct error err;
	assert_int_equal(grant_check(&layers, "/usr/bin/gh", NULL, 0, &trust, &err), 0);
}

static void test_first_layer_decides(void **state) {
	(void)state;
	struct error err;
	put("b/access/usr/bin/gh", 0644);
	assert_int_equal(check(NULL, &err), 0);
	put(GH, 0200);
	assert_int_equal(check(NULL, &err), -EACCES);
	assert_int_equal(unlink(at(GH)), 0);
	/* A layer that may not grant is not asked. */
	layers.grants = 1;
	assert_int_equal(check(NULL, &err), -EACCES);
}

static void test_untrusted_grants_are_refused(void **state) {
	(void)state;
	struct error err;
	put(GH, 0666);
	assert_int_equal(check(NULL, &err), -EPERM);
	assert_non_null(strstr(err.text, "grant of '/usr/bin/gh'"));
	assert_int_equal(chmod(at(GH), 0644), 0);
	assert_int_equal(check(NULL, &err), 0);
	assert_int_equal(chmod(at("a/access/usr"), 0777), 0);
	assert_int_equal(check(NULL, &err), -EPERM);
	assert_int_equal(chmod(at("a/access/usr"), 0755), 0);
	assert_int_equal(check(NULL, &err), 0);
	if (geteuid() != 0)
		return;
	assert_int_equal(chown(at(GH), ASKER, ASKER), 0);
	assert_int_equal(check(NULL, &err), -EPERM);
}

static void test_only_regular_files_grant(void **state) {
	(void)state;
	struct error err;
	put("open", 0644);
	make_parents(at(GH));
	assert_int_equal(symlink(at("open"), at(GH)), 0);
	assert_int_equal(check(NULL, &err), -EPERM);
	assert_non_null(strstr(err.text, "symbolic link"));
	assert_int_equal(unlink(at(GH)), 0);
	assert_int_equal(mkdir(at(GH), 0755), 0);
	assert_int_equal(check(NULL, &err), -EPERM);
	assert_int_equal(rmdir(at(GH)), 0);
	assert_int_equal(mkfifo(at(GH), 0644), 0);
	assert_int_equal(check(NULL, &err), -EPERM);
}

static void test_what_a_grant_says(void **state) {
	(void)state;
	const struct trust trust = {.owner = geteuid(), .sticky = true};
	cleanup_grant struct grant none = {0};
	cleanup_grant struct grant group = {0};
	cleanup_grant struct grant all = {0};
	struct error err;
	assert_int_equal(grant_read(&layers, 0, "/usr/bin/gh", NULL, &trust, &none, &err), -ENOENT);
	assert_null(none.file);
	put(GH, 0640);
	put("b/access/usr/bin/gh", 0644);
	assert_int_equal(grant_read(&layers, 0, "/usr/bin/gh", NULL, &trust, &group, &err), 0);
	assert_string_equal(group.file, at(GH));
	assert_true(group.group && !group.everybody && !group.acl && group.layer == 0);
	assert_int_equal(grant_read(&layers, 1, "/usr/bin/gh", NULL, &trust, &all, &err), 0);
	assert_true(all.everybody && all.layer == 1);
}

static void test_system_layers(void **state) {
	(void)state;
	cleanup_layers struct layers of_system = {0};
	cleanup_layers struct layers of_user = {0};
	struct error err;
	assert_int_equal(layers_for_system(&of_system, &err), 0);
	assert_int_equal(of_system.grants, 3);
	assert_true(of_system.count > of_system.grants);
	assert_int_equal(layers_for_user(NULL, "/home/u", &of_user, &err), 0);
	assert_int_equal(of_user.grants, 0);
	assert_int_equal(of_user.count, of_system.count + 1);
	for (size_t i = 0; i < of_system.count; i++)
		assert_string_equal(of_system.paths[i], of_user.paths[i + 1]);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, make_layers, remove_layers)

int main(void) {
	const struct CMUnitTest tests[] = {
		TEST(test_nobody_without_a_grant),
		TEST(test_open_decides),
		TEST(test_group_decides),
		TEST(test_root_needs_none),
		TEST(test_first_layer_decides),
		TEST(test_untrusted_grants_are_refused),
		TEST(test_only_regular_files_grant),
		TEST(test_what_a_grant_says),
		TEST(test_system_layers),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
