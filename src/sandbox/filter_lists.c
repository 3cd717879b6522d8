#include "sandbox/filter_lists.h"

#include "util/cleanup.h"

#include <asm/ioctls.h>
#include <asm/termbits.h>
#include <errno.h>
#include <linux/fs.h>
#include <linux/prctl.h>
#include <linux/random.h>
#include <linux/sockios.h>

#define ONE(number)                                                                                \
	{ (uint32_t)(number), (uint32_t)(number) }

/*
 * Requests that read, or change only a descriptor, or the settings, size and queues of a terminal
 * that the caller gave or the program made. Left out, for example: TIOCSETD, TIOCEXCL and the
 * console's requests, which make a terminal unusable; FS_IOC_SETFLAGS, FS_IOC_SETVERSION,
 * FIDEDUPERANGE and fscrypt's keys, which write through a descriptor for reading.
 */
/* clang-format off */
static const struct filter_range ioctls[] = {
	ONE(FIOCLEX), ONE(FIONCLEX), ONE(FIONBIO), ONE(FIOASYNC), ONE(FIONREAD), ONE(FIOQSIZE),
	ONE(FIGETBSZ),
	ONE(FS_IOC_GETFLAGS), ONE(FS_IOC32_GETFLAGS), ONE(FS_IOC_GETVERSION),
	ONE(FS_IOC_FSGETXATTR),
	ONE(RNDGETENTCNT),
	ONE(TCGETS), ONE(TCSETS), ONE(TCSETSW), ONE(TCSETSF), ONE(TCGETA), ONE(TCSETA),
	ONE(TCSETAW), ONE(TCSETAF),
#ifdef TCGETS2
	ONE(TCGETS2), ONE(TCSETS2), ONE(TCSETSW2), ONE(TCSETSF2),
#endif
	ONE(TCSBRK), ONE(TCSBRKP), ONE(TCXONC), ONE(TCFLSH), ONE(TIOCOUTQ), ONE(TIOCGETD),
	ONE(TIOCGEXCL),
	ONE(TIOCGWINSZ), ONE(TIOCSWINSZ),
	ONE(TIOCGPGRP), ONE(TIOCSPGRP), ONE(TIOCGSID), ONE(TIOCSCTTY), ONE(TIOCNOTTY),
	ONE(TIOCPKT), ONE(TIOCGPKT), ONE(TIOCGPTN), ONE(TIOCSPTLCK), ONE(TIOCGPTLCK), ONE(TIOCSIG),
	ONE(TIOCGDEV),
	ONE(TIOCGPTPEER),
	ONE(SIOCATMARK), ONE(SIOCGIFNAME), ONE(SIOCGIFCONF), ONE(SIOCGIFFLAGS), ONE(SIOCGIFADDR),
	ONE(SIOCGIFDSTADDR), ONE(SIOCGIFBRDADDR), ONE(SIOCGIFNETMASK), ONE(SIOCGIFMETRIC),
	ONE(SIOCGIFMTU),
	ONE(SIOCGIFHWADDR), ONE(SIOCGIFINDEX), ONE(SIOCGIFTXQLEN), ONE(SIOCGIFMAP),
};
/* clang-format on */

/*
 * Left out: leases, directory notifications, and hints, which persist on a file that is only
 * readable.
 */
/* clang-format off */
static const struct filter_range fcntls[] = {
	{0, 11},      /* F_DUPFD to F_GETSIG: flags, record locks, owner and signal */
	{12, 14},     /* F_GETLK64, F_SETLK64, F_SETLKW64 where those are calls of their own */
	{15, 17},     /* F_SETOWN_EX, F_GETOWN_EX, F_GETOWNER_UIDS */
	{36, 38},     /* F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW */
	ONE(1025),    /* F_GETLEASE */
	{1027, 1028}, /* F_DUPFD_QUERY, F_CREATED_QUERY */
	ONE(1030),    /* F_DUPFD_CLOEXEC */
	{1031, 1035}, /* F_SETPIPE_SZ to F_GET_RW_HINT */
	ONE(1037),    /* F_GET_FILE_RW_HINT */
};
/* clang-format on */

/*
 * Left out: PR_SET_SECCOMP, because SECCOMP_RET_LOG writes into the kernel's log; PR_SET_MM, which
 * changes what program this appears to be; PR_SET_MEMORY_MERGE, because writes to merged pages take
 * longer, which tells what others have in memory.
 */
/* clang-format off */
static const struct filter_range prctls[] = {
	{1, 21},                    /* PR_SET_PDEATHSIG to PR_GET_SECCOMP */
	{23, 34},                   /* PR_CAPBSET_READ to PR_MCE_KILL_GET */
	{36, 56},                   /* PR_SET_CHILD_SUBREAPER to PR_GET_TAGGED_ADDR_CTRL */
	{58, 66},                   /* PR_GET_IO_FLUSHER to PR_GET_MDWE */
	{68, 78},                   /* PR_GET_MEMORY_MERGE to PR_FUTEX_HASH */
	ONE(0x53564d41),            /* PR_SET_VMA */
	ONE(PR_SET_PTRACER),
};
/* clang-format on */

/*
 * Protocols: those of the Internet that every kernel has, and netlink's where the network is the
 * host's. For others, such as SCTP, the kernel loads a module, which stays and shows in the host's
 * log and /proc/modules.
 */
/* clang-format off */
static const struct filter_range protocols[] = {
	{0, 1},       /* the family's own, IPPROTO_ICMP */
	ONE(4),       /* NETLINK_SOCK_DIAG */
	ONE(6),       /* IPPROTO_TCP */
	{15, 17},     /* NETLINK_KOBJECT_UEVENT, NETLINK_GENERIC, IPPROTO_UDP */
	ONE(58),      /* IPPROTO_ICMPV6 */
	ONE(262),     /* IPPROTO_MPTCP */
};
/* clang-format on */

#define LIST(call, argument, answer, allowed)                                                      \
	{ call, argument, answer, allowed, ARRAY_SIZE(allowed) }

const struct filter_list filter_lists[] = {
	LIST("ioctl", 1, ENOTTY, ioctls),
	LIST("fcntl", 1, EINVAL, fcntls),
	LIST("fcntl64", 1, EINVAL, fcntls),
	LIST("prctl", 0, EINVAL, prctls),
	LIST("socket", 2, EPROTONOSUPPORT, protocols),
};

const size_t filter_list_count = ARRAY_SIZE(filter_lists);
