# libFuzzer targets, one a parser. Configure with CC=clang --enable-fuzzers, which instruments every
# library, then `make fuzz-toml FUZZ_SECONDS=60`. A target's new inputs stay in the build directory,
# below fuzz. Copy an input that crashed it to its corpus, under a name that describes the bug
# (tests/README.md).
FUZZ_SECONDS = 60
FUZZ_LIBS = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS) $(LIB_FUZZER)
FUZZ_GOALS = \
	fuzz-argv \
	fuzz-config \
	fuzz-dotenv \
	fuzz-environment \
	fuzz-header \
	fuzz-journal \
	fuzz-mask \
	fuzz-minisign \
	fuzz-pins \
	fuzz-policy \
	fuzz-seal \
	fuzz-slot \
	fuzz-spec \
	fuzz-status \
	fuzz-system \
	fuzz-toml
EXTRA_DIST += \
	tests/fuzz/afl \
	tests/fuzz/afl-seeds \
	tests/fuzz/afl.rows \
	tests/fuzz/afl_rows.py \
	tests/fuzz/argv.dict \
	tests/fuzz/corpus \
	tests/fuzz/fuzz.h \
	tests/fuzz/minimise \
	tests/fuzz/policy.dict \
	tests/fuzz/run \
	tests/fuzz/toml.dict

if FUZZERS
FUZZ_TARGETS = \
	tests/fuzz/argv \
	tests/fuzz/config \
	tests/fuzz/dotenv \
	tests/fuzz/environment \
	tests/fuzz/header \
	tests/fuzz/journal \
	tests/fuzz/mask \
	tests/fuzz/minisign \
	tests/fuzz/pins \
	tests/fuzz/policy \
	tests/fuzz/seal \
	tests/fuzz/slot \
	tests/fuzz/spec \
	tests/fuzz/status \
	tests/fuzz/system \
	tests/fuzz/toml
check_PROGRAMS += $(FUZZ_TARGETS)
tests_fuzz_argv_LDADD = $(FUZZ_LIBS)
tests_fuzz_config_LDADD = $(FUZZ_LIBS)
tests_fuzz_dotenv_LDADD = $(FUZZ_LIBS)
tests_fuzz_environment_LDADD = $(FUZZ_LIBS)
tests_fuzz_header_LDADD = $(FUZZ_LIBS)
tests_fuzz_journal_LDADD = $(FUZZ_LIBS)
tests_fuzz_mask_LDADD = $(FUZZ_LIBS)
tests_fuzz_minisign_LDADD = $(FUZZ_LIBS)
tests_fuzz_pins_LDADD = $(FUZZ_LIBS)
tests_fuzz_policy_LDADD = $(FUZZ_LIBS)
tests_fuzz_seal_LDADD = $(FUZZ_LIBS)
tests_fuzz_slot_LDADD = $(FUZZ_LIBS)
tests_fuzz_spec_LDADD = $(FUZZ_LIBS)
tests_fuzz_status_CFLAGS = $(AM_CFLAGS) $(JANSSON_CFLAGS)
tests_fuzz_status_LDADD = $(FUZZ_LIBS) $(JANSSON_LIBS)
tests_fuzz_system_LDADD = $(FUZZ_LIBS)
tests_fuzz_toml_LDADD = $(FUZZ_LIBS)

fuzzers: $(FUZZ_TARGETS)

$(FUZZ_GOALS):
	@name=$@ && name=$${name#fuzz-} && $(MAKE) $(AM_MAKEFLAGS) "tests/fuzz/$$name$(EXEEXT)" && \
		$(srcdir)/tests/fuzz/run $(builddir) $(FUZZ_SECONDS) "$$name"

fuzz: fuzzers
	$(srcdir)/tests/fuzz/run $(builddir) $(FUZZ_SECONDS)

fuzz-corpus: fuzzers
	$(srcdir)/tests/fuzz/minimise $(builddir)
else
fuzzers fuzz fuzz-corpus $(FUZZ_GOALS):
	@echo "$@: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif

# Its name must begin like envseal-exec's, or it would take itself for a shim.
EXTRA_PROGRAMS += tests/fuzz/envseal-exec-afl
tests_fuzz_envseal_exec_afl_SOURCES = tests/fuzz/afl.c
tests_fuzz_envseal_exec_afl_LDADD = $(envseal_exec_LDADD)
CLEANFILES += tests/fuzz/envseal-exec-afl$(EXEEXT)

# Without this, make's own rules would compile afl.c over it, if git wrote afl.c later.
tests/fuzz/afl: ;

fuzz-afl:
	$(srcdir)/tests/fuzz/afl $(builddir) $(FUZZ_SECONDS)

#? fuzz            run every fuzz target, FUZZ_SECONDS=60 each; fuzz-toml, fuzz-policy ... run one
#? fuzz-corpus     add new inputs to the corpora, as few files as cover the same code
#? fuzz-afl        run envseal-exec under AFL++ with policies, FUZZ_SECONDS=60; needs root
.PHONY: fuzzers fuzz fuzz-corpus fuzz-afl $(FUZZ_GOALS)
