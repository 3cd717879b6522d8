/*
 * Exchanges two paths with each other, until it is ended: flip ONE OTHER. A path that is a link to
 * one directory now is a link to another an instant later, and each look may meet either.
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
