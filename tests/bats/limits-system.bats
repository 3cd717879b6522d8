#!/usr/bin/env bats
# Limits and --status-fd in system mode: the supervisor of tier none weakens none of system mode's
# walls.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load system

setup() {
	common_setup
	need_root
	system_ready
	bash=$(realpath /bin/bash)
}

# extend TEXT: adds to bash's policy.
extend() {
	printf '%s\n' "$1" >>"$SYSTEM/etc/envseal/policies$bash.toml"
}

# bats test_tags=root
@test "timeout and record in each tier, the ids as they should be" {
	for tier in none hardened lockdown; do
		system_policy "$bash" "$tier"
		extend $'[limits]\ntimeout = "1h"\nopen_files = 60'
		run -0 --separate-stderr as_caller bash -c '"$ENVSEAL_EXEC" --status-fd 9 bash -c "
			for f in Uid Gid CapPrm CapEff NoNewPrivs; do grep \$f /proc/self/status | cut -f 2-; done
			ulimit -n; echo \$ONE" 9>&2'
		u=$CALLER_UID g=$RUN_GID
		[ "${lines[0]}" = "$u"$'\t'"$u"$'\t'"$u"$'\t'"$u" ]
		[ "${lines[1]}" = "$g"$'\t'"$g"$'\t'"$g"$'\t'"$g" ]
		[ "${lines[*]:2}" = "0000000000000000 0000000000000000 1 60 $secret" ]
		[ "$(jq -sr '.[1] | .mode, .tier, .timed_out, .status' <<<"$stderr" | tr '\n' ' ')" = "system $tier false 0 " ]
		system_policy "$bash" "$tier"
		extend $'[limits]\ntimeout = "100ms"'
		run -124 --separate-stderr as_caller bash -c '"$ENVSEAL_EXEC" --status-fd 9 bash -c "exec sleep 60" 9>&2'
		[ "$(jq -sr '.[1] | .mode, .tier, .timed_out, .status' <<<"$stderr" | tr '\n' ' ')" = "system $tier true 124 " ]
	done
}

# bats test_tags=root
@test "the lighter installation has a supervised tier none too" {
	system_install set-id
	system_policy "$bash" none
	extend $'[limits]\ntimeout = "1s"'
	run -124 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'echo "$ONE"; exec sleep 60'
	[ "$output" = "$secret" ]
}

# bats test_tags=root
@test "nobody else of the same uid reads any process of a supervised tier none" {
	system_policy "$bash" none
	extend $'[limits]\ntimeout = "1h"'
	callers_home
	run -0 --separate-stderr as_caller bash -c '
		sleep 60 &
		plain=$!
		mkfifo "$HOME/ready"
		"$ENVSEAL_EXEC" bash -c "sleep 60 & echo ready; wait" >"$HOME/ready" 2>/dev/null &
		top=$!
		read -r _ <"$HOME/ready"
		readable() {
			head -c 1 "/proc/$1/environ" || head -c 1 "/proc/$1/maps" || readlink "/proc/$1/fd/0" || readlink "/proc/$1/cwd"
		} >/dev/null 2>&1
		readable "$plain" && echo control
		init=$(pgrep -P "$top")
		target=$(pgrep -P "$init")
		for pid in $top $init $target $(pgrep -P "$target"); do
			readable "$pid" && echo "readable: $(cat "/proc/$pid/comm")" || echo closed
		done
		kill "$plain" "$top"
		wait "$top" || true'
	[ "$output" = $'control\nclosed\nclosed\nclosed\nclosed' ] || {
		echo "$output $stderr"
		false
	}
}

# Among the first numbers there are some that envseal itself has open by then, for writing too.
# bats test_tags=root
@test "--status-fd: a number that the caller left free is not taken, whoever has it by now" {
	system_policy "$bash" hardened
	for fd in 3 4 5 6 7 8; do
		run -125 --separate-stderr as_caller bash -c 'for ((fd = 3; fd < 9; fd++)); do eval "exec $fd>&-"; done
			exec "$ENVSEAL_EXEC" --status-fd "$1" bash -c "echo RAN"' bash "$fd"
		[[ $stderr == *"--status-fd"*" open "* && -z $output ]]
	done
}

# bats test_tags=root
@test "--status-fd: a pipe of the caller's is opened with the caller's rights, so that it is not waited for" {
	system_policy "$bash" none
	as_caller bash -c '"$ENVSEAL_EXEC" --status-fd 9 bash -c "read -r a b c parent rest </proc/\$PPID/stat; echo \$parent; exec sleep 300" 9> >(cat >/dev/null)' >"$BATS_TEST_TMPDIR/supervisor" 3>&- &
	eventually test -s "$BATS_TEST_TMPDIR/supervisor"
	pid=$(cat "$BATS_TEST_TMPDIR/supervisor")
	flags=$(grep -h '^flags:' "/proc/$pid/fdinfo/"*)
	kill -KILL "$pid"
	# O_CLOEXEC, O_LARGEFILE (of what was opened by a path), O_NONBLOCK, O_WRONLY.
	[[ $flags == *02[14]04001* ]]
}
