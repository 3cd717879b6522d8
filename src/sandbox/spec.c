#include "sandbox/spec.h"

#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int sandbox_spec_send(const struct sandbox_spec *spec, int *ret_fd, struct error *err) {
	struct sandbox_spec sent = *spec;
	sent.magic = SANDBOX_SPEC_MAGIC;
	sent.size = sizeof(sent);
	int r = fd_sealed("envseal-spec", &sent, sizeof(sent), ret_fd);
	return r < 0 ? error_errno(err, r, "cannot write the sandbox's description") : 0;
}

int sandbox_spec_receive(int fd, struct sandbox_spec *ret_spec, struct error *err) {
	struct sandbox_spec spec;
	const int wanted = F_SEAL_WRITE | F_SEAL_SHRINK;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & wanted) != wanted)
		return error_set(err, EPROTO, "the sandbox's description is not a sealed memory file");
	if (pread(fd, &spec, sizeof(spec), 0) != (ssize_t)sizeof(spec) ||
	    spec.magic != SANDBOX_SPEC_MAGIC || spec.size != sizeof(spec))
		return error_set(err, EPROTO, "the sandbox's description is of another build; reinstall envseal");
	if (!memchr(spec.directory, '\0', sizeof(spec.directory)))
		return error_set(err, EPROTO, "the sandbox's description is damaged");
	*ret_spec = spec;
	return 0;
}
