# `make bench`: see doc/bench.md. Nothing here is part of `make` or `make check`.
EXTRA_PROGRAMS += tests/bench/exec tests/bench/floor tests/bench/mask
CLEANFILES += tests/bench/exec$(EXEEXT) tests/bench/floor$(EXEEXT) tests/bench/mask$(EXEEXT)
EXTRA_DIST += doc/bench.md tests/bench/masking tests/bench/report.awk tests/bench/run

tests_bench_exec_SOURCES = tests/bench/exec.c
tests_bench_exec_LDFLAGS = $(EXEC_LINK)
tests_bench_exec_LDADD = $(SODIUM_LIBS) $(SECCOMP_LIBS) $(CAPNG_LIBS)

tests_bench_floor_SOURCES = tests/bench/floor.c
tests_bench_floor_LDFLAGS = $(EXEC_LINK)

tests_bench_mask_SOURCES = tests/bench/mask.c
tests_bench_mask_LDFLAGS = $(EXEC_LINK)
tests_bench_mask_LDADD = $(UNIT_LIBS) $(SODIUM_LIBS)

#? bench-mask      compare the speed of masking with cat
bench-mask: tests/bench/mask$(EXEEXT)
	BENCH_PROGRAMS=$(abs_builddir)/tests/bench $(abs_srcdir)/tests/bench/masking

# envseal-exec has the helper's path compiled in, so the benchmark measures an installed tree. It
# builds a copy of the sources (they cannot be configured twice in place) with this tree's options
# except the directories. The later of two options wins.
BENCH_DIR = $(abs_builddir)/build-bench
BENCH_DIRECTORIES = --prefix=$(BENCH_DIR)/prefix --exec-prefix=$(BENCH_DIR)/prefix \
	--bindir=$(BENCH_DIR)/prefix/bin --libexecdir=$(BENCH_DIR)/prefix/libexec \
	--sysconfdir=$(BENCH_DIR)/prefix/etc --localstatedir=$(BENCH_DIR)/prefix/var

#? bench           compare speed with floors and peers; short: BENCH_CROWD=0 BENCH_ROUNDS=3 (doc/bench.md)
bench: bench-install tests/bench/exec$(EXEEXT) tests/bench/floor$(EXEEXT)
	ENVSEAL_PREFIX=$(BENCH_DIR)/prefix BENCH_PROGRAMS=$(abs_builddir)/tests/bench \
		BENCH_RESULTS=$(BENCH_DIR)/results $(abs_srcdir)/tests/bench/run

bench-source:
	@$(MKDIR_P) $(BENCH_DIR)/tree
	@$(MAKE) $(AM_MAKEFLAGS) -s distdir distdir=$(BENCH_DIR)/source top_distdir=$(BENCH_DIR)/source

bench-install: bench-source
	@test $(BENCH_DIR)/tree/config.status -nt config.status || { \
		eval "set x $$(./config.status --config)"; shift; cd $(BENCH_DIR)/tree && \
		../source/configure "$$@" --quiet --srcdir=../source $(BENCH_DIRECTORIES); }
	@cd $(BENCH_DIR)/tree && $(MAKE) $(AM_MAKEFLAGS) -s install-exec >/dev/null

clean-local:
	rm -rf $(BENCH_DIR)

.PHONY: bench bench-mask bench-source bench-install
