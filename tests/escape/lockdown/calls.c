/*
 * Requests of ioctl, fcntl and prctl, and calls whose effects outlast the program or are visible to
 * others.
 */
#include "ways.h"

#include <linux/aio_abi.h>
#include <linux/filter.h>
#include <linux/fs.h>
#include <linux/fscrypt.h>
#include <linux/landlock.h>
#include <linux/mempolicy.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>

#ifndef SYS_landlock_create_ruleset
#define SYS_landlock_create_ruleset 444
#define SYS_landlock_restrict_self 446
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
#ifndef SYS_lsm_set_self_attr
#define SYS_lsm_set_self_attr 460
#endif

/* Lets every call pass, and has the kernel write getppid, with the program's name, into its log. */
static const struct sock_filter logging[] = {
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_LOG),
	BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
};

static const struct sock_fprog filter = {COUNT(logging), (struct sock_filter *)logging};

static int filter_itself(const void *what) {
	(void)what;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return result(syscall(SYS_seccomp, (long)SECCOMP_SET_MODE_FILTER, 0L, &filter));
}

static int filter_itself_by_prctl(const void *what) {
	(void)what;
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return result(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0));
}

/* A domain's refusals go to the audit log, with the path that was refused. */
static int domain_of_its_own(const void *what) {
	struct landlock_ruleset_attr attr = {.handled_access_fs = LANDLOCK_ACCESS_FS_MAKE_BLOCK};
	(void)what;
	int ruleset = (int)syscall(SYS_landlock_create_ruleset, &attr, sizeof(attr), 0L);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return ruleset < 0 ? -errno
	                   : result(syscall(SYS_landlock_restrict_self, (long)ruleset, 0L));
}

static void *map_kept(void) {
	int fd = open(stage_path("kept"), O_RDONLY | O_CLOEXEC);
	return mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
}

/* On a tmpfs the policy is the file's, and stays when the program has ended. */
static int bind_memory(const void *what) {
	unsigned long first = 1;
	(void)what;
	return result(syscall(SYS_mbind, map_kept(), 4096L, (long)MPOL_BIND, &first, 2L, 0L));
}

static int prefer_memory(const void *what) {
	(void)what;
	return result(syscall(SYS_set_mempolicy, (long)MPOL_DEFAULT, NULL, 0L));
}

static int migrate(const void *what) {
	unsigned long first = 1;
	(void)what;
	return result(syscall(SYS_migrate_pages, 0L, 2L, &first, &first));
}

static int move(const void *what) {
	void *page = map_kept();
	int node = 0, status;
	(void)what;
	return result(syscall(SYS_move_pages, 0L, 1L, &page, &node, &status, 0L));
}

/* The host counts them: /proc/sys/fs/aio-nr. */
static int asynchronous_input(const void *what) {
	aio_context_t context = 0;
	(void)what;
	return result(syscall(SYS_io_setup, 1L, &context));
}

static int merge_memory(const void *what) {
	void *at = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	(void)what;
	return result(madvise(at, 4096, MADV_MERGEABLE));
}

static int merge_all_memory(const void *what) {
	(void)what;
	return result(prctl(67 /* PR_SET_MEMORY_MERGE */, 1, 0, 0, 0));
}

/* Others who open the file wait until it is let go. */
static int lease(const void *what) {
	(void)what;
	return result(fcntl(open(stage_path("kept"), O_RDONLY | O_CLOEXEC), F_SETLEASE, F_RDLCK));
}

static int hint(const void *what) {
	uint64_t value = 2;
	(void)what;
	return result(fcntl(open(stage_path("kept"), O_RDONLY | O_CLOEXEC),
	                    1036 /* F_SET_RW_HINT */, &value));
}

/* While there is any, the machine does not hibernate. */
static int secret_memory(const void *what) {
	(void)what;
	return result(syscall(SYS_memfd_secret, 0L));
}

/* In memory, where the file system lets it. */
static int set_id_bit(const void *what) {
	return result(fchmod(memfd_create("file", MFD_CLOEXEC), *(const mode_t *)what));
}

static int make_with_set_id_bit(const void *what) {
	struct {
		uint64_t flags, mode, resolve;
	} how = {O_RDWR | O_TMPFILE | O_CLOEXEC, *(const mode_t *)what, 0};
	return result(syscall(SYS_openat2, AT_FDCWD, "/dev/shm", &how, sizeof(how)));
}

static const mode_t as_user = S_ISUID | S_IRWXU, as_group = S_ISGID | S_IRWXU;

/* EFAULT, EINVAL, EOPNOTSUPP: the kernel has it, and was only told nonsense. */
static int request(const void *what) {
	char nonsense[256] = "";
	int fd = open(stage_path("."), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ioctl(fd, *(const unsigned long *)what, nonsense) >= 0 || errno == EFAULT ||
	    errno == EINVAL || errno == EOPNOTSUPP || errno == ENOKEY || errno == EBADF ||
	    errno == EROFS || errno == EISDIR)
		return 0;
	return -errno;
}

static const unsigned long add_key = FS_IOC_ADD_ENCRYPTION_KEY,
			   remove_key = FS_IOC_REMOVE_ENCRYPTION_KEY, set_flags = FS_IOC_SETFLAGS,
			   set_project = FS_IOC_FSSETXATTR, set_generation = FS_IOC_SETVERSION,
			   deduplicate = FIDEDUPERANGE, clone_file = FICLONE;

/* Clear of every call that there is: what is newer than the tables must not get through. */
static int later_call(const void *what) {
	(void)what;
	return result(syscall(SYS_lsm_set_self_attr, 0L, NULL, 0L, 0L)) == -EINVAL ? 0 : -errno;
}

/* clang-format off */
static const struct way ways[] = {
	{"seccomp", LOCKDOWN, filter_itself, NULL},
	{"seccomp-prctl", LOCKDOWN, filter_itself_by_prctl, NULL},
	{"landlock", LOCKDOWN | MAYBE, domain_of_its_own, NULL},
	{"mbind", LOCKDOWN | MAYBE, bind_memory, NULL},
	{"set-mempolicy", LOCKDOWN | MAYBE, prefer_memory, NULL},
	{"migrate-pages", LOCKDOWN | MAYBE, migrate, NULL},
	{"move-pages", LOCKDOWN | MAYBE, move, NULL},
	{"io-setup", LOCKDOWN | MAYBE, asynchronous_input, NULL},
	{"madvise-mergeable", LOCKDOWN | MAYBE, merge_memory, NULL},
	{"prctl-merge", LOCKDOWN | MAYBE, merge_all_memory, NULL},
	{"secret-memory", LOCKDOWN | MAYBE, secret_memory, NULL},
	{"set-user-id", LOCKDOWN, set_id_bit, &as_user},
	{"set-group-id", LOCKDOWN, set_id_bit, &as_group},
	{"openat2-set-user-id", LOCKDOWN, make_with_set_id_bit, &as_user},
	{"lease", LOCKDOWN, lease, NULL},
	{"hint", LOCKDOWN | MAYBE, hint, NULL},
	{"lsm-set-self-attr", LOCKDOWN | MAYBE, later_call, NULL},
	{"fscrypt-add-key", LOCKDOWN | MAYBE, request, &add_key},
	{"fscrypt-remove-key", LOCKDOWN | MAYBE, request, &remove_key},
	{"set-flags", LOCKDOWN | MAYBE, request, &set_flags},
	{"set-project", LOCKDOWN | MAYBE, request, &set_project},
	{"set-generation", LOCKDOWN | MAYBE, request, &set_generation},
	{"deduplicate", LOCKDOWN | MAYBE, request, &deduplicate},
	{"clone-file", LOCKDOWN | MAYBE, request, &clone_file},
};
/* clang-format on */

const struct topic calls_topic = {"calls", ways, COUNT(ways)};
