#!/usr/bin/env bats
# `envseal explain`: the whole chain of a run without running it. refusals.bats and system.bash's
# `agree` compare it with envseal-exec.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # the program inside expands; bats and system.bash assign

load common
load running
load system

setup() {
	running_setup
	tool=$(own_command)
}

# explained FILTER WORD...: what jq finds in the JSON.
explained() {
	local filter=$1
	shift
	"$ENVSEAL" explain --json "$@" | jq -r "$filter"
}

# says TEXT WORD...: explain, for people, has that in one line.
says() {
	local text=$1
	shift
	"$ENVSEAL" explain "$@" >"$BATS_TEST_TMPDIR/said" || true
	grep -qF -- "$text" "$BATS_TEST_TMPDIR/said" || {
		printf 'no "%s" in:\n' "$text"
		cat "$BATS_TEST_TMPDIR/said"
		return 1
	}
}

@test "what would run: status 0, and nothing was run" {
	allow "$tool" none
	run -0 --separate-stderr "$ENVSEAL" explain "$tool" -c "touch $HOME/ran"
	[ -z "$stderr" ]
	[ "${lines[-1]}" = "verdict     would run" ]
	[ ! -e "$HOME/ran" ]
	[[ $output != *"$secret"* ]]
	run -0 "$ENVSEAL" explain --json "$tool"
	[[ $output != *"$secret"* ]]
	jq -e '.would_run and .status == null and .why == null' <<<"$output"
	jq -e '[.stages[] | select(.state != "passed")] == []' <<<"$output"
	"$ENVSEAL_EXEC" "$tool" -c "touch $HOME/ran"
	[ -e "$HOME/ran" ]
}

@test "what would be refused: status 1, and all the rest is looked at too" {
	allow "$tool" none
	echo >>"$tool"
	"$ENVSEAL" remove first/one
	echo '# edited' >>"$(policy_file "$tool")"
	run -1 --separate-stderr "$ENVSEAL" explain --json "$tool"
	[ -z "$stderr" ]
	jq -e '.status == 125 and (.why | contains("changed since"))' <<<"$output"
	[ "$(jq -r '[.stages[] | select(.state == "refused") | .stage] | join(" ")' <<<"$output")" = "approval pin secrets" ]
	jq -e '.use.usable == false and .pin.accepted == false and .secrets.rows[0].secrets[0].state == "absent"' <<<"$output"
}

@test "the look-up: shims, what is not executable, links" {
	mkdir "$HOME/a" "$HOME/b"
	echo >"$HOME/a/gh"
	cp "$bash" "$HOME/b/gh-2"
	ln -s gh-2 "$HOME/b/gh"
	"$ENVSEAL" shim gh 2>/dev/null
	export PATH=$HOME/.local/bin:$HOME/a:$HOME/b:$PATH
	allow "$HOME/b/gh-2" none
	[ "$(explained '[.command.passed_over[].is] | join(" ")' gh)" = "a shim not executable" ]
	[ "$(explained .command.path gh)" = "$HOME/b/gh" ]
	[ "$(explained .command.name gh)" = "$HOME/b/gh" ]
	[ "$(explained .command.real gh)" = "$HOME/b/gh-2" ]
	[ "$(explained .policy.file gh)" = "$(policy_file "$HOME/b/gh-2")" ]
	says "is a shim and is skipped" gh
	# policy new looks for the same.
	"$ENVSEAL" policy new gh --tier none 2>/dev/null
	[ "$(explained .policy.file gh)" = "$(policy_file "$HOME/b/gh")" ]
}

@test "layers: which has it, which is shadowed, which masks it" {
	mkdir -p "$HOME/first/policies$HOME" "$HOME/second/policies$HOME"
	export ENVSEAL_LAYERS=$HOME/first:$HOME/second:$HOME/third
	printf 'version = 1\ncommand = "%s"\ntier = "none"\n' "$tool" >"$HOME/second/policies$tool.toml"
	[ "$(explained '[.layers.asked[].state] | join(" ")' "$tool")" = "nothing found nothing" ]
	cp "$HOME/second/policies$tool.toml" "$HOME/first/policies$tool.toml"
	[ "$(explained '[.layers.asked[].state] | join(" ")' "$tool")" = "found shadowed nothing" ]
	says "shadowed: '$HOME/second/policies$tool.toml'" "$tool"
	: >"$HOME/first/policies$tool.toml"
	[ "$(explained '[.layers.asked[].state] | join(" ")' "$tool")" = "refused shadowed nothing" ]
	says "masks this command" "$tool"
}

@test "profiles, and options that belong to the command" {
	allow "$tool" none
	"$ENVSEAL" policy new "$tool" --profile prod --tier lockdown 2>/dev/null
	[ "$(explained .tier.tier "$tool" --profile prod --json)" = none ]
	[ "$(explained .tier.tier --profile prod -- "$tool")" = lockdown ]
	run -1 "$ENVSEAL" explain --profile test "$tool"
	[[ ${lines[-1]} == *"in that profile"* ]]
	run -1 "$ENVSEAL" explain --profile ../x "$tool"
	[[ ${lines[-1]} == *"a profile is named"* ]]
	run -2 "$ENVSEAL" explain
	run -2 "$ENVSEAL" explain --nonsense "$tool"
}

@test "the environment: what passes, what is set, what is left out and why" {
	allow "$tool" none
	set_key "$tool" environment 'inherit = ["LANG", "LD_*", "GH_*", "ONE"]'
	extend "$tool" '[environment.set]
COLOUR = "blue"'
	LANG=C.UTF-8 COLOUR=green LD_LIBRARY_PATH=/x GH_TOKEN=zebra OTHER=zebra ONE=zebra \
		run -0 "$ENVSEAL" explain --json "$tool"
	[[ $output != *zebra* ]]
	why() { jq -r --arg name "$1" '.environment.left_out[] | select(.name == $name) | .why' <<<"$output"; }
	[ "$(jq -c .environment.passed <<<"$output")" = '["LANG"]' ]
	[ "$(jq -c .environment.set <<<"$output")" = '["PATH","ENVSEAL_PADDING","COLOUR"]' ]
	[[ $(why LD_LIBRARY_PATH) == *"dynamic loader"* ]]
	[ -n "$(why GH_TOKEN)" ]
	[ "$(why OTHER)" = "environment.inherit does not name it" ]
	[ "$(why COLOUR)" = "because the policy sets it" ]
	[ "$(why ONE)" = "because the policy sets it" ]
	# And so it is.
	LANG=C.UTF-8 COLOUR=green LD_LIBRARY_PATH=/x GH_TOKEN=zebra OTHER=zebra ONE=zebra \
		run -0 "$ENVSEAL_EXEC" "$tool" -c '/usr/bin/env'
	[ "$(cut -d= -f1 <<<"$output" | grep -vE '^(_|PWD|SHLVL|OLDPWD)$' | sort | tr '\n' ' ')" = "COLOUR ENVSEAL_PADDING LANG ONE PATH " ]
}

@test "arguments: which position is refused, and what is put in front" {
	allow "$tool" none
	extend "$tool" '[arguments]
prepend = ["--norc"]
allow = [["-c", "echo *"]]'
	run -0 "$ENVSEAL" explain "$tool" -c 'echo RAN'
	[[ $output == *"arguments   allowed by the policy's rules"*"prepended: --norc"* ]]
	run -125 "$ENVSEAL_EXEC" "$tool" -c zebra
	said=${output#envseal-exec: }
	run -1 "$ENVSEAL" explain "$tool" -c zebra
	[[ $output == *"does not allow argument 2"* && $output != *zebra* ]]
	[ "${lines[-1]}" = "verdict     would be refused with exit status 125: $said" ]
	[ "$(explained '.arguments.allowed' "$tool" -c zebra)" = false ]
}

@test "secrets: how each is delivered, templates, whose are whose, what has expired" {
	allow "$tool" none
	seal "user/$(id -u)" abcdef
	seal third/three abcdef
	extend "$tool" '[secrets.FILE]
secret = "user/%U"
deliver = "file"
[secrets.URL]
template = "x://${first/one}:${third/three}@h"
[secrets.MAYBE]
secret = "no/such"
required = false'
	run -0 "$ENVSEAL" explain --json "$tool"
	row() { jq -c --arg name "$1" '.secrets.rows[] | select(.variable == $name) | [.deliver, .template, .required, [.secrets[] | .secret, .state]]' <<<"$output"; }
	[ "$(row FILE)" = "[\"file\",false,true,[\"user/$(id -u)\",\"present\"]]" ]
	[ "$(row URL)" = '["env",true,true,["first/one","present","third/three","present"]]' ]
	[ "$(row MAYBE)" = '["env",false,false,["no/such","absent"]]' ]
	printf abcdef | "$ENVSEAL" store --force --expires 1s third/three 2>/dev/null
	sleep 1.1
	run -125 "$ENVSEAL_EXEC" "$tool" -c :
	said=${output#envseal-exec: }
	run -1 "$ENVSEAL" explain "$tool" -c :
	[[ $output == *"'third/three', in the vault, but expired"* ]]
	[ "${lines[-1]}" = "verdict     would be refused with exit status 125: $said" ]
}

@test "a working directory that is not there inside" {
	cd "$HOME" || return 1
	for tier in none hardened lockdown; do
		allow "$tool" "$tier"
		run --separate-stderr "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
		ran=$status said=${stderr#envseal-exec: }
		run "$ENVSEAL" explain "$tool" -c 'echo RAN'
		case $ran in
		0) [ "${lines[-1]}" = "verdict     would run" ] ;;
		*) [ "${lines[-1]}" = "verdict     would be refused with exit status $ran: $said" ] ;;
		esac
	done
	set_key "$tool" filesystem 'directory = "/"'
	run -0 "$ENVSEAL" explain "$tool"
	run -0 "$ENVSEAL_EXEC" "$tool" -c 'echo RAN'
}

@test "masking, in words" {
	"$ENVSEAL" policy new "$tool" --tier hardened --secret ONE=first/one 2>/dev/null
	[ "$(explained .output.mask "$tool")" = always ]
	allow "$tool" none
	[ "$(explained .output.mask "$tool")" = never ]
}

@test "a script: its header, its interpreter, what it is told to read" {
	printf '#!/usr/bin/env -S python3 -I\n' >"$HOME/report"
	chmod +x "$HOME/report"
	allow "$HOME/report" none
	[ "$(explained .script.interpreter_from "$HOME/report")" = script.interpreter ]
	sed -i '/^\[script/,$d' "$(policy_file "$HOME/report")"
	"$ENVSEAL" policy approve --yes "$HOME/report" 2>/dev/null
	run -0 "$ENVSEAL" explain --json "$HOME/report"
	jq -e '.script.is_script and .script.interpreter_trusted and .script.options == ["-I"]' <<<"$output"
	[ "$(jq -r .script.interpreter <<<"$output")" = "$(realpath /usr/bin/python3)" ]
	[ "$(jq -r .script.interpreter_from <<<"$output")" = "the script's header" ]
	[[ $(jq -r .script.reads <<<"$output") == /proc/self/fd/* ]]
	jq -e '.environment.set | index("ENVSEAL_SCRIPT")' <<<"$output"
}

@test "tiers, network and programs, in words" {
	allow "$tool" lockdown
	says "all files are read-only" "$tool"
	says "none but its own loopback" "$tool"
	[ "$(explained '.tier.namespaces | join(" ")' "$tool")" = "user pid ipc mount net" ]
	extend "$tool" '[process]
exec = ["/usr/bin/true"]
seccomp = "network"'
	[ "$(explained '.tier.exec | join(" ")' "$tool")" = /usr/bin/true ]
	[ "$(explained .tier.calls "$tool")" = network ]
	allow "$tool" none
	[ "$(explained '.tier.namespaces | length' "$tool")" = 0 ]
	says "the host's; it may not accept connections, may open Unix sockets" "$tool"
}

@test "limits, and who would hold them" {
	allow "$tool" none
	[ "$(explained '.limits.by' "$tool")" = none ]
	says "limits      none" "$tool"
	extend "$tool" '[limits]
memory = "1G"
processes = 500
timeout = "30s"'
	run "$ENVSEAL" explain --json "$tool"
	foreseen=$status by=$(jq -r .limits.by <<<"$output") why=$(jq -r .why <<<"$output")
	jq -e '.limits.memory == 1073741824 and .limits.timeout == 30000 and .limits.cpu_time == null' <<<"$output"
	run --separate-stderr "$ENVSEAL_EXEC" --status-fd 3 "$tool" -c : 3>"$HOME/record"
	# Root has no limit on processes without a cgroup; then both say so.
	if [ "$status" -eq 0 ]; then
		[ "$foreseen" -eq 0 ]
		[ "$by" = "$(jq -r 'select(.limits_by) | .limits_by' "$HOME/record" | tail -n 1)" ]
	else
		[ "$foreseen" -eq 1 ]
		[ "$why" = "${stderr#envseal-exec: }" ]
	fi
}

@test "a locked vault is said, and nobody is asked" {
	allow "$tool" none
	rm -r "$XDG_DATA_HOME/envseal"
	on_terminal 'a long passphrase' 'a long passphrase' -- "$ENVSEAL" init --passphrase
	seal first/one "$secret"
	on_terminal 'a long passphrase' -- "$ENVSEAL" policy approve --yes "$tool"
	run -0 on_terminal -- "$ENVSEAL" explain "$tool"
	[[ $output == *"locked; a run would ask for its passphrase"* ]]
	[[ $output == *"would run, once the vault's passphrase is given, if the policy is approved"* ]]
	[[ $output == *"ONE: 'first/one', in the vault; as its value"* ]]
	run -125 "$ENVSEAL_EXEC" --no-input "$tool" -c :
	said=${output#envseal-exec: }
	run -1 "$ENVSEAL" explain --no-input "$tool" -c :
	[ "${lines[-1]}" = "verdict     would be refused with exit status 125: $said" ]
	unset DISPLAY WAYLAND_DISPLAY
	run -1 setsid --wait "$ENVSEAL" explain "$tool" -c :
	[[ ${lines[-1]} == *"no terminal to ask on"* ]]
	# Whoever gives it has the approval looked at.
	printf 'a long passphrase' >"$HOME/passphrase"
	run -0 "$ENVSEAL" explain --passphrase-fd 4 "$tool" -c : 4<"$HOME/passphrase"
	[ "${lines[-1]}" = "verdict     would run" ]
	# One secret that is not there is known all the same.
	"$ENVSEAL" remove first/one
	run -1 on_terminal -- "$ENVSEAL" explain "$tool"
	[[ $output == *"ONE: 'first/one', not in the vault"* ]]
}

@test "names that could drive a terminal do not" {
	name=$HOME/$'bell\a\e]0;x'
	cp "$bash" "$name"
	run -1 "$ENVSEAL" explain "$name"
	[[ $output != *$'\e'* && $output != *$'\a'* ]]
	run -1 "$ENVSEAL" explain --json "$HOME"/$'latin\xe9'
	jq -e . <<<"$output" >/dev/null
}

# agree STATUS PATTERN WORD...: as the caller in system mode, envseal-exec and explain say the same.
agree() {
	local wanted=$1 pattern=$2 said
	shift 2
	run "-$wanted" --separate-stderr as_caller "$ENVSEAL_EXEC" "$@"
	said=${stderr#envseal-exec: }
	grep -qE -- "$pattern" <<<"$said$output"
	if [ "$wanted" -eq 0 ]; then
		run -0 as_caller "$ENVSEAL" explain "$@"
		[ "${lines[-1]}" = "verdict     would run" ]
	else
		run -1 as_caller "$ENVSEAL" explain "$@"
		[ "${lines[-1]}" = "verdict     would be refused with exit status $wanted: $said" ] || {
			printf 'explain:      %s\nenvseal-exec: %s\n' "${lines[-1]}" "$said"
			return 1
		}
	fi
}

# bats test_tags=root
@test "system mode: as an ordinary user, with what that one may not see" {
	need_root "it makes a system installation"
	system_ready
	callers_home
	cd / || return 1
	system_policy "$bash" none
	agree 0 RAN bash -c 'echo RAN'
	[[ $output == *"mode        system: envseal-exec is installed set-gid and with capabilities"* ]]
	[[ $output == *"only envseal-exec and root may look into it"* ]]
	[[ $output == *"ONE: 'one', cannot be examined"* ]]
	[[ $output == *"it may be used by: all; by uid $CALLER_UID: yes"* ]]
	system_policy "$bash" lockdown
	agree 0 RAN bash -c 'echo RAN'
	in_system "$ENVSEAL" policy allow "$bash" --none 2>/dev/null
	agree 125 'may not use the policy' bash -c 'echo RAN'
	[[ $output == *"by uid $CALLER_UID: no"* ]]
	agree 125 'no policy' /usr/bin/true
	[[ $output == *"mode        user: the system's layers have no such policy"* ]]
	agree 127 'not in any directory' no-such-command
	# Root may, and sees the vault.
	run -0 in_system "$ENVSEAL" explain bash
	[[ $output == *"opened without asking"* && $output == *"ONE: 'one', in the vault"* ]]
	in_system "$ENVSEAL" remove one
	run -1 in_system "$ENVSEAL" explain bash
	[[ ${lines[-1]} == *"no secret of that name"* ]]
	chmod 666 "$SYSTEM/etc/envseal/policies$bash.toml"
	agree 125 'writable by others' bash -c 'echo RAN'
}

# bats test_tags=root
@test "system mode: installations, and what keeps the kernel from granting anything" {
	need_root "it makes a system installation"
	system_ready
	callers_home
	cd / || return 1
	system_policy "$bash" lockdown
	system_install set-id
	agree 125 'needs namespaces' bash -c 'echo RAN'
	[[ $output == *"set-uid and set-gid, without capabilities"* ]]
	system_policy "$bash" none
	agree 0 RAN bash -c 'echo RAN'
	system_install setuid-root
	agree 0 RAN bash -c 'echo RAN'
	system_install plain
	agree 125 'no vault' bash -c 'echo RAN'
	[[ $output == *"mode        user: envseal-exec is installed without any privilege"* ]]
	system_install full
	as_caller_without() { in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups --no-new-privs -- "$@"; }
	run -125 as_caller_without "$ENVSEAL_EXEC" bash -c :
	local said=${output#envseal-exec: }
	run -1 as_caller_without "$ENVSEAL" explain bash -c :
	[ "${lines[-1]}" = "verdict     would be refused with exit status 125: $said" ]
	[[ $output == *"mode        user: no_new_privs is in force"* ]]
	setcap -r "$SYSTEM/bin/envseal-exec"
	agree 125 'do not fit together' bash -c 'echo RAN'
	system_install full
	sed -i "s/^run_gid.*/run_gid = 12345/" "$SYSTEM/etc/envseal/system.toml"
	agree 125 'make them the same' bash -c 'echo RAN'
	rm "$SYSTEM/etc/envseal/system.toml"
	agree 125 'no.*system.toml' bash -c 'echo RAN'
}
