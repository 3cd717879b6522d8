# Fails each system call of a program's start: faults.bats fails some, this all.
EXTRA_DIST += tests/faults/faulty.c tests/faults/inject.c tests/faults/probe.c tests/faults/run

#? faults          fail each system call of a program's start with each error; about 20 minutes
faults: bench-install
	ENVSEAL_PREFIX=$(BENCH_DIR)/prefix $(abs_srcdir)/tests/faults/run
.PHONY: faults
