#!/usr/bin/env bats
# The short version of `make faults`: system calls fail while a program is being started, in both
# modes and every tier. The program is then isolated as without a failure and has its secret, or
# nothing runs and a message says why.
# shellcheck disable=SC2154 # bats sets these

load common

setup() {
	[ "$(uname -m)" = x86_64 ] || skip "tests/faults/inject.c knows the registers of x86-64 only"
	faults=$BATS_TEST_DIRNAME/../faults/run
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "ENVSEAL_PREFIX says where envseal is installed"
	fullest=(user/lockdown-all-keys)
	[ "$(id -u)" -ne 0 ] || fullest+=(system/lockdown-all-keys)
}

# sweep TIERS OPTION...: all is well with that many.
sweep() {
	local tiers=$1
	shift
	run --separate-stderr "$faults" "$@"
	printf '%s\n' "$output" "$stderr" | grep -vE '^ok'
	[ "$status" -eq 0 ]
	[ "$(grep -cE '^ok' <<<"$output")" -eq "$tiers" ]
}

# The table for the end of the log, where tests/run prints it; the first run's, which is root's in
# CI.
report() {
	[ -n "${ENVSEAL_REPORTS:-}" ] && [ ! -e "$ENVSEAL_REPORTS/faults" ] || return 0
	{
		echo "system calls that fail while a program is being started (tests/faults/run --sample):"
		sed -n 's/^# /    /p' <<<"$output"
	} >"$ENVSEAL_REPORTS/faults"
}

# bats test_tags=every-call
@test "no call that isolates fails unnoticed" {
	sweep 1 user/hardened --calls unshare,mount_setattr,pivot_root,landlock_restrict_self,seccomp
}

# bats test_tags=thorough
@test "no failing system call leaves the command with less isolation" {
	sweep $((5 * ${#fullest[@]})) --sample
	report
}

# bats test_tags=every-call,thorough
@test "calls whose failures were once ignored" {
	sweep ${#fullest[@]} "${fullest[@]}" --calls \
		fcntl,readlink,getrandom,umask,rt_sigaction,rt_sigprocmask,signalfd4,newfstatat
	[ "$(id -u)" -ne 0 ] || sweep 1 system/hardened --calls fstatfs
}

# bats test_tags=thorough
@test "the sweep notices less isolation, a lost secret, a told secret, silence, crashes and hangs" {
	sweep 10 --stand-in --sample --seconds 5
}

# bats test_tags=thorough
@test "the sweep notices when a helper ignores that a call failed" {
	sweep ${#fullest[@]} "${fullest[@]}" --lies --sample --seconds 5
}
