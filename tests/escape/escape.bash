# For the attacks: a user's programs with the secret, in user mode and in every tier of system mode,
# and an attacker with the same uid. Each attack first succeeds where nothing prevents it. Root
# only: numeric ids, and a mount namespace of the test's own.
# shellcheck shell=bash disable=SC2034

load ../bats/common
load ../bats/system

# A user of this test's alone: what hunts a uid's processes must meet no other test's.
CALLER_UID=$((100000 + (RANDOM << 15 | RANDOM)))
CALLER_GID=$CALLER_UID

tiers=(none hardened lockdown)

# end_users: every process of this test's user, which is nobody else's.
end_users() {
	local pid
	for pid in $(pgrep -U "$CALLER_UID" || true); do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# What the attacker is, and what programs of the attacker's are authorised: $SYSTEM/bin, trusted
# places.
escape_setup() {
	common_setup
	need_root
	system_ready
	bash=$(realpath /bin/bash)
	python=$(realpath /usr/bin/python3)
	bin=$ENVSEAL_PREFIX/bin
	cp "$BATS_FILE_TMPDIR/spy" "$SYSTEM/bin/" 2>/dev/null || true
	export -n secret
	# The secret of user mode: the system's is in no vault but the system's.
	own=0wn-$RANDOM$RANDOM
	user_mode_is_ready=
}

# build_spy: in setup_file.
build_spy() {
	"${CC:-cc}" -std=gnu11 -O1 -o "$BATS_FILE_TMPDIR/spy" "$BATS_TEST_DIRNAME/spy.c"
	chmod go+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_FILE_TMPDIR")" "$BATS_FILE_TMPDIR"
}

escape_teardown() {
	[ "$(id -u)" -ne 0 ] || end_users
}

# attacker COMMAND...: the same uid and group, outside of everything.
attacker() {
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

spy() {
	attacker "$BATS_FILE_TMPDIR/spy" "$@"
}

# policy HOW COMMAND [OPTION...]: HOW is a tier, or "user" for a policy of the caller's own, tier
# none.
policy() {
	if [ "$1" != user ]; then
		system_policy "$2" "$1" "${@:3}"
		return
	fi
	if [ -z "$user_mode_is_ready" ]; then
		callers_home
		as_caller "$ENVSEAL" init --key-file 2>/dev/null
		printf %s "$own" | as_caller "$ENVSEAL" store one 2>/dev/null
		user_mode_is_ready=yes
	fi
	as_caller "$ENVSEAL" policy new "$2" --force --tier none --secret ONE=one "${@:3}" 2>/dev/null
}

# starts HOW COMMAND...: sets $words, what starts a command that way.
starts() {
	words=("$ENVSEAL_EXEC")
	[ "$1" != user ] || words+=(--user)
	words+=("${@:2}")
}

# go HOW COMMAND...: in the foreground, by the caller.
go() {
	starts "$@"
	as_caller "${words[@]}"
}

# Below the test's own shell: the whole run, from the supervisor down.
find_victim() {
	local pid found=
	supervisor="" target="" child=""
	for pid in $(descendants "$starter"); do
		case $(command_of "$pid") in
		"sleep 302 ") target=$pid ;;
		"sleep 301 ") child=$pid ;;
		"$ENVSEAL_EXEC "*) supervisor=${supervisor:-$pid} ;;
		esac
	done
	supervisor=${supervisor:-$target}
	[ -n "$target" ] && [ -n "$child" ]
}

# victim HOW: a program with the secret and with a child, in the background: $supervisor, $target,
# $child.
victim() {
	starts "$1" "$bash" -c 'sleep 301 & exec sleep 302'
	as_caller "${words[@]}" </dev/null 3>&- &
	starter=$!
	eventually find_victim
}

end_victim() {
	end_users
	wait "$starter" 2>/dev/null || true
}

# processes: all of the run, from the supervisor down.
processes() {
	printf '%s\n' "$supervisor"
	descendants "$supervisor"
}

# SECURITY.md, "Not promised", lists these: how many descriptors there are, and two settings that
# say nothing.
seen='fd|clear_refs|coredump_filter'

# secrets_taken: of the lines of a spy, those that SECURITY.md does not list.
secrets_taken() {
	grep '^took ' | grep -vE "^took ($seen) of " || true
}

# hunt TEXT: a spy in the background, which meets whatever has TEXT in its name; hunt_ends: what it
# took.
hunt() {
	rm -f "$BATS_TEST_TMPDIR/hunted" # the last one's is not this one's
	# No function: its own process would be the subshell's child.
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- \
		"$BATS_FILE_TMPDIR/spy" --hunt "$1" >"$BATS_TEST_TMPDIR/hunted" 2>&1 3>&- &
	hunter=$!
	eventually grep -q '^hunting$' "$BATS_TEST_TMPDIR/hunted"
}

hunt_ends() {
	kill -TERM "$hunter"
	wait "$hunter"
	# A hunt that met nobody proves nothing.
	grep -qE '^met [1-9]' "$BATS_TEST_TMPDIR/hunted"
	cat "$BATS_TEST_TMPDIR/hunted"
}

# nothing FROM...: fails, showing it, when the words are not empty.
nothing() {
	[ -z "$*" ] || {
		printf '%s\n' "$@"
		return 1
	}
}
