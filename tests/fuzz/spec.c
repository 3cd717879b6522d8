#include "sandbox/spec.h"

#include "fuzz.h"
#include "util/fd.h"

#include <errno.h>
#include <unistd.h>

/*
 * libFuzzer target of the helper's spec. The input is laid over a good one, so that magic and size
 * need not be guessed: its first half over the numbers at the start, the rest from the places on.
 * Of what is taken, every look-up stays inside.
 */

static void check_spec(const struct sandbox_spec *spec) {
	size_t length = 0;
	MUST(spec->kept_count <= SANDBOX_KEPT_MAX && spec->place_count <= SANDBOX_PLACES_MAX);
	for (uint32_t i = 0; i < spec->place_count; i++) {
		const char *path = sandbox_spec_path(spec, &spec->places[i]);
		MUST(path >= spec->text && path < spec->text + spec->text_size && path[0] == '/');
		length += strlen(path);
		MUST(path + strlen(path) < spec->text + spec->text_size);
	}
	for (int kind = 0; kind < SANDBOX_PLACE_KINDS; kind++) {
		const struct sandbox_place *first =
			sandbox_spec_first(spec, (enum sandbox_place_kind)kind);
		MUST(!first || first->kind == (uint32_t)kind);
	}
	MUST(strlen(spec->script_name) <= NAME_MAX && strlen(spec->program_name) <= NAME_MAX);
	MUST(strlen(spec->copies) < sizeof(spec->copies) &&
	     length <= SANDBOX_TEXT_MAX * SANDBOX_PLACES_MAX);
}

static void lay(struct sandbox_spec *spec, size_t at, const uint8_t *bytes, size_t size) {
	size_t room = sizeof(*spec) - at;
	memcpy((unsigned char *)spec + at, bytes, size < room ? size : room);
}

/* How much of it arrives: an odd number, as honestly sent; an even one, cut off there. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static struct sandbox_spec spec, received;
	struct error err = {0};
	int fd = -1;
	if (size < 10)
		return 0;
	size_t sent = bytes[0] | (size_t)bytes[1] << 8;
	size_t half = (size - 2) / 2;
	memset(&spec, 0, sizeof(spec));
	lay(&spec, offsetof(struct sandbox_spec, features), bytes + 2, half);
	lay(&spec, offsetof(struct sandbox_spec, place_count), bytes + 2 + half, 4);
	if (half > 4)
		lay(&spec, offsetof(struct sandbox_spec, places), bytes + 2 + half + 4,
		    size - 2 - half - 4);
	spec.magic = SANDBOX_SPEC_MAGIC;
	spec.size = sizeof(spec);
	if (sent % 2)
		sent = offsetof(struct sandbox_spec, text) + spec.text_size;
	if (sent > sizeof(spec))
		sent = sizeof(spec);
	MUST(fd_sealed("fuzz", &spec, sent, &fd) == 0);
	if (sandbox_spec_receive(fd, &received, &err) == 0)
		check_spec(&received);
	else
		MUST(err.text[0] != '\0');
	close(fd);
	return 0;
}
