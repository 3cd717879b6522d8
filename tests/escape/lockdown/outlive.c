/* Processes that try to outlive the process that started them. */
#include "ways.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Whoever waits for the end of our output need not wait for this one. */
static void linger(void) {
	for (int fd = 0; fd <= 2; fd++)
		close(fd);
	for (;;)
		pause();
}

static void orphan(void (*prepare)(void)) {
	pid_t child = fork();
	if (child == 0) {
		if (fork() == 0) {
			prepare();
			linger();
		}
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void as_it_is(void) {
}

static void in_own_session(void) {
	setsid();
}

static void deaf(void) {
	setsid();
	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_IGN);
	prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
}

static void reaper(void) {
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	deaf();
}

/* Keeps every end of a pipe that can be had of PID 1 open, so that it never sees one close. */
static void holder(void) {
	char path[64];
	deaf();
	for (int fd = 0; fd < 64; fd++) {
		snprintf(path, sizeof(path), "/proc/1/fd/%d", fd);
		if (open(path, O_RDWR | O_NONBLOCK | O_NOCTTY) < 0 &&
		    open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY) < 0)
			continue;
	}
}

/* Where init might be stopped, or be kept from looking. */
static void bully(void) {
	deaf();
	kill(1, SIGSTOP);
	kill(1, SIGKILL);
	for (int i = 0; i < 200; i++) {
		if (fork() == 0)
			linger();
	}
}

static const struct stayer {
	const char *name;
	void (*prepare)(void);
} stayers[] = {
	{"orphan", as_it_is}, {"session", in_own_session}, {"deaf", deaf},
	{"reaper", reaper},   {"holder", holder},          {"bully", bully},
};

bool outlive(const char *name) {
	char byte;
	for (size_t i = 0; i < COUNT(stayers); i++) {
		if (strcmp(stayers[i].name, name) == 0) {
			orphan(stayers[i].prepare);
			puts("left");
			fflush(stdout);
			/* Until the stage says so, or ends us. */
			return read(STDIN_FILENO, &byte, 1) >= 0;
		}
	}
	return false;
}
