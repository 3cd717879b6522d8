#include "sandbox/filter_profiles.h"

#include "sandbox/filter_rows.h"

#define CALL(name)                                                                                 \
	{ SCMP_SYS(name), #name }

/* clang-format off */
static const struct filter_call start[] = {
	CALL(execve), CALL(execveat), CALL(exit), CALL(exit_group), CALL(brk), CALL(mmap),
	CALL(mmap2),
	CALL(munmap), CALL(mremap), CALL(mprotect), CALL(madvise), CALL(mincore), CALL(msync),
	CALL(membarrier),
	CALL(arch_prctl), CALL(set_thread_area), CALL(get_thread_area), CALL(set_tls),
	CALL(cacheflush),
	CALL(riscv_flush_icache), CALL(set_tid_address), CALL(set_robust_list),
	CALL(get_robust_list),
	CALL(rseq), CALL(futex), CALL(futex_time64), CALL(futex_waitv), CALL(prctl),
	CALL(prlimit64),
	CALL(getrlimit), CALL(ugetrlimit), CALL(getrandom), CALL(uname), CALL(restart_syscall),
	CALL(sysinfo),
	CALL(sched_yield), CALL(sched_getaffinity), CALL(getcpu), CALL(mlock), CALL(mlock2),
	CALL(mlockall),
	CALL(munlock), CALL(munlockall),
};
/* clang-format on */

/* clang-format off */
static const struct filter_call clock[] = {
	CALL(time), CALL(gettimeofday), CALL(times), CALL(getrusage), CALL(clock_gettime),
	CALL(clock_gettime64),
	CALL(clock_getres), CALL(clock_getres_time64), CALL(clock_nanosleep),
	CALL(clock_nanosleep_time64),
	CALL(nanosleep), CALL(alarm), CALL(getitimer), CALL(setitimer), CALL(pause),
};
/* clang-format on */

static const struct filter_call identity[] = {
	CALL(getpid),      CALL(getppid),   CALL(gettid),      CALL(getpgid),   CALL(getpgrp),
	CALL(getsid),      CALL(getuid),    CALL(getuid32),    CALL(geteuid),   CALL(geteuid32),
	CALL(getgid),      CALL(getgid32),  CALL(getegid),     CALL(getegid32), CALL(getresuid),
	CALL(getresuid32), CALL(getresgid), CALL(getresgid32), CALL(getgroups), CALL(getgroups32),
	CALL(capget),
};

/* clang-format off */
static const struct filter_call handlers[] = {
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(rt_sigpending),
	CALL(rt_sigsuspend),
	CALL(rt_sigtimedwait), CALL(rt_sigtimedwait_time64), CALL(sigaction), CALL(sigprocmask),
	CALL(sigreturn),
	CALL(sigpending), CALL(sigsuspend), CALL(signal), CALL(sigaltstack), CALL(tgkill),
	CALL(tkill),
};
/* clang-format on */

/* clang-format off */
static const struct filter_call descriptors[] = {
	CALL(read), CALL(readv), CALL(pread64), CALL(preadv), CALL(preadv2), CALL(write),
	CALL(writev),
	CALL(pwrite64), CALL(pwritev), CALL(pwritev2), CALL(close), CALL(close_range), CALL(lseek),
	CALL(_llseek),
	CALL(dup), CALL(dup2), CALL(dup3), CALL(fcntl), CALL(fcntl64), CALL(ioctl), CALL(fadvise64),
	CALL(fadvise64_64), CALL(arm_fadvise64_64), CALL(readahead), CALL(poll), CALL(ppoll),
	CALL(ppoll_time64),
	CALL(select), CALL(_newselect), CALL(pselect6), CALL(pselect6_time64), CALL(getsockname),
	CALL(getpeername), CALL(getsockopt),
};
/* clang-format on */

static const struct filter_call look[] = {
	CALL(open),       CALL(openat),     CALL(openat2),    CALL(access),    CALL(faccessat),
	CALL(faccessat2), CALL(stat),       CALL(stat64),     CALL(lstat),     CALL(lstat64),
	CALL(fstat),      CALL(fstat64),    CALL(newfstatat), CALL(fstatat64), CALL(statx),
	CALL(oldstat),    CALL(oldlstat),   CALL(oldfstat),   CALL(readlink),  CALL(readlinkat),
	CALL(getdents),   CALL(getdents64), CALL(getcwd),     CALL(statfs),    CALL(statfs64),
	CALL(fstatfs),    CALL(fstatfs64),  CALL(getxattr),   CALL(lgetxattr), CALL(fgetxattr),
	CALL(listxattr),  CALL(llistxattr), CALL(flistxattr),
};

/* clang-format off */
static const struct filter_call children[] = {
	CALL(clone), CALL(fork), CALL(vfork), CALL(wait4), CALL(waitid), CALL(waitpid), CALL(kill),
	CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(pidfd_open), CALL(pidfd_send_signal),
	CALL(setpgid),
	CALL(setsid), CALL(getpriority), CALL(pipe), CALL(pipe2), CALL(umask), CALL(chdir),
	CALL(fchdir),
};
/* clang-format on */

/* clang-format off */
static const struct filter_call events[] = {
	CALL(epoll_create), CALL(epoll_create1), CALL(epoll_ctl), CALL(epoll_wait),
	CALL(epoll_pwait),
	CALL(epoll_pwait2), CALL(eventfd), CALL(eventfd2), CALL(signalfd), CALL(signalfd4),
	CALL(timerfd_create),
	CALL(timerfd_settime), CALL(timerfd_settime64), CALL(timerfd_gettime),
	CALL(timerfd_gettime64),
	CALL(inotify_init), CALL(inotify_init1), CALL(inotify_add_watch), CALL(inotify_rm_watch),
	CALL(io_setup), CALL(io_destroy), CALL(io_submit), CALL(io_cancel), CALL(io_getevents),
	CALL(io_pgetevents), CALL(io_pgetevents_time64),
};
/* clang-format on */

/* Without privilege these can only give something up. */
static const struct filter_call ids[] = {
	CALL(setuid),     CALL(setuid32),    CALL(setgid),      CALL(setgid32),   CALL(setreuid),
	CALL(setreuid32), CALL(setregid),    CALL(setregid32),  CALL(setresuid),  CALL(setresuid32),
	CALL(setresgid),  CALL(setresgid32), CALL(setfsuid),    CALL(setfsuid32), CALL(setfsgid),
	CALL(setfsgid32), CALL(setgroups),   CALL(setgroups32), CALL(capset),
};

/* clang-format off */
static const struct filter_call change[] = {
	CALL(creat), CALL(mkdir), CALL(mkdirat), CALL(rmdir), CALL(unlink), CALL(unlinkat),
	CALL(rename),
	CALL(renameat), CALL(renameat2), CALL(link), CALL(linkat), CALL(symlink), CALL(symlinkat),
	CALL(mknod),
	CALL(mknodat), CALL(chmod), CALL(fchmod), CALL(fchmodat), CALL(fchmodat2), CALL(chown),
	CALL(chown32),
	CALL(lchown), CALL(lchown32), CALL(fchown), CALL(fchown32), CALL(fchownat), CALL(utime),
	CALL(utimes),
	CALL(utimensat), CALL(utimensat_time64), CALL(futimesat), CALL(truncate), CALL(truncate64),
	CALL(ftruncate), CALL(ftruncate64), CALL(fallocate), CALL(setxattr), CALL(lsetxattr),
	CALL(fsetxattr),
	CALL(removexattr), CALL(lremovexattr), CALL(fremovexattr), CALL(flock), CALL(fsync),
	CALL(fdatasync),
	CALL(sync), CALL(syncfs), CALL(sync_file_range), CALL(sync_file_range2),
	CALL(copy_file_range),
	CALL(sendfile), CALL(sendfile64), CALL(splice), CALL(tee), CALL(vmsplice),
	CALL(memfd_create),
};
/* clang-format on */

/* clang-format off */
static const struct filter_call scheduling[] = {
	CALL(sched_setaffinity), CALL(sched_setscheduler), CALL(sched_getscheduler),
	CALL(sched_setparam),
	CALL(sched_getparam), CALL(sched_setattr), CALL(sched_getattr),
	CALL(sched_get_priority_max),
	CALL(sched_get_priority_min), CALL(sched_rr_get_interval),
	CALL(sched_rr_get_interval_time64),
	CALL(setpriority), CALL(nice), CALL(ioprio_get), CALL(ioprio_set), CALL(setrlimit),
	CALL(timer_create),
	CALL(timer_settime), CALL(timer_settime64), CALL(timer_gettime), CALL(timer_gettime64),
	CALL(timer_getoverrun), CALL(timer_delete), CALL(personality),
};
/* clang-format on */

static const struct filter_call memory[] = {
	CALL(remap_file_pages), CALL(pkey_alloc),    CALL(pkey_free),
	CALL(pkey_mprotect),    CALL(memfd_secret),  CALL(mbind),
	CALL(get_mempolicy),    CALL(set_mempolicy), CALL(set_mempolicy_home_node),
	CALL(migrate_pages),    CALL(move_pages),    CALL(modify_ldt),
};

/* clang-format off */
static const struct filter_call shared[] = {
	CALL(shmget), CALL(shmat), CALL(shmdt), CALL(shmctl), CALL(semget), CALL(semop),
	CALL(semtimedop),
	CALL(semtimedop_time64), CALL(semctl), CALL(msgget), CALL(msgsnd), CALL(msgrcv),
	CALL(msgctl),
	CALL(mq_open), CALL(mq_unlink), CALL(mq_timedsend), CALL(mq_timedsend_time64),
	CALL(mq_timedreceive),
	CALL(mq_timedreceive_time64), CALL(mq_notify), CALL(mq_getsetattr),
};
/* clang-format on */

/* A program may confine itself further. */
/* clang-format off */
static const struct filter_call confinement[] = {
	CALL(seccomp), CALL(landlock_create_ruleset), CALL(landlock_add_rule),
	CALL(landlock_restrict_self),
};
/* clang-format on */

static const struct filter_call sockets[] = {
	CALL(socket),   CALL(socketpair),      CALL(connect),    CALL(bind),     CALL(listen),
	CALL(accept),   CALL(accept4),         CALL(setsockopt), CALL(send),     CALL(sendto),
	CALL(sendmsg),  CALL(sendmmsg),        CALL(recv),       CALL(recvfrom), CALL(recvmsg),
	CALL(recvmmsg), CALL(recvmmsg_time64), CALL(shutdown),
};

#define CALLS(profile, list)                                                                       \
	{ SANDBOX_PROFILE_##profile, #list, list, ARRAY_SIZE(list) }

const struct filter_calls filter_calls[] = {
	CALLS(ESSENTIAL, start),    CALLS(ESSENTIAL, clock),       CALLS(ESSENTIAL, identity),
	CALLS(ESSENTIAL, handlers), CALLS(ESSENTIAL, descriptors), CALLS(ESSENTIAL, look),
	CALLS(MINIMAL, children),   CALLS(MINIMAL, events),        CALLS(MINIMAL, ids),
	CALLS(IO, change),          CALLS(COMPUTE, scheduling),    CALLS(COMPUTE, memory),
	CALLS(COMPUTE, shared),     CALLS(COMPUTE, confinement),   CALLS(NETWORK, sockets),
};

const size_t filter_calls_count = ARRAY_SIZE(filter_calls);

const struct filter_soft_call filter_soft_calls[] = {
	/* Its flags cannot be seen; the C library then uses clone. */
	{SCMP_SYS(clone3), ENOSYS, SANDBOX_PROFILE_UNRESTRICTED},
	{SCMP_SYS(io_uring_setup), ENOSYS, SANDBOX_PROFILE_UNRESTRICTED},
	/* Every look-up of a user's name asks for a cache daemon on a Unix socket first. */
	{SCMP_SYS(socket), EAFNOSUPPORT, SANDBOX_PROFILE_NETWORK},
};

const size_t filter_soft_call_count = ARRAY_SIZE(filter_soft_calls);
