/* The network, and every other kind of socket. The stage listens, and reports what arrives. */
#include "ways.h"

#include <arpa/inet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifndef IPPROTO_MPTCP
#define IPPROTO_MPTCP 262
#endif
#ifndef AF_VSOCK
#define AF_VSOCK 40
#endif

union address {
	struct sockaddr any;
	struct sockaddr_un local;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t path_address(const char *name, union address *address) {
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	/* Short, however deep the stage is. */
	if (chdir(stage_path(".")) < 0)
		return 0;
	strcpy(address->local.sun_path, name);
	return sizeof(address->local);
}

static socklen_t abstract_address(const char *name, union address *address) {
	memset(address, 0, sizeof(*address));
	address->local.sun_family = AF_UNIX;
	int length = snprintf(address->local.sun_path + 1, sizeof(address->local.sun_path) - 1,
	                      "%s-%s", stage_text("abstract"), name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

static int send_to(int fd, const union address *address, socklen_t length) {
	if (fd < 0 || connect(fd, &address->any, length) < 0)
		return -errno;
	return leak(fd);
}

struct target {
	int type;
	const char *name;
};

static int reach_path(const void *what) {
	const struct target *target = what;
	union address address;
	socklen_t length = path_address(target->name, &address);
	return send_to(socket(AF_UNIX, target->type, 0), &address, length);
}

static int reach_abstract(const void *what) {
	const struct target *target = what;
	union address address;
	socklen_t length = abstract_address(target->name, &address);
	return send_to(socket(AF_UNIX, target->type, 0), &address, length);
}

static const struct target stream = {SOCK_STREAM, "stream"}, datagram = {SOCK_DGRAM, "datagram"},
			   packets = {SOCK_SEQPACKET, "seqpacket"},
			   raw_unix = {SOCK_RAW, "datagram"};

/* The kernel takes an int: what stands in the register's upper half must not matter. */
static int reach_with_high_bits(const void *what) {
	union address address;
	(void)what;
	int fd = (int)syscall(SYS_socket, AF_UNIX | 1L << 32, SOCK_STREAM | 1L << 33, 0);
	return send_to(fd, &address, path_address("stream", &address));
}

/* One end of a pair, aimed at somebody else. */
struct aim {
	long type;
	const char *name;
	bool abstract;
	bool again; /* connect(2), after the other end is gone */
};

static int aim_pair(const void *what) {
	const struct aim *aim = what;
	union address address;
	int pair[2];
	if (syscall(SYS_socketpair, (long)AF_UNIX, aim->type, 0, pair) < 0)
		return -errno;
	socklen_t length = aim->abstract ? abstract_address(aim->name, &address)
	                                 : path_address(aim->name, &address);
	if (!aim->again)
		return result(sendto(pair[0], "LEAK", 4, MSG_NOSIGNAL, &address.any, length));
	close(pair[1]);
	return send_to(pair[0], &address, length);
}

static int aim_pair_sendmmsg(const void *what) {
	union address address;
	int pair[2];
	struct iovec text = {"LEAK", 4};
	struct mmsghdr message = {{.msg_name = &address, .msg_iov = &text, .msg_iovlen = 1}, 0};
	(void)what;
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return -errno;
	message.msg_hdr.msg_namelen = path_address("datagram", &address);
	return result(sendmmsg(pair[0], &message, 1, 0));
}

/* A descriptor handed over, and what lies behind it with it. */
static int hand_over(const void *what) {
	union address address;
	char control[CMSG_SPACE(sizeof(int))] = "";
	struct iovec text = {"LEAK", 4};
	struct msghdr message = {.msg_name = &address,
	                         .msg_iov = &text,
	                         .msg_iovlen = 1,
	                         .msg_control = control,
	                         .msg_controllen = sizeof(control)};
	struct cmsghdr *header = CMSG_FIRSTHDR(&message);
	(void)what;
	int pair[2];
	if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) < 0)
		return -errno;
	header->cmsg_level = SOL_SOCKET;
	header->cmsg_type = SCM_RIGHTS;
	header->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(header), &pair[0], sizeof(int));
	message.msg_namelen = path_address("datagram", &address);
	return result(sendmsg(pair[1], &message, 0));
}

static const struct aim pair_datagram = {SOCK_DGRAM, "datagram", false, false},
			pair_raw = {SOCK_RAW, "datagram", false, false},
			pair_nonblock = {SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, "datagram",
                                         false, false},
			pair_high = {SOCK_DGRAM | 1L << 32, "datagram", false, false},
			pair_abstract = {SOCK_DGRAM, "datagram", true, false},
			pair_connect = {SOCK_DGRAM, "datagram", false, true};

/*
 * A stream and a sequence of packets stay with their other end, whoever asks: so lockdown can allow
 * them.
 */
static int keeps_its_peer(const void *what) {
	struct aim aim = *(const struct aim *)what;
	for (int again = 0; again < 2; again++) {
		aim.again = again;
		if (aim_pair(&aim) == 0)
			return 0;
	}
	return -EISCONN;
}

static const struct aim pair_stream = {SOCK_STREAM, "stream", false, false},
			pair_packets = {SOCK_SEQPACKET, "seqpacket", false, false};

/* By a family: the stage's own services on every address of this machine. */
struct service {
	int type, protocol;
	const char *port;
	const char *address; /* a fact, or NULL: loopback */
};

static int reach_v4(const void *what) {
	const struct service *service = what;
	union address address = {.v4 = {.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)stage_number(service->port))}};
	const char *where = service->address ? stage_text(service->address) : "127.0.0.1";
	if (inet_pton(AF_INET, where, &address.v4.sin_addr) != 1)
		return -EADDRNOTAVAIL;
	return send_to(socket(AF_INET, service->type, service->protocol), &address,
	               sizeof(address.v4));
}

static int reach_v6(const void *what) {
	const struct service *service = what;
	union address address = {.v6 = {.sin6_family = AF_INET6,
	                                .sin6_addr = IN6ADDR_LOOPBACK_INIT,
	                                .sin6_port = htons((uint16_t)stage_number(service->port))}};
	return send_to(socket(AF_INET6, service->type, service->protocol), &address,
	               sizeof(address.v6));
}

/* Written to IPv6's socket, but meant for IPv4's. */
static int reach_mapped(const void *what) {
	const struct service *service = what;
	union address address = {.v6 = {.sin6_family = AF_INET6,
	                                .sin6_port = htons((uint16_t)stage_number(service->port))}};
	inet_pton(AF_INET6, "::ffff:127.0.0.1", &address.v6.sin6_addr);
	return send_to(socket(AF_INET6, service->type, 0), &address, sizeof(address.v6));
}

static int reach_fast_open(const void *what) {
	const struct service *service = what;
	union address address = {.v4 = {.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)stage_number(service->port)),
	                                .sin_addr = {htonl(INADDR_LOOPBACK)}}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	return result(sendto(fd, "LEAK", 4, MSG_FASTOPEN | MSG_NOSIGNAL, &address.any,
	                     sizeof(address.v4)));
}

static int broadcast(const void *what) {
	const struct service *service = what;
	union address address = {.v4 = {.sin_family = AF_INET,
	                                .sin_port = htons((uint16_t)stage_number(service->port)),
	                                .sin_addr = {htonl(INADDR_BROADCAST)}}};
	int one = 1, fd = socket(AF_INET, SOCK_DGRAM, 0);
	setsockopt(fd, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one));
	return result(sendto(fd, "LEAK", 4, 0, &address.any, sizeof(address.v4)));
}

static const struct service tcp = {SOCK_STREAM, 0, "tcp4", NULL},
			    tcp6 = {SOCK_STREAM, 0, "tcp6", NULL},
			    tcp_address = {SOCK_STREAM, 0, "tcp4", "address"},
			    udp = {SOCK_DGRAM, 0, "udp4", NULL},
			    udp6 = {SOCK_DGRAM, 0, "udp6", NULL},
			    udp_address = {SOCK_DGRAM, 0, "udp4", "address"},
			    mptcp = {SOCK_STREAM, IPPROTO_MPTCP, "tcp4", NULL},
			    udplite = {SOCK_DGRAM, IPPROTO_UDPLITE, "udplite4", NULL},
			    sctp = {SOCK_STREAM, IPPROTO_SCTP, "sctp4", NULL};

/* Kinds that lockdown has no use for: making one is enough. */
struct kind {
	int family, type, protocol;
};

static int make(const void *what) {
	const struct kind *kind = what;
	return result(socket(kind->family, kind->type, kind->protocol));
}

static const struct kind raw4 = {AF_INET, SOCK_RAW, IPPROTO_ICMP},
			 raw6 = {AF_INET6, SOCK_RAW, IPPROTO_ICMPV6},
			 packet = {AF_PACKET, SOCK_DGRAM, 0}, vsock = {AF_VSOCK, SOCK_STREAM, 0},
			 alg = {AF_ALG, SOCK_SEQPACKET, 0},
			 audit = {AF_NETLINK, SOCK_RAW, NETLINK_AUDIT},
			 uevent = {AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT},
			 generic = {AF_NETLINK, SOCK_RAW, NETLINK_GENERIC},
			 diag = {AF_NETLINK, SOCK_DGRAM, NETLINK_SOCK_DIAG},
			 user_sock = {AF_NETLINK, SOCK_RAW, NETLINK_USERSOCK},
			 /* Stands for those that the kernel has to load a module for. */
	module = {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE},
			 module6 = {AF_INET6, SOCK_DGRAM, IPPROTO_UDPLITE};

/* Every other family, whatever this kernel calls it. */
static int other_families(const void *what) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_RDM};
	(void)what;
	int refused = -EAFNOSUPPORT;
	for (int family = 0; family < 64; family++) {
		bool known = family == AF_UNIX || family == AF_INET || family == AF_INET6 ||
		             family == AF_NETLINK;
		for (size_t i = 0; !known && i < COUNT(types); i++) {
			if (socket(family, types[i], 0) < 0)
				continue;
			fprintf(stderr, "a socket of family %d, type %d\n", family, types[i]);
			refused = 0;
		}
	}
	return refused;
}

/* Netlink tells which interfaces there are: of the host's, none but loopback may be among them. */
static int sees_interfaces(const void *what) {
	struct if_nameindex *all = if_nameindex();
	int r = all ? -ENODEV : -errno;
	(void)what;
	for (struct if_nameindex *one = all; one && one->if_index; one++) {
		if (strcmp(one->if_name, "lo") != 0)
			r = 0;
	}
	if (all)
		if_freenameindex(all);
	return r;
}

static int listens(const void *what) {
	int fd = socket(*(const int *)what, SOCK_STREAM, 0);
	return fd < 0 ? -errno : result(listen(fd, 1));
}

static int listens_bound(const void *what) {
	union address address = {
		.v4 = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}}};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	(void)what;
	if (fd < 0 || bind(fd, &address.any, sizeof(address.v4)) < 0)
		return -errno;
	return result(listen(fd, 1));
}

static int listens_on_path(const void *what) {
	union address address = {.local = {.sun_family = AF_UNIX}};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	(void)what;
	snprintf(address.local.sun_path, sizeof(address.local.sun_path), "/dev/shm/envseal-%d",
	         (int)getpid());
	if (fd < 0 || bind(fd, &address.any, sizeof(address.local)) < 0)
		return -errno;
	int r = result(listen(fd, 1));
	unlink(address.local.sun_path);
	return r;
}

static const int v4 = AF_INET, v6 = AF_INET6;

/* clang-format off */
static const struct way ways[] = {
	{"unix-stream", LOCKDOWN | SEEN, reach_path, &stream},
	{"unix-datagram", LOCKDOWN | SEEN, reach_path, &datagram},
	{"unix-seqpacket", LOCKDOWN | SEEN, reach_path, &packets},
	{"unix-raw", LOCKDOWN | SEEN, reach_path, &raw_unix},
	{"unix-high-bits", LOCKDOWN | SEEN, reach_with_high_bits, NULL},
	{"abstract-stream", BOTH | SEEN, reach_abstract, &stream},
	{"abstract-datagram", BOTH | SEEN, reach_abstract, &datagram},
	{"abstract-seqpacket", BOTH | SEEN, reach_abstract, &packets},
	{"pair-datagram", LOCKDOWN | SEEN, aim_pair, &pair_datagram},
	{"pair-raw", LOCKDOWN | SEEN, aim_pair, &pair_raw},
	{"pair-datagram-flags", LOCKDOWN | SEEN, aim_pair, &pair_nonblock},
	{"pair-datagram-high-bits", LOCKDOWN | SEEN, aim_pair, &pair_high},
	{"pair-datagram-abstract", BOTH | SEEN, aim_pair, &pair_abstract},
	{"pair-datagram-connect", LOCKDOWN | SEEN, aim_pair, &pair_connect},
	{"pair-datagram-sendmmsg", LOCKDOWN | SEEN, aim_pair_sendmmsg, NULL},
	{"hand-over-descriptor", LOCKDOWN | SEEN, hand_over, NULL},
	{"pair-stream", LOCKDOWN | SEEN | MARK | NOWHERE, keeps_its_peer, &pair_stream},
	{"pair-seqpacket", LOCKDOWN | SEEN | MARK | NOWHERE, keeps_its_peer, &pair_packets},
	{"tcp", LOCKDOWN | SEEN, reach_v4, &tcp},
	{"tcp-other-address", LOCKDOWN | SEEN | MAYBE, reach_v4, &tcp_address},
	{"tcp-fast-open", LOCKDOWN | SEEN | MAYBE, reach_fast_open, &tcp},
	{"tcp6", LOCKDOWN | SEEN | MAYBE, reach_v6, &tcp6},
	{"tcp-mapped", LOCKDOWN | SEEN | MAYBE, reach_mapped, &tcp},
	{"udp", LOCKDOWN | SEEN | MARK, reach_v4, &udp},
	{"udp-other-address", LOCKDOWN | SEEN | MARK | MAYBE, reach_v4, &udp_address},
	{"udp6", LOCKDOWN | SEEN | MARK | MAYBE, reach_v6, &udp6},
	{"udp-mapped", LOCKDOWN | SEEN | MARK | MAYBE, reach_mapped, &udp},
	{"udp-broadcast", LOCKDOWN | SEEN | MARK | MAYBE, broadcast, &udp},
	{"mptcp", LOCKDOWN | SEEN | MAYBE, reach_v4, &mptcp},
	{"udp-lite", LOCKDOWN | SEEN | MARK | MAYBE, reach_v4, &udplite},
	{"sctp", LOCKDOWN | MAYBE, reach_v4, &sctp},
	{"raw", BOTH | ROOT, make, &raw4},
	{"raw6", BOTH | ROOT | MAYBE, make, &raw6},
	{"packet", BOTH | ROOT | MAYBE, make, &packet},
	{"vsock", LOCKDOWN | MAYBE, make, &vsock},
	{"alg", LOCKDOWN | MAYBE, make, &alg},
	{"netlink-audit", LOCKDOWN | MAYBE, make, &audit},
	{"netlink-uevent", LOCKDOWN, make, &uevent},
	{"netlink-generic", LOCKDOWN, make, &generic},
	{"netlink-diag", LOCKDOWN | MAYBE, make, &diag},
	{"netlink-usersock", LOCKDOWN, make, &user_sock},
	{"protocol-module", LOCKDOWN | MAYBE, make, &module},
	{"protocol-module6", LOCKDOWN | MAYBE, make, &module6},
	{"other-families", LOCKDOWN | ROOT | MAYBE, other_families, NULL},
	{"interfaces", LOCKDOWN | MAYBE, sees_interfaces, NULL},
	{"listen", BOTH, listens, &v4},
	{"listen-ipv6", BOTH | MAYBE, listens, &v6},
	{"listen-bound", BOTH, listens_bound, NULL},
	{"listen-path", BOTH, listens_on_path, NULL},
};
/* clang-format on */

const struct topic sockets_topic = {"sockets", ways, COUNT(ways)};
