#!/usr/bin/env bats
# Hosts that refuse namespaces or mounts: the run ends with 125 and says why, and nothing of the
# command has run. Namespaces, mounts over /proc, filters and injected errors imitate each host.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	export refuse=$BATS_TEST_DIRNAME/filter.py
	export python=/usr/bin/python3
	newuser=0x10000000
}

# A file that an ordinary user's namespace shows as root's has no owner there; so root prepares, and
# drops.
as_user_setup() {
	need_root "another uid, and mounts over /proc"
	chown -R 54321:54321 "$HOME"
	chmod go+x "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR"/.. "$BATS_TEST_TMPDIR"/../.. 2>/dev/null || true
	as_user=(setpriv --reuid=54321 --regid=54321 --clear-groups --inh-caps=-all)
}

# refused_because PATTERN COMMAND...: 125, a message with PATTERN in it once, and no sign of the
# command.
refused_because() {
	local pattern=$1
	shift
	run -125 --separate-stderr "$@"
	[ -z "$output" ]
	[[ $stderr == envseal-exec:*$pattern* ]] || {
		echo "$stderr"
		false
	}
	[[ $stderr != *"$pattern"*"$pattern"* ]]
}

# allow_as_user TIER: bash's policy, approved by that user.
allow_as_user() {
	local file
	file=$(policy_file "$bash")
	mkdir -p "${file%/*}"
	policy_text "$bash" "$1" '' --secret ONE=first/one >"$file"
	chown -R 54321:54321 "$XDG_CONFIG_HOME"
	"${as_user[@]}" "$ENVSEAL" policy approve --yes "$bash" 2>/dev/null
}

# with_proc_files "NAME CONTENT"... -- COMMAND...: in a mount namespace where /proc/sys/kernel has
# these files too.
with_proc_files() {
	local kernel=$BATS_TEST_TMPDIR/kernel row
	mkdir -p "$kernel"
	while [ "$1" != -- ]; do
		row=$1
		printf '%s\n' "${row#* }" >"$kernel/${row%% *}"
		shift
	done
	shift
	unshare --mount sh -c 'mount --bind "$0" /proc/sys/kernel && exec "$@"' "$kernel" "$@"
}

# bats test_tags=root
@test "user.max_user_namespaces = 0" {
	need_root "its files have no owner in a user namespace without root"
	for tier in hardened lockdown; do
		allow "$bash" "$tier"
		for limit in 9 0; do
			script='echo '$limit' >/proc/sys/user/max_user_namespaces
				exec setpriv --inh-caps=-all --bounding-set=-all,+setfcap "$ENVSEAL_EXEC" bash -c "echo RAN"'
			if [ "$limit" = 9 ]; then
				run -0 unshare --user --map-root-user sh -c "$script"
				[ "$output" = RAN ]
			else
				refused_because 'user namespaces are switched off: sysctl user.max_user_namespaces' \
					unshare --user --map-root-user sh -c "$script"
			fi
		done
	done
}

# bats test_tags=root
@test "Debian's kernel.unprivileged_userns_clone = 0" {
	as_user_setup
	for tier in hardened lockdown; do
		allow_as_user "$tier"
		run -0 "${as_user[@]}" "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[ "$output" = RAN ]
		refused_because 'only root may make user namespaces: sysctl kernel.unprivileged_userns_clone=1' \
			with_proc_files "unprivileged_userns_clone 0" -- \
			"${as_user[@]}" "$python" "$refuse" EPERM "clone=$newuser" "unshare=$newuser" -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
	done
}

# bats test_tags=root
@test "Ubuntu's AppArmor lets the namespace be made, and refuses what needs a capability in it" {
	as_user_setup
	advice='AppArmor restricts user namespaces: load the profile in contrib/apparmor'
	for tier in hardened lockdown; do
		allow_as_user "$tier"
		# The mounts:
		refused_because "$advice" with_proc_files "apparmor_restrict_unprivileged_userns 1" -- \
			"${as_user[@]}" "$python" "$refuse" EACCES mount -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
		# The further namespaces:
		refused_because "$advice" with_proc_files "apparmor_restrict_unprivileged_userns 1" -- \
			"${as_user[@]}" "$python" "$refuse" EPERM unshare -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
	done
}

# bats test_tags=root
@test "Ubuntu's AppArmor refuses the id maps" {
	as_user_setup
	map='54321 54321 1 ' # as long as what is written to uid_map and gid_map
	for tier in hardened lockdown; do
		allow_as_user "$tier"
		for size in 4 ${#map}; do # "deny" for setgroups, then the maps
			refused_because 'AppArmor restricts user namespaces: load the profile in contrib/apparmor' \
				with_proc_files "apparmor_restrict_unprivileged_userns 1" -- \
				"${as_user[@]}" "$python" "$refuse" EPERM "write#$size" -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
			[[ $stderr == *"cannot write "* ]]
		done
	done
}

# bats test_tags=root
@test "a container's filter: clone, unshare, mount" {
	as_user_setup
	advice="a seccomp filter, such as a container's, may forbid it: allow unshare, clone and mount"
	for tier in hardened lockdown; do
		allow_as_user "$tier"
		run -0 "${as_user[@]}" "$python" "$refuse" EPERM -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[ "$output" = RAN ]
		for calls in "clone=$newuser unshare=$newuser" unshare mount "clone=$newuser unshare mount"; do
			read -ra calls <<<"$calls"
			refused_because "$advice" "${as_user[@]}" "$python" "$refuse" EPERM "${calls[@]}" -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
		done
	done
	refused_because "$advice" "${as_user[@]}" "$python" "$refuse" EPERM mount_setattr -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
}

# bats test_tags=root
@test "a chroot, where the kernel makes no user namespaces" {
	as_user_setup
	allow_as_user hardened
	# The same tree by pivot_root, or a chroot to what is "/" anyway, is no such thing.
	run -0 chroot / "${as_user[@]}" "$ENVSEAL_EXEC" bash -c 'echo RAN'
	mkdir "$BATS_TEST_TMPDIR/root"
	in_chroot() {
		unshare --mount --propagation private sh -c '
			for part in bin etc lib lib64 sbin usr proc dev tmp var; do
				[ -e "/$part" ] || continue
				mkdir -p "$0/$part" && mount --rbind "/$part" "$0/$part"
			done
			exec chroot "$0" "$@"' "$BATS_TEST_TMPDIR/root" "${as_user[@]}" "$@"
	}
	refused_because 'the kernel makes no user namespaces in a chroot' in_chroot "$ENVSEAL_EXEC" bash -c 'echo RAN'
	run -0 in_chroot "$ENVSEAL" doctor
	[[ $output == *'the kernel makes no user namespaces in a chroot'* ]]
}

# bats test_tags=root
@test "parts of /proc are masked, as in a container" {
	as_user_setup
	for tier in hardened lockdown; do
		allow_as_user "$tier"
		refused_because 'parts of /proc are masked' unshare --mount sh -c \
			'mount -t tmpfs none /proc/sys/kernel && exec "$@"' sh "${as_user[@]}" "$ENVSEAL_EXEC" bash -c 'echo RAN'
	done
}

# bats test_tags=root
@test "a refusal of our own is not put down to the host" {
	as_user_setup
	allow_as_user lockdown
	run -125 --separate-stderr "${as_user[@]}" "$python" "$refuse" EPERM -- \
		sh -c 'exec "$ENVSEAL_EXEC" bash -c "echo RAN" </etc'
	[[ $stderr == *"standard input is a directory"* && $stderr != *filter* ]]
	[ -z "$output" ]
}

# bats test_tags=root
@test "tier none runs on all of them" {
	as_user_setup
	allow_as_user none
	run -0 with_proc_files "unprivileged_userns_clone 0" "apparmor_restrict_unprivileged_userns 1" -- \
		"${as_user[@]}" "$python" "$refuse" EPERM "clone=$newuser" unshare mount -- "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[ "$output" = RAN ]
}

# Root's files have no owner in a namespace that maps only the caller (user_namespaces(7)).
@test "a user namespace that maps only the caller: tier none works" {
	allow "$bash" none
	run -0 unshare --user --map-current-user "$ENVSEAL_EXEC" bash -c 'printf %s "$ONE"'
	[ "$output" = "$secret" ]
}

# bats test_tags=root
@test "files of uid 65534 are believed only where that means no owner, and where the caller cannot write them" {
	need_root "a directory of another uid"
	allow "$bash" none
	chmod 755 "$HOME/.config/envseal" "$HOME/.config/envseal/policies"
	chown 65534 "$HOME/.config/envseal"
	run -0 unshare --user --map-current-user "$ENVSEAL_EXEC" bash -c 'printf %s "$ONE"'
	[ "$output" = "$secret" ]
	refused_because "'envseal' belongs to uid 65534" "$ENVSEAL_EXEC" bash -c 'echo RAN'
	chmod 757 "$HOME/.config/envseal"
	refused_because "'envseal'" unshare --user --map-current-user "$ENVSEAL_EXEC" bash -c 'echo RAN'
}
