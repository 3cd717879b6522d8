# Every bats file loads this: the built program and a home of its own for each test.
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

# need_root WHY: what only root can set up. tests/run leaves such tests (tagged root) out of its second pass.
need_root() {
	[ "$(id -u)" -eq 0 ] || skip "only as root: $1"
}

# absent WHAT: this host has no WHAT, so one part of the test has nothing to try; the test goes on. tests/run lists these
# at its end and does not count them as skipped.
absent() {
	[ ! -d "${ENVSEAL_REPORTS:-}/absent" ] || echo "$1" >"$(mktemp -p "$ENVSEAL_REPORTS/absent")"
}

# skip_absent WHAT: the same where the whole test has nothing to try, and ends the test.
skip_absent() {
	absent "$1"
	skip "absent on this host: $1"
}

# open_place: makes $place, a directory that no private /tmp hides; tests/run names where. close_place, in teardown.
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

# eventually COMMAND...: true within ten seconds.
eventually() {
	local i
	for ((i = 0; i < 200; i++)); do
		"$@" && return 0
		sleep 0.05
	done
	return 1
}

# descendants PID: all of them, as the host numbers them.
descendants() {
	local child
	for child in $(pgrep -P "$1" || true); do
		printf '%s\n' "$child"
		descendants "$child"
	done
}

# command_of PID: nothing when it is gone.
command_of() {
	{ tr '\0' ' ' <"/proc/$1/cmdline"; } 2>/dev/null || true
}

# on_terminal ANSWER... -- COMMAND...: runs it on a terminal of its own, answers its prompts (": " or "? ")
# one by one, then ends its input, prints what the terminal showed, returns its status.
on_terminal() {
	local answers=() shown="" char pipes status=0 to from pid
	while [ "$1" != -- ]; do
		answers+=("$1")
		shift
	done
	shift
	pipes=$(mktemp -d "$BATS_TEST_TMPDIR/terminal.XXXXXX")
	mkfifo "$pipes/to" "$pipes/from"
	SHELL=/bin/bash timeout 60 script -qefc "$(printf '%q ' "$@")" /dev/null \
		<"$pipes/to" >"$pipes/from" 2>&1 3>&- &
	pid=$!
	exec {to}>"$pipes/to" {from}<"$pipes/from"
	while [ ${#answers[@]} -gt 0 ] && IFS= read -r -N 1 -t 20 -u "$from" char; do
		shown+=$char
		case ${shown##*$'\n'} in
		envseal:*) ;;
		*': ' | *'? ')
			printf '%s\n' "${answers[0]}" >&"$to"
			answers=("${answers[@]:1}")
			;;
		esac
	done
	exec {to}>&-
	shown+=$(cat <&"$from")
	exec {from}<&-
	wait "$pid" || status=$?
	printf '%s\n' "$shown" | tr -d '\r'
	return "$status"
}
