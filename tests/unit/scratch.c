#include "unit.h"

#include "scratch.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char scratch[64];

static int make_in(const char *place) {
	/* tests/run removes what begins so, where it was interrupted. */
	const char *run = getenv("ENVSEAL_RUN");
	snprintf(scratch, sizeof(scratch), "%s/%s-unit-XXXXXX", place, run ? run : "envseal");
	return mkdtemp(scratch) && chmod(scratch, 0755) == 0 ? 0 : -1;
}

int scratch_make(void **state) {
	(void)state;
	return make_in("/tmp");
}

int scratch_make_in_memory(void) {
	return make_in(access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *place) {
	(void)st;
	(void)type;
	(void)place;
	return remove(path);
}

int scratch_remove(void **state) {
	(void)state;
	return nftw(scratch, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *at(const char *name) {
	static char path[4][1024];
	static int turn;
	turn = (turn + 1) % 4;
	snprintf(path[turn], sizeof(path[turn]), "%s/%s", scratch, name);
	return path[turn];
}

void make_parents(const char *path) {
	char partial[1024];
	snprintf(partial, sizeof(partial), "%s", path);
	for (char *slash = strchr(partial + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(partial, 0755);
		*slash = '/';
	}
}
