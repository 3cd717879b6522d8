#include "sandbox/envp.h"

#include "util/cleanup.h"
#include "util/fd.h"
#include "util/syscalls.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* Points envp at each of `count` strings, and *at behind them; false when they do not fit. */
static bool split(char **at, char *end, uint32_t count, char **envp) {
	for (uint32_t i = 0; i < count; i++) {
		char *nul = memchr(*at, '\0', (size_t)(end - *at));
		if (!nul)
			return false;
		envp[i] = *at;
		*at = nul + 1;
	}
	return true;
}

/*
 * Programs that want a secret in a file check mode and owner: 0400 and the user's own. Not
 * executable, where the kernel can refuse that (Linux 6.3).
 */
static int make_file(const void *bytes, size_t size, int *ret_fd, struct error *err) {
	const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
	cleanup_fd int fd = sys_memfd_create("secret", MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
	if (fd < 0 && errno == EINVAL)
		fd = sys_memfd_create("secret", MFD_ALLOW_SEALING);
	if (fd < 0)
		return error_errno(err, errno, "cannot make a file in memory");
	int r = fd_write_full(fd, bytes, size);
	if (r < 0)
		return error_errno(err, r, "cannot write a file in memory");
	if (fchmod(fd, S_IRUSR) < 0 || fcntl(fd, F_ADD_SEALS, seals) < 0 ||
	    lseek(fd, 0, SEEK_SET) < 0)
		return error_errno(err, errno, "cannot write a file in memory");
	*ret_fd = steal_fd(&fd);
	return 0;
}

static int place_as_input(int *fd, struct error *err) {
	if (dup2(*fd, STDIN_FILENO) < 0)
		return error_errno(err, errno, "cannot make a secret standard input");
	return 0;
}

/*
 * The errors of fcntl(2) and dup2(2) for numbers above the limit, and when all allowed numbers are
 * in use.
 */
static int no_number(int number, struct error *err) {
	if (errno == EMFILE || errno == EINVAL || errno == EBADF)
		return error_set(
			err, EMFILE,
			"the limit of open files is too low for descriptor %d; raise it (ulimit "
			"-n)",
			number);
	return error_errno(err, errno, "cannot make it descriptor %d", number);
}

static int make_room(int number, const struct sandbox_needed *needed, struct error *err) {
	if (number == needed->fixed)
		return error_set(
			err, EBUSY,
			"descriptor %d is the script itself, because the limit of open files is "
			"low; raise it (ulimit -n)",
			number);
	for (size_t i = 0; i < needed->count; i++) {
		if (*needed->movable[i] != number)
			continue;
		int moved = fcntl(number, F_DUPFD_CLOEXEC, FD_HIGH);
		if (moved < 0)
			return no_number(number, err);
		*needed->movable[i] = moved;
	}
	return 0;
}

static int place_at(int *fd, int number, const struct sandbox_needed *needed, struct error *err) {
	int r = *fd == number ? 0 : make_room(number, needed, err);
	if (r < 0 || *fd == number)
		return r;
	if (dup2(*fd, number) < 0)
		return no_number(number, err);
	close(*fd);
	*fd = number;
	return 0;
}

/* Open until the exec, so that no other file gets the number. */
static int keep_free(int *fd, int number, const struct sandbox_needed *needed, struct error *err) {
	int r = place_at(fd, number, needed, err);
	if (r < 0)
		return r;
	r = fd_set_cloexec(*fd, true);
	if (r < 0)
		return error_errno(err, r, "cannot keep descriptor %d from the target", number);
	steal_fd(fd);
	return 0;
}

static int place(const struct sandbox_file *file, int *fd, const struct sandbox_needed *needed,
                 struct error *err) {
	if (file->kind == SANDBOX_FILE_STDIN)
		return place_as_input(fd, err);
	if (file->kind == SANDBOX_FILE_NONE)
		return keep_free(fd, file->number, needed, err);
	if (file->number)
		return place_at(fd, file->number, needed, err);
	int r = file->kind == SANDBOX_FILE_PATH ? fd_raise(fd, false) : 0;
	return r < 0 ? error_errno(err, r, "cannot place a secret's file") : 0;
}

static int name_file(uint16_t kind, const char *name, int *fd, char **ret_variable,
                     struct error *err) {
	if (kind != SANDBOX_FILE_PATH && kind != SANDBOX_FILE_FD)
		return 0;
	const char *before = kind == SANDBOX_FILE_PATH ? "/proc/self/fd/" : "";
	if (asprintf(ret_variable, "%s=%s%d", name, before, *fd) < 0) {
		*ret_variable = NULL;
		return error_errno(err, ENOMEM, "cannot build the environment");
	}
	steal_fd(fd);
	return 0;
}

/*
 * `name` ends in a NUL, and the bytes of the file follow it. *ret_variable stays NULL where it has
 * none.
 */
static int make_and_place(const struct sandbox_file *file, const char *name,
                          const struct sandbox_needed *needed, char **ret_variable,
                          struct error *err) {
	cleanup_fd int fd = -1;
	int r = make_file(name + file->name_size, file->size, &fd, err);
	if (r < 0)
		return r;
	r = place(file, &fd, needed, err);
	return r < 0 ? r : name_file(file->kind, name, &fd, ret_variable, err);
}

static bool can_be(const struct sandbox_file *file) {
	bool numbered = file->number > STDERR_FILENO && file->number < FD_HIGH;
	return file->kind <= SANDBOX_FILE_NONE &&
	       (numbered || (file->number == 0 && file->kind != SANDBOX_FILE_NONE));
}

static int add_file(char **at, char *end, const struct sandbox_needed *needed, char ***envp,
                    struct error *err) {
	struct sandbox_file file;
	if ((size_t)(end - *at) < sizeof(file))
		return error_set(err, EPROTO, "the environment is damaged");
	memcpy(&file, *at, sizeof(file));
	*at += sizeof(file);
	uint64_t left = (uint64_t)(end - *at);
	if (file.name_size == 0 || file.name_size > left || file.size > left - file.name_size ||
	    (*at)[file.name_size - 1] != '\0' || !can_be(&file))
		return error_set(err, EPROTO, "the environment is damaged");
	char *variable = NULL;
	int r = make_and_place(&file, *at, needed, &variable, err);
	if (r < 0)
		return error_wrap(err, r, "%s", *at);
	if (variable)
		*(*envp)++ = variable;
	*at += file.name_size + file.size;
	return 0;
}

/* The variables of files come after the others, from *next on. */
static int fill(const struct sandbox_environment *header, char *bytes,
                const struct sandbox_needed *needed, char **envp, char ***next, struct error *err) {
	char *at = bytes, *end = bytes + header->size - header->padding;
	if (!split(&at, end, header->count, envp))
		return error_set(err, EPROTO, "the environment is damaged");
	for (uint32_t i = 0; i < header->file_count; i++) {
		int r = add_file(&at, end, needed, next, err);
		if (r < 0)
			return r;
	}
	return at == end ? 0 : error_set(err, EPROTO, "the environment is damaged");
}

int envp_make(const struct sandbox_environment *header, char *bytes,
              const struct sandbox_needed *needed, char ***ret_envp, struct error *err) {
	char **envp = calloc((size_t)header->count + header->file_count + 1, sizeof(*envp));
	if (!envp)
		return error_errno(err, ENOMEM, "cannot build the environment");
	char **next = envp + header->count;
	int r = fill(header, bytes, needed, envp, &next, err);
	if (r < 0) {
		while (next > envp + header->count)
			free(*--next);
		free(envp);
		return r;
	}
	*ret_envp = envp;
	return 0;
}

/* Into locked memory, which is never swapped out; an exec ends it. */
static int receive_bytes(int fd, size_t size, char **ret_bytes, struct error *err) {
	cleanup_free char *bytes = malloc(size + 1);
	if (!bytes)
		return error_errno(err, ENOMEM, "cannot read the environment");
	if (mlock(bytes, size + 1) < 0)
		return error_errno(
			err, errno,
			"cannot lock memory for the environment; raise the limit on locked "
			"memory (ulimit -l)");
	int r = fd_read_full(fd, bytes, size);
	if (r < 0)
		return error_errno(err, r, "cannot read the environment");
	*ret_bytes = steal_pointer(bytes);
	return 0;
}

int envp_receive(int fd, const struct sandbox_needed *needed, char ***ret_envp, struct error *err) {
	struct sandbox_environment header;
	int r = fd_read_full(fd, &header, sizeof(header));
	if (r == -ENODATA)
		return error_set(err, ECANCELED, "the supervisor gave up");
	if (r < 0)
		return error_errno(err, r, "cannot read the environment");
	if (header.magic != SANDBOX_ENVIRONMENT_MAGIC || header.size > SANDBOX_ENVIRONMENT_MAX ||
	    header.count > header.size || header.file_count > header.size ||
	    header.padding > header.size)
		return error_set(err, EPROTO, "the environment is damaged");
	cleanup_free char *bytes = NULL;
	r = receive_bytes(fd, header.size, &bytes, err);
	if (r < 0)
		return r;
	r = envp_make(&header, bytes, needed, ret_envp, err);
	if (r < 0)
		return r;
	steal_pointer(bytes); /* the envp points into it */
	return 0;
}
