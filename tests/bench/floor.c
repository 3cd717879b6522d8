/*
 * floor TIER COMMAND [ARG...]
 *
 * The floor of `make bench`: the least C that puts a command into the namespaces and mounts of a
 * tier. It has no policy, hash, vault or filter, and checks nothing against an adversary. The time
 * that envseal-exec needs above this floor is the cost of its work. Not installed, and no sandbox
 * to rely on.
 *
 * When a tier of envseal gains or loses namespaces or mounts, change this program too; otherwise
 * the ratios compare different things.
 */

#include "util/cleanup.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define EXIT_FAILED 125 /* as envseal-exec: not the command's own status */

struct tier {
	const char *name;
	uint64_t namespaces;
	void (*enter)(void); /* in the new namespaces, as PID 1 */
};

/* A mount of a new filesystem. */
struct fresh {
	const char *target;
	const char *type;
	unsigned long flags;
	const char *options;
};

static void must(int result, const char *step) {
	if (result >= 0)
		return;
	fprintf(stderr, "floor: %s: %s\n", step, strerror(errno));
	_exit(EXIT_FAILED);
}

static void mount_fresh(const struct fresh *fresh, size_t count) {
	for (size_t i = 0; i < count; i++)
		must(mount(fresh[i].type, fresh[i].target, fresh[i].type, fresh[i].flags,
		           fresh[i].options),
		     fresh[i].target);
}

static void write_file(const char *path, const char *text) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	must(fd, path);
	must((int)write(fd, text, strlen(text)), path);
	close(fd);
}

/*
 * One id, onto itself: the only map that an ordinary user may write for his own namespace, and then
 * only after giving up setgroups(2) (user_namespaces(7)).
 */
static void map_identity(uid_t uid, gid_t gid) {
	char line[64];
	write_file("/proc/self/setgroups", "deny");
	snprintf(line, sizeof(line), "%u %u 1\n", uid, uid);
	write_file("/proc/self/uid_map", line);
	snprintf(line, sizeof(line), "%u %u 1\n", gid, gid);
	write_file("/proc/self/gid_map", line);
}

#define TMPFS_FLAGS (MS_NOSUID | MS_NODEV)
#define TMPFS_OPTIONS "size=256m,mode=1777"
#define PROC_FLAGS (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static void enter_hardened(void) {
	static const struct fresh mounts[] = {
		{"/proc", "proc", PROC_FLAGS, NULL},
		{"/tmp", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
		{"/var/tmp", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
		{"/dev/shm", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
	};
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "propagation");
	mount_fresh(mounts, ARRAY_SIZE(mounts));
}

/* mount_setattr(2): the one call that reaches every submount; glibc has it from 2.36 on. */
static void make_root_read_only(void) {
	struct {
		uint64_t attr_set;
		uint64_t attr_clr;
		uint64_t propagation;
		uint64_t userns_fd;
	} attributes = {.attr_set = 1 /* MOUNT_ATTR_RDONLY */};
	must((int)syscall(SYS_mount_setattr, AT_FDCWD, "/", 0x8000U /* AT_RECURSIVE */, &attributes,
	                  sizeof(attributes)),
	     "read-only root");
}

static void bring_loopback_up(void) {
	struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	must(fd, "socket for loopback");
	must(ioctl(fd, SIOCSIFFLAGS, &request), "loopback");
	close(fd);
}

/*
 * The new /dev is put together on the fresh /run, while the host's is still in sight, then moved.
 */
#define STAGE "/run/dev"

static void bind_devices(void) {
	static const char *const devices[] = {"null", "zero", "full", "random", "urandom", "tty"};
	for (size_t i = 0; i < ARRAY_SIZE(devices); i++) {
		char from[32], to[32];
		snprintf(from, sizeof(from), "/dev/%s", devices[i]);
		snprintf(to, sizeof(to), STAGE "/%s", devices[i]);
		must(mknod(to, S_IFREG | 0666, 0), to);
		must(mount(from, to, NULL, MS_BIND, NULL), from);
	}
}

static void link_devices(void) {
	static const char *const links[][2] = {
		{"pts/ptmx", STAGE "/ptmx"},          {"/proc/self/fd", STAGE "/fd"},
		{"/proc/self/fd/0", STAGE "/stdin"},  {"/proc/self/fd/1", STAGE "/stdout"},
		{"/proc/self/fd/2", STAGE "/stderr"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		must(symlink(links[i][0], links[i][1]), links[i][1]);
}

static void replace_dev(void) {
	static const struct fresh dev = {STAGE, "tmpfs", MS_NOSUID | MS_NOEXEC,
	                                 "size=64k,mode=755"};
	static const struct fresh inside[] = {
		{STAGE "/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	         "newinstance,ptmxmode=0666,mode=620"},
		{STAGE "/shm", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
	};
	must(mkdir(STAGE, 0755), STAGE);
	mount_fresh(&dev, 1);
	bind_devices();
	link_devices();
	for (size_t i = 0; i < ARRAY_SIZE(inside); i++)
		must(mkdir(inside[i].target, 0755), inside[i].target);
	mount_fresh(inside, ARRAY_SIZE(inside));
	must(mount(STAGE, "/dev", NULL, MS_MOVE, NULL), "/dev");
	must(rmdir(STAGE), STAGE);
}

/* Read-only first: what is mounted after that stays writable. */
static void enter_lockdown(void) {
	static const struct fresh mounts[] = {
		{"/proc", "proc", PROC_FLAGS, NULL},
		{"/tmp", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
		{"/var/tmp", "tmpfs", TMPFS_FLAGS, TMPFS_OPTIONS},
		{"/run", "tmpfs", TMPFS_FLAGS, "size=256m,mode=755"},
	};
	must(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "propagation");
	make_root_read_only();
	bring_loopback_up();
	mount_fresh(mounts, ARRAY_SIZE(mounts));
	replace_dev();
	must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs");
}

#define HARDENED_NAMESPACES (CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWNS)

static const struct tier tiers[] = {
	{"none", 0, NULL},
	{"hardened", HARDENED_NAMESPACES, enter_hardened},
	{"lockdown", HARDENED_NAMESPACES | CLONE_NEWNET, enter_lockdown},
};

static const struct tier *find_tier(const char *name) {
	for (size_t i = 0; i < ARRAY_SIZE(tiers); i++)
		if (strcmp(tiers[i].name, name) == 0)
			return &tiers[i];
	return NULL;
}

static _Noreturn void become(char **argv) {
	execv(argv[0], argv);
	must(-1, argv[0]);
	abort();
}

static int exit_status(int wait_status) {
	return WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
}

/* Waits for everything there is to wait for; the status is that of `pid`. */
static int reap(pid_t pid) {
	int status = 0, result = EXIT_FAILED;
	for (;;) {
		pid_t ended = wait(&status);
		if (ended == pid)
			result = exit_status(status);
		else if (ended < 0 && errno != EINTR)
			return result;
	}
}

static _Noreturn void init(const struct tier *tier, uid_t uid, gid_t gid, char **argv) {
	map_identity(uid, gid);
	tier->enter();
	pid_t pid = fork();
	must(pid, "fork");
	if (pid == 0)
		become(argv);
	_exit(reap(pid));
}

int main(int argc, char **argv) {
	const struct tier *tier = argc > 2 ? find_tier(argv[1]) : NULL;
	if (!tier) {
		fputs("usage: floor none|hardened|lockdown COMMAND [ARG...]\n", stderr);
		return EXIT_FAILED;
	}
	if (!tier->enter)
		become(argv + 2);
	uid_t uid =
		geteuid(); /* asked here: inside, before the map, both would be the overflow id */
	gid_t gid = getegid();
	pid_t pid = (pid_t)syscall(SYS_clone, tier->namespaces | SIGCHLD, NULL, NULL, NULL, 0UL);
	must(pid, "clone");
	if (pid == 0)
		init(tier, uid, gid, argv + 2);
	return reap(pid);
}
