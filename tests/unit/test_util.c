#include "unit.h"

#include "scratch.h"
#include "authority/actor.h"
#include "util/buffer.h"
#include "util/fd.h"
#include "util/file.h"
#include "util/nearest.h"
#include "util/path.h"
#include "util/pinentry.h"
#include "util/proc.h"
#include "util/secret.h"
#include "util/trust.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void put(const char *name, mode_t mode) {
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static void error_keeps_terminals_safe(void **state) {
	(void)state;
	struct error err = {0};
	assert_int_equal(error_set(&err, ENOENT, "'%s'", "a\033[2Jb\n"), -ENOENT);
	assert_string_equal(err.text, "'a?[2Jb?'");
	error_set(&err, ENOENT, "%s",
	          "a\xc2\x9b"
	          "2J\xc3\xa9");
	assert_string_equal(err.text, "a??2J\xc3\xa9");
}

static const char *nearest_of(const char *typed, size_t length) {
	static const char *const words[] = {"list", "store", "restore", "generate",
	                                    "passphrase-fd"};
	struct nearest nearest = {.typed = typed, .length = length};
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
		nearest_offer(&nearest, words[i]);
	return nearest.word ? nearest.word : "";
}

static void nearest_finds_one_mistake_in_three_letters(void **state) {
	(void)state;
	assert_string_equal(nearest_of("stroe", 5), "store");
	assert_string_equal(nearest_of("retsore", 7), "restore");
	assert_string_equal(nearest_of("genrat", 6), "generate");
	assert_string_equal(nearest_of("list=secret", 4), "list");
	assert_string_equal(nearest_of("ls", 2), "");
	assert_string_equal(nearest_of("hunter2", 7), "");
	assert_string_equal(nearest_of("", 0), "");
	assert_string_equal(nearest_of("passphrase-fdxxxxxxxxxxxxx", 26), "");
}

static void error_wraps_on_the_way_up(void **state) {
	(void)state;
	struct error err = {0};
	error_errno(&err, -EPERM, "mount");
	assert_int_equal(error_wrap(&err, EPERM, "lockdown"), -EPERM);
	assert_string_equal(err.text, "lockdown: mount: Operation not permitted");
}

static void error_cuts_long_text(void **state) {
	(void)state;
	struct error err = {0};
	char longer[4096];
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	error_errno(&err, ENOMEM, "%s", longer);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void buffer_grows_and_is_stolen(void **state) {
	(void)state;
	struct buffer buffer = BUFFER_INIT;
	for (int i = 0; i < 1000; i++)
		buffer_format(&buffer, "%d,", i);
	buffer_append(&buffer, "\0x", 2);
	assert_int_equal(buffer.size, 10 * 2 + 90 * 3 + 900 * 4 + 2);
	cleanup_free char *text = buffer_steal(&buffer);
	assert_non_null(text);
	assert_null(buffer.bytes);
	assert_int_equal(strncmp(text, "0,1,2,3,", 8), 0);
}

static void path_normal(void **state) {
	(void)state;
	static const char *const good[] = {"/", "/a", "/usr/bin/gh", "/.config/x", "/a b/..c"};
	static const char *const bad[] = {"",     "a",     "/a/",  "//a", "/a//b",
	                                  "/./a", "/a/..", "/a/.", "./a"};
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(path_is_normal(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(path_is_normal(bad[i]));
}

static void path_too_long_is_not_normal(void **state) {
	(void)state;
	char path[5000];
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? 'a' : '/';
	path[sizeof(path) - 1] = '\0';
	assert_false(path_is_normal(path));
}

static void path_joins(void **state) {
	(void)state;
	static const struct {
		const char *directory, *name, *joined;
	} rows[] = {{"/a", "b", "/a/b"}, {"/a/", "/b", "/a/b"}, {"/", "b", "/b"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_free char *joined = path_join(rows[i].directory, rows[i].name);
		assert_string_equal(joined, rows[i].joined);
	}
}

static void path_names_keep_the_last_link(void **state) {
	(void)state;
	struct error err;
	cleanup_free char *name = NULL;
	cleanup_free char *real = NULL;
	put("tool", 0755);
	mkdir(at("dir"), 0755);
	assert_int_equal(symlink("../tool", at("dir/link")), 0);
	assert_int_equal(symlink("dir", at("alias")), 0);
	assert_int_equal(path_command_names(at("alias/./link"), &name, &real, &err), 0);
	assert_string_equal(name, at("dir/link"));
	assert_string_equal(real, at("tool"));
}

static void path_names_of_nothing(void **state) {
	(void)state;
	struct error err;
	char *name = NULL, *real = NULL;
	assert_int_equal(path_command_names(at("none"), &name, &real, &err), -ENOENT);
	assert_int_equal(path_command_names("/usr/", &name, &real, &err), -EISDIR);
	assert_int_equal(path_command_names("/usr/..", &name, &real, &err), -EISDIR);
	assert_null(name);
}

static void secret_bounds(void **state) {
	(void)state;
	struct error err;
	struct secret *secret = NULL;
	assert_int_equal(secret_new(0, &secret, &err), -EINVAL);
	assert_int_equal(secret_new(SECRET_SIZE_MAX + 1, &secret, &err), -EINVAL);
	assert_null(secret);
	secret_free(NULL);
}

static void secret_reads_to_the_end_and_no_further(void **state) {
	(void)state;
	struct error err;
	int pipefd[2];
	char bytes[9000];
	memset(bytes, 'k', sizeof(bytes));
	for (int limit = 8999; limit <= 9001; limit++) {
		cleanup_secret struct secret *secret = NULL;
		assert_int_equal(pipe(pipefd), 0);
		assert_int_equal(fd_write_full(pipefd[1], bytes, sizeof(bytes)), 0);
		close(pipefd[1]);
		int r = secret_read_fd(pipefd[0], (size_t)limit, &secret, &err);
		close(pipefd[0]);
		assert_int_equal(r, limit < 9000 ? -EFBIG : 0);
		if (r == 0)
			assert_int_equal(secret->size, 9000);
	}
}

static void secret_refuses_memory_it_cannot_lock(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		struct error err;
		struct secret *secret = NULL;
		struct rlimit none = {1, 1};
		/* Root has CAP_IPC_LOCK, and no limit is felt. */
		if (geteuid() == 0 && setresuid(54321, 54321, 54321) < 0)
			_exit(99);
		setrlimit(RLIMIT_MEMLOCK, &none);
		_exit(secret_new(64, &secret, &err) == -ENOMEM ? 0 : 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

#define HIGH 600
#define STRING(text) STRING_(text)
#define STRING_(text) #text

/* What the caller opened before lowering the limit is open all the same. */
static void child_limits(rlim_t descriptors) {
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(99);
	limit.rlim_cur = descriptors;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		_exit(99);
}

static void child_with_high_descriptors(void) {
	if (dup2(STDIN_FILENO, HIGH) < 0 || dup2(STDIN_FILENO, HIGH + 1) < 0)
		_exit(99);
	child_limits(64);
}

static void descriptors_above_the_limit_are_closed(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		const int kept[] = {-1, HIGH + 1};
		child_with_high_descriptors();
		fd_close_others(STDERR_FILENO + 1, kept, ARRAY_SIZE(kept));
		child_limits(HIGH + 2);
		_exit(fcntl(HIGH, F_GETFD) < 0 && fcntl(HIGH + 1, F_GETFD) >= 0 ? 0 : 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void descriptors_above_the_limit_close_on_exec(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0) {
		child_with_high_descriptors();
		int r = fd_cloexec_from(HIGH);
		child_limits(HIGH + 2);
		_exit(r == 0 && fcntl(HIGH, F_GETFD) == FD_CLOEXEC &&
		                      fcntl(STDIN_FILENO, F_GETFD) == 0
		              ? 0
		              : 1);
	}
	int status = -1;
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
}

static void sealed_file_cannot_change(void **state) {
	(void)state;
	cleanup_fd int fd = -1;
	assert_int_equal(fd_sealed("test", "abc", 3, &fd), 0);
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
	assert_int_equal(ftruncate(fd, 0), -1);
	char bytes[4] = "";
	assert_int_equal(fd_read_full(fd, bytes, 3), 0);
	assert_string_equal(bytes, "abc");
	assert_int_equal(fd_read_full(fd, bytes, 1), -ENODATA);
}

static void descriptor_numbers_are_digits_of_open_ones(void **state) {
	static const char *const refused[] = {"",   "x",  "1x",         " 1",
	                                      "+1", "-1", "4294967297", "99999999999999999999"};
	char text[16];
	int fd = -7, ends[2];
	struct error err;
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(refused); i++)
		assert_int_equal(fd_parse(refused[i], &fd), -EINVAL);
	assert_int_equal(fd_pipe(&ends[0], &ends[1], &err), 0);
	snprintf(text, sizeof(text), "%d", ends[1]);
	assert_int_equal(fd_parse(text, &fd), 0);
	assert_int_equal(fd, ends[1]);
	close(ends[0]);
	close(ends[1]);
	fd = -7;
	assert_int_equal(fd_parse(text, &fd), -EBADF);
	assert_int_equal(fd, -7);
}

static void proc_fields_are_whole_lines(void **state) {
	int value = -7;
	(void)state;
	assert_int_equal(prctl(PR_SET_NAME, "a\nPPid:\t1"), 0);
	assert_int_equal(proc_field(AT_FDCWD, "/proc/self/status", "PPid", &value), 0);
	assert_int_equal(value, getppid());
	assert_int_equal(proc_field(AT_FDCWD, "/proc/self/status", "Pid", &value), 0);
	assert_int_equal(value, getpid());
	assert_int_equal(proc_field(AT_FDCWD, "/proc/self/status", "PPi", &value), -EPROTO);
	assert_int_equal(proc_field(AT_FDCWD, "/proc/self/none", "PPid", &value), -ENOENT);
	assert_int_equal(value, getpid());
}

static void read_all_is_bounded(void **state) {
	(void)state;
	cleanup_fd int fd = -1;
	cleanup_buffer struct buffer bytes = BUFFER_INIT;
	assert_int_equal(fd_sealed("test", "abcd", 4, &fd), 0);
	assert_int_equal(fd_read_all(fd, 3, &bytes), -EFBIG);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(fd_read_all(fd, 4, &bytes), 0);
	assert_string_equal(bytes.bytes, "abcd");
}

static void file_is_written_whole(void **state) {
	(void)state;
	struct error err;
	struct stat st;
	cleanup_fd int dir = open(scratch, O_RDONLY | O_DIRECTORY);
	assert_int_equal(file_write_atomic(dir, "f", "one", 3, 0400, false, "f", &err), 0);
	assert_int_equal(file_write_atomic(dir, "f", "two", 3, 0400, false, "f", &err), -EEXIST);
	assert_int_equal(stat(at("f"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_int_equal(st.st_nlink, 1);
	assert_int_equal(file_write_atomic(dir, "f", "three", 5, 0600, true, "f", &err), 0);
	assert_int_equal(stat(at("f"), &st), 0);
	assert_int_equal(st.st_size, 5);
}

static void directories_are_made_with_parents(void **state) {
	(void)state;
	struct error err;
	struct stat st;
	assert_int_equal(file_make_directories(at("x/y/z"), 0700, &err), 0);
	assert_int_equal(stat(at("x/y/z"), &st), 0);
	assert_int_equal(st.st_mode & 07777, 0700);
	assert_int_equal(file_make_directories(at("x/y/z"), 0700, &err), 0);
	put("x/plain", 0600);
	assert_int_equal(file_make_directories(at("x/plain/z"), 0700, &err), -ENOTDIR);
}

static int trusted(const char *name, int flags, struct error *err) {
	struct trust trust = {.owner = geteuid(), .sticky = true};
	int fd = -1;
	int r = trust_open(at(name), flags, &trust, &fd, err);
	if (r == 0)
		close(fd);
	else
		assert_int_equal(fd, -1);
	return r;
}

static void trust_believes_own_files(void **state) {
	(void)state;
	struct error err;
	mkdir(at("t"), 0755);
	put("t/f", 0644);
	assert_int_equal(symlink("f", at("t/link")), 0);
	assert_int_equal(symlink(at("t/f"), at("t/absolute")), 0);
	assert_int_equal(trusted("t/f", O_RDONLY, &err), 0);
	assert_int_equal(trusted("t/link", O_RDONLY, &err), 0);
	assert_int_equal(trusted("t/absolute", O_RDONLY, &err), 0);
	assert_int_equal(trusted("t/link", O_RDONLY | O_NOFOLLOW, &err), -ELOOP);
	assert_int_equal(trusted("t", O_RDONLY | O_DIRECTORY, &err), 0);
	assert_int_equal(trusted("t/none", O_RDONLY, &err), -ENOENT);
	assert_int_equal(trusted("t/f/x", O_RDONLY, &err), -ENOTDIR);
}

static void trust_refuses_what_others_may_write(void **state) {
	(void)state;
	struct error err;
	mkdir(at("open"), 0755);
	put("open/f", 0664);
	assert_int_equal(trusted("open/f", O_RDONLY, &err), -EPERM);
	assert_non_null(strstr(err.text, "writable by others"));
	chmod(at("open/f"), 0644);
	assert_int_equal(trusted("open/f", O_RDONLY, &err), 0);
	chmod(at("open"), 0777);
	assert_int_equal(trusted("open/f", O_RDONLY, &err), -EPERM);
	/* Sticky is root's privilege: a directory of the user's own does not count. */
	chmod(at("open"), 01777);
	assert_int_equal(trusted("open/f", O_RDONLY, &err), geteuid() == 0 ? 0 : -EPERM);
	/* Nor, for root, one that another owner may rename files in. */
	if (geteuid() == 0) {
		const struct trust another = {.owner = 54321, .sticky = true};
		int fd = -1;
		assert_int_equal(chown(at("open"), another.owner, 0), 0);
		assert_int_equal(trust_open(at("open/f"), O_RDONLY, &another, &fd, &err), -EPERM);
		assert_int_equal(chmod(at("open"), 0755), 0);
		assert_int_equal(trust_open(at("open/f"), O_RDONLY, &another, &fd, &err), 0);
		close(fd);
		/* A stranger can change his own file, whatever its mode is. */
		assert_int_equal(chown(at("open/f"), another.owner + 1, 0), 0);
		assert_int_equal(trust_open(at("open/f"), O_RDONLY, &another, &fd, &err), -EPERM);
		assert_int_equal(chown(at("open/f"), 0, 0), 0);
		assert_int_equal(chown(at("open"), 0, 0), 0);
	}
	chmod(at("open"), 0777);
	put("inner", 0600);
	assert_int_equal(symlink("../inner", at("open/detour")), 0);
	assert_int_equal(trusted("open/detour", O_RDONLY, &err), -EPERM);
}

static void trust_refuses_loops(void **state) {
	(void)state;
	struct error err;
	assert_int_equal(symlink("loop", at("loop")), 0);
	alarm(5);
	assert_int_equal(trusted("loop", O_RDONLY, &err), -ELOOP);
	alarm(0);
}

/* Takes the place of what is opened next other than as a path. */
static const char *replacement;

static void replace(int dir, const char *name, int flags) {
	if (!replacement || (flags & O_PATH))
		return;
	assert_int_equal(renameat(AT_FDCWD, replacement, dir, name), 0);
	replacement = NULL;
}

int __real_openat(int dir, const char *name, int flags, mode_t mode);
int __wrap_openat(int dir, const char *name, int flags, mode_t mode);

int __wrap_openat(int dir, const char *name, int flags, mode_t mode) {
	replace(dir, name, flags);
	return __real_openat(dir, name, flags, mode);
}

/* With _FORTIFY_SOURCE, where there is no mode. */
int __real___openat_2(int dir, const char *name, int flags);
int __wrap___openat_2(int dir, const char *name, int flags);

int __wrap___openat_2(int dir, const char *name, int flags) {
	replace(dir, name, flags);
	return __real___openat_2(dir, name, flags);
}

static void trust_opens_what_it_has_looked_at(void **state) {
	(void)state;
	struct error err;
	put("seen", 0600);
	put("unseen", 0600);
	replacement = at("unseen");
	assert_int_equal(trusted("seen", O_RDONLY, &err), -EPERM);
	assert_null(replacement);
	assert_non_null(strstr(err.text, "was replaced"));
	assert_int_equal(trusted("seen", O_RDONLY, &err), 0);
}

static void trust_remembers_whole_directories(void **state) {
	(void)state;
	struct error err;
	struct trust_memory memory = {0};
	const struct trust trust = {.owner = geteuid(), .sticky = true, .memory = &memory};
	int fd = -1;
	mkdir(at("ab"), 0755);
	mkdir(at("a"), 0755);
	put("ab/f", 0600);
	assert_int_equal(trust_open(at("ab/f"), O_RDONLY, &trust, &fd, &err), 0);
	close(fd);
	assert_int_equal(trust_open(at("a/f"), O_RDONLY, &trust, &fd, &err), -ENOENT);
	assert_int_equal(trust_open(at("ab/f"), O_RDONLY, &trust, &fd, &err), 0);
	close(fd);
	trust_memory_free(&memory);
}

static void trust_remembers_a_directory_as_itself(void **state) {
	(void)state;
	struct error err;
	struct trust_memory memory = {0};
	const struct trust trust = {.owner = geteuid(), .sticky = true, .memory = &memory};
	int fd = -1;
	mkdir(at("cd"), 0755);
	put("cd/inside", 0600);
	assert_int_equal(trust_open(at("cd/"), O_PATH | O_DIRECTORY, &trust, &fd, &err), 0);
	close(fd);
	assert_int_equal(trust_open(at("cd/inside"), O_RDONLY, &trust, &fd, &err), 0);
	close(fd);
	trust_memory_free(&memory);
}

static void trust_is_roots_alone_where_asked(void **state) {
	(void)state;
	struct error err;
	int fd = -1;
	put("mine", 0600);
	/*
	 * /tmp is sticky, and below it lies a directory of this test's uid: neither is root-only.
	 */
	assert_int_equal(trust_open(at("mine"), O_RDONLY, &TRUST_ROOT, &fd, &err), -EPERM);
	assert_int_equal(trust_open("/usr/bin", O_RDONLY, &TRUST_ROOT, &fd, &err), 0);
	close(fd);
}

static void trust_is_not_held_up_by_a_fifo(void **state) {
	(void)state;
	struct error err;
	assert_int_equal(mkfifo(at("fifo"), 0600), 0);
	alarm(5);
	assert_int_equal(trusted("fifo", O_RDONLY, &err), 0);
	alarm(0);
}

static void acting_as_the_caller_changes_nothing_without_need(void **state) {
	(void)state;
	struct error err;
	int dumpable = prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
	assert_int_equal(actor_switch(ACTOR_SERVICE, ACTOR_CALLER, NULL, &err), 0);
	assert_int_equal(setfsuid((uid_t)-1), geteuid());
	assert_int_equal(actor_switch(ACTOR_CALLER, ACTOR_SERVICE, NULL, &err), 0);
	assert_int_equal(actor_switch(ACTOR_CALLER, ACTOR_SERVICE, NULL, &err), 0);
	assert_int_equal(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0), dumpable);
}

#define USER_ID 1000
#define SERVICE_ID 64101

/* As the kernel does where fs.suid_dumpable is 1 (proc(5)). */
int __real_seteuid(uid_t uid);
int __wrap_seteuid(uid_t uid);

int __wrap_seteuid(uid_t uid) {
	int r = __real_seteuid(uid);
	prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return r;
}

int __real_setfsuid(uid_t uid);
int __wrap_setfsuid(uid_t uid);

int __wrap_setfsuid(uid_t uid) {
	int before = __real_setfsuid(uid);
	if (uid != (uid_t)-1 && uid != (uid_t)before)
		prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
	return before;
}

static bool opens(const char *path) {
	cleanup_fd int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0;
}

/*
 * In a child: as a privileged envseal-exec, undumpable and without capabilities. Returns what
 * failed.
 */
static int service_child(const char *services, const char *users) {
	struct error err;
	if (setgroups(0, NULL) < 0 || setresgid(USER_ID, SERVICE_ID, SERVICE_ID) < 0 ||
	    setresuid(USER_ID, SERVICE_ID, SERVICE_ID) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0)
		return 1;
	if (!opens(services) || opens(users))
		return 2;
	if (actor_switch(ACTOR_SERVICE, ACTOR_CALLER, NULL, &err) < 0 ||
	    actor_switch(ACTOR_SERVICE, ACTOR_CALLER, NULL, &err) < 0 || opens(services) ||
	    !opens(users))
		return 3;
	if (setfsgid((gid_t)-1) != USER_ID || geteuid() != SERVICE_ID)
		return 4;
	if (actor_switch(ACTOR_CALLER, ACTOR_SERVICE, NULL, &err) < 0 ||
	    actor_switch(ACTOR_CALLER, ACTOR_SERVICE, NULL, &err) < 0 || !opens(services) ||
	    opens(users))
		return 5;
	return prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0 ? 0 : 6;
}

/* In a child of root's: returns after which switch it was not undumpable. */
static int policys_user_child(void) {
	static const enum actor actors[] = {ACTOR_SERVICE, ACTOR_TARGET, ACTOR_OWNER,
	                                    ACTOR_SERVICE, ACTOR_OWNER,  ACTOR_CALLER};
	struct error err;
	struct policy policy = {.process = {.as_other = true, .user = USER_ID, .group = USER_ID}};
	prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	for (int i = 1; i < (int)ARRAY_SIZE(actors); i++) {
		if (actor_switch(actors[i - 1], actors[i], &policy, &err) < 0 ||
		    prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) != 0)
			return i;
	}
	return 0;
}

/* What is opened in place of /proc/self/uid_map. */
static const char *uid_map;

int __real_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode);

int __wrap_open(const char *path, int flags, mode_t mode) {
	bool map = uid_map && strcmp(path, "/proc/self/uid_map") == 0;
	return __real_open(map ? uid_map : path, flags, mode);
}

/* As a user: a file of the overflow uid's, where `others` lines map other ids and the last it. */
static int trusted_with_map(const char *file, int others, bool mapped) {
	const struct trust trust = {.owner = USER_ID, .sticky = true, .unmapped = true};
	struct error err;
	int fd = -1;
	FILE *map = fopen(at("uid_map"), "w");
	for (int i = 0; i < others; i++)
		fprintf(map, "%10u %10u %10u\n", i, 100000 + i, 1);
	if (mapped)
		fprintf(map, "%10u %10u %10u\n", 65534, 65534, 1);
	fclose(map);
	uid_map = at("uid_map");
	pid_t pid = fork();
	if (pid == 0) {
		bool user = setresgid(USER_ID, USER_ID, USER_ID) == 0 &&
		            setresuid(USER_ID, USER_ID, USER_ID) == 0;
		_exit(user ? -trust_open(file, O_RDONLY, &trust, &fd, &err) : 255);
	}
	uid_map = NULL;
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

/* Only root can give a file to that uid. */
static void trust_reads_all_of_the_uid_map(void **state) {
	(void)state;
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(scratch, 0755), 0);
	put("nobodys", 0644);
	assert_int_equal(chown(at("nobodys"), 65534, 65534), 0);
	assert_int_equal(trusted_with_map(at("nobodys"), 1, false), 0);
	assert_int_equal(trusted_with_map(at("nobodys"), 1, true), -EPERM);
	assert_int_equal(trusted_with_map(at("nobodys"), 339, false), 0);
	assert_int_equal(trusted_with_map(at("nobodys"), 339, true), -EPERM);
}

static void make_private_file(char path[static PATH_MAX], const char *name, uid_t uid) {
	snprintf(path, PATH_MAX, "%s/%s", scratch, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0400);
	assert_true(fd >= 0 && fchown(fd, uid, uid) == 0);
	close(fd);
}

/* Only root can take on other ids; for others there is nothing that could be different. */
static void acting_as_the_caller_opens_what_the_caller_may_open(void **state) {
	(void)state;
	char services[PATH_MAX], users[PATH_MAX];
	if (geteuid() != 0)
		return;
	assert_int_equal(chmod(scratch, 0755), 0);
	make_private_file(services, "of-the-service", SERVICE_ID);
	make_private_file(users, "of-the-user", USER_ID);
	pid_t pid = fork();
	if (pid == 0)
		_exit(service_child(services, users));
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static void acting_as_the_policys_user_stays_undumpable(void **state) {
	(void)state;
	if (geteuid() != 0)
		return;
	pid_t pid = fork();
	if (pid == 0)
		_exit(policys_user_child());
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

/*
 * pinentry: what it answers is decoded, what it should not say is refused, its death is survived.
 */

static int ask_script(const char *script, struct secret **ret_answer, struct error *err) {
	char *const environment[] = {(char *)"PATH=/usr/bin:/bin", NULL};
	int fd = open(at("pinentry"), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0700);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, script, strlen(script)), 0);
	close(fd);
	return pinentry_ask(at("pinentry"), "It is locked.", "Passphrase", environment, 16,
	                    ret_answer, err);
}

#define GREETS                                                                                        \
	"#!/bin/sh\necho OK hello\nread a; [ \"$a\" = 'SETDESC It is locked.' ] || exit 1\necho OK\n" \
	"read a; [ \"$a\" = 'SETPROMPT Passphrase' ] || exit 1\necho OK\nread a; [ \"$a\" = GETPIN ] || exit 1\n"

static void pinentry_answers(void **state) {
	(void)state;
	static const struct {
		const char *script;
		int result;
	} rows[] = {
		{GREETS "echo 'D open%25%0Ased'\necho OK\n", 0},
		{GREETS
	         "echo '# a comment'\necho 'S STATUS'\necho 'D open%25'\necho 'D %0ased'\necho OK\n",
	         0},
		/* It has none of our descriptors. */
		{GREETS
	         "[ -e /proc/$$/fd/" STRING(HIGH) " ] && exit 1\necho 'D open%25%0Ased'\necho OK\n",
	         0},
		{GREETS "echo OK\n", -ECANCELED},
		{GREETS "echo 'ERR 83886179 cancelled'\n", -ECANCELED},
		{GREETS "echo 'D open%2'\necho OK\n", -EPROTO},
		{GREETS "echo 'D open%zz'\necho OK\n", -EPROTO},
		{GREETS "echo 'D 0123456789abcdefg'\necho OK\n", -EFBIG},
		{GREETS "head -c 2000 /dev/zero | tr '\\0' x\n", -EPROTO},
		{GREETS, -ENXIO},
		{"#!/bin/sh\nexit 0\n", -ENXIO},
		{"#!/does/not/exist\n", -ENXIO},
	};
	struct error err;
	struct secret *none = NULL;
	assert_int_equal(pinentry_ask(at("missing"), "", "", NULL, 16, &none, &err), -ENXIO);
	assert_int_equal(dup2(STDIN_FILENO, HIGH), HIGH);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		cleanup_secret struct secret *answer = NULL;
		int r = ask_script(rows[i].script, &answer, &err);
		if (r != rows[i].result)
			fail_msg("row %zu gave %d: %s", i, r, err.text);
		if (r < 0)
			continue;
		assert_int_equal(answer->size, 9);
		assert_memory_equal(answer->bytes, "open%\nsed", 9);
	}
	close(HIGH);
}

int main(void) {
	if (sodium_init() < 0)
		return 1;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(acting_as_the_caller_changes_nothing_without_need),
		cmocka_unit_test(acting_as_the_caller_opens_what_the_caller_may_open),
		cmocka_unit_test(acting_as_the_policys_user_stays_undumpable),
		cmocka_unit_test(trust_reads_all_of_the_uid_map),
		cmocka_unit_test(error_keeps_terminals_safe),
		cmocka_unit_test(nearest_finds_one_mistake_in_three_letters),
		cmocka_unit_test(error_wraps_on_the_way_up),
		cmocka_unit_test(error_cuts_long_text),
		cmocka_unit_test(buffer_grows_and_is_stolen),
		cmocka_unit_test(path_normal),
		cmocka_unit_test(path_too_long_is_not_normal),
		cmocka_unit_test(path_joins),
		cmocka_unit_test(path_names_keep_the_last_link),
		cmocka_unit_test(path_names_of_nothing),
		cmocka_unit_test(secret_bounds),
		cmocka_unit_test(secret_reads_to_the_end_and_no_further),
		cmocka_unit_test(secret_refuses_memory_it_cannot_lock),
		cmocka_unit_test(descriptors_above_the_limit_are_closed),
		cmocka_unit_test(descriptors_above_the_limit_close_on_exec),
		cmocka_unit_test(sealed_file_cannot_change),
		cmocka_unit_test(descriptor_numbers_are_digits_of_open_ones),
		cmocka_unit_test(proc_fields_are_whole_lines),
		cmocka_unit_test(read_all_is_bounded),
		cmocka_unit_test(file_is_written_whole),
		cmocka_unit_test(directories_are_made_with_parents),
		cmocka_unit_test(trust_believes_own_files),
		cmocka_unit_test(trust_refuses_what_others_may_write),
		cmocka_unit_test(trust_refuses_loops),
		cmocka_unit_test(trust_opens_what_it_has_looked_at),
		cmocka_unit_test(trust_remembers_whole_directories),
		cmocka_unit_test(trust_remembers_a_directory_as_itself),
		cmocka_unit_test(trust_is_roots_alone_where_asked),
		cmocka_unit_test(trust_is_not_held_up_by_a_fifo),
		cmocka_unit_test(pinentry_answers),
	};
	return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
