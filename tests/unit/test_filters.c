#include "unit.h"

#include "sandbox/confine.h"
#include "sandbox/spec.h"
#include "sandbox/tier.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <linux/sched.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#ifndef SYS_fchmodat2
#define SYS_fchmodat2 452
#endif

/*
 * Each probe is a system call with its registers, and the errno that a filter with `features` gives
 * it. In a child of its own, first without the filter: what never worked would prove nothing.
 * `setup` makes what the call needs.
 */
struct probe {
	const char *name;
	uint32_t features;
	int answer;
	long call;
	long arguments[5];
};

#define FAILED_TO_LOAD 200
#define DEVIATED 201

static char place[] = "/tmp/envseal-filters-XXXXXX";

static int enter_place(void **state) {
	(void)state;
	return mkdtemp(place) && chdir(place) == 0 ? 0 : -1;
}

static int leave_place(void **state) {
	(void)state;
	return chdir("/") == 0 && rmdir(place) == 0 ? 0 : -1;
}

/* The errno of the probe's call; 0 where it worked. */
static int attempt(const struct probe *probe) {
	const long *a = probe->arguments;
	errno = 0;
	return syscall(probe->call, a[0], a[1], a[2], a[3], a[4]) < 0 ? errno : 0;
}

/* On descriptor 9, and by name. */
static void clear_place(void) {
	static const char *const names[] = {"new", "file"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		unlink(names[i]);
		rmdir(names[i]);
	}
}

static void make_place(void) {
	clear_place();
	int fd = open("file", O_CREAT | O_RDWR | O_CLOEXEC, 0700);
	if (fd < 0 || dup2(fd, 9) < 0)
		_exit(DEVIATED);
}

/* A wait(2) status. */
static int in_a_child_under(uint32_t features, enum sandbox_profile profile,
                            int (*run)(const void *context), const void *context) {
	pid_t pid = fork();
	if (pid == 0) {
		struct error err;
		make_place();
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (confine_seccomp(features, profile, &err) < 0)
			_exit(FAILED_TO_LOAD);
		_exit(run(context));
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	clear_place();
	return status;
}

static int in_a_child(uint32_t features, int (*run)(const void *context), const void *context) {
	return in_a_child_under(features, SANDBOX_PROFILE_DEFAULT, run, context);
}

static int run_probe(const void *context) {
	return attempt(context);
}

/* A filter for the tier, then one for the profile. */
struct stacked {
	enum sandbox_profile profile;
	const struct probe *probe;
};

static int run_stacked(const void *context) {
	const struct stacked *stacked = context;
	struct error err;
	if (confine_seccomp(0, stacked->profile, &err) < 0)
		return FAILED_TO_LOAD;
	return attempt(stacked->probe);
}

static void check(const struct probe *probes, size_t count) {
	for (size_t i = 0; i < count; i++) {
		int without = in_a_child(0, run_probe, &probes[i]);
		int with = in_a_child(probes[i].features, run_probe, &probes[i]);
		/* A kernel (or valgrind) that does not have the call needs no rule. */
		if (WEXITSTATUS(without) == ENOSYS && WEXITSTATUS(with) == ENOSYS)
			continue;
		print_message("# %s: %d without, %d with\n", probes[i].name, WEXITSTATUS(without),
		              WEXITSTATUS(with));
		assert_true(WIFEXITED(without) && WEXITSTATUS(without) != probes[i].answer);
		assert_true(WIFEXITED(with));
		assert_int_equal(WEXITSTATUS(with), probes[i].answer);
	}
}

#define PATH(text) ((long)(text))
static char scratch[256]; /* for what a call reads or writes */
#define CREATE (O_CREAT | O_WRONLY)

/* Made with the run group of system mode, such a file would let anybody in. */
/* clang-format off */
static const struct probe set_id_probes[] = {
#ifdef SYS_chmod
	{"chmod g+s", SANDBOX_NO_SETID, EPERM, SYS_chmod, {PATH("file"), 02755}},
	{"chmod u+s", SANDBOX_NO_SETID, EPERM, SYS_chmod, {PATH("file"), 04755}},
	{"creat", SANDBOX_NO_SETID, EPERM, SYS_creat, {PATH("new"), 02755}},
	{"open", SANDBOX_NO_SETID, EPERM, SYS_open, {PATH("new"), CREATE, 02755}},
	{"open O_TMPFILE", SANDBOX_NO_SETID, EPERM, SYS_open, {PATH("."), O_TMPFILE | O_WRONLY, 02755}},
	{"mknod", SANDBOX_NO_SETID, EPERM, SYS_mknod, {PATH("new"), S_IFREG | 02755}},
#endif
	{"fchmod", SANDBOX_NO_SETID, EPERM, SYS_fchmod, {9, 02755}},
	{"fchmod with high bits", SANDBOX_NO_SETID, EPERM, SYS_fchmod, {9, (long)(1UL << 40 | 06755)}},
	{"fchmodat", SANDBOX_NO_SETID, EPERM, SYS_fchmodat, {AT_FDCWD, PATH("file"), 02755}},
	{"fchmodat2", SANDBOX_NO_SETID, EPERM, SYS_fchmodat2, {AT_FDCWD, PATH("file"), 02755, 0}},
	{"openat", SANDBOX_NO_SETID, EPERM, SYS_openat, {AT_FDCWD, PATH("new"), CREATE, 02755}},
	{"openat u+s", SANDBOX_NO_SETID, EPERM, SYS_openat, {AT_FDCWD, PATH("new"), CREATE, 04755}},
	{"openat O_TMPFILE", SANDBOX_NO_SETID, EPERM, SYS_openat,
	 {AT_FDCWD, PATH("."), O_TMPFILE | O_WRONLY, 02755}},
	{"mknodat", SANDBOX_NO_SETID, EPERM, SYS_mknodat, {AT_FDCWD, PATH("new"), S_IFREG | 02755}},
	{"mq_open", SANDBOX_NO_SETID, EPERM, SYS_mq_open, {PATH(""), CREATE, 02755, 0}},
	{"OCFS2_IOC_REFLINK", SANDBOX_NO_SETID, EOPNOTSUPP, SYS_ioctl,
	 {9, (long)_IOW('o', 4, uint64_t[3]), PATH(scratch)}},
	{"openat2", SANDBOX_NO_SETID, ENOSYS, SYS_openat2, {AT_FDCWD, PATH("file"), PATH(scratch), 1}},
	{"io_uring_setup", SANDBOX_NO_SETID, ENOSYS, SYS_io_uring_setup, {0, PATH(scratch)}},
};
/* clang-format on */

/* So would a user namespace of the user's own. */
static const struct probe owner_probes[] = {
	{"unshare", SANDBOX_NO_SETID, EPERM, SYS_unshare, {CLONE_NEWUSER | CLONE_PARENT}},
	{"clone3", SANDBOX_NO_SETID, ENOSYS, SYS_clone3, {PATH(scratch), 1}},
	{"setns", SANDBOX_NO_SETID, EPERM, SYS_setns, {9, 0}},
#if !defined(__s390__)
	{"clone", SANDBOX_NO_SETID, EPERM, SYS_clone, {CLONE_NEWUSER | CLONE_SIGHAND, 0}},
#endif
};

static void set_id_bits_are_refused_however_they_are_set(void **state) {
	(void)state;
	check(set_id_probes, ARRAY_SIZE(set_id_probes));
}

static void owners_of_namespaces_are_refused(void **state) {
	(void)state;
	check(owner_probes, ARRAY_SIZE(owner_probes));
}

/*
 * Without chown(2): an access control list sets the group's rights, and a debugger needs no file.
 */
/* clang-format off */
static const struct probe run_group_probes[] = {
	{"fsetxattr", SANDBOX_NO_SETID, EOPNOTSUPP, SYS_fsetxattr, {-1, PATH("user.none"), PATH(scratch), 1, 0}},
	{"setxattr", SANDBOX_NO_SETID, EOPNOTSUPP, SYS_setxattr, {PATH("none"), PATH("user.none"), PATH(scratch), 1, 0}},
	{"lsetxattr", SANDBOX_NO_SETID, EOPNOTSUPP, SYS_lsetxattr, {PATH("none"), PATH("user.none"), PATH(scratch), 1, 0}},
	{"setxattrat", SANDBOX_NO_SETID, EOPNOTSUPP, 463, {AT_FDCWD, PATH("none"), 0, PATH("user.none"), PATH(scratch)}},
	{"PTRACE_TRACEME", SANDBOX_NO_SETID, EPERM, SYS_ptrace, {0}},
	{"process_vm_readv", SANDBOX_NO_SETID, EPERM, SYS_process_vm_readv, {0}},
	{"process_vm_writev", SANDBOX_NO_SETID, EPERM, SYS_process_vm_writev, {0}},
	{"pidfd_getfd", SANDBOX_NO_SETID, EPERM, SYS_pidfd_getfd, {-1, 0, 0}},
	{"kcmp", SANDBOX_NO_SETID, EPERM, SYS_kcmp, {0}},
};
/* clang-format on */

static void what_else_leads_to_the_run_group_is_refused(void **state) {
	(void)state;
	check(run_group_probes, ARRAY_SIZE(run_group_probes));
}

/* The calls that give a file to a group, by number and the argument that names the group. */
static const struct giving {
	long call;
	size_t group;
	long arguments[5];
} givings[] = {
#ifdef SYS_chown
	{SYS_chown, 2, {PATH("file"), -1}},
	{SYS_lchown, 2, {PATH("file"), -1}},
#endif
	{SYS_fchown, 2, {9, -1}},
	{SYS_fchownat, 3, {AT_FDCWD, PATH("file"), -1, 0, 0}},
	{SYS_fchownat, 3, {9, PATH(""), -1, 0, AT_EMPTY_PATH}},
};

static int give_to(const struct giving *giving, long group) {
	struct probe probe = {.call = giving->call};
	memcpy(probe.arguments, giving->arguments, sizeof(probe.arguments));
	probe.arguments[giving->group] = group;
	return attempt(&probe);
}

/*
 * The number of the first call that does not do as it should, from 1. -1 is no group but "as it
 * is".
 */
static int run_givings(const void *context) {
	const int answer = *(const int *)context;
	const long own = (long)getegid();
	for (int i = 0; i < (int)ARRAY_SIZE(givings); i++) {
		if (give_to(&givings[i], own) != answer || give_to(&givings[i], -1) != 0)
			return i + 1;
#ifdef __LP64__
		if (give_to(&givings[i], own | 1L << 40) != answer)
			return i + 1;
#endif
	}
	return 0;
}

/*
 * In every program that has the rule, whatever it is joined with: the run group must be put into
 * each.
 */
static void nothing_is_given_to_the_run_group(void **state) {
	(void)state;
	static const enum sandbox_tier all[] = {SANDBOX_TIER_NONE, SANDBOX_TIER_HARDENED,
	                                        SANDBOX_TIER_LOCKDOWN};
	const int refused = EPERM, works = 0;
	assert_int_equal(in_a_child(0, run_givings, &works), 0);
	assert_int_equal(in_a_child(SANDBOX_NO_SETID, run_givings, &refused), 0);
	for (size_t i = 0; i < ARRAY_SIZE(all); i++) {
		uint32_t features =
			sandbox_tier_features(all[i]) | SANDBOX_NO_SETID | SANDBOX_KNOWN_CALLS;
		for (enum sandbox_profile p = SANDBOX_PROFILE_IO; p <= SANDBOX_PROFILE_UNRESTRICTED;
		     p++)
			assert_int_equal(in_a_child_under(features, p, run_givings, &refused), 0);
	}
}

/*
 * What is no set-id bit stays allowed: the sticky bit, every other mode, a mode where nothing is
 * created, and mkdir(2)'s.
 */
static int run_ordinary_modes(const void *context) {
	struct stat made;
	(void)context;
	bool works = fchmod(9, 01777) == 0 && chmod("file", 0644) == 0 &&
	             mkdir("new", 03777) == 0 && stat("new", &made) == 0 &&
	             !(made.st_mode & S_ISGID) && rmdir("new") == 0 &&
	             openat(AT_FDCWD, "file", O_RDONLY | O_CLOEXEC, 06000) >= 0 &&
	             openat(AT_FDCWD, "new", CREATE | O_CLOEXEC, 0755) >= 0;
	return works ? 0 : 1;
}

static void other_modes_are_not(void **state) {
	(void)state;
	int status = in_a_child(SANDBOX_NO_SETID, run_ordinary_modes, NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/*
 * Registers have 64 bits and the kernel looks at 32 of an int: what lies above must not hide what
 * lies below.
 */
#define HIGH(value) ((long)(1UL << 32 | (unsigned int)(value)))

/* clang-format off */
static const struct probe other_probes[] = {
	{"FS_IOC_SETFLAGS", SANDBOX_LISTS, ENOTTY, SYS_ioctl, {9, (long)FS_IOC_SETFLAGS, PATH(scratch)}},
	{"FS_IOC_FSSETXATTR", SANDBOX_LISTS, ENOTTY, SYS_ioctl, {9, (long)FS_IOC_FSSETXATTR, PATH(scratch)}},
	{"an unknown request", SANDBOX_LISTS, ENOTTY, SYS_ioctl, {-1, 0x12345678, PATH(scratch)}},
	{"F_SET_RW_HINT", SANDBOX_LISTS, EINVAL, SYS_fcntl, {-1, 1036, PATH(scratch)}},
	{"F_SETLEASE", SANDBOX_LISTS, EINVAL, SYS_fcntl, {-1, F_SETLEASE, F_RDLCK}},
	{"between two ranges", SANDBOX_LISTS, EINVAL, SYS_fcntl, {-1, 18}},
	{"behind the last range", SANDBOX_LISTS, EINVAL, SYS_fcntl, {-1, 1041}},
	{"PR_SET_SECCOMP", SANDBOX_LISTS, EINVAL, SYS_prctl, {PR_SET_SECCOMP, 2, PATH(NULL)}},
	{"mq_open", SANDBOX_WRITE_RULE, ENOSYS, SYS_mq_open, {PATH("none"), O_RDONLY}},
	{"fsetxattr", SANDBOX_WRITE_RULE, EOPNOTSUPP, SYS_fsetxattr, {-1, PATH("user.none"), PATH(scratch), 1, 0}},
	{"seccomp", SANDBOX_WRITE_RULE, ENOSYS, SYS_seccomp, {1, 0, PATH(NULL)}},
	{"set-id bit", SANDBOX_WRITE_RULE, EPERM, SYS_fchmod, {9, S_ISUID | S_IRUSR}},
	{"UDP-Lite", SANDBOX_LISTS, EPROTONOSUPPORT, SYS_socket, {AF_INET, SOCK_DGRAM, IPPROTO_UDPLITE}},
	{"mbind", SANDBOX_WRITE_RULE, ENOSYS, SYS_mbind, {0, 0, 0, 0, 0}},
	{"TCOOFF", SANDBOX_WRITE_RULE, ENOTTY, SYS_ioctl, {-1, TCXONC, TCOOFF}},
	{"listen", SANDBOX_NO_LISTEN, EPERM, SYS_listen, {9, 1}},
	{"io_uring with listen", SANDBOX_NO_LISTEN, ENOSYS, SYS_io_uring_setup, {0, PATH(scratch)}},
#ifdef __LP64__
	{"unix with high bits", SANDBOX_NO_UNIX, EAFNOSUPPORT, SYS_socket, {HIGH(AF_UNIX), SOCK_STREAM}},
	{"TIOCSTI with high bits", SANDBOX_SECCOMP, EPERM, SYS_ioctl, {9, HIGH(TIOCSTI), PATH(scratch)}},
	{"TIOCEXCL with high bits", SANDBOX_LISTS, ENOTTY, SYS_ioctl, {-1, HIGH(TIOCEXCL), 0}},
	{"TIOCLINUX with high bits", SANDBOX_SECCOMP, EPERM, SYS_ioctl, {9, HIGH(TIOCLINUX), PATH(scratch)}},
#endif
	{"unix", SANDBOX_NO_UNIX, EAFNOSUPPORT, SYS_socket, {AF_UNIX, SOCK_STREAM}},
	{"vsock", SANDBOX_FAMILIES, EAFNOSUPPORT, SYS_socket, {40, 99}},
	{"userfaultfd", SANDBOX_SURFACE, EPERM, SYS_userfaultfd, {-1}},
	{"clone3", SANDBOX_SECCOMP, ENOSYS, SYS_clone3, {PATH(scratch), 1}},
	{"name_to_handle_at", SANDBOX_SECCOMP, EPERM, SYS_name_to_handle_at, {9, PATH(""), PATH(scratch), PATH(scratch), 0}},
};
/* clang-format on */

static void the_other_rules_refuse(void **state) {
	(void)state;
	check(other_probes, ARRAY_SIZE(other_probes));
}

static int run_unknown(const void *context) {
	(void)context;
	return syscall(SYS_io_uring_setup + 500, 0) < 0 ? errno : 0;
}

/* What programs need goes on, at both ends of a range too. */
static int run_listed(const void *context) {
	int available = 0;
	(void)context;
	bool works = fcntl(9, F_DUPFD, 20) >= 20 && fcntl(9, F_DUPFD_CLOEXEC, 20) > 20 &&
	             fcntl(9, F_GETSIG) == 0 && fcntl(9, F_GETPIPE_SZ) < 0 && errno == EBADF &&
	             ioctl(9, FIONREAD, &available) == 0 && ioctl(9, FIOCLEX) == 0 &&
	             prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0) == 0 &&
	             prctl(PR_GET_SECCOMP, 0, 0, 0, 0) == 2 &&
	             prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
	return works ? 0 : 1;
}

static void what_is_listed_works(void **state) {
	(void)state;
	int status = in_a_child(SANDBOX_LISTS, run_listed, NULL);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	status = in_a_child(SANDBOX_KNOWN_CALLS, run_unknown, NULL);
	assert_int_equal(WEXITSTATUS(status), ENOSYS);
}

static int run_unix_socket(const void *context) {
	(void)context;
	return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0) < 0 ? errno : 0;
}

/* Asking for another core file limit succeeds and changes nothing. */
static int run_core_limit(const void *context) {
	(void)context;
	struct rlimit limit;
	bool asked = getrlimit(RLIMIT_CORE, &limit) == 0;
	limit.rlim_cur = limit.rlim_cur ? 0 : 1;
	asked = asked && setrlimit(RLIMIT_CORE, &limit) == 0;
	const rlim_t wanted = limit.rlim_cur;
	return asked && getrlimit(RLIMIT_CORE, &limit) == 0 ? limit.rlim_cur == wanted
	                                                    : FAILED_TO_LOAD;
}

/* Joining programs must not let the first one's `allow` end the others, nor lose one. */
static void any_combination_of_features_holds(void **state) {
	(void)state;
	static const uint32_t parts[] = {
		SANDBOX_SECCOMP,    SANDBOX_SURFACE,  SANDBOX_FAMILIES,    SANDBOX_WRITE_RULE,
		SANDBOX_NO_UNIX,    SANDBOX_NO_SETID, SANDBOX_NO_LISTEN,   SANDBOX_NO_PATH_TRUNCATE,
		SANDBOX_CORE_LIMIT, SANDBOX_LISTS,    SANDBOX_KNOWN_CALLS,
	};
	const struct probe set_id = {.call = SYS_fchmod, .arguments = {9, 02755}};
	for (uint32_t chosen = 0; chosen < 1U << ARRAY_SIZE(parts); chosen++) {
		uint32_t features = 0;
		for (size_t i = 0; i < ARRAY_SIZE(parts); i++)
			features |= chosen & (1U << i) ? parts[i] : 0;
		int unix_socket = in_a_child(features, run_unix_socket, NULL);
		int mode = in_a_child(features, run_probe, &set_id);
		int core_limit = in_a_child(features, run_core_limit, NULL);
		assert_true(WIFEXITED(unix_socket) && WIFEXITED(mode) && WIFEXITED(core_limit));
		assert_int_equal(WEXITSTATUS(core_limit), !(features & SANDBOX_CORE_LIMIT));
		assert_int_equal(WEXITSTATUS(unix_socket),
		                 features & SANDBOX_NO_UNIX ? EAFNOSUPPORT : 0);
		const bool no_set_id = features & (SANDBOX_NO_SETID | SANDBOX_WRITE_RULE);
		assert_int_equal(WEXITSTATUS(mode), no_set_id ? EPERM : 0);
	}
}

/*
 * The tables must fit every architecture that libseccomp knows, though only the native filters are
 * ever used.
 */
static int compile_for(const char *architecture) {
	pid_t pid = fork();
	if (pid == 0) {
		int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
		if (dup2(null, STDOUT_FILENO) >= 0 && dup2(null, STDERR_FILENO) >= 0)
			execl(FILTERS_COMPILE, FILTERS_COMPILE, architecture, (char *)NULL);
		_exit(127);
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void the_tables_compile_for_every_architecture(void **state) {
	(void)state;
	static const char *const known[] = {
		"x86",    "x86_64",   "x32",       "arm",         "aarch64", "mips",    "mipsel",
		"mips64", "mipsel64", "mips64n32", "ppc",         "ppc64",   "ppc64le", "s390",
		"s390x",  "parisc",   "parisc64",  "mipsel64n32", "riscv64",
	};
	/* libseccomp has learnt these after 2.5: 2 says that it does not know the name. */
	static const char *const later[] = {"loongarch64", "m68k", "sh", "sheb"};
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		print_message("# %s\n", known[i]);
		assert_int_equal(compile_for(known[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_SIZE(later); i++) {
		int status = compile_for(later[i]);
		assert_true(status == 0 || status == 2);
	}
	assert_int_equal(compile_for("pdp11"), 2);
}

/* Reads at most `size` - 1 bytes as a string. */
static void slurp(FILE *file, char *into, size_t size) {
	assert_non_null(file);
	into[fread(into, 1, size - 1, file)] = '\0';
}

static void the_documented_calls_are_the_tables_calls(void **state) {
	(void)state;
	static char document[65536], calls[65536];
	FILE *file = fopen(TOP_SRCDIR "/doc/seccomp.md", "re");
	slurp(file, document, sizeof(document));
	fclose(file);
	FILE *listing = popen("'" FILTERS_COMPILE "' --calls", "re");
	slurp(listing, calls, sizeof(calls));
	assert_int_equal(pclose(listing), 0);
	assert_true(strlen(calls) > 1000);
	assert_non_null(strstr(document, calls));
}

/* The list of doc/lockdown.md that begins with a mark, in `document`; its end is cut off. */
static char *find_table(char *document, const char *mark) {
	char *table = strstr(document, mark);
	assert_non_null(table);
	char *end = strstr(table, "<!-- end -->");
	assert_non_null(end);
	*end = '\0';
	return table;
}

static bool mentions(const char *table, const char *name) {
	char word[64];
	snprintf(word, sizeof(word), "`%s`", name);
	return strstr(table, word) != NULL;
}

/* Every call is in the list of its decision. */
static void the_documented_decisions_are_the_filters(void **state) {
	(void)state;
	static char document[65536];
	char decision[16], name[48];
	FILE *file = fopen(TOP_SRCDIR "/doc/lockdown.md", "re");
	slurp(file, document, sizeof(document));
	fclose(file);
	const char *refused = find_table(document, "<!-- refused -->");
	const char *part = find_table(document + strlen(document) + 1, "<!-- part -->");
	const char *allowed = find_table((char *)part + strlen(part) + 1, "<!-- allowed -->");
	FILE *listing = popen("'" FILTERS_COMPILE "' --decisions", "re");
	assert_non_null(listing);
	size_t count = 0;
	while (fscanf(listing, "%15s %47s", decision, name) == 2) {
		const char *table = strcmp(decision, "refused") == 0 ? refused
		                    : strcmp(decision, "part") == 0  ? part
		                                                     : allowed;
		print_message("# %s %s\n", decision, name);
		assert_true(mentions(table, name));
		count++;
	}
	assert_int_equal(pclose(listing), 0);
	assert_true(count > 300);
}

static int run_getpid(const void *context) {
	(void)context;
	return getppid() > 0 ? 0 : 1;
}

static int run_fork(const void *context) {
	(void)context;
	pid_t pid = fork();
	if (pid == 0)
		_exit(0);
	return pid > 0 && waitpid(pid, NULL, 0) == pid ? 0 : 1;
}

static int run_mkdir(const void *context) {
	(void)context;
	return mkdir("new", 0700) == 0 ? 0 : 1;
}

static int run_scheduler(const void *context) {
	(void)context;
	return syscall(SYS_sched_getscheduler, 0) >= 0 ? 0 : 1;
}

/* Reads the clock's state, as anybody may. */
static int run_adjtimex(const void *context) {
	(void)context;
	return syscall(SYS_adjtimex, scratch) < 0 ? errno : 0;
}

/* What each is allowed from on; before that it ends the program. */
static const struct ladder {
	enum sandbox_profile from;
	int (*run)(const void *context);
	int otherwise; /* 0: killed, else the errno */
	int then;
} ladder[] = {
	{SANDBOX_PROFILE_ESSENTIAL, run_getpid, 0, 0},
	{SANDBOX_PROFILE_MINIMAL, run_fork, 0, 0},
	{SANDBOX_PROFILE_IO, run_mkdir, 0, 0},
	{SANDBOX_PROFILE_COMPUTE, run_scheduler, 0, 0},
	{SANDBOX_PROFILE_NETWORK, run_unix_socket, EAFNOSUPPORT, 0},
	{SANDBOX_PROFILE_UNRESTRICTED, run_adjtimex, 0, 0},
	{SANDBOX_PROFILE_ESSENTIAL, run_unknown, 0, ENOSYS},
};

static void profiles_are_cumulative(void **state) {
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ladder); i++) {
		for (enum sandbox_profile p = SANDBOX_PROFILE_ESSENTIAL;
		     p <= SANDBOX_PROFILE_UNRESTRICTED; p++) {
			int status = in_a_child_under(0, p, ladder[i].run, NULL);
			print_message("# %zu %d: %x\n", i, (int)p, (unsigned int)status);
			if (p < ladder[i].from && ladder[i].otherwise == 0) {
				assert_true(WIFSIGNALED(status));
				assert_int_equal(WTERMSIG(status), SIGSYS);
				continue;
			}
			assert_true(WIFEXITED(status));
			int expected = p < ladder[i].from ? ladder[i].otherwise : ladder[i].then;
			assert_int_equal(WEXITSTATUS(status), expected);
		}
	}
}

/*
 * A profile that has a call does not undo a rule against it: joined to one filter, and loaded after
 * it.
 */
static void no_profile_loosens_a_rule(void **state) {
	(void)state;
	/* clang-format off */
	static const struct probe kept[] = {
		{"listen", SANDBOX_NO_LISTEN, EPERM, SYS_listen, {9, 1}},
		{"unix", SANDBOX_NO_UNIX, EAFNOSUPPORT, SYS_socket, {AF_UNIX, SOCK_STREAM}},
		{"vsock", SANDBOX_FAMILIES, EAFNOSUPPORT, SYS_socket, {40, 99}},
		{"datagram pair", SANDBOX_FAMILIES, ESOCKTNOSUPPORT, SYS_socketpair,
		 {AF_UNIX, SOCK_DGRAM, 0, PATH(scratch)}},
		{"fchmod", SANDBOX_NO_SETID, EPERM, SYS_fchmod, {9, 02755}},
		{"memory files", SANDBOX_EXEC_LIST, ENOSYS, SYS_memfd_create, {PATH("m"), 8}},
		{"TIOCSTI", SANDBOX_SECCOMP, EPERM, SYS_ioctl, {9, TIOCSTI, PATH(scratch)}},
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(kept); i++) {
		for (enum sandbox_profile p = SANDBOX_PROFILE_NETWORK;
		     p <= SANDBOX_PROFILE_UNRESTRICTED; p++) {
			struct stacked stacked = {p, &kept[i]};
			int without = in_a_child_under(0, p, run_probe, &kept[i]);
			int joined = in_a_child_under(kept[i].features, p, run_probe, &kept[i]);
			int after = in_a_child_under(kept[i].features, SANDBOX_PROFILE_DEFAULT,
			                             run_stacked, &stacked);
			assert_int_not_equal(WEXITSTATUS(without), kept[i].answer);
			assert_int_equal(WEXITSTATUS(joined), kept[i].answer);
			assert_int_equal(WEXITSTATUS(after), kept[i].answer);
		}
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(set_id_bits_are_refused_however_they_are_set),
		cmocka_unit_test(owners_of_namespaces_are_refused),
		cmocka_unit_test(what_else_leads_to_the_run_group_is_refused),
		cmocka_unit_test(nothing_is_given_to_the_run_group),
		cmocka_unit_test(other_modes_are_not),
		cmocka_unit_test(the_other_rules_refuse),
		cmocka_unit_test(what_is_listed_works),
		cmocka_unit_test(any_combination_of_features_holds),
		cmocka_unit_test(the_tables_compile_for_every_architecture),
		cmocka_unit_test(the_documented_calls_are_the_tables_calls),
		cmocka_unit_test(the_documented_decisions_are_the_filters),
		cmocka_unit_test(profiles_are_cumulative),
		cmocka_unit_test(no_profile_loosens_a_rule),
	};
	return cmocka_run_group_tests(tests, enter_place, leave_place);
}
