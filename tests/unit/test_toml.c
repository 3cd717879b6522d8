#include "unit.h"

#include "toml/toml.h"
#include "util/buffer.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* The linker sends the reader's allocations here (-Wl,--wrap), so that any of them can fail. */
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static long allocations_left = -1; /* -1: no end to them */

static bool may_allocate(void) {
	if (allocations_left == 0)
		return false;
	if (allocations_left > 0)
		allocations_left--;
	return true;
}

void *__wrap_malloc(size_t size) {
	return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size) {
	return may_allocate() ? __real_calloc(count, size) : NULL;
}

static struct toml_document *parse(const char *text) {
	struct error err = {0};
	struct toml_document *document = NULL;
	if (toml_parse(text, strlen(text), "f.toml", &document, &err) < 0)
		fail_msg("%s", err.text);
	return document;
}

/* The message that a text is refused with; good until the next call. */
static const char *refusal(const char *text, size_t size) {
	static struct error err;
	struct toml_document *untouched = (struct toml_document *)&err, *document = untouched;
	err.text[0] = '\0';
	/* A copy of exactly that size, so that valgrind sees a read beyond it. */
	cleanup_free char *copy = malloc(size);
	memcpy(copy, text, size);
	assert_int_equal(toml_parse(copy, size, "f.toml", &document, &err), -EBADMSG);
	assert_ptr_equal(document, untouched);
	return err.text;
}

static const struct toml_value *at(const struct toml_document *document, const char *const keys[]) {
	const struct toml_value *value = toml_root(document);
	for (; *keys; keys++) {
		value = toml_get(value, *keys);
		assert_non_null(value);
	}
	return value;
}

#define AT(document, ...) at(document, (const char *const[]){__VA_ARGS__, NULL})

static void assert_place(struct toml_place place, unsigned int line, unsigned int column) {
	assert_int_equal(place.line, line);
	assert_int_equal(place.column, column);
}

static void places_of_values(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document = parse("a = 1\n"
	                                                    "  b.c =\t\"x\"\n"
	                                                    "d = [ 1,\n"
	                                                    "  {e = 2} ]\n"
	                                                    "[t.u]\n"
	                                                    "f = 2020-01-01 10:00:00\n"
	                                                    " [[v]]\n"
	                                                    "[[v]]\n"
	                                                    "[t]\n");
	assert_place(toml_root(document)->place, 1, 1);
	assert_place(AT(document, "a")->place, 1, 5);
	assert_place(AT(document, "b")->place, 2, 3);
	assert_place(AT(document, "b", "c")->place, 2, 9);
	const struct toml_value *array = AT(document, "d");
	assert_place(array->place, 3, 5);
	assert_place(array->array.values[0].place, 3, 7);
	assert_place(array->array.values[1].place, 4, 3);
	assert_place(toml_get(&array->array.values[1], "e")->place, 4, 8);
	assert_place(AT(document, "t", "u")->place, 5, 1);
	assert_place(AT(document, "t", "u", "f")->place, 6, 5);
	assert_place(AT(document, "v")->place, 7, 2);
	assert_place(AT(document, "v")->array.values[0].place, 7, 2);
	assert_place(AT(document, "v")->array.values[1].place, 8, 1);
	assert_place(AT(document, "t")->place, 9, 1);
}

static void places_of_keys(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document =
		parse("[ t . \"u\" ]\n\n a . b = { c = 1 }\n");
	const struct toml_entry *t = &toml_root(document)->table.entries[0];
	const struct toml_entry *u = &t->value.table.entries[0];
	const struct toml_entry *a = &u->value.table.entries[0];
	const struct toml_entry *b = &a->value.table.entries[0];
	assert_place(t->place, 1, 3);
	assert_place(u->place, 1, 7);
	assert_place(a->place, 3, 2);
	assert_place(b->place, 3, 6);
	assert_place(b->value.table.entries[0].place, 3, 12);
}

static void columns_count_scalars(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document =
		parse("a = [\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x94\x91\", 1]\r\n"
	              "b = \"\"\"\xc3\xa9\r\n\xc3\xa9\"\"\" # \xc3\xa9\r\n"
	              "c = 1");
	assert_place(AT(document, "a")->array.values[1].place, 1, 13);
	assert_place(AT(document, "b")->place, 2, 5);
	assert_place(AT(document, "c")->place, 4, 5);
}

static void errors_name_place_and_key(void **state) {
	(void)state;
	static const struct {
		const char *text, *start;
	} rows[] = {
		/* clang-format off */
		{"a = 1\na = 2\n", "f.toml:2:1: 'a': already defined on line 1"},
		{"[x]\n[y]\n  [x]", "f.toml:3:4: 'x': already defined on line 1"},
		{"a = 1\na.b = 2", "f.toml:2:1: 'a': already defined on line 1"},
		{"[x]\nb.c.d = 1\nb.c.d.e = 1\n", "f.toml:3:5: 'b.c.d': already defined on line 2"},
		{"a . \"b\" = 07", "f.toml:1:11: 'a . \"b\"': a number may not start with a zero"},
		{"a = { b = nope }", "f.toml:1:11: 'b': not a value; a string needs quotes"},
		{"a = { b = 1 ", "f.toml:1:13: 'a': expected a comma or } in this inline table"},
		{"a = { b = 1\n\nc", "f.toml:3:1: 'a': expected a comma or } in this inline table"},
		{"a = { b = 1,\n", "f.toml:1:5: 'a': this inline table never ends"},
		{"a = [\n1,\n2", "f.toml:3:2: 'a': expected a comma or ] in this array"},
		{"a = [ 1,\n", "f.toml:1:5: 'a': this array never ends"},
		{"a = \"x\\\"\n", "f.toml:1:5: 'a': this string does not end on its line"},
		{"a = '''\nx''", "f.toml:1:5: 'a': this string never ends"},
		{"a = \"\xc3\xa9\\q\"", "f.toml:1:7: 'a': no such escape"},
		{"a = \"\"\"\n  \\ud800\"\"\"", "f.toml:2:3: 'a': this escape is not a Unicode scalar value"},
		{"a = 2023-02-29", "f.toml:1:5: 'a': there is no such day in its month"},
		{"a = 1 # \xc3\xa9\xff", "f.toml:1:10: not UTF-8"},
		{"a = 'x'\nb = '\x01'", "f.toml:2:6: a control character"},
		{"a = 1\rb = 2", "f.toml:1:6: a carriage return without a line feed"},
		{"\xef\xbb\xbf" "a = x", "f.toml:1:5: 'a': not a value"},
		{"a = 1\n\xef\xbb\xbf" "b = 1", "f.toml:2:1: expected a key"},
		{"[a] x", "f.toml:1:5: unexpected text after a header"},
		{"a = 1 x", "f.toml:1:7: unexpected text after a value"},
		{"[[a]\n", "f.toml:1:4: expected ]] to end the header"},
		{"[a\n", "f.toml:1:3: expected ] to end the header"},
		{"a = 0x8000_0000_0000_0000", "f.toml:1:5: 'a': this integer does not fit into 64 bits"},
		{"a = 1e309", "f.toml:1:5: 'a': this float does not fit into 64 bits"},
		/* clang-format on */
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		const char *text = refusal(rows[i].text, strlen(rows[i].text));
		if (strncmp(text, rows[i].start, strlen(rows[i].start)) != 0)
			fail_msg("'%s' instead of '%s'", text, rows[i].start);
	}
}

/* Whatever stands where a value, or a line of one, may have slipped to. */
static void errors_never_show_values(void **state) {
	(void)state;
	/* clang-format off */
	static const char *const texts[] = {
		"a = hunter2", "a = \"hunter2", "a = \"hunter2\\q\"", "a = 'hunter2\nx'", "a = \"\"\"hunter2",
		"hunter2", "hunter2\nb = 1", "hunter2.hunter2", "\"hunter2\"", "a = 1 hunter2", "a = [hunter2]",
		"a = { hunter2 }", "a = { b = 1, hunter2 }", "a = \"x\" \"hunter2\"", "a = \nhunter2",
		"a = ['x' 'hunter2']", "[a] hunter2", "a = hunter2\xff", "a = \"hunter2\x01\"", "[hunter2",
		"a = 0xhunter2", "a = 1979-05-27Thunter2", "a = 12:00:00hunter2", "a = true_hunter2",
		"a = nan.hunter2", "a = 1e+hunter2", "a b = 'hunter2'", "a = 'x'\na = 'hunter2'",
	};
	/* clang-format on */
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		const char *text = refusal(texts[i], strlen(texts[i]));
		if (strstr(text, "hunter2"))
			fail_msg("'%s' is in the message '%s'", texts[i], text);
	}
}

static void errors_cut_long_keys_between_characters(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_char(&text, '"');
	for (int i = 0; i < 40; i++)
		buffer_string(&text, "\xc3\xa9");
	buffer_string(&text, "\" = x");
	const char *message = refusal(text.bytes, text.size);
	assert_non_null(strstr(message, "\xc3\xa9...': not a value"));
	assert_null(strstr(message, "\xc3..."));
}

static void every_start_of_a_document_is_safe(void **state) {
	(void)state;
	static const char whole[] =
		"[a.\"b\\u00e9\"]\nc.d = [1, \"x\\\"\", '''\ny''', { e = 1e5 }]\n"
		"[[f]]\ng = 1979-05-27 07:32:00.5+01:00 # \xe2\x82\xac\n";
	for (size_t size = 0; size < sizeof(whole); size++) {
		struct error err;
		cleanup_toml struct toml_document *document = NULL;
		cleanup_free char *copy = malloc(size ? size : 1);
		memcpy(copy, whole, size);
		int r = toml_parse(copy, size, "f.toml", &document, &err);
		assert_true(r == 0 || r == -EBADMSG);
		assert_true((r == 0) == (document != NULL));
	}
}

static void size_is_bounded(void **state) {
	(void)state;
	struct error err;
	cleanup_toml struct toml_document *document = NULL;
	cleanup_free char *text = malloc(TOML_SIZE_MAX + 1);
	memset(text, ' ', TOML_SIZE_MAX + 1);
	memcpy(text + TOML_SIZE_MAX - 5, "a = 17", 6);
	assert_int_equal(toml_parse(text, TOML_SIZE_MAX + 1, "f.toml", &document, &err), -EFBIG);
	assert_null(document);
	assert_string_equal(err.text, "f.toml: larger than 1048576 bytes");
	assert_int_equal(toml_parse(text, TOML_SIZE_MAX, "f.toml", &document, &err), 0);
	assert_int_equal(AT(document, "a")->integer, 1);
	assert_place(AT(document, "a")->place, 1, TOML_SIZE_MAX);
}

static void nothing_is_an_empty_table(void **state) {
	(void)state;
	struct error err;
	cleanup_toml struct toml_document *document = NULL;
	assert_int_equal(toml_parse(NULL, 0, "f.toml", &document, &err), 0);
	assert_int_equal(toml_root(document)->type, TOML_TABLE);
	assert_int_equal(toml_root(document)->table.count, 0);
	assert_null(toml_get(toml_root(document), "a"));
	toml_free(NULL);
}

static void repeat(struct buffer *text, const char *what, int times) {
	for (int i = 0; i < times; i++)
		buffer_string(text, what);
}

/* The deepest that is allowed, then one more. `open` and `close` stand for one level. */
static void assert_depth_limit(const char *before, const char *open, const char *middle,
                               const char *close, int levels) {
	for (int more = 0; more <= 1; more++) {
		struct error err;
		cleanup_buffer struct buffer text = BUFFER_INIT;
		cleanup_toml struct toml_document *document = NULL;
		buffer_string(&text, before);
		repeat(&text, open, levels + more);
		buffer_string(&text, middle);
		repeat(&text, close, levels + more);
		int r = toml_parse(text.bytes, text.size, "f.toml", &document, &err);
		assert_int_equal(r, more ? -EBADMSG : 0);
		if (more)
			assert_non_null(strstr(err.text, "nested deeper than 64 levels"));
	}
}

static void depth_is_bounded(void **state) {
	(void)state;
	assert_depth_limit("a = ", "[", "", "]", TOML_DEPTH_MAX);
	assert_depth_limit("a = ", "{a = ", "1", "}", TOML_DEPTH_MAX);
	assert_depth_limit("a = ", "{a = [", "1", "]}", TOML_DEPTH_MAX / 2);
	assert_depth_limit("", "a.", "a = 1", "", TOML_DEPTH_MAX);
	assert_depth_limit("[", "a.", "a]", "", TOML_DEPTH_MAX - 1);
	assert_depth_limit("[[", "a.", "a]]", "", TOML_DEPTH_MAX - 2);
	assert_depth_limit("[[x]]\n[x", ".a", "]", "", TOML_DEPTH_MAX - 2);
	assert_depth_limit("[x.x]\n", "a.", "a = 1", "", TOML_DEPTH_MAX - 2);
	assert_depth_limit("[x.x]\na = ", "[", "", "]", TOML_DEPTH_MAX - 2);
}

static void assert_one_key_more_is_refused(const struct buffer *full, const char *line,
                                           const char *what) {
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_format(&text, "%s%s\n", full->bytes, line);
	const char *message = refusal(text.bytes, text.size);
	if (!strstr(message, what))
		fail_msg("'%s' instead of '%s'", message, what);
}

/* A key is searched for from the first one on, so their number is bounded. */
static void a_table_has_room_for_so_many_keys(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	for (int i = 0; i < TOML_KEYS_MAX; i++)
		buffer_format(&text, "k%d=1\n", i);
	cleanup_toml struct toml_document *document = parse(text.bytes);
	assert_int_equal(toml_root(document)->table.count, TOML_KEYS_MAX);
	for (unsigned int i = 0; i < TOML_KEYS_MAX; i++) {
		const struct toml_entry *entry = &toml_root(document)->table.entries[i];
		assert_place(entry->place, i + 1, 1);
		assert_ptr_equal(toml_get(toml_root(document), entry->key.bytes), &entry->value);
	}
	assert_null(toml_get(toml_root(document), "k"));
	assert_one_key_more_is_refused(&text, "k0 = 2", "already defined on line 1,");
	assert_one_key_more_is_refused(&text, "new = 2", "more than 1024 keys in one table");
	assert_one_key_more_is_refused(&text, "new.a = 2", "more than 1024 keys in one table");
	assert_one_key_more_is_refused(&text, "[new]", "more than 1024 keys in one table");
	assert_one_key_more_is_refused(&text, "[[new]]", "more than 1024 keys in one table");
}

static void many_values_on_one_line(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_string(&text, "a=[");
	repeat(&text, "1,", (int)(TOML_SIZE_MAX - 4) / 2);
	buffer_char(&text, ']');
	cleanup_toml struct toml_document *document = parse(text.bytes);
	const struct toml_value *array = AT(document, "a");
	assert_int_equal(array->array.count, (TOML_SIZE_MAX - 4) / 2);
	assert_place(array->array.values[array->array.count - 1].place, 1,
	             (unsigned int)text.size - 2);
}

static void many_tables(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	repeat(&text, "[[a.b]]\nc=1\n", 80000);
	cleanup_toml struct toml_document *document = parse(text.bytes);
	assert_int_equal(AT(document, "a", "b")->array.count, 80000);
}

static void one_long_number(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_string(&text, "a = 1.");
	repeat(&text, "3_", (int)(TOML_SIZE_MAX - 10) / 2);
	buffer_char(&text, '3');
	cleanup_toml struct toml_document *document = parse(text.bytes);
	assert_true(AT(document, "a")->number > 1.3 && AT(document, "a")->number < 1.4);
}

static void strings_may_hold_nul(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document =
		parse("a = \"x\\u0000y\"\n\"a\\u0000\" = 2\n\"\\u0000\" = 3\n");
	const struct toml_string *string = &AT(document, "a")->string;
	assert_int_equal(string->size, 3);
	assert_memory_equal(string->bytes, "x\0y", 4);
	assert_int_equal(toml_root(document)->table.count, 3);
	assert_int_equal(toml_root(document)->table.entries[1].key.size, 2);
	assert_null(toml_get(toml_root(document), ""));
}

static void values_of_each_type(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document = parse(
		"a=1979-05-27T07:32:01.25-07:30\nb=1979-05-27 07:32:00\nc=1979-05-27\nd=07:32:00\n"
		"e=true\nf=-1.5\ng=-9223372036854775808\n");
	const struct toml_datetime *datetime = &AT(document, "a")->datetime;
	assert_int_equal(AT(document, "a")->type, TOML_DATETIME);
	assert_int_equal(datetime->year * 10000 + datetime->month * 100 + datetime->day, 19790527);
	assert_int_equal(datetime->hour * 10000 + datetime->minute * 100 + datetime->second, 73201);
	assert_int_equal(datetime->nanosecond, 250000000);
	assert_int_equal(datetime->offset_minutes, -450);
	assert_int_equal(AT(document, "b")->type, TOML_DATETIME_LOCAL);
	assert_int_equal(AT(document, "b")->datetime.offset_minutes, 0);
	assert_int_equal(AT(document, "c")->type, TOML_DATE_LOCAL);
	assert_int_equal(AT(document, "c")->datetime.hour, 0);
	assert_int_equal(AT(document, "d")->type, TOML_TIME_LOCAL);
	assert_int_equal(AT(document, "d")->datetime.year, 0);
	assert_true(AT(document, "e")->boolean);
	assert_true(AT(document, "f")->number == -1.5);
	assert_true(AT(document, "g")->integer == INT64_MIN);
}

static void get_knows_only_tables(void **state) {
	(void)state;
	cleanup_toml struct toml_document *document = parse("a = []\nb = 'x'\n");
	assert_null(toml_get(AT(document, "a"), "a"));
	assert_null(toml_get(AT(document, "b"), "x"));
	assert_null(toml_get(toml_root(document), "c"));
}

static void types_have_names(void **state) {
	(void)state;
	for (int type = TOML_TABLE; type <= TOML_TIME_LOCAL; type++)
		assert_true(strlen(toml_type_name((enum toml_type)type)) > 0);
	assert_string_equal(toml_type_name(TOML_TABLE), "table");
	assert_string_equal(toml_type_name(TOML_TIME_LOCAL), "local time");
}

static int parse_with(const char *text, size_t size, long allocations) {
	struct error err = {0};
	cleanup_toml struct toml_document *document = NULL;
	allocations_left = allocations;
	int r = toml_parse(text, size, "f.toml", &document, &err);
	allocations_left = -1;
	if (r < 0)
		assert_string_equal(err.text, "f.toml: Cannot allocate memory");
	assert_true((r == 0) == (document != NULL));
	return r;
}

static void memory_may_run_out_anywhere(void **state) {
	(void)state;
	cleanup_buffer struct buffer text = BUFFER_INIT;
	buffer_string(&text, "[t]\n");
	/* Each kind of allocation meets the end of a chunk somewhere in here. */
	for (int i = 0; i < 400; i++)
		buffer_format(
			&text,
			"key%d = 1.5\n\"k.%d\" = [1, 'x', {y = {}, z.w = 1}]\n[[a.b]]\n[a.b.c]\n",
			i, i);
	long allocations = 0;
	while (parse_with(text.bytes, text.size, allocations) == -ENOMEM)
		allocations++;
	assert_true(allocations > 20);
	assert_int_equal(parse_with(text.bytes, text.size, allocations), 0);
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_of_values),
		cmocka_unit_test(places_of_keys),
		cmocka_unit_test(columns_count_scalars),
		cmocka_unit_test(errors_name_place_and_key),
		cmocka_unit_test(errors_never_show_values),
		cmocka_unit_test(errors_cut_long_keys_between_characters),
		cmocka_unit_test(every_start_of_a_document_is_safe),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(nothing_is_an_empty_table),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(a_table_has_room_for_so_many_keys),
		cmocka_unit_test(many_values_on_one_line),
		cmocka_unit_test(many_tables),
		cmocka_unit_test(one_long_number),
		cmocka_unit_test(strings_may_hold_nul),
		cmocka_unit_test(values_of_each_type),
		cmocka_unit_test(get_knows_only_tables),
		cmocka_unit_test(types_have_names),
		cmocka_unit_test(memory_may_run_out_anywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
