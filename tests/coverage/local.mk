# Makes a separate build (--enable-coverage), so this build's compiler does not matter.
EXTRA_DIST += tests/coverage/elsewhere.c tests/coverage/key-code tests/coverage/report

#? coverage        report which lines the tests run, in DIR/coverage; short: COVERAGE_TESTS=exec.bats
coverage:
	ENVSEAL_COVERAGE=$(abs_builddir)/coverage $(srcdir)/tests/run $(COVERAGE_TESTS)
.PHONY: coverage
