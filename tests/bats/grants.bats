#!/usr/bin/env bats
# Who may use a system policy: envseal policy allow, and the files that it writes.
# shellcheck disable=SC2016 # the inner shells'

load common
load system

GROUP=64010

setup() {
	common_setup
	need_root "system mode is root's to set up"
	system_setup
	in_system "$ENVSEAL" init --system --service-uid "$SERVICE_UID" --run-gid "$RUN_GID" 2>/dev/null
	place_policy /usr/bin/true none ''
	access=$ETC/access/usr/bin/true
}

allow() {
	in_system "$ENVSEAL" policy allow "$@"
}

# allowed: the word of `policy show`.
allowed() {
	in_system "$ENVSEAL" policy show "${1:-true}" "${@:2}" | sed -n 's/^# allowed: //p'
}

# bats test_tags=root
@test "a grant is an empty file whose group and mode say who" {
	[ "$(allowed)" = root ]
	in_system test ! -e "$ETC/access"
	run -0 allow true --group "$GROUP"
	[[ $output == *"group '$GROUP' may use the policy of '/usr/bin/true'"* ]]
	[ "$(in_system stat -c '%a %u %g %s' "$access")" = "640 0 $GROUP 0" ]
	[ "$(allowed)" = "group:$GROUP" ]
	# By name, and a name wins over a number.
	allow /usr/bin/true --group daemon
	[ "$(in_system stat -c '%a %g' "$access")" = "640 $(id -g daemon)" ]
	[ "$(allowed)" = group:daemon ]
	allow true --all
	[ "$(in_system stat -c '%a %u %g' "$access")" = "644 0 0" ]
	[ "$(allowed)" = all ]
	allow true --none
	in_system test ! -e "$access"
	[ "$(allowed)" = root ]
	# Once more is no error.
	allow true --none
}

# bats test_tags=root
@test "a grant is made with its own mode, whatever the umask" {
	in_system sh -c 'umask 077; "$0" policy allow true --all' "$ENVSEAL"
	[ "$(in_system stat -c %a "$access" "$ETC/access" "$ETC/access/usr/bin")" = $'644\n755\n755' ]
	in_system sh -c 'umask 0; "$0" policy allow true --group 5' "$ENVSEAL"
	[ "$(in_system stat -c %a "$access")" = 640 ]
}

# bats test_tags=root
@test "lists say who may use what" {
	allow true --group "$GROUP"
	place_policy /usr/bin/id none ''
	run -0 in_system "$ENVSEAL" policy list
	[[ ${lines[0]} == *ALLOWED* ]]
	[[ $output == *"/usr/bin/id"*" root "* && $output == *"/usr/bin/true"*" group:$GROUP "* ]]
	[ "$(in_system "$ENVSEAL" policy list --json | jq -r 'map(.allowed) | join(" ")')" = "root group:$GROUP" ]
	[ "$(in_system "$ENVSEAL" policy show true --json | jq -r .allowed)" = "group:$GROUP" ]
	in_system setfacl -m "u:$CALLER_UID:r" "$access"
	[ "$(allowed)" = "group:$GROUP+acl" ]
	run -0 allow true --group "$GROUP"
	[[ $output == *"the ACL of '$access' was removed"* ]]
	[ "$(allowed)" = "group:$GROUP" ]
}

# bats test_tags=root
@test "a profile has a grant of its own" {
	in_system "$ENVSEAL" policy new /usr/bin/true --profile work --tier none 2>/dev/null
	allow true --profile work --all
	[ "$(allowed true --profile work)" = all ]
	[ "$(allowed true)" = root ]
	in_system test -e "$access@work"
	allow true --profile work --none
	in_system test ! -e "$access@work"
	run -1 allow true --profile ../work --all
	[[ $output == *"a profile is named with"* ]]
}

# bats test_tags=root
@test "where another layer grants, taking away leaves a closed file" {
	for layer in /run/envseal "$VAR"; do
		in_system install -D -m 644 /dev/null "$layer/access/usr/bin/true"
		[ "$(allowed)" = all ]
		allow true --none
		[ "$(allowed)" = root ]
		[ "$(in_system stat -c '%a %u' "$access")" = "600 0" ]
		in_system rm "$layer/access/usr/bin/true" "$access"
	done
	# A vendor has no say in it.
	in_system sh -c 'mkdir -p "$0"; mount -t tmpfs -o mode=755 x "$0"; install -D -m 644 /dev/null "$0/envseal/access/usr/bin/true"
		"$1" policy show true | grep -qx "# allowed: root"' /usr/local/lib "$ENVSEAL"
}

# bats test_tags=root
@test "what was left behind for a removed policy can be taken away, and shows with the next one" {
	allow true --all
	in_system rm "$ETC/policies/usr/bin/true.toml"
	run -0 in_system "$ENVSEAL" policy new /usr/bin/true --tier none
	[[ $output == *"allowed: all"* ]]
	in_system rm "$ETC/policies/usr/bin/true.toml"
	run -1 allow true --all
	[[ $output == *"no policy for '/usr/bin/true'"* ]]
	allow true --none
	in_system test ! -e "$access"
}

# bats test_tags=root
@test "only one of group, all and none, and only groups that can be" {
	run -2 allow true
	run -2 allow true --all --none
	run -2 allow true --all --group 5
	run -2 allow --all
	run -1 allow true --group no-such-group
	[[ $output == *"there is no such group"* ]]
	run -1 allow true --group 4294967295
	run -1 allow true --group -1
	run -1 allow true --group 5x
	# Every program that runs is in that one.
	run -1 allow true --group "$RUN_GID"
	[[ $output == *"every program would be allowed"* ]]
	run -1 allow no/such/command --all
	in_system test ! -e "$ETC/access"
}

# bats test_tags=root
@test "only root allows, and only the system's policies" {
	run -1 as_caller env -u XDG_CONFIG_HOME HOME=/nonexistent "$ENVSEAL" policy allow true --all
	[[ $output == *"only root can allow"* ]]
	run -1 allow true --all --user
	[[ $output == *"only root can allow"* ]]
	in_system test ! -e "$ETC/access"
}

# bats test_tags=root
@test "a grant that is not root's, or is a link, is a finding and no list hides it" {
	allow true --all
	in_system chown "$CALLER_UID" "$access"
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *"'true' belongs to uid $CALLER_UID"* ]]
	run -1 in_system "$ENVSEAL" policy list
	[[ $output == *"belongs to uid $CALLER_UID"* ]]
	in_system sh -c 'rm "$0"; ln -s /etc/passwd "$0"' "$access"
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *"symbolic link"* ]]
	# And is put right by allowing again.
	allow true --all
	run -0 in_system "$ENVSEAL" policy check
}

# ready: system mode as envseal-system-setup makes it, and a policy with a secret for printenv.
ready() {
	in_system "$ENVSEAL_PREFIX/sbin/envseal-system-setup" --service-uid "$SERVICE_UID" --run-gid "$RUN_GID" >/dev/null
	in_system sh -c 'printf s3cr3t | "$0" store one' "$ENVSEAL" 2>/dev/null
	place_policy /usr/bin/printenv none '' --secret ONE=one
	access=$ETC/access/usr/bin/printenv
	gets=("$ENVSEAL_PREFIX/bin/envseal-exec" /usr/bin/printenv ONE)
}

# works COMMAND...: hands the secret out. refused COMMAND...: does not, and its message has $reason.
works() {
	run -0 --separate-stderr "$@"
	[ "$output" = s3cr3t ]
}

refused() {
	run -125 --separate-stderr "$@"
	[ -z "$output" ]
	# shellcheck disable=SC2154 # bats sets it
	[[ $stderr == *"$reason"* ]] || {
		echo "$stderr"
		return 1
	}
}

# bats test_tags=root
@test "a uid without a grant is refused, one with a grant is not" {
	ready
	reason="uid $CALLER_UID may not use the policy of '/usr/bin/printenv'"
	refused as_caller "${gets[@]}"
	[[ $stderr == *"envseal policy allow /usr/bin/printenv --group GROUP"* ]]
	works in_system "${gets[@]}"
	allow printenv --all
	works as_caller "${gets[@]}"
	allow printenv --none
	refused as_caller "${gets[@]}"
}

# bats test_tags=root
@test "an ordinary user is told who may use root's policies, and is not asked to approve them" {
	ready
	allow printenv --group "$GROUP"
	export HOME=$BATS_TEST_TMPDIR/caller XDG_CONFIG_HOME="" XDG_DATA_HOME=""
	mkdir -m 755 "$HOME"
	chown "$CALLER_UID:$CALLER_GID" "$HOME"
	as_caller "$ENVSEAL" init --key-file 2>/dev/null
	own() { as_caller "$ENVSEAL" policy "$@"; }
	uses() { own list --json | jq -r 'map("\(.command) \(.allowed // .approved)") | join(",")'; }
	[ "$(uses)" = "/usr/bin/printenv group:$GROUP,/usr/bin/true root" ]
	run -1 --separate-stderr own check --json
	[ "$(jq -r 'map(.code) | unique | join(" ")' <<<"$output")" = tier-none ]
	[[ $(own show printenv) == *"# allowed: group:$GROUP"* ]]
	[[ $(own who one) == *ALLOWED*"group:$GROUP"* ]]
	# What root keeps to itself is no error.
	in_system chmod 700 "$ETC/access"
	[ "$(uses)" = "/usr/bin/printenv ?,/usr/bin/true ?" ]
	in_system chmod 755 "$ETC/access"
	# One of the user's own beside it counts in user mode alone, and all say so.
	run -0 own new /usr/bin/printenv --tier none
	[[ $output == *"system mode uses root's '$ETC/policies/usr/bin/printenv.toml'; yours counts only with envseal-exec --user"* ]]
	[ "$(uses)" = "/usr/bin/printenv only --user,/usr/bin/true root" ]
	run -0 --separate-stderr own check --json /usr/bin/printenv
	[ "$(jq -r 'map(.code) | join(" ")' <<<"$output")" = shadowed ]
	# Without system mode the same file needs the approval, as envseal-exec does.
	own remove printenv 2>/dev/null
	in_system "$ENVSEAL_PREFIX/sbin/envseal-system-setup" --undo >/dev/null
	[ "$(uses)" = "/usr/bin/printenv no,/usr/bin/true no" ]
}

# bats test_tags=root
@test "a policy that the service user cannot read is a finding, and a user is told what to do" {
	ready
	allow printenv --all
	file=$ETC/policies/usr/bin/printenv.toml
	works as_caller "${gets[@]}"
	in_system chmod 600 "$file"
	reason="'$file' cannot be read by the user who runs the command"
	refused as_caller "${gets[@]}"
	run -1 in_system "$ENVSEAL" policy check printenv
	[[ $output == *"$file: envseal-exec cannot read '$file' as the service user; run: chmod a+rX '$file' [error: unusable]"* ]]
	in_system chmod 644 "$file"
	in_system chmod 700 "$ETC/policies"
	refused as_caller "${gets[@]}"
	run -1 in_system "$ENVSEAL" policy check printenv
	[[ $output == *"envseal-exec cannot read '$ETC/policies' as the service user"* ]]
	in_system chmod 755 "$ETC/policies"
	works as_caller "${gets[@]}"
	# Each caller's own secret is not root's to have.
	in_system sed -i 's|^ONE = .*|ONE = "users/%U/one"|' "$file"
	run -1 --separate-stderr in_system "$ENVSEAL" policy check printenv --json
	[ "$(jq -r 'map(.code) | join(" ")' <<<"$output")" = tier-none ]
}

# bats test_tags=root
@test "a group's grant is for its members, as primary group or not" {
	ready
	reason="may not use the policy"
	allow printenv --group "$GROUP"
	refused as_caller "${gets[@]}"
	refused as_member 64011 "${gets[@]}"
	works as_member "$GROUP" "${gets[@]}"
	works as_member "64011,$GROUP" "${gets[@]}"
	works in_system setpriv --reuid="$CALLER_UID" --regid="$GROUP" --clear-groups "${gets[@]}"
	# The run group, which envseal-exec itself has, and the service uid count for nobody.
	in_system chgrp "$RUN_GID" "$access"
	refused as_caller "${gets[@]}"
	in_system setfacl -m "u:$SERVICE_UID:r" "$access"
	refused as_caller "${gets[@]}"
}

# bats test_tags=root
@test "an ACL grants to one user, or takes it from one" {
	ready
	reason="may not use the policy"
	allow printenv --group "$GROUP"
	refused as_caller "${gets[@]}"
	in_system setfacl -m "u:$CALLER_UID:r" "$access"
	works as_caller "${gets[@]}"
	in_system setfacl -b "$access"
	refused as_caller "${gets[@]}"
	allow printenv --all
	in_system setfacl -m "u:$CALLER_UID:-" "$access"
	refused as_caller "${gets[@]}"
	works in_system setpriv --reuid=64020 --regid=64020 --clear-groups "${gets[@]}"
	# A directory that the user cannot pass is a way of saying no.
	in_system setfacl -b "$access"
	works as_caller "${gets[@]}"
	in_system chmod 700 "$ETC/access"
	refused as_caller "${gets[@]}"
}

# bats test_tags=root
@test "a grant that is not root's own regular file is refused" {
	ready
	allow printenv --all
	works as_caller "${gets[@]}"
	in_system chown "$CALLER_UID" "$access"
	reason="'printenv' belongs to uid $CALLER_UID"
	refused as_caller "${gets[@]}"
	in_system chown 0 "$access"
	in_system chmod g+w "$access"
	reason="writable by others"
	refused as_caller "${gets[@]}"
	in_system chmod g-w "$access"
	works as_caller "${gets[@]}"
	in_system chmod o+w "$ETC/access/usr"
	refused as_caller "${gets[@]}"
	in_system chmod o-w "$ETC/access/usr"
	# A link to what everybody may open, root's own even.
	in_system sh -c 'mv "$0" "$0.real"; ln -s printenv.real "$0"' "$access"
	reason="symbolic link"
	refused as_caller "${gets[@]}"
	in_system sh -c 'rm "$0"; mkfifo -m 644 "$0"' "$access"
	reason="not a regular file"
	refused as_caller "${gets[@]}"
	in_system sh -c 'rm "$0"; mv "$0.real" "$0"' "$access"
	works as_caller "${gets[@]}"
}

# bats test_tags=root
@test "a grant is for one policy: not for another profile's" {
	ready
	in_system "$ENVSEAL" policy new /usr/bin/printenv --profile work --tier none --secret ONE=one 2>/dev/null
	allow printenv --all
	work=("$ENVSEAL_PREFIX/bin/envseal-exec" --profile work /usr/bin/printenv ONE)
	works as_caller "${gets[@]}"
	reason="in profile work"
	refused as_caller "${work[@]}"
	allow printenv --profile work --all
	works as_caller "${work[@]}"
}

# bats test_tags=root
@test "a configuration that others can write hands out nothing" {
	ready
	allow printenv --all
	works as_caller "${gets[@]}"
	reason="writable by others"
	for path in "$ETC" "$ETC/system.toml" "$ETC/policies/usr/bin/printenv.toml"; do
		in_system chmod g+w "$path"
		refused as_caller "${gets[@]}"
		in_system chmod g-w "$path"
	done
	in_system chmod o+w "$VAR"
	refused as_caller "${gets[@]}"
	in_system chmod o-w "$VAR"
	works as_caller "${gets[@]}"
}

# bats test_tags=root
@test "remove takes a grant along, and an orphan is told" {
	allow true --all
	in_system "$ENVSEAL" policy remove true
	in_system test ! -e "$access"
	in_system install -D -m 644 /dev/null "$access"
	run -1 in_system "$ENVSEAL" policy check --json
	[ "$(jq -r '.[] | select(.code == "grant-orphan") | .file' <<<"$(sed '/^envseal: /d' <<<"$output")")" = "$access" ]
	in_system "$ENVSEAL" policy new /usr/bin/true --tier none
	in_system rm "$access"
	in_system ln -s /etc/passwd "$access"
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *'[error: grant-unusable]'* ]]
}

# bats test_tags=root,thorough
@test "pins by packages: only what the package manager vouches for" {
	[ -x /usr/bin/dpkg-query ] || skip "no dpkg here"
	trigger=$ENVSEAL_PREFIX/libexec/envseal/envseal-pin-packages
	cp /usr/bin/true "$SYSTEM/true"
	echo >>"$SYSTEM/true"
	cp /usr/bin/true "$SYSTEM/mine"
	in_system "$ENVSEAL" policy new "$SYSTEM/mine" --tier none
	# Not the package's: somebody else's bytes in its place.
	run -0 in_system sh -c 'mount --bind "$0" /usr/bin/true; exec "$1"' "$SYSTEM/true" "$trigger"
	[[ $output == *"no package vouches for '/usr/bin/true'"* && $output == *"vouches for '$SYSTEM/mine'"* ]]
	in_system test ! -e "$VAR/pins/usr/bin/true"
	run -0 in_system "$trigger"
	[[ $output == *"pinned '/usr/bin/true'"* ]]
	[ "$(in_system grep -v '^#' "$VAR/pins/usr/bin/true")" = "$("$ENVSEAL" hash /usr/bin/true)" ]
	in_system test ! -e "$VAR/pins$SYSTEM/mine"
	# Not what somebody has made a directory of the command's name lead to.
	mkdir "$SYSTEM/own"
	cp "$SYSTEM/true" "$SYSTEM/own/true"
	in_system "$ENVSEAL" policy new "$SYSTEM/own/true" --tier none
	rm -r "$SYSTEM/own"
	ln -s /usr/bin "$SYSTEM/own"
	run -0 in_system "$trigger"
	[[ $output == *"vouches for '$SYSTEM/own/true'"* ]]
	in_system test ! -e "$VAR/pins$SYSTEM/own/true"
	# Nothing to do the second time, and what is wrong leaves the last pin alone.
	run -0 in_system "$trigger"
	[[ $output != *pinned* ]]
	run -0 in_system sh -c 'mount --bind "$0" /usr/bin/true; exec "$1"' "$SYSTEM/true" "$trigger"
	[ "$(in_system grep -v '^#' "$VAR/pins/usr/bin/true")" = "$("$ENVSEAL" hash /usr/bin/true)" ]
	in_system "$ENVSEAL" policy check true
}
