# What a kill, a full disk, a crowd and a debugger do to a vault: tests/crash/run says what is tried.
# `make crash` tries every system call, tests/bats/crash.bats a few.
EXTRA_PROGRAMS += tests/crash/step
tests_crash_step_SOURCES = tests/crash/step.c
EXTRA_DIST += tests/crash/run tests/crash/keys.py tests/vectors

#? crash           kills and failures at every system call of what changes a vault; ENVSEAL_PREFIX=DIR
.PHONY: crash
crash: tests/crash/step
	@test -n "$(ENVSEAL_PREFIX)" || { echo "ENVSEAL_PREFIX=DIR says where envseal is installed" >&2; exit 1; }
	CRASH_STEP=$(abs_builddir)/tests/crash/step $(abs_srcdir)/tests/crash/run all
