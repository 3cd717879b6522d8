/*
 * envseal-sandbox-helper: does the mounts of a sandbox, gives up every privilege, and executes a
 * target through a descriptor. It holds no key and no vault code.
 *
 * envseal-exec starts it with --spec-fd. By hand, with --target-fd and --arg0 alone, it makes the
 * root read-only, mounts a tmpfs on /tmp, /var/tmp and /dev/shm, and executes the target in its own
 * place.
 */
#include "sandbox/confine.h"
#include "sandbox/envp.h"
#include "sandbox/init.h"
#include "sandbox/limits.h"
#include "sandbox/report.h"
#include "sandbox/spec.h"
#include "sandbox/steps.h"
#include "sandbox/tree.h"
#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <getopt.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#define EXIT_OWN_FAILURE 127

static const char usage[] =
	"usage: envseal-sandbox-helper --target-fd N --arg0 PATH [--spec-fd N] -- [ARG...]\n"
	"\n"
	"Executes the program open on descriptor N, with argv[0] PATH, under a read-only root and\n"
	"with private /tmp, /var/tmp and /dev/shm. Needs a mount namespace of its own and the\n"
	"right to mount in it, as after 'unshare --map-root-user --mount'. It exits with 127 when\n"
	"it fails itself.\n";

struct arguments {
	int target_fd;
	int spec_fd;
	const char *arg0;
	char **argv; /* for the target; argv[0] is arg0 */
};

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
		if (option == 't' && fd_parse(optarg, &parsed.target_fd) < 0)
			return -EINVAL;
		if (option == 's' && fd_parse(optarg, &parsed.spec_fd) < 0)
			return -EINVAL;
		if (option == '0')
			parsed.arg0 = optarg;
		if (option == 'h' || option == '?')
			return -EINVAL;
	}
	if (parsed.target_fd < 0 || !parsed.arg0 || strcmp(argv[optind - 1], "--") != 0)
		return -EINVAL;
	/* It may be the last option's value. */
	if (argv[optind - 1] == parsed.arg0)
		return -EINVAL;
	parsed.argv = argv + optind - 1;
	parsed.argv[0] = (char *)parsed.arg0;
	*ret_arguments = parsed;
	return 0;
}

/* By hand there is no report pipe, and the message goes where a person reads it. */
static _Noreturn void fail(int report_fd, uint32_t failed, int code, const struct error *err) {
	struct sandbox_report report = {.failed = failed, .error = -code};
	memcpy(report.text, err->text, sizeof(report.text));
	if (report_fd < 0)
		fprintf(stderr, "envseal-sandbox-helper: %s\n", err->text);
	else
		fd_write_full(report_fd, &report, sizeof(report));
	_exit(EXIT_OWN_FAILURE);
}

static _Noreturn void execute(const struct arguments *arguments, char **envp, int report_fd) {
	struct error err;
	sys_execveat(arguments->target_fd, "", arguments->argv, envp, AT_EMPTY_PATH);
	int r = error_errno(&err, errno, "cannot execute '%s'", arguments->arg0);
	fail(report_fd, SANDBOX_FAILED_EXEC, r, &err);
}

static _Noreturn void by_hand(const struct arguments *arguments, char **envp) {
	struct error err;
	const struct sandbox_spec spec = {
		.features = SANDBOX_READONLY_ROOT | SANDBOX_PRIVATE_TMP,
		.namespaces = CLONE_NEWNS,
		.cgroup_fd = -1,
		.program_fd = -1,
	};
	int r = sandbox_take_steps(&spec, &err);
	if (r < 0)
		fail(-1, SANDBOX_FAILED_SETUP, r, &err);
	/* The interpreter opens a script again through this descriptor. */
	if (fd_set_cloexec(arguments->target_fd, false) < 0)
		_exit(EXIT_OWN_FAILURE);
	execute(arguments, envp, -1);
}

/*
 * The supervisor may have ended before PR_SET_PDEATHSIG was in force (prctl(2)). In tier none our
 * own death would end nothing, so there only the closed pipe counts.
 */
static int follow_supervisor(const struct sandbox_spec *spec, struct error *err) {
	struct pollfd life = {.fd = spec->life_fd}; /* a signal may be waiting in it */
	if (spec->namespaces && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot tie the sandbox to its supervisor");
	if (poll(&life, 1, 0) != 0)
		return error_set(err, ECANCELED, "the supervisor is gone");
	return 0;
}

/* From here on the target's limits apply. */
static int enter_limits(const struct sandbox_spec *spec, struct error *err) {
	if (spec->cgroup_fd >= 0 && write(spec->cgroup_fd, "0", 1) != 1)
		return error_errno(err, errno, "cannot enter the target's cgroup");
	return limits_apply(&spec->limits, err);
}

/* A PID namespace dies with its PID 1; in tier none the target at least dies with our init. */
static int follow_init(pid_t init, struct error *err) {
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot tie the target to its init");
	return getppid() == init ? 0 : error_set(err, ESRCH, "the target's init is gone");
}

/*
 * In a process group of its own, with its parent in the session: otherwise the keys that stop would
 * have no effect (setpgid(2)).
 */
static int take_terminal(struct error *err) {
	int r = -1;
	if (setpgid(0, 0) < 0)
		return error_errno(err, errno, "cannot have a process group of its own");
	/* ENOTTY: that one is no terminal, or not the one that controls us. */
	for (int fd = STDIN_FILENO; r < 0 && fd <= STDERR_FILENO; fd++)
		r = tcsetpgrp(fd, getpid());
	return r < 0 ? error_errno(err, errno, "cannot take the terminal") : 0;
}

/*
 * What survives the exec: a script that is read through its descriptor, and what the policy keeps.
 */
static int hand_on(const struct sandbox_spec *spec, struct error *err) {
	bool script = spec->script_fd >= 0 && spec->script_name[0] == '\0';
	int r = script ? fd_set_cloexec(spec->script_fd, false) : 0;
	if (r < 0)
		return error_errno(err, r, "cannot hand a descriptor on");
	for (uint32_t i = 0; i < spec->kept_count; i++) {
		r = fd_set_cloexec(spec->kept_fds[i], false);
		if (r < 0)
			return error_errno(err, r, "cannot hand a descriptor on");
	}
	return 0;
}

/* The target's umask and signal mask, which envseal-exec took from the caller (run/stages.c). */
static int restore_masks(const struct sandbox_spec *spec, struct error *err) {
	if (umask((mode_t)spec->umask) > 0777)
		return error_errno(err, EPERM, "cannot set the umask");
	if (sigprocmask(SIG_SETMASK, &spec->signal_mask, NULL) < 0)
		return error_errno(err, errno, "cannot set the signal mask");
	return 0;
}

/* Waits for the environment, which only this process reads; the secrets are in it. */
static int receive_environment(struct arguments *arguments, struct sandbox_spec *spec,
                               int started_fd, char ***ret_envp, struct error *err) {
	int *const own[] = {&arguments->target_fd, &spec->report_fd, &spec->cgroup_fd, &started_fd};
	const int script_fd = spec->script_name[0] == '\0' ? spec->script_fd : -1;
	const struct sandbox_needed needed = {own, ARRAY_SIZE(own), script_fd};
	return envp_receive(spec->environment_fd, &needed, ret_envp, err);
}

/*
 * Everything but the exec. Descriptors are handed on before the environment arrives, which may
 * close them again. The filter is the target's alone, so that PID 1 can go on, and last, because
 * its profile may refuse the calls before it.
 */
static int prepare_target(struct arguments *arguments, struct sandbox_spec *spec, int started_fd,
                          pid_t init, char ***ret_envp, struct error *err) {
	int r = spec->namespaces ? 0 : follow_init(init, err);
	if (r < 0)
		return r;
	r = spec->own_terminal ? take_terminal(err) : 0;
	if (r < 0)
		return r;
	r = hand_on(spec, err);
	if (r < 0)
		return r;
	r = receive_environment(arguments, spec, started_fd, ret_envp, err);
	if (r < 0)
		return r;
	r = enter_limits(spec, err);
	if (r < 0)
		return r;
	r = restore_masks(spec, err);
	return r < 0 ? r : confine_seccomp(confine_left_for_target(spec), spec->profile, err);
}

/* The final child. `started_fd` closes when it is the target. */
static _Noreturn void become_target(struct arguments *arguments, struct sandbox_spec *spec,
                                    int started_fd, pid_t init) {
	struct error err;
	char **envp = NULL;
	int r = prepare_target(arguments, spec, started_fd, init, &envp, &err);
	if (r == -ECANCELED)
		_exit(EXIT_OWN_FAILURE);
	if (r < 0)
		fail(spec->report_fd, SANDBOX_FAILED_SETUP, r, &err);
	execute(arguments, envp, spec->report_fd);
}

/* Tier none: the target keeps the caller's descriptors, but not ours. */
static int close_own_on_exec(const struct arguments *arguments, const struct sandbox_spec *spec,
                             struct error *err) {
	const int own[] = {arguments->target_fd, arguments->spec_fd, spec->script_fd,
	                   spec->environment_fd, spec->report_fd,    spec->status_fd,
	                   spec->life_fd,        spec->cgroup_fd};
	if (spec->namespaces)
		return confine_close_on_exec(STDERR_FILENO + 1, err);
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		int r = own[i] < 0 ? 0 : fd_set_cloexec(own[i], true);
		if (r < 0)
			return error_errno(err, r, "cannot keep a descriptor from the target");
	}
	return 0;
}

static int prepare(const struct arguments *arguments, const struct sandbox_spec *spec,
                   int *ret_signals, struct error *err) {
	int r = init_watch_signals(ret_signals, err);
	if (r < 0)
		return r;
	r = close_own_on_exec(arguments, spec, err);
	if (r < 0)
		return r;
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return error_errno(err, errno, "cannot become undumpable");
	r = follow_supervisor(spec, err);
	if (r < 0)
		return r;
	r = spec->namespaces ? 0 : tree_adopt(err);
	return r < 0 ? r : sandbox_take_steps(spec, err);
}

/* Closes what would show in the target, or keep others waiting for the end of a pipe. */
static _Noreturn void become_init(const struct init *init) {
	const int kept[] = {init->status_fd, init->life_fd, init->started_fd, init->signals_fd};
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
		fd_null(fd); /* only the target keeps them; a failure does no harm */
	fd_close_others(STDERR_FILENO + 1, kept, ARRAY_SIZE(kept));
	init_run(init);
}

/* Where there is a timeout: a pipe whose write end closes when the target is executed. */
static int make_clock(const struct sandbox_spec *spec, int clock[static 2], struct error *err) {
	return spec->limits.timeout ? fd_pipe(&clock[0], &clock[1], err) : 0;
}

static _Noreturn void start_target(struct arguments *arguments, struct sandbox_spec *spec,
                                   const int clock[static 2], int signals) {
	struct error err;
	const pid_t own = getpid();
	pid_t target = fork();
	if (target < 0)
		fail(spec->report_fd, SANDBOX_FAILED_SETUP, error_errno(&err, errno, "cannot fork"),
		     &err);
	if (target == 0) {
		close(signals);
		become_target(arguments, spec, clock[1], own);
	}
	const struct init init = {.target = target,
	                          .status_fd = spec->status_fd,
	                          .life_fd = spec->life_fd,
	                          .started_fd = clock[0],
	                          .signals_fd = signals,
	                          .own_terminal = spec->own_terminal,
	                          .timeout = spec->limits.timeout};
	become_init(&init);
}

static _Noreturn void supervised(struct arguments *arguments) {
	static struct sandbox_spec spec; /* 36 KiB, which a small stack may not have */
	struct error err;
	int clock[2] = {-1, -1}, signals = -1;
	int r = sandbox_spec_receive(arguments->spec_fd, &spec, &err);
	if (r < 0)
		fail(-1, SANDBOX_FAILED_SETUP, r, &err);
	r = prepare(arguments, &spec, &signals, &err);
	if (r < 0)
		fail(spec.report_fd, SANDBOX_FAILED_SETUP, r, &err);
	r = make_clock(&spec, clock, &err);
	if (r < 0)
		fail(spec.report_fd, SANDBOX_FAILED_SETUP, r, &err);
	start_target(arguments, &spec, clock, signals);
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
