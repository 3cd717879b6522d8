# Whole documents through the reader: our own cases, and the public suite's if there is a copy.
check_PROGRAMS += tests/toml/decode tests/toml/compare
dist_check_SCRIPTS += tests/toml/run.sh
EXTRA_DIST += tests/toml/valid tests/toml/invalid
TESTS += tests/toml/run.sh

tests_toml_decode_SOURCES = tests/toml/decode.c
tests_toml_decode_LDADD = src/toml/libtoml.a src/util/libutil.a $(SODIUM_LIBS)

tests_toml_compare_SOURCES = tests/toml/compare.c
tests_toml_compare_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_toml_compare_LDADD = $(JANSSON_LIBS) -lm
