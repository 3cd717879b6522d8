# Which lines the tests run: a build of its own (--enable-coverage), so this one's compiler does not matter.
EXTRA_DIST += tests/coverage/elsewhere.c tests/coverage/key-code tests/coverage/report

#? coverage        which lines the tests run: a report in DIR/coverage; as long as tests/run, COVERAGE_TESTS=exec.bats is short
coverage:
	ENVSEAL_COVERAGE=$(abs_builddir)/coverage $(srcdir)/tests/run $(COVERAGE_TESTS)
.PHONY: coverage
