#!/bin/bash
# Runs the reader over cases: valid/**/X.toml must mean X.json, invalid/**/X.toml must be refused.
# Also runs the public toml-test suite's cases, if there is a copy:
# ../shared/toml-test-1.1 beside the sources, or $ENVSEAL_SHARED/toml-test-1.1.
set -u
shopt -s globstar nullglob

source_dir=${srcdir:-.}
decode=./tests/toml/decode
compare=./tests/toml/compare
for program in "$decode" "$compare"; do
	if [ ! -x "$program" ]; then
		echo "run.sh: no $program here; run 'make check' in the build directory" >&2
		exit 99
	fi
done
work=$(mktemp -d) || exit 99
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

pass() {
	passed=$((passed + 1))
}

fail() {
	failed=$((failed + 1))
	echo "FAIL $1: $2"
}

must_be_accepted() {
	local case=$1 status=0
	"$decode" <"$case" >"$work/actual" 2>"$work/errors" || status=$?
	if [ "$status" -ne 0 ]; then
		fail "$case" "exit $status: $(<"$work/errors")"
	elif ! "$compare" "${case%.toml}.json" "$work/actual" 2>"$work/errors"; then
		fail "$case" "$(<"$work/errors")"
	else
		pass
	fi
}

# A crash is no refusal, and a refusal names a place.
must_be_refused() {
	local case=$1 status=0
	"$decode" <"$case" >"$work/actual" 2>"$work/errors" || status=$?
	if [ "$status" -ne 1 ]; then
		fail "$case" "exit $status instead of 1"
	elif [ -s "$work/actual" ]; then
		fail "$case" "refused, yet something was printed"
	elif ! grep -Eq '^stdin:[1-9][0-9]*:[1-9][0-9]*: .' "$work/errors"; then
		fail "$case" "no place in the message: $(<"$work/errors")"
	else
		pass
	fi
}

run_suite() {
	local case before=$((passed + failed))
	for case in "$1"/valid/**/*.toml; do
		must_be_accepted "$case"
	done
	for case in "$1"/invalid/**/*.toml; do
		must_be_refused "$case"
	done
	if [ $((passed + failed)) -eq "$before" ]; then
		fail "$1" "there are no cases in it"
	fi
}

run_suite "$source_dir/tests/toml"
shared=${ENVSEAL_SHARED:-$source_dir/../shared}
if [ -d "$shared/toml-test-1.1" ]; then
	run_suite "$shared/toml-test-1.1"
elif [ -n "${ENVSEAL_SHARED:-}" ]; then
	fail "$ENVSEAL_SHARED/toml-test-1.1" "no such directory"
fi
echo "toml: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
