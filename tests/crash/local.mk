# Kills, full disks, parallel writers and debuggers against a vault: tests/crash/run lists the
# trials. `make crash` tries every system call, tests/bats/crash.bats a few.
EXTRA_PROGRAMS += tests/crash/step
tests_crash_step_SOURCES = tests/crash/step.c
EXTRA_DIST += tests/crash/run tests/crash/keys.py tests/vectors

#? crash           kill or fail vault changes at every system call; ENVSEAL_PREFIX=DIR
.PHONY: crash
crash: tests/crash/step
	@test -n "$(ENVSEAL_PREFIX)" || { echo "ENVSEAL_PREFIX=DIR says where envseal is installed" >&2; exit 1; }
	CRASH_STEP=$(abs_builddir)/tests/crash/step $(abs_srcdir)/tests/crash/run all
