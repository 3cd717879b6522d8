include tests/unit/local.mk
include tests/toml/local.mk
include tests/fuzz/local.mk
include tests/bats/local.mk
include tests/coverage/local.mk
include tests/crash/local.mk
include tests/escape/local.mk
include tests/bench/local.mk
include tests/faults/local.mk
include tests/leaks/local.mk
include tests/mutants/local.mk
include tests/escape/lockdown/local.mk

# In a checkout: git says which files are the project's. What is left out has its reason in tests/lint and .clang-tidy.
EXTRA_DIST += tests/README.md tests/assurance tests/format tests/further tests/job.c tests/lint tests/reproducible tests/scripts.bash tests/surface .clang-format .clang-tidy
#? lint            gcc -fanalyzer, clang-tidy, cppcheck, shellcheck, tests/format; in a checkout
lint: $(BUILT_SOURCES)
	$(srcdir)/tests/lint $(builddir)
.PHONY: lint

# Everything below takes hours together; CI has what is short (tests/run --all).
#? assurance       before a release: sweeps, long fuzzing, other builds, packages, servers; PARTS="valgrind tpm2" for some
assurance:
	$(srcdir)/tests/assurance $(PARTS)
.PHONY: assurance
