#include "sandbox/interpreter.h"

#include <elf.h>
#include <errno.h>
#include <link.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define HEADERS_MAX 512

static int damaged(struct error *err) {
	return error_set(err, ENOEXEC,
	                 "a program's ELF header is damaged, so its loader cannot be found");
}

static int read_path(int fd, const ElfW(Phdr) * header, char *ret_path, struct error *err) {
	size_t size = header->p_filesz;
	if (size < 2 || size > PATH_MAX)
		return damaged(err);
	if (pread(fd, ret_path, size, (off_t)header->p_offset) != (ssize_t)size ||
	    ret_path[size - 1] != '\0' || ret_path[0] != '/')
		return damaged(err);
	return 1;
}

/* Only programs of our own class and machine: the filters kill others at their first call. */
static bool is_native(const ElfW(Ehdr) * elf) {
	const unsigned char class = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
	return memcmp(elf->e_ident, ELFMAG, SELFMAG) == 0 && elf->e_ident[EI_CLASS] == class &&
	       elf->e_phentsize == sizeof(ElfW(Phdr));
}

int interpreter_of(int fd, char ret_path[static PATH_MAX], struct error *err) {
	ElfW(Ehdr) elf;
	ssize_t n = pread(fd, &elf, sizeof(elf), 0);
	if (n < 0)
		return error_errno(err, errno, "cannot read a program's header");
	if (n != (ssize_t)sizeof(elf) || !is_native(&elf))
		return 0;
	if (elf.e_phnum > HEADERS_MAX)
		return damaged(err);
	for (unsigned int i = 0; i < elf.e_phnum; i++) {
		ElfW(Phdr) header;
		off_t at = (off_t)(elf.e_phoff + i * sizeof(header));
		if (pread(fd, &header, sizeof(header), at) != (ssize_t)sizeof(header))
			return damaged(err);
		if (header.p_type == PT_INTERP)
			return read_path(fd, &header, ret_path, err);
	}
	return 0;
}
