#include "pin/header.h"

#include "fuzz.h"
#include "util/fd.h"

#include <errno.h>
#include <unistd.h>

/*
 * libFuzzer target of script headers: a script is whatever somebody wrote. What is accepted names
 * one program, and nothing in it could mean something else to a terminal or to the kernel.
 */

static void check_word(const char *word) {
	MUST(strlen(word) <= 255);
	for (; *word; word++)
		MUST((unsigned char)*word >= ' ' || *word == '\t');
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	struct error err = {0};
	cleanup_script_header struct script_header header = {0};
	int fd;
	if (fd_sealed("fuzz", bytes, size, &fd) < 0)
		return 0;
	int r = script_header_read(fd, "file", &header, &err);
	close(fd);
	if (r < 0) {
		MUST(r == -ENOEXEC && err.text[0] != '\0');
		MUST(!header.interpreter && !header.name && !header.options);
		return 0;
	}
	MUST(!header.interpreter != !header.name);
	MUST(header.options);
	check_word(header.interpreter ? header.interpreter : header.name);
	MUST(header.name ? !strchr(header.name, '/') : header.interpreter[0] == '/');
	for (char **option = header.options; *option; option++)
		check_word(*option);
	return 0;
}
