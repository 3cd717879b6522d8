#include "unit.h"

#include "flows.h"

#include "inject.h"
#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char scratch[64];
static const char *failed_call;

const char *at(const char *name) {
	static char path[4][512];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", scratch, name);
	return path[turn];
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place) {
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

/* Not by rm(1): to fork is dear where valgrind or a sanitizer looks on. */
void empty_scratch(void) {
	assert_int_equal(nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS), 0);
	assert_int_equal(mkdir(scratch, 0755), 0);
}

void put(const char *name, const char *text, mode_t mode) {
	char path[512];
	snprintf(path, sizeof(path), "%s", at(name));
	for (char *slash = strchr(path + strlen(scratch) + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0755);
		*slash = '/';
	}
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
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
		fail_msg("%s, call %ld (%s): %d '%s'", flow->name, call, struck ? struck : "none", r, err.text);
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
	/* In memory where that can be: there are thousands of vaults. */
	strcpy(scratch,
	       access("/dev/shm", W_OK) == 0 ? "/dev/shm/envseal-unit-XXXXXX" : "/tmp/envseal-unit-XXXXXX");
	if (sodium_init() < 0 || !mkdtemp(scratch))
		exit(1);
}

int flows_end(int failed) {
	empty_scratch();
	rmdir(scratch);
	return failed;
}
