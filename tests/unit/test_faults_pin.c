#include "unit.h"

#include "flows.h"
#include "inject.h"
#include "scratch.h"
#include "pin/header.h"
#include "pin/pin.h"
#include "util/file.h"
#include "util/fd.h"
#include "util/path.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/*
 * Pins with each call failing, and on older kernels: a script of the user's, which is copied before
 * it is hashed.
 */

static void make_script(void) {
	put("dir/script", "#!/usr/bin/envseal-exec\n#!/usr/bin/env -S python3 -I\npass\n", 0755);
	assert_int_equal(symlink("dir/script", at("link")), 0);
}

static int pin(struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	cleanup_script_header struct script_header header = {0};
	struct pin_hash hash = {0};
	int r = pin_open(at("dir/script"), &pin, err);
	if (r == 0)
		r = pin_settle(pin, pin->path, err);
	if (r == 0)
		assert_true(pin->copied && fcntl(pin->fd, F_GET_SEALS) & F_SEAL_WRITE);
	if (r == 0)
		r = pin_hash_fd(pin->fd, PIN_SHA256, &hash, err);
	if (r == 0)
		r = pin_verify(pin, &hash, 1, err);
	if (r == 0)
		r = script_header_read(pin->fd, pin->path, &header, err);
	if (r == 0)
		assert_true(strcmp(header.name, "python3") == 0 &&
		            strcmp(header.options[0], "-I") == 0);
	return r;
}

/* No hash is right when it could not be computed. */
static int wrong_pin(struct error *err) {
	cleanup_pin struct pin *pin = NULL;
	struct pin_hash hash = {.algorithm = PIN_BLAKE2B_256};
	int r = pin_open(at("dir/script"), &pin, err);
	if (r < 0)
		return r;
	r = pin_settle(pin, pin->path, err);
	struct error refused;
	assert_true(pin_verify(pin, &hash, 1, &refused) < 0);
	return r;
}

static int names(struct error *err) {
	cleanup_free char *name = NULL;
	cleanup_free char *real = NULL;
	int r = path_command_names(at("link"), &name, &real, err);
	if (r == 0)
		assert_true(strstr(name, "/link") && strstr(real, "/dir/script"));
	return r;
}

static int directories(struct error *err) {
	return file_make_directories(at("one/two/three"), 0755, err);
}

static void pin_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {
		{"pin", make_script, pin, no_check, nothing},
		{"another's pin", make_script, wrong_pin, no_check, nothing},
		{"names", make_script, names, no_check, nothing},
		{"directories", nothing, directories, no_check, nothing},
	};
	each_call(flows, ARRAY_SIZE(flows));
}

/* Before Linux 5.6 there is no openat2, before 5.8 no faccessat2, before 6.3 no MFD_EXEC. */
static void older_kernels_run_the_same(void **state) {
	(void)state;
	static const int errors[] = {ENOSYS, ENOSYS, EINVAL};
	for (size_t i = 0; i < ARRAY_SIZE(errors); i++) {
		struct error err = {0};
		empty_scratch();
		make_script();
		inject_only("syscall", (long)i, errors[i]);
		int r = pin(&err);
		assert_string_equal(inject_end(), "syscall");
		if (r < 0)
			fail_msg("call %zu: %s", i, err.text);
	}
}

/* From 250 to 253, whatever close_range(2) can. */
static void descriptors_without_close_range(void **state) {
	(void)state;
	const int kept[] = {251, -1};
	for (int fd = 250; fd < 254; fd++)
		assert_int_equal(dup2(STDIN_FILENO, fd), fd);
	for (int error = EPERM; error; error = error == EPERM ? ENOSYS : 0) {
		inject_only("syscall", 0, error);
		int r = fd_cloexec_from(252);
		assert_non_null(inject_end());
		assert_int_equal(r, error == ENOSYS ? 0 : -EPERM);
		for (int fd = 250; fd < 254; fd++)
			assert_int_equal(fcntl(fd, F_GETFD),
			                 fd >= 252 && error == ENOSYS ? FD_CLOEXEC : 0);
	}
	inject_only("syscall", 0, ENOSYS);
	fd_close_others(250, kept, ARRAY_SIZE(kept));
	assert_non_null(inject_end());
	for (int fd = 250; fd < 254; fd++)
		assert_int_equal(fcntl(fd, F_GETFD) >= 0, fd == 251);
	close(251);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pin_flows),
		cmocka_unit_test(older_kernels_run_the_same),
		cmocka_unit_test(descriptors_without_close_range),
	};
	flows_begin();
	return flows_end(cmocka_run_group_tests(tests, NULL, NULL));
}
