#!/usr/bin/env bats
# Compares doc/seccomp.md's table of programs and profiles with actual runs. `make doc-profiles`
# updates it.
# shellcheck disable=SC2154 # profiles.bash sets what job says

load common
load running
load profiles

setup() {
	running_setup
	open_place
	prepare_jobs "$place"
	documented=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}/doc/seccomp.md
}

teardown() {
	stop_servers
	close_place
}

# check_row NAME: as documented, and at all under one profile. With PROFILES_TABLE it is written
# there instead.
check_row() {
	job "$1" || skip "$1 is not installed"
	row=$(table_row "$1")
	if [ -n "${PROFILES_TABLE:-}" ]; then
		printf '%s\n' "$row" >>"$PROFILES_TABLE"
		return
	fi
	echo "tried: $row"
	cat "$HOME/errors"
	[[ $row == *yes* ]]
	grep -qxF "$row" "$documented"
}

@test "ls" { check_row ls; }

# bats test_tags=thorough
@test "git log" { check_row 'git log'; }

# bats test_tags=thorough
@test "git commit" { check_row 'git commit'; }

@test "python3" { check_row python3; }

# bats test_tags=thorough
@test "python3 with a child process" { check_row 'python3 subprocess'; }

# bats test_tags=thorough
@test "node" { check_row node; }

# bats test_tags=thorough
@test "psql" { check_row psql; }

# bats test_tags=thorough
@test "curl" { check_row curl; }

# bats test_tags=thorough
@test "openssl" { check_row openssl; }

# bats test_tags=thorough
@test "sqlite3" { check_row sqlite3; }
