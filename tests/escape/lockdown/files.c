/*
 * The host's files, devices and kernel's file systems: every call that changes something, by path
 * and by descriptor.
 */
#include "ways.h"

#include <linux/fs.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <sys/xattr.h>

#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

static int open_flags(const char *name, int flags) {
	return open(stage_path(name), flags | O_CLOEXEC | O_NONBLOCK, 0644);
}

static int write_with(const void *what) {
	return leak(open_flags("kept", *(const int *)what));
}

static int make_with(const void *what) {
	return leak(open_flags("new", *(const int *)what));
}

static const int for_writing = O_WRONLY, for_both = O_RDWR, for_appending = O_WRONLY | O_APPEND,
		 creating = O_WRONLY | O_CREAT, only = O_WRONLY | O_CREAT | O_EXCL;

/* Opening it is all: Linux empties what is opened for reading. */
static int empty(const void *what) {
	(void)what;
	return result(open_flags("kept", O_RDONLY | O_TRUNC));
}

static int write_openat2(const void *what) {
	struct {
		uint64_t flags, mode, resolve;
	} how = {O_WRONLY, 0, 0};
	(void)what;
	return leak((int)syscall(SYS_openat2, AT_FDCWD, stage_path("kept"), &how, sizeof(how)));
}

/* By another road to the same file. */
static int write_by(const void *what) {
	char path[4200];
	snprintf(path, sizeof(path), "%s%s", (const char *)what, stage_path("kept"));
	return leak(open(path, O_WRONLY | O_CLOEXEC));
}

/* Outside the stage's root, inside that of the sandbox's PID 1. */
static int write_by_parent(const void *what) {
	char root[64];
	long stage = stage_number("stage");
	(void)what;
	snprintf(root, sizeof(root), "/proc/%ld/root", stage);
	if (access(root, F_OK) < 0 && errno == ENOENT)
		strcpy(root, "/proc/1/root");
	return write_by(root);
}

static int write_below_cwd(const void *what) {
	(void)what;
	if (chdir(stage_path(".")) < 0)
		return -errno;
	return leak(open("/proc/self/cwd/kept", O_WRONLY | O_CLOEXEC));
}

static int reopen(const void *what) {
	char path[64];
	int fd = open_flags("kept", *(const int *)what);
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return leak(open(path, O_WRONLY | O_CLOEXEC));
}

static const int as_path = O_PATH, reading = O_RDONLY;

static int write_below_path_descriptor(const void *what) {
	(void)what;
	int directory = open(stage_path("."), O_PATH | O_DIRECTORY | O_CLOEXEC);
	return directory < 0 ? -errno : leak(openat(directory, "kept", O_WRONLY | O_CLOEXEC));
}

static int map_shared(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_RDWR);
	if (fd < 0)
		return -errno;
	char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	if (page == MAP_FAILED)
		return -errno;
	memcpy(page, "LEAK", 4);
	return result(msync(page, 4096, MS_SYNC));
}

static int map_shared_later(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_RDONLY);
	char *page = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
	if (fd < 0 || page == MAP_FAILED)
		return -errno;
	/*
	 * Works nowhere: the descriptor only reads. A file of one's own could be opened to write,
	 * though.
	 */
	if (mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0)
		memcpy(page, "LEAK", 4);
	return map_shared(NULL);
}

static int send_file(const void *what) {
	(void)what;
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = open_flags("kept", O_WRONLY);
	return to < 0 ? -errno : result(sendfile(to, from, NULL, 16));
}

static int splice_into(const void *what) {
	int ends[2], to = open_flags("kept", O_WRONLY);
	(void)what;
	if (to < 0 || pipe(ends) < 0 || write(ends[1], "LEAK", 4) < 0)
		return -errno;
	return result(splice(ends[0], NULL, to, NULL, 4, 0));
}

static int allocate(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_WRONLY);
	return fd < 0 ? -errno : result(fallocate(fd, 0, 0, 8192));
}

static int cut(const void *what) {
	(void)what;
	return result(truncate(stage_path("kept"), 1));
}

static int make_directory(const void *what) {
	(void)what;
	return result(mkdir(stage_path("new"), 0755));
}

static int make_link(const void *what) {
	(void)what;
	return result(link(stage_path("kept"), stage_path("new")));
}

static int make_symlink(const void *what) {
	(void)what;
	return result(symlink("LEAK", stage_path("new")));
}

static int make_node(const void *what) {
	return result(mknod(stage_path("new"), *(const mode_t *)what | 0600, makedev(1, 3)));
}

static const mode_t a_fifo = S_IFIFO, a_socket = S_IFSOCK, a_device = S_IFCHR, a_file = S_IFREG;

static int make_nameless(const void *what) {
	char path[64];
	int fd = open(stage_path("."), O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
	(void)what;
	if (fd < 0)
		return -errno;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return result(linkat(AT_FDCWD, path, AT_FDCWD, stage_path("new"), AT_SYMLINK_FOLLOW));
}

static int bind_socket(const void *what) {
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	(void)what;
	/* A pair's end: the only Unix socket that lockdown lets be made. */
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) < 0)
		return -errno;
	if (chdir(stage_path(".")) < 0)
		return -errno;
	strcpy(address.sun_path, "new");
	return result(bind(pair[0], (struct sockaddr *)&address, sizeof(address)));
}

static int remove_file(const void *what) {
	(void)what;
	return result(unlink(stage_path("kept")));
}

static int remove_directory(const void *what) {
	(void)what;
	return result(rmdir(stage_path("empty")));
}

static int rename_with(const void *what) {
	unsigned int flags = *(const unsigned int *)what;
	const char *to = flags ? "empty" : "new";
	return result(renameat2(AT_FDCWD, stage_path("kept"), AT_FDCWD, stage_path(to), flags));
}

static const unsigned int plainly = 0, exchanging = RENAME_EXCHANGE;

static int change_mode(const void *what) {
	(void)what;
	return result(chmod(stage_path("kept"), 0640));
}

static int change_mode_by_descriptor(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_RDONLY);
	return fd < 0 ? -errno : result(fchmod(fd, 0640));
}

static int change_mode_at(const void *what) {
	(void)what;
	return result(
		syscall(SYS_fchmodat2, AT_FDCWD, stage_path("kept"), 0640, AT_SYMLINK_NOFOLLOW));
}

static int change_mode_by_link(const void *what) {
	char path[64];
	int fd = open_flags("kept", O_PATH);
	(void)what;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return result(chmod(path, 0640));
}

static int change_owner(const void *what) {
	(void)what;
	return result(chown(stage_path("kept"), getuid(), getgid()));
}

static const struct timespec long_ago[2] = {{12345, 678}, {54321, 987}};

static int change_times(const void *what) {
	(void)what;
	return result(utimensat(AT_FDCWD, stage_path("kept"), long_ago, 0));
}

static int change_times_by_descriptor(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_RDONLY);
	return fd < 0 ? -errno : result(futimens(fd, long_ago));
}

static int change_times_to_now(const void *what) {
	(void)what;
	return result(utimensat(AT_FDCWD, stage_path("kept"), NULL, 0));
}

/* Reading is allowed, and must leave no mark: the stage looks at the time of access. */
static int touch_by_reading(const void *what) {
	char byte;
	(void)what;
	int fd = open_flags("kept", O_RDONLY);
	return fd < 0 || read(fd, &byte, 1) != 1 ? -errno : 0;
}

static int set_attribute(const void *what) {
	(void)what;
	return result(setxattr(stage_path("kept"), "user.leak", "LEAK", 4, 0));
}

static int set_attribute_by_descriptor(const void *what) {
	(void)what;
	int fd = open_flags("kept", O_RDONLY);
	return fd < 0 ? -errno : result(fsetxattr(fd, "user.leak", "LEAK", 4, 0));
}

static int remove_attribute(const void *what) {
	(void)what;
	return result(removexattr(stage_path("kept"), "user.kept"));
}

static int set_flags(const void *what) {
	int flags = FS_NODUMP_FL, fd = open_flags("kept", O_RDONLY);
	(void)what;
	return fd < 0 ? -errno : result(ioctl(fd, FS_IOC_SETFLAGS, &flags));
}

static int set_project(const void *what) {
	struct fsxattr attributes = {0};
	int fd = open_flags("kept", O_RDONLY);
	(void)what;
	if (fd < 0 || ioctl(fd, FS_IOC_FSGETXATTR, &attributes) < 0)
		return -errno;
	attributes.fsx_xflags |= FS_XFLAG_NODUMP;
	return result(ioctl(fd, FS_IOC_FSSETXATTR, &attributes));
}

static int write_fifo(const void *what) {
	return leak(open_flags("fifo", *(const int *)what));
}

/* A file, or a device, that is opened for writing and then left alone. */
static int opens(const void *what) {
	int fd = open((const char *)what, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	return result(fd);
}

static int write_terminal(const void *what) {
	(void)what;
	return leak(open(stage_text("terminal"), O_WRONLY | O_NOCTTY | O_CLOEXEC));
}

/* A new terminal where the host's are. */
static int make_terminal(const void *what) {
	struct stat st;
	int fd = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC);
	(void)what;
	if (fd < 0 || stat("/dev/pts/ptmx", &st) < 0)
		return -errno;
	return (long)st.st_dev == stage_number("terminals") ? 0 : -ENOENT;
}

static bool own(const char *path) {
	static const char *const trees[] = {"/tmp", "/var/tmp", "/dev/shm", "/run"};
	for (size_t i = 0; i < COUNT(trees); i++) {
		if (strcmp(path, trees[i]) == 0)
			return true;
	}
	return false;
}

/* Makes and removes a directory at a mount's top; opens it for writing where it is a file. */
static bool writable_mount(const char *path) {
	char name[4200];
	struct stat st;
	if (stat(path, &st) < 0 || S_ISCHR(st.st_mode))
		return false;
	if (!S_ISDIR(st.st_mode))
		return opens(path) == 0;
	snprintf(name, sizeof(name), "%s/envseal-%d", path, (int)getpid());
	return mkdir(name, 0700) == 0 && rmdir(name) == 0;
}

/* Every mount, but for those that are a sandbox's own. */
static int write_mounts(const void *what) {
	char line[4096], path[4096];
	int r = -EROFS;
	FILE *mounts = fopen("/proc/self/mountinfo", "re");
	(void)what;
	while (mounts && fgets(line, sizeof(line), mounts)) {
		if (sscanf(line, "%*s %*s %*s %*s %4095s", path) != 1 || own(path) ||
		    !writable_mount(path))
			continue;
		fprintf(stderr, "the mount at %s is writable\n", path);
		r = 0;
	}
	return r;
}

static int write_submount(const void *what) {
	return leak(open_flags((const char *)what, O_WRONLY | O_CREAT));
}

static const struct way ways[] = {
	{"write", LOCKDOWN | SEEN, write_with, &for_writing},
	{"write-rdwr", LOCKDOWN | SEEN, write_with, &for_both},
	{"append", LOCKDOWN | SEEN, write_with, &for_appending},
	{"open-truncating", LOCKDOWN | SEEN, empty, NULL},
	{"openat2", LOCKDOWN | SEEN, write_openat2, NULL},
	{"proc-self-root", LOCKDOWN | SEEN, write_by, "/proc/self/root"},
	{"proc-parent-root", LOCKDOWN | SEEN, write_by_parent, NULL},
	{"proc-thread-root", LOCKDOWN | SEEN, write_by, "/proc/thread-self/root"},
	{"proc-self-cwd", LOCKDOWN | SEEN, write_below_cwd, NULL},
	{"reopen-read-only", LOCKDOWN | SEEN, reopen, &reading},
	{"reopen-path", LOCKDOWN | SEEN, reopen, &as_path},
	{"openat-path-descriptor", LOCKDOWN | SEEN, write_below_path_descriptor, NULL},
	{"mmap-shared", LOCKDOWN | SEEN, map_shared, NULL},
	{"mmap-shared-later", LOCKDOWN | SEEN, map_shared_later, NULL},
	{"sendfile", LOCKDOWN | SEEN, send_file, NULL},
	{"splice", LOCKDOWN | SEEN, splice_into, NULL},
	{"fallocate", LOCKDOWN | SEEN | MAYBE, allocate, NULL},
	{"truncate", LOCKDOWN | SEEN, cut, NULL},
	{"create", LOCKDOWN | SEEN, make_with, &creating},
	{"create-exclusive", LOCKDOWN | SEEN, make_with, &only},
	{"mkdir", LOCKDOWN | SEEN, make_directory, NULL},
	{"link", LOCKDOWN | SEEN, make_link, NULL},
	{"symlink", LOCKDOWN | SEEN, make_symlink, NULL},
	{"mknod-file", LOCKDOWN | SEEN, make_node, &a_file},
	{"mknod-fifo", LOCKDOWN | SEEN, make_node, &a_fifo},
	{"mknod-socket", LOCKDOWN | SEEN, make_node, &a_socket},
	{"mknod-device", LOCKDOWN | SEEN | ROOT, make_node, &a_device},
	{"tmpfile-linkat", LOCKDOWN | SEEN | MAYBE, make_nameless, NULL},
	{"bind-path", LOCKDOWN | SEEN, bind_socket, NULL},
	{"unlink", LOCKDOWN | SEEN, remove_file, NULL},
	{"rmdir", LOCKDOWN | SEEN, remove_directory, NULL},
	{"rename", LOCKDOWN | SEEN, rename_with, &plainly},
	{"rename-exchange", LOCKDOWN | SEEN | MAYBE, rename_with, &exchanging},
	{"chmod", LOCKDOWN | SEEN, change_mode, NULL},
	{"fchmod", LOCKDOWN | SEEN, change_mode_by_descriptor, NULL},
	{"fchmodat2", LOCKDOWN | SEEN | MAYBE, change_mode_at, NULL},
	{"chmod-by-link", LOCKDOWN | SEEN, change_mode_by_link, NULL},
	{"chown", LOCKDOWN | SEEN, change_owner, NULL},
	{"utimensat", LOCKDOWN | SEEN, change_times, NULL},
	{"futimens", LOCKDOWN | SEEN, change_times_by_descriptor, NULL},
	{"utimensat-now", LOCKDOWN | SEEN, change_times_to_now, NULL},
	{"setxattr", LOCKDOWN | SEEN | MAYBE, set_attribute, NULL},
	{"fsetxattr", LOCKDOWN | SEEN | MAYBE, set_attribute_by_descriptor, NULL},
	{"removexattr", LOCKDOWN | SEEN | MAYBE, remove_attribute, NULL},
	{"ioctl-setflags", LOCKDOWN | SEEN | MAYBE, set_flags, NULL},
	{"ioctl-fssetxattr", LOCKDOWN | SEEN | MAYBE, set_project, NULL},
	{"fifo", LOCKDOWN | SEEN, write_fifo, &for_writing},
	{"fifo-rdwr", LOCKDOWN | SEEN, write_fifo, &for_both},
	{"other-terminal", LOCKDOWN | SEEN, write_terminal, NULL},
	{"new-host-terminal", LOCKDOWN, make_terminal, NULL},
	{"mounts", LOCKDOWN | ROOT, write_mounts, NULL},
	{"submount", LOCKDOWN | SEEN | ROOT, write_submount, "mount/new"},
	{"submount-of-submount", LOCKDOWN | SEEN | ROOT, write_submount, "mount/below/new"},
	{"bind-mount", LOCKDOWN | SEEN | ROOT, write_submount, "bound/new"},
	{"dev-kmsg", LOCKDOWN | ROOT | MAYBE, opens, "/dev/kmsg"},
	{"dev-mem", LOCKDOWN | ROOT | MAYBE, opens, "/dev/mem"},
	{"dev-fuse", LOCKDOWN | MAYBE, opens, "/dev/fuse"},
	{"dev-console", LOCKDOWN | ROOT | MAYBE, opens, "/dev/console"},
	{"sysfs", LOCKDOWN | ROOT | MAYBE, opens, "/sys/kernel/mm/ksm/run"},
	{"cgroup", LOCKDOWN | ROOT | MAYBE, opens, "/sys/fs/cgroup/cgroup.procs"},
	{"uevent-helper", LOCKDOWN | ROOT | MAYBE, opens, "/sys/kernel/uevent_helper"},
	{"core-pattern", LOCKDOWN | ROOT, opens, "/proc/sys/kernel/core_pattern"},
	{"modprobe-path", LOCKDOWN | ROOT | MAYBE, opens, "/proc/sys/kernel/modprobe"},
	{"binfmt-misc", LOCKDOWN | ROOT | MAYBE, opens, "/proc/sys/fs/binfmt_misc/register"},
	{"net-sysctl", LOCKDOWN | ROOT, opens, "/proc/sys/net/ipv4/ip_forward"},
	{"sysrq", LOCKDOWN | ROOT | MAYBE, opens, "/proc/sysrq-trigger"},
	{"autogroup", LOCKDOWN | MAYBE, opens, "/proc/self/autogroup"},
	{"time-of-access", LOCKDOWN | SEEN | MARK | MAYBE, touch_by_reading, NULL},
	{"oom-score", LOCKDOWN, opens, "/proc/self/oom_score_adj"},
};

const struct topic files_topic = {"files", ways, COUNT(ways)};
