#!/usr/bin/env bats
# From an interactive shell, in every tier, masked and not: keys, jobs, sizes, passwords, colours.
# shellcheck disable=SC1003,SC2016,SC2154 # the program inside expands; system.bash assigns

load common
load running
load screen
load system

setup() {
	running_setup
}

teardown() {
	off_screen
}

# in_way TIER-MASK FUNCTION...: with a policy of bash's that says so.
in_way() {
	local file part
	way=$1
	echo "$way"
	file=$(policy_file "$bash")
	mkdir -p "${file%/*}"
	policy_text "$bash" "${way%-*}" "output.mask = \"${way#*-}\"" --secret ONE=first/one >"$file"
	"$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
	for part in "${@:2}"; do
		wiped
		"$part"
		prompt_is_back
	done
}

# in_every_way FUNCTION: in each tier, masked and not.
in_every_way() {
	local way
	on_screen
	for way in {none,hardened,lockdown}-{never,always}; do
		in_way "$way" "$1"
	done
}

interrupt() {
	run_inside 'echo ready; sleep 100'
	screen_has '^ready'
	type_in C-c
	status_is 130
	wiped
	run_inside 'trap "echo caught; exit 7" INT; echo ready; while :; do sleep 0.05; done'
	screen_has '^ready'
	type_in C-c
	screen_has 'caught'
	status_is 7
	wiped
	run_inside 'echo ready; sleep 100'
	screen_has '^ready'
	type_in 'C-\'
	screen_has 'Quit'
	status_is 131
}

# bats test_tags=thorough
@test "Ctrl-C and Ctrl-backslash end it, or are its own to catch" {
	in_every_way interrupt
}

end_loop() {
	printf 'echo ready; sleep 100' >"$HOME/typed"
	type_in "for i in 1 2 3; do $ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\"; done; echo never-\$((40 + 2))" Enter
	screen_has '^ready'
	type_in C-c
	prompt_is_back
	screen_lacks never-42
	[ "$(screen | grep -c '^ready')" -eq 1 ]
}

# bats test_tags=thorough
@test "Ctrl-C ends a loop of the shell's, as it does around any program" {
	in_every_way end_loop
}

stop_and_go() {
	run_inside 'echo ready; read -r line; echo "got <$line>"; exit 5'
	screen_has '^ready'
	type_in C-z
	screen_has '^\[1\]\+ +Stopped'
	type_in 'stty -a | grep -oE " (icanon|echo) " | tr -d "\n"; echo' Enter
	screen_has '^ icanon  echo'
	type_in 'jobs' Enter
	prompt_is_back
	type_in 'fg' Enter
	sleep 0.5 # bash says again what it is
	type_in 'a line' Enter
	screen_has '^got <a line>'
	status_is 5
}

# bats test_tags=thorough
@test "Ctrl-Z, jobs, fg" {
	in_every_way stop_and_go
}

# until_stopped: the shell says so when it is asked.
until_stopped() {
	local i
	for ((i = 0; i < 50; i++)); do
		type_in '' Enter
		sleep 0.1
		screen | grep -qE '^\[1\]\+ +Stopped' && return 0
	done
	echo 'not stopped:'
	screen
	return 1
}

background() {
	# What asks in the background stops; in the foreground it has its answer.
	printf 'read -r line; echo "got <$line>"' >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" &" Enter
	screen_has '^\[1\] [0-9]+'
	until_stopped
	type_in 'fg' Enter
	sleep 0.5
	type_in 'an answer' Enter
	screen_has '^got <an answer>'
	prompt_is_back
	wiped
	# So does what writes, if the shell's user wants that.
	type_in 'stty tostop' Enter
	printf 'echo "written $((40 + 2))"; echo after' >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" &" Enter
	until_stopped
	type_in 'stty -tostop; fg' Enter
	screen_has '^written 42'
	screen_has '^after'
	prompt_is_back
	wiped
	# What does not goes on, and the shell has the keys.
	run_inside 'trap "echo first; exit" TERM; echo ready; while :; do sleep 0.05; done'
	screen_has '^ready'
	type_in C-z
	screen_has '^\[1\]\+ +Stopped'
	type_in 'bg' Enter
	type_in 'echo mine-$((40 + 2))' Enter
	screen_has '^mine-42'
	type_in 'kill %1; wait %1' Enter
	screen_has 'first'
	prompt_is_back
}

# bats test_tags=thorough
@test "bg, and what asks in the background" {
	in_every_way background
}

pipeline() {
	printf 'echo ready; read -r line </dev/tty; echo "got <$line>"' >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" | cat -u" Enter
	screen_has '^ready'
	type_in C-z
	screen_has '^\[1\]\+ +Stopped'
	type_in 'fg' Enter
	sleep 0.5
	type_in 'a line' Enter
	screen_has '^got <a line>'
	prompt_is_back
	printf 'while echo more; do :; done' >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\" | head -n 1; echo \"status <\${PIPESTATUS[0]}>\"" Enter
	screen_has '^status <141>'
}

# bats test_tags=thorough
@test "as a part of a pipeline" {
	in_every_way pipeline
}

sizes() {
	run_inside 'trap "stty size; exit" WINCH; stty size; while :; do sleep 0.05; done'
	screen_has '^30 100'
	tmux -L "$tmux_socket" resize-window -x 81 -y 22
	screen_has '^22 81'
	prompt_is_back
	# And while it was stopped.
	run_inside 'echo ready; read -r _; stty size; exit'
	screen_has '^ready'
	type_in C-z
	screen_has '^\[1\]\+ +Stopped'
	tmux -L "$tmux_socket" resize-window -x 100 -y 30
	type_in 'fg' Enter
	sleep 0.5
	type_in Enter
	screen_has '^30 100'
}

# bats test_tags=thorough
@test "the terminal's size, from the start, when it changes and when it changed meanwhile" {
	in_every_way sizes
}

password() {
	run_inside 'read -rsp "Password: " word; echo; echo "${#word} letters"; read -rsn1 key; echo "key <$key>"; stty raw -echo; exit 3'
	screen_has '^Password:'
	type_in hunter22 Enter
	screen_has '^8 letters'
	screen_lacks hunter22
	type_in q
	screen_has '^key <q>'
	if [ "${way##*-}" = always ]; then
		# The terminal was its own: what it leaves behind is nobody's.
		status_is 3
		type_in 'stty -a | grep -oE " (icanon|echo) " | tr -d "\n"; echo' Enter
		screen_has '^ icanon  echo'
	else
		# As after any program, the shell's line editor sets what it needs.
		type_in 'stty sane' C-j
		prompt_is_back
	fi
}

# bats test_tags=thorough
@test "a password is not shown, single keys are read, and settings do not outlast a terminal of its own" {
	in_every_way password
}

colours() {
	run_inside 'for fd in 0 1 2; do test -t $fd && echo "tty $fd"; done; cd /; ls -d --color=auto usr; echo "term <$TERM>"'
	for fd in 0 1 2; do
		screen_has "^tty $fd"
	done
	screen_has "^term <(screen|tmux)"
	tmux -L "$tmux_socket" capture-pane -pe | grep -E 'usr' | grep -q $'\e\\['
}

# bats test_tags=thorough
@test "programs see a terminal, and use its colours" {
	export LS_COLORS=
	in_every_way colours
}

inner_shell() {
	type_in "$ENVSEAL_EXEC bash --norc --noprofile -i" Enter
	type_in "PS1='inner> '" Enter
	screen_has '^inner>'
	type_in 'sleep 50' Enter
	sleep 0.3
	type_in C-z
	screen_has '^\[1\]\+ +Stopped +sleep 50'
	type_in 'kill %1; fg; exit 9' Enter
	screen_has '^exit'
	status_is 9
}

# bats test_tags=thorough
@test "a shell inside has jobs of its own" {
	in_every_way inner_shell
}

@test "keys, jobs, sizes and passwords, in short" {
	on_screen
	in_way hardened-always interrupt stop_and_go sizes password
	in_way none-never interrupt
}

# bats test_tags=root,thorough
@test "system mode: keys, jobs and sizes as an ordinary user" {
	need_root "it makes a system installation"
	system_ready
	callers_home
	chmod 711 "$BATS_TEST_TMPDIR"
	declare -pf in_namespace in_system as_caller >"$BATS_TEST_TMPDIR/enter"
	declare -p SYSTEM_HOLDER CALLER_UID CALLER_GID HOME >>"$BATS_TEST_TMPDIR/enter"
	echo 'cd /; as_caller bash --norc --noprofile' >>"$BATS_TEST_TMPDIR/enter"
	on_screen "bash $BATS_TEST_TMPDIR/enter"
	for tier in none hardened lockdown; do
		system_policy "$bash" "$tier"
		for part in interrupt stop_and_go sizes; do
			wiped
			"$part"
			prompt_is_back
		done
	done
}
