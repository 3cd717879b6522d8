#!/usr/bin/env bats
# envseal-exec hands a program the right bytes, arguments, environment and secrets, and nothing
# else.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
}

@test "the program gets its secret in every tier" {
	for tier in none hardened lockdown; do
		inside "$tier" 'printf %s "$ONE"'
		[ "$output" = "$secret" ]
	done
}

@test "only the named secrets are delivered" {
	seal second/two other-value
	for tier in none hardened lockdown; do
		inside "$tier" 'env'
		[[ $output == *"ONE=$secret"* && $output != *other-value* ]]
	done
}

@test "several secrets, and one that may be missing" {
	seal second/two other-value
	allow "$bash" lockdown --secret TWO=second/two
	set_key "$bash" secrets 'THREE = { secret = "third", required = false }'
	run -0 "$ENVSEAL_EXEC" bash -c 'echo "$ONE,$TWO,${THREE-unset}"'
	[ "$output" = "$secret,other-value,unset" ]
}

@test "tier none is in place: same PID" {
	allow "$bash" none
	run -0 bash -c 'echo $$; exec "$ENVSEAL_EXEC" bash -c "echo \$\$"'
	[ "${lines[0]}" = "${lines[1]}" ]
}

@test "arguments arrive as they are, argv[0] is the policy's command" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run -0 "$ENVSEAL_EXEC" bash -c 'printf "<%s>" "$@"' x '' 'a b' $'new\nline' -- '*'
		[ "$output" = $'<><a b><new\nline><--><*>' ]
		run -0 "$ENVSEAL_EXEC" bash -c 'tr "\0" "\n" </proc/$$/cmdline | head -n 1'
		[ "$output" = "$bash" ]
	done
}

@test "the environment is an allow-list" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run -0 --separate-stderr env -i HOME="$HOME" XDG_CONFIG_HOME="$XDG_CONFIG_HOME" \
			XDG_DATA_HOME="$XDG_DATA_HOME" PATH=/evil:/usr/bin:/bin LANG=C LD_PRELOAD=/x.so BASH_ENV=/x ENVSEAL_X=1 OTHER=1 \
			LC_ALL=/etc/x TERM=vt100 "BASH_FUNC_f%%=() { echo; }" https_proxy=http://x \
			"$ENVSEAL_EXEC" bash -c 'compgen -e | sort | tr "\n" " "; echo; echo "$PATH"'
		# bash itself adds PWD, SHLVL and OLDPWD.
		[ "${lines[0]/OLDPWD /}" = "ENVSEAL_PADDING HOME LANG ONE PATH PWD SHLVL TERM " ]
		[ "${lines[1]}" = /usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin ]
	done
}

@test "a policy widens and sets the environment" {
	allow "$bash" hardened
	set_key "$bash" environment 'inherit = ["MY_*"]\nset = { FIXED = "yes" }'
	MY_A=1 LANG=C run -0 "$ENVSEAL_EXEC" bash -c 'echo "${MY_A-} ${FIXED-} ${LANG-no}"'
	[ "$output" = "1 yes no" ]
}

@test "standard input, output and error are the caller's" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run -0 --separate-stderr bash -c 'echo in | "$ENVSEAL_EXEC" bash -c "cat; echo err >&2"'
		[ "$output" = in ]
		[ "$stderr" = err ]
	done
}

@test "a megabyte passes through in order" {
	allow "$bash" lockdown
	run -0 bash -c 'head -c 1000000 /dev/zero | tr "\0" x | "$ENVSEAL_EXEC" bash -c cat | cksum'
	[ "$output" = "$(head -c 1000000 /dev/zero | tr '\0' x | cksum)" ]
}

@test "an environment longer than a pipe arrives whole" {
	seal long "$(head -c 100000 /dev/zero | tr '\0' y)"
	seal long2 "$(head -c 100000 /dev/zero | tr '\0' z)"
	for tier in none lockdown; do
		allow "$bash" "$tier" --secret L1=long --secret L2=long2
		run -0 "$ENVSEAL_EXEC" bash -c 'echo "${#L1} ${#L2}"'
		[ "$output" = "100000 100000" ]
	done
}

@test "names: by PATH, by path, by relative path, through a link" {
	tool=$(own_command)
	allow "$tool" hardened
	PATH=$HOME:$PATH run -0 "$ENVSEAL_EXEC" tool -c 'echo "$ONE"'
	[ "$output" = "$secret" ]
	cd "$HOME"
	set_key "$tool" filesystem 'directory = "/"'
	run -0 "$ENVSEAL_EXEC" ./tool -c 'echo "$ONE"'
	[ "$output" = "$secret" ]
	ln -s tool "$HOME/alias"
	run -0 "$ENVSEAL_EXEC" "$HOME/alias" -c 'echo "$ONE"'
	[ "$output" = "$secret" ]
}

@test "a link can have a policy of its own" {
	tool=$(own_command)
	ln -s tool "$HOME/alias"
	allow "$tool" hardened
	seal second/two alias-value
	"$ENVSEAL" policy new "$HOME/alias" --tier none --secret ONE=second/two 2>/dev/null
	run -0 "$ENVSEAL_EXEC" "$HOME/alias" -c 'echo "$ONE"'
	[ "$output" = alias-value ]
}

@test "a profile is another policy for the same command" {
	allow "$bash" none
	seal prod/one prod-value
	sed 's|first/one|prod/one|' "$(policy_file "$bash")" >"$(policy_file "$bash@prod")"
	"$ENVSEAL" policy approve --yes --profile prod "$bash" 2>/dev/null
	run -0 "$ENVSEAL_EXEC" --profile prod bash -c 'echo "$ONE"'
	[ "$output" = prod-value ]
	run -125 "$ENVSEAL_EXEC" --profile staging bash -c true
}

@test "a script runs through the interpreter that its policy names" {
	printf '%s\n' '#!/bin/false' 'echo "$ONE $1 ${0##*/} $ENVSEAL_SCRIPT"' >"$HOME/script"
	chmod 755 "$HOME/script"
	for tier in none hardened lockdown; do
		allow "$HOME/script" "$tier" --interpreter "$bash"
		run -0 "$ENVSEAL_EXEC" "$HOME/script" arg
		[[ $output == "$secret arg "*" $HOME/script" ]]
	done
}

@test "a script's first line can be envseal-exec itself" {
	[ ${#ENVSEAL_EXEC} -lt 100 ] || skip "the path is too long for a first line"
	printf '%s\n' "#!$ENVSEAL_EXEC" 'echo "$ONE $1"' >"$HOME/script"
	chmod 755 "$HOME/script"
	allow "$HOME/script" lockdown --interpreter "$bash"
	run -0 "$HOME/script" arg
	[ "$output" = "$secret arg" ]
}

# bats test_tags=thorough
@test "a command rewritten while it waits does not run changed" {
	rm -rf "$XDG_DATA_HOME/envseal" "$XDG_CONFIG_HOME/envseal/vault.pub"
	on_terminal passpass passpass -- "$ENVSEAL" init --passphrase
	seal first/one "$secret"
	printf '%s\n' '#!/bin/sh' 'echo "original $ONE"' >"$HOME/script"
	chmod 755 "$HOME/script"
	on_terminal passpass -- "$ENVSEAL" policy new "$HOME/script" --tier lockdown --interpreter "$bash" \
		--secret ONE=first/one
	mkfifo "$HOME/answer"
	SHELL=$bash script -qefc "$ENVSEAL_EXEC $HOME/script" "$HOME/shown" <"$HOME/answer" >/dev/null 2>&1 3>&- &
	exec {answer}>"$HOME/answer"
	eventually grep -q Passphrase "$HOME/shown"
	printf '%s\n' '#!/bin/sh' 'echo "changed $ONE"' >"$HOME/script"
	printf 'passpass\n' >&"$answer"
	wait $!
	exec {answer}>&-
	grep -qF 'original [envseal:first/one]' "$HOME/shown"
	run -1 grep -q changed "$HOME/shown"
	# And that it would have: the same without envseal.
	run -0 sh "$HOME/script"
	[ "$output" = "changed " ]
}

@test "a passphrase vault asks on the terminal, and only there" {
	rm -rf "$XDG_DATA_HOME/envseal" "$XDG_CONFIG_HOME/envseal/vault.pub"
	on_terminal passpass passpass -- "$ENVSEAL" init --passphrase
	seal first/one "$secret"
	on_terminal passpass -- "$ENVSEAL" policy new "$bash" --tier none --secret ONE=first/one
	run -0 on_terminal passpass -- "$ENVSEAL_EXEC" bash -c 'echo "got $ONE"'
	[[ $output == *"got $secret"* && $output != *passpass* ]]
	run -125 on_terminal wrong -- "$ENVSEAL_EXEC" bash -c 'echo "got $ONE"'
	[[ $output == *passphrase* && $output != *got* ]]
	run -125 setsid "$ENVSEAL_EXEC" bash -c 'echo "got $ONE"' <<<passpass
	[[ $output == *locked* && $output != *got* ]]
	run -125 on_terminal -- "$ENVSEAL_EXEC" --no-input bash -c 'echo "got $ONE"'
	[[ $output == *locked* && $output != *got* ]]
}

@test "the secret is in no envseal process's environment or argv" {
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		mkfifo "$HOME/hold-$tier"
		"$ENVSEAL_EXEC" bash -c 'read -r _' <"$HOME/hold-$tier" 3>&- &
		supervisor=$!
		exec {hold}>"$HOME/hold-$tier"
		eventually has_grandchild "$supervisor"
		init=$(pgrep -P "$supervisor")
		target=$(pgrep -P "$init")
		# The probe works: the target itself has it (as its own user may see in user mode).
		grep -qz "ONE=$secret" "/proc/$target/environ"
		for pid in "$supervisor" "$init"; do
			# Undumpable, so only root can look at all.
			if [ "$(id -u)" -eq 0 ]; then
				run -1 grep -qz "$secret" "/proc/$pid/environ"
			else
				run -2 grep -qz "$secret" "/proc/$pid/environ"
			fi
			run -1 grep -qz "$secret" "/proc/$pid/cmdline"
		done
		exec {hold}>&-
		wait "$supervisor" || true
	done
}

has_grandchild() {
	pgrep -P "$(pgrep -P "$1" | head -n 1)" >/dev/null 2>&1
}

@test "no message contains the secret" {
	allow "$bash" none
	seal first/one "$(
		printf 'long-%s' "$secret"
		head -c 140000 /dev/zero | tr '\0' "x"
	)"
	run -125 "$ENVSEAL_EXEC" bash -c true
	[[ $output != *"$secret"* && $output == *ONE* ]]
	run -0 bash -c "\"$ENVSEAL\" list; \"$ENVSEAL\" list --json; \"$ENVSEAL\" policy show bash; \"$ENVSEAL\" policy list; \"$ENVSEAL\" policy check || true"
	[[ $output != *"$secret"* ]]
}

@test "core files are forbidden, to the target as well" {
	for tier in none hardened lockdown; do
		inside "$tier" 'ulimit -Hc'
		[ "$output" = 0 ] # bash counts in blocks of 1024 bytes: 1 byte is 0 blocks
		inside "$tier" "awk '/core file/ { print \$5, \$6 }' /proc/self/limits"
		[ "$output" = "1 1" ]
	done
}

@test "closed standard descriptors, ignored signals and timers do no harm" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		"$ENVSEAL_EXEC" bash -c 'exit 3' <&- >&- 2>&- && status=0 || status=$?
		[ "$status" -eq 3 ]
		run -0 bash -c 'trap "" CHLD PIPE; exec "$ENVSEAL_EXEC" bash -c "echo \$ONE"'
		[ "$output" = "$secret" ]
	done
}

@test "a tiny file size limit is no silent death" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run bash -c 'ulimit -f 1; exec "$ENVSEAL_EXEC" bash -c "echo RAN"'
		[ "$status" -eq 0 ] || [[ $status -eq 125 && $output == envseal-exec:* ]]
	done
	run -0 bash -c 'trap - XFSZ; exec "$ENVSEAL_EXEC" bash -c "grep SigIgn /proc/self/status"'
	[ $((0x${output#SigIgn:?} >> 24 & 1)) -eq 0 ]
}

@test "ignored signals stay ignored, as for nohup" {
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run -0 bash -c 'trap "" HUP; exec "$ENVSEAL_EXEC" bash -c "kill -HUP \$\$; echo alive"'
		[ "$output" = alive ]
	done
}
