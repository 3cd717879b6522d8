#!/usr/bin/env bats
# envseal doctor: each verdict, in a place that causes it.
# shellcheck disable=SC2016,SC2030,SC2031 # the inner shells expand; each test has its own environment

load common
load running
load system

setup() {
	common_setup
	python=/usr/bin/python3
	# As text: another uid cannot read the file everywhere.
	refuse=$(cat "$BATS_TEST_DIRNAME/refuse.py")
	traced=$(cat "$BATS_TEST_DIRNAME/traced.py")
}

# doctor STATUS COMMAND...: what it says there, as JSON in $output; COMMAND is put in front.
doctor() {
	local status=$1
	shift
	run -"$status" --separate-stderr "$@" "$ENVSEAL" doctor --json
}

# finds NAME LEVEL TEXT: the check's level, and a part of its text.
finds() {
	local level text
	level=$(jq -r --arg name "$1" '.checks[] | select(.name == $name) | .level' <<<"$output")
	text=$(jq -r --arg name "$1" '.checks[] | select(.name == $name) | .text' <<<"$output")
	[ "$level" = "$2" ] && [[ $text == *"$3"* ]] && return
	echo "$1: $level: $text"
	return 1
}

fact() {
	jq -r --arg name "$1" --arg fact "$2" '.checks[] | select(.name == $name) | .facts[$fact]' <<<"$output"
}

verdict() {
	local boundary
	boundary=$(jq -r .boundary <<<"$output")
	[ "$boundary" = "$1" ] && [[ $(jq -r .verdict <<<"$output") == *"$2"* ]] && return
	jq -r '.boundary, .verdict' <<<"$output"
	return 1
}

@test "an ordinary place: user mode, every tier, and where the boundary would come from" {
	doctor 0
	finds envseal-exec ok "mode 0755"
	finds "service ids" note none
	finds authority note none
	finds vault note "envseal init"
	finds seccomp ok ""
	finds "user namespaces" ok ""
	finds "fresh /proc" ok ""
	finds "tier none" ok works
	finds "tier hardened" ok works
	finds "tier lockdown" ok works
	verdict user "is no boundary"
	[[ $(jq -r .advice <<<"$output") == *envseal-system-setup* ]]
	# What it says of the kernel is what the kernel says.
	[ "$(fact "core files" kernel.core_pattern)" = "$(cat /proc/sys/kernel/core_pattern)" ]
	[ "$(fact "user namespaces" user.max_user_namespaces)" = "$(cat /proc/sys/user/max_user_namespaces)" ]
	[ "$(fact Landlock abi)" -ge 1 ]
}

@test "text has the same checks, aligned, and colour only on a terminal without NO_COLOR" {
	doctor 0
	names=$(jq -r '.checks[].name' <<<"$output")
	unset NO_COLOR
	run -0 "$ENVSEAL" doctor
	while read -r name; do
		grep -qE "^(ok|note|weak|missing) +$name  " <<<"$output"
	done <<<"$names"
	[[ $output != *$'\033'* ]]
	[[ ${lines[-2]} == "User mode"*"no boundary"* ]]
	run -0 on_terminal -- env TERM=xterm "$ENVSEAL" doctor
	[[ $output == *$'\033[32mok'* ]]
	run -0 on_terminal -- env TERM=xterm NO_COLOR=1 "$ENVSEAL" doctor
	[[ $output == *ok*envseal-exec* ]]
	[[ $output != *$'\033'* ]]
}

@test "it takes no operand, and changes nothing" {
	run -2 "$ENVSEAL" doctor something
	before=$(find "$HOME" /proc/self/ns/mnt)
	run -0 "$ENVSEAL" doctor
	[ "$(find "$HOME" /proc/self/ns/mnt)" = "$before" ]
}

@test "user namespaces switched off" {
	# Without capabilities: root inside would do without a user namespace.
	doctor 0 unshare --user --map-root-user sh -c '
		echo 0 >/proc/sys/user/max_user_namespaces
		exec setpriv --inh-caps=-all --bounding-set=-all "$@"' sh
	finds "user namespaces" weak "user.max_user_namespaces=15000"
	[ "$(fact "user namespaces" user.max_user_namespaces)" = 0 ]
	finds "tier none" ok works
	finds "tier hardened" weak "cannot make the namespaces"
	finds "tier lockdown" weak "cannot make the namespaces"
	verdict user "tier none)"
}

@test "a masked /proc" {
	doctor 0 unshare --user --map-root-user --mount sh -c 'mount -t tmpfs none /proc/tty && exec "$@"' sh
	finds "user namespaces" ok ""
	finds "fresh /proc" weak masked
	finds "tier hardened" weak "fresh /proc"
	finds "tier lockdown" weak "fresh /proc"
	verdict user "tier none)"
}

@test "no seccomp: not even user mode works" {
	doctor 1 "$python" -c "$refuse" seccomp EINVAL
	finds seccomp missing "cannot load the seccomp filter"
	finds "tier none" missing "cannot load the seccomp filter"
	verdict none "No boundary"
}

@test "no Landlock" {
	doctor 0 "$python" -c "$refuse" landlock ENOSYS
	finds Landlock weak "this kernel does not have it"
	[ "$(fact Landlock abi)" = 0 ]
	finds "tier hardened" ok works
	finds "tier lockdown" weak Landlock
	verdict user "tiers none and hardened)"
}

@test "no locked memory: not even user mode works" {
	doctor 1 "$python" -c "$refuse" mlock ENOMEM
	finds "locked memory" missing "ulimit -l"
	verdict none "No boundary"
}

@test "no executable memory files" {
	doctor 0 "$python" -c "$refuse" memfd EACCES
	finds "memory files" weak memfd_noexec
	verdict user "is no boundary"
}

# bats test_tags=root
@test "vm.memfd_noexec is read where there is one" {
	need_root "the sysctl of a new PID namespace is root's"
	[ -e /proc/sys/vm/memfd_noexec ] || skip "this kernel has no vm.memfd_noexec (before Linux 6.3)"
	doctor 0 unshare --user --map-root-user --pid --fork --mount-proc sh -c '
		echo 2 >/proc/sys/vm/memfd_noexec && "$@"' sh
	[ "$(fact "memory files" vm.memfd_noexec)" = 2 ]
	finds "memory files" weak memfd_noexec
}

@test "hidepid, and core files that go to a program" {
	doctor 0
	finds hidepid note off
	printf '|/bin/handler %%p\n' >"$HOME/pattern"
	doctor 0 unshare --user --map-root-user --pid --fork --mount-proc sh -c '
		mount -o remount,hidepid=2 /proc && mount --bind "$HOME/pattern" /proc/sys/kernel/core_pattern && "$@"' sh
	finds hidepid ok "do not see"
	finds "core files" ok "go to a program"
	[ "$(fact "core files" pipe)" = true ]
	printf '@/run/handler.sock\n' >"$HOME/pattern"
	doctor 0 unshare --user --map-root-user --mount sh -c '
		mount --bind "$HOME/pattern" /proc/sys/kernel/core_pattern && "$@"' sh
	finds "core files" weak "go to a socket"
}

@test "the vault's slots, and one that is open to others" {
	"$ENVSEAL" init --key-file 2>/dev/null
	doctor 0
	finds vault ok "key file"
	[ "$(fact vault slots | jq -c .)" = '["key file"]' ]
	chmod 644 "$XDG_DATA_HOME/envseal/slots/host.key"
	doctor 1
	finds vault missing "chmod 600"
	chmod 600 "$XDG_DATA_HOME/envseal/slots/host.key"
	rm "$XDG_DATA_HOME/envseal/slots/host.key"
	doctor 0
	finds vault weak "no slot"
	echo damaged >"$XDG_DATA_HOME/envseal/vault.toml"
	doctor 1
	finds vault missing vault.toml
}

@test "no_new_privs and a tracer are named, though user mode needs no privilege" {
	doctor 0
	finds "this process" ok ""
	doctor 0 setpriv --no-new-privs
	finds "this process" note no_new_privs
	[ "$(fact "this process" no_new_privs)" = true ]
	doctor 0 "$python" -c "$traced"
	finds "this process" note traced
	[ "$(fact "this process" no_new_privs)" = false ]
	doctor 0 unshare --user --map-root-user
	finds "this process" note "user namespace"
}

# --- installed for system mode; everything is in a mount namespace of the test's own

# install_as MODE OWNER [CAPABILITIES]: envseal-exec is like that there.
install_as() {
	local exec=$SYSTEM/bin/envseal-exec
	setcap -r "$exec" 2>/dev/null || true
	chown "$2" "$exec"
	chmod "$1" "$exec"
	[ -z "${3:-}" ] || setcap "$3" "$exec"
}

# in_place COMMAND...: there, as an ordinary user.
in_place() {
	as_caller env HOME=/nowhere "$@"
}

# A service's ids and its vault, which root made.
set_up() {
	need_root "it installs with set-id bits and capabilities"
	unset XDG_CONFIG_HOME XDG_DATA_HOME
	system_setup
	mkdir -p "$SYSTEM/etc/envseal" "$SYSTEM/var/lib/envseal/vault"
	printf 'service_uid = %d\nrun_gid = %d\n' "$SERVICE_UID" "$RUN_GID" >"$SYSTEM/etc/envseal/system.toml"
	chown "$SERVICE_UID" "$SYSTEM/var/lib/envseal/vault"
	chmod 500 "$SYSTEM/var/lib/envseal/vault"
}

# bats test_tags=root
@test "set-gid with capabilities: system mode, a boundary" {
	set_up
	install_as 2755 "0:$RUN_GID" cap_setuid,cap_setgid=ep
	doctor 0 in_place
	finds envseal-exec ok "mode 2755"
	finds envseal-exec ok "cap_setgid,cap_setuid=ep"
	finds "service ids" ok "service uid $SERVICE_UID, run group $RUN_GID"
	finds authority ok "every tier"
	finds "system vault" ok "service uid"
	[ "$(fact authority kind)" = capabilities ]
	verdict system "a boundary"
}

# bats test_tags=root
@test "set-id without capabilities: system mode in tier none only" {
	set_up
	install_as 6755 "$SERVICE_UID:$RUN_GID"
	doctor 0 in_place
	[ "$(fact authority kind)" = light ]
	verdict system "tier none)"
	[[ $(jq -r .advice <<<"$output") == *capabilities* ]]
}

# bats test_tags=root
@test "set-uid root: system mode" {
	set_up
	install_as 4755 0:0
	doctor 0 in_place
	[ "$(fact authority kind)" = setuid-root ]
	verdict system "a boundary"
}

# bats test_tags=root
@test "system mode where the kernel grants nothing: which of its reasons" {
	set_up
	install_as 2755 "0:$RUN_GID" cap_setuid,cap_setgid=ep
	for reason in no_new_privs traced "user namespace"; do
		case $reason in
		no_new_privs) doctor 0 in_place setpriv --no-new-privs ;;
		traced) doctor 0 in_place "$python" -c "$traced" ;;
		*) doctor 0 in_place unshare --user --map-current-user ;;
		esac
		finds "this process" weak "$reason"
		verdict user "$reason"
		[[ $(jq -r .advice <<<"$output") == *"outside this sandbox"* ]]
	done
	doctor 0 in_system sh -c 'mount -o remount,bind,nosuid "$ENVSEAL_PREFIX/bin"
		exec setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups env HOME=/nowhere "$@"' sh
	finds envseal-exec ok nosuid
	verdict user nosuid
}

# bats test_tags=root
@test "installs that cannot work: wrong mixtures, other ids, no system.toml, no vault" {
	set_up
	for mixture in "2755 0:$RUN_GID" "755 0:0 cap_setuid,cap_setgid=ep" "2775 0:$RUN_GID cap_setuid,cap_setgid=ep" \
		"2755 0:$RUN_GID cap_setuid=ep"; do
		# shellcheck disable=SC2086 # one word each
		install_as $mixture
		doctor 1 in_place
		finds authority missing "no supported installation"
		verdict none "No boundary"
	done
	install_as 2755 0:12345 cap_setuid,cap_setgid=ep
	doctor 1 in_place
	finds authority missing "names other ids"
	install_as 2755 "0:$RUN_GID" cap_setuid,cap_setgid,cap_sys_admin=ep
	doctor 0 in_place
	finds authority weak "more capabilities"
	install_as 2755 "0:$RUN_GID" cap_setuid,cap_setgid=ep
	chmod 755 "$SYSTEM/var/lib/envseal/vault"
	doctor 1 in_place
	finds "system vault" missing "mode 0755"
	rmdir "$SYSTEM/var/lib/envseal/vault"
	doctor 1 in_place
	finds "system vault" missing "No such file"
	chmod 666 "$SYSTEM/etc/envseal/system.toml"
	doctor 1 in_place
	finds "service ids" missing "writable by others"
	rm "$SYSTEM/etc/envseal/system.toml"
	doctor 1 in_place
	finds authority missing "no usable"
}

# bats test_tags=root
@test "a member of the run group is told that it must have none" {
	set_up
	install_as 2755 "0:$RUN_GID" cap_setuid,cap_setgid=ep
	doctor 1 as_member "$RUN_GID" env HOME=/nowhere
	finds "service ids" missing "in the run group $RUN_GID"
}

# bats test_tags=root
@test "root, where envseal-exec has no privilege, has system mode for itself alone" {
	set_up
	install_as 755 0:0
	doctor 0 in_system env HOME=/nowhere
	finds authority note none
	verdict user "for root alone"
	doctor 0 in_place
	verdict user "is no boundary"
}
