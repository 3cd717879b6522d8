#include "cmd/doctor/finding.h"

#include <stdarg.h>
#include <stdio.h>

void finding_set(struct finding *finding, enum finding_level level, const char *format, ...) {
	va_list args;
	finding->level = level;
	va_start(args, format);
	vsnprintf(finding->text, sizeof(finding->text), format, args);
	va_end(args);
}

void finding_advise(struct finding *finding, const char *format, ...) {
	va_list args;
	va_start(args, format);
	vsnprintf(finding->advice, sizeof(finding->advice), format, args);
	va_end(args);
}

void finding_fact(struct finding *finding, const char *name, json_t *value) {
	json_object_set_new(finding->facts, name, value);
}

void finding_probe(struct finding *finding, int r, const char *good, enum finding_level otherwise,
                   const struct error *err) {
	if (r < 0)
		finding_set(finding, otherwise, "%s", err->text);
	else
		finding_set(finding, FINDING_OK, "%s", good);
}
