#!/usr/bin/env bats
# `policy check`: every code is found, and one bad file hides no other.
# shellcheck disable=SC2119,SC2120,SC2154 # codes passes on what it is given; bats sets stderr

load common

setup() {
	common_setup
	layer=$XDG_CONFIG_HOME/envseal
	tool=$HOME/bin/tool
	mkdir -p "$HOME/bin"
	cp /bin/true "$tool"
	file=$layer/policies$tool.toml
	"$ENVSEAL" init --key-file 2>/dev/null
	printf a-long-token | "$ENVSEAL" store github/token 2>/dev/null
}

# new [--tier TIER] [--secret VARIABLE=NAME]...
new() {
	local tier=hardened
	if ! plain_program "$tool"; then
		"$ENVSEAL" policy new "$tool" --force "$@" 2>/dev/null
		return
	fi
	if [ "${1:-}" = --tier ]; then
		tier=$2
		shift 2
	fi
	mkdir -p "${file%/*}"
	policy_text "$tool" "$tier" '' "$@" >"$file"
	approve
}

approve() {
	"$ENVSEAL" policy approve --yes "$tool" 2>/dev/null
}

# codes [ARGUMENT...]: of all findings, sorted, in one line.
# shellcheck disable=SC2120 # arguments are for who reads one file
codes() {
	"$ENVSEAL" policy check --json "$@" 2>/dev/null | jq -r 'map(.code) | sort | join(" ")'
}

# tell_apart CODE SEVERITY STATUS: exactly that finding, and that exit status.
tell_apart() {
	run "-$3" --separate-stderr "$ENVSEAL" policy check --json
	[ "$(jq -r 'map("\(.code) \(.severity)") | join(",")' <<<"$output")" = "$1 $2" ] || {
		echo "not $1: $output"
		return 1
	}
	seen+=" $1"
}

# In the policy of $tool: a line before [secrets], or in place of another one.
key() {
	sed -i "s|^tier = .*|&\n$1|" "$file"
	approve
}

@test "errors: what keeps a command from running" {
	seen=
	new && echo 'colour = 1' >>"$file" && tell_apart invalid error 1
	new && chmod g+w "$file" && tell_apart unusable error 1
	chmod g-w "$file"
	new && mkdir "$HOME/x" && mv "$file" "${file%tool.toml}other.toml" && tell_apart place error 1
	rm "${file%tool.toml}other.toml"
	new && mv "$tool" "$HOME/x" && tell_apart not-installed error 1
	mv "$HOME/x/tool" "$tool"
	new && sed -i '/^hash/d' "$file" && approve && tell_apart unpinned error 1
	new && cp "$tool" "$HOME/x" && echo >>"$tool" && tell_apart changed error 1
	cp "$HOME/x/tool" "$tool"
	new && sed -i '/^hash/d' "$file" && key 'pin = "trusted"' && tell_apart untrusted error 1
	new && echo '# edit' >>"$file" && tell_apart not-approved error 1
	new --secret A=not/there && tell_apart secret-missing error 1
	new && key 'expires = 2020-01-01' && tell_apart expired error 1
	printf 'a\0bcdefgh' | "$ENVSEAL" store nul 2>/dev/null
	new --secret A=nul && tell_apart secret-unusable error 1
	# These, and the grants', which need system mode, are all that there are.
	[ "$(tr ' ' '\n' <<<"$seen grant-unusable" | grep . | sort)" = \
		"$("$ENVSEAL" policy check --explain all | awk '$2 == "error" { print $1 }' | sort)" ]
}

@test "warnings: what runs, and is weaker than it could be" {
	seen=
	new --tier none --secret A=github/token && tell_apart tier-none warning 1
	new --tier none && "$ENVSEAL" policy check
	mv "$file" "$HOME/kept"
	cp /bin/true "$HOME/bin/perl5.36"
	tool=$HOME/bin/perl5.36
	file=$layer/policies$tool.toml
	new --secret A=github/token && tell_apart interpreter warning 1
	new && "$ENVSEAL" policy check
	rm "$file"
	cp /bin/true "$HOME/bin/python3.11"
	tool=$HOME/bin/python3.11
	file=$layer/policies$tool.toml
	new && tell_apart python-path warning 1
	rm "$file"
	tool=$HOME/bin/tool
	file=$layer/policies$tool.toml
	new && chmod g+w "$tool" && tell_apart mutable warning 1
	chmod g-w "$tool"
	new --tier lockdown && sed -i 's|^\[filesystem\]|&\nwritable = ["/home"]|' "$file" && approve && tell_apart writable-home warning 1
	new --tier lockdown && sed -i 's|^\[filesystem\]|&\nwritable = ["/srv/x"]|' "$file" && approve && [ -z "$(codes)" ]
	new && mkdir -p "$layer/pins/opt" && cp "$tool" "$HOME/p" && "$ENVSEAL" hash "$tool" >"$layer/pins/opt/x" && tell_apart pin-orphan warning 1
	[ "$(tr ' ' '\n' <<<"$seen grant-orphan" | grep . | sort)" = \
		"$("$ENVSEAL" policy check --explain all | awk '$2 == "warning" { print $1 }' | sort)" ]
}

@test "an interpreter that takes options behind the script is told of, by policy and by header" {
	command -v gawk >/dev/null || skip "needs gawk"
	cd /
	# shellcheck disable=SC2016 # awk's
	attack=(-e 'BEGIN { system("echo $A") }')
	printf '#!/usr/bin/gawk -f\nBEGIN { print "own" }\n' >"$tool"
	new --secret A=github/token && tell_apart interpreter warning 1
	[[ $(jq -r '.[].finding' <<<"$output") == *"'/usr/bin/gawk' also takes options after the script"*'-E in place of -f' ]]
	# It is so.
	run -0 "$(dirname "$ENVSEAL")/envseal-exec" "$tool" "${attack[@]}"
	[[ $output == *'[envseal:github/token]'* ]]
	# By the header alone.
	sed -i '/^\[script\]/,/^options/d' "$file" && approve && tell_apart interpreter warning 1
	sed -i "s|^\[environment\]|[arguments]\nallow = [[]]\n&|" "$file" && approve && [ -z "$(codes)" ]
	printf '#!/usr/bin/gawk -E\nBEGIN { print "own" }\n' >"$tool"
	new --secret A=github/token && [ -z "$(codes)" ]
	run -0 "$(dirname "$ENVSEAL")/envseal-exec" "$tool" "${attack[@]}"
	[ "$output" = own ]
	# Without secrets there is nothing to tell.
	printf '#!/usr/bin/make -f\nall:\n' >"$tool"
	new && [ -z "$(codes)" ]
	new --secret A=github/token && [ "$(codes)" = interpreter ]
	# And the header's python.
	printf '#!/usr/bin/python3\n' >"$tool"
	new && sed -i '/^\[script\]/,/^interpreter/d' "$file" && approve && [ "$(codes)" = python-path ]
}

@test "what is started or read without a hash, where others can write it" {
	mkdir "$HOME/open"
	cp /bin/true "$HOME/open/helper"
	listed() { new && sed -i "s|^\[network\]|[process]\nexec = [\"$HOME/open/helper\"]\n&|" "$file" && approve; }
	rooted() { new && sed -i "s|^\[filesystem\]|&\nroot = \"$HOME/open\"|" "$file" && approve; }
	listed && [ -z "$(codes)" ]
	rooted && [ -z "$(codes)" ]
	chmod o+w "$HOME/open"
	listed && tell_apart mutable warning 1
	[[ $(jq -r '.[].finding' <<<"$output") == "process.exec: '$HOME/open/helper':"* ]]
	rooted && tell_apart mutable warning 1
	[[ $(jq -r '.[].finding' <<<"$output") == "filesystem.root: '$HOME/open':"* ]]
}

@test "notes do not fail the check" {
	seen=
	new && key "expires = $(date -u -d '+10 days' +%F)" && tell_apart expires-soon note 0
	new && key "expires = $(date -u -d '+50 days' +%F)" && [ -z "$(codes)" ]
	printf 123 | "$ENVSEAL" store short 2>/dev/null
	new --secret A=short && tell_apart secret-short note 0
	printf 123456789012345 | "$ENVSEAL" store --force short 2>/dev/null
	tell_apart secret-guessable note 0
	printf 1234567890123456 | "$ENVSEAL" store --force short 2>/dev/null
	[ -z "$(codes)" ]
	new && sed -i "s|^hash = .*|hash = [\"sha256:$(sha256sum "$tool" | cut -d' ' -f1)\"]|" "$file" && approve && tell_apart hash-slow note 0
	"$ENVSEAL" policy pin "$tool" && [ -z "$(codes)" ]
	mkdir -p "$HOME/admin/policies$HOME/bin"
	export ENVSEAL_LAYERS=$layer:$HOME/admin
	new && cp "$file" "$HOME/admin/policies$tool.toml" && tell_apart shadowed note 0
	rm "$HOME/admin/policies$tool.toml" "$layer/pins$tool"
	: >"$file" && tell_apart masked note 0
	[ "$(tr ' ' '\n' <<<"$seen" | grep . | sort)" = \
		"$("$ENVSEAL" policy check --explain all | awk '$2 == "note" { print $1 }' | sort)" ]
}

@test "every code is explained" {
	run -0 "$ENVSEAL" policy check --explain all
	[ "${#lines[@]}" -ge 21 ]
	while read -r code severity rest; do
		run -0 --separate-stderr "$ENVSEAL" policy check --explain "$code"
		[ "${lines[0]}" = "$code ($severity): $rest" ]
		[ "$(wc -L <<<"$output")" -le 78 ] && [ "${#lines[@]}" -ge 2 ]
	done < <("$ENVSEAL" policy check --explain all | tr -s ' ')
	run -2 "$ENVSEAL" policy check --explain no-such-code
}

@test "a finding has its place: golden output" {
	new --tier none --secret A=github/token
	line=$(grep -n '^tier' "$file" | cut -d: -f1)
	run -1 --separate-stderr "$ENVSEAL" policy check
	[ "$output" = "$file:$line:8: tier: \"none\" hides little from the caller's other programs; use \"hardened\" [warning: tier-none]" ]
	[[ $stderr == *'1 file checked: 0 errors, 1 warning, 0 notes' ]]
	run -1 --separate-stderr "$ENVSEAL" policy check --json
	[ "$(jq -c '.[] | [.code, .severity, .file, .line, .column, .command]' <<<"$output")" = \
		"[\"tier-none\",\"warning\",\"$file\",$line,8,\"$tool\"]" ]
}

@test "severities are in colour on a terminal without NO_COLOR" {
	new --tier none --secret A=github/token
	run -1 on_terminal -- env TERM=xterm "$ENVSEAL" policy check
	[[ $output == *$'[\033[33mwarning\033[0m: tier-none]'* ]]
	run -1 on_terminal -- env TERM=xterm NO_COLOR=1 "$ENVSEAL" policy check
	[[ $output == *'[warning: tier-none]'* ]]
	run -1 "$ENVSEAL" policy check
	[[ $output == *'[warning: tier-none]'* ]]
}

@test "a finding about the file as a whole names it once" {
	new && echo '# edit' >>"$file"
	run -1 --separate-stderr "$ENVSEAL" policy check
	[ "$output" = "$file: was approved, but it or its pins changed since; read them, then run: envseal policy approve $tool [error: not-approved]" ] || {
		echo "$output"
		return 1
	}
}

@test "errors come first, then warnings, then notes" {
	new --tier none --secret A=github/token --secret B=not/there
	sed -i "s|^hash = .*|hash = [\"sha256:$(sha256sum "$tool" | cut -d' ' -f1)\"]|" "$file"
	approve
	run -1 --separate-stderr "$ENVSEAL" policy check --json
	[ "$(jq -r 'map(.severity) | join(" ")' <<<"$output")" = 'error warning note' ]
}

@test "one finding for each bad file, the rest still reported" {
	new --tier none --secret A=github/token
	place=$layer/policies/bad
	mkdir -p "$place"
	mkdir "$place/directory.toml"
	ln -s loop.toml "$place/loop.toml"
	ln -s . "$place/circle"
	ln -s ../bad "$place/circle2"
	mkfifo "$place/fifo.toml"
	truncate -s 100M "$place/large.toml"
	: >"$place/"$'new\nline.toml'
	printf 'version = 1\n' >"$place/"$'bad\nname.toml'
	printf 'version = 1\n' >"$place/"$'\xff.toml'
	ln -s /no/such/file "$place/dangling.toml"
	(cd "$place" && python3 -c 'import socket; socket.socket(socket.AF_UNIX).bind("socket.toml")')
	printf 'x\0y' >"$place/nul.toml"
	expected=11
	if [ "$(id -u)" -ne 0 ]; then
		printf 'version = 1\n' >"$place/unreadable.toml" && chmod 0 "$place/unreadable.toml"
		mkdir "$place/closed" && chmod 0 "$place/closed"
		expected=13
	fi
	run -1 --separate-stderr timeout 20 "$ENVSEAL" policy check --json
	[ "$(jq "map(select(.severity == \"error\")) | length" <<<"$output")" = "$expected" ]
	# Each once, and the good one among them.
	[ "$(jq -r '.[].file' <<<"$output" | sort | uniq -d)" = "" ]
	[ "$(jq -r '.[] | select(.code == "tier-none") | .file' <<<"$output")" = "$file" ]
	[ "$(jq -r '.[] | select(.code == "masked") | .file' <<<"$output")" = "$place/"$'new\nline.toml' ]
	# As lines: a name does not make two.
	run -1 --separate-stderr "$ENVSEAL" policy check
	[ "${#lines[@]}" -eq $((expected + 2)) ]
	[[ $output == *'bad?name.toml'* ]]
	# The other verbs go on too.
	run -1 --separate-stderr timeout 20 "$ENVSEAL" policy list
	[[ $output == *"$tool "* ]]
	run -0 --separate-stderr timeout 20 "$ENVSEAL" policy report
	run -1 timeout 20 "$ENVSEAL" policy who github/token
	[[ $output == *"$tool "* ]]
	[ "$(id -u)" -eq 0 ] || chmod 700 "$place/closed"
}

@test "bad files on the command line: one finding each" {
	mkdir d.toml
	mkfifo f.toml
	truncate -s 100M l.toml
	ln -s o.toml o.toml
	printf 'version = 1\ncommand = "/opt/x"\ntier = "none"\n' >good.toml
	run -1 --separate-stderr timeout 20 "$ENVSEAL" policy check d.toml f.toml l.toml o.toml none.toml good.toml
	[ "${#lines[@]}" -eq 5 ]
	[[ $stderr == *'6 files checked'* ]]
}

@test "a bad pin file is found where it is used, a directory in its place too" {
	new
	mkdir -p "$layer/pins$HOME/bin"
	echo 'not a pin' >"$layer/pins$tool"
	[ "$(codes)" = unusable ]
	rm "$layer/pins$tool"
	mkdir "$layer/pins$tool"
	[ "$(codes)" = unusable ]
}

# Many more than anybody has; the time is doc/bench.md's, for a shared machine keeps none.
# bats test_tags=root,thorough
@test "thousands of policies are listed and checked in few calls for each" {
	command -v strace >/dev/null || skip "no strace here"
	need_root "strace counts its calls"
	mkdir -p "$layer/policies$HOME/many"
	mkdir "$HOME/many"
	hash=$("$ENVSEAL" hash "$tool")
	for i in $(seq 300); do
		ln "$tool" "$HOME/many/c$i"
		printf 'version = 1\ncommand = "%s"\ntier = "hardened"\nhash = ["%s"]\n' "$HOME/many/c$i" "$hash" \
			>"$layer/policies$HOME/many/c$i.toml"
	done
	strace -f -c -o counts "$ENVSEAL" policy list >/dev/null
	calls=$(awk '$NF == "total" { print $4 }' counts)
	[ "$calls" -lt $((300 * 70)) ]
	run -1 --separate-stderr "$ENVSEAL" policy check --json
	[ "$(jq length <<<"$output")" = 300 ]
}
