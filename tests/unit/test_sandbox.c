#include "unit.h"

#include "sandbox/environment.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_spec_arrives_as_it_was_sent(void **state) {
	(void)state;
	struct error err;
	struct sandbox_spec sent = {.features = SANDBOX_FRESH_PROC, .life_fd = 7, .directory = "/usr"};
	struct sandbox_spec received = {0};
	cleanup_fd int fd = -1;
	assert_int_equal(sandbox_spec_send(&sent, &fd, &err), 0);
	assert_int_equal(sandbox_spec_receive(fd, &received, &err), 0);
	assert_int_equal(received.features, SANDBOX_FRESH_PROC);
	assert_int_equal(received.life_fd, 7);
	assert_string_equal(received.directory, "/usr");
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
}

static void a_spec_that_is_not_ours_is_refused(void **state) {
	(void)state;
	struct error err;
	struct sandbox_spec spec = {.magic = SANDBOX_SPEC_MAGIC, .size = sizeof(spec)};
	struct sandbox_spec received;
	cleanup_fd int shorter = -1;
	cleanup_fd int other = -1;
	cleanup_fd int endless = -1;
	cleanup_fd int unsealed = open("/dev/zero", O_RDONLY);
	assert_int_equal(sandbox_spec_receive(unsealed, &received, &err), -EPROTO);
	assert_int_equal(fd_sealed("t", &spec, sizeof(spec) - 1, &shorter), 0);
	assert_int_equal(sandbox_spec_receive(shorter, &received, &err), -EPROTO);
	memset(spec.directory, 'x', sizeof(spec.directory));
	assert_int_equal(fd_sealed("t", &spec, sizeof(spec), &endless), 0);
	assert_int_equal(sandbox_spec_receive(endless, &received, &err), -EPROTO);
	spec.magic++;
	assert_int_equal(fd_sealed("t", &spec, sizeof(spec), &other), 0);
	assert_int_equal(sandbox_spec_receive(other, &received, &err), -EPROTO);
}

/* Writes header and strings into a pipe, closes it, and reads them back. */
static int through_a_pipe(const struct sandbox_environment *header, const char *strings, size_t size,
                          char ***ret_envp) {
	struct error err;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fd_write_full(ends[1], header, sizeof(*header)), 0);
	assert_int_equal(fd_write_full(ends[1], strings, size), 0);
	close(ends[1]);
	int r = sandbox_environment_receive(ends[0], ret_envp, &err);
	close(ends[0]);
	return r;
}

static void an_environment_arrives_whole(void **state) {
	(void)state;
	const struct sandbox_environment header = {SANDBOX_ENVIRONMENT_MAGIC, 2, 8};
	char **envp = NULL;
	assert_int_equal(through_a_pipe(&header, "A=1\0BC=\0", 8, &envp), 0);
	assert_string_equal(envp[0], "A=1");
	assert_string_equal(envp[1], "BC=");
	assert_null(envp[2]);
	free(envp[0]);
	free(envp);
}

static void an_environment_that_is_cut_or_does_not_add_up_is_refused(void **state) {
	(void)state;
	static const struct {
		struct sandbox_environment header;
		size_t size;
		int result;
	} rows[] = {
		{{SANDBOX_ENVIRONMENT_MAGIC, 2, 8}, 7, -ENODATA},
		{{SANDBOX_ENVIRONMENT_MAGIC, 3, 8}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 1, 8}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 9, 8}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 1, SANDBOX_ENVIRONMENT_MAX + 1}, 8, -EPROTO},
		{{0, 2, 8}, 8, -EPROTO},
	};
	char **envp = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(through_a_pipe(&rows[i].header, "A=1\0BC=\0", rows[i].size, &envp),
		                 rows[i].result);
	assert_null(envp);
}

static void a_supervisor_that_gives_up_is_told_apart(void **state) {
	(void)state;
	struct error err;
	char **envp = NULL;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	assert_int_equal(sandbox_environment_receive(ends[0], &envp, &err), -ECANCELED);
	close(ends[0]);
}

static void tiers_grow(void **state) {
	(void)state;
	struct sandbox_plan none = sandbox_tier_plan(SANDBOX_TIER_NONE);
	struct sandbox_plan hardened = sandbox_tier_plan(SANDBOX_TIER_HARDENED);
	struct sandbox_plan lockdown = sandbox_tier_plan(SANDBOX_TIER_LOCKDOWN);
	assert_int_equal(none.namespaces, 0);
	assert_true(hardened.namespaces & CLONE_NEWUSER);
	assert_int_equal(none.features & ~hardened.features, 0);
	assert_int_equal(hardened.features & ~lockdown.features, 0);
}

static void the_network_is_switched_in_both_directions(void **state) {
	(void)state;
	struct sandbox_plan plan = sandbox_tier_plan(SANDBOX_TIER_LOCKDOWN);
	sandbox_plan_network(&plan, 1);
	assert_false(plan.features & SANDBOX_OWN_NETWORK);
	assert_true(plan.features & SANDBOX_KEEP_RESOLVER);
	sandbox_plan_network(&plan, 0);
	assert_true(plan.features & SANDBOX_OWN_NETWORK);
	assert_false(plan.features & SANDBOX_KEEP_RESOLVER);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_arrives_as_it_was_sent),
		cmocka_unit_test(a_spec_that_is_not_ours_is_refused),
		cmocka_unit_test(an_environment_arrives_whole),
		cmocka_unit_test(an_environment_that_is_cut_or_does_not_add_up_is_refused),
		cmocka_unit_test(a_supervisor_that_gives_up_is_told_apart),
		cmocka_unit_test(tiers_grow),
		cmocka_unit_test(the_network_is_switched_in_both_directions),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
