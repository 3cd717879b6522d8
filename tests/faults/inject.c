/*
 * Runs a command, and all that it starts, under ptrace(2), and makes one of its system calls fail:
 *
 *   inject [OPTION...] list            -- COMMAND...   lists the calls
 *   inject [OPTION...] fail P CALL N E -- COMMAND...   the Nth CALL of process P fails with E
 *   inject [OPTION...] lie P CALL N    -- COMMAND...   that call is skipped, and succeeds
 *   inject [OPTION...] always CALL E   -- COMMAND...   every such call of every process fails
 *
 *   -r FD        where to report, one word and its values a line: "call P NAME COUNT", "injected
 *                TIMES",
 *                "started 0|1", "left PROCESSES", "crashed SIGNAL", "startup" (it failed before
 *                  main), and last "status N" (wait(2)) or "hangs"
 *   -n ARGV0     the target: from its start on the tracer changes nothing
 *   -u UID:GID   run the command with these ids and no further group; only as root
 *   -i FILE      standard input, read only, and descriptor 7 as well
 *   -p           use a terminal of its own instead, whose output goes to standard output
 *   -t SECONDS   the time for everything
 *
 * strace(1) does not fit: it counts each process's calls separately, and so makes several fail at
 * once; it needs an account for a set-id command; and it continues to make the target's calls fail.
 * Processes are numbered from 0, in the order of their start. The tracer starts before the command,
 * so that root's command has its set-id bits and file capabilities (execve(2)). x86-64.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/ptrace.h>

#ifndef __x86_64__
#error "the registers of x86-64 only"
#endif

#define CALLS 512
#define PROCESSES 64
#define OPTIONS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE |  \
	 PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL)
/* How long what is left may take once the command itself has ended. */
#define LEAVE_SECONDS 5

enum mode { LIST, FAIL, LIE, ALWAYS };

static struct {
	enum mode mode;
	int process; /* -1: each */
	long call;
	unsigned long nth; /* 0: each */
	int error;
	int report_fd;
	const char *target;
	const char *input;
	uid_t uid;
	gid_t gid;
	bool as_user;
	unsigned int seconds;
	bool on_terminal;
	char **command;
} plan = {.process = -1, .call = -1, .report_fd = STDERR_FILENO, .seconds = 60};

struct process {
	pid_t pid;
	bool starting; /* the C library, before main */
	int number;    /* -1: its parent has not been heard of yet, and it waits */
	bool ended;
	bool failing; /* at the end of the call it is in */
	unsigned long long break_wanted;
	unsigned long counts[CALLS];
};

static struct process processes[PROCESSES];
static size_t process_count;
static int next_number;
static bool begun, started;
static unsigned long injected;
static volatile sig_atomic_t late;

static void die(const char *what) {
	fprintf(stderr, "inject: %s: %s\n", what, strerror(errno));
	exit(2);
}

static void usage(void) {
	fputs("usage: inject [-r FD] [-n ARGV0] [-u UID:GID] [-i FILE] [-p] [-t SECONDS] "
	      "list | fail P CALL N E | lie P CALL N | always CALL E -- COMMAND...\n",
	      stderr);
	exit(2);
}

static long call_number(const char *name) {
	int number = seccomp_syscall_resolve_name(name);
	if (number < 0 || number >= CALLS) {
		fprintf(stderr, "inject: no system call '%s'\n", name);
		exit(2);
	}
	return number;
}

static int error_number(const char *name) {
	for (int number = 1; number < 134; number++) {
		const char *known = strerrorname_np(number);
		if (known && strcmp(known, name) == 0)
			return number;
	}
	fprintf(stderr, "inject: no error '%s'\n", name);
	exit(2);
}

static void parse_mode(int count, char **words) {
	const char *mode = count > 0 ? words[0] : "";
	if (strcmp(mode, "list") == 0 && count == 1) {
		plan.mode = LIST;
	} else if (strcmp(mode, "always") == 0 && count == 3) {
		plan.mode = ALWAYS;
		plan.call = call_number(words[1]);
		plan.error = error_number(words[2]);
	} else if ((strcmp(mode, "fail") == 0 && count == 5) ||
	           (strcmp(mode, "lie") == 0 && count == 4)) {
		plan.mode = count == 5 ? FAIL : LIE;
		plan.process = atoi(words[1]);
		plan.call = call_number(words[2]);
		plan.nth = strtoul(words[3], NULL, 10);
		plan.error = count == 5 ? error_number(words[4]) : 0;
	} else {
		usage();
	}
}

static void parse(int argc, char **argv) {
	for (int option; (option = getopt(argc, argv, "+r:n:u:i:t:p")) != -1;) {
		switch (option) {
		case 'r': plan.report_fd = atoi(optarg); break;
		case 'n': plan.target = optarg; break;
		case 'i': plan.input = optarg; break;
		case 'p': plan.on_terminal = true; break;
		case 't': plan.seconds = (unsigned int)atoi(optarg); break;
		case 'u':
			plan.as_user = sscanf(optarg, "%u:%u", &plan.uid, &plan.gid) == 2;
			if (!plan.as_user)
				usage();
			break;
		default: usage();
		}
	}
	int end = optind;
	while (end < argc && strcmp(argv[end], "--") != 0)
		end++;
	if (end + 1 >= argc)
		usage();
	parse_mode(end - optind, argv + optind);
	plan.command = argv + end + 1;
}

/*
 * A pseudoterminal, and who copies what comes out of it. We keep the other side open until the
 * command has ended.
 */
struct terminal {
	int slave;
	pid_t copier;
};

static void copy_output(int master) {
	char bytes[4096];
	for (ssize_t n; (n = read(master, bytes, sizeof(bytes))) > 0;) {
		if (write(STDOUT_FILENO, bytes, (size_t)n) != n)
			break;
	}
	_exit(0);
}

static struct terminal make_terminal(void) {
	char name[64];
	struct terminal terminal;
	int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (master < 0 || unlockpt(master) < 0 || ptsname_r(master, name, sizeof(name)) != 0)
		die("a terminal");
	terminal.slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (terminal.slave < 0 || (plan.as_user && fchown(terminal.slave, plan.uid, plan.gid) < 0))
		die(name);
	terminal.copier = fork();
	if (terminal.copier == 0) {
		close(terminal.slave);
		copy_output(master);
	}
	close(master);
	return terminal;
}

static void end_terminal(const struct terminal *terminal) {
	close(terminal->slave);
	waitpid(terminal->copier, NULL, 0);
}

static void take_terminal(const struct terminal *terminal) {
	if (setsid() < 0 || ioctl(terminal->slave, TIOCSCTTY, 0) < 0)
		die("the terminal");
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (dup2(terminal->slave, fd) < 0)
			die("the terminal");
	}
}

/* In the child, which waits until it is traced. */
static void become_command(int ready, const struct terminal *terminal) {
	char byte;
	if (read(ready, &byte, 1) != 1)
		_exit(2);
	if (fcntl(plan.report_fd, F_SETFD, FD_CLOEXEC) < 0)
		die("the report's descriptor");
	if (plan.on_terminal)
		take_terminal(terminal);
	int input = plan.input ? open(plan.input, O_RDONLY) : -1;
	if (plan.input && (input < 0 || (!plan.on_terminal && dup2(input, STDIN_FILENO) < 0) ||
	                   dup2(input, 7) < 0))
		die(plan.input);
	if (input > STDERR_FILENO && input != 7)
		close(input);
	if (plan.as_user &&
	    (setgroups(0, NULL) < 0 || setresgid(plan.gid, plan.gid, plan.gid) < 0 ||
	     setresuid(plan.uid, plan.uid, plan.uid) < 0))
		die("-u");
	execv(plan.command[0], plan.command);
	die(plan.command[0]);
}

static struct process *find(pid_t pid) {
	for (size_t i = 0; i < process_count; i++) {
		if (processes[i].pid == pid && !processes[i].ended)
			return &processes[i];
	}
	return NULL;
}

static struct process *add(pid_t pid, int number) {
	if (process_count == PROCESSES) {
		errno = ENOSPC;
		die("too many processes");
	}
	struct process *process = &processes[process_count++];
	*process = (struct process){.pid = pid, .number = number};
	return process;
}

/*
 * Once it has happened, or nothing more is to happen, they run at full speed. ESRCH: killed
 * meanwhile.
 */
static void resume(const struct process *process, int signal_number) {
	bool over = started ||
	            ((plan.mode == FAIL || plan.mode == LIE) && injected && !process->failing);
	if (ptrace(over ? PTRACE_CONT : PTRACE_SYSCALL, process->pid, NULL,
	           (void *)(long)signal_number) < 0 &&
	    errno != ESRCH)
		die("PTRACE_SYSCALL");
}

static void tell_of_child(const struct process *parent) {
	unsigned long pid = 0;
	if (ptrace(PTRACE_GETEVENTMSG, parent->pid, NULL, &pid) < 0)
		return;
	struct process *child = find((pid_t)pid);
	if (!child) {
		add((pid_t)pid, next_number++);
		return;
	}
	child->number = next_number++;
	resume(child, 0);
}

/* argv[0] lies where the stack begins: argc, then pointers. */
static bool is_target(pid_t pid) {
	struct user_regs_struct registers;
	char text[256] = "";
	if (!plan.target || ptrace(PTRACE_GETREGS, pid, NULL, &registers) < 0)
		return false;
	long at = ptrace(PTRACE_PEEKDATA, pid, (void *)(registers.rsp + sizeof(long)), NULL);
	for (size_t i = 0; i + sizeof(long) < sizeof(text); i += sizeof(long)) {
		errno = 0;
		long word = ptrace(PTRACE_PEEKDATA, pid, (void *)((unsigned long)at + i), NULL);
		if (errno)
			break;
		memcpy(text + i, &word, sizeof(word));
		if (memchr(&word, 0, sizeof(word)))
			break;
	}
	return strcmp(text, plan.target) == 0;
}

/* These do not return, or are no calls of the program's own. */
static bool left_out(long call) {
	static const long calls[] = {SYS_exit, SYS_exit_group, SYS_rt_sigreturn,
	                             SYS_restart_syscall};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i] == call)
			return true;
	}
	return call < 0 || call >= CALLS;
}

/*
 * What the C library of a static program calls before main; nothing of ours is there to see it
 * fail.
 */
static bool is_startup(long call) {
	static const long calls[] = {SYS_brk,
	                             SYS_arch_prctl,
	                             SYS_set_tid_address,
	                             SYS_set_robust_list,
	                             SYS_rseq,
	                             SYS_prlimit64,
	                             SYS_readlink,
	                             SYS_readlinkat,
	                             SYS_getrandom,
	                             SYS_mprotect,
	                             SYS_mmap,
	                             SYS_access};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i] == call)
			return true;
	}
	return false;
}

static bool is_meant(const struct process *process, long call) {
	if (plan.mode == LIST || call != plan.call)
		return false;
	if (plan.mode == ALWAYS)
		return true;
	return !injected && process->number == plan.process && process->counts[call] == plan.nth;
}

static void at_entry(struct process *process, long call) {
	if (!begun || started || left_out(call))
		return;
	process->counts[call]++;
	process->starting = process->starting && is_startup(call);
	if (!is_meant(process, call))
		return;
	injected++;
	process->failing = true;
	if (process->starting)
		dprintf(plan.report_fd, "startup\n");
	/* What fails to close has been closed all the same (close(2)). */
	if (call == SYS_close)
		return;
	struct user_regs_struct registers;
	if (ptrace(PTRACE_GETREGS, process->pid, NULL, &registers) < 0)
		return;
	/* It says no error, but where the break has remained. */
	if (call == SYS_brk) {
		process->break_wanted = registers.rdi;
		registers.rdi = 0;
	} else {
		registers.orig_rax = (unsigned long long)-1;
	}
	ptrace(PTRACE_SETREGS, process->pid, NULL, &registers);
}

static void at_exit_of_call(struct process *process) {
	struct user_regs_struct registers;
	if (!process->failing || ptrace(PTRACE_GETREGS, process->pid, NULL, &registers) < 0)
		return;
	process->failing = false;
	if (plan.call == SYS_brk)
		registers.rdi = process->break_wanted;
	else
		registers.rax = (unsigned long long)-plan.error;
	ptrace(PTRACE_SETREGS, process->pid, NULL, &registers);
}

static void at_call(struct process *process) {
	struct __ptrace_syscall_info info = {0};
	if (ptrace((enum __ptrace_request)PTRACE_GET_SYSCALL_INFO, process->pid,
	           (void *)sizeof(info), &info) < 0)
		return;
	if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
		at_entry(process, (long)info.entry.nr);
	else
		at_exit_of_call(process);
}

/*
 * A crash. A PID 1 that is traced survives its crashes, and crashes again; one that is let go dies
 * of the same instruction (force_sig_info_to_task in the kernel).
 */
static bool let_crash(struct process *process, int signal_number) {
	siginfo_t info = {0};
	bool crash = signal_number == SIGSEGV || signal_number == SIGBUS ||
	             signal_number == SIGILL || signal_number == SIGFPE;
	if (!crash || ptrace(PTRACE_GETSIGINFO, process->pid, NULL, &info) < 0 || info.si_code <= 0)
		return false;
	dprintf(plan.report_fd, "crashed %d\n", signal_number);
	if (process->number == 0 || ptrace(PTRACE_DETACH, process->pid, NULL, NULL) < 0)
		return false;
	process->ended = true;
	return true;
}

static void stopped(struct process *process, int status) {
	int signal_number = WSTOPSIG(status);
	int event = status >> 16;
	if (event == PTRACE_EVENT_STOP && signal_number != SIGTRAP) {
		ptrace(PTRACE_LISTEN, process->pid, NULL, NULL);
		return;
	}
	if (event == PTRACE_EVENT_EXEC) {
		begun = process->starting = true;
		started = started || is_target(process->pid);
	}
	if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
	    event == PTRACE_EVENT_CLONE)
		tell_of_child(process);
	if (signal_number == (SIGTRAP | 0x80))
		at_call(process);
	bool delivered = event == 0 && signal_number != (SIGTRAP | 0x80);
	if (delivered && let_crash(process, signal_number))
		return;
	if (process->number >= 0)
		resume(process, delivered ? signal_number : 0);
}

static size_t living(void) {
	size_t count = 0;
	for (size_t i = 0; i < process_count; i++)
		count += !processes[i].ended;
	return count;
}

static void report_calls(void) {
	for (size_t i = 0; i < process_count; i++) {
		for (int call = 0; call < CALLS; call++) {
			char *name =
				processes[i].counts[call]
					? seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, call)
					: NULL;
			if (name)
				dprintf(plan.report_fd, "call %d %s %lu\n", processes[i].number,
				        name, processes[i].counts[call]);
			free(name);
		}
	}
}

/* Again and again: the first may come just before waitpid(2). */
static void on_alarm(int number) {
	(void)number;
	late = 1;
	alarm(1);
}

/* Until all have ended, or time is up. The command's wait status, or -1. */
static int follow(pid_t command, pid_t copier) {
	int result = -1, status;
	while (living() > 0 && !late) {
		pid_t pid = waitpid(-1, &status, __WALL);
		struct process *process = pid < 0 ? NULL : find(pid);
		if (pid < 0 || pid == copier)
			continue;
		if (!process)
			process = add(pid, -1);
		if (WIFSTOPPED(status)) {
			stopped(process, status);
			continue;
		}
		process->ended = true;
		if (pid == command) {
			result = status;
			alarm(LEAVE_SECONDS);
		}
	}
	return result;
}

int main(int argc, char **argv) {
	int ready[2];
	struct terminal terminal = {-1, -1};
	parse(argc, argv);
	if (plan.on_terminal)
		terminal = make_terminal();
	if (pipe2(ready, O_CLOEXEC) < 0)
		die("pipe");
	pid_t command = fork();
	if (command < 0)
		die("fork");
	if (command == 0)
		become_command(ready[0], &terminal);
	const struct sigaction alarm_action = {.sa_handler = on_alarm};
	sigaction(SIGALRM, &alarm_action, NULL);
	if (ptrace(PTRACE_SEIZE, command, NULL, (void *)OPTIONS) < 0)
		die("PTRACE_SEIZE");
	add(command, next_number++);
	if (ptrace(PTRACE_INTERRUPT, command, NULL, NULL) < 0 || write(ready[1], "", 1) != 1)
		die("the command");
	alarm(plan.seconds);
	int status = follow(command, terminal.copier);
	if (plan.mode == LIST)
		report_calls();
	dprintf(plan.report_fd, "injected %lu\nstarted %d\nleft %zu\n", injected, started,
	        living());
	if (status < 0)
		dprintf(plan.report_fd, "hangs\n");
	else
		dprintf(plan.report_fd, "status %d\n", status);
	if (plan.on_terminal && status >= 0 && living() == 0)
		end_terminal(&terminal);
	return 0;
}
