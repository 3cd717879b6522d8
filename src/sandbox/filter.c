#include "sandbox/confine.h"

#include "util/cleanup.h"
#include "util/fd.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>
#include <sys/prctl.h>

#define INSTRUCTION (sizeof(struct sock_filter))

int confine_seccomp_load(const struct buffer *program, struct error *err) {
	struct sock_fprog filter = {
		.len = (unsigned short)(program->size / INSTRUCTION),
		.filter = (struct sock_filter *)(void *)program->bytes,
	};
	if (program->size == 0)
		return 0;
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) < 0)
		return error_errno(err, errno, "cannot load the seccomp filter (CONFIG_SECCOMP_FILTER?)");
	return 0;
}

int confine_filter_send(int fd, const struct buffer *program, struct error *err) {
	uint64_t size = program->size;
	int r = fd_write_full(fd, &size, sizeof(size));
	if (r == 0)
		r = fd_write_full(fd, program->bytes, program->size);
	/* EPIPE: the sandbox failed, and its report says why. */
	return r < 0 && r != -EPIPE ? error_errno(err, r, "cannot hand the seccomp filter over") : 0;
}

int confine_filter_receive(int fd, struct buffer *ret_program, struct error *err) {
	uint64_t size = 0;
	cleanup_buffer struct buffer program = BUFFER_INIT;
	int r = fd_read_full(fd, &size, sizeof(size));
	if (r == -ENODATA)
		return error_set(err, ECANCELED, "the supervisor gave up");
	if (r < 0 || size > BPF_MAXINSNS * INSTRUCTION || size % INSTRUCTION != 0)
		return error_set(err, EPROTO, "the seccomp filter is damaged");
	struct sock_filter instructions[BPF_MAXINSNS];
	r = fd_read_full(fd, instructions, size);
	buffer_append(&program, instructions, r < 0 ? 0 : size);
	if (r < 0 || program.failed)
		return error_errno(err, r < 0 ? r : ENOMEM, "cannot read the seccomp filter");
	*ret_program = program;
	program = BUFFER_INIT;
	return 0;
}
