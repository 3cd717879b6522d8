# Errors injected into every system call of setting up a sandbox: a sample in faults.bats, all of them here.
EXTRA_DIST += tests/faults/probe.c tests/faults/run

#? faults          errors injected into every system call of setting up a sandbox
faults: bench-install
	ENVSEAL_PREFIX=$(BENCH_DIR)/prefix $(abs_srcdir)/tests/faults/run --full
.PHONY: faults
