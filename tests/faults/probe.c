/*
 * The target of tests/faults/run: writes to standard output everything that it can observe of its
 * isolation and of the things it was given, in words that are the same for each run of the same
 * policy. If two runs differ in a byte, they differ in isolation. It writes secrets in plain only
 * with "say", to test masking.
 *
 * Arguments: a file of the host's that is the caller's, an abstract socket of the host's (without
 * its NUL), a process of the host's with the same ids, "say" or "quiet", the inodes of the host's
 * user, pid, ipc, mnt and net namespaces. Exits with EXIT_AS_USUAL.
 */
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <unistd.h>

#define EXIT_AS_USUAL 42
#define DESCRIPTORS 500
#define SOME_BYTES 65536

static char **arguments;

/* A row of the report: what, and how it went. */
static void row(const char *what, long result) {
	printf("%s: %s\n", what, result < 0 ? strerrorname_np(errno) : "succeeds");
}

static void closing(const char *what, int fd) {
	row(what, fd);
	if (fd >= 0)
		close(fd);
}

/* FNV-1a: says whether two values are the same, and not what they are. */
static uint64_t hash(const char *bytes, size_t size) {
	uint64_t sum = 0xcbf29ce484222325;
	for (size_t i = 0; i < size; i++)
		sum = (sum ^ (unsigned char)bytes[i]) * 0x100000001b3;
	return sum;
}

static size_t read_file(const char *path, char *text, size_t size) {
	size_t used = 0;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	for (ssize_t n;
	     fd >= 0 && used < size - 1 && (n = read(fd, text + used, size - 1 - used)) > 0;)
		used += (size_t)n;
	text[used] = '\0';
	if (fd >= 0)
		close(fd);
	else
		printf("%s: %s\n", path, strerrorname_np(errno));
	return used;
}

static void tell_lines(const char *path, const char *const *wanted, size_t count) {
	static char text[SOME_BYTES];
	read_file(path, text, sizeof(text));
	for (char *next, *line = text; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next != '\0';
		for (size_t i = 0; i < count; i++) {
			if (strncmp(line, wanted[i], strlen(wanted[i])) == 0)
				printf("%.*s", (int)(next - line), line);
		}
	}
}

static void tell_status(void) {
	static const char *const wanted[] = {"Umask",  "Uid",    "Gid",    "Groups",
	                                     "Cap",    "NoNew",  "Secco",  "SigBlk",
	                                     "SigIgn", "SigCgt", "Threads"};
	static const char *const all[] = {""};
	static const char *const maps[] = {"uid_map", "gid_map", "setgroups", "coredump_filter",
	                                   "limits"};
	tell_lines("/proc/self/status", wanted, sizeof(wanted) / sizeof(wanted[0]));
	for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
		char path[64];
		snprintf(path, sizeof(path), "/proc/self/%s", maps[i]);
		printf("%s\n", maps[i]);
		tell_lines(path, all, 1);
	}
	int signal_number = 0;
	printf("dumpable %d, securebits %d", prctl(PR_GET_DUMPABLE), prctl(PR_GET_SECUREBITS));
	prctl(PR_GET_PDEATHSIG, &signal_number);
	printf(", dies with its parent by signal %d, session leader %d\n", signal_number,
	       getsid(0) == getpid());
}

static bool tell_namespaces(void) {
	static const char *const names[] = {"user", "pid", "ipc", "mnt", "net"};
	bool own_mounts = false;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		char path[64];
		struct stat st;
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		bool known = stat(path, &st) == 0;
		bool own = known && st.st_ino != strtoul(arguments[5 + i], NULL, 10);
		printf("%s namespace: %s\n", names[i],
		       !known ? "unknown"
		       : own  ? "its own"
		              : "the host's");
		own_mounts = own_mounts || (own && strcmp(names[i], "mnt") == 0);
	}
	return own_mounts;
}

/* Without what is counted up: ids of mounts, peer groups, devices. */
static void tell_mounts(void) {
	static char text[SOME_BYTES];
	read_file("/proc/self/mountinfo", text, sizeof(text));
	for (char *rest = NULL, *line = strtok_r(text, "\n", &rest); line;
	     line = strtok_r(NULL, "\n", &rest)) {
		char *words = NULL;
		int field = 0;
		for (char *word = strtok_r(line, " ", &words); word;
		     word = strtok_r(NULL, " ", &words)) {
			bool counted = strncmp(word, "shared:", 7) == 0 ||
			               strncmp(word, "master:", 7) == 0;
			if (field++ >= 3)
				printf("%.*s ", counted ? 6 : (int)strlen(word), word);
		}
		printf("mounted\n");
	}
}

static void tell_descriptors(void) {
	for (int fd = 0; fd < DESCRIPTORS; fd++) {
		struct stat st;
		int flags = fcntl(fd, F_GETFL);
		if (flags < 0 || fstat(fd, &st) < 0)
			continue;
		printf("descriptor %d: type %o, flags %o, seals %d\n", fd, st.st_mode & S_IFMT,
		       flags, fcntl(fd, F_GET_SEALS));
	}
}

static void tell_environment(void) {
	static char text[SOME_BYTES];
	for (char **entry = environ; *entry; entry++) {
		const char *value = strchr(*entry, '=');
		printf("%.*s = %zu %016lx", value ? (int)(value - *entry) : 0, *entry,
		       strlen(*entry), (unsigned long)hash(*entry, strlen(*entry)));
		if (value && strncmp(value, "=/proc/self/fd/", 15) == 0) {
			size_t size = read_file(value + 1, text, sizeof(text));
			printf(", a file with %zu %016lx", size, (unsigned long)hash(text, size));
		}
		printf("\n");
	}
}

static void try_files(void) {
	const char *host_file = arguments[1];
	char path[4096], link[256];
	closing("writing to the host's file", open(host_file, O_WRONLY));
	closing("making a file beside it",
	        openat(AT_FDCWD, dirname(strdupa(host_file)), O_TMPFILE | O_WRONLY, 0600));
	snprintf(path, sizeof(path), "%s/host-fifo", dirname(strdupa(host_file)));
	closing("writing to a FIFO", open(path, O_WRONLY | O_NONBLOCK));
	closing("writing to standard input", open("/proc/self/fd/0", O_WRONLY));
	int fd = open("/tmp", O_TMPFILE | O_RDWR, 0600);
	row("making a file in /tmp", fd);
	row("a set-user-ID mode", fchmod(fd, 04700));
	row("an extended attribute", fsetxattr(fd, "user.probe", "x", 1, 0));
	close(fd);
	snprintf(path, sizeof(path), "/proc/%s/exe", arguments[3]);
	row("looking at another process", readlink(path, link, sizeof(link)));
	row("signalling another process", kill(atoi(arguments[3]), 0));
	row("its own limits", setrlimit(RLIMIT_NOFILE, &(struct rlimit){400, 500}));
}

static void try_listening(void) {
	struct sockaddr_in address = {.sin_family = AF_INET,
	                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	row("listening", listen(fd, 1));
	close(fd);
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	address.sin_port = htons(1);
	row("connecting to loopback", connect(fd, (struct sockaddr *)&address, sizeof(address)));
	close(fd);
}

static void try_sockets(void) {
	static const struct {
		int family, type, protocol;
	} kinds[] = {{AF_UNIX, SOCK_STREAM, 0},  {AF_UNIX, SOCK_DGRAM, 0},
	             {AF_NETLINK, SOCK_RAW, 0},  {AF_NETLINK, SOCK_RAW, 9},
	             {AF_INET, SOCK_DGRAM, 0},   {AF_INET6, SOCK_STREAM, 0},
	             {AF_VSOCK, SOCK_STREAM, 0}, {AF_ALG, SOCK_SEQPACKET, 0}};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		char what[64];
		snprintf(what, sizeof(what), "socket %d %d %d", kinds[i].family, kinds[i].type,
		         kinds[i].protocol);
		closing(what,
		        socket(kinds[i].family, kinds[i].type | SOCK_CLOEXEC, kinds[i].protocol));
	}
	size_t size = strlen(arguments[2]);
	memcpy(address.sun_path + 1, arguments[2], size);
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	row("connecting to an abstract socket",
	    connect(fd, (struct sockaddr *)&address,
	            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + size)));
	close(fd);
	try_listening();
}

/* Which keyring it is: the name without the number of a user's or the kernel's own. */
static void try_keyring(void) {
	char text[256] = "";
	long size = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, text,
	                    sizeof(text) - 1);
	printf("session keyring: %s\n", size < 0 ? strerrorname_np(errno) : text);
}

static void try_calls(void) {
	static char nothing[256];
	closing("a memory file", (int)syscall(SYS_memfd_create, "probe", 0));
	closing("io_uring", (int)syscall(SYS_io_uring_setup, 1, nothing));
	closing("bpf", (int)syscall(SYS_bpf, 0, nothing, 0));
	closing("mount context", (int)syscall(SYS_fsopen, "tmpfs", 0));
	row("mounting", mount("probe", "/tmp", "tmpfs", 0, NULL));
	row("message queues", syscall(SYS_mq_unlink, "envseal-faults-none"));
	row("a hostname", sethostname("probe", 5));
	row("becoming root", setuid(0));
}

static void try_child(const char *what, int (*work)(void)) {
	int status = -1;
	pid_t pid = fork();
	if (pid == 0)
		_exit(work());
	if (pid > 0)
		waitpid(pid, &status, 0);
	printf("%s: %x\n", what, (unsigned int)status);
}

static int start_another(void) {
	execl("/bin/true", "true", (char *)NULL);
	return errno;
}

static int make_user_namespace(void) {
	return unshare(CLONE_NEWUSER) < 0 ? errno : 0;
}

static void say_secret(void) {
	const char *secret = getenv("ONE");
	if (strcmp(arguments[4], "say") != 0 || !secret)
		return;
	fflush(stdout);
	printf("to be masked: %s\n", secret);
	fprintf(stderr, "to be masked: %s\n", secret);
}

int main(int argc, char **argv) {
	char directory[4096] = "";
	arguments = argv;
	if (argc != 10) {
		fputs("probe: not its arguments\n", stderr);
		return 1;
	}
	tell_descriptors();
	tell_status();
	if (tell_namespaces())
		tell_mounts();
	tell_environment();
	printf("started in %s\n",
	       getcwd(directory, sizeof(directory)) ? directory : strerrorname_np(errno));
	try_files();
	try_sockets();
	try_keyring();
	try_calls();
	fflush(stdout);
	try_child("another program", start_another);
	try_child("a user namespace", make_user_namespace);
	say_secret();
	return EXIT_AS_USUAL;
}
