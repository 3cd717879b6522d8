#!/usr/bin/env bats
# The files in policies/: each says what it prevents, has no findings, and is not in force by
# itself. policies-*.bats try the programs.
# shellcheck disable=SC2154 # bats sets stderr

load common
load running

setup() {
	common_setup
	shipped=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}/policies
	mapfile -t files < <(find "$shipped" -name '*.toml' | sort)
	[ "${#files[@]}" -ge 14 ]
}

# header FILE: the comment it begins with.
header() {
	sed '/^#/!Q' "$1"
}

@test "policy check finds nothing in them" {
	run -0 --separate-stderr "$ENVSEAL" policy check "${files[@]}"
	[ -z "$output" ]
	sed 's/^tier = .*/tier = "soft"/' "${files[0]}" >"$HOME/soft.toml"
	run -1 "$ENVSEAL" policy check "$HOME/soft.toml"
}

@test "each says first what it prevents and what it does not" {
	local file
	for file in "${files[@]}"; do
		for part in Prevents 'Does not prevent'; do
			header "$file" | grep -A 1 "^# $part:\$" | grep -q '^#   - ' || {
				echo "$file: its first comment has no list '$part'"
				return 1
			}
		done
		# Which secret to store, before that.
		header "$file" | sed '/^# Prevents:/Q' | grep -q 'envseal store '
	done
}

@test "none is true on one machine only: no hashes, no user, no masking switched off, argument rules throughout" {
	local file
	for file in "${files[@]}"; do
		grep -q '^pin = "trusted"$' "$file"
		grep -q '^allow = \[' "$file"
		grep -q '^exec = \[' "$file"
		grep -qE '^tier = "(hardened|lockdown)"$' "$file"
		run -1 grep -E '^(hash|interpreter_hash|mask|user|group) *=' "$file"
	done
}

@test "installed, they are documents: no layer has them" {
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "ENVSEAL_PREFIX says where envseal is installed"
	local file
	for file in "${files[@]}"; do
		cmp "$file" "$ENVSEAL_PREFIX/share/doc/envseal/examples/policies/${file#"$shipped"/}"
	done
	[ ! -e "$ENVSEAL_PREFIX/lib/envseal/policies" ]
	[ ! -e "$ENVSEAL_PREFIX/etc/envseal/policies" ]
	"$ENVSEAL" init --key-file 2>/dev/null
	run -0 --separate-stderr "$ENVSEAL" policy list
	[ -z "$output" ]
}

@test "each has a test with the real program, and a line in policies/README.md" {
	local file name
	for file in "${files[@]}"; do
		name=${file##*/}
		name=${name%.toml}
		grep -qE "^@test \"$name: the job|^@test \"$name: fetch" "$BATS_TEST_DIRNAME"/policies-*.bats
		grep -qF "${file#"$shipped"/}" "$shipped/README.md"
	done
}

@test "in user mode: the user's own, after approval" {
	command -v openssl >/dev/null || skip "openssl is not installed"
	"$ENVSEAL" init --key-file 2>/dev/null
	mkdir -p "$XDG_CONFIG_HOME/envseal/policies/usr/bin"
	cp "$shipped/usr/bin/openssl.toml" "$XDG_CONFIG_HOME/envseal/policies/usr/bin/"
	"$ENVSEAL" store --generate 40 backup/key 2>/dev/null
	cd /
	run -125 "$ENVSEAL_EXEC" openssl -e -a <<<"some text"
	"$ENVSEAL" policy approve --yes openssl 2>/dev/null
	run -0 "$ENVSEAL" policy check
	run -0 --separate-stderr "$ENVSEAL_EXEC" openssl -e -a <<<"some text"
	run -0 --separate-stderr "$ENVSEAL_EXEC" openssl -d -a <<<"$output"
	[ "$output" = "some text" ]
}
