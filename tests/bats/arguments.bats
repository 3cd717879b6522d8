#!/usr/bin/env bats
# [arguments]: the arguments that the caller may pass, those that come before them, and how a
# refusal names them.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	tool=$HOME/tool
	cp "$(realpath /bin/echo)" "$tool"
}

# rules TIER TEXT: the tool's policy with these rules.
rules() {
	allow "$tool" "$1"
	extend "$tool" "[arguments]
$2"
}

says() {
	local expected=$1
	shift
	run -0 --separate-stderr "$ENVSEAL_EXEC" "$tool" "$@"
	[ "$output" = "$expected" ]
}

# refused PATTERN ARGUMENT...: nothing runs, and no argument is shown.
refused() {
	local pattern=$1 argument
	shift
	run -125 --separate-stderr "$ENVSEAL_EXEC" "$tool" "$@"
	[ -z "$output" ]
	grep -qE -- "$pattern" <<<"$stderr"
	for argument; do
		[[ ${#argument} -lt 4 || $stderr != *"$argument"* ]]
	done
}

@test "without rules any arguments pass, with them only those" {
	allow "$tool" none
	says 'list everything' list everything
	for tier in none hardened lockdown; do
		rules "$tier" 'allow = [["list", "**"], ["view", "[0-9]*"]]'
		says list list
		says 'list a b c' list a b c
		says 'view 12' view 12
		refused 'argument 1$' erase
		refused 'argument 2$' view everything
		refused 'argument 2 is missing' view
		refused 'argument 3$' view 12 surplus
		refused 'argument 1 is missing'
	done
}

@test "an empty argument is one, a newline is a character, an option is no option of ours" {
	rules none 'allow = [["", "*", "--help"]]'
	says $' a\nb --help' '' $'a\nb' --help
	refused 'argument 1$' $'a\nb'
}

@test "what the policy puts first comes first, and is not matched" {
	rules none 'prepend = ["-e", "first"]
allow = [["\\*"]]
deny = ["-e"]'
	says 'first *' '*'
	refused 'argument 1$' -e
	refused 'argument 1$' x
}

@test "denied in any place" {
	rules none 'deny = ["--debug*", "*hunter2*"]'
	says 'a b' a b
	refused 'forbids argument 3' a b --debug=all
	refused 'forbids argument 1' say-hunter2-now
}

@test "a script has its rules, behind the interpreter's options" {
	printf '#!/bin/sh\nprintf "%%s." "$@"\n' >"$HOME/script"
	chmod +x "$HOME/script"
	allow "$HOME/script" none
	extend "$HOME/script" '[arguments]
prepend = ["a b"]
allow = [["c", "**"]]'
	run -0 "$ENVSEAL_EXEC" "$HOME/script" c d
	[ "$output" = 'a b.c.d.' ]
	run -125 "$ENVSEAL_EXEC" "$HOME/script" d
}

@test "policy check flags what runs anything" {
	local python
	allow "$bash" hardened
	run -1 --separate-stderr "$ENVSEAL" policy check "$bash"
	[[ $output == *'arguments.allow: the command executes what its arguments say'* ]]
	extend "$bash" '[arguments]
allow = [["-c", "echo fixed"]]'
	run -0 "$ENVSEAL" policy check "$bash"

	python=$(realpath /usr/bin/python3)
	allow "$python" hardened
	extend "$python" '[arguments]
allow = [["/usr/lib/report.py"]]'
	run -1 --separate-stderr "$ENVSEAL" policy check "$python"
	[[ $output == *'arguments.prepend: without "-I" python'* ]]
	set_key "$python" arguments 'prepend = ["-I"]'
	run -0 "$ENVSEAL" policy check "$python"
}

@test "python takes a module from beside the script without -I, and not with it" {
	local python
	python=$(realpath /usr/bin/python3)
	printf 'import os, sys\nsys.stdout.write("planted " + os.environ["ONE"])\n' >"$HOME/json.py"
	cd "$HOME"
	allow "$python" none
	run -0 "$ENVSEAL_EXEC" "$python" -c 'import json'
	[ "$output" = "planted $secret" ]
	extend "$python" '[arguments]
prepend = ["-I"]'
	run -0 "$ENVSEAL_EXEC" "$python" -c 'import json'
	[ -z "$output" ]
}
