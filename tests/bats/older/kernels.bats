#!/usr/bin/env bats
# Features and refusals on a kernel that lacks additions since Linux 5.2. Only for a build of
# configure
# --with-missing=openat2,faccessat2,close-range,mount-setattr,pidfd,keyrings,memfd-exec,landlock
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load ../common
load ../running
load ../system

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
}

teardown() {
	[ -z "${SYSTEM:-}" ] || umount "$SYSTEM/run" 2>/dev/null || true
}

# refused PATTERN: and nothing runs.
refused() {
	run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[ -z "$output" ]
	[[ $stderr == *$1* && $stderr != *"$secret"* ]]
}

@test "both programs say that they are for tests only, and as on which kernel" {
	for program in "$ENVSEAL" "$ENVSEAL_EXEC"; do
		run -0 "$program" --version
		[[ $output == *"FOR TESTS ONLY, as on a kernel without openat2,faccessat2,close-range,mount-setattr,pidfd,keyrings,memfd-exec,landlock" ]]
	done
}

@test "lockdown is refused, and doctor says so; hardened and none work" {
	allow "$bash" lockdown
	refused "read-only root: cannot (this needs Linux 5.12) make read-only '/'"
	run -0 "$ENVSEAL" doctor --json
	[ "$(jq -r '.checks[] | select(.name == "Landlock") | "\(.level) \(.facts.abi)"' <<<"$output")" = "weak 0" ]
	[[ $output == *"User mode (tiers none and hardened)"* ]]
	for tier in none hardened; do
		inside "$tier" 'echo "$ONE"'
		[ "$output" = "$secret" ]
	done
}

@test "process.exec is refused" {
	allow "$bash" hardened
	extend "$bash" $'[process]\nexec = ["/usr/bin/env"]'
	refused "this needs Linux 5.12"
}

@test "hardened: what other tests have for it, without scopes, close_range and mount_setattr" {
	# Signals stay inside: a session of its own instead of a scope.
	allow "$bash" hardened
	run -0 setsid -w bash -c '"$ENVSEAL_EXEC" bash -c "trap : TERM; kill -TERM 0; true"; echo survived'
	[ "$output" = survived ]
	# No descriptor but 0-2, not even above a limit that was lowered since.
	run -0 bash -c 'exec 9</etc/passwd 200</etc/passwd; ulimit -Sn 100; "$ENVSEAL_EXEC" bash -c "cd /proc/\$\$/fd; echo *"'
	[ "$output" = "0 1 2 255" ] || [ "$output" = "0 1 2" ] || [ "$output" = "0 1 2 3" ]
	allow "$bash" none
	run -0 bash -c 'exec 200</etc/passwd; "$ENVSEAL_EXEC" bash -c "[ -e /proc/self/fd/200 ] && echo open"'
	[ "$output" = open ]
}

@test "hardened on a terminal, masked: it leads the session that it would else have to make" {
	"$ENVSEAL" policy new "$bash" --force --tier hardened --secret ONE=first/one 2>/dev/null
	run -0 on_terminal -- "$ENVSEAL_EXEC" bash -c 'tty >/dev/null && echo "on a terminal: $ONE"'
	[[ $output == *"on a terminal: [envseal:first/one]"* ]]
}

@test "programs and scripts that others may change run from private copies, which are read-only" {
	tool=$(own_command)
	for tier in none hardened; do
		allow "$tool" "$tier"
		run -0 "$ENVSEAL_EXEC" "$tool" -c 'echo "$ONE"'
		[ "$output" = "$secret" ]
	done
	printf '%s\n' "#!$python" 'import os, sys' 'print(os.environ["ONE"])' \
		'try: os.chmod(sys.argv[0], 0o755)' 'except OSError as e: print(e.strerror)' >"$HOME/script"
	chmod 755 "$HOME/script"
	allow "$HOME/script" hardened --interpreter "$python"
	run -0 "$ENVSEAL_EXEC" "$HOME/script"
	[ "$output" = "$secret"$'\n''Read-only file system' ]
}

@test "secrets as files, and a command that was not executable is still refused" {
	allow "$bash" hardened
	sed -i 's|^ONE = .*|ONE = { secret = "first/one", deliver = "file" }|' "$(policy_file "$bash")"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
	run -0 "$ENVSEAL_EXEC" bash -c 'cat "$ONE"; stat -Lc %a "$ONE"'
	[ "$output" = "${secret}400" ]
	tool=$(own_command)
	allow "$tool" none
	chmod 644 "$tool"
	run -126 "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
	[[ $output != *RAN* ]]
}

@test "what a timeout ends in tier none is found and ended without pidfds" {
	allow "$bash" none
	extend "$bash" $'[limits]\ntimeout = "200ms"'
	run -124 "$ENVSEAL_EXEC" bash -c '(setsid sh -c "trap \"\" TERM; echo \$\$ >$HOME/pid; while :; do sleep 0.1; done" &); sleep 20'
	run -1 kill -0 "$(cat "$HOME/pid")"
}

@test "hidden places" {
	hidden=$(find /usr/share/doc -maxdepth 1 -mindepth 1 -type d | sort | head -n 1)
	allow "$bash" hardened
	run -0 "$ENVSEAL_EXEC" bash -c "ls -A $hidden | wc -l"
	[ "$output" -gt 0 ]
	set_key "$bash" filesystem "hidden = [\"$hidden\"]"
	run -1 "$ENVSEAL_EXEC" bash -c "ls -A $hidden | wc -l; chmod 755 $hidden"
	[[ $output == *Read-only* ]]
	run -0 "$ENVSEAL_EXEC" bash -c "ls -A $hidden 2>/dev/null | wc -l"
	[ "$output" = 0 ]
}

# bats test_tags=root
@test "system mode: hardened works, tier none and lockdown are refused" {
	need_root "it installs privilege"
	system_ready
	system_policy "$bash" hardened
	run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'echo "$ONE"; id -G; grep CapEff /proc/self/status'
	[ "$output" = "$secret"$'\n'"$RUN_GID $CALLER_GID"$'\n''CapEff:'$'\t''0000000000000000' ]
	system_policy "$bash" none
	run -125 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ -z $output && $stderr == *"in system mode the tier none needs Landlock, which this kernel does not have; use Linux 5.13"* ]]
	system_policy "$bash" lockdown
	run -125 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[[ -z $output && $stderr == *"this needs Linux 5.12"* ]]
}
