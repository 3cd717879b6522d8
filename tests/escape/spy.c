/*
 * Tries what one process can learn of another, or do to it: every door that proc(5) and ptrace(2)
 * guard by the same check, one by one. Prints a line "took DOOR of NAME" for each that opened, each
 * once.
 *
 *   spy [--proc DIR [--name]] PID     one process, once; by another mount of procfs than /proc;
 *                                     only its name
 *   spy --hunt TEXT                   every process whose name has TEXT in it, from birth to end,
 *                                     until SIGTERM
 *   spy --held TEXT NEEDLE COMMAND... starts COMMAND, with everything of the process opened while
 *     it is still ours, and
 *                                     tries what is open as long as its name has TEXT in it
 *   spy --doors                       the names of all of them
 *
 * Exits 0 whatever opened: the test decides what that means.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/kcmp.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_pidfd_getfd
#define SYS_pidfd_getfd 438
#endif
#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

/* Linux 6.11 gives a pidfd's namespaces to whoever may look (pidfd.h). */
#ifndef PIDFD_GET_MNT_NAMESPACE
#define PIDFD_GET_MNT_NAMESPACE _IO(0xFF, 3)
#endif

static const char *proc = "/proc";

/* The file of a process; `path` has room for it. */
static const char *place(pid_t pid, const char *name, char path[static PATH_MAX]) {
	snprintf(path, PATH_MAX, "%s/%d/%s", proc, (int)pid, name);
	return path;
}

static void shut(int fd) {
	if (fd >= 0)
		close(fd);
}

/* A file below /proc/PID: taken when it can be read to the first byte. */
static bool reads(pid_t pid, const char *name) {
	char path[PATH_MAX], byte;
	int fd = open(place(pid, name, path), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);
	shut(fd);
	return n > 0;
}

/* Opening it is what is checked; its first page is never mapped. */
static bool opens(pid_t pid, const char *name) {
	char path[PATH_MAX];
	int fd = open(place(pid, name, path), O_RDONLY | O_CLOEXEC);
	shut(fd);
	return fd >= 0;
}

static bool opens_to_write(pid_t pid, const char *name) {
	char path[PATH_MAX];
	int fd = open(place(pid, name, path), O_WRONLY | O_CLOEXEC);
	shut(fd);
	return fd >= 0;
}

static bool links(pid_t pid, const char *name) {
	char path[PATH_MAX], target[256];
	return readlink(place(pid, name, path), target, sizeof(target)) > 0;
}

/* The link's other end, which a rename does not hide. */
static bool follows(pid_t pid, const char *name) {
	char path[PATH_MAX];
	int fd = open(place(pid, name, path), O_PATH | O_CLOEXEC);
	shut(fd);
	return fd >= 0;
}

static bool lists(pid_t pid, const char *name) {
	char path[PATH_MAX];
	DIR *directory = opendir(place(pid, name, path));
	bool any = false;
	for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;)
		any = any || entry->d_name[0] != '.';
	if (directory)
		closedir(directory);
	return any;
}

/*
 * In a child, whose end lets the process go: a tracer that stays would keep it from being waited
 * for.
 */
static bool traces(pid_t pid, enum __ptrace_request request) {
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(ptrace(request, pid, NULL, NULL) < 0 ? 1 : 0);
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static bool attach(pid_t pid, const char *name) {
	(void)name;
	bool took = traces(pid, PTRACE_ATTACH);
	/* It is stopped for the tracer that has gone. */
	if (took)
		kill(pid, SIGCONT);
	return took;
}

static bool seize(pid_t pid, const char *name) {
	(void)name;
	return traces(pid, PTRACE_SEIZE);
}

/* Nothing is mapped at 4096: EFAULT means that only the address was wrong. */
static bool allowed_but_for_address(long result) {
	return result >= 0 || errno == EFAULT || errno == ENOMEM;
}

static bool vm_readv(pid_t pid, const char *name) {
	char byte;
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	(void)name;
	return allowed_but_for_address(process_vm_readv(pid, &here, 1, &there, 1, 0));
}

static bool vm_writev(pid_t pid, const char *name) {
	char byte = 0;
	struct iovec here = {&byte, 1}, there = {(void *)4096, 1};
	(void)name;
	return allowed_but_for_address(process_vm_writev(pid, &here, 1, &there, 1, 0));
}

static bool getfd(pid_t pid, const char *name) {
	(void)name;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool took = false;
	for (int fd = 0; pidfd >= 0 && !took && fd < 20; fd++) {
		int stolen = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		took = stolen >= 0;
		if (took)
			close(stolen);
	}
	if (pidfd >= 0)
		close(pidfd);
	return took;
}

static bool madvise_other(pid_t pid, const char *name) {
	(void)name;
	struct iovec there = {(void *)4096, 4096};
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	bool took = pidfd >= 0 && allowed_but_for_address(syscall(SYS_process_madvise, pidfd,
	                                                          &there, 1, MADV_COLD, 0));
	if (pidfd >= 0)
		close(pidfd);
	return took;
}

static bool compare(pid_t pid, const char *name) {
	(void)name;
	return syscall(SYS_kcmp, getpid(), pid, KCMP_VM, 0, 0) >= 0;
}

static bool move_pages_of(pid_t pid, const char *name) {
	(void)name;
	void *page = (void *)4096;
	int status = 0;
	return syscall(SYS_move_pages, pid, 1UL, &page, NULL, &status, 0) >= 0;
}

static bool robust_list(pid_t pid, const char *name) {
	(void)name;
	void *head = NULL;
	size_t size = 0;
	return syscall(SYS_get_robust_list, pid, &head, &size) == 0;
}

/*
 * Whoever changes it gets memory into a core file. Read back, for a filter may say that it is done;
 * and twice, for an exec is not done all at once.
 */
static bool limit_core(pid_t pid, const char *name) {
	(void)name;
	for (int i = 0; i < 2; i++) {
		struct rlimit before, after;
		if (prlimit(pid, RLIMIT_CORE, NULL, &before) < 0 || before.rlim_max == 0)
			return false;
		const struct rlimit other = {before.rlim_cur ? 0 : 1, before.rlim_max};
		if (prlimit(pid, RLIMIT_CORE, &other, NULL) < 0 ||
		    prlimit(pid, RLIMIT_CORE, NULL, &after) < 0)
			return false;
		prlimit(pid, RLIMIT_CORE, &before, NULL);
		if (after.rlim_cur != other.rlim_cur)
			return false;
		usleep(2000);
	}
	return true;
}

static bool namespace_by_pidfd(pid_t pid, const char *name) {
	(void)name;
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	int fd = pidfd < 0 ? -1 : ioctl(pidfd, PIDFD_GET_MNT_NAMESPACE, 0);
	shut(fd);
	shut(pidfd);
	return fd >= 0;
}

/* Into any of its namespaces: in a child, which is gone with what it entered. */
static bool enters(pid_t pid, const char *name) {
	static const int kinds[] = {CLONE_NEWUSER, CLONE_NEWNS, CLONE_NEWNET, CLONE_NEWIPC,
	                            CLONE_NEWPID};
	(void)name;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
		for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
			if (setns(pidfd, kinds[i]) == 0)
				_exit(0);
		}
		_exit(1);
	}
	return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
	       WEXITSTATUS(status) == 0;
}

static const struct door {
	const char *name;
	bool (*take)(pid_t pid, const char *name);
} doors[] = {
	/* clang-format off */
	{"environ", reads},       {"auxv", reads},          {"maps", reads},
	{"smaps", reads},         {"smaps_rollup", reads},  {"numa_maps", reads},
	{"syscall", reads},       {"stack", reads},         {"io", reads},
	{"personality", reads},
	{"mem", opens},           {"pagemap", opens},       {"timers", opens},
	{"clear_refs", opens_to_write},
	{"coredump_filter", opens_to_write},
	{"fd", lists},            {"fdinfo", lists},        {"map_files", lists},
	{"cwd", links},           {"root", links},          {"exe", links},
	{"fd/0", links},          {"ns/user", links},       {"ns/mnt", links},
	{"ns/net", links},        {"cwd/.", follows},       {"root/etc", follows},
	{"ns/pid", follows},      {"fd/1", follows},
	{"PTRACE_ATTACH", attach},        {"PTRACE_SEIZE", seize},
	{"process_vm_readv", vm_readv},   {"process_vm_writev", vm_writev},
	{"pidfd_getfd", getfd},           {"process_madvise", madvise_other},
	{"kcmp", compare},                {"move_pages", move_pages_of},
	{"get_robust_list", robust_list}, {"prlimit", limit_core},
	{"PIDFD_GET_MNT_NAMESPACE", namespace_by_pidfd}, {"setns", enters},
	/* clang-format on */
};

#define DOORS (sizeof(doors) / sizeof(doors[0]))

/* The first 15 bytes of the program's name (proc(5), comm); false when the process is gone. */
static bool name_of(pid_t pid, char name[static 32]) {
	char path[PATH_MAX];
	int fd = open(place(pid, "comm", path), O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, name, 31);
	shut(fd);
	name[n > 0 ? n - 1 : 0] = '\0';
	return n > 0;
}

struct taken {
	char line[96];
};

static struct taken taken[4096];
static size_t taken_count;

static void report(const char *door, const char *name) {
	char line[sizeof(taken[0].line)];
	snprintf(line, sizeof(line), "took %s of %s", door, name);
	for (size_t i = 0; i < taken_count; i++) {
		if (strcmp(taken[i].line, line) == 0)
			return;
	}
	if (taken_count < sizeof(taken) / sizeof(taken[0]))
		memcpy(taken[taken_count++].line, line, sizeof(line));
	puts(line);
	fflush(stdout);
}

/* A zombie has given everything up already, and answers differently. */
static bool lives(pid_t pid) {
	return kill(pid, 0) == 0 || errno == EPERM;
}

static void try_all(pid_t pid, const char *wanted) {
	char before[32], after[32];
	for (size_t i = 0; i < DOORS; i++) {
		if (!name_of(pid, before) || !strstr(before, wanted))
			return;
		if (!doors[i].take(pid, doors[i].name) || !lives(pid))
			continue;
		/* An exec between the two looks: what was taken was the old program's. */
		if (name_of(pid, after) && strcmp(before, after) == 0)
			report(doors[i].name, before);
	}
}

static volatile sig_atomic_t called_off;

static void call_off(int signal_number) {
	(void)signal_number;
	called_off = 1;
}

static void hunt(const char *wanted) {
	size_t seen = 0;
	signal(SIGTERM, call_off);
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	puts("hunting");
	fflush(stdout);
	while (!called_off) {
		DIR *all = opendir("/proc");
		for (struct dirent *entry; all && (entry = readdir(all)) != NULL;) {
			pid_t pid = (pid_t)atol(entry->d_name);
			char name[32];
			if (pid <= 0 || pid == getpid() || !name_of(pid, name) ||
			    !strstr(name, wanted))
				continue;
			seen++;
			try_all(pid, wanted);
		}
		if (all)
			closedir(all);
	}
	/* A hunt that met nobody proves nothing. */
	printf("met %zu\n", seen);
}

/* Opened while the process was still the attacker's own. */
struct handle {
	const char *name;
	int flags;
	int fd;
};

/* clang-format off */
static struct handle handles[] = {
	{".", O_RDONLY | O_DIRECTORY, -1},   {"fd", O_RDONLY | O_DIRECTORY, -1},
	{"ns", O_RDONLY | O_DIRECTORY, -1},  {"map_files", O_RDONLY | O_DIRECTORY, -1},
	{"environ", O_RDONLY, -1},           {"mem", O_RDWR, -1},
	{"maps", O_RDONLY, -1},              {"smaps", O_RDONLY, -1},
	{"syscall", O_RDONLY, -1},           {"io", O_RDONLY, -1},
	{"personality", O_RDONLY, -1},       {"pagemap", O_RDONLY, -1},
};
/* clang-format on */

#define HANDLES (sizeof(handles) / sizeof(handles[0]))

/* Through the directory's descriptor: another look-up, with the same check. */
static bool by_directory(int directory, const char *name, const char *needle) {
	static char text[1 << 17];
	int fd = openat(directory, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text));
	shut(fd);
	return n > 0 && memmem(text, (size_t)n, needle, strlen(needle));
}

/*
 * What is bound to the memory of before the exec answers with nothing; what asks anew each time,
 * with the check.
 */
static bool still_gives(const struct handle *handle, const char *needle) {
	static char text[1 << 17];
	char link[256];
	if (handle->flags & O_DIRECTORY) {
		return by_directory(handle->fd, "environ", needle) ||
		       readlinkat(handle->fd, "0", link, sizeof(link)) > 0 ||
		       readlinkat(handle->fd, "cwd", link, sizeof(link)) > 0 ||
		       readlinkat(handle->fd, "mnt", link, sizeof(link)) > 0;
	}
	return pread(handle->fd, text, sizeof(text), 0) > 0;
}

static void try_held(pid_t pid, const char *wanted, const char *needle) {
	char before[32], after[32];
	for (size_t i = 0; i < HANDLES; i++) {
		if (!name_of(pid, before) || !strstr(before, wanted))
			return;
		if (still_gives(&handles[i], needle) && name_of(pid, after) &&
		    strcmp(before, after) == 0)
			report(handles[i].name, before);
	}
}

static int held(const char *wanted, const char *needle, char **command) {
	int go[2], status = 0;
	char path[PATH_MAX], byte = 0;
	if (pipe(go) < 0)
		return 1;
	pid_t pid = fork();
	if (pid == 0) {
		close(go[1]);
		if (read(go[0], &byte, 1) == 1)
			execvp(command[0], command);
		_exit(127);
	}
	for (size_t i = 0; i < HANDLES; i++) {
		handles[i].fd =
			open(place(pid, handles[i].name, path), handles[i].flags | O_CLOEXEC);
		if (handles[i].fd < 0)
			return fprintf(stderr, "spy: %s: %s\n", path, strerror(errno)), 1;
	}
	if (write(go[1], &byte, 1) != 1)
		return 1;
	size_t rounds = 0;
	for (; waitpid(pid, &status, WNOHANG) == 0; rounds++)
		try_held(pid, wanted, needle);
	printf("met %zu\n", rounds);
	return 0;
}

int main(int argc, char **argv) {
	if (argc == 2 && strcmp(argv[1], "--doors") == 0) {
		for (size_t i = 0; i < DOORS; i++)
			puts(doors[i].name);
		return 0;
	}
	if (argc >= 5 && strcmp(argv[1], "--held") == 0)
		return held(argv[2], argv[3], argv + 4);
	if (argc == 3 && strcmp(argv[1], "--hunt") == 0) {
		hunt(argv[2]);
		return 0;
	}
	if (argc >= 4 && strcmp(argv[1], "--proc") == 0)
		proc = argv[2];
	if (argc == 5 && proc == argv[2] && strcmp(argv[3], "--name") == 0) {
		char name[32];
		return name_of((pid_t)atol(argv[4]), name) && puts(name) >= 0 ? 0 : 1;
	}
	if (argc == 2 || (argc == 4 && proc == argv[2])) {
		try_all((pid_t)atol(argv[argc - 1]), "");
		return 0;
	}
	fputs("usage: spy [--proc DIR [--name]] PID | --hunt TEXT | --held TEXT NEEDLE COMMAND... | --doors\n",
	      stderr);
	return 2;
}
