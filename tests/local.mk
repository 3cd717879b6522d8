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

# Needs a checkout: git lists the project's files. tests/lint and .clang-tidy give reasons for all
# exceptions.
EXTRA_DIST += tests/README.md tests/assurance tests/format tests/further tests/job.c tests/lint tests/reproducible tests/scripts.bash tests/surface .clang-format .clang-tidy
#? lint            run gcc -fanalyzer, clang-tidy, cppcheck, shellcheck, tests/format; in a checkout
lint: $(BUILT_SOURCES)
	$(srcdir)/tests/lint $(builddir)
.PHONY: lint

# All parts together take hours; CI runs the short tests (tests/run --all).
#? assurance       long tests before a release; PARTS="valgrind tpm2" runs some of them
assurance:
	$(srcdir)/tests/assurance $(PARTS)
.PHONY: assurance
