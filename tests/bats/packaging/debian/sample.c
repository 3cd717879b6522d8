/* A program with a secret, for the package tests. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
	const char *token = getenv("TOKEN");
	if (!token)
		return 1;
	return printf("%s: %zu bytes\n", token, strlen(token)) < 0;
}
