#!/usr/bin/env bats
# The short version of `make crash`: kills around calls that change something, calls that fail,
# parallel writers.

load common

setup_file() {
	# Hundreds of runs a test.
	export BATS_TEST_TIMEOUT=600
}

setup() {
	command -v cc >/dev/null || skip "no compiler for tests/crash/step.c"
	crash=$BATS_TEST_DIRNAME/../crash
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "ENVSEAL_PREFIX says where envseal is installed"
	CRASH_STEP=$BATS_FILE_TMPDIR/step
	export CRASH_STEP
	[ -x "$CRASH_STEP" ] || cc -O1 -D_GNU_SOURCE -o "$CRASH_STEP" "$crash/step.c"
}

@test "store --force is killed around every change" {
	"$crash/run" sweep store --changes
}

# bats test_tags=thorough
@test "remove, slot add, rename and import are killed around every change" {
	for verb in remove slot rename import; do
		"$crash/run" sweep "$verb" --changes
	done
}

# bats test_tags=thorough
@test "a full disk, a broken one, a read-only one and a full quota: an error, and the old value" {
	"$crash/run" faults store
	"$crash/run" faults rename
}

@test "writers and runs at the same time, and writers that are killed" {
	"$crash/run" crowd 8 1
}

# bats test_tags=root,thorough
@test "no key and no value stays in memory or can be swapped out" {
	[ "$(id -u)" -eq 0 ] || skip "only root may look into an undumpable process"
	"$crash/run" memory
}

# bats test_tags=root
@test "the search finds a value in memory that is not locked" {
	[ "$(id -u)" -eq 0 ] || skip "as the test before"
	printf needle-in-memory | od -An -tx1 | tr -d ' \n' >"$BATS_TEST_TMPDIR/needles"
	run -0 "$CRASH_STEP" search "$BATS_TEST_TMPDIR/needles" cat <<<needle-in-memory
	[[ $output == *" swappable "* ]]
}
