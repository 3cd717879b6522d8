#!/usr/bin/env bats
# Policies as a user sees them: new, check, list, show, pin, approve, and the refusals of each.
# shellcheck disable=SC2154 # policies.bash assigns them, and bats stderr

load common
load policies

setup() {
	policies_setup
}

# finds PATTERN [ARGUMENT...]: `policy check` has exactly one finding, and it matches.
finds() {
	local pattern=$1
	shift
	run -1 --separate-stderr "$ENVSEAL" policy check "$@"
	[ "${#lines[@]}" -eq 1 ]
	grep -qE -- "$pattern" <<<"$output" || {
		echo "no '$pattern' in: $output"
		return 1
	}
}

approve() {
	"$ENVSEAL" policy approve --yes "$tool" 2>/dev/null
}

# -- new

@test "a new policy is written, pinned, approved, and without findings" {
	run -0 --separate-stderr "$ENVSEAL" policy new "$tool" --secret GH_TOKEN=github/token
	[ -z "$output" ]
	[[ $stderr == *"wrote '$file', pinned and approved"* ]]
	grep -q '^tier = "hardened"$' "$file"
	grep -q '^GH_TOKEN = "github/token"$' "$file"
	grep -qF "\"blake2b-256:$(b2sum -l 256 "$tool" | cut -d' ' -f1)\"" "$file"
	run -0 --separate-stderr "$ENVSEAL" policy check
	[ -z "$output" ]
}

@test "a policy and its directories are their owner's, an approval nobody else's" {
	new
	[ "$(stat -c %a "$file")" = 644 ]
	[ "$(stat -c %a "$layer/policies")" = 700 ]
	[ "$(stat -c %a "$approvals$tool")" = 600 ]
	[ "$(stat -c %a "$approvals")" = 700 ]
}

@test "every tier can be chosen, and the policy says what can be said in it" {
	for tier in none hardened lockdown; do
		new --tier "$tier" --force
		"$ENVSEAL" policy check "$tool"
		# All that is offered in comments must be allowed there.
		sed -i 's/^# *\([a-z_]* = \|\[[a-z]*\]$\)/\1/' "$file"
		grep -q '^memory = ' "$file"
		run -0 --separate-stderr "$ENVSEAL" policy check "$file"
	done
	refused 2 'must be none, hardened or lockdown' "$ENVSEAL" policy new "$tool" --tier open --force
}

@test "a name is looked up in PATH, a relative path from here" {
	PATH=$HOME/bin:$PATH "$ENVSEAL" policy new tool 2>/dev/null
	[ -e "$file" ]
	rm "$file"
	cd "$HOME/bin"
	"$ENVSEAL" policy new ./tool 2>/dev/null
	[ -e "$file" ]
	refused 1 'no-such-tool' "$ENVSEAL" policy new no-such-tool
	refused 1 'is not installed' "$ENVSEAL" policy new /no/such/tool
}

@test "nothing is overwritten without --force" {
	new
	cp "$file" "$HOME/before"
	refused 1 'exists; --force replaces it' "$ENVSEAL" policy new "$tool" --tier none
	cmp "$file" "$HOME/before"
	new --tier none --force
	grep -q '^tier = "none"$' "$file"
	"$ENVSEAL" policy check
}

@test "a prefix brings in every secret below it" {
	put github/api-key key
	put githubx/other other
	new --secrets github
	run -0 "$ENVSEAL" policy list --json
	[ "$(jq -c '.[0].secrets' <<<"$output")" = '{"API_KEY":"github/api-key","TOKEN":"github/token"}' ]
	refused 1 'no secret below that' "$ENVSEAL" policy new "$tool" --force --secrets none/
	put github/api_key again
	refused 1 "'API_KEY' would hold two secrets" "$ENVSEAL" policy new "$tool" --force --secrets github/
	"$ENVSEAL" remove github/api_key 2>/dev/null
	refused 1 "'TOKEN' would hold two" "$ENVSEAL" policy new "$tool" --force --secrets github \
		--secret TOKEN=github/token
}

@test "bad secrets are refused, and what may be one is not shown" {
	for bad in ghp_0123456789 =github/token 'GH_TOKEN=bad name' 'A-B=github/token' GH_TOKEN=; do
		run -2 --separate-stderr "$ENVSEAL" policy new "$tool" --secret "$bad"
		[[ -z $output && $stderr != *ghp_* && $stderr != *'bad name'* ]]
	done
	refused 1 'secrets.LD_PRELOAD: this variable cannot be set' "$ENVSEAL" policy new "$tool" \
		--secret LD_PRELOAD=github/token
	[ ! -e "$file" ]
}

@test "a secret that is not there yet is told, and is a finding" {
	run -0 --separate-stderr "$ENVSEAL" policy new "$tool" --secret A=not/yet
	[[ $stderr == *'A: the vault has no secret of that name yet; store it'* ]]
	finds "^$file:[0-9]+:5: secrets.A: the vault has no secret of that name.*\[error: secret-missing\]$"
	put not/yet x
	"$ENVSEAL" policy check
}

@test "a script's interpreter comes from its first line or from --interpreter" {
	printf '#!/bin/sh -e -u \necho\n' >"$tool"
	new
	grep -q '^interpreter = "/bin/sh"$' "$file"
	grep -q '^options = \["-e -u"\]$' "$file"
	"$ENVSEAL" policy check
	printf '#!/usr/bin/envseal-exec\n#!/bin/bash\necho\n' >"$tool"
	new --force
	grep -q '^interpreter = "/bin/bash"$' "$file"
	printf '#!/usr/bin/env sh\necho\n' >"$tool"
	new --force
	grep -q "^interpreter = \"$(PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin command -v sh)\"$" "$file"
	printf '#!/usr/bin/env -S /bin/sh -e -u\necho\n' >"$tool"
	new --force
	grep -q '^interpreter = "/bin/sh"$' "$file"
	grep -q '^options = \["-e", "-u"\]$' "$file"
	printf '#!/usr/bin/envseal-exec\necho\n' >"$tool"
	refused 1 "has no second line" "$ENVSEAL" policy new "$tool" --force
	new --force --interpreter /bin/sh
	grep -q '^interpreter = "/bin/sh"$' "$file"
	refused 1 'interpreter ./no/sh' "$ENVSEAL" policy new "$tool" --force --interpreter /no/sh
}

@test "an interpreter that others than root can change is pinned too" {
	cp /bin/sh "$HOME/bin/sh"
	printf '#!%s\n' "$HOME/bin/sh" >"$tool"
	new
	grep -qF "interpreter_hash = [\"blake2b-256:$(b2sum -l 256 "$HOME/bin/sh" | cut -d' ' -f1)\"]" "$file"
}

@test "without a vault, or with a locked one, nothing is written" {
	rm "$XDG_DATA_HOME/envseal/slots/host.key"
	refused 1 . "$ENVSEAL" policy new "$tool" --no-input
	rm -r "$XDG_DATA_HOME/envseal"
	refused 1 . "$ENVSEAL" policy new "$tool" --no-input
	[ ! -e "$layer/policies" ]
}

@test "a profile is a policy of its own, and cannot lead elsewhere" {
	new
	new --profile work --tier none
	[ -e "$layer/policies$tool@work.toml" ]
	run -0 "$ENVSEAL" policy list --json
	[ "$(jq -c 'map([.profile, .tier, .approved])' <<<"$output")" = \
		'[[null,"hardened","yes"],["work","none","yes"]]' ]
	run -0 "$ENVSEAL" policy show "$tool" --profile work
	[[ $output == *'tier = "none"'* ]]
	refused 1 'a profile is named with' "$ENVSEAL" policy new "$tool" --profile ../../x
	refused 1 'no policy for .* in that profile' "$ENVSEAL" policy show "$tool" --profile home
}

# -- check

@test "mistakes are named with file, line, column and key" {
	new
	echo 'colour = 1' >>"$file"
	finds "^$file:[0-9]+:1: network.colour: unknown key \[error: invalid\]$"
	run -1 --separate-stderr "$ENVSEAL" policy check --json
	[ "$(jq -r '.[0] | "\(.file) \(.column) \(.finding)"' <<<"$output")" = \
		"$file 1 network.colour: unknown key" ]
	[ "$(jq '.[0].line' <<<"$output")" = "$(wc -l <"$file")" ]
}

@test "a policy in another command's place is a finding" {
	new
	mv "$file" "${file%tool.toml}other.toml"
	finds "other.toml: command: the file's path names another command"
}

@test "an unapproved edit is a finding" {
	new
	echo '# harmless' >>"$file"
	finds "its pins changed since"
	rm "$approvals$tool"
	finds "was never approved"
	approve
	"$ENVSEAL" policy check
}

@test "a command that changed, is not pinned, or is gone, is a finding" {
	new
	echo >>"$tool"
	finds "is not what was pinned"
	rm "$tool"
	finds "'$tool': No such file"
	cp /bin/true "$tool"
	sed -i '/^hash/d' "$file"
	approve
	finds "is not pinned; run: envseal policy pin $tool"
	sed -i 's/^tier/pin = "trusted"\ntier/' "$file"
	approve
	finds "users other than root can change"
}

@test "trusted is enough for what only root can change" {
	mkdir -p "$layer/policies/usr/bin"
	printf 'version = 1\ncommand = "/usr/bin/true"\ntier = "none"\npin = "trusted"\n' \
		>"$layer/policies/usr/bin/true.toml"
	"$ENVSEAL" policy approve --yes true 2>/dev/null
	"$ENVSEAL" policy check
	run -0 "$ENVSEAL" policy list
	[[ ${lines[1]} == /usr/bin/true*none*trusted*yes* ]]
	refused 1 'pin: is "trusted"' "$ENVSEAL" policy pin true
}

@test "a policy that has expired is a finding" {
	new
	sed -i 's/^# expires = .*/expires = 2020-01-01/' "$file"
	approve
	finds 'expires: the policy has expired'
}

@test "files that others can write, that are no files, or that are never read, are findings" {
	new
	chmod g+w "$file"
	finds 'writable by others; chmod go-w it'
	chmod g-w "$file"
	mkfifo "$layer/policies/fifo.toml"
	finds 'not a regular file'
	rm "$layer/policies/fifo.toml"
	cp "$file" "$file.orig"
	finds 'tool.toml.orig: is never read'
}

@test "one command or one file can be checked alone" {
	new
	mkdir -p "$layer/policies/usr/bin"
	echo 'version = 2' >"$layer/policies/usr/bin/true.toml"
	"$ENVSEAL" policy check "$tool"
	finds 'true.toml:1:11: version' true
	finds 'true.toml:1:11: version' "$layer/policies/usr/bin/true.toml"
	run -1 --separate-stderr "$ENVSEAL" policy check
	[ "${#lines[@]}" -eq 1 ]
	finds 'no policy for' cat
	refused 2 'unknown option' "$ENVSEAL" policy check --bogus
}

@test "a file alone needs neither the command nor a vault" {
	rm -r "$XDG_DATA_HOME/envseal"
	mkdir -p "$HOME/package/policies/opt"
	printf 'version = 1\ncommand = "/opt/x"\ntier = "none"\n' >"$HOME/package/policies/opt/x.toml"
	"$ENVSEAL" policy check "$HOME/package/policies/opt/x.toml"
	cp "$HOME/package/policies/opt/x.toml" "$HOME/package/policies/opt/y.toml"
	finds "command: the file's path" "$HOME/package/policies/opt/y.toml"
	finds 'No such file' "$HOME/package/none.toml"
}

@test "the policies that are shipped have no mistakes" {
	cd "${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}"
	find policies -name '*.toml' | grep -q .
	find policies -name '*.toml' -exec "$ENVSEAL" policy check {} +
}

# -- layers

@test "the first layer wins, an empty file or a link to /dev/null masks" {
	new
	mkdir -p "$HOME/admin/policies$HOME/bin"
	sed 's/hardened/none/' "$file" >"$HOME/admin/policies$tool.toml"
	export ENVSEAL_LAYERS=$HOME/admin:$layer
	run -0 "$ENVSEAL" policy show "$tool"
	[[ $output == *'tier = "none"'* && $output == *'approved: changed'* ]]
	: >"$HOME/admin/policies$tool.toml"
	refused 1 'masks this command' "$ENVSEAL" policy show "$tool"
	ln -sf /dev/null "$HOME/admin/policies$tool.toml"
	refused 1 'masks this command' "$ENVSEAL" policy show "$tool"
	run -0 "$ENVSEAL" policy list
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[1]} == "$tool "*masked* ]]
	run -0 "$ENVSEAL" policy check
	run -0 "$ENVSEAL" policy show "$tool" --layers "$layer"
}

@test "a link can have its own policy, else its target's counts" {
	new
	ln -s tool "$HOME/bin/alias"
	run -0 "$ENVSEAL" policy show "$HOME/bin/alias"
	[[ $output == *"command = \"$tool\""* ]]
	"$ENVSEAL" policy new "$HOME/bin/alias" --tier none 2>/dev/null
	run -0 "$ENVSEAL" policy show "$HOME/bin/alias"
	[[ $output == *"command = \"$HOME/bin/alias\""* ]]
	"$ENVSEAL" policy check
}

# -- list and show

@test "the listing is sorted and aligned, and hashes only when asked" {
	cp "$tool" "$HOME/bin/another"
	new --secret GH_TOKEN=github/token
	"$ENVSEAL" policy new "$HOME/bin/another" --tier lockdown 2>/dev/null
	echo >>"$tool"
	run -0 --separate-stderr "$ENVSEAL" policy list
	[[ ${lines[0]} == 'COMMAND '*'LAYER' ]]
	[[ ${lines[1]} =~ ^"$HOME/bin/another"\ +lockdown\ +pinned\ +yes\ +-\ +-\ +"$layer"$ ]]
	[[ ${lines[2]} =~ ^"$tool"\ +hardened\ +pinned\ +yes\ +GH_TOKEN=github/token\ +env\ +"$layer"$ ]]
	run -0 "$ENVSEAL" policy list --verify
	[[ ${lines[1]} == *' ok '* && ${lines[2]} == *' changed '* ]]
	run -0 "$ENVSEAL" policy list --verify --json
	[ "$(jq -r '.[1].pin' <<<"$output")" = changed ]
}

@test "with a locked vault approvals are unknown, and nobody is asked" {
	new
	rm "$XDG_DATA_HOME/envseal/slots/host.key"
	run -0 "$ENVSEAL" policy list --json
	[ "$(jq -r '.[0].approved' <<<"$output")" = '?' ]
	run -0 --separate-stderr "$ENVSEAL" policy check
	[[ $stderr == *'the vault is locked: approvals were not checked'* ]]
}

@test "an empty listing says how to begin, a broken policy fails it" {
	run -0 --separate-stderr "$ENVSEAL" policy list
	[[ -z $output && $stderr == *'policy new'* ]]
	run -0 --separate-stderr "$ENVSEAL" policy list --json
	[ "$output" = '[]' ]
	new
	echo '=' >>"$file"
	refused 1 "$file:" "$ENVSEAL" policy list
}

@test "show has the text, where it is, and what it is worth" {
	new --secret GH_TOKEN=github/token
	run -0 --separate-stderr "$ENVSEAL" policy show "$tool"
	[[ ${lines[0]} == "# file: $file" && ${lines[1]} == '# pin: ok' && ${lines[2]} == '# approved: yes' ]]
	"$ENVSEAL" policy show "$tool" | tail -n +4 | cmp - "$file"
	run -0 "$ENVSEAL" policy show "$tool" --json
	[ "$(jq -r .file <<<"$output")" = "$file" ]
	jq -j .text <<<"$output" | cmp - "$file"
	refused 1 'no policy for' "$ENVSEAL" policy show cat
	refused 2 'one command' "$ENVSEAL" policy show
}

# -- pin and approve

@test "pin accepts an update, in place of the last pin" {
	new
	echo update >>"$tool"
	finds 'is not what was pinned'
	run -0 --separate-stderr "$ENVSEAL" policy pin "$tool"
	[ -z "$output" ]
	"$ENVSEAL" policy check
	[ "$(grep -v '^#' "$layer/pins$tool")" = "blake2b-256:$(b2sum -l 256 "$tool" | cut -d' ' -f1)" ]
	echo again >>"$tool"
	"$ENVSEAL" policy pin "$tool"
	"$ENVSEAL" policy check
	[ "$(grep -vc '^#' "$layer/pins$tool")" = 1 ]
	run -0 "$ENVSEAL" policy show "$tool"
	[[ $output == *"# pin file: blake2b-256:"* ]]
}

@test "pin does not approve an edit that nobody has read" {
	new
	echo '# edit' >>"$file"
	refused 1 'its pins changed since' "$ENVSEAL" policy pin "$tool"
	[ ! -e "$layer/pins$tool" ]
	finds 'changed since'
	refused 1 'no policy for' "$ENVSEAL" policy pin cat
	refused 2 'a command is needed' "$ENVSEAL" policy pin
}

@test "a changed pin file ends the approval, a broken one is refused" {
	new
	"$ENVSEAL" policy pin "$tool"
	echo '# comment' >>"$layer/pins$tool"
	finds 'changed since'
	approve
	"$ENVSEAL" policy check
	echo 'not a pin' >>"$layer/pins$tool"
	finds "$layer/pins$tool:5: not a pin"
}

@test "approve shows what it grants, and needs a yes" {
	new --secret GH_TOKEN=github/token
	echo '# edit' >>"$file"
	refused 1 'no terminal to ask on; use --yes' "$ENVSEAL" policy approve "$tool" </dev/null
	refused 1 'use --yes' "$ENVSEAL" policy approve --no-input "$tool"
	finds 'changed since'
	run -0 --separate-stderr "$ENVSEAL" policy approve --yes "$tool"
	[ -z "$output" ]
	for shown in "command    $tool" "file       $file" 'tier       hardened' 'GH_TOKEN = "github/token"'; do
		[[ $stderr == *"$shown"* ]]
	done
	"$ENVSEAL" policy check
	refused 2 'a command is needed' "$ENVSEAL" policy approve
}

@test "approve asks on the terminal, and no is no" {
	new
	echo '# edit' >>"$file"
	run -1 on_terminal n -- "$ENVSEAL" policy approve "$tool"
	[[ $output == *'not approved'* ]]
	run -1 on_terminal '' -- "$ENVSEAL" policy approve "$tool"
	finds 'changed since'
	run -0 on_terminal y -- "$ENVSEAL" policy approve "$tool"
	"$ENVSEAL" policy check
}

@test "approvals of another vault, command or profile do not count" {
	new
	new --profile work
	cp "$approvals$tool" "$approvals$tool@work"
	cp "$tool" "$HOME/bin/other"
	mkdir -p "$layer/policies$HOME/bin"
	sed "s|$tool|$HOME/bin/other|" "$file" >"$layer/policies$HOME/bin/other.toml"
	cp "$approvals$tool" "$approvals$HOME/bin/other"
	run -1 --separate-stderr "$ENVSEAL" policy check
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} == *other.toml*'changed since'* && ${lines[1]} == *tool@work.toml*'changed since'* ]]
}

@test "every verb explains itself" {
	for verb in new check list show pin approve; do
		run -0 --separate-stderr "$ENVSEAL" policy "$verb" --help
		[[ $output == "usage: envseal policy $verb"* && -z $stderr ]]
	done
}
