#!/usr/bin/env bats
# Plain names that run the policy's command, and `envseal run`.

# shellcheck disable=SC2016,SC2154 # the program inside expands; bats and running.bash assign

load common
load running

setup() {
	running_setup
	mkdir "$HOME/bin"
	cp "$bash" "$HOME/bin/tool"
	shims=$HOME/.local/bin
	PATH=$shims:$HOME/bin:$PATH
	allow "$HOME/bin/tool" none
}

@test "a shim runs the policy's command, with all arguments" {
	run -0 tool -c 'echo "<$ONE> $*"' x --profile y
	[ "$output" = "<> --profile y" ]
	"$ENVSEAL" shim tool
	hash -r
	run -0 tool -c 'echo "<$ONE> $*"' x --profile y
	[ "$output" = "<$secret> --profile y" ]
	run -0 tool --version
	[[ $output == *bash* ]]
	run -0 "$shims/tool" -c 'echo "<$ONE>"'
	[ "$output" = "<$secret>" ]
	# And with envseal-exec in front it is not taken for the command.
	run -0 "$ENVSEAL_EXEC" tool -c 'echo "<$ONE>"'
	[ "$output" = "<$secret>" ]
}

@test "a shim works in a make recipe and for a child" {
	"$ENVSEAL" shim tool
	printf 'all:\n\t@tool -c '"'"'echo "<$$ONE>"'"'"'\n' >"$HOME/makefile"
	run -0 make -s -f "$HOME/makefile"
	[ "$output" = "<$secret>" ]
}

@test "a shim whose command is nowhere" {
	"$ENVSEAL" shim nothing
	run -127 nothing
	[[ $output == *"'nothing' is not in any directory of PATH"* ]]
}

@test "shim says what is missing, makes nothing twice, removes only shims" {
	run -0 "$ENVSEAL" shim --directory "$HOME/elsewhere" tool
	[[ $output == *"first in PATH"* ]]
	run -0 "$ENVSEAL" shim tool
	[[ $output != *"first in PATH"* ]]
	run -0 "$ENVSEAL" shim tool
	run -0 "$ENVSEAL" shim --remove tool
	[ ! -e "$shims/tool" ]
	run -1 "$ENVSEAL" shim --remove tool
	[[ $output == *"there is no shim"* ]]
	run -1 "$ENVSEAL" shim --directory "$HOME/bin" tool
	[[ $output == *"is not a shim"* ]]
	run -1 "$ENVSEAL" shim --directory "$HOME/bin" --remove tool
	cmp "$bash" "$HOME/bin/tool"
	for wrong in '' a/b envseal-exec; do
		run -2 "$ENVSEAL" shim "$wrong"
	done
	run -2 "$ENVSEAL" shim
	run -1 "$ENVSEAL" shim --directory relative tool
}

@test "envseal run is envseal-exec, with the caller's umask" {
	umask 027
	run -3 "$ENVSEAL" run tool -c 'echo "<$ONE> $(umask)"; exit 3'
	[ "$output" = "<$secret> 0027" ]
	run -0 "$ENVSEAL" run --no-input -- tool -c 'echo "$1"' x --help
	[ "$output" = --help ]
	run -127 "$ENVSEAL" run nothing
	run -2 "$ENVSEAL" run
}
