# Loaded by every bats file: the built program, and a home of its own for each test.
# shellcheck shell=bash

bats_require_minimum_version 1.5.0

# What tests/run installed, else a build directory.
if [ -n "${ENVSEAL_PREFIX:-}" ]; then
	export ENVSEAL=$ENVSEAL_PREFIX/bin/envseal
else
	export ENVSEAL=${ENVSEAL_BUILD:-$BATS_TEST_DIRNAME/../../build}/envseal
fi

common_setup() {
	export HOME=$BATS_TEST_TMPDIR/home
	export XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
	unset ENVSEAL_VAULT ENVSEAL_LAYERS ENVSEAL_KEY_FILE
	umask 022
	mkdir -p "$HOME"
	cd "$HOME" || return 1
}

# need_root WHY: what only root can set up. tests/run leaves such tests (tagged root) out of its
# second pass.
need_root() {
	[ "$(id -u)" -eq 0 ] || skip "only as root: $1"
}

# absent WHAT: this host has no WHAT, so one part of the test has nothing to try; the test goes on.
# tests/run lists these at its end and does not count them as skipped.
absent() {
	[ ! -d "${ENVSEAL_REPORTS:-}/absent" ] || echo "$1" >"$(mktemp -p "$ENVSEAL_REPORTS/absent")"
}

# skip_absent WHAT: the same where the whole test has nothing to try, and ends the test.
skip_absent() {
	absent "$1"
	skip "absent on this host: $1"
}

# open_place: makes $place, a directory that no private /tmp hides; tests/run names where.
# close_place, in teardown.
open_place() {
	place=$(mktemp -d "${ENVSEAL_OPEN_PLACE:-/var/lib}/envseal-bats.XXXXXX")
	chmod 755 "$place"
}

close_place() {
	[[ ${place:-} != */envseal-bats.* ]] || rm -rf "$place"
}

# said PATTERN: on standard error, by what `run --separate-stderr` ran last.
said() {
	# shellcheck disable=SC2154 # bats sets it
	grep -qE -- "$1" <<<"$stderr" || {
		echo "no '$1' in: $stderr"
		return 1
	}
}

# refused STATUS PATTERN COMMAND...: exactly that status, nothing on standard output, and why.
refused() {
	run "-$1" --separate-stderr "${@:3}"
	[ -z "$output" ]
	said "$2"
}

# eventually COMMAND...: true within half a minute, which on a quiet machine is a few milliseconds.
eventually() {
	local end=$((SECONDS + 30))
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# plain_program COMMAND: policy_text can write its policy: no script, whose interpreter `policy new`
# finds, and no odd name.
plain_program() {
	local first=
	[[ $1 == /* && $1 != *[\"\\[:cntrl:]]* && -z ${ENVSEAL_LAYERS:-} ]] || return 1
	{ IFS= read -r -N 2 first <"$1"; } 2>/dev/null && [ "$first" != '#!' ]
}

# policy_text COMMAND TIER LINE [--secret VARIABLE=NAME]...: what `policy new` writes, with LINE
# below the tier. It asks no package manager about the command, which would take longer than the
# test.
policy_text() {
	local hash
	hash=$("$ENVSEAL" hash "$1")
	printf 'version = 1\ncommand = "%s"\ntier = "%s"\n%s\nhash = ["%s"]\n[secrets]\n' "$1" "$2" "$3" "${hash%% *}"
	shift 3
	while [ $# -gt 0 ]; do
		printf '%s = "%s"\n' "${2%%=*}" "${2#*=}"
		shift 2
	done
	printf '\n%s\n' '[environment]' '[filesystem]' '[network]'
}

# descendants PID: all of them, as the host numbers them.
descendants() {
	local child children
	children=$(cat "/proc/$1/task"/*/children 2>/dev/null) || children=$(pgrep -P "$1") || return 0
	for child in $children; do
		printf '%s\n' "$child"
		descendants "$child"
	done
}

# command_of PID: nothing when it is gone.
command_of() {
	local words=()
	{ mapfile -t -d '' words <"/proc/$1/cmdline"; } 2>/dev/null || true
	printf '%s ' "${words[@]}"
}

# on_terminal ANSWER... -- COMMAND...: runs it on a terminal of its own, answers its prompts (": "
# or "? ") one by one, then ends its input, prints what the terminal showed, returns its status.
on_terminal() {
	python3 "${BASH_SOURCE[0]%/*}/terminal.py" "$@" 3>&-
}
