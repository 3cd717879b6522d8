#!/usr/bin/env bats
# Ways out of lockdown. Each must work outside and fail inside, and in hardened if that promises it.
# The ways are rows of the tables in lockdown/*.c; lockdown/judge.py tries them.
# shellcheck disable=SC2016,SC2154 # an inner shell expands; bats and the loaded files set the rest

load ../bats/common
load ../bats/running
load lockdown

setup_file() {
	compile_ways
}

setup() {
	lockdown_setup
}

teardown() {
	lockdown_teardown
}

# with_profiles NAME...: lockdown under those profiles of process.seccomp, too. Not essential: it
# ends at the first fork.
with_profiles() {
	local profile
	for profile; do
		in_tier lockdown "$profile"
		extend "$HOME/ways-$profile" "$(printf '[process]\nseccomp = "%s"' "$profile")"
	done
}

@test "files, mounts, devices and the kernel's file systems" {
	in_tier lockdown
	judge files
}

@test "sockets of every kind" {
	in_tier lockdown
	in_tier hardened
	judge sockets
}

# bats test_tags=thorough
@test "the families of sockets under every profile of process.seccomp" {
	with_profiles minimal io compute network unrestricted
	judge sockets
}

@test "other processes, their groups and limits" {
	in_tier lockdown
	in_tier hardened
	with_profiles unrestricted
	judge processes
}

@test "keyrings, queues, namespaces, mounts and other system calls" {
	in_tier lockdown
	in_tier hardened
	with_profiles unrestricted
	judge kernel
}

@test "requests of ioctl, fcntl and prctl, memory policy, filters of its own" {
	in_tier lockdown
	with_profiles unrestricted
	judge calls
}

# bats test_tags=thorough
@test "terminals" {
	in_tier lockdown
	in_tier hardened
	with_profiles unrestricted
	judge terminal
}

# bats test_tags=thorough
# Prints what below /proc and /sys opens for writing, but for descriptors, which lead elsewhere.
open_all='import os, sys
for top in sys.argv[1:]:
    for path, directories, files in os.walk(top):
        directories[:] = [d for d in directories if d not in ("fd", "map_files", "fdinfo") and (path != "/proc" or not d.isdigit() or d in ("1", str(os.getpid())))]
        for name in files:
            try: os.close(os.open(f"{path}/{name}", os.O_WRONLY | os.O_NONBLOCK)); print(f"{path}/{name}")
            except OSError: pass'

@test "no file below /proc and /sys can be written" {
	run -0 "$python" -c "$open_all" "/proc/$$"
	[[ $output == *"/autogroup"* && $output == *"/oom_score_adj"* && $output == *"/attr/"* ]]
	allow "$python" lockdown
	run -0 "$ENVSEAL_EXEC" "$python" -c "$open_all" /proc /sys
	[ -z "$output" ]
	allow "$python" hardened
	run -0 "$ENVSEAL_EXEC" "$python" -c "$open_all" /proc
	[ -z "$output" ]
}

@test "signals that a terminal sends to whole process groups" {
	local where
	for where in here away kept; do
		run -0 timeout 60 "$python" "$source_of_ways/storm.py" "$where" "$python"
		[ "$output" = $'SIGTTIN some\nSIGTTOU some\nSIGWINCH some' ]
		for tier in hardened lockdown; do
			allow "$python" "$tier"
			extend "$python" $'[process]\nkeep_fds = [5]'
			run -0 timeout 60 "$python" "$source_of_ways/storm.py" "$where" "$ENVSEAL_EXEC" "$python"
			[ "$output" = $'SIGTTIN none\nSIGTTOU none\nSIGWINCH none' ]
		done
	done
}

@test "standard input of every kind, descriptors left open, the program's own file" {
	# Root's is trusted here and runs as it is; an ordinary user's is copied.
	program=$(dirname "$place")/program
	cp "$ways" "$program"
	allow "$program" lockdown
	tried descriptors.py "$program" "$place" "$ENVSEAL_EXEC"
}

# bats test_tags=thorough
@test "outliving the target and the supervisor" {
	in_tier lockdown
	in_tier hardened
	for tier in "${tiers[@]}"; do
		tried staying.py "$ways" "$place" "$ENVSEAL_EXEC" "${tier#*=}"
	done
}

@test "lockdown leaves open exactly the ways that SECURITY.md lists" {
	in_tier lockdown
	tried residue.py "$ways" "$place" "$ENVSEAL_EXEC" "$HOME/ways-lockdown"
}

@test "the session's terminal is there where it was given" {
	allow "$bash" lockdown
	try='exec "$ENVSEAL_EXEC" bash -c "echo through >/dev/tty"'
	run script -qec "bash -c '$try'" /dev/null </dev/null
	# Without scopes it has a session of its own, and no terminal in that (doc/sandbox.md).
	if scopes; then [[ $output == *through* ]]; else [[ $output == *"/dev/tty"* && $output != *through* ]]; fi
	# Standard descriptors are elsewhere, and the session has a terminal all the same.
	run script -qec "bash -c '$try' </dev/null >'$HOME/out' 2>&1" /dev/null </dev/null
	[[ $output != *through* ]]
	[[ $(cat "$HOME/out") == *"/dev/tty"* ]]
}
