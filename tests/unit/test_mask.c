#include "unit.h"

#include "mask/encoding.h"
#include "mask/mask.h"
#include "util/buffer.h"

#include <errno.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* A generator of its own: a failure must be seen again from its seed. */
static uint64_t seed = 1;

static uint32_t any(uint32_t below) {
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (uint32_t)(seed >> 33) % below;
}

struct named {
	const char *name;
	const void *bytes;
	size_t size;
};

static struct mask *make(const struct named *values, size_t count) {
	struct error err = {0};
	struct mask *mask = NULL;
	struct mask_value *taken = calloc(count + 1, sizeof(*taken));
	for (size_t i = 0; i < count; i++) {
		taken[i].name = values[i].name;
		assert_int_equal(
			secret_from_bytes(values[i].bytes, values[i].size, &taken[i].value, &err),
			0);
	}
	if (mask_new(taken, count, &mask, &err) < 0)
		fail_msg("%s", err.text);
	free(taken);
	return mask;
}

/* Gives `size` bytes to the stream in pieces of at most `most`; 0: of any length. */
static void feed(struct mask_stream *stream, const void *bytes, size_t size, size_t most,
                 struct buffer *out) {
	const unsigned char *from = bytes;
	while (size > 0) {
		size_t room, piece = most ? most : 1 + any(any(4) ? 8 : 5000);
		unsigned char *at = mask_stream_room(stream, &room);
		assert_true(room >= MASK_ROOM);
		piece = piece < size ? piece : size;
		piece = piece < room ? piece : room;
		memcpy(at, from, piece);
		assert_int_equal(mask_stream_filled(stream, piece, 0, out), 0);
		from += piece;
		size -= piece;
	}
}

static struct buffer masked(const struct mask *mask, const void *bytes, size_t size, size_t most) {
	struct error err;
	struct buffer out = BUFFER_INIT;
	cleanup_mask_stream struct mask_stream *stream = NULL;
	assert_int_equal(mask_stream_new(mask, &stream, &err), 0);
	feed(stream, bytes, size, most, &out);
	assert_int_equal(mask_stream_end(stream, &out), 0);
	buffer_append(&out, "", 0);
	return out;
}

static void check(const struct mask *mask, const char *text, const char *expected) {
	for (size_t most = 1; most <= 5; most++) {
		cleanup_buffer struct buffer out = masked(mask, text, strlen(text), most);
		assert_string_equal(out.bytes, expected);
	}
	cleanup_buffer struct buffer out = masked(mask, text, strlen(text), strlen(text) + 1);
	assert_string_equal(out.bytes, expected);
}

static void a_value_is_replaced_by_its_name(void **state) {
	(void)state;
	const struct named values[] = {
		{"db/password", "hunter2!", 8}, {"pin", "1234", 4}, {"no", "abc", 3}};
	cleanup_mask struct mask *mask = make(values, 3);
	check(mask, "", "");
	check(mask, "nothing here, hunter2 and 123", "nothing here, hunter2 and 123");
	check(mask, "hunter2!", "[envseal:db/password]");
	check(mask, "a hunter2!b", "a [envseal:db/password]b");
	check(mask, "hunter2!hunter2!", "[envseal:db/password][envseal:db/password]");
	check(mask, "hunthunter2!", "hunt[envseal:db/password]");
	check(mask, "12341234123", "[envseal:pin][envseal:pin]123");
	check(mask, "abc is too short to be masked", "abc is too short to be masked");
}

static void overlapping_values_leave_nothing(void **state) {
	(void)state;
	const struct named values[] = {{"one", "abcdef", 6},
	                               {"two", "defghi", 6},
	                               {"inner", "bcde", 4},
	                               {"long", "abcdefgh", 8}};
	cleanup_mask struct mask *mask = make(values, 4);
	check(mask, "-abcdef-", "-[envseal:one]-");
	check(mask, "-abcdefghi-", "-[envseal:long]-");
	check(mask, "-defghi-", "-[envseal:two]-");
	check(mask, "-bcde-", "-[envseal:inner]-");
	check(mask, "-abcdefg-", "-[envseal:one]g-");
}

static void a_value_may_overlap_itself(void **state) {
	(void)state;
	const struct named values[] = {{"a", "aaaaaaaa", 8}, {"b", "abaababaab", 10}};
	cleanup_mask struct mask *mask = make(values, 2);
	check(mask, "aaaaaaa", "aaaaaaa");
	check(mask, "xaaaaaaaax", "x[envseal:a]x");
	check(mask, "xaaaaaaaaaaaaaaaaaaaaaaax", "x[envseal:a]x");
	check(mask, "abaababaababaab", "[envseal:b]");
	check(mask, "abaabaababaab", "aba[envseal:b]");
}

/* What other programs write: coreutils' base64, xxd, python3, jq and node were asked. */
static void every_encoding_is_known(void **state) {
	(void)state;
	static const char value[] = "p\"4 /\\?>\xc3\xa9\n\xf0\x9f\x98\x80&+~";
	const struct named values[] = {{"x", value, sizeof(value) - 1}};
	cleanup_mask struct mask *mask = make(values, 1);
	static const char *const written[] = {
		"cCI0IC9cPz7DqQrwn5iAJit+",
		"702234202f5c3f3ec3a90af09f9880262b7e",
		"702234202F5C3F3EC3A90AF09F9880262B7E",
		"p%224%20%2F%5C%3F%3E%C3%A9%0A%F0%9F%98%80%26%2B~",
		"p%224%20%2f%5c%3f%3e%c3%a9%0a%f0%9f%98%80%26%2b~",
		"p%224%20/%5C%3F%3E%C3%A9%0A%F0%9F%98%80%26%2B~",
		"p%224+%2F%5C%3F%3E%C3%A9%0A%F0%9F%98%80%26%2B~",
		"p%224+%2F%5C%3F%3E%C3%A9%0A%F0%9F%98%80%26%2B%7E",
		"p%224+%2f%5c%3f%3e%c3%a9%0a%f0%9f%98%80%26%2b%7e",
		"p%224%20/%5C?%3E%C3%A9%0A%F0%9F%98%80&+~",
		"p\\\"4 /\\\\?>\xc3\xa9\\n\xf0\x9f\x98\x80&+~",
		"p\\\"4 \\/\\\\?>\xc3\xa9\\n\xf0\x9f\x98\x80&+~",
		"p\\\"4 /\\\\?>\\u00e9\\n\\ud83d\\ude00&+~",
		"p\\\"4 /\\\\?>\\u00E9\\n\\uD83D\\uDE00&+~",
		"p\\\"4 \\/\\\\?>\\u00e9\\n\\ud83d\\ude00&+~",
		"p\\\"4 /\\\\?\\u003e\xc3\xa9\\n\xf0\x9f\x98\x80\\u0026+~",
	};
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		cleanup_buffer struct buffer text = BUFFER_INIT;
		buffer_format(&text, "<<%s>>", written[i]);
		check(mask, text.bytes, "<<[envseal:x]>>");
	}
}

/* bash, dash, Python, Go and Jinja: a trace, a list of variables, a page. */
static void shells_and_pages_are_known(void **state) {
	(void)state;
	static const char value[] = "it's a \"$(`b & c`)\\<d>";
	const struct named values[] = {{"x", value, sizeof(value) - 1}};
	cleanup_mask struct mask *mask = make(values, 1);
	static const char *const written[] = {
		"it'\\''s a \"$(`b & c`)\\<d>",
		"it'\"'\"'s a \"$(`b & c`)\\<d>",
		"it's a \\\"\\$(\\`b & c\\`)\\\\<d>",
		"it\\'s\\ a\\ \\\"\\$\\(\\`b\\ \\&\\ c\\`\\)\\\\\\<d\\>",
		"it's a \"$(`b &amp; c`)\\&lt;d&gt;",
		"it&#x27;s a &quot;$(`b &amp; c`)\\&lt;d&gt;",
		"it&#39;s a &#34;$(`b &amp; c`)\\&lt;d&gt;",
		"it&#39;s a &quot;$(`b &amp; c`)\\&lt;d&gt;",
	};
	for (size_t i = 0; i < ARRAY_SIZE(written); i++) {
		cleanup_buffer struct buffer text = BUFFER_INIT;
		buffer_format(&text, "<<%s>>", written[i]);
		check(mask, text.bytes, "<<[envseal:x]>>");
	}
}

/* Python's repr and node's inspect of a service account's key; od -An -tx1, iconv. */
static void literals_and_dumps_are_known(void **state) {
	(void)state;
	static const char value[] = "{\"k\": \"a\\nb\",\n \"e\": \"\xc3\xa9\"}";
	const struct named values[] = {{"x", value, sizeof(value) - 1},
	                               {"both", "it's \"5\\6\"\x1b", 11}};
	cleanup_mask struct mask *mask = make(values, 2);
	check(mask, "'{\"k\": \"a\\\\nb\",\\n \"e\": \"\xc3\xa9\"}'", "'[envseal:x]'");
	check(mask, "b'{\"k\": \"a\\\\nb\",\\n \"e\": \"\\xc3\\xa9\"}'", "b'[envseal:x]'");
	check(mask, "'it\\'s \"5\\\\6\"\\x1b'", "'[envseal:both]'");
	check(mask, "`it's \"5\\\\6\"\\x1B`", "`[envseal:both]`");
	check(mask, " 69 74 27 73 20 22\n 35 5c 36 22 1b\n", " [envseal:both]\n");
	check(mask, "6974 2773 2022 355c 3622 1b", "[envseal:both]");
	cleanup_buffer struct buffer wide =
		masked(mask, "i\0t\0'\0s\0 \0\"\0005\0\\\0006\0\"\0\033\0", 22, 3);
	assert_string_equal(wide.bytes, "[envseal:both]");
}

static void base64_is_found_at_every_alignment(void **state) {
	(void)state;
	const struct named values[] = {{"x", "correct horse?>\xff\xfe", 17}};
	cleanup_mask struct mask *mask = make(values, 1);
	/*
	 * Of "", "a", "ab" in front and "", "z" behind; the characters at the seams have bits of
	 * both.
	 */
	check(mask, "Y29ycmVjdCBob3JzZT8+//4=", "[envseal:x]");
	check(mask, "Y29ycmVjdCBob3JzZT8-__4", "[envseal:x]4");
	check(mask, "YWNvcnJlY3QgaG9yc2U/Pv/+eg==", "YW[envseal:x]eg==");
	check(mask, "YWJjb3JyZWN0IGhvcnNlPz7//g==", "YWJ[envseal:x]g==");
	check(mask, "YWJjb3JyZWN0IGhvcnNlPz7__no=", "YWJ[envseal:x]no=");
}

static void line_breaks_do_not_hide_base64_and_hex(void **state) {
	(void)state;
	const struct named values[] = {{"x", "correct horse battery staple", 28}};
	cleanup_mask struct mask *mask = make(values, 1);
	check(mask, "Y29ycmVjdCBo\nb3JzZSBiYXR0\r\n  ZXJ5IHN0YXBsZQ==\n", "[envseal:x]\n");
	check(mask, "636f72726563742068\n6f727365206261747465727920737461706c65\n",
	      "[envseal:x]\n");
	check(mask, "Y29ycmVjdCBo\nb3JzZSBiYXR0\nnothing", "Y29ycmVjdCBo\nb3JzZSBiYXR0\nnothing");
}

static void lines_count_on_their_own(void **state) {
	(void)state;
	static const char key[] =
		"-----BEGIN KEY-----\nAbCdEfGh\n  }\n\tsecond-line \r\n-----END KEY-----\n";
	const struct named values[] = {{"key", key, sizeof(key) - 1}};
	cleanup_mask struct mask *mask = make(values, 1);
	check(mask, key, "[envseal:key]");
	check(mask, "x AbCdEfGh y", "x [envseal:key] y");
	check(mask, "second-line", "[envseal:key]");
	check(mask, "  }\n", "  }\n");
	/* A terminal writes CR LF. */
	check(mask, "-----BEGIN KEY-----\r\nAbCdEfGh\r\n", "[envseal:key]\r\n[envseal:key]\r\n");
	check(mask,
	      "-----BEGIN KEY-----\r\nAbCdEfGh\r\n  }\r\n\tsecond-line \r\r\n-----END KEY-----\r\n",
	      "[envseal:key]");
	const struct named small = {"pins", "1\n2\n34\n5", 8};
	cleanup_mask struct mask *pins = make(&small, 1);
	check(pins, "1\r\n2\r\n34\r\n5\r\n", "[envseal:pins]\r\n");
	/*
	 * Two, where the program writes CR LF itself; how many would be skipped shows in the time.
	 */
	check(pins, "1\r\n2\r\n34\r\r\n5\r\n", "[envseal:pins]\r\n");
	check(pins, "1\r\n2\r\n34\r\r\r\n5\r\n", "1\r\n2\r\n34\r\r\r\n5\r\n");
}

static void a_line_feed_at_the_end_is_no_part_of_it(void **state) {
	(void)state;
	const struct named values[] = {{"t", "token-123\n", 10}};
	cleanup_mask struct mask *mask = make(values, 1);
	check(mask, "<token-123>", "<[envseal:t]>");
	check(mask, "dG9rZW4tMTIz", "[envseal:t]");
	check(mask, "746f6b656e2d313233", "[envseal:t]");
}

/* What is held waits for as many bytes, for its time, or for the end, whatever it is. */
static void what_is_held_waits_for_bytes_or_time(void **state) {
	(void)state;
	struct error err;
	const struct named values[] = {{"x", "hunter2!", 8}};
	cleanup_mask struct mask *mask = make(values, 1);
	cleanup_mask_stream struct mask_stream *stream = NULL;
	cleanup_buffer struct buffer out = BUFFER_INIT;
	assert_int_equal(mask_stream_new(mask, &stream, &err), 0);
	assert_int_equal(mask_stream_due(stream), MASK_NEVER);
	feed(stream, "login: ", 7, 7, &out);
	assert_int_equal(mask_stream_due(stream), MASK_PATIENCE);
	assert_int_equal(mask_stream_release(stream, MASK_PATIENCE - 1, &out), 0);
	assert_int_equal(out.size, 0);
	feed(stream, "hun", 3, 3, &out);
	assert_int_equal(mask_stream_release(stream, MASK_PATIENCE, &out), 0);
	assert_string_equal(out.bytes, "login: ");
	assert_int_equal(mask_stream_release(stream, 2 * MASK_PATIENCE, &out), 0);
	assert_string_equal(out.bytes, "login: hun");
	assert_int_equal(mask_stream_due(stream), MASK_NEVER);
	/* Its beginning is out; the rest is masked all the same. */
	feed(stream, "ter2!", 5, 5, &out);
	assert_int_equal(mask_stream_release(stream, 3 * MASK_PATIENCE, &out), 0);
	assert_string_equal(out.bytes, "login: hun[envseal:x]");
	cleanup_buffer struct buffer many = masked(mask, "", 0, 1);
	for (size_t i = 0; i < MASK_HELD + 8; i++)
		feed(stream, &"hunter2?"[i % 8], 1, 1, &many);
	assert_int_equal(many.size, 8);
	assert_string_equal(many.bytes, "hunter2?");
}

/* A long value is masked in pieces, which become one mark; less than a piece is not. */
static void a_long_value_needs_no_more_memory(void **state) {
	(void)state;
	const size_t size = 1024 * 1024;
	unsigned char *bytes = malloc(size + 1);
	assert_non_null(bytes);
	for (size_t i = 0; i < size; i++)
		bytes[i] = (unsigned char)('!' + any(90));
	const struct named values[] = {{"x", bytes, size}};
	cleanup_mask struct mask *mask = make(values, 1);
	bytes[size] = '.';
	cleanup_buffer struct buffer whole = masked(mask, bytes, size + 1, MASK_ROOM);
	assert_string_equal(whole.bytes, "[envseal:x].");
	cleanup_buffer struct buffer first = masked(mask, bytes, MASK_PIECE + 1, 4096);
	assert_int_equal(first.size, strlen("[envseal:x]") + 1);
	cleanup_buffer struct buffer last =
		masked(mask, bytes + size - MASK_PIECE, MASK_PIECE, 100);
	assert_string_equal(last.bytes, "[envseal:x]");
	cleanup_buffer struct buffer little = masked(mask, bytes, MASK_PIECE - 1, 100);
	assert_int_equal(little.size, MASK_PIECE - 1);
	assert_memory_equal(little.bytes, bytes, MASK_PIECE - 1);
	free(bytes);
}

/* Three bytes to a character, and every way in which a piece can cut it. */
static void a_long_value_is_one_mark_in_every_encoding(void **state) {
	(void)state;
	enum { SIZE = 5000 };
	static unsigned char bytes[SIZE];
	for (size_t i = 0; i + 3 <= SIZE; i += 3)
		memcpy(bytes + i, any(3) ? "\xe2\x82\xac" : "a\"b", 3);
	memcpy(bytes + SIZE - 2, "zz", 2);
	const struct named values[] = {{"x", bytes, SIZE}};
	cleanup_mask struct mask *mask = make(values, 1);
	for (size_t row = 0; encoding_row(row); row++) {
		const struct encoded text = {encoding_row(row), bytes, SIZE};
		cleanup_buffer struct buffer written = BUFFER_INIT;
		unsigned char unit[ENCODING_UNIT_MAX];
		for (size_t i = 0; i < encoding_units(&text); i++)
			buffer_append(&written, unit, encoding_unit(&text, i, unit));
		cleanup_buffer struct buffer out = masked(mask, written.bytes, written.size, 0);
		/*
		 * In base64 that begins elsewhere, a character at the end has bits of what follows.
		 */
		if (strncmp(out.bytes, "[envseal:x]", 11) != 0 || out.size > 13)
			fail_msg("%s: %s", encoding_name(encoding_row(row)), out.bytes);
	}
}

static void a_long_value_of_one_letter_is_no_trouble(void **state) {
	(void)state;
	enum { SIZE = 16 * 1024 };
	static char bytes[2 * SIZE];
	memset(bytes, 'a', sizeof(bytes));
	bytes[SIZE - 1] = 'b';
	const struct named values[] = {{"ends", bytes, SIZE}, {"x", bytes, SIZE / 2}};
	cleanup_mask struct mask *mask = make(values, 2);
	bytes[SIZE - 1] = 'a';
	cleanup_buffer struct buffer out = masked(mask, bytes, sizeof(bytes), MASK_ROOM);
	assert_string_equal(out.bytes, "[envseal:ends]");
}

/* --- what is released when --- */

/* One step of a program: what it writes, and how long it then waits. */
struct act {
	unsigned char bytes[64];
	size_t size;
	uint64_t wait;
};

/* The sizes of all that goes out, one a step, and when the next is due. */
static void observe(const struct mask *mask, const struct act *acts, size_t count,
                    uint64_t *ret_seen) {
	struct error err;
	uint64_t now = 0;
	cleanup_mask_stream struct mask_stream *stream = NULL;
	assert_int_equal(mask_stream_new(mask, &stream, &err), 0);
	for (size_t i = 0; i < count; i++) {
		cleanup_buffer struct buffer out = BUFFER_INIT;
		size_t room;
		memcpy(mask_stream_room(stream, &room), acts[i].bytes, acts[i].size);
		assert_int_equal(mask_stream_filled(stream, acts[i].size, now, &out), 0);
		ret_seen[3 * i] = out.size;
		now += acts[i].wait;
		assert_int_equal(mask_stream_release(stream, now, &out), 0);
		ret_seen[3 * i + 1] = out.size;
		ret_seen[3 * i + 2] = mask_stream_due(stream);
	}
}

/*
 * A caller who has text printed of his choice, right and wrong beginnings of a secret, in whatever
 * pieces and at whatever times: what comes out when, and how much of it, is the same.
 */
static void a_guess_that_is_not_whole_is_not_answered(void **state) {
	(void)state;
	enum { ACTS = 12, SIZE = 40 };
	for (int round = 0; round < 400; round++) {
		unsigned char secret[SIZE];
		struct act right[ACTS] = {0}, wrong[ACTS];
		uint64_t seen[2][3 * ACTS];
		for (size_t i = 0; i < SIZE; i++)
			secret[i] = (unsigned char)('!' + any(90));
		const struct named values[] = {{"x", secret, SIZE}};
		cleanup_mask struct mask *mask = make(values, 1);
		const struct encoded text = {encoding_row(any(2)), secret, SIZE};
		size_t guessed = any((uint32_t)encoding_units(&text)), unit = 0;
		for (size_t i = 0; i < ACTS; i++) {
			for (uint32_t n = any(24); n > 0 && unit < guessed; n--)
				right[i].size += encoding_unit(&text, unit++,
				                               right[i].bytes + right[i].size);
			right[i].wait = any(3 * MASK_PATIENCE);
		}
		memcpy(wrong, right, sizeof(right));
		for (size_t i = 0; i < ACTS; i++)
			memset(wrong[i].bytes, '~' + 1, wrong[i].size);
		observe(mask, right, ACTS, seen[0]);
		observe(mask, wrong, ACTS, seen[1]);
		assert_memory_equal(seen[0], seen[1], sizeof(seen[0]));
	}
}

/* --- against a slow and simple matcher --- */

struct reference {
	unsigned char *bytes; /* the pattern, written out */
	size_t size, firm;    /* nothing is skipped in that many bytes at its beginning */
	bool breaks;
	const char *name;
};

struct references {
	struct reference items[4096];
	size_t count;
};

static void forget_references(struct references *all) {
	for (size_t i = 0; i < all->count; i++)
		free(all->items[i].bytes);
	all->count = 0;
}

static void add_variant(struct references *all, const struct encoded *text, char inserted,
                        const char *name) {
	struct buffer written = BUFFER_INIT;
	unsigned char unit[ENCODING_UNIT_MAX];
	for (size_t i = 0; i < encoding_units(text); i++) {
		size_t length = encoding_unit(text, i, unit);
		bool before = (inserted == '\r' && length == 1 && unit[0] == '\n') ||
		              (inserted == ' ' && i == 1);
		if (before && written.size < 4)
			buffer_append(&written, &inserted, 1);
		buffer_append(&written, unit, length);
	}
	assert_true(all->count < ARRAY_SIZE(all->items));
	all->items[all->count++] = (struct reference){(unsigned char *)written.bytes, written.size,
	                                              4, encoding_has_breaks(text->encoding), name};
}

static bool is_hexadecimal(const struct encoding *encoding) {
	return strncmp(encoding_name(encoding), "hexadecimal", 11) == 0;
}

/* As it is; on a terminal; and with blanks between its bytes. */
static void add_reference(struct references *all, const struct encoding *encoding,
                          const void *bytes, size_t size, const char *name) {
	const struct encoded text = {encoding, bytes, size};
	if (size < MASK_SIZE_MIN)
		return;
	add_variant(all, &text, '\0', name);
	if (!encoding_has_breaks(encoding))
		add_variant(all, &text, '\r', name);
	if (is_hexadecimal(encoding))
		add_variant(all, &text, ' ', name);
}

static void add_references(struct references *all, const struct named *value) {
	const char *bytes = value->bytes;
	size_t trimmed = value->size;
	while (trimmed > 0 && (bytes[trimmed - 1] == '\n' || bytes[trimmed - 1] == '\r'))
		trimmed--;
	for (size_t i = 0; encoding_row(i); i++) {
		add_reference(all, encoding_row(i), bytes, value->size, value->name);
		add_reference(all, encoding_row(i), bytes, trimmed, value->name);
	}
	if (!memchr(bytes, '\n', trimmed))
		return;
	for (size_t from = 0, to; from < trimmed; from = to + 1) {
		for (to = from; to < trimmed && bytes[to] != '\n'; to++)
			continue;
		size_t first = from, last = to;
		while (first < last && strchr(" \t\r", bytes[first]) && bytes[first])
			first++;
		while (first < last && strchr(" \t\r", bytes[last - 1]) && bytes[last - 1])
			last--;
		add_reference(all, encoding_row(ENCODING_PLAIN), bytes + first, last - first,
		              value->name);
	}
}

static bool is_space(unsigned char c) {
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_skipped(const struct reference *pattern, size_t i, unsigned char c) {
	if (i < pattern->firm || c == pattern->bytes[i])
		return false;
	return pattern->breaks ? is_space(c) : c == '\r' && pattern->bytes[i] == '\n';
}

/* The length of the match that begins here; 0: none. */
static size_t match(const struct reference *pattern, const unsigned char *text, size_t size) {
	size_t at = 0;
	for (size_t i = 0; i < pattern->size; i++) {
		while (at < size && is_skipped(pattern, i, text[at]))
			at++;
		if (at >= size || text[at] != pattern->bytes[i])
			return 0;
		at++;
	}
	return at;
}

static struct buffer simply_masked(const struct references *all, const unsigned char *text,
                                   size_t size) {
	struct buffer out = BUFFER_INIT;
	size_t end = 0; /* of the run that is being masked */
	for (size_t at = 0; at < size; at++) {
		size_t longest = 0;
		const char *name = NULL;
		for (size_t i = 0; i < all->count; i++) {
			size_t length = match(&all->items[i], text + at, size - at);
			if (length > longest) {
				longest = length;
				name = all->items[i].name;
			}
		}
		if (longest && at >= end)
			buffer_format(&out, "[envseal:%s]", name);
		if (at + longest > end)
			end = at + longest;
		if (at >= end)
			buffer_append(&out, text + at, 1);
	}
	buffer_append(&out, "", 0);
	return out;
}

/* Few letters make many overlaps, bytes of all kinds exercise the escapes. */
static void invent(unsigned char *bytes, size_t size) {
	static const char *const alphabets[] = {"ab", "abc",
	                                        "a\"\\/\n \xc3\xa9%+=", "0123456789abcdefXYZ"};
	uint32_t which = any(6);
	size_t period = any(3) ? size : 1 + any((uint32_t)size + 1);
	for (size_t i = 0; i < size; i++) {
		if (i >= period)
			bytes[i] = bytes[i - period];
		else
			bytes[i] = which < 4 ? (unsigned char)alphabets[which][any(
						       (uint32_t)strlen(alphabets[which]))]
			                     : (unsigned char)any(256);
	}
}

/* Pieces of patterns, whole and broken off, and other things. */
static void write_output(struct buffer *text, const struct references *all) {
	for (uint32_t pieces = any(12); pieces > 0; pieces--) {
		const struct reference *pattern = &all->items[any((uint32_t)all->count)];
		size_t from = any(3) ? 0 : any((uint32_t)pattern->size);
		size_t to =
			any(3) ? pattern->size : from + any((uint32_t)(pattern->size - from) + 1);
		for (size_t i = from; i < to; i++) {
			buffer_append(text, pattern->bytes + i, 1);
			if (any(16) == 0 &&
			    (pattern->breaks || pattern->bytes[(i + 1) % pattern->size] == '\n'))
				buffer_append(text, &"\r\n \t"[any(4)], 1);
		}
		unsigned char other[8];
		size_t size = any(sizeof(other));
		invent(other, size);
		buffer_append(text, other, size);
	}
}

static void check_one_round(void) {
	static const char *const names[] = {"a", "b", "c", "d"};
	static struct references all;
	static unsigned char bytes[4][64];
	const uint64_t begun = seed;
	struct named values[4];
	size_t count = 1 + any(4);
	all.count = 0;
	for (size_t i = 0; i < count; i++) {
		values[i] = (struct named){names[i], bytes[i], 1 + any(any(2) ? 12 : 60)};
		invent(bytes[i], values[i].size);
		add_references(&all, &values[i]);
	}
	if (all.count > 0) {
		cleanup_mask struct mask *mask = make(values, count);
		cleanup_buffer struct buffer text = BUFFER_INIT;
		write_output(&text, &all);
		buffer_append(&text, "", 0);
		cleanup_buffer struct buffer expected =
			simply_masked(&all, (const unsigned char *)text.bytes, text.size);
		cleanup_buffer struct buffer out =
			masked(mask, text.bytes, text.size, any(3) ? 0 : 1);
		if (out.size != expected.size || memcmp(out.bytes, expected.bytes, out.size) != 0)
			fail_msg("MASK_SEED=%llu:\n%s\n%s\n", (unsigned long long)begun,
			         expected.bytes, out.bytes);
	}
	forget_references(&all);
}

static void it_agrees_with_a_simple_matcher(void **state) {
	(void)state;
	const char *seconds = getenv("MASK_SECONDS");
	time_t until = time(NULL) + (seconds ? atoi(seconds) : 0);
	for (int round = 0; round < 300 || time(NULL) < until; round++) {
		check_one_round();
	}
}

/* Every split in two of a stream with a secret in each encoding. */
static void no_split_lets_a_secret_through(void **state) {
	(void)state;
	static struct references all;
	const struct named value = {"s", "s3cr\"t /\xc3\xa9+hunter", 18};
	cleanup_mask struct mask *mask = make(&value, 1);
	all.count = 0;
	add_references(&all, &value);
	for (size_t i = 0; i < all.count; i++) {
		cleanup_buffer struct buffer text = BUFFER_INIT;
		buffer_string(&text, "before ");
		buffer_append(&text, all.items[i].bytes, all.items[i].size);
		buffer_string(&text, " after");
		cleanup_buffer struct buffer expected =
			simply_masked(&all, (const unsigned char *)text.bytes, text.size);
		for (size_t split = 1; split < text.size; split++) {
			struct error err;
			cleanup_buffer struct buffer out = BUFFER_INIT;
			cleanup_mask_stream struct mask_stream *stream = NULL;
			assert_int_equal(mask_stream_new(mask, &stream, &err), 0);
			feed(stream, text.bytes, split, split, &out);
			feed(stream, text.bytes + split, text.size - split, text.size, &out);
			assert_int_equal(mask_stream_end(stream, &out), 0);
			assert_int_equal(out.size, expected.size);
			assert_memory_equal(out.bytes, expected.bytes, out.size);
			assert_null(
				memmem(out.bytes, out.size, all.items[i].bytes, all.items[i].size));
		}
	}
	forget_references(&all);
}

/* 64 secrets of 1 KiB, one of which overlaps itself; every one of them in some encoding. */
static void sixty_four_secrets(void **state) {
	(void)state;
	enum { COUNT = 64, SIZE = 1024 };
	static unsigned char bytes[COUNT][SIZE];
	static char names[COUNT][8];
	struct named values[COUNT];
	for (size_t i = 0; i < COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "s%zu", i);
		for (size_t j = 0; j < SIZE; j++)
			bytes[i][j] = i % 8 == 1 ? (unsigned char)any(256)
			              : i        ? (unsigned char)('!' + any(90))
			                         : (unsigned char)"abaab"[j % 5];
		values[i] = (struct named){names[i], bytes[i], SIZE};
	}
	cleanup_mask struct mask *mask = make(values, COUNT);
	for (size_t row = 0; encoding_row(row); row++) {
		static struct references all;
		cleanup_buffer struct buffer text = BUFFER_INIT;
		all.count = 0;
		for (size_t i = 0; i < COUNT; i++) {
			buffer_string(&text, "##");
			add_reference(&all, encoding_row(row), bytes[i], SIZE, names[i]);
			buffer_append(&text, all.items[i].bytes, all.items[i].size);
		}
		cleanup_buffer struct buffer out = masked(mask, text.bytes, text.size, 0);
		for (size_t i = 0; i < COUNT; i++)
			assert_null(
				memmem(out.bytes, out.size, all.items[i].bytes, all.items[i].size));
		forget_references(&all);
		assert_true(out.size < COUNT * 32);
	}
}

static void other_output_is_left_alone(void **state) {
	(void)state;
	enum { SIZE = 1 << 20 };
	unsigned char *text = malloc(SIZE);
	assert_non_null(text);
	for (size_t i = 0; i < SIZE; i++)
		text[i] = (unsigned char)any(256);
	const struct named values[] = {{"x", "a secret", 8}, {"y", "0000", 4}};
	cleanup_mask struct mask *mask = make(values, 2);
	for (size_t most = 1; most < 4; most++) {
		cleanup_buffer struct buffer out =
			masked(mask, text, SIZE, most == 3 ? 0 : most * 4095);
		assert_int_equal(out.size, SIZE);
		assert_memory_equal(out.bytes, text, SIZE);
	}
	free(text);
}

static void a_mask_without_values_masks_nothing(void **state) {
	(void)state;
	cleanup_mask struct mask *mask = make(NULL, 0);
	check(mask, "anything at all", "anything at all");
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_value_is_replaced_by_its_name),
		cmocka_unit_test(overlapping_values_leave_nothing),
		cmocka_unit_test(a_value_may_overlap_itself),
		cmocka_unit_test(every_encoding_is_known),
		cmocka_unit_test(shells_and_pages_are_known),
		cmocka_unit_test(base64_is_found_at_every_alignment),
		cmocka_unit_test(line_breaks_do_not_hide_base64_and_hex),
		cmocka_unit_test(lines_count_on_their_own),
		cmocka_unit_test(a_line_feed_at_the_end_is_no_part_of_it),
		cmocka_unit_test(literals_and_dumps_are_known),
		cmocka_unit_test(what_is_held_waits_for_bytes_or_time),
		cmocka_unit_test(a_guess_that_is_not_whole_is_not_answered),
		cmocka_unit_test(a_long_value_is_one_mark_in_every_encoding),
		cmocka_unit_test(a_long_value_needs_no_more_memory),
		cmocka_unit_test(a_long_value_of_one_letter_is_no_trouble),
		cmocka_unit_test(it_agrees_with_a_simple_matcher),
		cmocka_unit_test(no_split_lets_a_secret_through),
		cmocka_unit_test(sixty_four_secrets),
		cmocka_unit_test(other_output_is_left_alone),
		cmocka_unit_test(a_mask_without_values_masks_nothing),
	};
	if (sodium_init() < 0)
		return 1;
	if (getenv("MASK_SEED"))
		seed = strtoull(getenv("MASK_SEED"), NULL, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
