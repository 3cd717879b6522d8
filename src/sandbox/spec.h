#ifndef ENVSEAL_SANDBOX_SPEC_H
#define ENVSEAL_SANDBOX_SPEC_H

#include "sandbox/limits.h"
#include "sandbox/profile.h"
#include "util/error.h"

#include <limits.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/*
 * The one description of a sandbox. A run's stages fill it from the policy and the request; then it
 * travels to the helper in a sealed memory file, so that nobody can change it between two reads. It
 * holds no secret. Both programs come from one build: the helper refuses a spec of another version
 * or size.
 */

/*
 * What a sandbox does beyond being in its namespaces; steps.c and filter_rows.c say what each bit
 * asks for.
 */
enum sandbox_feature {
	SANDBOX_READONLY_ROOT = 1 << 0, /* every mount of the tree, recursively */
	SANDBOX_FRESH_PROC = 1 << 1,
	SANDBOX_PRIVATE_TMP = 1 << 2, /* tmpfs on /tmp, /var/tmp, /dev/shm */
	SANDBOX_FRESH_RUN = 1 << 3,
	SANDBOX_KEEP_RESOLVER = 1 << 4, /* /etc/resolv.conf works under the fresh /run */
	SANDBOX_MINIMAL_DEV = 1 << 5,
	SANDBOX_OWN_NETWORK = 1 << 6, /* a network namespace of its own, with loopback up */
	SANDBOX_PLAIN_STDIO = 1 << 7, /* 0-2: pipes, terminals, harmless devices, regular files */
	SANDBOX_WRITE_RULE = 1 << 8,  /* Landlock: writes only to the tmpfs and harmless devices */
	SANDBOX_SCOPE = 1 << 9,       /* Landlock: no signals, no abstract sockets to the outside */
	SANDBOX_SECCOMP = 1 << 10,    /* the filter against other processes and namespaces */
	SANDBOX_FAMILIES = 1 << 11,   /* lockdown's socket families */
	SANDBOX_NO_UNIX = 1 << 12,
	SANDBOX_NO_LISTEN = 1 << 13,
	SANDBOX_NO_PATH_TRUNCATE = 1 << 14, /* the helper adds it for an old Landlock */
	SANDBOX_HOST_TMP = 1 << 15,         /* lockdown: the host's /tmp and /var/tmp, read-only */
	SANDBOX_PLACES = 1 << 16,           /* has hidden, home, writable or keep places */
	SANDBOX_OWN_ROOT = 1 << 17,         /* has a root place */
	SANDBOX_KEEPS = 1 << 18,            /* has keep places, the host's under /run */
	SANDBOX_OWN_DOMAIN = 1 << 19,  /* system mode, tier none: a domain that allows everything */
	SANDBOX_SURFACE = 1 << 20,     /* no rarely used parts of the kernel */
	SANDBOX_NO_SETID = 1 << 21,    /* system mode: nothing that undoes its walls */
	SANDBOX_LISTS = 1 << 22,       /* ioctl, fcntl and prctl: only listed operations */
	SANDBOX_KNOWN_CALLS = 1 << 23, /* no call later than the tables (FILTER_LAST_CALL) */
	SANDBOX_EXEC_LIST = 1 << 24,   /* only listed programs can be started (exec_list.h) */
	SANDBOX_NO_RESIZE = 1 << 25,   /* shares the caller's terminal: may not resize it */
	SANDBOX_NO_FOREGROUND = 1 << 26, /* may not change its foreground process group */
	SANDBOX_CORE_LIMIT = 1 << 27,    /* the core file limit stays 1 (filter_rows.c) */
};

#define SANDBOX_SPEC_MAGIC 0x65736c33U /* "esl3" */

/*
 * A path that the policy names. The helper looks it up again inside, where it must lead to the file
 * that the supervisor saw (device and inode), because somebody could replace it in between.
 */
enum sandbox_place_kind {
	SANDBOX_PLACE_DIRECTORY, /* the target's working directory */
	SANDBOX_PLACE_HIDDEN,    /* empty and unreadable inside */
	SANDBOX_PLACE_HOME,      /* an empty directory; inode 0: on a fresh file system */
	SANDBOX_PLACE_WRITABLE,  /* as writable as outside, with its mounts */
	SANDBOX_PLACE_KEEP,      /* stays visible under the fresh /run */
	SANDBOX_PLACE_ROOT,      /* becomes "/" */
	SANDBOX_PLACE_KINDS,
};

#define SANDBOX_PLACES_MAX 64U
#define SANDBOX_TEXT_MAX ((size_t)32 * 1024)
#define SANDBOX_KEPT_MAX 256U

struct sandbox_place {
	uint32_t kind;   /* enum sandbox_place_kind */
	uint32_t path;   /* offset into the spec's text */
	uint64_t device; /* both 0: no matter what it is */
	uint64_t inode;
};

struct sandbox_spec {
	uint32_t magic;
	uint32_t size;
	uint32_t features;            /* enum sandbox_feature */
	int32_t environment_fd;       /* read: the environment; only the final child reads it */
	int32_t report_fd;            /* write: struct sandbox_report; closes at the exec */
	int32_t status_fd;            /* write: struct sandbox_status, by PID 1 */
	int32_t life_fd;              /* read: signals for the target; ends with the supervisor */
	int32_t script_fd;            /* a script's sealed copy; kept unless script_name is set */
	int32_t program_fd;           /* what is executed */
	int32_t exec_fd;              /* SANDBOX_EXEC_LIST: the list (exec_list.h) */
	uint32_t profile;             /* enum sandbox_profile */
	uint32_t relayed;             /* bit N: the supervisor relays descriptor N by a pipe */
	uint32_t umask;               /* the target's: the caller's, or privilege_umask of it */
	uint64_t starter_mounts;      /* inode of the supervisor's mount namespace */
	uint64_t tmp_size;            /* bytes of each tmpfs; 0: the default */
	uint64_t namespaces;          /* CLONE_NEW*, except the network's; 0 in tier none */
	uint32_t own_users;           /* tier none: a user namespace of the service's */
	int32_t cgroup_fd;            /* write: the target joins its cgroup by it; -1 for none */
	struct sandbox_limits limits; /* for the target, when all else is done */
	uint32_t own_terminal;        /* 0 is a terminal that has no other session */
	sigset_t signal_mask;         /* the caller's, for the target */
	char copies[32];              /* where private copies go (copies.h); "" for none */
	char script_name[NAME_MAX + 1];
	char program_name[NAME_MAX + 1];
	uint32_t kept_count;
	uint32_t place_count;
	int32_t kept_fds[SANDBOX_KEPT_MAX]; /* the caller's, beside 0-2 */
	struct sandbox_place places[SANDBOX_PLACES_MAX];
	uint32_t text_size;
	char text[SANDBOX_TEXT_MAX]; /* paths, each with its NUL; only `text_size` bytes travel */
};

/*
 * Adds a place. `device` and `inode` are what it must turn out to be; both 0: anything. -E2BIG: too
 * many places, or their names are too long.
 */
int sandbox_spec_add(struct sandbox_spec *spec, enum sandbox_place_kind kind, const char *path,
                     uint64_t device, uint64_t inode, struct error *err);

const char *sandbox_spec_path(const struct sandbox_spec *spec, const struct sandbox_place *place);

/* The first place of a kind; NULL when there is none. */
const struct sandbox_place *sandbox_spec_first(const struct sandbox_spec *spec,
                                               enum sandbox_place_kind kind);

/*
 * One that asks for nothing, with every descriptor -1. NULL: there is no memory. free(3) frees it.
 */
struct sandbox_spec *sandbox_spec_new(void);

/* Puts a spec into a sealed memory file, close-on-exec. */
int sandbox_spec_send(struct sandbox_spec *spec, int *ret_fd, struct error *err);

/*
 * Reads one back into `spec`, whose content has no meaning on failure. -EPROTO: not sealed, or from
 * another build.
 */
int sandbox_spec_receive(int fd, struct sandbox_spec *spec, struct error *err);

#endif
