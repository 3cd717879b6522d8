#include "unit.h"

#include "scratch.h"
#include "sandbox/confine.h"
#include "sandbox/envp.h"
#include "sandbox/places.h"
#include "sandbox/spec.h"
#include "sandbox/steps.h"
#include "sandbox/tier.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void a_spec_arrives_as_it_was_sent(void **state) {
	(void)state;
	struct error err;
	struct sandbox_spec sent = {.features = SANDBOX_FRESH_PROC, .life_fd = 7};
	struct sandbox_spec received = {0};
	cleanup_fd int fd = -1;
	assert_int_equal(sandbox_spec_add(&sent, SANDBOX_PLACE_DIRECTORY, "/usr", 0, 0, &err), 0);
	assert_int_equal(sandbox_spec_add(&sent, SANDBOX_PLACE_HIDDEN, "/home", 5, 6, &err), 0);
	assert_int_equal(sandbox_spec_send(&sent, &fd, &err), 0);
	assert_int_equal(sandbox_spec_receive(fd, &received, &err), 0);
	assert_int_equal(received.features, SANDBOX_FRESH_PROC);
	assert_int_equal(received.life_fd, 7);
	const struct sandbox_place *hidden = sandbox_spec_first(&received, SANDBOX_PLACE_HIDDEN);
	assert_string_equal(sandbox_spec_path(&received, &received.places[0]), "/usr");
	assert_string_equal(sandbox_spec_path(&received, hidden), "/home");
	assert_int_equal(hidden->device, 5);
	assert_int_equal(hidden->inode, 6);
	assert_null(sandbox_spec_first(&received, SANDBOX_PLACE_ROOT));
	assert_int_equal(pwrite(fd, "x", 1, 0), -1);
}

/* What a sealed memory file with those bytes is answered with. */
static int receive(const struct sandbox_spec *spec, size_t size) {
	struct error err;
	struct sandbox_spec received;
	cleanup_fd int fd = -1;
	assert_int_equal(fd_sealed("t", spec, size, &fd), 0);
	return sandbox_spec_receive(fd, &received, &err);
}

static void a_spec_that_is_not_ours_is_refused(void **state) {
	(void)state;
	struct error err;
	struct sandbox_spec received;
	const size_t head = offsetof(struct sandbox_spec, text);
	struct sandbox_spec good = {.magic = SANDBOX_SPEC_MAGIC, .size = sizeof(good)};
	cleanup_fd int unsealed = open("/dev/zero", O_RDONLY);
	assert_int_equal(sandbox_spec_receive(unsealed, &received, &err), -EPROTO);
	assert_int_equal(sandbox_spec_add(&good, SANDBOX_PLACE_ROOT, "/srv", 1, 2, &err), 0);
	assert_int_equal(receive(&good, head + 5), 0);
	cleanup_fd int changing = sys_memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	assert_int_equal(fd_write_full(changing, &good, head + 5), 0);
	assert_int_equal(sandbox_spec_receive(changing, &received, &err), -EPROTO);
	assert_int_equal(receive(&good, head + 4), -EPROTO);
	assert_int_equal(receive(&good, head - 1), -EPROTO);
	assert_int_equal(receive(&good, sizeof(good)), -EPROTO);
	struct sandbox_spec bad = good;
	bad.text[4] = 'x'; /* endless */
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.text[0] = '.'; /* relative */
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.places[0].path = 5;
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.places[0].kind = SANDBOX_PLACE_KINDS;
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.place_count = SANDBOX_PLACES_MAX + 1;
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.kept_count = SANDBOX_KEPT_MAX + 1;
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
	bad = good;
	bad.text_size = sizeof(bad.text) + 1;
	assert_int_equal(receive(&bad, sizeof(bad)), -EPROTO);
	bad = good;
	bad.magic++;
	assert_int_equal(receive(&bad, head + 5), -EPROTO);
}

static void a_spec_takes_no_more_than_it_holds(void **state) {
	(void)state;
	struct error err;
	struct sandbox_spec spec = {0};
	char *longest = calloc(1, sizeof(spec.text) + 1);
	assert_non_null(longest);
	memset(longest, '/', sizeof(spec.text));
	assert_int_equal(sandbox_spec_add(&spec, SANDBOX_PLACE_KEEP, longest, 0, 0, &err), -E2BIG);
	free(longest);
	for (size_t i = 0; i < SANDBOX_PLACES_MAX; i++)
		assert_int_equal(sandbox_spec_add(&spec, SANDBOX_PLACE_KEEP, "/run/x", 0, 0, &err),
		                 0);
	assert_int_equal(sandbox_spec_add(&spec, SANDBOX_PLACE_KEEP, "/run/x", 0, 0, &err), -E2BIG);
}

static void a_place_is_compared_with_what_was_seen(void **state) {
	(void)state;
	struct error err;
	struct stat st;
	struct sandbox_spec spec = {0};
	cleanup_fd int fd = -1;
	assert_int_equal(stat("/usr", &st), 0);
	assert_int_equal(
		sandbox_spec_add(&spec, SANDBOX_PLACE_HIDDEN, "/usr", st.st_dev, st.st_ino, &err),
		0);
	assert_int_equal(sandbox_spec_add(&spec, SANDBOX_PLACE_HIDDEN, "/usr", st.st_dev,
	                                  st.st_ino + 1, &err),
	                 0);
	assert_int_equal(sandbox_spec_add(&spec, SANDBOX_PLACE_HIDDEN, "/usr/gone", 1, 1, &err), 0);
	assert_int_equal(places_open(&spec, &spec.places[1], &fd, &err), -ESTALE);
	assert_int_equal(places_open(&spec, &spec.places[2], &fd, &err), -ENOENT);
	assert_int_equal(fd, -1);
	assert_int_equal(places_open(&spec, &spec.places[0], &fd, &err), 0);
	char *path = NULL;
	assert_int_equal(places_real_path(fd, &path, &err), 0);
	assert_string_equal(path, "/usr");
	free(path);
}

/*
 * In a process whose mounts are its own where that can be had: should it mount all the same, nobody
 * is hurt.
 */
static void no_mounts_without_a_namespace(void **state) {
	(void)state;
	static const uint32_t features[] = {SANDBOX_READONLY_ROOT, SANDBOX_PRIVATE_TMP,
	                                    SANDBOX_FRESH_RUN,     SANDBOX_MINIMAL_DEV,
	                                    SANDBOX_PLACES,        SANDBOX_OWN_ROOT};
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct error err;
		if (unshare(CLONE_NEWNS) == 0 &&
		    mount("none", "/", "none", MS_REC | MS_PRIVATE, NULL) < 0)
			_exit(2);
		for (size_t i = 0; i < ARRAY_SIZE(features); i++) {
			const struct sandbox_spec spec = {.features = features[i], .cgroup_fd = -1};
			if (sandbox_take_steps(&spec, &err) != -EPROTO)
				_exit(1);
		}
		_exit(0);
	}
	int status = -1;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

static const struct sandbox_needed nothing_needed = {.fixed = -1};
static const struct sandbox_needed *needed = &nothing_needed;

/* Writes header and strings into a pipe, closes it, and reads them back. */
static int through_a_pipe(const struct sandbox_environment *header, const char *strings,
                          size_t size, char ***ret_envp) {
	struct error err;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(fd_write_full(ends[1], header, sizeof(*header)), 0);
	assert_int_equal(fd_write_full(ends[1], strings, size), 0);
	close(ends[1]);
	int r = envp_receive(ends[0], needed, ret_envp, &err);
	close(ends[0]);
	return r;
}

static void an_environment_arrives_whole(void **state) {
	(void)state;
	const struct sandbox_environment header = {SANDBOX_ENVIRONMENT_MAGIC, 2, 8, 0, 0};
	char **envp = NULL;
	assert_int_equal(through_a_pipe(&header, "A=1\0BC=\0", 8, &envp), 0);
	assert_string_equal(envp[0], "A=1");
	assert_string_equal(envp[1], "BC=");
	assert_null(envp[2]);
	free(envp[0]);
	free(envp);
}

static void an_environment_that_is_cut_or_does_not_add_up_is_refused(void **state) {
	(void)state;
	static const struct {
		struct sandbox_environment header;
		size_t size;
		int result;
	} rows[] = {
		{{SANDBOX_ENVIRONMENT_MAGIC, 2, 8, 0, 0}, 7, -ENODATA},
		{{SANDBOX_ENVIRONMENT_MAGIC, 3, 8, 0, 0}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 1, 8, 0, 0}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 9, 8, 0, 0}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 1, SANDBOX_ENVIRONMENT_MAX + 1, 0, 0}, 8, -EPROTO},
		{{0, 2, 8, 0, 0}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 2, 8, 1, 0}, 8, -EPROTO},
		{{SANDBOX_ENVIRONMENT_MAGIC, 2, 8, 9, 0}, 8, -EPROTO},
	};
	char **envp = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		assert_int_equal(through_a_pipe(&rows[i].header, "A=1\0BC=\0", rows[i].size, &envp),
		                 rows[i].result);
	assert_null(envp);
}

/* One file behind one string; `change` breaks it. */
static int one_file(void (*change)(struct sandbox_environment *, struct sandbox_file *),
                    char ***ret_envp) {
	struct sandbox_environment header = {SANDBOX_ENVIRONMENT_MAGIC, 1, 0, 1, 0};
	struct sandbox_file file = {SANDBOX_FILE_PATH, 0, 4, 5};
	unsigned char bytes[64] = "A=1", *at = bytes + 4;
	header.size = 4 + sizeof(file) + 4 + 5;
	change(&header, &file);
	memcpy(at, &file, sizeof(file));
	memcpy(at + sizeof(file), "KEY", 4);
	memcpy(at + sizeof(file) + 4, "a\0b\n\xff", 5);
	return through_a_pipe(&header, (char *)bytes, header.size, ret_envp);
}

static void nothing(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	(void)file;
}

static void longer(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->size++;
}

static void endless(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->size = UINT64_MAX;
}

static void shorter(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->size--;
}

static void unnamed(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->name_size = 0;
}

static void unended(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->name_size = 3;
	file->size = 6;
}

static void unknown(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->kind = 99;
}

static void standard(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->number = STDERR_FILENO;
}

static void high(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->number = 20;
}

static void absent(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->kind = SANDBOX_FILE_NONE;
}

static void cut(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)file;
	header->size = 4 + sizeof(*file) - 1;
}

static void a_file_arrives_sealed_and_the_user_s_own(void **state) {
	(void)state;
	char **envp = NULL, content[8];
	struct stat st;
	assert_int_equal(one_file(nothing, &envp), 0);
	assert_string_equal(envp[0], "A=1");
	assert_int_equal(strncmp(envp[1], "KEY=/proc/self/fd/", 18), 0);
	assert_null(envp[2]);
	assert_int_equal(stat(envp[1] + 4, &st), 0);
	assert_true(S_ISREG(st.st_mode));
	assert_int_equal(st.st_mode & 07777, 0400);
	assert_int_equal(st.st_uid, geteuid());
	cleanup_fd int fd = open(envp[1] + 4, O_RDONLY | O_CLOEXEC);
	assert_int_equal(read(fd, content, sizeof(content)), 5);
	assert_memory_equal(content, "a\0b\n\xff", 5);
	int own = atoi(envp[1] + 18);
	assert_int_equal(fcntl(own, F_GETFD), 0);
	assert_int_equal(write(own, "x", 1), -1);
	assert_int_equal(ftruncate(own, 0), -1);
	close(own);
	free(envp[1]);
	free(envp[0]);
	free(envp);
}

static void a_file_that_does_not_add_up_is_refused(void **state) {
	(void)state;
	static void (*const changes[])(struct sandbox_environment *, struct sandbox_file *) = {
		longer, endless, shorter, unnamed, unended, unknown, standard, high, absent, cut,
	};
	char **envp = NULL;
	for (size_t i = 0; i < ARRAY_SIZE(changes); i++)
		assert_int_equal(one_file(changes[i], &envp), -EPROTO);
	assert_null(envp);
}

static void seventh(struct sandbox_environment *header, struct sandbox_file *file) {
	(void)header;
	file->number = 7;
}

static int open_descriptors(void) {
	int count = 0;
	for (int fd = 0; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* What is needed goes elsewhere, and is still what it was; what is not needed is gone. */
static void a_file_takes_its_number(void **state) {
	(void)state;
	char **envp = NULL, content[8];
	struct stat before, after;
	int target = 7;
	int *const own[] = {&target};
	const struct sandbox_needed one = {own, 1, -1}, fixed = {NULL, 0, 7};
	assert_int_equal(dup2(STDIN_FILENO, 7), 7);
	assert_int_equal(fstat(7, &before), 0);
	const int count = open_descriptors();
	needed = &fixed;
	assert_int_equal(one_file(seventh, &envp), -EBUSY);
	needed = &one;
	assert_int_equal(one_file(seventh, &envp), 0);
	needed = &nothing_needed;
	/* The secret under its number alone, and what was there. */
	assert_int_equal(open_descriptors(), count + 1);
	assert_string_equal(envp[1], "KEY=/proc/self/fd/7");
	assert_int_equal(read(7, content, sizeof(content)), 5);
	assert_true(target >= 20 && fcntl(target, F_GETFD) == FD_CLOEXEC && fcntl(7, F_GETFD) == 0);
	assert_int_equal(fstat(target, &after), 0);
	assert_true(before.st_dev == after.st_dev && before.st_ino == after.st_ino);
	close(target);
	close(7);
	free(envp[0]);
	free(envp[1]);
	free(envp);
}

static void seventh_is_absent(struct sandbox_environment *header, struct sandbox_file *file) {
	seventh(header, file);
	absent(header, file);
}

/* Whoever had it: until the exec nobody else can, and then it is closed. */
static void an_absent_file_keeps_its_number(void **state) {
	(void)state;
	char **envp = NULL;
	assert_int_equal(dup2(STDIN_FILENO, 7), 7);
	assert_int_equal(one_file(seventh_is_absent, &envp), 0);
	assert_string_equal(envp[0], "A=1");
	assert_null(envp[1]);
	assert_int_equal(fcntl(7, F_GETFD), FD_CLOEXEC);
	close(7);
	free(envp[0]);
	free(envp);
}

static void a_supervisor_that_gives_up_is_told_apart(void **state) {
	(void)state;
	struct error err;
	char **envp = NULL;
	int ends[2];
	assert_int_equal(pipe(ends), 0);
	close(ends[1]);
	assert_int_equal(envp_receive(ends[0], needed, &envp, &err), -ECANCELED);
	close(ends[0]);
}

static void tiers_grow(void **state) {
	(void)state;
	const uint32_t none = sandbox_tier_features(SANDBOX_TIER_NONE);
	const uint32_t hardened = sandbox_tier_features(SANDBOX_TIER_HARDENED);
	const uint32_t lockdown = sandbox_tier_features(SANDBOX_TIER_LOCKDOWN);
	assert_int_equal(none & ~hardened, 0);
	assert_int_equal(hardened & ~lockdown, 0);
}

static void a_spec_has_its_tiers_namespaces(void **state) {
	(void)state;
	struct sandbox_spec spec = {0};
	sandbox_spec_set_tier(&spec, SANDBOX_TIER_HARDENED);
	assert_true(spec.namespaces & CLONE_NEWUSER);
	assert_int_equal(spec.features, sandbox_tier_features(SANDBOX_TIER_HARDENED));
	sandbox_spec_set_tier(&spec, SANDBOX_TIER_NONE);
	assert_int_equal(spec.namespaces, 0);
}

static void the_network_is_switched_in_both_directions(void **state) {
	(void)state;
	struct sandbox_spec spec = {0};
	sandbox_spec_set_tier(&spec, SANDBOX_TIER_LOCKDOWN);
	sandbox_spec_set_network(&spec, true);
	assert_false(spec.features & SANDBOX_OWN_NETWORK);
	assert_true(spec.features & SANDBOX_KEEP_RESOLVER);
	sandbox_spec_set_network(&spec, false);
	assert_true(spec.features & SANDBOX_OWN_NETWORK);
	assert_false(spec.features & SANDBOX_KEEP_RESOLVER);
}

/* What each way to change a file system finds, and could be done to. */
static void lay_out(void) {
	assert_int_equal(chdir(scratch), 0);
	assert_int_equal(mkdir("other", 0700), 0);
	assert_int_equal(mkdir("empty", 0700), 0);
	static const char *const files[] = {"file", "old", "gone", "moved"};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		cleanup_fd int fd = open(files[i], O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
		assert_true(fd >= 0);
	}
}

/*
 * 0 when all of them work, or, where `refused`, none does; else the number of the first that is
 * otherwise.
 */
static int try_every_way(bool refused) {
	const struct sockaddr_un address = {AF_UNIX, "socket"};
	cleanup_fd int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int answers[] = {
		open("file", O_WRONLY | O_CLOEXEC),
		open("new", O_CREAT | O_WRONLY | O_CLOEXEC, 0600),
		truncate("file", 0),
		mkdir("directory", 0700),
		symlink("file", "symlink"),
		mkfifo("fifo", 0600),
		bind(fd, (const struct sockaddr *)&address, sizeof(address)),
		link("file", "hard"),
		rename("old", "renamed"),
		rename("moved", "other/moved"),
		unlink("gone"),
		rmdir("empty"),
	};
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		if ((answers[i] < 0) != refused)
			return (int)i + 1;
	}
	return 0;
}

/* In a child, by Landlock alone: no mount is read-only here, nor is /tmp the sandbox's own. */
static int every_way_in_a_child(bool confined) {
	pid_t pid = fork();
	if (pid == 0) {
		const struct sandbox_spec spec = {.features =
		                                          SANDBOX_WRITE_RULE | SANDBOX_HOST_TMP};
		struct error err;
		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		if (confined && confine_landlock(&spec, &err) < 0)
			_exit(99);
		_exit(try_every_way(confined));
	}
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void nothing_can_be_written_under_the_write_rule(void **state) {
	(void)state;
	struct error err;
	int abi = 0;
	assert_int_equal(confine_landlock_abi(&abi, &err), 0);
	/* Before 3 there is no right to cut a file off. */
	if (abi < 3)
		return;
	lay_out();
	assert_int_equal(every_way_in_a_child(true), 0);
	assert_int_equal(every_way_in_a_child(false), 0);
	assert_int_equal(chdir("/"), 0);
}

/* /proc/self/fd/0 is the file by its path: that may not give more than the descriptor. */
static void a_descriptor_is_not_opened_for_more(void **state) {
	(void)state;
	static const struct {
		int flags;
		bool again;
	} rows[] = {
		{O_WRONLY, true}, {O_RDWR, true}, {O_RDONLY, false}, {O_WRONLY | O_APPEND, false}};
	struct error err;
	int abi = 0;
	if (confine_landlock_abi(&abi, &err) < 0 || abi < 1)
		return;
	lay_out();
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const struct sandbox_spec spec = {.features =
		                                          SANDBOX_WRITE_RULE | SANDBOX_HOST_TMP};
		pid_t pid = fork();
		if (pid == 0) {
			prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			if (dup2(open("file", rows[i].flags | O_CLOEXEC), STDIN_FILENO) < 0 ||
			    confine_landlock(&spec, &err) < 0)
				_exit(99);
			_exit(open("/proc/self/fd/0", O_WRONLY | O_CLOEXEC) >= 0);
		}
		int status = -1;
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WEXITSTATUS(status) != rows[i].again)
			fail_msg("row %zu: %d", i, WEXITSTATUS(status));
	}
	assert_int_equal(chdir("/"), 0);
}

/* capabilities(7): all of them on and locked, but KEEP_CAPS, which is off and locked. */
#define SECUREBITS 0xef

static int drop_child(void) {
	struct error err;
	/* The capability to do it, for anybody. */
	if (geteuid() != 0 && unshare(CLONE_NEWUSER) < 0)
		return 0;
	if (confine_drop_privileges(true, &err) < 0)
		return 1;
	if (prctl(PR_GET_SECUREBITS, 0, 0, 0, 0) != SECUREBITS ||
	    prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) != 1)
		return 2;
	return prctl(PR_CAPBSET_READ, 0, 0, 0, 0) == 0 ? 0 : 3;
}

static void no_uid_brings_capabilities_back(void **state) {
	(void)state;
	pid_t pid = fork();
	if (pid == 0)
		_exit(drop_child());
	int status = -1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_spec_arrives_as_it_was_sent),
		cmocka_unit_test(a_spec_that_is_not_ours_is_refused),
		cmocka_unit_test(a_place_is_compared_with_what_was_seen),
		cmocka_unit_test(no_mounts_without_a_namespace),
		cmocka_unit_test(a_spec_takes_no_more_than_it_holds),
		cmocka_unit_test(an_environment_arrives_whole),
		cmocka_unit_test(an_environment_that_is_cut_or_does_not_add_up_is_refused),
		cmocka_unit_test(a_file_arrives_sealed_and_the_user_s_own),
		cmocka_unit_test(a_file_that_does_not_add_up_is_refused),
		cmocka_unit_test(a_file_takes_its_number),
		cmocka_unit_test(an_absent_file_keeps_its_number),
		cmocka_unit_test(a_supervisor_that_gives_up_is_told_apart),
		cmocka_unit_test(tiers_grow),
		cmocka_unit_test(a_spec_has_its_tiers_namespaces),
		cmocka_unit_test(the_network_is_switched_in_both_directions),
		cmocka_unit_test(no_uid_brings_capabilities_back),
		cmocka_unit_test_setup_teardown(a_descriptor_is_not_opened_for_more, scratch_make,
	                                        scratch_remove),
		cmocka_unit_test_setup_teardown(nothing_can_be_written_under_the_write_rule,
	                                        scratch_make, scratch_remove),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
