#!/usr/bin/env bats
# System mode: an ordinary user runs programs as the system's policies allow, and sees nothing of
# the secrets.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load system

setup() {
	common_setup
	need_root
	system_ready
	bash=$(realpath /bin/bash)
	started=()
}

teardown() {
	[ ${#started[@]} -eq 0 ] || kill -KILL "${started[@]}" 2>/dev/null || true
	close_place
}

tiers=(none hardened lockdown)

# inside TIER SCRIPT: what bash says in that tier, started by the caller.
inside() {
	system_policy "$bash" "$1"
	run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c "$2"
}

# refused PATTERN COMMAND...: status 125, the pattern in the message, nothing on standard output.
refused() {
	run -125 --separate-stderr "${@:2}"
	[ -z "$output" ]
	said "$1"
	[[ $stderr != *"$secret"* ]]
}

# runs COMMAND...: it says RAN and the secret.
runs() {
	run -0 --separate-stderr "$@" -c 'echo "RAN $ONE"'
	[ "$output" = "RAN $secret" ]
}

# bats test_tags=root
@test "the three tiers, with the ids of the caller and of the run group" {
	for tier in "${tiers[@]}"; do
		inside "$tier" 'status() { sed -n "s/^$1:[[:space:]]*//p" /proc/self/status | tr -s "\t " " "; }
			echo "$ONE"
			for field in Uid Gid Groups CapPrm CapEff CapInh CapAmb NoNewPrivs; do status "$field"; done'
		local uid=$CALLER_UID gid=$RUN_GID none=0000000000000000
		printf '%s\n' "$secret" "$uid $uid $uid $uid" "$gid $gid $gid $gid" "$CALLER_GID " \
			"$none" "$none" "$none" "$none" 1 >"$BATS_TEST_TMPDIR/expected"
		diff "$BATS_TEST_TMPDIR/expected" <(printf '%s\n' "$output")
	done
}

# bats test_tags=root
@test "the caller's groups stay, the primary one among them" {
	echo primary >"$SYSTEM/run/of-a-primary"
	echo other >"$SYSTEM/run/of-others"
	chmod 040 "$SYSTEM"/run/of-*
	chgrp "$CALLER_GID" "$SYSTEM/run/of-a-primary"
	chgrp 64020 "$SYSTEM/run/of-others"
	for tier in none hardened; do
		system_policy "$bash" "$tier"
		for groups in "$CALLER_GID,64020" 64020; do
			run -0 --separate-stderr as_member "$groups" "$ENVSEAL_EXEC" bash -c 'cat /run/of-*'
			[ "$output" = $'primary\nother' ]
		done
		run -1 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'cat /run/of-*'
		[ "$output" = primary ]
	done
}

# bats test_tags=root
@test "files that only the caller may read: a script, a working directory, an interpreter's input" {
	callers_home
	printf '%s\n' 'echo "RAN $ONE"; pwd' >"$HOME/script"
	chmod 700 "$HOME/script"
	chmod 700 "$HOME"
	chown "$CALLER_UID:$CALLER_GID" "$HOME/script"
	in_system "$ENVSEAL" policy new "$HOME/script" --interpreter "$bash" --tier none --secret ONE=one
	in_system "$ENVSEAL" policy allow "$HOME/script" --all
	IN_SYSTEM_DIRECTORY=$HOME run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" ./script
	[ "$output" = "RAN $secret"$'\n/' ]
	# What the service user could read, but not the caller, is not found.
	install -d -m 700 -o "$SERVICE_UID" "$BATS_TEST_TMPDIR/service"
	install -m 700 -o "$SERVICE_UID" /bin/true "$BATS_TEST_TMPDIR/service/true"
	in_system "$ENVSEAL" policy new "$BATS_TEST_TMPDIR/service/true" --tier none
	in_system "$ENVSEAL" policy allow "$BATS_TEST_TMPDIR/service/true" --all
	run -126 --separate-stderr as_caller "$ENVSEAL_EXEC" "$BATS_TEST_TMPDIR/service/true"
	[[ $stderr == *"Permission denied"* ]]
	chown "$CALLER_UID" "$BATS_TEST_TMPDIR/service"{,/true}
	run -0 as_caller "$ENVSEAL_EXEC" "$BATS_TEST_TMPDIR/service/true"
}

# As an attacker: the same uid and group, outside.
attacker() {
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

# Below the test's own shell: where envseal-exec is, or was, and where the target has come to be.
find_run() {
	local pid
	supervisor="" target=""
	for pid in $(descendants "$starter"); do
		case $(command_of "$pid") in
		"sleep 30 ") target=$pid ;;
		"$ENVSEAL_EXEC "*) supervisor=${supervisor:-$pid} ;;
		esac
	done
	supervisor=${supervisor:-$target}
	[ -n "$target" ]
}

# sleeper COMMAND...: "sleep 30" in the background, run by the caller through it; sets $supervisor
# and $target.
sleeper() {
	as_caller "$@" bash -c 'exec sleep 30' 3>&- &
	starter=$!
	eventually find_run
	started+=("$supervisor")
}

# end_sleeper SIGNAL
end_sleeper() {
	kill "-$1" "$supervisor"
	wait "$starter" || true
}

# processes: all of the run, from the supervisor down.
processes() {
	printf '%s\n' "$supervisor"
	descendants "$supervisor"
}

# bats test_tags=root
@test "no process of a run has a capability of the host's, and the mapper is gone" {
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		sleeper "$ENVSEAL_EXEC"
		for pid in $(processes); do
			grep -qE '^CapPrm:\s*0+$' "/proc/$pid/status"
			grep -qE '^CapEff:\s*0+$' "/proc/$pid/status"
			grep -qE '^CapAmb:\s*0+$' "/proc/$pid/status"
			[ "$(awk '/^State:/ { print $2 }' "/proc/$pid/status")" != R ]
		done
		case $tier in
		none) [ "$target" = "$supervisor" ] && [ -z "$(descendants "$supervisor")" ] ;;
		*)
			[ "$(awk '/^Uid:/ { print $2, $3, $4 }' "/proc/$supervisor/status")" = "$CALLER_UID $SERVICE_UID $SERVICE_UID" ]
			[ "$(awk '/^Gid:/ { print $2, $3, $4 }' "/proc/$supervisor/status")" = "$CALLER_GID $RUN_GID $RUN_GID" ]
			;;
		esac
		end_sleeper TERM
	done
}

# looks_at PID...: what an attacker gets out of them.
looks_at() {
	attacker /usr/bin/python3 -I -c "$looks" "$@"
}

# bats test_tags=root
@test "neither the target nor any process of the run can be looked at or traced by the same uid" {
	looks=$(<"$BATS_TEST_DIRNAME/looks.py")
	# It works against a program without envseal, so that it can fail.
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- sleep 30 3>&- &
	started+=("$!")
	as_attacker() { [ "$(awk '/^Uid:/ { print $2 }' "/proc/$1/status")" = "$CALLER_UID" ] && [ "$(command_of "$1")" = 'sleep 30 ' ]; }
	eventually as_attacker "$!"
	run -0 looks_at "$!"
	for way in 'read environ' 'read maps' 'read mem' 'follow cwd' 'follow fd/0' 'follow ns/user' 'core 0' trace; do
		[[ $output == *"$! $way"* ]]
	done
	for kind in full set-id setuid-root; do
		system_install "$kind"
		for tier in "${tiers[@]}"; do
			[ "$kind/$tier" != set-id/hardened ] && [ "$kind/$tier" != set-id/lockdown ] || continue
			system_policy "$bash" "$tier"
			sleeper "$ENVSEAL_EXEC"
			mapfile -t run < <(processes)
			run -0 looks_at "${run[@]}"
			[ -z "$output" ] || {
				echo "$kind $tier: $output"
				return 1
			}
			# Signals are a channel in, and say so in SECURITY.md.
			attacker kill -TERM "$supervisor"
			wait "$starter" || true
		done
	done
}

# bats test_tags=root
@test "another authorised program of the same user sees nothing of it either" {
	for tier in "${tiers[@]}"; do
		cp "$bash" "$SYSTEM/other-$tier"
		system_policy "$SYSTEM/other-$tier" "$tier"
	done
	for victim in "${tiers[@]}"; do
		system_policy "$bash" "$victim"
		sleeper "$ENVSEAL_EXEC"
		# The victim can be looked at where nothing divides the two: as root.
		head -c 1 "/proc/$target/environ" >/dev/null
		for tier in "${tiers[@]}"; do
			run --separate-stderr as_caller "$ENVSEAL_EXEC" "$SYSTEM/other-$tier" -c \
				"head -c 1 /proc/$target/environ; readlink /proc/$target/fd/0; readlink /proc/$target/cwd; echo RAN
				prlimit --pid $target --core=0 --nofile=7"
			[ "$output" = RAN ]
			# It may be told that it succeeded; nothing has changed.
			grep -qE '^Max core file size +1 +1 +bytes' "/proc/$target/limits"
			run ! grep -qE '^Max open files +7 ' "/proc/$target/limits"
		done
		end_sleeper KILL
	done
}

# bats test_tags=root
@test "neither the caller nor the caller's programs can read vault and key" {
	local key=$VAR/vault/slots/host.key sealed=$VAR/vault/secrets/one.sealed
	in_system cat "$key" "$sealed" >/dev/null
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		for file in "$key" "$sealed" "$VAR/vault/vault.toml"; do
			run -1 as_caller cat "$file"
			run -1 as_caller "$ENVSEAL_EXEC" bash -c "cat '$file' && echo READ"
			[[ $output != *READ* ]]
		done
	done
}

# bats test_tags=root
@test "the caller's environment and options lead to no other vault or policy" {
	system_policy "$bash" none
	callers_home
	export ENVSEAL_VAULT=$HOME/vault ENVSEAL_LAYERS=$HOME/layers ENVSEAL_KEY_FILE=$HOME/key
	: >"$HOME/key"
	runs as_caller "$ENVSEAL_EXEC" bash
	# A bash of the caller's own in front of PATH is not asked for either.
	cp /bin/false "$HOME/bash"
	runs as_caller env PATH="$HOME:$PATH" "$ENVSEAL_EXEC" bash
	unset ENVSEAL_VAULT ENVSEAL_LAYERS ENVSEAL_KEY_FILE
	# Who names a vault or layers gets user mode, with all that this means.
	refused 'Permission denied|no policy' as_caller "$ENVSEAL_EXEC" --vault "$VAR/vault" bash -c 'echo RAN'
	refused 'belongs to|no policy|never approved|vault' as_caller "$ENVSEAL_EXEC" --layers "$ETC" bash -c 'echo RAN'
	refused 'vault|no policy' as_caller "$ENVSEAL_EXEC" --user bash -c 'echo RAN'
}

# bats test_tags=root
@test "without a grant nobody but root may" {
	system_policy "$bash" none
	in_system "$ENVSEAL" policy allow "$bash" --none
	refused "uid $CALLER_UID may not use" as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	runs in_system "$ENVSEAL_EXEC" bash
	in_system "$ENVSEAL" policy allow "$bash" --group 64020
	refused "uid $CALLER_UID may not use" as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	runs as_member 64020 "$ENVSEAL_EXEC" bash
}

# bats test_tags=root
@test "the run group's members, and the service user, are refused" {
	system_policy "$bash" none
	refused 'run group' as_member "$RUN_GID" "$ENVSEAL_EXEC" bash -c 'echo RAN'
	refused 'run group' in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --clear-groups \
		"$ENVSEAL_EXEC" bash -c 'echo RAN'
	refused 'service user' in_system setpriv --reuid="$SERVICE_UID" --regid="$CALLER_GID" --clear-groups \
		"$ENVSEAL_EXEC" bash -c 'echo RAN'
	# Effective and saved, where the set-group-ID bit of envseal-exec is not what gives it.
	system_install setuid-root
	runs as_caller "$ENVSEAL_EXEC" bash
	refused 'run group' in_system setpriv --reuid="$CALLER_UID" --rgid="$CALLER_GID" --egid="$RUN_GID" --clear-groups \
		"$ENVSEAL_EXEC" bash -c 'echo RAN'
}

# bats test_tags=root
@test "set-id without capabilities: tier none works, the others are refused" {
	system_install set-id
	system_policy "$bash" none
	runs as_caller "$ENVSEAL_EXEC" bash
	for tier in hardened lockdown; do
		system_policy "$bash" "$tier"
		refused 'tier.*envseal-system-setup' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	done
}

# bats test_tags=root
@test "set-uid root works and is reduced; root itself works" {
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		system_install setuid-root
		runs as_caller "$ENVSEAL_EXEC" bash
		for kind in full plain set-id setuid-root; do
			system_install "$kind"
			runs in_system "$ENVSEAL_EXEC" bash
			run -0 --separate-stderr in_system "$ENVSEAL_EXEC" bash -c 'sed -n "s/^CapEff:\s*//p" /proc/self/status; id -g'
			[ "$output" = $'0000000000000000\n'"$RUN_GID" ]
		done
	done
}

# bats test_tags=root
@test "an installation that does not fit is refused" {
	system_policy "$bash" none
	setcap -r "$SYSTEM/bin/envseal-exec"
	refused 'do not fit together.*setcap' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	system_install full
	sed -i "s/^run_gid.*/run_gid = 64099/" "$SYSTEM/etc/envseal/system.toml"
	refused "group $RUN_GID.*run_gid.*64099" as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	chmod 666 "$SYSTEM/etc/envseal/system.toml"
	refused 'writable by others' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	rm "$SYSTEM/etc/envseal/system.toml"
	refused 'envseal init --system' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
}

# users_own: what user mode needs of the caller: a vault and an approved policy for $1.
users_own() {
	callers_home
	as_caller "$ENVSEAL" init --key-file 2>/dev/null
	printf %s "$secret" | as_caller "$ENVSEAL" store one 2>/dev/null
	as_caller "$ENVSEAL" policy new "$1" --tier hardened --secret ONE=one 2>/dev/null
	as_caller sed -i 's/^tier = .*/&\noutput.mask = "never"/' "$XDG_CONFIG_HOME/envseal/policies$1.toml"
	as_caller "$ENVSEAL" policy approve --yes "$1" 2>/dev/null
}

# bats test_tags=root
@test "within what envseal-exec started: no privilege, which is said, and user mode under the same rule" {
	system_policy "$bash" none
	refused "no policy for '$bash'.*no_new_privs is in force" \
		as_caller "$ENVSEAL_EXEC" bash -c '"$@"' bash "$ENVSEAL_EXEC" "$bash" -c 'echo RAN'
	run as_caller "$ENVSEAL_EXEC" bash -c '"$@"' bash "$ENVSEAL" explain "$bash"
	grep -q '^verdict.*no policy for .*no_new_privs is in force' <<<"$output"
	# The kernel starts no file whose capabilities the bounding set has not (capabilities(7)).
	for tier in hardened lockdown; do
		system_policy "$bash" "$tier"
		sed -i '/^\[filesystem\]/a home = "host"\ntmp = "host"' "$SYSTEM/etc/envseal/policies$bash.toml"
		run -126 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c '"$@"' bash "$ENVSEAL_EXEC" "$bash" -c 'echo RAN'
		[[ -z $output && $stderr == *"Operation not permitted"* ]]
	done
	# Of user mode the tier none, for user namespaces are not to be had there.
	system_policy "$bash" none
	users_own "$bash"
	refused 'cannot make the namespaces' as_caller "$ENVSEAL_EXEC" bash -c 'HOME=$1 "${@:2}"' bash "$HOME" "$ENVSEAL_EXEC" bash
	as_caller "$ENVSEAL" policy new "$bash" --force --tier none --secret ONE=one 2>/dev/null
	runs as_caller "$ENVSEAL_EXEC" bash -c 'HOME=$1 "${@:2}"' bash "$HOME" "$ENVSEAL_EXEC" bash
}

# bats test_tags=root
@test "a command without a system policy: no privilege, and only policies that the caller has approved" {
	refused 'no policy' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	users_own "$bash"
	runs as_caller "$ENVSEAL_EXEC" bash
	run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'id -g'
	[ "$output" = "$CALLER_GID" ]
	# A command that only the caller's PATH has.
	cp "$bash" "$HOME/mine"
	as_caller "$ENVSEAL" policy new "$HOME/mine" --tier none --secret ONE=one 2>/dev/null
	runs as_caller env PATH="$HOME:$PATH" "$ENVSEAL_EXEC" mine
	# The supervisor of user mode is the caller's.
	sleeper "$ENVSEAL_EXEC"
	[ "$(awk '/^Uid:/ { print $2, $3, $4, $5 }' "/proc/$supervisor/status")" = "$CALLER_UID $CALLER_UID $CALLER_UID $CALLER_UID" ]
	[ "$(awk '/^Gid:/ { print $2, $3, $4, $5 }' "/proc/$supervisor/status")" = "$CALLER_GID $CALLER_GID $CALLER_GID $CALLER_GID" ]
	end_sleeper KILL
	# Where the system has one, and says no, the caller's own does not count.
	system_policy "$bash" none
	in_system "$ENVSEAL" policy allow "$bash" --none
	refused 'may not use' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	: >"$SYSTEM/etc/envseal/policies$bash.toml"
	refused 'masks this command' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	runs as_caller "$ENVSEAL_EXEC" --user bash
}

# bats test_tags=root
@test "traced, no_new_privs, nosuid, a user namespace: which it is, and user mode under the same rule" {
	system_policy "$bash" none
	in_namespace mount -t tmpfs -o nosuid,mode=755 envseal-test /run
	in_namespace cp -a "$ENVSEAL_EXEC" /run/
	local way ways=(
		'being traced|strace -f -o /dev/null'
		'no_new_privs|setpriv --no-new-privs'
		'user namespace|unshare --user'
		'nosuid|/run/envseal-exec'
	)
	for way in "${ways[@]}"; do
		read -ra words <<<"${way#*|}"
		[ "${words[0]}" = /run/envseal-exec ] || words+=("$ENVSEAL_EXEC")
		refused "no policy.*in user mode, because.*${way%%|*}|${way%%|*}" as_caller "${words[@]}" bash -c 'echo RAN'
	done
	users_own "$bash"
	for way in "${ways[@]:0:2}" "${ways[3]}"; do
		read -ra words <<<"${way#*|}"
		[ "${words[0]}" = /run/envseal-exec ] || words+=("$ENVSEAL_EXEC")
		runs as_caller "${words[@]}" bash
	done
}

# bats test_tags=root
@test "a script's first line gives its caller the script's secret" {
	callers_home
	printf '#!%s\n%s\n' "$ENVSEAL_EXEC" 'echo "RAN $ONE $1"' >"$HOME/script"
	chmod 755 "$HOME/script"
	for tier in "${tiers[@]}"; do
		in_system "$ENVSEAL" policy new "$HOME/script" --force --interpreter "$bash" --tier "$tier" --secret ONE=one
		system_unmask "$HOME/script"
		in_system "$ENVSEAL" policy allow "$HOME/script" --all
		run -0 --separate-stderr as_caller "$HOME/script" word
		[ "$output" = "RAN $secret word" ]
		run -0 --separate-stderr as_caller env PATH="$HOME:$PATH" script word
		[ "$output" = "RAN $secret word" ]
	done
	echo 'echo more' >>"$HOME/script"
	refused 'not what was pinned' as_caller "$HOME/script" word
}

# system_key TABLE LINE: adds a line to the policy of bash.
system_key() {
	sed -i "s|^\[$1\]\$|&\n$2|" "$SYSTEM/etc/envseal/policies$bash.toml"
}

# bats test_tags=root
@test "the home is private by default, the host's if the policy says so, and never what is not the caller's" {
	open_place
	mkdir "$place/home"
	chown "$CALLER_UID" "$place/home"
	echo seen >"$place/home/file"
	look='echo "$HOME"; cat '"$place"'/home/file 2>/dev/null; echo own >~/new && cat ~/new'
	for tier in hardened lockdown; do
		system_policy "$bash" "$tier"
		run -0 as_caller env HOME="$place/home" "$ENVSEAL_EXEC" bash -c "$look"
		[ "$output" = "$place/home"$'\nown' ]
		# Somebody else's directory is not covered, nor is it HOME.
		run -0 as_caller env HOME=/etc "$ENVSEAL_EXEC" bash -c 'echo "$HOME"; cat /etc/passwd >/dev/null && echo there'
		[ "$output" = $'/tmp\nthere' ]
		system_key filesystem 'home = "host"'
		run -0 as_caller env HOME="$place/home" "$ENVSEAL_EXEC" bash -c "cat $place/home/file"
		[ "$output" = seen ]
	done
}

# bats test_tags=root
@test "the directory is / by default, and the caller's if the policy says so; what is for user mode is refused" {
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		IN_SYSTEM_DIRECTORY=/usr run -0 as_caller "$ENVSEAL_EXEC" bash -c pwd
		[ "$output" = / ]
		system_key filesystem 'directory = "caller"'
		IN_SYSTEM_DIRECTORY=/usr run -0 as_caller "$ENVSEAL_EXEC" bash -c pwd
		[ "$output" = /usr ]
	done
	system_key filesystem 'writable = ["."]'
	refused 'filesystem.writable.*user mode' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
	system_policy "$bash" none
	printf '[process]\nuser = 0\ngroup = 0\n' >>"$SYSTEM/etc/envseal/policies$bash.toml"
	refused 'process.user: not possible in system mode' as_caller "$ENVSEAL_EXEC" bash -c 'echo RAN'
}

# bats test_tags=root
@test "it starts in the root directory, without SHELL, and with no home but a private one" {
	callers_home
	: >"$HOME/of-the-caller"
	export SHELL=/bin/sh TERM=dumb
	for tier in "${tiers[@]}"; do
		system_policy "$bash" "$tier"
		IN_SYSTEM_DIRECTORY=/usr run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c 'pwd; env -0 | tr "\0" "\n"'
		[ "${lines[0]}" = / ]
		grep -qx TERM=dumb <<<"$output"
		run ! grep -q '^SHELL=' <<<"$output"
		# Not the caller's, which programs would read; not none, for then they ask the user
		# database for it.
		run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c '[ "$HOME" = / ] || ls -A "$HOME"'
		[ -z "$output" ]
	done
}

# bats test_tags=root
@test "a mapper or a child that the caller kills or stops ends that run, and no other" {
	cat >"$SYSTEM/run/hunter" <<'END'
"$@" &
run=$!
while kill -0 "$run" 2>/dev/null; do
	read -r -a children <"/proc/$run/task/$run/children"
	[ ${#children[@]} -eq 0 ] || kill "-$SIGNAL" "${children[@]}"
done 2>/dev/null
wait "$run"
END
	system_policy "$bash" hardened
	# What is stopped hangs, until its caller has enough of it.
	for round in KILL-{1..8} TERM-{1..8} STOP-{1..3}; do
		run --separate-stderr as_caller env SIGNAL="${round%-*}" timeout -s KILL 0.5 \
			bash /run/hunter "$ENVSEAL_EXEC" bash -c 'echo "RAN $ONE $(id -g)"'
		[ -z "$output" ] || [ "$output" = "RAN $secret $RUN_GID" ] || {
			echo "$round: $output"
			return 1
		}
	done
	runs as_caller "$ENVSEAL_EXEC" bash
}

# bats test_tags=root
@test "no program leaves a file or directory behind that gives the run group away" {
	mkdir "$SYSTEM/run/out"
	chmod 777 "$SYSTEM/run/out"
	leave='cd /run/out
		cp /usr/bin/id chmod && chmod 2755 chmod
		install -m 6755 /usr/bin/id install
		mkdir -m 2777 directory
		cp /usr/bin/id tar && tar --mode=2755 -cf - tar | tar -C directory -xpf -
		/usr/bin/python3 -I -c "import os; os.close(os.open(\"open\", os.O_CREAT | os.O_WRONLY, 0o2755))"'
	# Without the rule it does, whoever has that gid.
	in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --clear-groups bash -c "$leave"
	[ "$(find "$SYSTEM/run/out" -perm /6000 | wc -l)" -eq 5 ]
	[ "$(as_caller /run/out/chmod -g)" = "$RUN_GID" ]
	for tier in none hardened; do
		rm -rf "$SYSTEM"/run/out/*
		system_policy "$bash" "$tier"
		run --separate-stderr as_caller "$ENVSEAL_EXEC" bash -c "$leave"
		[ -n "$(ls "$SYSTEM/run/out")" ]
		[ -z "$(find "$SYSTEM/run/out" -perm /6000)" ]
	done
}

# is_locked: the vault opens for nobody's run.
is_locked() {
	as_caller "$ENVSEAL_EXEC" bash -c 'echo ran' 2>&1 | grep -q 'locked'
}

# kept VERB...: with the passphrase.
kept() {
	in_system "$ENVSEAL" "$@" --passphrase-fd 0 <<<"correct horse battery"
}

# bats test_tags=root
@test "root can lock the system's vault with a passphrase, and unlock it for a while" {
	in_namespace mount -t tmpfs -o mode=0755 envseal-run /run
	system_policy "$bash" none
	in_system bash -c 'printf "correct horse battery" | "$0" slot add passphrase --cost interactive --new-passphrase-fd 0' "$ENVSEAL"
	in_system "$ENVSEAL" slot remove host-key
	is_locked
	kept unlock --for 1h
	run -0 as_caller "$ENVSEAL_EXEC" bash -c 'echo "got $ONE"'
	[ "$output" = "got $secret" ]
	# Nobody else may read what is kept.
	run -0 in_system find /run/envseal/unlocked -type f -printf '%m %U'
	[ "$output" = "400 $SERVICE_UID" ]
	run -1 as_caller bash -c 'cat /run/envseal/unlocked/* >/dev/null'
	in_system "$ENVSEAL" lock
	is_locked
	run -0 in_system find /run/envseal/unlocked -type f
	[ -z "$output" ]
	# It is over when its time is, though the file stays.
	kept unlock --for 1s
	eventually is_locked
	[ -n "$(in_system find /run/envseal/unlocked -type f)" ]
}
