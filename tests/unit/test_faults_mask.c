#include "unit.h"

#include "flows.h"
#include "mask/mask.h"

#include <errno.h>
#include <string.h>

/* Masking with each call failing: what fails may lose output, and never shows a secret. */

static int move_through(struct mask_stream *stream, const char *text, struct buffer *out) {
	int r = 0;
	for (const char *at = text; r == 0 && *at; at++) {
		size_t room;
		mask_stream_room(stream, &room)[0] = (unsigned char)*at;
		r = mask_stream_filled(stream, 1, 0, out);
	}
	return r < 0 ? r : mask_stream_end(stream, out);
}

static int mask_some(struct error *err) {
	static const char text[] =
		"one s3cr3t-value, s3cr3t-v and czNjcjN0LXZhbHVl; second-value\n";
	static const char masked[] = "one [envseal:A], s3cr3t-v and [envseal:A]; [envseal:B]\n";
	cleanup_mask struct mask *mask = NULL;
	cleanup_mask_stream struct mask_stream *stream = NULL;
	cleanup_buffer struct buffer out = BUFFER_INIT;
	struct mask_value values[] = {{.name = "A"}, {.name = "B"}};
	int r = secret_from_bytes("s3cr3t-value", 12, &values[0].value, err);
	if (r == 0)
		r = secret_from_bytes("second-value", 12, &values[1].value, err);
	if (r < 0) {
		secret_free(values[0].value);
		return r;
	}
	r = mask_new(values, ARRAY_SIZE(values), &mask, err);
	if (r == 0)
		r = mask_stream_new(mask, &stream, err);
	if (r == 0 && (r = move_through(stream, text, &out)) < 0)
		error_errno(err, r, "cannot mask");
	buffer_append(&out, "", 1);
	if (out.failed)
		return error_errno(err, ENOMEM, "cannot mask");
	assert_null(strstr(out.bytes, "s3cr3t-value"));
	assert_null(strstr(out.bytes, "czNjcjN0LXZhbHVl"));
	if (r == 0)
		assert_string_equal(out.bytes, masked);
	return r;
}

static void mask_flows(void **state) {
	(void)state;
	static const struct flow flows[] = {{"mask", nothing, mask_some, no_check, nothing}};
	each_call(flows, ARRAY_SIZE(flows));
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mask_flows),
	};
	flows_begin();
	return flows_end(cmocka_run_group_tests(tests, NULL, NULL));
}
