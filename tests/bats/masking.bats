#!/usr/bin/env bats
# Output with secrets in it: through pipes, and through a terminal in tmux, as a person sees it.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running
load screen

setup() {
	running_setup
	mark='[envseal:first/one]'
}

teardown() {
	off_screen
}

# masked TIER [MODE]: bash's policy, with that mode or the tier's own.
masked() {
	mkdir -p "$XDG_CONFIG_HOME/envseal/policies${bash%/*}"
	policy_text "$bash" "$1" "${2:+output.mask = \"$2\"}" --secret ONE=first/one >"$(policy_file "$bash")"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
}

# full FIFO: no byte more fits.
full() {
	! dd if=/dev/zero of="$1" bs=1 count=1 oflag=nonblock status=none 2>/dev/null
}

# says EXPECTED SCRIPT
says() {
	run -0 --separate-stderr "$ENVSEAL_EXEC" bash -c "$2"
	[ "$output" = "$1" ] || {
		printf 'not %q but %q\n' "$1" "$output"
		return 1
	}
}

@test "tier none does not mask unless told, the others do unless told" {
	masked none
	says "$secret" 'echo "$ONE"'
	for tier in hardened lockdown; do
		masked "$tier" never
		says "$secret" 'echo "$ONE"'
		masked "$tier"
		says "$mark" 'echo "$ONE"'
	done
	masked none always
	says "$mark" 'echo "$ONE"'
	masked none pipes
	says "$mark" 'echo "$ONE"'
}

@test "both outputs, in every encoding, with status and order kept" {
	for tier in none hardened lockdown; do
		masked "$tier" always
		says "$mark" 'printf %s "$ONE" | base64 -w0'
		says "$mark" 'printf %s "$ONE" | od -An -v -tx1 | tr -d " \n"'
		says "a $mark b" 'echo a "$ONE" b'
		run -7 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo "out $ONE"; echo "err $ONE" >&2; exit 7'
		[ "$output" = "out $mark" ]
		[ "$stderr" = "err $mark" ]
		# To one place they keep their order.
		run -0 bash -c '"$0" bash -c "for i in 1 2 3 4 5; do echo \$i; echo \$i\$ONE >&2; done" 2>&1' "$ENVSEAL_EXEC"
		[ "$(tr -d '\n' <<<"$output")" = "11${mark}22${mark}33${mark}44${mark}55${mark}" ]
	done
}

# bats test_tags=thorough
@test "base64 of a long value in lines, a JSON string, a template, a file's content" {
	local long
	long=$(head -c 300 /dev/urandom | base64 -w0)\"x
	seal first/long "$long"
	masked hardened
	set_key "$bash" secrets 'LONG = { secret = "first/long", deliver = "file" }'
	set_key "$bash" secrets 'URL = { template = "db://app:${first/one}@host" }'
	says '[envseal:first/long]' 'cat "$LONG"'
	says '[envseal:first/long]' 'base64 "$LONG"'
	says '"[envseal:first/long]"' "printf '\"%s\"' \"\$(sed 's/\"/\\\\\"/g' \"\$LONG\")\""
	says '<[envseal:URL]>' 'echo "<$URL>"'
	says "password $mark" 'echo "password $ONE"'
}

@test "what a shell's trace, its list of variables and a page make of a password" {
	# shellcheck disable=SC1003 # it is meant so
	seal first/odd 'it'\''s "$1`<&\'
	masked hardened
	set_key "$bash" secrets 'ODD = "first/odd"'
	odd='[envseal:first/odd]'
	run -0 --separate-stderr "$ENVSEAL_EXEC" bash -c 'set -x; : "$ODD"'
	[ "$stderr" = "+ : '$odd'" ]
	says "declare -x ODD=\"$odd\"" 'export -p | grep ODD='
	says "$odd" 'printf %q "$ODD"'
	says "$odd" 'python3 -Ic "import html, os; print(html.escape(os.environ[\"ODD\"]))"'
}

# bats test_tags=thorough
@test "a socket, in every tier" {
	local tier
	local listen='import socket, subprocess, sys
here, there = socket.socketpair()
run = subprocess.Popen(sys.argv[1:], stdout=there, stderr=there)
there.close()
said = b""
while piece := here.recv(4096): said += piece
print(run.wait(), said)'
	for tier in none hardened lockdown; do
		masked "$tier" always
		run -0 /usr/bin/python3 -c "$listen" "$ENVSEAL_EXEC" bash -c 'echo "<$ONE>"; echo "<$ONE>" >&2; exit 3'
		[ "$output" = "3 b'<$mark>\\n<$mark>\\n'" ]
	done
}

@test "written letter by letter, and cut off" {
	masked hardened
	says "x${mark}y" 'printf "x%sy" "$ONE" | dd bs=1 status=none'
	says "${secret%?}" 'printf %s "${ONE%?}"'
}

# What a caller sees of text of his choice, before more follows: with guesses.py, which says what of each word.
@test "the beginning of a secret is answered like any other text, through pipes, terminals and packets" {
	local wrong tier
	wrong=x${secret:1}
	for tier in none hardened; do
		masked "$tier" always
		run -0 python3 "$BATS_TEST_DIRNAME/guesses.py" "${secret%?}" "${wrong%?}" -- "$ENVSEAL_EXEC" bash -c 'exec cat'
		grep -q 'through_pipe True' <<<"$output"
		grep -q 'through_terminal True' <<<"$output"
		# Both words have the same answers: each line is there twice.
		[ "$(sort <<<"$output" | uniq -c | awk '{ print $1 }' | sort -u)" = 2 ]
	done
}

@test "a service account's key as languages print it, and short lines on a terminal" {
	seal first/account '{"key": "-----BEGIN\n5\\6\n-----END", "it": "x"}'
	masked hardened
	set_key "$bash" secrets 'KEY = "first/account"'
	says "'[envseal:first/account]'" 'python3 -Ic "import os; print(repr(os.environ[\"KEY\"]))"'
	says "b'[envseal:first/account]'" 'python3 -Ic "import os; print(os.environb[b\"KEY\"])"'
	says "'[envseal:first/account]'" 'node -p "[process.env.KEY]" | sed "s/^\[ //; s/ \]$//"'
	says ' [envseal:first/account]' 'printf %s "$KEY" | od -An -v -tx1'
	says '[envseal:first/account]' 'printf %s "$KEY" | iconv -t utf-16le'
	seal first/pins $'1\n22\n333'
	masked hardened always
	set_key "$bash" secrets 'PINS = "first/pins"'
	run -0 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' "$ENVSEAL_EXEC" bash -c 'cat <<<"<$PINS>"'
	[ "${output%$'\r'}" = '<[envseal:first/pins]>' ]
}

# bats test_tags=thorough
@test "other bytes come through as they are, all of them" {
	local sum
	masked hardened
	head -c 20000000 /dev/urandom >"$HOME/random"
	sum=$(sha256sum <"$HOME/random")
	run -0 bash -c '"$0" bash -c cat <"$1" | sha256sum' "$ENVSEAL_EXEC" "$HOME/random"
	[ "$output" = "$sum" ]
	"$ENVSEAL_EXEC" bash -c cat <"$HOME/random" >"$HOME/copy"
	cmp "$HOME/random" "$HOME/copy"
	# Appended, a file of its own for each.
	"$ENVSEAL_EXEC" bash -c 'echo one; echo two >&2' >>"$HOME/copy" 2>"$HOME/error"
	[ "$(tail -c 4 "$HOME/copy")" = one ]
	[ "$(<"$HOME/error")" = two ]
}

# bats test_tags=thorough
@test "a reader that leaves, is slow, or never reads" {
	local pid
	masked hardened
	run -0 timeout 20 bash -c '"$0" bash -c "yes \$ONE" | head -n 2' "$ENVSEAL_EXEC"
	[ "$output" = "$mark
$mark" ]
	run -0 timeout 20 bash -c '"$0" bash -c "seq 200000" | { sleep 0.3; tail -n 1; }' "$ENVSEAL_EXEC"
	[ "$output" = 200000 ]
	mkfifo "$HOME/stuck"
	exec {stuck}<>"$HOME/stuck"
	"$ENVSEAL_EXEC" bash -c 'seq 200000' >"$HOME/stuck" 3>&- {stuck}>&- &
	pid=$!
	eventually read -r -t 0 -u "$stuck"
	sleep 0.3 # until it is full
	kill "$pid"
	# Its reader is waited for two seconds more.
	status=0
	wait "$pid" || status=$?
	[ "$status" -eq 143 ]
	exec {stuck}>&-
}

@test "whatever ends the target, a reader that does not read is waited for two seconds more" {
	local signal pids=()
	masked hardened
	mkfifo "$HOME/stuck"
	exec {stuck}<>"$HOME/stuck"
	for signal in QUIT INT USR1; do
		env --default-signal="$signal" "$ENVSEAL_EXEC" bash -c 'seq 200000' >"$HOME/stuck" 3>&- {stuck}>&- &
		pids+=($!)
	done
	eventually full "$HOME/stuck"
	for signal in QUIT INT USR1; do
		kill -s "$signal" "${pids[0]}"
		status=0
		wait "${pids[0]}" || status=$?
		[ "$status" -eq $((128 + $(kill -l "$signal"))) ]
		pids=("${pids[@]:1}")
	done
	exec {stuck}>&-
}

@test "output that cannot be written is an error, not lost in silence" {
	masked hardened
	run -125 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100; "$0" bash -c "trap \"\" PIPE; seq 200000 2>&-; exit 0" >"$HOME/file"' "$ENVSEAL_EXEC"
	[[ $stderr == 'envseal-exec: cannot write all of the output: File too large' ]]
	# Its own end counts, if it is one already.
	run -7 --separate-stderr bash -c 'trap "" XFSZ; ulimit -f 100; "$0" bash -c "seq 20000; exit 7" >"$HOME/file"' "$ENVSEAL_EXEC"
	[[ $stderr == *'cannot write all of the output: File too large'* ]]
}

# bats test_tags=root
@test "a full disk is an error" {
	need_root 'mounts'
	masked hardened
	mkdir "$HOME/disk"
	run -125 --separate-stderr unshare -m bash -c 'mount -t tmpfs -o size=64k none "$HOME/disk" &&
		"$0" bash -c "trap \"\" PIPE; seq 200000 2>&-; exit 0" >"$HOME/disk/file"' "$ENVSEAL_EXEC"
	[[ $stderr == 'envseal-exec: cannot write all of the output: No space left on device' ]]
}

@test "a target that takes their limits from those who watch it ends with a sentence" {
	masked none always
	run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c 'prlimit --pid "$PPID" --nofile=0:0; kill -USR1 "$PPID"; sleep 20'
	[[ $stderr == *'its limits were lowered (prlimit(2))'* ]]
	init=$(printf '%s' 'read -r _ _ _ parent _ <"/proc/$PPID/stat"; prlimit --pid "$parent" --nofile=0:0; echo one; sleep 20')
	run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c "$init"
	[[ $stderr == *'the limit of open files was lowered meanwhile'* ]]
}

@test "what the target leaves behind does not hold us" {
	masked hardened
	run -0 timeout 20 "$ENVSEAL_EXEC" bash -c 'sleep 60 & echo "$ONE"'
	[ "$output" = "$mark" ]
	masked none always
	run -0 timeout 20 "$ENVSEAL_EXEC" bash -c 'sleep 60 & echo "$ONE"'
	[ "$output" = "$mark" ]
}

@test "values under four bytes are not masked, and policy check says so" {
	seal first/pin 123
	masked hardened
	set_key "$bash" secrets 'PIN = "first/pin"'
	says 123 'echo "$PIN"'
	extend "$bash" '[arguments]
allow = [["-c", "**"]]'
	run -0 --separate-stderr "$ENVSEAL" policy check "$bash"
	[[ $output == *"first/pin' is shorter than 4 bytes"*'[note: secret-short]'* ]]
}

# bats test_tags=root
@test "the masker cannot be dumped or attached to by others" {
	local pid
	need_root 'attaches as another user'
	masked hardened
	"$ENVSEAL_EXEC" bash -c 'echo ready; exec sleep 30' >"$HOME/ready" 3>&- &
	pid=$!
	eventually test -s "$HOME/ready"
	[ "$(stat -c %u "/proc/$pid/mem")" -eq 0 ]
	run -0 grep -c . "/proc/$pid/status"
	run -1 setpriv --reuid=1000 --regid=1000 --clear-groups cat "/proc/$pid/environ"
	kill "$pid"
	wait "$pid" || true
}

# --- on a terminal ---

@test "terminal: output is masked and stays a terminal of the right size" {
	on_screen
	for tier in none hardened lockdown; do
		masked "$tier" always
		run_inside "echo \"$tier: \$ONE\"; test -t 0 && test -t 1 && test -t 2 && stty size; echo \"tty: \$ONE\" >/dev/tty"
		screen_has "^$tier: \\[envseal:first/one\\]"
		screen_has '^30 100'
		screen_has '^tty: \[envseal:first/one\]'
		prompt_is_back
		type_in clear Enter
	done
	screen_lacks "$secret"
}

# bats test_tags=thorough
@test "terminal: settings that change what is printed do not hide a secret from the mask" {
	on_screen
	masked hardened never
	type_in 'stty olcuc tab3' Enter
	run_inside 'echo "never: $ONE"'
	screen_has "NEVER: ${secret^^}"
	masked hardened always
	type_in clear Enter
	run_inside 'echo "always: $ONE"'
	screen_has '^always: \[envseal:first/one\]'
	screen_lacks "${secret^^}"
}

@test "terminal: without masking the secret would be on the screen, and pipes leaves terminals alone" {
	on_screen
	masked hardened never
	run_inside 'echo "<$ONE>"'
	screen_has "^<$secret>"
	prompt_is_back
	masked hardened pipes
	run_inside 'echo "=$ONE="'
	screen_has "^=$secret="
}

@test "terminal: a new size arrives" {
	on_screen
	masked hardened
	run_inside 'trap "stty size; exit" WINCH; echo ready; while :; do sleep 0.1; done'
	screen_has '^ready'
	tmux -L "$tmux_socket" resize-window -x 81 -y 22
	screen_has '^22 81'
}

# bats test_tags=thorough
@test "terminal: colours, raw keys, and a password that is not shown" {
	on_screen
	masked hardened
	run_inside 'printf "\e[31mred\e[0m\n"; read -rsn1 key; echo "key <$key>"; read -rsp "Password: " word; echo; echo "${#word} letters"'
	screen_has '^red'
	tmux -L "$tmux_socket" capture-pane -pe | grep -q $'\e\\[31mred'
	type_in q
	screen_has '^key <q>'
	screen_has '^Password:'
	type_in hunter22 Enter
	screen_has '^8 letters'
	screen_lacks hunter22
}

# bats test_tags=thorough
@test "terminal: a prompt that begins like a secret is shown, and the secret after it is not" {
	on_screen
	masked hardened
	run_inside 'printf "%s" "prompt ${ONE:0:1}"; read -r x; printf "%s\n" "${ONE:0:2}"; sleep 0.3; echo "$ONE"; echo done'
	screen_has "^prompt ${secret:0:1}"
	type_in Enter
	screen_has '^done'
	screen_lacks "$secret"
}

@test "terminal: the lines of other jobs begin on the left, and those of a program that turns that off do not" {
	on_screen
	masked hardened
	printf '%s\n' 'printf "%s\n" mine; read -r x; stty -opost; printf "one\ntwo"; read -r x; stty opost; printf "\nlast\n"' >"$HOME/typed"
	type_in '(until [ -e "$HOME/go" ]; do sleep 0.05; done; printf "first\nsecond\nthird\n") &' Enter
	type_in clear Enter
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\"" Enter
	screen_has '^mine'
	touch "$HOME/go"
	screen_has '^third'
	screen_has '^second'
	type_in Enter
	screen_has '^   two'
	type_in Enter
	screen_has '^last'
}

@test "terminal: Ctrl-C ends it by SIGINT" {
	on_screen
	masked hardened
	run_inside 'echo ready; sleep 100'
	screen_has '^ready'
	type_in C-c
	prompt_is_back
	type_in 'echo "status $?"' Enter
	screen_has '^status 130'
}

@test "terminal: Ctrl-Z, jobs, bg, fg, and the terminal is the shell's meanwhile" {
	on_screen
	for tier in none hardened; do
		masked "$tier" always
		run_inside "echo \"ready $tier\"; read -r line; echo \"$tier got \$line\"; exit 5"
		screen_has "^ready $tier"
		type_in C-z
		screen_has '^\[1\]\+ +Stopped'
		type_in 'stty -a | grep -o " icanon"' Enter
		screen_has '^ icanon'
		type_in 'bg' Enter
		type_in 'echo mine' Enter
		screen_has '^mine'
		type_in 'fg' Enter
		# bash says again what it is.
		sleep 0.5
		type_in 'a line' Enter
		screen_has "^$tier got a line"
		prompt_is_back
		type_in "echo \"status $tier \$?\"" Enter
		screen_has "^status $tier 5"
		type_in clear Enter
		prompt_is_back
	done
}

# bats test_tags=thorough
@test "terminal: a shell inside has job control of its own" {
	on_screen
	masked hardened
	type_in "$ENVSEAL_EXEC bash --norc --noprofile -i" Enter
	type_in "PS1='inner> '" Enter
	screen_has '^inner>'
	type_in 'sleep 50' Enter
	sleep 0.3
	type_in C-z
	screen_has '^\[1\]\+ +Stopped +sleep 50'
	type_in 'kill %1; fg; exit 9' Enter
	screen_has '^exit'
	prompt_is_back
	type_in 'echo "status $?"' Enter
	screen_has '^status 9'
}

# bats test_tags=thorough
@test "terminal: a signal, and the settings are back" {
	on_screen
	masked hardened
	run_inside 'stty -echo raw; echo ready; sleep 100'
	screen_has 'ready'
	kill "$(pgrep -P "$(tmux -L "$tmux_socket" display-message -p '#{pane_pid}')")"
	prompt_is_back
	type_in 'echo "status $?"' Enter
	screen_has '^status 143'
	type_in 'stty -a | grep -oE " (icanon|echo) "' Enter
	screen_has '^ icanon'
	screen_has '^ echo'
}

# bats test_tags=thorough
@test "terminal: one end in a pipe, one on the screen" {
	on_screen
	masked hardened
	printf '%s\n' 'echo "out $ONE"; echo "err $ONE" >&2; test -t 2 && stty size <&2' >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" | sed 's/^/piped: /'" Enter
	screen_has '^piped: out \[envseal:first/one\]'
	screen_has '^err \[envseal:first/one\]'
	screen_has '^piped: 30 100'
	screen_lacks "$secret"
}

# Whether descriptor 2 is a terminal that has us in the foreground, as pv asks.
in_foreground='import os; print("foreground", os.tcgetpgrp(2) == os.getpgrp(), file=open(2, "w"))'

# piped FROM SCRIPT [TO]: types the pipeline that has envseal-exec, with the script, in the middle.
piped() {
	printf '%s\n' "$2" >"$HOME/typed"
	type_in "$1 $ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" ${3:-}" Enter
}

# Lines are edited and shown, as the shell set that up.
terminal_is_ours() {
	prompt_is_back
	type_in 'stty -a | grep -oE " (icanon|echo) " | tr -d "\n"; echo' Enter
	screen_has '^ icanon  echo'
}

@test "terminal: with input from elsewhere, a pager, single keys, a password and a line have what is typed" {
	on_screen
	for tier in none hardened lockdown; do
		wiped
		masked "$tier" always
		piped 'seq 200 |' "LESS= less; read -p 'Key? ' -rsn1 key <&2; echo \"<\$key>\"
			read -rsp 'Password: ' word </dev/tty; echo \"\${#word} letters <\$ONE>\" >/dev/tty
			read -rp 'Line: ' line <&2; echo \"line <\$line>\"; python3 -Ic '$in_foreground'"
		screen_has '^:'
		type_in G
		screen_has '^200'
		type_in q
		screen_has '^Key\?'
		type_in k
		screen_has '<k>'
		screen_has '^Password:'
		type_in hunter22 Enter
		screen_has '8 letters <\[envseal:first/one\]>'
		screen_lacks hunter22
		screen_has '^Line:'
		type_in typed Enter
		screen_has '^line <typed>'
		screen_has '^foreground True'
		terminal_is_ours
	done
}

@test "terminal: with output elsewhere, what asks for the foreground is there, and Ctrl-C and Ctrl-Z are the pipeline's" {
	on_screen
	for tier in none hardened lockdown; do
		wiped
		masked "$tier" always
		piped '' "python3 -Ic '$in_foreground'; read -rp 'Line: ' line; echo \"line <\$line>\" >&2" '>/dev/null'
		screen_has '^foreground True'
		screen_has '^Line:'
		type_in typed Enter
		screen_has '^line <typed>'
		prompt_is_back
		piped '{ trap "" PIPE; yes 2>/dev/null; sleep 100; } |' "python3 -Ic '$in_foreground'; echo ready; sleep 100"
		screen_has '^ready'
		[ "$(screen | grep -c '^foreground True')" = 2 ]
		type_in C-z
		screen_has '^\[1\]\+ +Stopped'
		type_in fg Enter
		screen_has '^{ trap'
		type_in C-c
		prompt_is_back
		terminal_is_ours
	done
}

@test "terminal: keys that are not asked for are left to the others of a pipeline" {
	on_screen
	masked hardened
	piped '{ sed -u "s/^/upstream /;q"; read -rsp "Word: " word </dev/tty; echo "${#word} letters"; } |' 'cat; read -rsn1 key </dev/tty; echo "<$key>"'
	sleep 0.3
	type_in first Enter
	screen_has 'upstream first$'
	screen_has '^Word:'
	type_in word Enter
	screen_has '^4 letters'
	type_in k
	screen_has '^<k>'
	terminal_is_ours
	# What it does not read is the shell's.
	piped ': |' 'echo ready; read -r x <<<"$(sleep 1)"'
	screen_has '^ready'
	type_in 'echo mine-$((40 + 2))' Enter
	screen_has '^mine-42'
}

@test "terminal: what is left to be read at its end is shown, and we end too" {
	masked hardened
	# One, two and three times what a terminal hands out at once.
	for count in 700 1400 2100; do
		run -7 python3 "$BATS_TEST_DIRNAME/late.py" "$ENVSEAL_EXEC" "$bash" -c \
			'{ sleep 100; } 2>/dev/null; seq "$1"; echo "$ONE"; exit 7' bash "$count"
		[ "$(tail -n 2 <<<"$output" | tr -d '\r')" = "$count"$'\n'"$mark" ]
		[ "$(wc -l <<<"$output")" -eq $((count + 1)) ]
	done
}

# bats test_tags=thorough
@test "terminal: a hang-up ends it" {
	local pid
	on_screen
	masked hardened
	run_inside 'echo ready; sleep 1000'
	screen_has '^ready'
	pid=$(pgrep -P "$(tmux -L "$tmux_socket" display-message -p '#{pane_pid}')")
	tmux -L "$tmux_socket" kill-server
	# Perhaps nobody takes what is left of it.
	eventually bash -c '! readlink "/proc/$0/exe"' "$pid"
}
