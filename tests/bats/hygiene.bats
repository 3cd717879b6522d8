#!/usr/bin/env bats
# In whatever state a caller starts a privileged envseal-exec, it runs as usual or not at all.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load system

setup() {
	common_setup
	need_root
	system_ready
	bash=$(realpath /bin/bash)
	cp "$BATS_TEST_DIRNAME/state.py" "$SYSTEM/run/state.py"
}

tiers=(none hardened lockdown)

# What a whole run prints: the secret, and that both walls stand.
proof='echo "RAN $ONE"; sed -n "s/^NoNewPrivs:\s*//p; s/^Seccomp:\s*//p" /proc/self/status; id -g'

whole() {
	printf 'RAN %s\n1\n2\n%s' "$secret" "$RUN_GID"
}

# in_state WORD... -- ARGUMENT...: envseal-exec by the caller, in that state.
in_state() {
	local words=()
	while [ "$1" != -- ]; do
		words+=("$1")
		shift
	done
	as_caller /usr/bin/python3 -I /run/state.py "${words[@]}" -- "$ENVSEAL_EXEC" "${@:2}"
}

# The C library is the first to see to it for a privileged program; its standard input cannot be read.
# bats test_tags=root
@test "missing standard descriptors are devices, and nothing of envseal's lands there" {
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		mkdir -p "$SYSTEM/run/out" && chmod 777 "$SYSTEM/run/out"
		if [ "$tier" = lockdown ]; then
			run -0 --separate-stderr in_state close=0 close=2 -- bash -c 'readlink /proc/self/fd/0 /proc/self/fd/2'
			[ "$output" = $'/dev/full\n/dev/null' ]
			continue
		fi
		rm -f "$SYSTEM/run/out/seen"
		run -0 --separate-stderr in_state close=0 close=1 close=2 -- \
			bash -c 'for fd in 0 1 2; do readlink "/proc/$$/fd/$fd"; done >/run/out/seen'
		[ "$(cat "$SYSTEM/run/out/seen")" = $'/dev/full\n/run/out/seen\n/dev/null' ]
	done
}

# bats test_tags=root
@test "SIGCHLD ignored, all signals blocked, timers running, any umask: runs as ever" {
	# The timer ends what has no envseal in front of it.
	run as_caller /usr/bin/python3 -I /run/state.py timer=ITIMER_REAL -- "$bash" -c 'sleep 1; echo RAN'
	[ "$status" -ne 0 ]
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		for state in ignore=SIGCHLD block umask=0777 umask=0 ignore=SIGPIPE; do
			run -0 --separate-stderr in_state "$state" -- bash -c "$proof"
			[ "$output" = "$(whole)" ]
		done
		run -0 in_state umask=0751 -- bash -c umask
		[ "$output" = 0751 ]
		run -0 in_state timer=ITIMER_REAL timer=ITIMER_VIRTUAL timer=ITIMER_PROF -- \
			bash -c 'for ((i = 0; i < 50000; i++)); do :; done; sleep 0.5; echo RAN'
		[ "$output" = RAN ]
		# The mask is the caller's business, and the target's.
		run -0 in_state block -- bash -c 'sed -n "s/^SigBlk:\s*//p" /proc/self/status'
		[ "$output" != 0000000000000000 ]
	done
}

# bats test_tags=root
@test "no argument at all, a mebibyte of them, a working directory that is gone" {
	system_policy "$bash" none
	run -125 in_state no-arguments -- nothing
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		head -c 120000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/long"
		many=("$(cat "$BATS_TEST_TMPDIR/long")")
		many=("${many[@]}" "${many[@]}" "${many[@]}")
		many=("${many[@]}" "${many[@]}" "${many[@]}")
		run -0 --separate-stderr in_state ignore=SIGPIPE -- bash -c 'echo "$# $ONE"' "${many[@]}"
		[ "$output" = "8 $secret" ]
		mkdir -p "$SYSTEM/run/out/gone" && chmod 777 "$SYSTEM"/run/out{,/gone}
		IN_SYSTEM_DIRECTORY=/run/out/gone run -0 --separate-stderr in_state remove-directory -- bash -c "$proof"
		[ "$output" = "$(whole)" ]
	done
}

in_limit() {
	in_state "$1" -- bash -c "$proof" || return 1
}

# status_of COMMAND...: what it writes, and its exit status behind.
status_of() {
	local status=0
	"$@" || status=$?
	echo "$status"
}

# bats test_tags=root,thorough
@test "at the edge of every limit: all of it, or a refusal" {
	local limits=(fsize=0 fsize=1 fsize=4096 memlock=0 sigpending=0 nproc=1 nproc=2 nproc=3)
	for ((i = 3; i < 24; i++)); do
		limits+=("nofile=$i")
	done
	for ((i = 1; i < 12; i++)); do
		limits+=("as=$((i * 1048576))")
	done
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		for limit in "${limits[@]}"; do
			run --separate-stderr in_limit "$limit"
			[ "$output" = "$(whole)" ] || [ "$status" -ne 0 ] || {
				echo "$tier $limit: $status $output"
				return 1
			}
			# bash itself may find a limit too low; then the walls stood nevertheless.
			[[ $output != *RAN* ]] || [[ $output == "RAN $secret"* ]]
			[[ $stderr != *"$secret"* ]]
		done
		# The limits that are in the way of envseal itself have a message, or of a dynamic
		# build's loader its own.
		run -0 --separate-stderr status_of in_state nofile=5 -- bash -c 'echo RAN'
		[[ $output == 125 && $stderr == envseal-exec:* ]] ||
			[[ $output == 127 && $stderr == *'error while loading shared libraries'* ]]
	done
}

# bats test_tags=root
@test "no core file, whatever limit the caller set" {
	system_policy "$bash" none
	mkdir -m 777 "$SYSTEM/run/cores"
	run in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups \
		bash -c 'cd /run/cores && ulimit -c unlimited && kill -SEGV $$'
	# Only where this machine writes files.
	[ "$(cat /proc/sys/kernel/core_pattern)" != core ] || [ -n "$(ls "$SYSTEM/run/cores")" ]
	rm -f "$SYSTEM"/run/cores/*
	for tier in none hardened; do
		system_policy "$bash" "$tier"
		for limit in -1 0 1; do
			run in_state "core=$limit" -- bash -c 'cd /run/cores; ulimit -c unlimited; kill -SEGV $$; sleep 1'
			[ -z "$(ls "$SYSTEM/run/cores")" ]
		done
		run -0 in_state core=-1 -- bash -c 'sed -n "s/^Max core file size *//p" /proc/self/limits'
		[ "$(tr -s ' ' <<<"$output")" = '1 1 bytes ' ]
	done
}

# What the kernel merges, it counts in a file that the caller may read (/proc/PID/ksm_stat): so a page of the caller's that is
# counted is a page of the program's.
# bats test_tags=root
@test "no memory is merged with the caller's, though the caller had that switched on" {
	merges='grep -q "^VmFlags:.* mg" /proc/self/smaps && echo merged; echo RAN'
	run -0 as_caller /usr/bin/python3 -I /run/state.py merge -- "$bash" -c "$merges"
	[ "$output" != RAN ] || skip "this kernel merges no memory of whole programs"
	[ "$output" = merged$'\n'RAN ]
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		run -0 in_state merge -- bash -c "$merges"
		[ "$output" = RAN ]
	done
}

# with_handler COMMAND...: where a program gets the core files.
with_handler() {
	echo '|/usr/lib/handler' >"$SYSTEM/run/core_pattern"
	in_system bash -c 'mount --bind /run/core_pattern /proc/sys/kernel/core_pattern && exec "$@"' with_handler \
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "$@"
}

# bats test_tags=root
@test "a core limit of 0 is refused where a program would get all of memory" {
	system_policy "$bash" none
	run -0 with_handler /usr/bin/python3 -I /run/state.py core=1 -- "$ENVSEAL_EXEC" bash -c "$proof"
	[ "$output" = "$(whole)" ]
	run -125 --separate-stderr with_handler /usr/bin/python3 -I /run/state.py core=0 -- "$ENVSEAL_EXEC" bash -c "$proof"
	[[ -z $output && $stderr == *"hard limit on core files is 0"*"hard core 1"* ]]
	# What the target sets to 0 stays 1.
	run -0 in_state core=-1 -- bash -c 'ulimit -c 0 && sed -n "s/^Max core file size *//p" /proc/self/limits'
	[ "$(tr -s ' ' <<<"$output")" = '1 1 bytes ' ]
}

# A socket gets all of memory with every limit (Linux 6.16).
# bats test_tags=root
@test "system mode is refused where a socket would get all of memory" {
	system_policy "$bash" none
	echo '@/run/handler.sock' >"$SYSTEM/run/core_pattern"
	run -125 --separate-stderr in_system bash -c 'mount --bind /run/core_pattern /proc/sys/kernel/core_pattern && exec "$@"' \
		with_socket setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "$ENVSEAL_EXEC" bash -c "$proof"
	[[ -z $output && $stderr == *"core_pattern is a socket"*"sysctl kernel.core_pattern=core"* ]]
}

# bats test_tags=root
@test "prlimit during the set-up changes nothing once envseal-exec runs" {
	system_policy "$bash" none
	cat >"$SYSTEM/run/race.py" <<'END'
import os, resource, sys
ready, go = os.pipe()
child = os.fork()
if child == 0:
    os.read(ready, 1)
    os.execv(sys.argv[1], sys.argv[1:])
resource.prlimit(child, resource.RLIMIT_CORE, (2, 2))
os.write(go, b"x")
before, denied = 1, False
while not denied:
    try:
        resource.prlimit(child, resource.RLIMIT_CORE, (1, 1))
        before += 1
    except PermissionError:
        denied = True
_, status = os.waitpid(child, 0)
print("before" if before else "never", "denied" if denied else "allowed", os.waitstatus_to_exitcode(status))
END
	for round in {1..3}; do
		run -0 --separate-stderr as_caller /usr/bin/python3 -I /run/race.py "$ENVSEAL_EXEC" bash -c \
			'sleep 0.3; sed -n "s/^Max core file size *//p" /proc/self/limits'
		[ "$(tr -s ' ' <<<"${lines[0]}")" = '1 1 bytes ' ]
		[ "${lines[1]}" = "before denied 0" ] || {
			echo "$round: $output"
			return 1
		}
	done
}
