# Each system call of starting a program made to fail: some of them in faults.bats, all of them here.
EXTRA_DIST += tests/faults/faulty.c tests/faults/inject.c tests/faults/probe.c tests/faults/run

#? faults          each system call of starting a program fails, with each error; about 20 minutes on two processors
faults: bench-install
	ENVSEAL_PREFIX=$(BENCH_DIR)/prefix $(abs_srcdir)/tests/faults/run
.PHONY: faults
