# For the files that test envseal-exec: a vault with secrets, and commands that may have them.
# shellcheck shell=bash

if [ -n "${ENVSEAL_PREFIX:-}" ]; then
	export ENVSEAL_EXEC=$ENVSEAL_PREFIX/bin/envseal-exec
else
	export ENVSEAL_EXEC=${ENVSEAL_BUILD:-$BATS_TEST_DIRNAME/../../build}/envseal-exec
fi

bash=$(realpath /bin/bash)

# A vault whose secret first/one is $secret, and a working directory that every tier has.
running_setup() {
	common_setup
	secret=s3cr3t-$RANDOM$RANDOM
	"$ENVSEAL" init --key-file 2>/dev/null
	seal first/one "$secret"
	cd / || return 1
}

# seal NAME VALUE
seal() {
	printf %s "$2" | "$ENVSEAL" store --force "$1" 2>/dev/null
}

# allow COMMAND TIER [OPTION...]: a pinned, approved policy; with ONE=first/one. Without masking: what a program was
# given is looked at in what it says (masking.bats has its own policies).
allow() {
	local command=$1 tier=$2 unmasked='output.mask = "never"' file
	shift 2
	set -- --secret ONE=first/one "$@"
	[ "$tier" != none ] || unmasked=
	file=$(policy_file "$command")
	if plain_program "$command" && [[ $* != *--[!s]* ]]; then
		mkdir -p "${file%/*}"
		policy_text "$command" "$tier" "$unmasked" "$@" >"$file"
	else
		"$ENVSEAL" policy new "$command" --force --tier "$tier" "$@" 2>/dev/null
		[ -n "$unmasked" ] || return 0
		sed -i "s/^tier = .*/&\n$unmasked/" "$file"
	fi
	"$ENVSEAL" policy approve --yes "$command" 2>/dev/null
}

policy_file() {
	printf '%s/envseal/policies%s.toml\n' "$XDG_CONFIG_HOME" "$1"
}

# extend COMMAND TEXT: adds to its policy and approves that.
extend() {
	printf '%s\n' "$2" >>"$(policy_file "$1")"
	"$ENVSEAL" policy approve --yes "$1" 2>/dev/null
}

# set_key COMMAND TABLE LINE: puts a line below a [table] of its policy, and approves that.
set_key() {
	sed -i "s|^\[$2\]\$|&\n$3|" "$(policy_file "$1")"
	"$ENVSEAL" policy approve --yes "$1" 2>/dev/null
}

# A command of the user's own: a copy of bash, which others could change.
own_command() {
	cp "$bash" "$HOME/tool"
	printf '%s\n' "$HOME/tool"
}

# inside TIER SCRIPT: what bash says in that tier.
inside() {
	allow "$bash" "$1"
	run -0 --separate-stderr "$ENVSEAL_EXEC" bash -c "$2"
}
