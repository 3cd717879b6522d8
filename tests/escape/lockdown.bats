#!/usr/bin/env bats
# Ways out of lockdown, each shown to work outside and to fail inside, and in hardened where that promises it. The ways are rows
# of the tables in lockdown/*.c; lockdown/judge.py takes them.

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

@test "files, mounts, devices and the kernel's file systems" {
	in_tier lockdown
	judge files
}

@test "sockets of every kind" {
	in_tier lockdown
	in_tier hardened
	judge sockets
}

@test "other processes, their groups and limits" {
	in_tier lockdown
	in_tier hardened
	judge processes
}

@test "keyrings, queues, namespaces, mounts and other system calls" {
	in_tier lockdown
	in_tier hardened
	judge kernel
}

@test "terminals" {
	in_tier lockdown
	in_tier hardened
	judge terminal
}

@test "standard input of every kind, descriptors left open, the program's own file" {
	# Root's is trusted here and runs as it is; an ordinary user's is copied.
	program=$(dirname "$place")/program
	cp "$ways" "$program"
	allow "$program" lockdown
	run "$python" "$source_of_ways/descriptors.py" "$program" "$place" "$ENVSEAL_EXEC"
	printf '%s\n' "$output"
	printf '# %s\n' "${lines[-1]}" >&3
	[ "$status" -eq 0 ]
}
