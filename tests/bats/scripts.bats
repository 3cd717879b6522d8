#!/usr/bin/env bats
# Scripts: the interpreter that reads them, and the place where it reads them.

# shellcheck disable=SC2016,SC2154 # the program inside expands; bats and running.bash assign

load common
load running

setup() {
	running_setup
	[ ${#ENVSEAL_EXEC} -lt 100 ] || skip "the path of envseal-exec is too long for a first line"
	home=$(realpath "$HOME")
	script=$home/script
}

# write FILE LINE...: an executable script
write() {
	local file=$1
	shift
	printf '%s\n' "$@" >"$file"
	chmod 755 "$file"
}

# policy SCRIPT TIER: pinned; nothing in it names an interpreter, so the header counts
policy() {
	allow "$1" "$2"
	sed -i '/^\[script\]/,/^$/d' "$(policy_file "$1")"
	"$ENVSEAL" policy approve --yes "$1" 2>/dev/null
}

refused_script() {
	local reason=$1
	run -125 "$ENVSEAL_EXEC" "$script"
	[[ $output =~ $reason ]]
}

# Each language: its header's second line, and a program that prints the secret and its arguments.
language() {
	case $1 in
	bash) second='#!/bin/bash' body='printf "%s|" "$ONE" "$@"' ;;
	dash) second='#!/usr/bin/env dash' body='printf "%s|" "$ONE" "$@"' ;;
	python3) second='#!/usr/bin/env -S python3 -I' body='import os,sys; print("|".join([os.environ["ONE"]]+sys.argv[1:]), end="|")' ;;
	perl) second='#!/usr/bin/perl -w' body='print map { "$_|" } $ENV{ONE}, @ARGV;' ;;
	ruby) second='#!/usr/bin/ruby' body='print ([ENV["ONE"]]+ARGV).map { |x| x+"|" }.join' ;;
	node) second='//#!/usr/bin/node --preserve-symlinks-main' body='process.stdout.write([process.env.ONE].concat(process.argv.slice(2)).map(x => x+"|").join(""))' ;;
	lua) second='--#!/usr/bin/lua5.4' body='io.write(os.getenv("ONE"),"|"); for i=1,#arg do io.write(arg[i],"|") end' ;;
	awk) second='#!/usr/bin/gawk -f' body='BEGIN { printf "%s|", ENVIRON["ONE"]; for (i = 1; i < ARGC; i++) printf "%s|", ARGV[i] }' ;;
	make) second='#!/usr/bin/make -f' body=$'all:\n\t@printf "%s|" "$$ONE"' ;;
	esac
}

# each_way TEXT: through its header, from elsewhere, by a relative path, a link, and PATH
each_way() {
	local wanted=$1 arguments=('a  b' $'c\nd' '')
	[ "$name" != make ] || arguments=() wanted=$secret'|'
	[ "$("$script" "${arguments[@]}")" = "$wanted" ]
	[ "$(cd / && "$script" "${arguments[@]}")" = "$wanted" ]
	[ "$(cd "$home" && ./script "${arguments[@]}")" = "$wanted" ]
	[ "$(cd "$home" && "$home/link" "${arguments[@]}")" = "$wanted" ]
	[ "$(cd / && PATH=$home:$PATH script "${arguments[@]}")" = "$wanted" ]
	[ "$(cd / && PATH=$home:$PATH "$ENVSEAL_EXEC" script "${arguments[@]}")" = "$wanted" ]
}

# bats test_tags=thorough
@test "each interpreter reads its script through the header" {
	ln -s script "$home/link"
	for name in bash dash python3 perl ruby node lua awk make; do
		language "$name"
		command -v "${name/#lua/lua5.4}" >/dev/null || skip "$name is not installed"
		write "$script" "#!$ENVSEAL_EXEC" "$second" "$body"
		policy "$script" none
		each_way "$secret|a  b|"$'c\nd'"||"
		[ "$name" = make ] && argument=() || argument=(x)
		allow "$script" hardened
		run -0 "$script" "${argument[@]}"
		[[ $output == "$secret|"* ]]
		policy "$script" lockdown
		run -0 "$script" "${argument[@]}"
		[[ $output == "$secret|"* ]]
	done
}

@test "an ordinary first line works in a chain, and gives its one option" {
	write "$script" '#!/bin/bash -ef' 'echo "$ONE $-"'
	for tier in none hardened lockdown; do
		policy "$script" "$tier"
		run -0 "$ENVSEAL_EXEC" "$script"
		[[ $output == "$secret "*e*f* ]]
	done
	# By itself it runs, without the secret.
	run -0 "$script"
	[[ $output == " "*e*f* ]]
}

@test "env finds its program on the secure path, not on the caller's" {
	mkdir "$home/bin"
	write "$home/bin/dash" '#!/bin/sh' 'echo "STOLEN $ONE"'
	write "$script" '#!/usr/bin/env dash' 'echo "read by dash: $ONE"'
	policy "$script" none
	export PATH=$home/bin:$PATH
	run -0 "$script"
	[ "$output" = "STOLEN " ]
	run -0 "$ENVSEAL_EXEC" "$script"
	[ "$output" = "read by dash: $secret" ]
}

@test "the header's one argument can choose a profile" {
	write "$script" "#!$ENVSEAL_EXEC --profile=prod" '#!/bin/sh' 'echo "$TWO"'
	seal second/two "two-$secret"
	"$ENVSEAL" policy new "$script" --profile prod --tier none --secret TWO=second/two 2>/dev/null
	run -0 "$script"
	[ "$output" = "two-$secret" ]
}

@test "names with blanks and newlines" {
	script=$home/$'a  b\nc'
	write "$script" "#!$ENVSEAL_EXEC" '#!/bin/sh' 'echo "$ONE"; printf "%s" "$0" | wc -l'
	for tier in none hardened lockdown; do
		policy "$script" "$tier"
		run -0 "$script"
		[ "${lines[0]}" = "$secret" ]
	done
}

@test "headers that are not understood" {
	write "$script" '#!/bin/sh' 'echo RAN'
	policy "$script" none
	run -0 "$ENVSEAL_EXEC" "$script"
	for header in '#!sh' $'#!/bin/sh\r' "#!$ENVSEAL_EXEC" '#!/usr/bin/env -i sh' "#!/$(printf 'x%.0s' {1..300})"; do
		write "$script" "$header" 'echo RAN'
		sed -i "s|^hash.*|hash = [\"$("$ENVSEAL" hash "$script")\"]|" "$(policy_file "$script")"
		"$ENVSEAL" policy approve --yes "$script" 2>/dev/null
		refused_script 'interpreter'
	done
}

@test "an empty file, and a binary one named like a script" {
	script=$home/program.sh
	for content in '' '\001\002\003' 'echo RAN\n'; do
		printf %b "$content" >"$script"
		chmod 755 "$script"
		for tier in none hardened lockdown; do
			allow "$script" "$tier"
			run -126 "$ENVSEAL_EXEC" "$script"
			[[ $output == *'cannot execute'* ]]
		done
	done
}

@test "an interpreter that is a script, or not trusted, is refused" {
	write "$home/reader" '#!/bin/sh' 'echo "STOLEN $ONE"'
	write "$script" "#!$home/reader"
	policy "$script" none || true
	allow "$script" none --interpreter /bin/sh
	sed -i '/^\[script\]/,/^$/d' "$(policy_file "$script")"
	"$ENVSEAL" policy approve --yes "$script"
	refused_script 'users other than root can change.*interpreter_hash'
	extend "$script" "[script]
interpreter_hash = [\"$("$ENVSEAL" hash "$home/reader")\"]"
	refused_script 'is itself a script'
}

@test "argv[0] of the interpreter is not a link that the user made" {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
	mkdir -p "$home/venv/bin" "$home/venv/lib/$(/usr/bin/python3 -c 'import sys; print("python%d.%d" % sys.version_info[:2])')/site-packages"
	ln -s /usr/bin/python3 "$home/venv/bin/python"
	printf 'home = /usr/bin\n' >"$home/venv/pyvenv.cfg"
	echo 'print("STOLEN")' >"$(echo "$home"/venv/lib/*/site-packages)/helper.py"
	write "$script" "#!$home/venv/bin/python" 'import os' 'try: import helper' 'except ImportError: print("clean", os.environ["ONE"])'
	# Started by itself, the link's own libraries count.
	run -0 "$script"
	[ "$output" = STOLEN ]
	for tier in none hardened lockdown; do
		policy "$script" "$tier"
		# Without its hash, whose link it is would choose the interpreter.
		refused_script 'a link to it.*interpreter_hash'
		extend "$script" "[script]
interpreter_hash = [\"$("$ENVSEAL" hash /usr/bin/python3)\"]"
		run -0 "$ENVSEAL_EXEC" "$script"
		[ "$output" = "clean $secret" ]
	done
}

@test "argv[0] of the interpreter is a link that root made" {
	[ -L /usr/bin/sh ] || skip "sh is a program of its own here"
	# shellcheck disable=SC2016 # the inner shell's
	write "$script" '#!/bin/sh' 'tr "\\0" "\\n" </proc/$$/cmdline | head -n 1'
	for tier in none hardened lockdown; do
		policy "$script" "$tier"
		run -0 "$ENVSEAL_EXEC" "$script"
		[ "$output" = /usr/bin/sh ]
	done
}

@test "what lies beside a pinned script is not there" {
	[ -x /usr/bin/python3 ] || skip "python3 is not installed"
	echo 'print("STOLEN")' >"$home/helper.py"
	write "$script" '#!/usr/bin/python3' 'import os' 'try: import helper' 'except ImportError: print("clean", os.environ["ONE"])'
	run -0 "$script"
	[ "$output" = STOLEN ]
	for tier in none hardened lockdown; do
		policy "$script" "$tier"
		run -0 "$ENVSEAL_EXEC" "$script"
		[ "$output" = "clean $secret" ]
	done
}

@test "a script has its name, and stands where nobody can write" {
	write "$script" '#!/bin/bash' 'echo "${0##*/} $ENVSEAL_SCRIPT"; : 2>/dev/null >>"$0" && echo WRITTEN; rm -f "$0" 2>/dev/null && echo REMOVED; true'
	for tier in hardened lockdown; do
		policy "$script" "$tier"
		run -0 "$ENVSEAL_EXEC" "$script"
		[ "$output" = "script $script" ]
	done
}

@test "a program that others may change has its directory and its name inside" {
	cp "$bash" "$home/tool"
	for tier in hardened lockdown; do
		allow "$home/tool" "$tier"
		run -0 "$ENVSEAL_EXEC" "$home/tool" -c 'readlink /proc/$$/exe; cat /proc/$$/comm'
		[[ ${lines[0]} == */tool ]]
		[[ ${lines[0]} != "$home"* ]]
	done
}

# What the owner of a script and of its directory can do while it runs.
change_it() {
	case $1 in
	rewrite) write "$home/place/script" '#!/bin/bash' 'echo STOLEN' ;;
	rename) mv "$home/place/script" "$home/place/old" && write "$home/place/script" '#!/bin/bash' 'echo STOLEN' ;;
	unlink) rm "$home/place/script" ;;
	directory) mv "$home/place" "$home/elsewhere" && mkdir "$home/place" && write "$home/place/script" 'echo STOLEN' ;;
	esac
}

# A shell reads its script as it goes: what is appended behind what it has read would run.
# bats test_tags=thorough
@test "rewriting, renaming and removing a running script changes nothing" {
	for tier in none hardened lockdown; do
		for way in rewrite rename unlink directory; do
			rm -rf "$home/place" "$home/elsewhere" "$home/go" "$home/out"
			mkdir "$home/place"
			mkfifo "$home/go"
			write "$home/place/script" '#!/bin/bash' 'echo "first $ONE"; read -r _' "$(printf '#%.0s' {1..20000})" 'echo "second $ONE"'
			policy "$home/place/script" "$tier"
			"$ENVSEAL_EXEC" "$home/place/script" <"$home/go" >"$home/out" 2>&1 3>&- &
			exec {go}>"$home/go"
			eventually grep -q first "$home/out"
			change_it "$way"
			echo >&"$go"
			exec {go}>&-
			wait $!
			[ "$(cat "$home/out")" = "first $secret"$'\n'"second $secret" ]
		done
	done
	# And that it would have: appended to while it waits, without envseal.
	write "$home/plain" '#!/bin/bash' 'echo first; read -r _'
	rm "$home/out"
	"$home/plain" <"$home/go" >"$home/out" 2>&1 3>&- &
	exec {go}>"$home/go"
	eventually grep -q first "$home/out"
	echo 'echo STOLEN' >>"$home/plain"
	echo >&"$go"
	exec {go}>&-
	wait $!
	[ "$(cat "$home/out")" = first$'\n'STOLEN ]
}
