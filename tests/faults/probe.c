/*
 * The target of tests/faults/run: says on standard output, in one character, whether it is isolated: "=" is as
 * its tier promises, a letter is the first thing that is missing. It has no C library and makes system calls that
 * setting up a sandbox does not make, so that errors injected into those do not reach it. x86-64.
 *
 * Arguments: the tier, a file of the host that may be written to outside, an abstract socket of the host
 * (name without its NUL), the inodes of the host's user, pid, ipc, mnt and net namespaces, RLIMIT_NOFILE as wanted.
 */
#include <fcntl.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/un.h>

static long call(long number, long a, long b, long c, long d) {
	long result;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = 0;
	__asm__ volatile("syscall"
	                 : "=a"(result)
	                 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8)
	                 : "rcx", "r11", "memory");
	return result;
}

static void verdict(char character) {
	struct iovec text = {.iov_base = &character, .iov_len = 1};
	call(SYS_writev, 1, (long)&text, 1, 0);
	call(SYS_exit_group, character == '=' ? 0 : 1, 0, 0, 0);
}

static size_t length(const char *text) {
	size_t n = 0;
	while (text[n])
		n++;
	return n;
}

static int begins(const char *text, const char *with) {
	for (; *with; text++, with++) {
		if (*text != *with)
			return 0;
	}
	return 1;
}

static const char *find(const char *text, const char *what) {
	for (; *text; text++) {
		if (begins(text, what))
			return text;
	}
	return NULL;
}

static int same(const char *a, const char *b) {
	return begins(a, b) && length(a) == length(b);
}

/* '?': it cannot tell, which is no answer either. */
static const char *read_file(const char *path) {
	static char text[16384];
	struct iovec into = {.iov_base = text, .iov_len = sizeof(text) - 1};
	long fd = call(SYS_open, (long)path, O_RDONLY, 0, 0);
	long n = fd < 0 ? fd : call(SYS_preadv, fd, (long)&into, 1, 0);
	if (n < 0)
		verdict('?');
	text[n] = '\0';
	return text;
}

static void status_says(const char *row, char otherwise) {
	if (!find(read_file("/proc/self/status"), row))
		verdict(otherwise);
}

static unsigned long number(const char *text) {
	unsigned long n = 0;
	for (; *text; text++)
		n = n * 10 + (unsigned long)(*text - '0');
	return n;
}

static void elsewhere(const char *link, const char *inode, char otherwise) {
	struct stat st;
	if (call(SYS_stat, (long)link, (long)&st, 0, 0) < 0)
		verdict('?');
	if (st.st_ino == number(inode))
		verdict(otherwise);
}

static void connect_abstract(const char *name) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	size_t size = length(name);
	for (size_t i = 0; i < size; i++)
		address.sun_path[i + 1] = name[i];
	long fd = call(SYS_socket, AF_UNIX, SOCK_STREAM, 0, 0);
	if (fd >= 0 && call(SYS_connect, fd, (long)&address,
	                    (long)(offsetof(struct sockaddr_un, sun_path) + 1 + size), 0) == 0)
		verdict('a');
}

static void in_every_tier(char **argv) {
	char row[64] = "Max open files            ";
	size_t at = length(row);
	for (size_t i = 0; argv[9][i]; i++)
		row[at++] = argv[9][i];
	status_says("\nNoNewPrivs:\t1\n", 'n');
	status_says("\nSeccomp:\t2\n", 's');
	status_says("\nCapEff:\t0000000000000000\n", 'c');
	status_says("\nCapPrm:\t0000000000000000\n", 'c');
	status_says("\nCapAmb:\t0000000000000000\n", 'c');
	if (!find(read_file("/proc/self/limits"), row))
		verdict('l');
}

static void hardened(char **argv) {
	static const struct {
		const char *link;
		char missing;
	} own[] = {{"/proc/self/ns/user", 'u'},
	           {"/proc/self/ns/pid", 'p'},
	           {"/proc/self/ns/ipc", 'i'},
	           {"/proc/self/ns/mnt", 'm'}};
	static const char *const tmpfs[] = {" /tmp ", " /var/tmp ", " /dev/shm "};
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		elsewhere(own[i].link, argv[4 + i], own[i].missing);
	status_says("\nCapBnd:\t0000000000000000\n", 'b');
	for (size_t i = 0; i < sizeof(tmpfs) / sizeof(tmpfs[0]); i++) {
		if (!find(read_file("/proc/self/mounts"), tmpfs[i]))
			verdict('t');
	}
	/* Our own processes only: PID 1 is the sandbox's, and executes the helper. */
	if (!begins(read_file("/proc/1/comm"), "envseal-sandbox"))
		verdict('P');
	connect_abstract(argv[3]);
}

static void lockdown(char **argv) {
	elsewhere("/proc/self/ns/net", argv[8], 'N');
	if (find(read_file("/proc/self/mounts"), " / ") && call(SYS_creat, (long)argv[2], 0644, 0, 0) >= 0)
		verdict('w');
	/* Landlock alone keeps a descriptor from outside from being opened again. */
	if (call(SYS_open, (long)"/proc/self/fd/0", O_WRONLY, 0, 0) >= 0)
		verdict('L');
	/* seccomp's families: AF_NETLINK of another protocol than route. */
	if (call(SYS_socket, AF_NETLINK, SOCK_RAW, 9, 0) >= 0)
		verdict('f');
	if (!find(read_file("/proc/self/mounts"), " /run tmpfs "))
		verdict('r');
}

__attribute__((used)) static void begin(long *stack) {
	long argc = stack[0];
	char **argv = (char **)(stack + 1);
	if (argc != 10)
		verdict('!');
	/* A descriptor that the caller had open; first, for reading files below leaves some open. */
	if (!same(argv[1], "none") && call(SYS_dup, 7, 0, 0, 0) >= 0)
		verdict('d');
	in_every_tier(argv);
	if (!same(argv[1], "none"))
		hardened(argv);
	if (same(argv[1], "lockdown"))
		lockdown(argv);
	verdict('=');
}

__asm__(".globl _start\n_start:\n\tmov %rsp, %rdi\n\tand $-16, %rsp\n\tcall begin\n");
