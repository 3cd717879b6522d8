#!/usr/bin/env bats
# Maintaining policies: edit, mask, remove, diff, pin of many, who, report.
# shellcheck disable=SC2016,SC2154 # what the editor runs expands there; bats sets stderr

load common
load policies

setup() {
	policies_setup
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir "$TMPDIR"
	unset VISUAL EDITOR
}

# editor SCRIPT: $EDITOR runs that; $1 is the file.
editor() {
	printf '#!/bin/bash\n%s\n' "$1" >"$HOME/editor"
	chmod +x "$HOME/editor"
	export EDITOR=$HOME/editor
}

# vendor_layer TIER: below the user's own.
vendor_layer() {
	mkdir -p "$HOME/vendor/policies$HOME/bin"
	sed "s/^tier = .*/tier = \"$1\"/" "$file" >"$HOME/vendor/policies$tool.toml"
	export ENVSEAL_LAYERS=$layer:$HOME/vendor
}

# -- edit

@test "an edit is checked, shown, saved and approved in one step" {
	new --secret GH_TOKEN=github/token
	# shellcheck disable=SC2016 # the editor's
	editor '[[ $(stat -c %a "$1" "${1%/*}") == $'"'600\\n700'"' ]] && sed -i "s/^tier = .*/tier = \"lockdown\"/" "$1"'
	run -0 on_terminal s -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *'tier       lockdown'*"wrote '$file', approved"* ]]
	grep -q '^tier = "lockdown"$' "$file"
	run -0 "$ENVSEAL" policy check "$tool"
	[ -z "$(ls -A "$TMPDIR")" ]
}

@test "what is not a policy never takes its place; edited again it may" {
	new
	cp "$file" "$HOME/before"
	editor 'n=$(cat "$HOME/n" 2>/dev/null || echo 0); echo $((n + 1)) >"$HOME/n"
		if [ "$n" = 0 ]; then echo "colour = 1" >>"$1"; else sed -i "/^colour/d; s/^tier = .*/tier = \"none\"/" "$1"; fi'
	run -0 on_terminal q -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *'network.colour: unknown key'*'nothing was changed'* ]]
	cmp "$file" "$HOME/before"
	rm "$HOME/n"
	run -0 on_terminal e s -- "$ENVSEAL" policy edit "$tool"
	grep -q '^tier = "none"$' "$file"
	[ "$(cat "$HOME/n")" = 2 ]
	"$ENVSEAL" policy check "$tool"
}

@test "an edit ends without a change: unchanged, quit, a failing editor, nobody to ask, another command" {
	new
	cp "$file" "$HOME/before"
	editor true
	run -0 "$ENVSEAL" policy edit "$tool"
	[[ $output == *'nothing was changed'* ]]
	editor 'echo "# edit" >>"$1"'
	run -0 on_terminal q -- "$ENVSEAL" policy edit "$tool"
	run -1 "$ENVSEAL" policy edit --no-input "$tool"
	[[ $output == *"file       $file"* ]]
	[[ $output == *'no terminal to ask on; nothing was changed'* ]]
	editor 'echo "# edit" >>"$1"; exit 3'
	run -1 "$ENVSEAL" policy edit "$tool"
	[[ $output == *'ended with status 3; nothing was changed'* ]]
	run -1 env VISUAL=no-such-editor "$ENVSEAL" policy edit "$tool"
	[ "$output" = 'envseal: there is no such editor; set VISUAL or EDITOR to one' ]
	editor 'sed -i "s|^command = .*|command = \"/usr/bin/id\"|" "$1"'
	run -0 on_terminal q -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *"the file's path names another command"* ]]
	editor ': >"$1"'
	run -0 on_terminal q -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *'an empty file would mask'* ]]
	cmp "$file" "$HOME/before"
	[ -z "$(ls -A "$TMPDIR")" ]
	"$ENVSEAL" policy check
}

@test "what was written meanwhile is not lost" {
	new
	editor "echo '# other' >>'$file'; echo '# mine' >>\"\$1\""
	run -1 on_terminal s -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *'changed meanwhile; nothing was written'* ]]
	[ "$(tail -n 1 "$file")" = '# other' ]
}

@test "a broken policy can be edited, one of another layer becomes the user's own" {
	new
	echo '=' >>"$file"
	editor 'sed -i "/^=/d; \$a # mended" "$1"'
	run -0 on_terminal s -- "$ENVSEAL" policy edit "$tool"
	"$ENVSEAL" policy check "$tool"
	vendor_layer none
	rm "$file"
	run -0 on_terminal s -- "$ENVSEAL" policy edit "$tool"
	[[ $output == *"belongs to another layer"* ]]
	grep -q '^tier = "none"$' "$file"
	run -1 "$ENVSEAL" policy edit cat
	[[ $output == *'no policy for'* ]]
}

# -- mask and remove

@test "a mask ends the search, and remove ends the mask" {
	new
	vendor_layer none
	run -1 "$ENVSEAL" policy mask "$tool"
	[[ $output == *'exists; --force replaces it'* ]]
	"$ENVSEAL" policy mask --force "$tool"
	[ -e "$file" ] && [ ! -s "$file" ]
	run -1 "$ENVSEAL" policy show "$tool"
	[[ $output == *'masks this command'* ]]
	run -0 "$ENVSEAL" policy remove "$tool"
	[[ $output == *"'$HOME/vendor/policies$tool.toml' counts now"* ]]
	"$ENVSEAL" policy mask "$tool"
	run -0 --separate-stderr "$ENVSEAL" policy check
	[[ $output == *"$file: the command is refused"*'[note: masked]'* && $output == *'[note: shadowed]'* ]]
	run -2 "$ENVSEAL" policy mask
}

@test "remove takes pin and approval along, the pin with the last profile" {
	new
	new --profile work
	"$ENVSEAL" policy pin "$tool"
	[ -e "$layer/pins$tool" ] && [ -e "$approvals$tool" ] && [ -e "$approvals$tool@work" ]
	run -0 "$ENVSEAL" policy remove "$tool"
	[ ! -e "$file" ] && [ ! -e "$approvals$tool" ] && [ -e "$layer/pins$tool" ]
	"$ENVSEAL" policy check
	run -0 "$ENVSEAL" policy remove "$tool" --profile work
	[ ! -e "$layer/pins$tool" ] && [ ! -e "$approvals$tool@work" ]
	run -1 "$ENVSEAL" policy remove "$tool"
	[[ $output == *"no policy for '$tool' in '$layer'"* ]]
	# An approval that came back would be for nothing: the next policy is not approved by it.
	run -1 "$ENVSEAL" policy remove "$tool" --profile ../x
	[[ $output == *'a profile is named with'* ]]
}

@test "remove works when the command is gone, and leaves other layers alone" {
	new
	vendor_layer none
	rm "$tool"
	"$ENVSEAL" policy remove "$tool"
	[ ! -e "$file" ]
	run -1 "$ENVSEAL" policy remove "$tool"
	[[ $output == *'belongs to another layer'*'envseal policy mask'* ]]
	[ -e "$HOME/vendor/policies$tool.toml" ]
}

# -- diff

@test "diff: the layer below, what is pinned and what is installed" {
	new
	run -0 --separate-stderr "$ENVSEAL" policy diff "$tool"
	[[ $stderr == *'no layer below'* && $output == *'state      ok' ]]
	vendor_layer none
	run -1 "$ENVSEAL" policy diff "$tool"
	[[ $output == *"--- $HOME/vendor/policies$tool.toml"*"+++ $file"* ]]
	[[ $output == *'-tier = "none"'*'+tier = "hardened"'* ]]
	[ "$("$ENVSEAL" policy diff --json "$tool" | jq -r '"\(.same) \(.pin) \(.below)"')" = \
		"false ok $HOME/vendor/policies$tool.toml" ]
	cp "$file" "$HOME/vendor/policies$tool.toml"
	run -0 "$ENVSEAL" policy diff "$tool"
	echo >>"$tool"
	run -1 "$ENVSEAL" policy diff "$tool"
	[[ $output == *"installed  blake2b-256:$(b2sum -l 256 "$tool" | cut -d' ' -f1)"*'state      changed' ]]
}

# -- pin of many

@test "pin --changed pins what changed and was approved, and nothing else" {
	cp "$tool" "$HOME/bin/other"
	cp "$tool" "$HOME/bin/third"
	new
	"$ENVSEAL" policy new "$HOME/bin/other" 2>/dev/null
	"$ENVSEAL" policy new "$HOME/bin/third" 2>/dev/null
	echo >>"$tool"
	echo >>"$HOME/bin/third"
	echo '# edit' >>"$layer/policies$HOME/bin/third.toml"
	run -1 "$ENVSEAL" policy pin --changed
	[[ $output == *"pinned '$tool'"*'1 command pinned'* && $output == *'third.toml'*'its pins changed since'* ]]
	[ -e "$layer/pins$tool" ] && [ ! -e "$layer/pins$HOME/bin/other" ] && [ ! -e "$layer/pins$HOME/bin/third" ]
	run -2 "$ENVSEAL" policy pin --changed "$tool"
}

@test "a pin leaves the approvals of other profiles standing, and approves none" {
	new
	new --profile work
	new --profile home
	echo '# edit' >>"$layer/policies$tool@home.toml"
	echo >>"$tool"
	"$ENVSEAL" policy pin "$tool" 2>/dev/null
	run -0 "$ENVSEAL" policy list --json
	[ "$(jq -c 'map([.profile, .approved])' <<<"$output")" = '[[null,"yes"],["home","changed"],["work","yes"]]' ]
}

@test "pin --package pins the commands of one package" {
	[ -x /usr/bin/dpkg-query ] || skip "no dpkg here"
	for command in /usr/bin/env /usr/bin/bash; do "$ENVSEAL" policy new "$command" 2>/dev/null; done
	run -0 "$ENVSEAL" policy pin --package bash
	[[ $output == *"pinned '/usr/bin/bash'"*'1 command pinned'* ]]
	[ -e "$layer/pins/usr/bin/bash" ] && [ ! -e "$layer/pins/usr/bin/env" ]
	run -0 "$ENVSEAL" policy pin --package bash --changed
	[[ $output == *'0 commands pinned'* ]]
	run -1 "$ENVSEAL" policy pin --package no-such-package
	[[ $output == *"knows that package"* ]]
}

# -- who and report

@test "who names the commands that get a secret" {
	new --secret GH_TOKEN=github/token
	"$ENVSEAL" policy new "$tool" --profile work --tier lockdown --secret A=github/token --secret B=other 2>/dev/null
	run -0 --separate-stderr "$ENVSEAL" policy who github/token
	[[ ${lines[0]} == 'COMMAND '*'TIER '*'VARIABLE '*'FILE' ]]
	[[ ${lines[1]} =~ ^"$tool"\ +hardened\ +GH_TOKEN\ +env\ +yes\ +"$file"$ ]]
	[[ ${lines[2]} =~ ^"$tool@work"\ +lockdown\ +A\ +env\ +yes\ + ]]
	[ "$("$ENVSEAL" policy who other --json | jq -c 'map([.command, .profile, .variable])')" = "[[\"$tool\",\"work\",\"B\"]]" ]
	run -0 --separate-stderr "$ENVSEAL" policy who no/one
	[[ -z $output && $stderr == *"gives it to a command"*"the vault has no secret of that name"* ]]
	[ "$("$ENVSEAL" policy who no/one --json 2>/dev/null)" = '[]' ]
	# A policy that does not count gives nothing.
	"$ENVSEAL" policy mask --force "$tool" 2>/dev/null
	run -0 --separate-stderr "$ENVSEAL" policy who github/token
	[[ $output != *"$tool "* && $output == *"$tool@work"* ]]
}

@test "the report has weak spots first, then commands, then secrets" {
	printf x | "$ENVSEAL" store un/used 2>/dev/null
	new --tier none --secret GH_TOKEN=github/token
	run -0 "$ENVSEAL" policy report
	[[ $output == 'Weak spots: 0 errors, 1 warning, 0 notes'*'[warning: tier-none]'*Commands*"$tool "*Secrets* ]]
	[[ $output == *"github/token: $tool (none, approved: yes)"*'un/used: no command gets it'* ]]
	run -0 "$ENVSEAL" policy report --json
	[ "$(jq -c '[.findings[0].code, .commands[0].tier, .secrets]' <<<"$output")" = \
		"[\"tier-none\",\"none\",[{\"name\":\"github/token\",\"commands\":[\"$tool\"]},{\"name\":\"un/used\",\"commands\":[]}]]" ]
}

# -- new

@test "new says what the command is, and of which package" {
	[ -x /usr/bin/dpkg-query ] || skip "no dpkg here"
	"$ENVSEAL" policy new /usr/bin/bash 2>/dev/null
	version=$(dpkg-query -W --showformat='${Version}' bash)
	grep -qF "# An ELF program, with libraries that the hash does not cover, from the package bash $version (dpkg)." \
		"$layer/policies/usr/bin/bash.toml"
	grep -q '^# It executes what its arguments say' "$layer/policies/usr/bin/bash.toml"
	new
	grep -q '^# An ELF program.*, from no package that' "$file"
	run -1 grep 'runs whatever' "$file"
	printf '#!/bin/sh\n' >"$tool"
	new --force
	grep -q '^# A script, from no package' "$file"
	printf 'x' >"$tool"
	new --force
	grep -q '^# A program, from no package' "$file"
}

@test "new --from takes a policy that ships: trusted, and says what is still missing" {
	shipped=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}/policies/usr/bin/openssl.toml
	grep -q '^pin = "trusted"' "$shipped"
	run -0 --separate-stderr "$ENVSEAL" policy new /bin/true --from "$shipped"
	[[ $stderr == *", trusted and approved"*"ENC_KEY: the vault has no secret of that name yet"* ]]
	run -1 grep '^hash' "$XDG_CONFIG_HOME/envseal/policies/usr/bin/true.toml"
	diff <(grep -v '^command' "$shipped") <(grep -v '^command\|^# An ELF program' "$XDG_CONFIG_HOME/envseal/policies/usr/bin/true.toml")
	# One that others than root can change is told at once, as the run would.
	run -0 --separate-stderr "$ENVSEAL" policy new "$tool" --from "$shipped"
	[[ $stderr == *"users other than root can change"* ]]
}

@test "new --from keeps a template's text, and makes it the command's own" {
	cat >"$HOME/t.toml" <<-'END'
		# why
		version = 1
		command = "/usr/bin/gh" # the place
		tier = "lockdown"

		[secrets]
		GH_TOKEN = "github/token" # kept
	END
	run -0 --separate-stderr "$ENVSEAL" policy new "$tool" --from "$HOME/t.toml"
	[[ $stderr == *'pinned and approved'* ]]
	grep -qx "command = \"$tool\"" "$file"
	grep -qx 'tier = "lockdown"' "$file"
	grep -qx 'GH_TOKEN = "github/token" # kept' "$file"
	[ "$(head -n 1 "$file")" = '# why' ]
	"$ENVSEAL" policy check
	run -2 "$ENVSEAL" policy new "$tool" --from "$HOME/t.toml" --tier none
	sed "s|^tier.*|&\nhash = [\"$("$ENVSEAL" hash "$tool")\"]|" "$HOME/t.toml" >"$HOME/u.toml"
	run -1 "$ENVSEAL" policy new "$tool" --force --from "$HOME/u.toml"
	[[ $output == *"u.toml:5: a template cannot pin"* ]]
	sed 's|^command.*|command = """\\\n/usr/bin/gh"""|' "$HOME/t.toml" >"$HOME/u.toml"
	run -1 "$ENVSEAL" policy new "$tool" --force --from "$HOME/u.toml"
	: >"$HOME/u.toml"
	run -1 "$ENVSEAL" policy new "$tool" --force --from "$HOME/u.toml"
	mkfifo "$HOME/f.toml"
	run -1 timeout 20 "$ENVSEAL" policy new "$tool" --force --from "$HOME/f.toml"
	"$ENVSEAL" policy check
}
