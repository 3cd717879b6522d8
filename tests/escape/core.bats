#!/usr/bin/env bats
# Attacks by a crash: limits, filters and both kinds of core pattern. The pattern is the machine's:
# each test sets it for a moment and restores it. A core file of another process is lost meanwhile.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup() {
	escape_setup
	# /run/cores for what runs there: no private /tmp covers it.
	cores=$SYSTEM/run/cores
	mkdir -m 777 "$cores"
	pattern=/proc/sys/kernel/core_pattern
	[ -w "$pattern" ] || skip "the core pattern cannot be set here"
}

teardown() {
	[ -z "${was:-}" ] || printf '%s\n' "$was" >"$pattern"
	escape_teardown
}

# The lock is on the setting itself, which every run of these tests has in common.
set_pattern() {
	exec {lock}<"$pattern"
	timeout 50 flock "$lock"
	was=$(cat "$pattern")
	printf '%s\n' "$1" >"$pattern"
	[ "$(cat "$pattern")" = "$1" ]
}

# A handler that keeps what this test's user's programs leave.
handler() {
	cat >"$cores/handler" <<-END_OF_HANDLER
		#!/bin/sh
		[ "\$1" != $CALLER_UID ] || cat >"$cores/core.\$2"
	END_OF_HANDLER
	chmod 755 "$cores/handler"
	printf '|%s/handler %%u %%P\n' "$cores"
}

# leaked SECRET: whether it is in a core file; the kernel writes in its own time.
leaked() {
	grep -qaF "$1" "$cores"/core* 2>/dev/null
}

# raise_limits PID...: as the user, from outside, everything that makes a core file bigger.
raise_limits() {
	local pid
	for pid in "$@"; do
		attacker prlimit --pid "$pid" --core=unlimited 2>/dev/null || true
		attacker prlimit --pid "$pid" --core=0 2>/dev/null || true
		attacker sh -c "echo 0xff >/proc/$pid/coredump_filter" 2>/dev/null || true
	done
}

# crash PID...: and the end of the run, so that whatever the kernel writes has been written.
crash() {
	attacker kill -SEGV "$@" 2>/dev/null || true
	wait "$starter" || true
}

# gave_up NAME: a program of the user's without any policy crashed, and what it left has arrived: so
# has what crashed before.
gave_up() {
	attacker env MARK="$1" bash -c 'ulimit -c 0; kill -SEGV $$' || true
	eventually leaked "MARK=$1"
}

# crashes: for user mode, it leaks; in every tier, nothing at all.
crashes() {
	# In user mode a core file is forbidden, too, but the same uid lifts that.
	as_caller env ONE="$own" bash -c 'ulimit -S -c 0; sleep 301 & exec sleep 302' 3>&- &
	starter=$!
	eventually find_victim
	attacker prlimit --pid "$target" --core=unlimited
	crash "$target"
	eventually leaked "$own"
	rm -f "$cores"/core*
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		victim "$tier"
		mapfile -t all < <(processes)
		raise_limits "${all[@]}"
		crash "$target" "$child" "${all[@]}"
		end_users
		nothing "$(find "$cores" -type f ! -name handler)"
	done
}

@test "a crash leaves no core file, whatever the user does to limits and filters" {
	set_pattern /run/cores/core.%P
	crashes
}

# bats test_tags=thorough
@test "a crash gives a core handler nothing, whatever the user does to limits and filters" {
	set_pattern "$(handler)"
	crashes
}

# may_listen: in tier none, what a policy may ask for so that nothing else needs a filter.
may_listen() {
	sed -i 's/^\[network\]$/&\nlisten = true/' "$XDG_CONFIG_HOME/envseal/policies$bash.toml"
	as_caller "$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
}

# A handler gets all of memory with a limit of 0, which programs that mean well set themselves.
@test "a target that asks for no core file gives a core handler nothing, in both modes and every tier" {
	local crash='ulimit -c 0; kill -SEGV $$' left=0
	set_pattern "$(handler)"
	for tier in "${tiers[@]}"; do
		for mode in user "$tier"; do
			USER_TIER=$tier policy "$mode" "$bash"
			[ "$mode" != user ] || may_listen
			go "$mode" "$bash" -c "$crash" || left=$?
			[ "$left" -eq 139 ]
			gave_up "$tier-$mode"
			nothing "$(grep -laFe "$own" -e "$secret" "$cores"/core* || true)"
		done
	done
}
