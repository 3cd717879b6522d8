/*
 * The kernel's own objects and doors: keyrings, queues, namespaces, mounts, other sets of system
 * calls.
 */
#include "ways.h"

#include <linux/keyctl.h>
#include <linux/perf_event.h>
#include <mqueue.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/fanotify.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/wait.h>

#ifndef SYS_io_uring_setup
#define SYS_io_uring_setup 425
#define SYS_io_uring_enter 426
#define SYS_io_uring_register 427
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#define SYS_move_mount 429
#define SYS_fsopen 430
#define SYS_fspick 433
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

/* A key in a keyring that more than this process has. */
static int add_key(const void *what) {
	return result(
		syscall(SYS_add_key, "user", "envseal-leak", "LEAK", 4L, (long)*(const int *)what));
}

static const int session = KEY_SPEC_SESSION_KEYRING, of_user = KEY_SPEC_USER_KEYRING,
		 of_user_session = KEY_SPEC_USER_SESSION_KEYRING,
		 of_process = KEY_SPEC_PROCESS_KEYRING, of_thread = KEY_SPEC_THREAD_KEYRING;

static int add_key_with_high_bits(const void *what) {
	(void)what;
	return result(syscall(SYS_add_key, "user", "envseal-leak", "LEAK", 4L,
	                      0xffffffffL & KEY_SPEC_SESSION_KEYRING));
}

static int find_key(const void *what) {
	(void)what;
	return result(
		syscall(SYS_keyctl, (long)KEYCTL_GET_KEYRING_ID, (long)*(const int *)what, 1L));
}

static int persistent_keyring(const void *what) {
	(void)what;
	return result(syscall(SYS_keyctl, (long)KEYCTL_GET_PERSISTENT, -1L,
	                      (long)KEY_SPEC_PROCESS_KEYRING));
}

static int new_session_keyring(const void *what) {
	(void)what;
	return result(syscall(SYS_keyctl, (long)KEYCTL_JOIN_SESSION_KEYRING, NULL));
}

/* Looked for in the keyrings, and then asked of a program of the host's. ENOKEY: nobody had it. */
static int request_key(const void *what) {
	(void)what;
	long key = syscall(SYS_request_key, "user", "envseal-leak", NULL, 0L);
	return key >= 0 || errno == ENOKEY ? 0 : -errno;
}

static int send_message(const void *what) {
	struct {
		long type;
		char text[4];
	} message = {1, "LEA"};
	(void)what;
	int queue = msgget((key_t)stage_number("key"), 0);
	return queue < 0 ? -errno : result(msgsnd(queue, &message, 4, IPC_NOWAIT));
}

static int write_shared_memory(const void *what) {
	int id = shmget((key_t)stage_number("key"), 4, 0);
	char *at = id < 0 ? (char *)-1 : shmat(id, NULL, 0);
	(void)what;
	if (at == (char *)-1)
		return -errno;
	memcpy(at, "LEAK", 4);
	return 0;
}

static int raise_semaphore(const void *what) {
	struct sembuf up = {0, 1, 0};
	int id = semget((key_t)stage_number("key"), 1, 0);
	(void)what;
	return id < 0 ? -errno : result(semop(id, &up, 1));
}

static int send_posix_message(const void *what) {
	int flags = *(const int *)what;
	struct mq_attr small = {.mq_maxmsg = 1, .mq_msgsize = 16};
	mqd_t queue = mq_open(stage_text("queue"), flags | O_NONBLOCK, 0600, &small);
	if (queue == (mqd_t)-1)
		return -errno;
	return flags & O_ACCMODE ? result(mq_send(queue, "LEAK", 4, 1)) : 0;
}

static const int sending = O_WRONLY, receiving = O_RDONLY;

static int remove_queue(const void *what) {
	(void)what;
	return result(mq_unlink(stage_text("queue")));
}

static int queue_by_path(const void *what) {
	char path[300];
	(void)what;
	snprintf(path, sizeof(path), "/dev/mqueue%s", stage_text("queue"));
	return result(open(path, O_RDWR | O_CLOEXEC));
}

static int open_shared_memory(const void *what) {
	char name[300];
	snprintf(name, sizeof(name), "%s%s", (const char *)what, stage_text("shared"));
	return leak(open(name, O_WRONLY | O_CLOEXEC));
}

/* In a child that then ends. */
static int unshare_one(const void *what) {
	return result(unshare(*(const int *)what));
}

static int clone_one(const void *what) {
	long pid =
		syscall(SYS_clone, (unsigned long)*(const int *)what | SIGCHLD, 0L, NULL, NULL, 0L);
	if (pid == 0)
		_exit(0);
	return result(pid);
}

static int clone3_one(const void *what) {
	uint64_t arguments[8] = {
		(uint64_t)(unsigned int)*(const int *)what, 0, 0, 0, SIGCHLD, 0, 0, 0};
	long pid = syscall(SYS_clone3, arguments, sizeof(arguments));
	if (pid == 0)
		_exit(0);
	return result(pid);
}

static const int new_user = CLONE_NEWUSER, new_mount = CLONE_NEWNS, new_pid = CLONE_NEWPID,
		 new_net = CLONE_NEWNET, new_ipc = CLONE_NEWIPC, new_uts = CLONE_NEWUTS,
		 new_cgroup = CLONE_NEWCGROUP, new_time = CLONE_NEWTIME,
		 user_and_mount = CLONE_NEWUSER | CLONE_NEWNS, nothing_new = 0;

/*
 * Its own: nothing changes, but the door is open. Root passes; others lack the capability over its
 * owner.
 */
static int enter_namespace(const void *what) {
	int fd = open((const char *)what, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -errno : result(setns(fd, 0));
}

static int mount_tmpfs(const void *what) {
	(void)what;
	if (mount("tmpfs", stage_path("empty"), "tmpfs", 0, NULL) < 0)
		return -errno;
	return result(umount2(stage_path("empty"), MNT_DETACH));
}

static int remount_writable(const void *what) {
	(void)what;
	return result(mount(NULL, stage_path("mount"), NULL, MS_REMOUNT | MS_BIND, NULL));
}

static int unmount(const void *what) {
	(void)what;
	/* Nothing is mounted there: that is seen only after it is known that we may. */
	return umount2(stage_path("empty"), MNT_DETACH) == 0 || errno == EINVAL ? 0 : -errno;
}

static int configure_filesystem(const void *what) {
	(void)what;
	return result(syscall(SYS_fsopen, "tmpfs", 0L));
}

static int pick_filesystem(const void *what) {
	(void)what;
	return result(syscall(SYS_fspick, AT_FDCWD, stage_path("mount"), 0L));
}

static int try_open_tree(const void *what) {
	return result(syscall(SYS_open_tree, AT_FDCWD, stage_path("mount"), *(const long *)what));
}

static const long as_it_is = 0, a_copy = 1 /* OPEN_TREE_CLONE */;

/* On itself, which is refused for its own reason once everything else was right. */
static int try_move_mount(const void *what) {
	(void)what;
	long r = syscall(SYS_move_mount, AT_FDCWD, stage_path("mount"), AT_FDCWD,
	                 stage_path("mount"), 0L);
	return r >= 0 || errno == EINVAL || errno == ELOOP ? 0 : -errno;
}

static int set_mount_attributes(const void *what) {
	uint64_t attributes[4] = {0, 1 /* MOUNT_ATTR_RDONLY */, 0, 0};
	(void)what;
	return result(syscall(SYS_mount_setattr, AT_FDCWD, stage_path("mount"), 0L, attributes,
	                      sizeof(attributes)));
}

static int change_root(const void *what) {
	(void)what;
	return result(chroot(stage_path("empty")));
}

static int pivot(const void *what) {
	(void)what;
	long r = syscall(SYS_pivot_root, stage_path("empty"), stage_path("empty"));
	return r >= 0 || errno == EINVAL || errno == EBUSY ? 0 : -errno;
}

struct handle {
	struct file_handle handle;
	unsigned char bytes[128];
};

static int name_to_handle(const void *what) {
	struct handle file = {.handle = {.handle_bytes = sizeof(file.bytes)}};
	int mount_id;
	(void)what;
	return result(name_to_handle_at(AT_FDCWD, stage_path("kept"), &file.handle, &mount_id, 0));
}

/* Made up. ESTALE: there is just no such file. */
static int open_by_handle(const void *what) {
	struct handle file = {.handle = {.handle_bytes = 8, .handle_type = 1}, .bytes = {2}};
	(void)what;
	int directory = open(stage_path("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = open_by_handle_at(directory, &file.handle, O_RDONLY);
	return fd >= 0 || errno == ESTALE ? 0 : -errno;
}

static int make_ring(const void *what) {
	unsigned int parameters[30] = {0};
	(void)what;
	return result(syscall(SYS_io_uring_setup, 2L, parameters));
}

/* No ring: EBADF is the kernel's answer, not a filter's. */
static int use_ring(const void *what) {
	long r = syscall(*(const long *)what, -1L, 0L, 0L, 0L, 0L, 0L);
	return r >= 0 || errno == EBADF || errno == EINVAL ? 0 : -errno;
}

static const long entering = SYS_io_uring_enter, registering = SYS_io_uring_register;

static int fault_handler(const void *what) {
	(void)what;
	return result(syscall(SYS_userfaultfd, (long)O_CLOEXEC | 1 /* UFFD_USER_MODE_ONLY */));
}

static int make_map(const void *what) {
	struct {
		uint32_t type, key_size, value_size, max_entries;
		uint8_t rest[64];
	} attributes = {2 /* BPF_MAP_TYPE_ARRAY */, 4, 4, 1, {0}};
	(void)what;
	return result(syscall(SYS_bpf, 0L, &attributes, sizeof(attributes)));
}

static int count_events(const void *what) {
	struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE,
	                                .size = sizeof(event),
	                                .config = PERF_COUNT_SW_TASK_CLOCK};
	(void)what;
	return result(syscall(SYS_perf_event_open, &event, 0L, -1L, -1L, 0L));
}

static int watch_files(const void *what) {
	(void)what;
	return result(syscall(SYS_fanotify_init, 0x200L /* FAN_REPORT_FID */, (long)O_RDONLY));
}

static int read_log(const void *what) {
	(void)what;
	return result(syscall(SYS_syslog, 10L /* size of the buffer */, NULL, 0L));
}

static int name_host(const void *what) {
	char name[256];
	(void)what;
	return gethostname(name, sizeof(name)) < 0 ? -errno
	                                           : result(sethostname(name, strlen(name)));
}

/* Not a module: the kernel looks only after it has asked who we are. */
static int load_module(const void *what) {
	(void)what;
	long r = syscall(SYS_init_module, "LEAK", 4L, "");
	return r >= 0 || errno == ENOEXEC ? 0 : -errno;
}

static int remove_module(const void *what) {
	(void)what;
	long r = syscall(SYS_delete_module, "envseal-there-is-none", (long)O_NONBLOCK);
	return r >= 0 || errno == ENOENT ? 0 : -errno;
}

static int swap_off(const void *what) {
	(void)what;
	long r = syscall(SYS_swapoff, stage_path("kept"));
	return r >= 0 || errno == EINVAL ? 0 : -errno;
}

#if defined(__x86_64__)
static sigjmp_buf before_gate;

static void no_gate(int number) {
	(void)number;
	siglongjmp(before_gate, 1);
}

/*
 * The 32-bit door: getpid there is 20. The filters know another set of numbers. Where the host has
 * no such gate (a paravirtualised kernel's), the processor answers with a fault.
 */
static int old_call(const void *what) {
	long r;
	(void)what;
	signal(SIGSEGV, no_gate);
	if (sigsetjmp(before_gate, 1) != 0)
		return -ENOSYS;
	__asm__ volatile("int $0x80" : "=a"(r) : "a"(20L) : "memory", "r8", "r9", "r10", "r11");
	return r > 0 ? 0 : -ENOSYS;
}

static int x32_call(const void *what) {
	(void)what;
	return result(syscall(0x40000000L | SYS_getpid));
}

static int port_access(const void *what) {
	(void)what;
	return result(syscall(SYS_iopl, 3L));
}
#endif

/* clang-format off */
static const struct way ways[] = {
	{"key-session", BOTH, add_key, &session},
	{"key-user", BOTH, add_key, &of_user},
	{"key-user-session", BOTH, add_key, &of_user_session},
	{"key-process", BOTH, add_key, &of_process},
	{"key-thread", BOTH, add_key, &of_thread},
	{"key-high-bits", BOTH, add_key_with_high_bits, NULL},
	{"keyring-session", BOTH, find_key, &session},
	{"keyring-user", BOTH, find_key, &of_user},
	{"keyring-persistent", BOTH | MAYBE, persistent_keyring, NULL},
	{"keyring-join", BOTH, new_session_keyring, NULL},
	{"request-key", BOTH, request_key, NULL},
	{"sysv-queue", BOTH | SEEN, send_message, NULL},
	{"sysv-memory", BOTH | SEEN, write_shared_memory, NULL},
	{"sysv-semaphore", BOTH | SEEN, raise_semaphore, NULL},
	{"posix-queue", BOTH | SEEN, send_posix_message, &sending},
	{"posix-queue-receive", BOTH, send_posix_message, &receiving},
	{"posix-queue-unlink", BOTH | SEEN, remove_queue, NULL},
	{"posix-queue-path", LOCKDOWN | MAYBE, queue_by_path, NULL},
	{"posix-memory", BOTH | SEEN, open_shared_memory, "/dev/shm/"},
	{"posix-semaphore", BOTH | SEEN, open_shared_memory, "/dev/shm/sem."},
	{"private-tmp", BOTH | SEEN, open_shared_memory, "/tmp/"},
	{"private-var-tmp", BOTH | SEEN, open_shared_memory, "/var/tmp/"},
	{"unshare-user", BOTH | MAYBE, unshare_one, &new_user},
	{"unshare-user-mount", BOTH | MAYBE, unshare_one, &user_and_mount},
	{"unshare-mount", BOTH | ROOT, unshare_one, &new_mount},
	{"unshare-pid", BOTH | ROOT, unshare_one, &new_pid},
	{"unshare-net", BOTH | ROOT, unshare_one, &new_net},
	{"unshare-ipc", BOTH | ROOT, unshare_one, &new_ipc},
	{"unshare-uts", BOTH | ROOT, unshare_one, &new_uts},
	{"unshare-cgroup", BOTH | ROOT, unshare_one, &new_cgroup},
	{"unshare-time", BOTH | ROOT | MAYBE, unshare_one, &new_time},
	{"clone-user", BOTH | MAYBE, clone_one, &new_user},
	{"clone-user-mount", BOTH | MAYBE, clone_one, &user_and_mount},
	{"clone-mount", BOTH | ROOT, clone_one, &new_mount},
	{"clone-net", BOTH | ROOT, clone_one, &new_net},
	{"clone3-user", BOTH | MAYBE, clone3_one, &new_user},
	{"clone3", BOTH | MAYBE, clone3_one, &nothing_new},
	{"setns-mount", BOTH | ROOT, enter_namespace, "/proc/self/ns/mnt"},
	{"setns-net", BOTH | ROOT, enter_namespace, "/proc/self/ns/net"},
	{"setns-ipc", BOTH | ROOT, enter_namespace, "/proc/self/ns/ipc"},
	{"setns-pid", BOTH | ROOT, enter_namespace, "/proc/self/ns/pid"},
	{"mount", BOTH | ROOT, mount_tmpfs, NULL},
	{"remount", BOTH | ROOT, remount_writable, NULL},
	{"umount", BOTH | ROOT, unmount, NULL},
	{"fsopen", BOTH | ROOT, configure_filesystem, NULL},
	{"fspick", BOTH | ROOT, pick_filesystem, NULL},
	{"open-tree", BOTH | MAYBE, try_open_tree, &as_it_is},
	{"open-tree-clone", BOTH | ROOT, try_open_tree, &a_copy},
	{"move-mount", BOTH | ROOT, try_move_mount, NULL},
	{"mount-setattr", BOTH | ROOT | MAYBE, set_mount_attributes, NULL},
	{"chroot", BOTH | ROOT, change_root, NULL},
	{"pivot-root", BOTH | ROOT, pivot, NULL},
	{"name-to-handle", BOTH | MAYBE, name_to_handle, NULL},
	{"open-by-handle", BOTH | ROOT | MAYBE, open_by_handle, NULL},
	{"io-uring", BOTH | MAYBE, make_ring, NULL},
	{"io-uring-enter", BOTH | MAYBE, use_ring, &entering},
	{"io-uring-register", BOTH | MAYBE, use_ring, &registering},
	{"userfaultfd", BOTH | SURFACE | MAYBE, fault_handler, NULL},
	{"bpf", BOTH | ROOT | MAYBE, make_map, NULL},
	{"perf", BOTH | ROOT | MAYBE, count_events, NULL},
	{"fanotify", BOTH | SURFACE | MAYBE, watch_files, NULL},
	{"syslog", BOTH | ROOT | MAYBE, read_log, NULL},
	{"sethostname", BOTH | ROOT, name_host, NULL},
	{"init-module", BOTH | ROOT | MAYBE, load_module, NULL},
	{"delete-module", BOTH | ROOT | MAYBE, remove_module, NULL},
	{"swapoff", BOTH | ROOT | MAYBE, swap_off, NULL},
#if defined(__x86_64__)
	{"i386", BOTH | MAYBE, old_call, NULL},
	{"x32", BOTH | MAYBE, x32_call, NULL},
	{"iopl", BOTH | ROOT | MAYBE, port_access, NULL},
#endif
};
/* clang-format on */

const struct topic kernel_topic = {"kernel", ways, COUNT(ways)};
