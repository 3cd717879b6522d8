/*
 * Runs a command under ptrace(2) and does one thing at one of its system calls:
 *
 *   step count [--changes] COMMAND...      prints how many stops there are
 *   step kill N [--changes] COMMAND...     SIGKILL at stop N; stops alternate: before a call, after
 *                                          it
 *   step fail N ERRNO COMMAND...           the Nth call that changes something fails with that
 *                                          errno
 *   step search FILE COMMAND...            at every stop, looks for each of FILE's lines (hex) in
 *                                          memory
 *
 * --changes: only calls that may change a file or wait for a lock count. Ends as the command ended;
 * 137 when it was killed here; 3 when there was no such stop. `search` prints what it found, one
 * line each: CALL NEEDLE WHERE, where WHERE is "locked", "swappable" or "at-exit" (writable memory
 * when it ends). x86-64 and arm64.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#define NEEDLES_MAX 64
#define NEEDLE_MAX 128

#if defined(__x86_64__)
typedef struct user_regs_struct registers;
#define NUMBER(r) ((long)(r).orig_rax)
#define RESULT(r) ((r).rax)
#elif defined(__aarch64__)
typedef struct user_regs_struct registers;
#define NUMBER(r) ((long)(r).regs[8])
#define RESULT(r) ((r).regs[0])
#endif

enum mode { COUNT, KILL, FAIL, SEARCH };

struct needle {
	unsigned char bytes[NEEDLE_MAX];
	size_t size;
	bool seen[2]; /* reported: locked, swappable */
};

static struct {
	enum mode mode;
	bool changes;
	long stop;
	int error;
	struct needle needles[NEEDLES_MAX];
	size_t needle_count;
	bool started;
} plan;

static void die(const char *what) {
	perror(what);
	exit(2);
}

/* What may change a file, or wait. */
static bool is_change(long number) {
	static const long calls[] = {
		SYS_write,   SYS_fsync,    SYS_renameat, SYS_renameat2, SYS_linkat,    SYS_unlinkat,
		SYS_mkdirat, SYS_fchmod,   SYS_fchown,   SYS_flock,     SYS_openat,    SYS_add_key,
		SYS_keyctl,  SYS_fchmodat, SYS_fchownat, SYS_ftruncate, SYS_symlinkat,
#ifdef SYS_rename
		SYS_rename,  SYS_link,     SYS_unlink,   SYS_mkdir,     SYS_rmdir,
#endif
	};
	for (size_t i = 0; i < sizeof(calls) / sizeof(calls[0]); i++) {
		if (calls[i] == number)
			return true;
	}
	return false;
}

/* Only those whose failure has to be survived; openat would also fail the loader's. */
static bool is_failable(long number) {
	return is_change(number) && number != SYS_openat && number != SYS_flock;
}

static void read_needles(const char *file) {
	char line[2 * NEEDLE_MAX + 2];
	FILE *stream = fopen(file, "r");
	if (!stream)
		die(file);
	while (plan.needle_count < NEEDLES_MAX && fgets(line, sizeof(line), stream)) {
		struct needle *needle = &plan.needles[plan.needle_count];
		for (char *at = line; sscanf(at, "%2hhx", &needle->bytes[needle->size]) == 1;
		     at += 2)
			needle->size++;
		plan.needle_count += needle->size > 0;
	}
	fclose(stream);
}

static void get_registers(pid_t pid, registers *ret) {
	struct iovec io = {ret, sizeof(*ret)};
	if (ptrace(PTRACE_GETREGSET, pid, (void *)NT_PRSTATUS, &io) < 0)
		die("PTRACE_GETREGSET");
}

static void set_registers(pid_t pid, registers *regs) {
	struct iovec io = {regs, sizeof(*regs)};
	if (ptrace(PTRACE_SETREGSET, pid, (void *)NT_PRSTATUS, &io) < 0)
		die("PTRACE_SETREGSET");
}

/* One mapping of smaps: its range, whether it can be written, whether it is locked. */
struct mapping {
	unsigned long start, end;
	bool writable, readable, locked;
	char name[128];
};

static bool next_mapping(FILE *smaps, struct mapping *ret) {
	static char line[512];
	static bool pending;
	char modes[8] = "";
	if (!pending && !fgets(line, sizeof(line), smaps))
		return false;
	pending = false;
	ret->name[0] = '\0';
	if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %127[^\n]", &ret->start, &ret->end, modes,
	           ret->name) < 3)
		return false;
	ret->readable = modes[0] == 'r';
	ret->writable = modes[1] == 'w';
	ret->locked = false;
	while (fgets(line, sizeof(line), smaps)) {
		if (strncmp(line, "VmFlags:", 8) == 0)
			ret->locked = strstr(line, " lo") != NULL;
		if (line[0] >= '0' && line[0] <= '9') {
			pending = true;
			return true;
		}
		if (line[0] >= 'a' && line[0] <= 'f') {
			pending = true;
			return true;
		}
	}
	return true;
}

static void search_mapping(int memory, const struct mapping *mapping, long call, bool exiting) {
	size_t size = mapping->end - mapping->start;
	unsigned char *bytes = malloc(size);
	ssize_t n = bytes ? pread(memory, bytes, size, (off_t)mapping->start) : -1;
	for (size_t i = 0; n > 0 && i < plan.needle_count; i++) {
		struct needle *needle = &plan.needles[i];
		if (!memmem(bytes, (size_t)n, needle->bytes, needle->size))
			continue;
		if (exiting)
			printf("%ld %zu at-exit %s\n", call, i, mapping->name);
		else if (!needle->seen[!mapping->locked])
			printf("%ld %zu %s %s\n", call, i, mapping->locked ? "locked" : "swappable",
			       mapping->name);
		if (!exiting)
			needle->seen[!mapping->locked] = true;
	}
	free(bytes);
}

/*
 * Sodium's guarded pages are not readable for the process itself while it does not use them;
 * /proc/PID/mem is.
 */
static void search(pid_t pid, long call, bool exiting) {
	char path[64];
	struct mapping mapping = {0};
	snprintf(path, sizeof(path), "/proc/%d/mem", pid);
	int memory = open(path, O_RDONLY | O_CLOEXEC);
	snprintf(path, sizeof(path), "/proc/%d/smaps", pid);
	FILE *smaps = fopen(path, "r");
	if (memory < 0 || !smaps)
		die(path);
	while (next_mapping(smaps, &mapping)) {
		if (mapping.writable)
			search_mapping(memory, &mapping, call, exiting);
	}
	fclose(smaps);
	close(memory);
}

static int finish(int status) {
	if (plan.mode != SEARCH && plan.mode != COUNT && plan.stop > 0)
		return 3;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* Stops number `count`, counted down in plan.stop. True: the command is gone. */
static bool at_stop(pid_t pid, bool entry, bool *failing) {
	registers regs = {0};
	get_registers(pid, &regs);
	long number = NUMBER(regs);
	if (plan.mode == SEARCH) {
		/* Until the exec this is still our own memory, with the needles. */
		plan.started |= !entry && number == SYS_execve;
		if (plan.started)
			search(pid, number, entry && number == SYS_exit_group);
		return false;
	}
	if (plan.mode == FAIL) {
		if (entry && is_failable(number) && plan.stop > 0 && --plan.stop == 0) {
#if defined(__x86_64__)
			regs.orig_rax = (unsigned long long)-1;
			set_registers(pid, &regs);
#endif
			*failing = true;
		} else if (!entry && *failing) {
			RESULT(regs) = (unsigned long long)-plan.error;
			set_registers(pid, &regs);
			*failing = false;
		}
		return false;
	}
	if (plan.changes && !is_change(number))
		return false;
	if (plan.mode == COUNT)
		plan.stop++;
	else if (plan.stop > 0 && --plan.stop == 0) {
		kill(pid, SIGKILL);
		return true;
	}
	return false;
}

static int watch(pid_t pid) {
	int status = 0;
	bool entry = true, failing = false;
	if (waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status))
		die("waitpid");
	ptrace(PTRACE_SETOPTIONS, pid, NULL, (void *)(PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
	for (int signal_number = 0;;) {
		ptrace(PTRACE_SYSCALL, pid, NULL, (void *)(long)signal_number);
		if (waitpid(pid, &status, 0) != pid)
			die("waitpid");
		if (WIFEXITED(status) || WIFSIGNALED(status))
			return finish(status);
		signal_number = WSTOPSIG(status) & 0x7f;
		if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
			signal_number = signal_number == SIGTRAP ? 0 : signal_number;
			continue;
		}
		signal_number = 0;
		if (at_stop(pid, entry, &failing)) {
			waitpid(pid, &status, 0);
			return 137;
		}
		entry = !entry;
	}
}

static int usage(void) {
	fputs("usage: step count|kill N|fail N ERRNO|search FILE [--changes] COMMAND...\n", stderr);
	return 2;
}

/* Returns where the command begins; 0: wrong. */
static int parse(int argc, char **argv) {
	int at = 2;
	if (argc < 3)
		return 0;
	if (strcmp(argv[1], "count") == 0)
		plan.mode = COUNT;
	else if (strcmp(argv[1], "kill") == 0)
		plan.mode = KILL;
	else if (strcmp(argv[1], "fail") == 0)
		plan.mode = FAIL;
	else if (strcmp(argv[1], "search") == 0)
		plan.mode = SEARCH;
	else
		return 0;
	if (plan.mode == KILL || plan.mode == FAIL)
		plan.stop = atol(argv[at++]);
	if (plan.mode == FAIL && at < argc)
		plan.error = atoi(argv[at++]);
	if (plan.mode == SEARCH)
		read_needles(argv[at++]);
	if (at < argc && strcmp(argv[at], "--changes") == 0) {
		plan.changes = true;
		at++;
	}
	return at < argc ? at : 0;
}

int main(int argc, char **argv) {
	int at = parse(argc, argv);
	if (at == 0)
		return usage();
	pid_t pid = fork();
	if (pid == 0) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		raise(SIGSTOP);
		execvp(argv[at], argv + at);
		_exit(127);
	}
	int status = watch(pid);
	if (plan.mode == COUNT)
		printf("%ld\n", plan.stop);
	return status;
}
