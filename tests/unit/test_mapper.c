#include "unit.h"

#include "authority/mapper.h"
#include "sandbox/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * In a user namespace that waits for its maps, where there may be any; ends with whoever holds
 * `life`.
 */
static void wait_for_maps(int ready, int life) {
	char byte = 0;
	if (unshare(CLONE_NEWUSER) == 0)
		byte = 1;
	if (write(ready, &byte, 1) == 1)
		(void)!read(life, &byte, 1);
	_exit(0);
}

struct waiting {
	pid_t pid;
	pid_t between; /* its parent, where that is not us; else 0 */
	bool namespace;
	int life;
};

/* `removed`: a child's child, as one that came to have a number that the supervisor asked for. */
static struct waiting start(bool removed) {
	int ready[2], life[2], number[2];
	struct waiting waiting = {0};
	assert_return_code(pipe(ready), errno);
	assert_return_code(pipe(life), errno);
	assert_return_code(pipe(number), errno);
	pid_t pid = fork();
	if (pid == 0) {
		close(life[1]);
		pid_t inner = removed ? fork() : 0;
		if (inner == 0)
			wait_for_maps(ready[1], life[0]);
		(void)!write(number[1], &inner, sizeof(inner));
		waitpid(inner, NULL, 0);
		_exit(0);
	}
	char byte = 0;
	waiting.pid = pid;
	if (removed) {
		waiting.between = pid;
		assert_int_equal(read(number[0], &waiting.pid, sizeof(pid_t)), sizeof(pid_t));
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	waiting.namespace = byte == 1;
	waiting.life = life[1];
	const int done[] = {ready[0], ready[1], life[0], number[0], number[1]};
	for (size_t i = 0; i < ARRAY_SIZE(done); i++)
		close(done[i]);
	return waiting;
}

static void finish(const struct waiting *waiting) {
	close(waiting->life);
	waitpid(waiting->between ? waiting->between : waiting->pid, NULL, 0);
}

/* What a mapper of ours answers to a request for it. */
static int ask(pid_t pid, pid_t supervisor) {
	int ends[2], answer = -EPIPE;
	const struct mapper_ids ids = {4711, 4712, 4713};
	assert_return_code(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), errno);
	pid_t mapper = fork();
	if (mapper == 0)
		mapper_run(ends[1], supervisor, &ids);
	close(ends[1]);
	/* One that will not serve may be gone already. */
	bool sent = send(ends[0], &pid, sizeof(pid), MSG_NOSIGNAL) == (ssize_t)sizeof(pid);
	if (!sent || read(ends[0], &answer, sizeof(answer)) != (ssize_t)sizeof(answer))
		answer = -EPIPE;
	close(ends[0]);
	waitpid(mapper, NULL, 0);
	return answer;
}

static bool has_map(pid_t pid) {
	char path[64], text[64];
	snprintf(path, sizeof(path), "/proc/%d/uid_map", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	close(fd);
	return n > 0;
}

static void a_child_of_the_supervisor_gets_its_maps(void **state) {
	(void)state;
	struct waiting child = start(false);
	int answer = ask(child.pid, getpid());
	/* Only root may write them. */
	if (geteuid() == 0 && child.namespace) {
		assert_int_equal(answer, 0);
		assert_true(has_map(child.pid));
	}
	assert_int_not_equal(answer, -ESRCH);
	finish(&child);
}

static void another_process_with_that_number_gets_none(void **state) {
	(void)state;
	struct error err;
	struct waiting other = start(true);
	assert_int_equal(ask(other.pid, getpid()), -ESRCH);
	if (geteuid() == 0 && other.namespace) {
		char path[32];
		snprintf(path, sizeof(path), "/proc/%d", (int)other.pid);
		int proc = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		assert_false(has_map(other.pid));
		/* Whoever does not look writes them. */
		assert_int_equal(sandbox_map_write(proc, "uid_map", "4711 4711 1\n", &err), 0);
		close(proc);
	}
	finish(&other);
}

static void nobody_but_its_parent_is_served(void **state) {
	(void)state;
	struct waiting child = start(false);
	assert_int_equal(ask(child.pid, 1), -EPIPE);
	finish(&child);
}

static void a_process_that_is_gone_gets_none(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_true(ask(pid, getpid()) < 0);
	assert_int_equal(ask(-1, getpid()), -EPIPE);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_of_the_supervisor_gets_its_maps),
		cmocka_unit_test(another_process_with_that_number_gets_none),
		cmocka_unit_test(nobody_but_its_parent_is_served),
		cmocka_unit_test(a_process_that_is_gone_gets_none),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
