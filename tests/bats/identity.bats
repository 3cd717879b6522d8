#!/usr/bin/env bats
# The ids that a program runs with, and the caller's descriptors that it gets: [process] user,
# group, keep_fds.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	python=$(realpath /usr/bin/python3)
}

teardown() {
	[ -z "${other:-}" ] || rm -rf "$other"
}

lend_home() {
	[ -n "${other:-}" ] || return 0
	rm -rf "$other"
	cp -r "$HOME" "$other"
	chown -R 54321:54321 "$other"
}

# with TIER TEXT -- SCRIPT: a policy with that [process] table; runs bash -c SCRIPT.
with() {
	allow "$bash" "$1"
	[ -z "$2" ] || extend "$bash" $'[process]\n'"$2"
	"$ENVSEAL_EXEC" bash -c "$4"
}

# bats test_tags=root
@test "user and group: every id, no other group, in all tiers" {
	need_root "only root may"
	ids='id -u; id -g; id -G; grep -E "^([UG]id|Cap.*)" /proc/self/status | tr "\t" " "; cat /etc/shadow 2>/dev/null | head -c 1'
	none=$(printf 'Cap%s: 0000000000000000\n' Inh Prm Eff Bnd Amb)
	wanted="54321
54323
54323
Uid: 54321 54321 54321 54321
Gid: 54323 54323 54323 54323
$none"
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		run -0 setpriv --groups 42,54322 "$ENVSEAL_EXEC" bash -c "$ids"
		[[ $output == $'0\n0\n0 '* ]]
		extend "$bash" $'[process]\nuser = 54321\ngroup = 54323'
		run -0 setpriv --groups 42,54322 "$ENVSEAL_EXEC" bash -c "$ids"
		[ "$output" = "$wanted" ]
	done
	# With a supervisor, tier none takes the ids elsewhere.
	allow "$bash" none
	extend "$bash" $'[process]\nuser = 54321\ngroup = 54323\n[limits]\ntimeout = "60s"'
	run -0 setpriv --groups 42,54322 "$ENVSEAL_EXEC" bash -c "$ids"
	[ "$output" = "$wanted" ]
	run -0 with lockdown $'user = 54321\ngroup = 54323' -- 'for f in uid_map gid_map setgroups; do echo $(</proc/self/$f); done'
	[ "$output" = $'54321 54321 1\n54323 54323 1\ndeny' ]
	# Signals still get there.
	run -143 timeout --preserve-status -s TERM 1 "$ENVSEAL_EXEC" bash -c 'sleep 20'
}

# bats test_tags=root
@test "user: the target starts where and with what the other one may" {
	need_root "only root may"
	mkdir -m 700 /var/lib/envseal-identity-$$
	cd /var/lib/envseal-identity-$$
	run -0 with none $'user = 54321\ngroup = 54321' -- 'ls . 2>/dev/null || echo closed'
	[ "$output" = closed ]
	run -125 with hardened $'user = 54321\ngroup = 54321' -- 'echo RAN'
	cd / && rmdir /var/lib/envseal-identity-$$
	[[ $output == *"working directory"* && $output != *RAN* ]]
}

# As root, somebody else with a copy of the home directory.
@test "user: nobody but root" {
	local as_other=()
	for tier in none hardened lockdown; do
		allow "$bash" "$tier"
		if [ "$(id -u)" -eq 0 ]; then
			other=${ENVSEAL_OPEN_PLACE:-/var/lib}/envseal-identity-$$
			as_other=(env HOME="$other" XDG_CONFIG_HOME="$other/.config" XDG_DATA_HOME="$other/.local/share"
				setpriv --reuid=54321 --regid=54321 --clear-groups)
		fi
		lend_home
		run -0 "${as_other[@]}" "$ENVSEAL_EXEC" bash -c 'echo RAN'
		extend "$bash" $'[process]\nuser = 0\ngroup = 0'
		lend_home
		run -125 "${as_other[@]}" "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[[ $output == *"process.user: only root"* && $output != *RAN* ]]
	done
}

@test "keep_fds: those, if the caller has them, and no other" {
	list='cd /proc/$$/fd; for f in [3-9] [1-9][0-9]*; do [ ! -e "$f" ] || [ "$f" = 255 ] || echo $f; done'
	# On 4 bats appends to a file, which lockdown refuses.
	for tier in hardened lockdown; do
		exec 5</etc/passwd 9</etc/group 17</etc/passwd
		run -0 with "$tier" '' -- "$list"
		[ -z "$output" ]
		run -0 with "$tier" 'keep_fds = [5, 17, 6, 7, 8]' -- "$list; read -r x <&17; echo \$x"
		[ "$output" = $'5\n17\n'"$(head -n 1 /etc/passwd)" ]
		run -0 with "$tier" 'keep_fds = "all"' -- "$list" 4>&-
		for fd in 5 9 17; do
			[[ $'\n'$output$'\n' == *$'\n'$fd$'\n'* ]]
		done
		exec 5<&- 9<&- 17<&-
		# Numbers that are free outside are those of our own descriptors meanwhile.
		run -0 with "$tier" 'keep_fds = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13]' -- true 4>&-
		run -0 bash -c 'exec 4<&- 5<&- 6<&- 7<&- 8<&- 9<&- 10<&- 11<&- 12<&- 13<&-; exec "$ENVSEAL_EXEC" bash -c "$0"' "$list"
		[ -z "$output" ]
	done
}

@test "keep_fds: who reads a kept pipe sees its end when the target closes it" {
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		extend "$bash" $'[process]\nkeep_fds = [7]'
		mkfifo "$HOME/more-$tier"
		# The target waits for a line that its reader writes behind the end.
		run -0 timeout 60 bash -c '"$ENVSEAL_EXEC" bash -c "echo first >&7; exec 7>&-; read -r line; [ \$line = ended ]" \
			7>&1 >/dev/null <>"$0" | { cat; echo ended >"$0"; }; exit "${PIPESTATUS[0]}"' "$HOME/more-$tier"
		[ "$output" = first ]
	done
}

@test "keep_fds in lockdown: a directory, a socket, a pipe to read from are refused" {
	allow "$python" hardened
	extend "$python" $'[process]\nkeep_fds = [7]'
	run_with='import os, socket, subprocess, sys
kind, *command = sys.argv[1:]
def made():
    if kind == "directory": return os.open("/etc", os.O_RDONLY)
    if kind == "path": return os.open("/etc", os.O_PATH)
    if kind == "socket": return socket.socketpair()[0].detach()
    if kind == "file": return os.open("/etc/passwd", os.O_RDONLY)
    r, w = os.pipe(); os.set_inheritable(w, False); return r
os.dup2(made(), 7)
sys.exit(subprocess.run(command, pass_fds=[7]).returncode)'
	for kind in directory path socket pipe file; do
		run -0 "$python" -c "$run_with" "$kind" "$ENVSEAL_EXEC" "$python" -c 'import os; os.fstat(7); print("RAN")'
		[ "$output" = RAN ]
	done
	allow "$python" lockdown
	extend "$python" $'[process]\nkeep_fds = [7]'
	for kind in directory path socket pipe; do
		run -125 "$python" -c "$run_with" "$kind" "$ENVSEAL_EXEC" "$python" -c 'print("RAN")'
		[[ $output == *"descriptor 7 "* && $output != *RAN* ]]
	done
	run -0 "$python" -c "$run_with" file "$ENVSEAL_EXEC" "$python" -c 'import os; print(os.read(7, 5).decode())'
	[ "$output" = "$(head -c 5 /etc/passwd)" ]
}
