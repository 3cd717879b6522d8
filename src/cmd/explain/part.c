#include "cmd/explain/part.h"

#include "util/cleanup.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void explain_line(struct explain_part *part, const char *format, ...) {
	va_list args;
	cleanup_free char *text = NULL;
	va_start(args, format);
	if (vasprintf(&text, format, args) < 0)
		text = NULL;
	va_end(args);
	for (char *at = text; at && *at; at++)
		*at = *at == '\n' ? '?' : *at;
	buffer_format(&part->text, "%s%s", part->text.size ? "\n" : "",
	              text ? text : "(no memory)");
}

void explain_fact(struct explain_part *part, const char *name, json_t *value) {
	json_object_set_new(part->facts, name, value ? value : json_null());
}

void explain_stage(struct explain_part *part, const struct explained *explained, const char *name,
                   const char *passed) {
	const struct explanation_stage *stage = explanation_stage(explained->explanation, name);
	if (!stage || stage->state == STAGE_UNKNOWN)
		explain_line(part, "not examined, because an earlier stage was refused");
	else if (stage->state == STAGE_REFUSED)
		explain_line(part, "refused: %s", stage->why.text);
	else if (passed)
		explain_line(part, "%s", passed);
}
