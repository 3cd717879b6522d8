#!/usr/bin/env bats
# The features of a process executor, one by one, each through a policy and seen from inside the
# command.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
}

tiers="none hardened lockdown"

@test "program: by PATH, by path, by relative path; argv[0] is the policy's name for it" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		for name in bash "$bash" "./${bash#/}"; do
			run -0 "$ENVSEAL_EXEC" "$name" -c 'echo "$0"; tr "\0" " " </proc/$$/cmdline'
			[ "${lines[0]}" = "$bash" ]
			[[ ${lines[1]} == "$bash -c "* ]]
		done
	done
	run -127 --separate-stderr env PATH=/nowhere "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ -z $output && $stderr == *bash* ]]
}

@test "arguments: any bytes, empty ones and many, in order" {
	show='import sys; print([a.encode("utf-8", "surrogateescape") for a in sys.argv[1:]])'
	for tier in $tiers; do
		allow "$python" "$tier"
		run -0 "$ENVSEAL_EXEC" "$python" -c "$show" '' 'a b' $'new\nline' $'\xff' '--' '--help' '$HOME' '*'
		[ "$output" = "[b'', b'a b', b'new\\nline', b'\\xff', b'--', b'--help', b'\$HOME', b'*']" ]
		mapfile -t many < <(seq 5000)
		run -0 "$ENVSEAL_EXEC" "$python" -c 'import sys; print(len(sys.argv), sys.argv[-1])' "${many[@]}"
		[ "$output" = "5001 5000" ]
	done
}

@test "environment: clean, but for what the policy lets in, sets or fills" {
	for tier in $tiers; do
		allow "$python" "$tier"
		set_key "$python" environment 'inherit = ["KEPT"]\nset = { FIXED = "of the policy", EMPTY = "" }'
		run -0 env -i KEPT=yes DROPPED=no FIXED=caller ONE=caller HOME="$HOME" PATH=/usr/bin:/bin \
			XDG_CONFIG_HOME="$XDG_CONFIG_HOME" XDG_DATA_HOME="$XDG_DATA_HOME" \
			"$ENVSEAL_EXEC" "$python" -c 'import os; print(sorted((k, v) for k, v in os.environ.items() if k not in ("PATH", "LC_CTYPE", "ENVSEAL_PADDING")))'
		[ "$output" = "[('EMPTY', ''), ('FIXED', 'of the policy'), ('KEPT', 'yes'), ('ONE', '$secret')]" ]
	done
}

@test "working directory: the caller's, or the policy's" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		run -0 bash -c 'cd /usr/lib && "$ENVSEAL_EXEC" bash -c pwd'
		[ "$output" = /usr/lib ]
		set_key "$bash" filesystem 'directory = "/usr/share"'
		run -0 bash -c 'cd /usr/lib && "$ENVSEAL_EXEC" bash -c pwd'
		[ "$output" = /usr/share ]
		# And one that is not there.
		sed -i 's|^directory = .*|directory = "/no/such/directory"|' "$(policy_file "$bash")"
		"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
		run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[[ -z $output && $stderr == *"/no/such/directory"* ]]
	done
}

@test "uid and gid: the caller's, in a user namespace whose maps are there before the command is" {
	for tier in $tiers; do
		allow "$python" "$tier"
		for _ in 1 2; do
			run -0 "$ENVSEAL_EXEC" "$python" -c 'import os
print(os.getresuid(), os.getresgid())
print(open("/proc/self/uid_map").read().split(), open("/proc/self/gid_map").read().split())'
			u=$(id -u) g=$(id -g)
			[ "${lines[0]}" = "($u, $u, $u) ($g, $g, $g)" ]
			[ "$tier" = none ] || [ "${lines[1]}" = "['$u', '$u', '1'] ['$g', '$g', '1']" ]
		done
	done
}

@test "seccomp: the tier's filter is loaded before the first instruction of the command" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		run -0 "$ENVSEAL_EXEC" bash -c 'grep -E "^(Seccomp|NoNewPrivs):" /proc/$$/status | cut -f 2 | tr "\n" " "'
		[ "$output" = "1 2 " ]
	done
}

@test "resource limits are the policy's, soft and hard, and last through its children" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		extend "$bash" $'[limits]\nopen_files = 99\nfile_size = "2G"\ncpu_time = "1h"'
		run -0 "$ENVSEAL_EXEC" bash -c 'bash -c "bash -c \"ulimit -Sn; ulimit -Hn; ulimit -Hf; ulimit -St\""'
		[ "$output" = $'99\n99\n2097152\n3600' ]
		run -1 "$ENVSEAL_EXEC" bash -c 'ulimit -n 100'
	done
}

@test "streaming: output arrives as it is written, not at the end" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		mkfifo "$HOME/pipe-$tier"
		rm -f "$HOME/out"
		"$ENVSEAL_EXEC" bash -c 'echo first; read -r answer; echo "got $answer"' <"$HOME/pipe-$tier" >"$HOME/out" 2>&1 3>&- &
		pid=$!
		exec {in}>"$HOME/pipe-$tier"
		eventually grep -q first "$HOME/out"
		echo second >&"$in"
		eventually grep -q "got second" "$HOME/out"
		exec {in}>&-
		wait "$pid"
	done
}

@test "standard output and standard error are two" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		run -3 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo out; echo err >&2; exit 3'
		[ "$output" = out ]
		[ "$stderr" = err ]
	done
}

@test "exit status: 0 to 255, and 128 + signal as a shell sees it" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		for status in 0 1 2 77 124 128 255; do
			run "-$status" "$ENVSEAL_EXEC" bash -c "exit $status"
		done
		for signal in 1 2 6 9 10 13 15; do
			run "-$((128 + signal))" env --default-signal=INT,HUP "$ENVSEAL_EXEC" bash -c "kill -$signal \$\$"
		done
	done
}

@test "elapsed time, in milliseconds" {
	for tier in $tiers; do
		allow "$bash" "$tier"
		"$ENVSEAL_EXEC" --status-fd 9 bash -c 'sleep 0.5' 9>"$HOME/record"
		run -0 jq -r 'select(.event == "finished") | .seconds * 1000 | . >= 100 and . < 60000 and (. - round | fabs) < 0.001' "$HOME/record"
		[ "$output" = true ]
	done
}

@test "a command that is not there, is no program, or cannot be executed" {
	run -127 --separate-stderr "$ENVSEAL_EXEC" no-such-command-anywhere
	[[ -z $output && $stderr == *no-such-command-anywhere* ]]
	run -127 --separate-stderr "$ENVSEAL_EXEC" /no/such/command
	[[ -z $output && $stderr == */no/such/command* ]]
	echo data >"$HOME/data"
	run -126 --separate-stderr "$ENVSEAL_EXEC" "$HOME/data"
	[[ -z $output && $stderr == *data* ]]
	run -126 --separate-stderr "$ENVSEAL_EXEC" /etc
	[ -z "$output" ]
	printf '\177ELF garbage' >"$HOME/broken"
	chmod 755 "$HOME/broken"
	for tier in $tiers; do
		allow "$HOME/broken" "$tier"
		run -126 --separate-stderr "$ENVSEAL_EXEC" "$HOME/broken"
		[[ -z $output && $stderr == *"cannot execute"* ]]
	done
}
