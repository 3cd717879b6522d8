# libFuzzer targets, one a parser: configure with CC=clang --enable-fuzzers, then
# `make fuzz-toml FUZZ_SECONDS=60`. Each compiles the sources it tests itself, so that they are
# instrumented too. What it learns stays in the build directory; what crashes becomes a test case.
EXTRA_DIST += tests/fuzz/corpus tests/fuzz/toml.dict
FUZZ_SECONDS = 60
FUZZ_SANITIZE = -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=undefined
FUZZ_CFLAGS = $(AM_CFLAGS) -U_FORTIFY_SOURCE $(FUZZ_SANITIZE)
FUZZ_LINK = $(AM_LDFLAGS) $(FUZZ_SANITIZE)

if FUZZERS
check_PROGRAMS += tests/fuzz/toml
tests_fuzz_toml_SOURCES = tests/fuzz/toml.c $(TOML_SOURCES) src/util/error.c
# No chunks: each allocation gets guards of its own.
tests_fuzz_toml_CPPFLAGS = $(AM_CPPFLAGS) -DTOML_ARENA_CHUNK=0
tests_fuzz_toml_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_toml_LDFLAGS = $(FUZZ_LINK)

fuzz-toml: tests/fuzz/toml$(EXEEXT)
	$(MKDIR_P) fuzz/toml
	tests/fuzz/toml$(EXEEXT) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
		-dict=$(srcdir)/tests/fuzz/toml.dict -artifact_prefix=fuzz/toml- \
		fuzz/toml $(srcdir)/tests/fuzz/corpus/toml
else
fuzz-toml:
	@echo "fuzz-toml: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif
.PHONY: fuzz-toml
#? fuzz-toml       also fuzz-policy, fuzz-mask, fuzz-minisign; FUZZ_SECONDS=60; configure CC=clang --enable-fuzzers

if FUZZERS
check_PROGRAMS += tests/fuzz/policy
tests_fuzz_policy_SOURCES = tests/fuzz/policy.c \
	src/policy/arguments.c src/policy/fields.c src/policy/fields_process.c src/policy/policy.c src/policy/quantity.c src/policy/schema.c src/policy/secrets.c src/policy/variables.c \
	src/pin/hash.c src/vault/names.c $(TOML_SOURCES) src/util/error.c src/util/path.c
tests_fuzz_policy_CPPFLAGS = $(AM_CPPFLAGS) -DTOML_ARENA_CHUNK=0
tests_fuzz_policy_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_policy_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_policy_LDADD = $(SODIUM_LIBS)

fuzz-policy: tests/fuzz/policy$(EXEEXT)
	$(MKDIR_P) fuzz/policy
	tests/fuzz/policy$(EXEEXT) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
		-dict=$(srcdir)/tests/fuzz/policy.dict -artifact_prefix=fuzz/policy- \
		fuzz/policy $(srcdir)/policies/usr/bin
else
fuzz-policy:
	@echo "fuzz-policy: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif
.PHONY: fuzz-policy
EXTRA_DIST += tests/fuzz/policy.dict

if FUZZERS
check_PROGRAMS += tests/fuzz/mask
tests_fuzz_mask_SOURCES = tests/fuzz/mask.c \
	src/run/encoding.c src/run/mask.c src/run/mask_index.c src/run/mask_stream.c src/run/pattern.c \
	src/util/buffer.c src/util/error.c src/util/secret.c
tests_fuzz_mask_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_mask_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_mask_LDADD = $(SODIUM_LIBS)

fuzz-mask: tests/fuzz/mask$(EXEEXT)
	$(MKDIR_P) fuzz/mask
	tests/fuzz/mask$(EXEEXT) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix=fuzz/mask- fuzz/mask
else
fuzz-mask:
	@echo "fuzz-mask: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif
.PHONY: fuzz-mask

if FUZZERS
check_PROGRAMS += tests/fuzz/minisign
tests_fuzz_minisign_SOURCES = tests/fuzz/minisign.c src/policy/minisign.c src/util/error.c
tests_fuzz_minisign_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_minisign_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_minisign_LDADD = $(SODIUM_LIBS)

fuzz-minisign: tests/fuzz/minisign$(EXEEXT)
	$(MKDIR_P) fuzz/minisign
	tests/fuzz/minisign$(EXEEXT) -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix=fuzz/minisign- fuzz/minisign $(srcdir)/tests/fuzz/corpus/minisign
else
fuzz-minisign:
	@echo "fuzz-minisign: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif
.PHONY: fuzz-minisign

# The small ones, which differ in nothing but their sources. What is beside the parser comes from the libraries.
FUZZ_SMALL = fuzz-config fuzz-dotenv fuzz-environment fuzz-header fuzz-journal fuzz-pins fuzz-seal fuzz-slot fuzz-spec fuzz-system
EXTRA_DIST += tests/fuzz/fuzz.h
if FUZZERS
check_PROGRAMS += tests/fuzz/config
tests_fuzz_config_SOURCES = tests/fuzz/config.c $(TOML_SOURCES) src/util/buffer.c src/util/error.c
tests_fuzz_config_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_config_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_config_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/dotenv
tests_fuzz_dotenv_SOURCES = tests/fuzz/dotenv.c src/cmd/dotenv.c src/util/error.c src/util/secret.c
tests_fuzz_dotenv_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_dotenv_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_dotenv_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/environment
tests_fuzz_environment_SOURCES = tests/fuzz/environment.c src/sandbox/environment.c src/util/error.c src/util/fd.c src/util/buffer.c
tests_fuzz_environment_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_environment_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_environment_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/header
tests_fuzz_header_SOURCES = tests/fuzz/header.c src/pin/header.c src/util/error.c src/util/path.c
tests_fuzz_header_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_header_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_header_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/journal
tests_fuzz_journal_SOURCES = tests/fuzz/journal.c src/vault/names.c src/util/buffer.c src/util/error.c
tests_fuzz_journal_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_journal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_journal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/pins
tests_fuzz_pins_SOURCES = tests/fuzz/pins.c src/pin/hash.c src/util/buffer.c src/util/error.c
tests_fuzz_pins_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_pins_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_pins_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/seal
tests_fuzz_seal_SOURCES = tests/fuzz/seal.c src/vault/seal.c src/util/error.c src/util/secret.c
tests_fuzz_seal_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_seal_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_seal_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/slot
tests_fuzz_slot_SOURCES = tests/fuzz/slot.c src/util/error.c src/util/secret.c
tests_fuzz_slot_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_slot_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_slot_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/spec
tests_fuzz_spec_SOURCES = tests/fuzz/spec.c src/sandbox/spec.c src/util/error.c src/util/fd.c src/util/buffer.c
tests_fuzz_spec_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_spec_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_spec_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)
check_PROGRAMS += tests/fuzz/system
tests_fuzz_system_SOURCES = tests/fuzz/system.c $(TOML_SOURCES) src/policy/layers.c src/util/buffer.c src/util/error.c
tests_fuzz_system_CFLAGS = $(FUZZ_CFLAGS)
tests_fuzz_system_LDFLAGS = $(FUZZ_LINK)
tests_fuzz_system_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS) $(CAPNG_LIBS)

$(FUZZ_SMALL): $(check_PROGRAMS)
	@name=$@ && name=$${name#fuzz-} && $(MKDIR_P) "fuzz/$$name" && set -x && \
	"tests/fuzz/$$name$(EXEEXT)" -max_total_time=$(FUZZ_SECONDS) -timeout=10 -rss_limit_mb=1024 \
		-artifact_prefix="fuzz/$$name-" "fuzz/$$name" "$(srcdir)/tests/fuzz/corpus/$$name"
else
$(FUZZ_SMALL):
	@echo "$@: configure with CC=clang --enable-fuzzers first" >&2; exit 1
endif

# All of them, one after the other.
fuzz: fuzz-toml fuzz-policy fuzz-mask fuzz-minisign $(FUZZ_SMALL)
.PHONY: fuzz $(FUZZ_SMALL)
