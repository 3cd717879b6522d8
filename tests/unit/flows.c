#include "unit.h"

#include "flows.h"

#include "inject.h"
#include "scratch.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *failed_call;

void empty_scratch(void) {
	assert_int_equal(scratch_remove(NULL), 0);
	assert_int_equal(mkdir(scratch, 0755), 0);
}

void put(const char *name, const char *text, mode_t mode) {
	make_parents(at(name));
	int fd = open(at(name), O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(fd_write_full(fd, text, strlen(text)), 0);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

static int open_descriptors(void) {
	int count = 0;
	for (int fd = 0; fd < 256; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* False when it was through before the call that was to fail. */
static bool fails(const struct flow *flow, long call, int error) {
	struct error err = {0};
	empty_scratch();
	flow->prepare();
	int before = open_descriptors();
	inject_begin(call, error);
	int r = flow->run(&err);
	const char *struck = failed_call = inject_end();
	bool right = r == 0 || (r < 0 && err.text[0] != '\0' && struck && error != EINTR);
	if (!right)
		fail_msg("%s, call %ld (%s): %d '%s'", flow->name, call, struck ? struck : "none",
		         r, err.text);
	flow->check(r);
	if (open_descriptors() != before)
		fail_msg("%s, call %ld (%s): a descriptor stays open", flow->name, call, struck);
	flow->clean();
	return struck != NULL;
}

void each_call(const struct flow *flow, size_t count) {
	for (size_t i = 0; i < count; i++) {
		long calls = 0;
		while (fails(&flow[i], calls, EIO))
			calls++;
		assert_true(calls > 2);
		for (long call = 0; fails(&flow[i], call, EINTR); call++)
			continue;
	}
}

void nothing(void) {
}

void no_check(int r) {
	(void)r;
}

const char *flow_failed_call(void) {
	return failed_call ? failed_call : "nothing";
}

void flows_begin(void) {
	if (sodium_init() < 0 || scratch_make_in_memory() < 0)
		exit(1);
}

int flows_end(int failed) {
	scratch_remove(NULL);
	return failed;
}
