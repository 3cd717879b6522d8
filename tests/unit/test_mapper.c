#include "unit.h"

#include "run/mapper.h"
#include "util/fd.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

/* The mapper in a process of its own, which believes `supervisor` to be its parent; our end of the socket. */
static pid_t start(pid_t supervisor, int *ret_fd) {
	const struct mapper_ids ids = {getuid(), getgid(), getgid()};
	int ends[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(ends[0]);
		mapper_run(ends[1], supervisor, &ids);
	}
	close(ends[1]);
	*ret_fd = ends[0];
	return pid;
}

static int ending(pid_t pid) {
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static int asked_about(pid_t child) {
	int fd = -1, answer = 0;
	pid_t pid = start(getpid(), &fd);
	assert_int_equal(fd_write_full(fd, &child, sizeof(child)), 0);
	assert_int_equal(fd_read_full(fd, &answer, sizeof(answer)), 0);
	assert_int_equal(ending(pid), 0);
	close(fd);
	return answer;
}

static void only_children_of_its_parent_are_mapped(void **state) {
	(void)state;
	assert_int_equal(asked_about(getpid()), -ESRCH);
	assert_int_equal(asked_about(getppid()), -ESRCH);
	assert_int_equal(asked_about(1), -ESRCH);
	/* Beyond what a PID can be. */
	assert_int_equal(asked_about(1 << 30), -ENOENT);
}

/* Ours, but in our own user namespace: the kernel refuses to map that one again. */
static void a_child_without_a_namespace_cannot_be_mapped(void **state) {
	(void)state;
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		pause();
		_exit(0);
	}
	int answer = asked_about(child);
	assert_true(answer < 0 && answer != -ESRCH);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

static void it_ends_with_whoever_could_ask(void **state) {
	(void)state;
	int fd = -1;
	pid_t pid = start(getpid(), &fd);
	close(fd);
	assert_int_equal(ending(pid), 0);
	/* Half a request is none, and zero is no process. */
	pid = start(getpid(), &fd);
	assert_int_equal(fd_write_full(fd, "ab", 2), 0);
	close(fd);
	assert_int_equal(ending(pid), 0);
	const pid_t nobody = 0;
	char byte;
	pid = start(getpid(), &fd);
	assert_int_equal(fd_write_full(fd, &nobody, sizeof(nobody)), 0);
	assert_int_equal(fd_read_full(fd, &byte, 1), -ENODATA);
	assert_int_equal(ending(pid), 0);
	close(fd);
}

static void a_supervisor_that_is_gone_is_not_waited_for(void **state) {
	(void)state;
	int fd = -1;
	pid_t pid = start(getpid() + 1, &fd);
	assert_int_equal(ending(pid), 1);
	close(fd);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_children_of_its_parent_are_mapped),
		cmocka_unit_test(a_child_without_a_namespace_cannot_be_mapped),
		cmocka_unit_test(it_ends_with_whoever_could_ask),
		cmocka_unit_test(a_supervisor_that_is_gone_is_not_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
