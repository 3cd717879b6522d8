#!/usr/bin/env bats
# Root sets up and maintains system mode: the vault, its owner and modes, policies,
# envseal-system-setup.
# shellcheck disable=SC2016 # the inner shells'

load common
load system

setup() {
	common_setup
	need_root "system mode is root's to set up"
	system_setup
}

# initialise: a system vault.
initialise() {
	in_system "$ENVSEAL" init --system --service-uid "$SERVICE_UID" --run-gid "$RUN_GID" 2>/dev/null
}

# looks DIRECTORY: type, mode, owner and name of everything below it.
looks() {
	in_system find "$1" -mindepth 1 -printf '%y %m %U %P\n' | sort -k 4
}

# bats test_tags=root
@test "the system vault belongs to the service uid, which only reads it" {
	initialise
	in_system sh -c 'printf %s s3cret | "$0" store db/main/password' "$ENVSEAL"
	run -0 looks "$VAR/vault"
	for file in vault.toml slots/host.key secrets/db/main/password.sealed; do
		grep -qx "f 400 $SERVICE_UID $file" <<<"$output"
	done
	# Nothing else looks otherwise, but for the lock, which only writers take.
	run -1 grep -vE "^(d 500|f 400) $SERVICE_UID |^f 600 0 lock\$" <<<"$output"
	[ "$(in_system stat -c '%a %u' "$VAR" "$VAR/vault" "$ETC" "$ETC/system.toml" "$ETC/vault.pub")" = \
		$'755 0\n500 '"$SERVICE_UID"$'\n755 0\n644 0\n644 0' ]
	# The service uid reads it, and cannot write it; nobody else can do either.
	service=(setpriv --reuid="$SERVICE_UID" --regid="$SERVICE_UID" --clear-groups)
	in_system "${service[@]}" cat "$VAR/vault/slots/host.key" >/dev/null
	run -1 in_system "${service[@]}" touch "$VAR/vault/secrets/planted"
	run -2 in_system "${service[@]}" sh -c "echo >>'$VAR/vault/vault.toml'"
	run -2 as_caller ls "$VAR/vault"
}

# bats test_tags=root
@test "storing again, replacing and removing keep owner and modes" {
	initialise
	for value in one two; do
		in_system sh -c 'echo "$1" | "$0" store --force a/b' "$ENVSEAL" "$value"
	done
	[ "$(in_system stat -c '%a %u' "$VAR/vault/secrets/a/b.sealed")" = "400 $SERVICE_UID" ]
	run -0 in_system "$ENVSEAL" list
	[ "$output" = a/b ]
	in_system "$ENVSEAL" remove a/b
	[ "$(looks "$VAR/vault/secrets")" = "" ]
}

# bats test_tags=root
@test "root means the system's vault and policies, unless told otherwise" {
	# Where nothing is set up, root is a user like any other.
	in_system env HOME="$HOME" "$ENVSEAL" init --key-file 2>/dev/null
	[ -e "$XDG_DATA_HOME/envseal/vault.toml" ]
	initialise
	in_system sh -c 'echo x | "$0" store of/system' "$ENVSEAL" 2>/dev/null
	in_system sh -c 'echo x | "$0" store --user of/root' "$ENVSEAL" 2>/dev/null
	[ "$(in_system "$ENVSEAL" list)" = of/system ]
	[ "$(in_system "$ENVSEAL" list --user)" = of/root ]
	[ "$(in_system "$ENVSEAL" list --vault "$XDG_DATA_HOME/envseal")" = of/root ]
	[ "$(in_system env ENVSEAL_VAULT="$XDG_DATA_HOME/envseal" "$ENVSEAL" list)" = of/root ]
	[ "$(in_system env ENVSEAL_LAYERS="$XDG_CONFIG_HOME/envseal" "$ENVSEAL" list)" = of/root ]
	# An ordinary user has nothing to do with it.
	run -1 as_caller "$ENVSEAL" list
	[[ $output == *"no vault in '$XDG_DATA_HOME"* || $output == *"cannot open the vault '$XDG_DATA_HOME"* ]]
}

# bats test_tags=root
@test "nobody's files but root's and the service's are believed in the system vault" {
	initialise
	in_system chown "$CALLER_UID" "$VAR/vault/vault.toml"
	run -1 in_system "$ENVSEAL" list
	[[ $output == *"belongs to uid $CALLER_UID"* ]]
	in_system chown "$SERVICE_UID" "$VAR/vault/vault.toml"
	in_system "$ENVSEAL" list
	# And root believes no other uid's vault just because system mode is there.
	in_system cp -a "$VAR/vault" "$HOME/copy"
	run -1 in_system "$ENVSEAL" list --vault "$HOME/copy"
	[[ $output == *"belongs to uid $SERVICE_UID"* ]]
}

# bats test_tags=root
@test "a configuration that others can write is refused" {
	initialise
	for path in "$ETC" "$ETC/system.toml"; do
		mode=$(in_system stat -c %a "$path")
		in_system chmod o+w "$path"
		run -1 in_system "$ENVSEAL" list
		[[ $output == *"writable by others"* ]]
		in_system chmod "$mode" "$path"
		in_system "$ENVSEAL" list
	done
	in_system chown "$CALLER_UID" "$ETC/system.toml"
	run -1 in_system "$ENVSEAL" list
	[[ $output == *"belongs to uid $CALLER_UID"* ]]
	in_system chown 0 "$ETC/system.toml"
	# Where the vault's place is somebody else's, so would be what is stored.
	in_system chmod o+w "$VAR"
	run -1 in_system sh -c 'echo x | "$0" store a' "$ENVSEAL"
	[[ $output == *"writable by others"* ]]
}

# bats test_tags=root
@test "system.toml says line and column of what is wrong" {
	initialise
	in_system sh -c 'echo "vault = 1" >>"$0"' "$ETC/system.toml"
	run -1 in_system "$ENVSEAL" list
	[[ $output == *"$ETC/system.toml:4:1: vault: is unknown"* ]]
}

# bats test_tags=root
@test "init wants both ids, numbers, and does not change them" {
	run -1 in_system "$ENVSEAL" init --system
	[[ $output == *"give --service-uid and --run-gid"* ]]
	run -1 in_system "$ENVSEAL" init --system --service-uid 0 --run-gid 5
	[[ $output == *"--service-uid must be a number from 1"* ]]
	run -1 in_system "$ENVSEAL" init --system --service-uid 5 --run-gid nogroup
	[[ $output == *"--run-gid must be a number from 1"* ]]
	run -2 in_system "$ENVSEAL" init --system --passphrase --service-uid 5 --run-gid 5
	run -2 in_system "$ENVSEAL" init --service-uid 5 --run-gid 5 --key-file
	[ ! -e "$SYSTEM/etc/envseal" ]
	initialise
	run -1 in_system "$ENVSEAL" init --system
	[[ $output == *"already contains a vault"* ]]
	run -1 in_system "$ENVSEAL" init --system --service-uid 5
	[[ $output == *"says $SERVICE_UID"* ]]
	run -1 as_caller "$ENVSEAL" init --system --service-uid 5 --run-gid 5
	[[ $output == *"only root"* ]]
}

# bats test_tags=root
@test "a system policy is written for readers, pinned, and needs no approval" {
	initialise
	run -0 in_system sh -c 'umask 077; "$0" policy new /usr/bin/true --secret A=a' "$ENVSEAL"
	[[ $output == *"pinned; allowed: root"* ]]
	in_system sh -c 'umask 077; "$0" policy pin true' "$ENVSEAL"
	[ -z "$(in_system find "$ETC" ! -perm -004)" ]
	[ -z "$(in_system find "$ETC" -perm /022)" ]
	[ ! -e "$SYSTEM/var/lib/envseal/vault/approvals" ]
	# Another user's home is nowhere that this one may look.
	run -0 as_caller env -u XDG_CONFIG_HOME HOME=/nonexistent "$ENVSEAL" policy show true
	[[ $output == *"# pin: ok"* ]]
	run -0 --separate-stderr in_system "$ENVSEAL" policy list --json
	[ "$(jq -r '.[0] | .command + " " + .allowed' <<<"$output")" = "/usr/bin/true root" ]
	run -1 in_system "$ENVSEAL" policy approve true --yes
	[[ $output == *"need no approval"* ]]
	in_system sh -c 'echo x | "$0" store a' "$ENVSEAL"
	run -0 in_system "$ENVSEAL" policy check
	[[ $output == *"0 errors, 0 warnings"* ]]
}

# bats test_tags=root
@test "the copy of the system vault's key is compared when something is stored" {
	initialise
	in_system sed -i "s/^./g/; s/^g/$(head -c 1 "$SYSTEM/etc/envseal/vault.pub" | tr 0-9a-f 1-9a-f0)/" "$ETC/vault.pub"
	run -1 in_system sh -c 'echo x | "$0" store a' "$ENVSEAL"
	[[ $output == *"'$ETC/vault.pub'"* ]]
}

setup_command() {
	in_system "$ENVSEAL_PREFIX/sbin/envseal-system-setup" "$@"
}

numbers=(--service-uid "$SERVICE_UID" --run-gid "$RUN_GID")

# bats test_tags=root
@test "system-setup makes everything, says what, and may be run again" {
	run -0 setup_command "${numbers[@]}"
	[[ $output == *"made directory $ETC"*"made the vault"*"made $ETC/system.toml"*"gave $ENVSEAL_PREFIX/bin/envseal-exec"* ]]
	[ "$(in_system stat -c '%a %u %g' "$ENVSEAL_PREFIX/bin/envseal-exec")" = "2755 0 $RUN_GID" ]
	[[ $(in_system getcap "$ENVSEAL_PREFIX/bin/envseal-exec") == *"cap_setgid,cap_setuid=ep" ]]
	before=$(in_system sha256sum "$ETC/system.toml" "$VAR/vault/vault.toml")
	run -0 setup_command "${numbers[@]}"
	[[ $output == *"the vault $VAR/vault is there"* ]]
	[ "$(in_system sha256sum "$ETC/system.toml" "$VAR/vault/vault.toml")" = "$before" ]
	# Other ids would make the vault unreadable.
	run -1 setup_command --service-uid 77 --run-gid "$RUN_GID"
	[[ $output == *"does not say 'service_uid = 77'"* ]]
	# A new program has no privilege until then.
	in_system sh -c 'cp "$0" "$0.new" && mv "$0.new" "$0"' "$ENVSEAL_PREFIX/bin/envseal-exec"
	setup_command "${numbers[@]}"
	[ "$(in_system stat -c '%a %g' "$ENVSEAL_PREFIX/bin/envseal-exec")" = "2755 $RUN_GID" ]
}

# bats test_tags=root
@test "system-setup without capabilities, and back" {
	setup_command "${numbers[@]}"
	setup_command --light "${numbers[@]}"
	[ "$(in_system stat -c '%a %u %g' "$ENVSEAL_PREFIX/bin/envseal-exec")" = "6755 $SERVICE_UID $RUN_GID" ]
	[ -z "$(in_system getcap "$ENVSEAL_PREFIX/bin/envseal-exec")" ]
	# It is worth the tier none, and no other.
	in_system sh -c 'printf s3cr3t | "$0" store one' "$ENVSEAL"
	in_system "$ENVSEAL" policy new /usr/bin/printenv --tier none --secret ONE=one
	in_system "$ENVSEAL" policy allow printenv --all
	run -0 as_caller "$ENVSEAL_PREFIX/bin/envseal-exec" /usr/bin/printenv ONE
	[ "$output" = s3cr3t ]
	in_system "$ENVSEAL" policy new /usr/bin/printenv --force --tier hardened --secret ONE=one
	run -125 as_caller "$ENVSEAL_PREFIX/bin/envseal-exec" /usr/bin/printenv ONE
	setup_command "${numbers[@]}"
	run -0 as_caller "$ENVSEAL_PREFIX/bin/envseal-exec" /usr/bin/printenv ONE
	[ "$output" = '[envseal:one]' ]
	[ "$(in_system stat -c '%a %u %g' "$ENVSEAL_PREFIX/bin/envseal-exec")" = "2755 0 $RUN_GID" ]
}

# bats test_tags=root
@test "undoing takes the privilege away and keeps the vault, purging does not" {
	setup_command "${numbers[@]}"
	in_system sh -c 'echo x | "$0" store a' "$ENVSEAL"
	run -1 setup_command --purge
	run -0 setup_command --undo
	[[ $output == *"kept the vault"* ]]
	[ "$(in_system stat -c '%a %u %g' "$ENVSEAL_PREFIX/bin/envseal-exec")" = "755 0 0" ]
	[ -z "$(in_system getcap "$ENVSEAL_PREFIX/bin/envseal-exec")" ]
	# And on again, with what was stored.
	setup_command "${numbers[@]}"
	[ "$(in_system "$ENVSEAL" list)" = a ]
	in_system "$ENVSEAL" policy new /usr/bin/true --secret A=a
	run -0 setup_command --undo --purge
	[[ $output == *"deleted the vault"*"kept the policies"* ]]
	run -2 in_system ls "$VAR/vault" "$ETC/system.toml"
	in_system ls "$ETC/policies/usr/bin/true.toml"
	setup_command --undo --purge
}

# bats test_tags=root
@test "system-setup refuses a run group that somebody is in, and half a vault" {
	run -1 setup_command --service-uid "$SERVICE_UID" --run-gid 0
	run -1 setup_command --service-uid "$SERVICE_UID"
	# The group of an account: daemon's, which every system has.
	run -1 setup_command --service-uid "$SERVICE_UID" --run-gid "$(id -g daemon)"
	[[ $output == *"must be nobody's"* ]]
	[ ! -e "$SYSTEM/etc/envseal" ]
	setup_command "${numbers[@]}"
	in_system rm "$ETC/system.toml"
	run -1 setup_command "${numbers[@]}"
	[[ $output == *"not $ETC/system.toml"* ]]
	run -1 as_caller "$ENVSEAL_PREFIX/sbin/envseal-system-setup" "${numbers[@]}"
	[[ $output == *"only root"* ]]
}

# bats test_tags=root
@test "system-setup without setcap changes nothing" {
	mkdir "$HOME/bin"
	for program in sh awk chmod chown cut getent grep id install; do
		ln -s "$(command -v "$program")" "$HOME/bin/$program"
	done
	run -1 in_system env PATH="$HOME/bin" "$ENVSEAL_PREFIX/sbin/envseal-system-setup" "${numbers[@]}"
	[[ $output == *"no setcap"*"nothing was changed"* ]]
	[ ! -e "$SYSTEM/etc/envseal" ] && [ ! -e "$SYSTEM/var/lib/envseal" ]
	# It is setcap that is missing, and nothing else.
	ln -s "$(command -v setcap)" "$(command -v getcap)" "$HOME/bin"
	run -0 in_system env PATH="$HOME/bin" "$ENVSEAL_PREFIX/sbin/envseal-system-setup" "${numbers[@]}"
	[ -e "$SYSTEM/etc/envseal/system.toml" ]
}

# bats test_tags=root
@test "system-setup asks the system for the accounts" {
	# Stand-ins for the account files, so that none is made: sysusers(8) "makes" both.
	mkdir "$HOME/bin"
	cat >"$HOME/bin/getent" <<-GETENT
		#!/bin/sh
		case \$1:\$2 in
		passwd:envseal) [ -e "$HOME/made" ] && echo "envseal:x:$SERVICE_UID:$SERVICE_UID::/:/sbin/nologin" || exit 2 ;;
		group:envseal-run | group:$RUN_GID) [ -e "$HOME/made" ] && echo "envseal-run:x:$RUN_GID:" || exit 2 ;;
		passwd:) echo "root:x:0:0::/root:/bin/sh" ;;
		*) exit 2 ;;
		esac
	GETENT
	printf '#!/bin/sh\necho "$1" >>"%s/calls"; touch "%s/made"\n' "$HOME" "$HOME" >"$HOME/bin/systemd-sysusers"
	chmod 755 "$HOME/bin/"*
	run -0 in_system env PATH="$HOME/bin:$PATH" "$ENVSEAL_PREFIX/sbin/envseal-system-setup"
	[[ $output == *"made user 'envseal' and group 'envseal-run'"* ]]
	[ "$(cat "$HOME/calls")" = "$ENVSEAL_PREFIX/lib/sysusers.d/envseal.conf" ]
	in_system grep -q "^service_uid = $SERVICE_UID\$" "$ETC/system.toml"
	# The second time they are there.
	in_system env PATH="$HOME/bin:$PATH" "$ENVSEAL_PREFIX/sbin/envseal-system-setup"
	[ "$(wc -l <"$HOME/calls")" -eq 1 ]
	# Purging deletes those accounts, and none that has the name but another id.
	for program in userdel groupdel; do
		printf '#!/bin/sh\necho "%s $1" >>"%s/deleted"\n' "$program" "$HOME" >"$HOME/bin/$program"
	done
	chmod 755 "$HOME/bin/"*
	in_system sed -i 's/^run_gid = .*/run_gid = 64009/' "$ETC/system.toml"
	in_system env PATH="$HOME/bin:$PATH" "$ENVSEAL_PREFIX/sbin/envseal-system-setup" --undo --purge
	[ "$(cat "$HOME/deleted")" = "userdel envseal" ]
	# Those that are made for real are an ordinary user and an empty group.
	run -0 grep -v '^#' "$ENVSEAL_PREFIX/lib/sysusers.d/envseal.conf"
	[ "${lines[1]}" = "g envseal-run -" ]
}
