/* A planted library: reports that it was loaded, and what it found. Also an LD_AUDIT module. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

unsigned int la_version(unsigned int version);

unsigned int la_version(unsigned int version) {
	return version;
}

__attribute__((constructor)) static void arrive(void) {
	const char *secret = getenv("ONE");
	dprintf(STDERR_FILENO, "EVIL %s\n", secret ? secret : "");
}
