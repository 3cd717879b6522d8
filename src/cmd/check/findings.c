#include "cmd/check/findings.h"

#include "cmd/cmd.h"
#include "cmd/json.h"
#include "cmd/style.h"
#include "toml/toml.h"
#include "util/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* The line of "secrets.GH_TOKEN" in the text, which was parsed before; variables have no dots. */
static struct toml_place find_place(const struct policy_loaded *loaded, const char *key) {
	struct error ignored;
	struct toml_place place = {0};
	char path[256];
	cleanup_toml struct toml_document *document = NULL;
	const struct buffer *text = &loaded->found.text;
	if (!key || toml_parse(text->bytes, text->size, "", &document, &ignored) < 0)
		return place;
	snprintf(path, sizeof(path), "%s", key);
	char *rest = path;
	const struct toml_value *value = toml_root(document);
	while (value && rest && value->type == TOML_TABLE)
		value = toml_get(value, strsep(&rest, "."));
	return value ? value->place : place;
}

/* Every finding already begins with its file. */
static const char *without_file(const char *text, const char *file) {
	size_t length = strlen(file);
	bool again = text[0] == '\'' && strncmp(text + 1, file, length) == 0 &&
	             strncmp(text + 1 + length, "' ", 2) == 0;
	return again ? text + length + 3 : text;
}

void check_add(const struct checker *checker, enum check_code code,
               const struct policy_loaded *loaded, const char *key, const char *format, ...) {
	char text[1024];
	va_list args;
	int used = snprintf(text, sizeof(text), "%s%s", key ? key : "", key ? ": " : "");
	va_start(args, format);
	vsnprintf(text + used, sizeof(text) - (size_t)used, format, args);
	va_end(args);
	const struct toml_place place = find_place(loaded, key);
	const struct check_finding finding = {
		.kind = &check_kinds[code],
		.file = loaded->found.file,
		.command = loaded->found.name,
		.line = place.line,
		.column = place.column,
		.text = without_file(text, loaded->found.file),
	};
	checker->each(checker->context, &finding);
}

void check_add_file(const struct checker *checker, enum check_code code, const char *file,
                    const char *command, const char *text) {
	struct check_finding finding = {.kind = &check_kinds[code],
	                                .file = file,
	                                .command = command,
	                                .text = without_file(text, file)};
	int used = 0;
	size_t length = strlen(file);
	if (strncmp(text, file, length) == 0 && text[length] == ':') {
		if (sscanf(text + length, ":%u:%u: %n", &finding.line, &finding.column, &used) ==
		            2 &&
		    used > 0)
			finding.text = text + length + used;
		else if (text[length + 1] == ' ')
			finding.text = text + length + 2;
	}
	checker->each(checker->context, &finding);
}

static void free_finding(struct check_finding *finding) {
	free((char *)finding->file);
	free((char *)finding->command);
	free((char *)finding->text);
}

void findings_keep(void *context, const struct check_finding *finding) {
	struct findings *findings = context;
	struct kept_finding *items =
		reallocarray(findings->items, findings->count + 1, sizeof(*items));
	struct check_finding kept = *finding;
	findings->counts[finding->kind->severity]++;
	if (items)
		findings->items = items;
	kept.file = strdup(finding->file);
	kept.command = finding->command ? strdup(finding->command) : NULL;
	kept.text = strdup(finding->text);
	if (items && kept.file && kept.text && (kept.command || !finding->command)) {
		items[findings->count] = (struct kept_finding){kept, findings->count};
		findings->count++;
		return;
	}
	free_finding(&kept);
	findings->failed = true;
}

static int compare(const void *left, const void *right) {
	const struct kept_finding *a = left;
	const struct kept_finding *b = right;
	if (a->finding.kind->severity != b->finding.kind->severity)
		return a->finding.kind->severity < b->finding.kind->severity ? -1 : 1;
	return (a->order > b->order) - (a->order < b->order);
}

void findings_sort(struct findings *findings) {
	if (findings->count > 0)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
}

void finding_print(const struct check_finding *finding) {
	cmd_print(stdout, finding->file);
	if (finding->line > 0)
		printf(":%u:%u", finding->line, finding->column);
	fputs(": ", stdout);
	cmd_print(stdout, finding->text);
	static const enum style styles[] = {
		[CHECK_ERROR] = STYLE_BAD,
		[CHECK_WARNING] = STYLE_WEAK,
		[CHECK_NOTE] = STYLE_PLAIN,
	};
	const enum check_severity severity = finding->kind->severity;
	printf(" [%s%s%s: %s]\n", style_begin(styles[severity]), check_severity_name(severity),
	       style_end(styles[severity]), finding->kind->code);
}

static json_t *finding_json(const struct check_finding *finding) {
	json_t *object = json_pack("{s:s, s:s, s:o, s:o, s:o}", "code", finding->kind->code,
	                           "severity", check_severity_name(finding->kind->severity), "file",
	                           json_text(finding->file), "command", json_text(finding->command),
	                           "finding", json_text(finding->text));
	if (object && finding->line > 0) {
		json_object_set_new(object, "line", json_integer(finding->line));
		json_object_set_new(object, "column", json_integer(finding->column));
	}
	return object;
}

json_t *findings_json(const struct findings *findings) {
	json_t *array = json_array();
	for (size_t i = 0; array && i < findings->count; i++) {
		if (json_array_append_new(array, finding_json(&findings->items[i].finding)) < 0) {
			json_decref(array);
			return NULL;
		}
	}
	return array;
}

void findings_count(const struct findings *findings, char text[static 64]) {
	static const char *const nouns[] = {"error", "warning", "note"};
	size_t used = 0;
	for (size_t i = 0; i < ARRAY_SIZE(nouns); i++) {
		int n = snprintf(text + used, 64 - used, "%s%zu %s%s", i ? ", " : "",
		                 findings->counts[i], nouns[i],
		                 findings->counts[i] == 1 ? "" : "s");
		used = n > 0 && used + (size_t)n < 64 ? used + (size_t)n : 63;
	}
}

void findings_free(struct findings *findings) {
	for (size_t i = 0; i < findings->count; i++)
		free_finding(&findings->items[i].finding);
	free(findings->items);
	*findings = (struct findings){0};
}
