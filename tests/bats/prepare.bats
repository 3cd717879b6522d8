#!/usr/bin/env bats
# quickstart and tests/run where AppArmor restricts user namespaces, with stand-ins for the switch
# in /proc, apparmor_parser and sudo. Only a kernel with AppArmor can test the profile itself.
# shellcheck disable=SC2016 # the stand-ins' own variables

load common

setup() {
	common_setup
	top=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
	mkdir "$HOME/bin"
	printf '#!/bin/sh\necho "$1" >>"$HOME/calls"; cp "$2" "$HOME/profile$1"\n' >"$HOME/bin/apparmor_parser"
	printf '#!/bin/sh\nexec "$@"\n' >"$HOME/bin/sudo"
	chmod 755 "$HOME/bin/apparmor_parser" "$HOME/bin/sudo"
	PATH=$HOME/bin:$PATH
	export ENVSEAL_APPARMOR_SWITCH=$HOME/switch
	script='source_dir=$0; . "$0/contrib/prepare.bash"; allow_user_namespaces /built/prefix; forbid_user_namespaces'
}

@test "a profile for the built programs is loaded, said, and removed" {
	echo 1 >"$HOME/switch"
	run -0 bash -euc "$script" "$top"
	[[ $output == *"AppArmor"*"/built/prefix"* ]]
	[ "$(cat "$HOME/calls")" = $'-r\n-R' ]
	cmp "$HOME/profile-r" "$HOME/profile-R"
	grep -q '^  userns,' "$HOME/profile-r"
	grep -qF '/built/prefix/{bin/envseal,bin/envseal-exec,libexec/envseal/envseal-sandbox-helper}' "$HOME/profile-r"
}

@test "nothing is loaded where nothing is restricted" {
	echo 0 >"$HOME/switch"
	run -0 bash -euc "$script" "$top"
	[ -z "$output" ]
	rm "$HOME/switch"
	run -0 bash -euc "$script" "$top"
	[ ! -e "$HOME/calls" ]
}

@test "a profile that cannot be loaded ends it, and is not removed" {
	echo 1 >"$HOME/switch"
	printf '#!/bin/sh\necho "$1" >>"$HOME/calls"; exit 1\n' >"$HOME/bin/apparmor_parser"
	run -1 bash -euc "$script" "$top"
	[[ $output == *"cannot load the AppArmor profile"* ]]
	[ "$(cat "$HOME/calls")" = -r ]
}
