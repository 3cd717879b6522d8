/*
 * Exchanges two paths for each other, until it is ended: flip ONE OTHER. What is a link to a directory in one instant
 * is another in the next, and each look at it may meet either.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>

int main(int argc, char **argv) {
	if (argc != 3)
		return 2;
	while (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2], RENAME_EXCHANGE) == 0)
		continue;
	perror("flip");
	return 1;
}
