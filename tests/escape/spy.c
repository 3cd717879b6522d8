/*
 * What one process can learn of another, or do to it: every door that proc(5) and ptrace(2) guard by the
 * same check, tried one by one. Prints a line "took DOOR of NAME" for each that opened, each once.
 *
 *   spy PID                  one process, once
 *   spy --hunt SECONDS TEXT  every process whose name has TEXT in it, again and again, from birth to end
 *
 * Exits 0 whatever it took: the test decides what that means.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/kcmp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
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

/* A file below /proc/PID: taken when it can be read to the first byte. */
static bool reads(pid_t pid, const char *name) {
	char path[64], byte;
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t n = fd < 0 ? -1 : read(fd, &byte, 1);
	if (fd >= 0)
		close(fd);
	return n > 0;
}

/* Opening it is what is checked; its first page is never mapped. */
static bool opens(pid_t pid, const char *name) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool opens_to_write(pid_t pid, const char *name) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool links(pid_t pid, const char *name) {
	char path[64], target[256];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	return readlink(path, target, sizeof(target)) > 0;
}

static bool lists(pid_t pid, const char *name) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	DIR *directory = opendir(path);
	bool any = false;
	for (struct dirent *entry; directory && (entry = readdir(directory)) != NULL;)
		any = any || entry->d_name[0] != '.';
	if (directory)
		closedir(directory);
	return any;
}

static bool attach(pid_t pid, const char *name) {
	(void)name;
	if (ptrace(PTRACE_ATTACH, pid, NULL, NULL) < 0)
		return false;
	waitpid(pid, NULL, __WALL);
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
}

static bool seize(pid_t pid, const char *name) {
	(void)name;
	if (ptrace(PTRACE_SEIZE, pid, NULL, NULL) < 0)
		return false;
	ptrace(PTRACE_DETACH, pid, NULL, NULL);
	return true;
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
	bool took = pidfd >= 0 &&
	            allowed_but_for_address(syscall(SYS_process_madvise, pidfd, &there, 1, MADV_COLD, 0));
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

/* Raising it would let a crash write memory into a core file. */
static bool limit_core(pid_t pid, const char *name) {
	(void)name;
	const struct rlimit none = {0, 0};
	struct rlimit now;
	if (prlimit(pid, RLIMIT_CORE, NULL, &now) < 0)
		return false;
	/* A change that a test can bear: the lower bound of what is there. */
	return prlimit(pid, RLIMIT_CORE, now.rlim_cur ? &now : &none, NULL) == 0;
}

static bool enter(pid_t pid, const char *name) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static const struct door {
	const char *name;
	bool (*take)(pid_t pid, const char *name);
} doors[] = {
	{"environ", reads},       {"auxv", reads},          {"maps", reads},
	{"smaps", reads},         {"numa_maps", reads},     {"syscall", reads},
	{"stack", reads},         {"io", reads},            {"personality", reads},
	{"mem", opens},           {"pagemap", opens},       {"timers", opens},
	{"clear_refs", opens_to_write},
	{"coredump_filter", opens_to_write},
	{"fd", lists},            {"fdinfo", lists},        {"map_files", lists},
	{"cwd", links},           {"root", links},          {"exe", links},
	{"ns/user", links},       {"ns/mnt", links},        {"ns/net", links},
	{"ns/user", enter},       {"ns/mnt", enter},        {"ns/pid", enter},
	{"PTRACE_ATTACH", attach},        {"PTRACE_SEIZE", seize},
	{"process_vm_readv", vm_readv},   {"process_vm_writev", vm_writev},
	{"pidfd_getfd", getfd},           {"process_madvise", madvise_other},
	{"kcmp", compare},                {"move_pages", move_pages_of},
	{"get_robust_list", robust_list}, {"prlimit", limit_core},
};

#define DOORS (sizeof(doors) / sizeof(doors[0]))

/* The first 15 bytes of the program's name (proc(5), comm); false when the process is gone. */
static bool name_of(pid_t pid, char name[static 32]) {
	char path[64];
	snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, name, 31);
	if (fd >= 0)
		close(fd);
	name[n > 0 ? n - 1 : 0] = '\0';
	return n > 0;
}

struct taken {
	char line[96];
};

static struct taken taken[4096];
static size_t taken_count;

static void report(const struct door *door, const char *name) {
	char line[sizeof(taken[0].line)];
	snprintf(line, sizeof(line), "took %s of %s", door->name, name);
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
			report(&doors[i], before);
	}
}

static double seconds(void) {
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void hunt(double until, const char *wanted) {
	size_t seen = 0;
	while (seconds() < until) {
		DIR *proc = opendir("/proc");
		for (struct dirent *entry; proc && (entry = readdir(proc)) != NULL;) {
			pid_t pid = (pid_t)atol(entry->d_name);
			char name[32];
			if (pid <= 0 || pid == getpid() || !name_of(pid, name) || !strstr(name, wanted))
				continue;
			seen++;
			try_all(pid, wanted);
		}
		if (proc)
			closedir(proc);
	}
	/* A hunt that met nobody proves nothing. */
	printf("met %zu\n", seen);
}

int main(int argc, char **argv) {
	if (argc == 2) {
		try_all((pid_t)atol(argv[1]), "");
		return 0;
	}
	if (argc == 4 && strcmp(argv[1], "--hunt") == 0) {
		hunt(seconds() + atof(argv[2]), argv[3]);
		return 0;
	}
	fputs("usage: spy PID | spy --hunt SECONDS TEXT\n", stderr);
	return 2;
}
