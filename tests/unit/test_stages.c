/* The two tables of a run's stages: what a run does, and what `envseal explain` looks at. */
#include "cmd/explain/stages.c"

#include "unit.h"

static void both_tables_name_the_same_stages(void **state) {
	(void)state;
	assert_int_equal(ARRAY_SIZE(looks), run_stage_count);
	for (size_t i = 0; i < run_stage_count; i++)
		assert_string_equal(looks[i].name, run_stages[i].name);
}

/* Nothing may start, deliver or unseal in an explanation. */
static void what_acts_is_not_done_for_an_explanation(void **state) {
	(void)state;
	static const char *const acting[] = {"mode",    "sandbox", "child", "vault",
	                                     "secrets", "log",     "start"};
	for (size_t n = 0; n < ARRAY_SIZE(acting); n++) {
		size_t i = 0;
		while (i < run_stage_count && strcmp(run_stages[i].name, acting[n]) != 0)
			i++;
		assert_true(i < run_stage_count);
		assert_true(!looks[i].possible || looks[i].instead);
	}
}

int main(void) {
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_tables_name_the_same_stages),
		cmocka_unit_test(what_acts_is_not_done_for_an_explanation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
