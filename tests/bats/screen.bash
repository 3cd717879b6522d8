# An interactive bash on a terminal, in tmux, as a person has it.
# shellcheck shell=bash

# on_screen [COMMAND]: one of 100 by 30, with a tmux server of its own.
on_screen() {
	command -v tmux >/dev/null || skip 'tmux is not installed'
	tmux_socket=envseal-$$-$BATS_TEST_NUMBER-$RANDOM
	tmux -L "$tmux_socket" -f /dev/null new-session -d -x 100 -y 30 "exec ${1:-bash --norc --noprofile}" 3>&-
	type_in "PS1='$ '; clear" Enter
	screen_has '^\$ *$'
}

# off_screen: in teardown.
off_screen() {
	[ -z "${tmux_socket:-}" ] || tmux -L "$tmux_socket" kill-server 2>/dev/null || true
}

type_in() {
	tmux -L "$tmux_socket" send-keys "$@"
}

screen() {
	tmux -L "$tmux_socket" capture-pane -p -S -200
}

# screen_has REGEX: within ten seconds.
screen_has() {
	local i
	for ((i = 0; i < 200; i++)); do
		screen | grep -qE -- "$1" && return 0
		sleep 0.05
	done
	echo "no '$1' on:"
	screen
	return 1
}

screen_lacks() {
	! screen | grep -qF -- "$1"
}

# The shell has the terminal again: what is typed before is typed to the command.
prompt_is_back() {
	screen_has '^\$ *$'
}

# A blank screen, so that nothing from before is taken for an answer: waits until the prompt is all there is,
# because the prompt that "clear" is typed at looks like the one that comes after it.
wiped() {
	local i
	type_in 'clear; tput E3' Enter
	for ((i = 0; i < 200; i++)); do
		[ "$(screen | sed 's/ *$//; /^$/d')" = '$' ] && return 0
		sleep 0.05
	done
	echo 'not wiped:'
	screen
	return 1
}

# run_inside SCRIPT: types the command that runs it in bash.
run_inside() {
	printf '%s\n' "$1" >"$HOME/typed"
	type_in "$ENVSEAL_EXEC bash -c \"\$(cat $HOME/typed)\"" Enter
}

# status_is N: of what ran last.
status_is() {
	prompt_is_back
	type_in 'echo "status <$?>"' Enter
	screen_has "^status <$1>"
}
