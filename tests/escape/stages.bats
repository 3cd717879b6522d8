#!/usr/bin/env bats
# Attacks by signals, at every stage of a run, to each of its processes; and by users who try to
# delay each other.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	build_spy
}

setup() {
	escape_setup
	cp "$BATS_TEST_DIRNAME/stages.py" "$SYSTEM/run/"
	cp "$bash" "$SYSTEM/bin/envseal-target"
	rounds=$((${ESCAPE_ROUNDS:-100} / 2))
}

teardown() {
	[ -z "${other:-}" ] || CALLER_UID=$other end_users
	escape_teardown
}

# strike HOW TIER: every stage of it, into $log.
strike() {
	log=$BATS_TEST_TMPDIR/log
	policy "$2" "$bin/envseal-target"
	starts "$2" "$bin/envseal-target" -c 'echo "RAN $ONE"'
	as_caller "$python" -I /run/stages.py "$1" "$rounds" 150 -- "${words[@]}" >"$log"
}

# Signals are the user's right; a run that was struck fails or goes on, and never does half of it.
# bats test_tags=thorough
@test "each process stopped at each stage: no door opens meanwhile, and the run goes on" {
	for tier in "${tiers[@]}"; do
		hunt envseal
		strike stop "$tier"
		nothing "$(hunt_ends | secrets_taken)"
		nothing "$(grep -vxF "ended 0 RAN $secret" "$log" | grep -vx 'left 0')"
		grep -qx 'left 0' "$log"
	done
}

# bats test_tags=thorough
@test "each process killed at each stage: the run ends, whole or not at all, and nothing is left of it" {
	for tier in "${tiers[@]}"; do
		strike kill "$tier"
		# By the signal, or refused with the program's own status, or it was too late.
		nothing "$(grep -vxE "ended (-9|137|125) (RAN $secret)?|ended 0 RAN $secret|left 0" "$log")"
		grep -qx 'left 0' "$log"
	done
}

# another COMMAND...: a second user.
another() {
	CALLER_UID=$other CALLER_GID=$other as_caller "$@"
}

@test "one user's runs, stopped at every stage, delay no other user's" {
	other=$((CALLER_UID + 1))
	policy hardened "$bash"
	for ((i = 0; i < 12; i++)); do
		as_caller "$ENVSEAL_EXEC" "$bash" -c 'sleep 30' </dev/null >/dev/null 2>&1 3>&- &
		sleep "0.00$i"
		for pid in $(pgrep -U "$CALLER_UID" || true); do
			attacker kill -STOP "$pid" 2>/dev/null || true
		done
	done
	[ -n "$(pgrep -U "$CALLER_UID" -x envseal-exec)" ]
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bin/envseal-target"
		run -0 --separate-stderr another timeout 20 "$ENVSEAL_EXEC" "$bin/envseal-target" -c 'echo "RAN $ONE"'
		[ "$output" = "RAN $secret" ]
	done
	# And the files that both may read, locked.
	as_caller "$python" -c 'import fcntl, sys, time
held = [open(name) for name in sys.argv[1:]]
for file in held:
    fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
time.sleep(60)' "$ETC/policies$bash.toml" "$ETC/system.toml" "$ETC/access$bash" /etc/passwd "$ENVSEAL_EXEC" \
		>"$BATS_TEST_TMPDIR/said" 3>&- &
	eventually grep -q held "$BATS_TEST_TMPDIR/said"
	run -0 --separate-stderr another timeout 20 "$ENVSEAL_EXEC" bash -c 'echo "RAN $ONE"'
	[ "$output" = "RAN $secret" ]
}

@test "two users at once: each its own run, and neither sees the other's" {
	other=$((CALLER_UID + 1))
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		another "$ENVSEAL_EXEC" "$bash" -c 'for ((i = 0; i < 200; i++)); do echo "$ONE"; done | sort | uniq -c; id -u; sleep 301 & exec sleep 302' \
			>"$BATS_TEST_TMPDIR/theirs" 2>/dev/null 3>&- &
		starter=$!
		eventually find_victim
		as_caller "$ENVSEAL_EXEC" "$bash" -c 'id -u; echo "RAN $ONE"' >"$BATS_TEST_TMPDIR/mine"
		diff <(printf '%s\n' "$CALLER_UID" "RAN $secret") "$BATS_TEST_TMPDIR/mine"
		diff <(printf '%7s %s\n%s\n' 200 "$secret" "$other") "$BATS_TEST_TMPDIR/theirs"
		policy "$tier" "$bin/spy"
		for pid in $(processes); do
			nothing "$(spy "$pid")"
			nothing "$(go "$tier" "$bin/spy" "$pid")"
			run ! attacker kill -0 "$pid"
		done
		CALLER_UID=$other end_users
		wait "$starter" || true
	done
}
