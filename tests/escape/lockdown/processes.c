/*
 * Other processes: the host's (the stage's victim, by its number outside), the group, and our own
 * starter.
 */
#include "ways.h"

#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <sys/wait.h>

#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

static pid_t victim(void) {
	return (pid_t)stage_number("victim");
}

/* Outside the stage, inside the sandbox's PID 1. */
static pid_t parent(void) {
	pid_t stage = (pid_t)stage_number("stage");
	return kill(stage, 0) == 0 || errno == EPERM ? stage : 1;
}

static int signal_victim(const void *what) {
	(void)what;
	return result(kill(victim(), SIGUSR1));
}

/* The group is the victim's too; its other members must bear it. */
static int signal_group(const void *what) {
	(void)what;
	signal(SIGUSR1, SIG_IGN);
	return result(kill(0, SIGUSR1));
}

static int signal_group_by_number(const void *what) {
	(void)what;
	signal(SIGUSR1, SIG_IGN);
	return result(kill(-(pid_t)stage_number("group"), SIGUSR1));
}

static int queue_signal(const void *what) {
	(void)what;
	return result(sigqueue(victim(), SIGUSR1, (union sigval){.sival_int = 1}));
}

static int signal_thread(const void *what) {
	(void)what;
	return result(syscall(SYS_tgkill, victim(), victim(), SIGUSR1));
}

static int signal_by_tkill(const void *what) {
	(void)what;
	return result(syscall(SYS_tkill, victim(), SIGUSR1));
}

static int signal_by_descriptor(const void *what) {
	(void)what;
	int fd = (int)syscall(SYS_pidfd_open, victim(), 0);
	return fd < 0 ? -errno : result(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

static int signal_by_proc(const void *what) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d", (int)victim());
	int fd = open(path, O_DIRECTORY | O_CLOEXEC);
	(void)what;
	return fd < 0 ? -errno : result(syscall(SYS_pidfd_send_signal, fd, SIGUSR1, NULL, 0));
}

/* The kernel sends it, when a pipe of ours can be read. */
static int signal_when_readable(pid_t owner) {
	int ends[2];
	signal(SIGUSR1, SIG_IGN);
	if (pipe(ends) < 0 || fcntl(ends[0], F_SETOWN, owner) < 0 ||
	    fcntl(ends[0], F_SETSIG, SIGUSR1) < 0 ||
	    fcntl(ends[0], F_SETFL, O_ASYNC | O_NONBLOCK) < 0)
		return -errno;
	return result(write(ends[1], "x", 1));
}

static int own_by_victim(const void *what) {
	(void)what;
	return signal_when_readable(victim());
}

static int own_by_group(const void *what) {
	(void)what;
	return signal_when_readable(-(pid_t)stage_number("group"));
}

/* Without naming it: the group that we are in. Inside it has no number. */
static int own_by_own_group(const void *what) {
	(void)what;
	return signal_when_readable(-getpgrp());
}

static int join_group(const void *what) {
	(void)what;
	pid_t child = fork();
	if (child == 0)
		for (;;)
			pause();
	int r = setpgid(child, child) < 0 ? -errno
	                                  : result(setpgid(child, (pid_t)stage_number("group")));
	kill(child, SIGKILL);
	return r;
}

static int trace(const void *what) {
	pid_t pid = victim();
	long request = *(const long *)what;
	if (ptrace((enum __ptrace_request)request, pid, NULL, NULL) < 0)
		return -errno;
	if (request == PTRACE_ATTACH)
		waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return 0;
}

static const long attaching = PTRACE_ATTACH, seizing = PTRACE_SEIZE;

static int trace_parent(const void *what) {
	(void)what;
	if (ptrace(PTRACE_SEIZE, parent(), NULL, NULL) < 0)
		return -errno;
	ptrace(PTRACE_DETACH, parent(), NULL, NULL);
	return 0;
}

static int trace_child(const void *what) {
	(void)what;
	return result(ptrace(PTRACE_TRACEME, 0, NULL, NULL));
}

/* Nothing is mapped at 4096: EFAULT means that only the address was wrong. */
static int but_for_address(long returned) {
	return returned >= 0 || errno == EFAULT || errno == ENOMEM ? 0 : -errno;
}

static int read_memory(const void *what) {
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	(void)what;
	return but_for_address(process_vm_readv(victim(), &here, 1, &there, 1, 0));
}

static int write_memory(const void *what) {
	char byte = 0;
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	(void)what;
	return but_for_address(process_vm_writev(victim(), &here, 1, &there, 1, 0));
}

static int read_parents_memory(const void *what) {
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	(void)what;
	return but_for_address(process_vm_readv(parent(), &here, 1, &there, 1, 0));
}

static int advise_memory(const void *what) {
	struct iovec there = {(void *)4096, 4096};
	int fd = (int)syscall(SYS_pidfd_open, victim(), 0);
	(void)what;
	return fd < 0 ? -errno
	              : but_for_address(syscall(SYS_process_madvise, fd, &there, 1, MADV_COLD, 0));
}

static int take_descriptor(const void *what) {
	(void)what;
	int fd = (int)syscall(SYS_pidfd_open, victim(), 0);
	return fd < 0 ? -errno : result(syscall(SYS_pidfd_getfd, fd, 1, 0));
}

static int compare(const void *what) {
	(void)what;
	return result(syscall(SYS_kcmp, getpid(), victim(), KCMP_VM, 0, 0));
}

static int open_of(pid_t pid, const char *name, int flags) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return result(open(path, flags | O_CLOEXEC));
}

static int read_of_victim(const void *what) {
	return open_of(victim(), what, O_RDONLY);
}

static int read_of_parent(const void *what) {
	return open_of(parent(), what, O_RDONLY);
}

static int write_of_parent(const void *what) {
	return open_of(parent(), what, O_WRONLY);
}

/* Its ends of pipes, above all the one whose end tells it that nobody waits any more. */
static int open_parents_descriptors(const void *what) {
	char name[16];
	int r = -EACCES;
	(void)what;
	for (int fd = 0; fd < 64; fd++) {
		snprintf(name, sizeof(name), "fd/%d", fd);
		int one = open_of(parent(), name, O_RDONLY | O_NONBLOCK | O_NOCTTY);
		if (one == 0)
			r = 0;
	}
	return r;
}

static int limit_victim(const void *what) {
	struct rlimit few = {17, 18};
	(void)what;
	return result(prlimit(victim(), RLIMIT_NOFILE, &few, NULL));
}

static int slow_victim(const void *what) {
	(void)what;
	return result(setpriority(PRIO_PROCESS, (id_t)victim(), 7));
}

static int slow_group(const void *what) {
	(void)what;
	return result(setpriority(PRIO_PGRP, 0, 7));
}

static int slow_user(const void *what) {
	(void)what;
	/* With what it has already: every process of the uid is named, and none is changed. */
	return result(setpriority(PRIO_USER, 0, getpriority(PRIO_USER, 0)));
}

static int slow_io(const void *what) {
	const int *who = what;
	int number = *who == 1 ? (int)victim() : 0;
	return result(syscall(SYS_ioprio_set, *who, number, 3 << 13));
}

static const int io_process = 1, io_group = 2;

static int schedule_victim(const void *what) {
	struct sched_param none = {0};
	(void)what;
	return result(sched_setscheduler(victim(), SCHED_BATCH, &none));
}

static int pin_victim(const void *what) {
	cpu_set_t first;
	(void)what;
	CPU_ZERO(&first);
	CPU_SET(0, &first);
	return result(sched_setaffinity(victim(), sizeof(first), &first));
}

static int move_pages_of_victim(const void *what) {
	void *page = (void *)4096;
	int status = 0;
	(void)what;
	return result(syscall(SYS_move_pages, victim(), 1UL, &page, NULL, &status, 0));
}

static int robust_list_of_victim(const void *what) {
	void *head = NULL;
	size_t size = 0;
	(void)what;
	return result(syscall(SYS_get_robust_list, victim(), &head, &size));
}

static int score_victim(const void *what) {
	char path[64];
	(void)what;
	snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)victim());
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -errno : result(write(fd, "777", 3));
}

/* Above what it was given, or has given up. */
static int raise_limit(const void *what) {
	struct rlimit few = {100, 100}, more = {101, 101};
	(void)what;
	return setrlimit(RLIMIT_NOFILE, &few) < 0 ? -errno
	                                          : result(setrlimit(RLIMIT_NOFILE, &more));
}

static int raise_core_limit(const void *what) {
	const struct rlimit much = {1 << 20, 1 << 20};
	struct rlimit now;
	(void)what;
	/* It is told that it did. */
	if (setrlimit(RLIMIT_CORE, &much) < 0 || getrlimit(RLIMIT_CORE, &now) < 0)
		return -errno;
	return now.rlim_max == much.rlim_max ? 0 : -EPERM;
}

/*
 * Of all in the session, the caller's shell among them, and they cannot raise it again. With what
 * it has already.
 */
static int slow_session(const void *what) {
	char text[128] = "";
	long group, nice = 0;
	(void)what;
	int fd = open("/proc/self/autogroup", O_RDONLY | O_CLOEXEC);
	if (fd >= 0 && read(fd, text, sizeof(text) - 1) > 0)
		(void)sscanf(text, "/autogroup-%ld nice %ld", &group, &nice);
	snprintf(text, sizeof(text), "%ld", nice);
	fd = open("/proc/self/autogroup", O_WRONLY | O_CLOEXEC);
	return fd < 0 || write(fd, text, strlen(text)) > 0 || errno == EAGAIN ? result(fd) : -errno;
}

/* Whatever of a process can be written by its path, of oneself as of others. */
static int write_of_itself(const void *what) {
	return open_of(getpid(), what, O_WRONLY);
}

static const struct way ways[] = {
	{"autogroup", BOTH | MAYBE, slow_session, NULL},
	{"own-oom-score", BOTH, write_of_itself, "oom_score_adj"},
	{"own-clear-refs", BOTH | MAYBE, write_of_itself, "clear_refs"},
	{"own-coredump-filter", BOTH | MAYBE, write_of_itself, "coredump_filter"},
	{"own-timer-slack", BOTH, write_of_itself, "timerslack_ns"},
	{"own-security", BOTH | MAYBE, write_of_itself, "attr/current"},
	{"own-login", BOTH | MAYBE, write_of_itself, "loginuid"},
	{"own-projects", BOTH | MAYBE, write_of_itself, "projid_map"},
	{"own-memory", BOTH, write_of_itself, "mem"},
	{"kill", BOTH | SEEN, signal_victim, NULL},
	{"kill-group", BOTH | SEEN | MARK, signal_group, NULL},
	{"kill-group-by-number", BOTH | SEEN, signal_group_by_number, NULL},
	{"sigqueue", BOTH | SEEN, queue_signal, NULL},
	{"tgkill", BOTH | SEEN, signal_thread, NULL},
	{"tkill", BOTH | SEEN, signal_by_tkill, NULL},
	{"pidfd-send-signal", BOTH | SEEN | MAYBE, signal_by_descriptor, NULL},
	{"pidfd-send-signal-proc", BOTH | SEEN | MAYBE, signal_by_proc, NULL},
	{"setown", BOTH | SEEN, own_by_victim, NULL},
	{"setown-group", BOTH | SEEN, own_by_group, NULL},
	{"setown-own-group", BOTH | SEEN | MARK, own_by_own_group, NULL},
	{"setpgid", BOTH, join_group, NULL},
	{"ptrace-attach", BOTH, trace, &attaching},
	{"ptrace-seize", BOTH, trace, &seizing},
	{"ptrace-parent", BOTH, trace_parent, NULL},
	{"ptrace-traceme", BOTH, trace_child, NULL},
	{"process-vm-readv", BOTH, read_memory, NULL},
	{"process-vm-writev", BOTH, write_memory, NULL},
	{"process-vm-readv-parent", BOTH, read_parents_memory, NULL},
	{"process-madvise", BOTH | MAYBE, advise_memory, NULL},
	{"pidfd-getfd", BOTH | MAYBE, take_descriptor, NULL},
	{"kcmp", BOTH | MAYBE, compare, NULL},
	{"proc-environ", BOTH, read_of_victim, "environ"},
	{"proc-mem", BOTH, read_of_victim, "mem"},
	{"proc-cmdline", BOTH, read_of_victim, "cmdline"},
	{"proc-namespace", BOTH, read_of_victim, "ns/mnt"},
	{"proc-parent-mem", BOTH, read_of_parent, "mem"},
	{"proc-parent-environ", BOTH, read_of_parent, "environ"},
	{"proc-parent-write-mem", BOTH, write_of_parent, "mem"},
	{"proc-parent-descriptors", BOTH, open_parents_descriptors, NULL},
	{"proc-parent-root", BOTH, read_of_parent, "root/etc"},
	{"proc-parent-cwd", BOTH, read_of_parent, "cwd/etc"},
	{"prlimit", BOTH | SEEN, limit_victim, NULL},
	{"setpriority", BOTH | SEEN, slow_victim, NULL},
	{"setpriority-group", BOTH | SEEN, slow_group, NULL},
	{"setpriority-user", BOTH | ROOT, slow_user, NULL},
	{"ioprio", BOTH | SEEN, slow_io, &io_process},
	{"ioprio-group", BOTH | SEEN, slow_io, &io_group},
	{"sched-setscheduler", BOTH | SEEN, schedule_victim, NULL},
	{"sched-setaffinity", BOTH | SEEN | MAYBE, pin_victim, NULL},
	{"move-pages", BOTH | MAYBE, move_pages_of_victim, NULL},
	{"get-robust-list", BOTH, robust_list_of_victim, NULL},
	{"oom-score-of-victim", BOTH | SEEN, score_victim, NULL},
	{"raise-limit", BOTH | ROOT | MAYBE, raise_limit, NULL},
	{"raise-core-limit", BOTH | MAYBE, raise_core_limit, NULL},
};

const struct topic processes_topic = {"processes", ways, COUNT(ways)};
