#!/usr/bin/env bats
# Every bad input: a one-line error that says what to do, the right status, and nothing runs.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	tool=$(own_command)
}

# refused STATUS PATTERN [COMMAND...]: one line on standard error with PATTERN; the target does not run. And
# `envseal explain` foresees just that.
refused() {
	refused_at_last "$@"
	local wanted=$1 said=${stderr#envseal-exec: }
	shift 2
	[ $# -gt 0 ] || set -- "$tool" -c 'echo RAN'
	run -1 --separate-stderr "$ENVSEAL" explain "$@"
	[ "${lines[-1]}" = "verdict     would be refused with exit status $wanted: $said" ] || {
		printf "explain:      %s\nenvseal-exec: %s\n" "${lines[-1]}" "$said"
		return 1
	}
	[ -z "$stderr" ]
}

# The same for what only running it, or the secret's value, can tell: explain sees nothing wrong.
refused_unforeseen() {
	refused_at_last "$@"
	shift 2
	[ $# -gt 0 ] || set -- "$tool" -c 'echo RAN'
	run -0 "$ENVSEAL" explain "$@"
	[ "${lines[-1]}" = "verdict     would run" ]
}

refused_at_last() {
	local wanted=$1 pattern=$2
	shift 2
	[ $# -gt 0 ] || set -- "$tool" -c 'echo RAN'
	run "-$wanted" --separate-stderr "$ENVSEAL_EXEC" "$@"
	[ -z "$output" ]
	[ "$(wc -l <<<"$stderr")" -eq 1 ]
	grep -qE -- "$pattern" <<<"$stderr" || {
		echo "no '$pattern' in: $stderr"
		return 1
	}
	[[ $stderr == envseal-exec:* && $stderr != *"$secret"* ]]
}

runs() {
	run -0 "$ENVSEAL" explain "$tool" -c 'echo RAN'
	[ "${lines[-1]}" = "verdict     would run" ]
	run -0 "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
	[ "$output" = RAN ]
}

# edit SED-SCRIPT: changes the tool's policy, and approves that.
edit() {
	sed -i "$1" "$(policy_file "$tool")"
	"$ENVSEAL" policy approve --yes "$tool" 2>/dev/null || true
}

@test "no policy" {
	refused 125 'no policy.*envseal policy new'
}

@test "a masked command, by an empty file or a link to /dev/null" {
	allow "$tool" none
	runs
	: >"$(policy_file "$tool")"
	refused 125 'masks this command'
	ln -sf /dev/null "$(policy_file "$tool")"
	refused 125 'masks this command'
}

@test "an unpinned command" {
	allow "$tool" none
	edit '/^hash/d'
	refused 125 'not pinned.*envseal policy pin'
	run -0 "$ENVSEAL" policy pin "$tool"
	runs
}

@test "a changed command is refused" {
	for tier in none hardened lockdown; do
		cp "$bash" "$tool"
		allow "$tool" "$tier"
		runs
		expected=$(b2sum -l 256 "$tool" | cut -d' ' -f1)
		echo >>"$tool"
		actual=$(b2sum -l 256 "$tool" | cut -d' ' -f1)
		refused 125 "expected blake2b-256:$expected, found blake2b-256:$actual.*envseal policy pin"
	done
}

@test "sha256 pins are as good" {
	allow "$tool" none
	edit "s/^hash.*/hash = [\"sha256:$(sha256sum "$tool" | cut -d' ' -f1)\"]/"
	runs
	echo >>"$tool"
	refused 125 "found sha256:$(sha256sum "$tool" | cut -d' ' -f1)"
}

@test "pin = trusted: only files of root's" {
	allow "$bash" none
	sed -i 's/^hash.*/pin = "trusted"/' "$(policy_file "$bash")"
	run -0 "$ENVSEAL" policy approve --yes "$bash"
	run -0 "$ENVSEAL_EXEC" "$bash" -c 'echo RAN'
	allow "$tool" none
	edit 's/^hash.*/pin = "trusted"/'
	refused 125 'not trusted'
}

@test "a policy that others may write, or below a directory that others may write" {
	allow "$tool" none
	chmod 666 "$(policy_file "$tool")"
	refused 125 'writable by others.*chmod go-w'
	chmod 644 "$(policy_file "$tool")"
	runs
	chmod 777 "$XDG_CONFIG_HOME/envseal/policies"
	refused 125 'writable by others.*chmod go-w'
}

@test "a policy edited after approval is refused" {
	allow "$tool" lockdown
	runs
	sed -i 's/lockdown"/none"/' "$(policy_file "$tool")"
	refused 125 'changed since.*envseal policy approve'
}

@test "a policy never approved, and an approval of another command" {
	allow "$tool" none
	cp "$bash" "$HOME/other"
	allow "$HOME/other" none
	rm "$XDG_DATA_HOME/envseal/approvals$tool"
	refused 125 'envseal policy approve'
	cp "$XDG_DATA_HOME/envseal/approvals$HOME/other" "$XDG_DATA_HOME/envseal/approvals$tool"
	refused 125 'envseal policy approve'
}

@test "a pin added without approval is refused" {
	allow "$tool" none
	echo >>"$tool"
	mkdir -p "$XDG_CONFIG_HOME/envseal/pins$HOME"
	"$ENVSEAL" hash "$tool" >"$XDG_CONFIG_HOME/envseal/pins$tool"
	refused 125 'envseal policy approve'
}

@test "a policy for another command" {
	allow "$tool" none
	cp "$bash" "$HOME/other"
	cp "$(policy_file "$tool")" "$(policy_file "$HOME/other")"
	refused 125 'command.*another command' "$HOME/other" -c 'echo RAN'
}

@test "a malformed policy names file, line, column and key, and no value" {
	allow "$tool" none
	good=$(cat "$(policy_file "$tool")")
	bad() {
		printf '%s\n%s\n' "$good" "$1" >"$(policy_file "$tool")"
		refused 125 "toml:[0-9]+:[0-9]+: .*$2"
		[[ $stderr != *zebra* ]]
	}
	bad '[process]
seccomp = "zebra"' 'process.seccomp: must be "default"'
	bad '[limits]
timeout = "30"' 'limits.timeout: must be a number with a unit'
	bad '[nonsense]
key = "zebra"' 'nonsense.*unknown'
	bad '[secrets2' ''
	printf 'version = 1\ncommand = "%s"\ntier = "zebra"\n' "$tool" >"$(policy_file "$tool")"
	refused 125 'toml:3:[0-9]+: .*tier'
	[[ $stderr != *zebra* ]]
	printf 'version = 1\ntier = "none"\n' >"$(policy_file "$tool")"
	refused 125 'toml:1:.*command'
	printf '\xff\xfe' >"$(policy_file "$tool")"
	refused 125 'UTF-8'
}

@test "a policy of 2 MiB, a directory, a FIFO, a device" {
	allow "$tool" none
	file=$(policy_file "$tool")
	head -c 2097152 /dev/zero | tr '\0' '#' >"$file"
	refused 125 'larger|too large|too big|1 MiB|bytes'
	rm "$file" && mkdir "$file"
	refused 125 'directory|regular'
	rmdir "$file" && mkfifo "$file"
	refused 125 'regular'
	rm "$file" && ln -s /dev/zero "$file"
	refused 125 'writable by others'
}

@test "an expired policy" {
	allow "$tool" none
	edit 's/^version = 1/&\nexpires = 2020-01-01/'
	refused 125 expired
	# From the day's first second on, in UTC.
	edit "s/^expires = .*/expires = $(date -u +%F)/"
	refused 125 expired
	edit "s/^expires = .*/expires = $(date -u -d '2 days' +%F)/"
	runs
}

@test "an unknown secret, and a required one that is missing" {
	allow "$tool" none
	"$ENVSEAL" remove first/one
	refused 125 'ONE: no secret of that name in vault'
}

@test "a vault that is missing, locked, truncated, with an altered key or a moved file" {
	allow "$tool" none
	vault=$XDG_DATA_HOME/envseal
	cp -a "$vault" "$HOME/saved"
	restore() {
		rm -rf "$vault"
		cp -a "$HOME/saved" "$vault"
	}
	rm -rf "$vault"
	refused 125 'vault.*envseal init'
	restore
	rm "$vault/slots/host.key"
	refused 125 'slot|locked'
	restore
	truncate -s 20 "$vault/vault.toml"
	refused 125 'vault.toml'
	restore
	# The same length, another key.
	sed -i -E '/public/ { s/[0-7]/8/; }' "$vault/vault.toml"
	cmp -s "$vault/vault.toml" "$HOME/saved/vault.toml" && return 1
	refused 125 'vault'
	restore
	seal second/two other-value
	cp "$vault/secrets/second/two.sealed" "$vault/secrets/first/one.sealed"
	refused 125 'first/one'
	restore
	truncate -s 100 "$vault/secrets/first/one.sealed"
	refused 125 'first/one'
	restore
	chmod 644 "$vault/slots/host.key"
	refused 125 'chmod'
	restore
	runs
}

@test "a value with a NUL, or too long for a variable" {
	allow "$tool" none
	printf 'a\0b' | "$ENVSEAL" store --force first/one 2>/dev/null
	refused_unforeseen 125 'ONE.*NUL'
	head -c 131072 /dev/zero | tr '\0' x | "$ENVSEAL" store --force first/one 2>/dev/null
	refused_unforeseen 125 'ONE.*too long'
	# The longest that fits: 128 KiB less "ONE=" and the NUL.
	head -c $((131072 - 5)) /dev/zero | tr '\0' x | "$ENVSEAL" store --force first/one 2>/dev/null
	run -0 "$ENVSEAL_EXEC" "$tool" -c 'echo ${#ONE}'
	[ "$output" = 131067 ]
}

@test "a command that is missing, not executable, a directory, a FIFO" {
	refused 127 'no-such' no-such-command
	refused 127 'No such file' /no/such/command
	refused 127 'No such file' ./no-such
	refused 127 empty ''
	chmod 644 "$tool"
	refused 126 'executable'
	PATH=$HOME run -126 "$ENVSEAL_EXEC" tool
	refused 126 'directory' /usr/bin
	refused 126 'directory' /usr/bin/
	mkfifo -m 755 "$HOME/fifo"
	refused 126 'regular' "$HOME/fifo"
	mkfifo "$HOME/plain"
}

@test "a script whose interpreter the policy does not name, or that is not there, or not trusted" {
	printf '#!/bin/sh\necho RAN\n' >"$tool"
	allow "$tool" none --interpreter /bin/sh
	runs
	cp "$(policy_file "$tool")" "$HOME/good"
	sed 's|^interpreter.*||' "$HOME/good" >"$(policy_file "$tool")"
	printf '#!sh\necho RAN\n' >"$tool"
	edit "s|^hash.*|hash = [\"$("$ENVSEAL" hash "$tool")\"]|"
	refused 125 'absolute path'
	printf '#!/bin/sh\necho RAN\n' >"$tool"
	sed 's|^interpreter.*|interpreter = "/no/such"|' "$HOME/good" >"$(policy_file "$tool")"
	edit ''
	refused 125 'script.interpreter.*No such file'
	cp "$bash" "$HOME/interpreter"
	sed "s|^interpreter.*|interpreter = \"$HOME/interpreter\"|" "$HOME/good" >"$(policy_file "$tool")"
	edit ''
	refused 125 'interpreter_hash'
	edit "s|^interpreter.*|&\ninterpreter_hash = [\"$("$ENVSEAL" hash "$HOME/interpreter")\"]|"
	runs
	echo >>"$HOME/interpreter"
	refused 125 'not what was pinned'
}

@test "a file that cannot be executed after all" {
	printf 'neither ELF nor script' >"$tool"
	for tier in none hardened lockdown; do
		allow "$tool" "$tier"
		refused 126 'cannot execute'
	done
}

@test "usage" {
	run -125 "$ENVSEAL_EXEC"
	[[ $output == usage:* ]]
	run -125 "$ENVSEAL_EXEC" --nonsense true
	run -0 "$ENVSEAL_EXEC" --help
	[[ $output == usage:* ]]
	run -0 "$ENVSEAL_EXEC" --version
	[[ $output == "envseal-exec "[0-9]* ]]
}

# bats test_tags=root
@test "a missing helper" {
	need_root "it covers the installed helper"
	allow "$tool" lockdown
	# In a mount namespace: other tests use the helper at the same time.
	run -125 --separate-stderr unshare --mount bash -c 'mount -t tmpfs none "$1" && shift && exec "$@"' \
		bash "$ENVSEAL_PREFIX/libexec/envseal" "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
	[[ -z $output && $stderr == *"sandbox helper"* ]]
}

@test "a kernel without Landlock: no lockdown, and hardened goes on with a session of its own" {
	refuse=(python3 "$BATS_TEST_DIRNAME/refuse.py" landlock ENOSYS)
	allow "$tool" lockdown
	run -0 "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
	[ "$output" = RAN ]
	run -125 --separate-stderr "${refuse[@]}" "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
	[ -z "$output" ]
	[[ $stderr == "envseal-exec: Landlock: the tier lockdown needs Landlock, which this kernel does not have; use Linux 5.13 or later with 'landlock' in its lsm= list, or the tier hardened" ]]
	allow "$tool" hardened
	run -0 setsid -w bash -c '"$@" -c "trap : TERM; kill -TERM 0; true"; echo survived' bash "${refuse[@]}" "$ENVSEAL_EXEC" "$tool"
	[ "$output" = survived ]
}
