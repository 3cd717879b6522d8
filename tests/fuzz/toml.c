#include "toml/toml.h"

#include "fuzz.h"

/*
 * libFuzzer target of the TOML reader. Beyond "no crash": whatever is accepted keeps the promises
 * of toml.h, and whatever is refused says where.
 */

static void check_value(const struct toml_value *value, unsigned int depth);

static void check_string(const struct toml_string *string) {
	MUST(string->bytes[string->size] == '\0');
}

static void check_table(const struct toml_value *table, unsigned int depth) {
	for (size_t i = 0; i < table->table.count; i++) {
		const struct toml_entry *entry = &table->table.entries[i];
		check_string(&entry->key);
		MUST(entry->place.line > 0 && entry->place.column > 0);
		/* A key with a NUL inside cannot be asked for. */
		if (strlen(entry->key.bytes) == entry->key.size)
			MUST(toml_get(table, entry->key.bytes) == &entry->value);
		check_value(&entry->value, depth + 1);
	}
}

static void check_datetime(const struct toml_datetime *datetime) {
	MUST(datetime->month >= 0 && datetime->month <= 12);
	MUST(datetime->day >= 0 && datetime->day <= 31);
	MUST(datetime->hour >= 0 && datetime->hour <= 23);
	MUST(datetime->minute >= 0 && datetime->minute <= 59);
	MUST(datetime->second >= 0 && datetime->second <= 60);
	MUST(datetime->nanosecond >= 0 && datetime->nanosecond <= 999999999);
	MUST(abs(datetime->offset_minutes) < 24 * 60);
}

static void check_value(const struct toml_value *value, unsigned int depth) {
	MUST(value->place.line > 0 && value->place.column > 0);
	MUST(strlen(toml_type_name(value->type)) > 0);
	if (value->type == TOML_TABLE || value->type == TOML_ARRAY)
		MUST(depth <= TOML_DEPTH_MAX);
	if (value->type == TOML_TABLE)
		check_table(value, depth);
	if (value->type == TOML_ARRAY)
		for (size_t i = 0; i < value->array.count; i++)
			check_value(&value->array.values[i], depth + 1);
	if (value->type == TOML_STRING)
		check_string(&value->string);
	if (value->type >= TOML_DATETIME)
		check_datetime(&value->datetime);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
	static const char file[] = "fuzz.toml:";
	struct error err = {0};
	cleanup_toml struct toml_document *document = NULL;
	int r = toml_parse((const char *)bytes, size, "fuzz.toml", &document, &err);
	if (r == 0) {
		check_value(toml_root(document), 0);
	} else {
		MUST(document == NULL);
		MUST(r == -EBADMSG || r == -EFBIG);
		MUST(strncmp(err.text, file, strlen(file)) == 0);
	}
	return 0;
}
