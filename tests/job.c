/*
 * Runs one command so that nothing it starts outlives it: job REPORT COMMAND... The command gets a
 * session of its own without a terminal, /dev/null as input, and signals as after a login. When it
 * ends, when job gets SIGTERM, or when the process that started job is gone, job kills every
 * descendant. That includes daemons: as a subreaper, job adopts processes whose parent ended.
 * REPORT then holds the elapsed and the processor time in whole seconds.
 */
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/*
 * A process of another user's, started by a set-id program, cannot be killed by an ordinary user:
 * do not wait for ever.
 */
enum { KILL_ROUNDS = 500, KILL_PAUSE_NS = 10000000 };

static void default_signals(void) {
	sigset_t none;

	for (int signal_number = 1; signal_number < NSIG; signal_number++)
		signal(signal_number, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

static _Noreturn void become(char **command) {
	int null = open("/dev/null", O_RDONLY);

	default_signals();
	if (setsid() < 0 || null < 0 || dup2(null, 0) < 0)
		err(126, "job");
	if (null > 0)
		close(null);
	execvp(command[0], command);
	err(127, "job: %s", command[0]);
}

/* Reaps whatever has ended. True once CHILD has, with its status. */
static int reap(pid_t child, int *ret_status) {
	int status, ended = 0;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == child) {
			*ret_status = status;
			ended = 1;
		}
	return ended;
}

/*
 * The parent of PID, 0 when there is no such process any more. The name, in parentheses, may have
 * any character in it.
 */
static pid_t parent_of(const char *pid) {
	char path[64], text[512], *end = NULL;
	pid_t parent = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return 0;
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	fclose(file);
	for (char *c = text; *c; c++)
		if (*c == ')')
			end = c;
	if (!end || sscanf(end, ") %*c %d", &parent) != 1)
		return 0;
	return parent;
}

static void kill_children(void) {
	DIR *proc = opendir("/proc");
	struct dirent *entry;

	if (!proc)
		err(126, "job: /proc");
	while ((entry = readdir(proc)))
		if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9' &&
		    parent_of(entry->d_name) == getpid())
			kill(atoi(entry->d_name), SIGKILL);
	closedir(proc);
}

/*
 * The children of a killed process become job's own, so this reaches all descendants, one
 * generation a round.
 */
static void kill_descendants(void) {
	const struct timespec pause = {.tv_nsec = KILL_PAUSE_NS};
	pid_t pid;

	for (int round = 0; round < KILL_ROUNDS; round++) {
		while ((pid = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (pid < 0)
			return;
		kill_children();
		nanosleep(&pause, NULL);
	}
	warnx("job: some processes could not be killed");
}

/* Returns the command's wait status, or SIGTERM as one when job is to end before it. */
static int await(pid_t child, const sigset_t *watched) {
	int status = SIGTERM;

	for (;;) {
		siginfo_t info;

		if (sigwaitinfo(watched, &info) < 0 && errno != EINTR)
			err(126, "job: sigwaitinfo");
		if (info.si_signo != SIGCHLD || reap(child, &status))
			return status;
	}
}

static void write_report(const char *path, const struct timespec *start) {
	struct timespec now;
	struct rusage used;
	FILE *report = fopen(path, "we");

	if (!report)
		return; /* the suite was ended and its files are gone */
	clock_gettime(CLOCK_MONOTONIC, &now);
	getrusage(RUSAGE_CHILDREN, &used);
	fprintf(report, "%ld %ld\n", (long)(now.tv_sec - start->tv_sec),
	        (long)(used.ru_utime.tv_sec + used.ru_stime.tv_sec));
	fclose(report);
}

int main(int argc, char **argv) {
	struct timespec start;
	pid_t parent = getppid(), child;
	sigset_t watched;
	int status;

	if (argc < 3)
		errx(126, "usage: job REPORT COMMAND...");
	clock_gettime(CLOCK_MONOTONIC, &start);
	sigemptyset(&watched);
	for (const int *s = (const int[]){SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0}; *s; s++) {
		sigaddset(&watched, *s);
		signal(*s, SIG_DFL); /* an ignored signal would not be waited for, and ignored
		                        children not be reaped */
	}
	sigprocmask(SIG_BLOCK, &watched, NULL);
	if (prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0)
		err(126, "job: prctl");
	if (getppid() != parent)
		return 126;
	child = fork();
	if (child < 0)
		err(126, "job: fork");
	if (child == 0)
		become(argv + 2);
	status = await(child, &watched);
	kill_descendants();
	write_report(argv[1], &start);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
