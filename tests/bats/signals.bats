#!/usr/bin/env bats
# Exit status, signals, stop and continue, orphans, and the death of each process.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	started=()
}

teardown() {
	for pid in "${started[@]}"; do
		kill -KILL "$pid" 2>/dev/null || true
	done
}

# start TIER SCRIPT: in the background; $supervisor is envseal-exec, ready once the script wrote "ready".
# A shell starts what is in the background with INT and QUIT ignored, nohup with HUP; env puts that right.
start() {
	allow "$bash" "$1"
	rm -f "$HOME/said" # the last one's "ready" is not this one's
	env --default-signal=INT,QUIT,HUP "$ENVSEAL_EXEC" bash -c "$2" >"$HOME/said" 2>&1 3>&- &
	supervisor=$!
	started+=("$supervisor")
	eventually grep -q ready "$HOME/said"
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

state_of() {
	local rest
	rest=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
	rest=${rest##*) }
	printf '%s\n' "${rest%% *}"
}

in_state() {
	[ "$(state_of "$1")" = "$2" ]
}

@test "the exit status is the command's" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		for status in 0 1 124 125 126 127 200 255; do
			run "-$status" "$ENVSEAL_EXEC" bash -c "exit $status"
			[ -z "$output" ]
		done
	done
}

@test "a command ended by a signal ends envseal-exec by the same one" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		for signal in TERM INT HUP KILL ABRT USR1 PIPE; do
			number=$(kill -l "$signal")
			run "-$((128 + number))" env --default-signal=INT,HUP "$ENVSEAL_EXEC" bash -c "kill -$signal \$\$"
		done
	done
}

@test "signals to envseal-exec are passed on" {
	for tier in hardened lockdown; do
		for signal in TERM INT HUP QUIT USR1 USR2 WINCH; do
			start "$tier" "trap 'echo got-$signal; exit 9' $signal; echo ready; while :; do sleep 0.05; done"
			kill "-$signal" "$supervisor"
			status=0
			wait "$supervisor" || status=$?
			[ "$status" -eq 9 ]
			grep -q "got-$signal" "$HOME/said"
		done
	done
}

# Uses up the user's queued signals, says so, and holds them until a line comes.
use_up_signals='import ctypes, os, signal
libc = ctypes.CDLL(None)
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGRTMIN])
while libc.sigqueue(os.getpid(), signal.SIGRTMIN, None) == 0: pass
print("used up", flush=True)
input()'

@test "signals are passed on though another program has used up the user's queued signals" {
	ulimit -i 500
	coproc holder { python3 -c "$use_up_signals" 3>&-; }
	started+=("$holder_PID")
	read -r line <&"${holder[0]}"
	[ "$line" = "used up" ]
	for tier in hardened lockdown; do
		start "$tier" "trap 'echo got-TERM; exit 9' TERM; echo ready; while :; do sleep 0.05; done"
		kill -TERM "$supervisor"
		eventually ended "$supervisor"
		grep -q got-TERM "$HOME/said"
	done
	echo >&"${holder[1]}"
}

@test "a signal to the whole process group is not multiplied" {
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		rm -f "$HOME/said" # or what the last tier said would count
		run -0 setsid -w bash -c '
			trap "" USR1
			"$ENVSEAL_EXEC" /bin/true 2>/dev/null
			env --default-signal=USR1 "$ENVSEAL_EXEC" bash -c "n=0; trap \"n=\$((n + 1))\" USR1; echo ready
				while [ \$n -eq 0 ]; do sleep 0.02; done; for i in 1 2 3 4 5 6; do sleep 0.05; done; echo \$n" >"$HOME/said" &
			until grep -q ready "$HOME/said"; do sleep 0.02; done
			kill -USR1 0
			wait'
		count=$(tail -n 1 "$HOME/said")
		[ "$count" -ge 1 ]
		[ "$count" -le 2 ] # the group's, and the one that the supervisor passes on
	done
}

@test "a signal that the command does not catch ends both" {
	for tier in none hardened lockdown; do
		start "$tier" 'echo ready; exec sleep 60'
		kill -TERM "$supervisor"
		status=0
		wait "$supervisor" || status=$?
		[ "$status" -eq 143 ]
	done
}

@test "stop and continue, sent to envseal-exec" {
	for tier in hardened lockdown; do
		set -m
		start "$tier" 'trap "echo continued" CONT; echo ready; while :; do sleep 0.05; done'
		tree=$(descendants "$supervisor")
		target=$(sed -n 2p <<<"$tree")
		kill -TSTP "$supervisor"
		eventually in_state "$target" T
		eventually in_state "$supervisor" T
		kill -CONT "$supervisor"
		eventually grep -q continued "$HOME/said"
		[ "$(state_of "$supervisor")" != T ]
		kill -TERM "$supervisor"
		wait "$supervisor" || true
	done
}

@test "a command that stops itself stops envseal-exec, as its shell must see" {
	for tier in hardened lockdown; do
		start "$tier" 'echo ready; kill -STOP $$; echo again; exit 4'
		eventually in_state "$supervisor" T
		kill -CONT "$supervisor"
		status=0
		wait "$supervisor" || status=$?
		[ "$status" -eq 4 ]
		grep -q again "$HOME/said"
	done
}

@test "Ctrl-C and Ctrl-Z from an interactive shell" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		mkfifo "$HOME/keys-$tier"
		SHELL=$bash env --default-signal=INT,QUIT script -qefc "$bash --norc --noprofile -i" "$HOME/shown-$tier" <"$HOME/keys-$tier" \
			>/dev/null 2>&1 3>&- &
		session=$!
		started+=("$session")
		exec {keys}>"$HOME/keys-$tier"
		shown() {
			grep -q "$1" "$HOME/shown-$tier"
		}
		echo "$ENVSEAL_EXEC bash -c 'echo run''ning; while :; do read -r x && echo read-\$x; done'" >&"$keys"
		eventually shown running
		printf '\032' >&"$keys"
		eventually shown Stopped
		echo 'echo shell-$((40 + 2))' >&"$keys"
		eventually shown shell-42
		echo 'echo go''ing; fg' >&"$keys"
		eventually shown going
		echo typed >&"$keys"
		eventually shown read-typed
		printf '\003' >&"$keys"
		sleep 0.3
		echo 'echo status-$?' >&"$keys"
		eventually shown status-130 || {
			cat "$HOME/shown-$tier"
			false
		}
		echo exit >&"$keys"
		exec {keys}>&-
		wait "$session" || true
	done
}

@test "orphans are reaped, and end with the command" {
	for tier in hardened lockdown; do
		start "$tier" '(setsid sleep 61 & ) ; (true &) ; sleep 0.2
			for s in /proc/[0-9]*/stat; do read -r line <$s; case $line in *") Z "*) echo zombie;; esac; done
			trap exit USR1; echo ready; sleep 60 & wait'
		tree=$(descendants "$supervisor")
		kill -USR1 "$supervisor"
		wait "$supervisor" || true
		[ "$(wc -l <<<"$tree")" -ge 3 ]
		run -1 grep zombie "$HOME/said"
		for pid in $tree; do
			eventually ended "$pid"
		done
	done
}

@test "killing the supervisor ends the tree" {
	for tier in hardened lockdown; do
		start "$tier" 'trap "" TERM HUP INT; (trap "" TERM HUP; setsid sleep 62) & echo ready; sleep 62; sleep 62'
		tree=$(descendants "$supervisor")
		[ "$(wc -l <<<"$tree")" -ge 3 ]
		kill -KILL "$supervisor"
		for pid in $tree; do
			eventually ended "$pid"
		done
	done
}

@test "killing the supervisor while the tree is stopped ends it too" {
	start lockdown 'echo ready; sleep 63; sleep 63'
	tree=$(descendants "$supervisor")
	for pid in $tree; do
		kill -STOP "$pid" # the command; its init takes no STOP from inside, but does from here
	done
	kill -KILL "$supervisor"
	for pid in $tree; do
		eventually ended "$pid"
	done
}

@test "killing the sandbox's init is reported as a kill" {
	start hardened 'echo ready; sleep 64; sleep 64'
	kill -KILL "$(pgrep -P "$supervisor")"
	status=0
	wait "$supervisor" || status=$?
	[ "$status" -eq 137 ]
}
