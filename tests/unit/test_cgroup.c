#include "unit.h"

#include "sandbox/cgroup.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

/*
 * A hierarchy of directories that behave as cgroups do, where the linker sends cgroup.c
 * (-Wl,--wrap): few machines let tests make real ones. We are in /slice/own.
 */
static struct {
	char top[64];
	long type;      /* of the file system */
	bool delegated; /* systemd's mark */
	bool broken;    /* what is made has no memory.max that can be written */
	int busy;       /* so many removals fail */
	bool killed;    /* by cgroup.kill, before it was removed */
} fake;

static const char *at(const char *name) {
	static char path[4][512];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", fake.top, name);
	return path[turn];
}

static void put(int directory, const char *name, const char *text) {
	cleanup_fd int fd = openat(directory, name, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
}

static const char *get(int directory, const char *name) {
	static char text[64];
	cleanup_fd int fd = openat(directory, name, O_RDONLY);
	ssize_t n = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

int __real_open(const char *path, int flags, ...);
int __wrap_open(const char *path, int flags, mode_t mode);
int __wrap_open(const char *path, int flags, mode_t mode) {
	return __real_open(strcmp(path, "/proc/self/cgroup") == 0 ? at("self") : path, flags, mode);
}

int __real_openat(int fd, const char *path, int flags, ...);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode);
int __wrap_openat(int fd, const char *path, int flags, mode_t mode) {
	return __real_openat(fd, strcmp(path, "/sys/fs/cgroup") == 0 ? at("root") : path, flags,
	                     mode);
}

int __real_fstatfs(int fd, struct statfs *st);
int __wrap_fstatfs(int fd, struct statfs *st);
int __wrap_fstatfs(int fd, struct statfs *st) {
	int r = __real_fstatfs(fd, st);
	st->f_type = fake.type;
	return r;
}

ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size);
ssize_t __wrap_fgetxattr(int fd, const char *name, void *value, size_t size) {
	(void)fd;
	(void)name;
	(void)value;
	(void)size;
	errno = ENODATA;
	return fake.delegated ? 1 : -1;
}

int __real_mkdirat(int fd, const char *name, mode_t mode);
int __wrap_mkdirat(int fd, const char *name, mode_t mode);
int __wrap_mkdirat(int fd, const char *name, mode_t mode) {
	if (__real_mkdirat(fd, name, mode) < 0)
		return -1;
	cleanup_fd int made = openat(fd, name, O_RDONLY | O_DIRECTORY);
	static const char *const files[] = {"cgroup.procs", "cgroup.kill", "memory.swap.max",
	                                    "pids.max"};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		put(made, files[i], "");
	put(made, "cpu.stat", "usage_usec 1234\nuser_usec 1000\n");
	put(made, "memory.peak", "5678\n");
	if (fake.broken)
		__real_mkdirat(made, "memory.max", 0700);
	else
		put(made, "memory.max", "");
	return 0;
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place) {
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

int __wrap_unlinkat(int fd, const char *name, int flags);
int __wrap_unlinkat(int fd, const char *name, int flags) {
	char path[512];
	assert_int_equal(flags, AT_REMOVEDIR);
	if (fake.busy-- > 0) {
		errno = EBUSY;
		return -1;
	}
	cleanup_fd int directory = openat(fd, name, O_RDONLY | O_DIRECTORY);
	fake.killed = strcmp(get(directory, "cgroup.kill"), "1") == 0;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", directory);
	char real[512] = "";
	assert_true(readlink(path, real, sizeof(real) - 1) > 0);
	return nftw(real, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static int make_place(const char *name, const char *controllers) {
	assert_int_equal(mkdir(at(name), 0755), 0);
	int directory = open(at(name), O_RDONLY | O_DIRECTORY);
	put(directory, "cgroup.procs", "");
	if (controllers)
		put(directory, "cgroup.subtree_control", controllers);
	return directory;
}

static int parent, own;

static int set_up(void **state) {
	(void)state;
	memset(&fake, 0, sizeof(fake));
	strcpy(fake.top, "/tmp/envseal-unit-XXXXXX");
	fake.type = CGROUP2_SUPER_MAGIC;
	if (!mkdtemp(fake.top))
		return -1;
	cleanup_fd int top = open(fake.top, O_RDONLY | O_DIRECTORY);
	put(top, "self", "9:pids:/old\n0::/slice/own\n");
	close(make_place("root", NULL));
	parent = make_place("root/slice", "cpu memory pids\n");
	own = make_place("root/slice/own", "memory pids\n");
	return 0;
}

static int tear_down(void **state) {
	(void)state;
	close(parent);
	close(own);
	return nftw(fake.top, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

static const struct sandbox_limits limits = {.memory = 1048576, .processes = 5};

static int make(struct cgroup *cgroup) {
	struct error err = {0};
	int r = cgroup_make(&limits, cgroup, &err);
	assert_true(r == 0 || (cgroup->directory_fd == -1 && err.text[0]));
	return r;
}

static void limits_are_written_before_anybody_joins(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	uint64_t cpu = 0, peak = 0;
	assert_int_equal(make(&cgroup), 0);
	assert_string_equal(get(cgroup.directory_fd, "memory.max"), "1048576");
	assert_string_equal(get(cgroup.directory_fd, "memory.swap.max"), "0");
	assert_string_equal(get(cgroup.directory_fd, "pids.max"), "5");
	assert_int_equal(write(cgroup.procs_fd, "0", 1), 1);
	assert_int_equal(faccessat(own, cgroup.name, F_OK, 0), 0);
	cgroup_usage(&cgroup, &cpu, &peak);
	assert_true(cpu == 1234 && peak == 5678);
	char name[64];
	strcpy(name, cgroup.name);
	fake.busy = 2;
	cgroup_free(&cgroup);
	assert_true(fake.killed && cgroup.directory_fd == -1);
	assert_int_equal(faccessat(own, name, F_OK, 0), -1);
}

static void controllers_are_switched_on(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	put(own, "cgroup.subtree_control", "memory_other pids\n");
	assert_int_equal(make(&cgroup), 0);
	assert_string_equal(get(own, "cgroup.subtree_control"), "+memoryother pids\n");
	cgroup_free(&cgroup);
}

static void what_killed_supervisors_left_is_removed(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	static const char *const names[] = {"envseal-1.0", "envseal-2.0", "other"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(__wrap_mkdirat(own, names[i], 0755), 0);
	cleanup_fd int alive = openat(own, "envseal-2.0", O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(alive, LOCK_EX), 0);
	assert_int_equal(make(&cgroup), 0);
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(faccessat(own, names[i], F_OK, 0), i == 0 ? -1 : 0);
	cgroup_free(&cgroup);
}

static void a_name_that_is_taken_is_left_alone(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	char taken[64];
	snprintf(taken, sizeof(taken), "envseal-%d.0", (int)getpid());
	assert_int_equal(mkdirat(own, taken, 0755), 0);
	cleanup_fd int alive = openat(own, taken, O_RDONLY | O_DIRECTORY);
	assert_int_equal(flock(alive, LOCK_EX), 0);
	assert_int_equal(make(&cgroup), 0);
	assert_string_not_equal(cgroup.name, taken);
	cgroup_free(&cgroup);
	assert_int_equal(faccessat(own, taken, F_OK, 0), 0);
}

static void a_limit_that_cannot_be_set_is_an_error(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	char name[64];
	fake.broken = true;
	assert_int_equal(make(&cgroup), -EISDIR);
	snprintf(name, sizeof(name), "envseal-%d.0", (int)getpid());
	assert_int_equal(faccessat(own, name, F_OK, 0), -1);
}

/* Where we are has processes, us: systemd delegates the place above. */
static void beside_us_when_it_was_given_to_us(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	assert_int_equal(remove(at("root/slice/own/cgroup.subtree_control")), 0);
	if (geteuid() == 0)
		assert_int_equal(make(&cgroup), -ENOENT);
	fake.delegated = true;
	assert_int_equal(make(&cgroup), 0);
	assert_int_equal(faccessat(parent, cgroup.name, F_OK, 0), 0);
	cgroup_free(&cgroup);
	/* What bounds us there would not bound the target here. */
	put(own, "memory.max", "max\n");
	assert_int_equal(make(&cgroup), 0);
	cgroup_free(&cgroup);
	put(own, "memory.max", "4096\n");
	assert_int_equal(make(&cgroup), -ENOENT);
}

static void out_of_sight(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	static const char *const selves[] = {"9:pids:/old\n", "0::/../elsewhere\n",
	                                     "0::/not/there\n", ""};
	cleanup_fd int top = open(fake.top, O_RDONLY | O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_SIZE(selves); i++) {
		put(top, "self", selves[i]);
		assert_int_equal(make(&cgroup), -ENOENT);
	}
	put(top, "self", "0::/slice/own\n");
	fake.type = TMPFS_MAGIC;
	assert_int_equal(make(&cgroup), -ENOENT);
	fake.type = CGROUP2_SUPER_MAGIC;
	assert_int_equal(make(&cgroup), 0);
	cgroup_free(&cgroup);
}

/* The root has no place above it. */
static void in_the_root(void **state) {
	(void)state;
	struct cgroup cgroup = CGROUP_NONE;
	cleanup_fd int top = open(fake.top, O_RDONLY | O_DIRECTORY);
	put(top, "self", "0::/\n");
	fake.delegated = true;
	assert_int_equal(make(&cgroup), -ENOENT);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(limits_are_written_before_anybody_joins, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(controllers_are_switched_on, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_killed_supervisors_left_is_removed, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_name_that_is_taken_is_left_alone, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(a_limit_that_cannot_be_set_is_an_error, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(beside_us_when_it_was_given_to_us, set_up,
	                                        tear_down),
		cmocka_unit_test_setup_teardown(out_of_sight, set_up, tear_down),
		cmocka_unit_test_setup_teardown(in_the_root, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
