/*
 * envseal-sandbox-helper: does the mounts of a sandbox, gives up every privilege, and executes a
 * target through a descriptor. It holds no key and no vault code.
 *
 * envseal-exec starts it with --spec-fd. By hand, with --target-fd and --arg0 alone, it makes the root
 * read-only, mounts a tmpfs on /tmp, /var/tmp and /dev/shm, and executes the target in its own place.
 */
#include "sandbox/confine.h"
#include "sandbox/environment.h"
#include "sandbox/init.h"
#include "sandbox/report.h"
#include "sandbox/spec.h"
#include "sandbox/steps.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define EXIT_OWN_FAILURE 127

static const char usage[] =
	"usage: envseal-sandbox-helper --target-fd N --arg0 PATH [--spec-fd N] -- [ARG...]\n"
	"\n"
	"Executes the program open on descriptor N, with argv[0] PATH, under a read-only root and with\n"
	"private /tmp, /var/tmp and /dev/shm. Needs a mount namespace of its own and the right to mount in\n"
	"it, as after 'unshare --map-root-user --mount'. Its own failures exit 127.\n";

struct arguments {
	int target_fd;
	int spec_fd;
	const char *arg0;
	char **argv;   /* for the target; argv[0] is arg0 */
};

static int parse_fd(const char *text) {
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno || end == text || *end != '\0' || value < 0 || value > INT_MAX)
		return -1;
	return fcntl((int)value, F_GETFD) < 0 ? -1 : (int)value;
}

static int parse(int argc, char **argv, struct arguments *ret_arguments) {
	static const struct option options[] = {
		{"target-fd", required_argument, NULL, 't'},
		{"arg0", required_argument, NULL, '0'},
		{"spec-fd", required_argument, NULL, 's'},
		{"help", no_argument, NULL, 'h'},
		{0},
	};
	struct arguments parsed = {.target_fd = -1, .spec_fd = -1};
	for (int option; (option = getopt_long(argc, argv, "+", options, NULL)) != -1;) {
		if (option == 't' && (parsed.target_fd = parse_fd(optarg)) < 0)
			return -EINVAL;
		if (option == 's' && (parsed.spec_fd = parse_fd(optarg)) < 0)
			return -EINVAL;
		if (option == '0')
			parsed.arg0 = optarg;
		if (option == 'h' || option == '?')
			return -EINVAL;
	}
	if (parsed.target_fd < 0 || !parsed.arg0 || strcmp(argv[optind - 1], "--") != 0)
		return -EINVAL;
	parsed.argv = argv + optind - 1;
	parsed.argv[0] = (char *)parsed.arg0;
	*ret_arguments = parsed;
	return 0;
}

/* By hand there is no report pipe, and the message goes where a person reads it. */
static void fail(int report_fd, uint32_t stage, int code, const struct error *err) {
	struct sandbox_report report = {.stage = stage, .error = -code};
	memcpy(report.text, err->text, sizeof(report.text));
	if (report_fd < 0)
		fprintf(stderr, "envseal-sandbox-helper: %s\n", err->text);
	else
		fd_write_full(report_fd, &report, sizeof(report));
	_exit(EXIT_OWN_FAILURE);
}

static void execute(const struct arguments *arguments, char **envp, int report_fd) {
	struct error err;
	sys_execveat(arguments->target_fd, "", arguments->argv, envp, AT_EMPTY_PATH);
	int r = error_errno(&err, errno, "cannot execute '%s'", arguments->arg0);
	fail(report_fd, SANDBOX_STAGE_EXEC, r, &err);
}

static void by_hand(const struct arguments *arguments, char **envp) {
	struct error err;
	const struct sandbox_spec spec = {
		.features = SANDBOX_READONLY_ROOT | SANDBOX_PRIVATE_TMP,
	};
	int r = sandbox_take_steps(&spec, &err);
	if (r < 0)
		fail(-1, SANDBOX_STAGE_SETUP, r, &err);
	/* A script is opened again by its interpreter, through this very descriptor. */
	if (fd_set_cloexec(arguments->target_fd, false) < 0)
		_exit(EXIT_OWN_FAILURE);
	execute(arguments, envp, -1);
}

/* The supervisor's end may have closed before PR_SET_PDEATHSIG was in force (prctl(2)). */
static int follow_supervisor(int life_fd, struct error *err) {
	struct pollfd life = {.fd = life_fd, .events = POLLIN};
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot tie the sandbox to its supervisor");
	if (poll(&life, 1, 0) != 0)
		return error_set(err, ECANCELED, "the supervisor is gone");
	return 0;
}

/* The final child: the only reader of the environment, where the secrets are. */
static void become_target(const struct arguments *arguments, const struct sandbox_spec *spec) {
	struct error err;
	char **envp = NULL;
	int r = sandbox_environment_receive(spec->environment_fd, &envp, &err);
	if (r == -ECANCELED)
		_exit(EXIT_OWN_FAILURE);
	if (r == 0 && spec->script_fd >= 0 && spec->script_name[0] == '\0')
		r = fd_set_cloexec(spec->script_fd, false);
	for (uint32_t i = 0; r == 0 && i < spec->kept_count; i++)
		r = fd_set_cloexec(spec->kept_fds[i], false);
	if (r < 0)
		fail(spec->report_fd, SANDBOX_STAGE_SETUP, r, &err);
	umask((mode_t)spec->umask);
	sigprocmask(SIG_SETMASK, &spec->signal_mask, NULL);
	/* The target's alone, so that PID 1 can go on; and last, for the profile may not have the calls above. */
	r = confine_seccomp(spec->features & SANDBOX_EXEC_LIST, spec->profile, &err);
	if (r < 0)
		fail(spec->report_fd, SANDBOX_STAGE_SETUP, r, &err);
	execute(arguments, envp, spec->report_fd);
}

static void supervised(const struct arguments *arguments) {
	struct error err;
	struct sandbox_spec spec;
	int r = sandbox_spec_receive(arguments->spec_fd, &spec, &err);
	if (r < 0)
		fail(-1, SANDBOX_STAGE_SETUP, r, &err);
	init_block_signals();
	r = confine_close_on_exec(3, &err);
	if (r == 0 && prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		r = error_errno(&err, errno, "cannot become undumpable");
	if (r == 0)
		r = follow_supervisor(spec.life_fd, &err);
	if (r == 0)
		r = sandbox_take_steps(&spec, &err);
	if (r < 0)
		fail(spec.report_fd, SANDBOX_STAGE_SETUP, r, &err);
	pid_t target = fork();
	if (target == 0)
		become_target(arguments, &spec);
	if (target < 0) {
		r = error_errno(&err, errno, "cannot fork");
		fail(spec.report_fd, SANDBOX_STAGE_SETUP, r, &err);
	}
	close(spec.report_fd);
	close(spec.environment_fd);
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		fd_null(fd); /* they are the target's alone; without /dev/null they stay, which does no harm */
	for (uint32_t i = 0; i < spec.kept_count; i++)
		close(spec.kept_fds[i]);
	init_run(target, spec.status_fd, spec.life_fd);
}

int main(int argc, char **argv, char **envp) {
	struct arguments arguments;
	if (parse(argc, argv, &arguments) < 0) {
		fputs(usage, stderr);
		return EXIT_OWN_FAILURE;
	}
	if (arguments.spec_fd >= 0)
		supervised(&arguments);
	by_hand(&arguments, envp);
}
