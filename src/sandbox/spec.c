#include "sandbox/spec.h"

#include "util/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD_SIZE offsetof(struct sandbox_spec, text)

int sandbox_spec_add(struct sandbox_spec *spec, enum sandbox_place_kind kind, const char *path,
                     uint64_t device, uint64_t inode, struct error *err) {
	size_t size = strlen(path) + 1;
	if (spec->place_count == SANDBOX_PLACES_MAX || size > sizeof(spec->text) - spec->text_size)
		return error_set(err, E2BIG, "too many places, or their paths are too long");
	spec->places[spec->place_count++] = (struct sandbox_place){
		.kind = (uint32_t)kind, .path = spec->text_size, .device = device, .inode = inode};
	memcpy(spec->text + spec->text_size, path, size);
	spec->text_size += (uint32_t)size;
	return 0;
}

const char *sandbox_spec_path(const struct sandbox_spec *spec, const struct sandbox_place *place) {
	return spec->text + place->path;
}

const struct sandbox_place *sandbox_spec_first(const struct sandbox_spec *spec,
                                               enum sandbox_place_kind kind) {
	for (uint32_t i = 0; i < spec->place_count; i++) {
		if (spec->places[i].kind == (uint32_t)kind)
			return &spec->places[i];
	}
	return NULL;
}

struct sandbox_spec *sandbox_spec_new(void) {
	struct sandbox_spec *spec = calloc(1, sizeof(*spec));
	if (!spec)
		return NULL;
	spec->environment_fd = spec->report_fd = spec->status_fd = spec->life_fd = -1;
	spec->script_fd = spec->program_fd = spec->exec_fd = spec->cgroup_fd = -1;
	return spec;
}

int sandbox_spec_send(struct sandbox_spec *spec, int *ret_fd, struct error *err) {
	spec->magic = SANDBOX_SPEC_MAGIC;
	spec->size = sizeof(*spec);
	int r = fd_sealed("envseal-spec", spec, HEAD_SIZE + spec->text_size, ret_fd);
	return r < 0 ? error_errno(err, r, "cannot write the sandbox's description") : 0;
}

/* Later look-ups rely on this: counts are within bounds, and each path ends within the text. */
static bool whole(const struct sandbox_spec *spec, size_t received) {
	if (spec->text_size > sizeof(spec->text) || received != HEAD_SIZE + spec->text_size)
		return false;
	if (spec->place_count > SANDBOX_PLACES_MAX || spec->kept_count > SANDBOX_KEPT_MAX)
		return false;
	if (!memchr(spec->copies, '\0', sizeof(spec->copies)) ||
	    !memchr(spec->script_name, '\0', sizeof(spec->script_name)) ||
	    !memchr(spec->program_name, '\0', sizeof(spec->program_name)))
		return false;
	if (spec->text_size && spec->text[spec->text_size - 1] != '\0')
		return false;
	for (uint32_t i = 0; i < spec->place_count; i++) {
		const struct sandbox_place *place = &spec->places[i];
		if (place->kind >= SANDBOX_PLACE_KINDS || place->path >= spec->text_size ||
		    spec->text[place->path] != '/')
			return false;
	}
	return true;
}

int sandbox_spec_receive(int fd, struct sandbox_spec *spec, struct error *err) {
	const int wanted = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW;
	int seals = fcntl(fd, F_GET_SEALS);
	if (seals < 0 || (seals & wanted) != wanted)
		return error_set(err, EPROTO,
		                 "the sandbox's description is not a sealed memory file");
	ssize_t n = pread(fd, spec, sizeof(*spec), 0);
	if (n < (ssize_t)HEAD_SIZE || spec->magic != SANDBOX_SPEC_MAGIC ||
	    spec->size != sizeof(*spec))
		return error_set(
			err, EPROTO,
			"the sandbox's description is of another build; reinstall envseal");
	if (!whole(spec, (size_t)n))
		return error_set(err, EPROTO, "the sandbox's description is damaged");
	return 0;
}
