# System mode in a test: what is configured as $ENVSEAL_PREFIX/bin, etc and var is the test's own, and so is
# /run, in a mount namespace of its own, so that nothing of the machine is touched and no account is made.
# Root only.
# shellcheck shell=bash

# Nobody has these; the numbers are all that counts.
export SERVICE_UID=64001 RUN_GID=64002 CALLER_UID=64003 CALLER_GID=64003

# system_setup: empty configured places, and a mount namespace where $ENVSEAL_PREFIX has them. After common_setup.
system_setup() {
	SYSTEM=$BATS_TEST_TMPDIR/system
	ETC=$ENVSEAL_PREFIX/etc/envseal VAR=$ENVSEAL_PREFIX/var/lib/envseal
	export SYSTEM ETC VAR
	mkdir -p "$SYSTEM/etc" "$SYSTEM/var/lib" "$SYSTEM/run" "$SYSTEM/tmp" "$ENVSEAL_PREFIX/etc" "$ENVSEAL_PREFIX/var"
	cp -a "$ENVSEAL_PREFIX/bin" "$SYSTEM/bin"
	# What is trusted in a test that is not about trust.
	chmod go+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_TEST_TMPDIR")" "$BATS_TEST_TMPDIR"
	chmod 755 "$SYSTEM" "$SYSTEM/bin" "$SYSTEM/etc" "$SYSTEM/run" "$SYSTEM/var" "$SYSTEM/var/lib"
	make_namespace
}

# make_namespace: sets $SYSTEM_HOLDER, a process that has the namespace and ends with this shell. A /tmp that all may
# write is no place for root's files, so within it the prefix and the test stand below another one, which only root writes.
make_namespace() {
	# shellcheck disable=SC2016 # the inner shell's
	read -r SYSTEM_HOLDER < <(exec setpriv --pdeathsig KILL unshare --mount --propagation private -- bash -euc '
		covered() {
			local top
			case $1/ in /tmp/*) ;; *) return 0 ;; esac
			top=${1#/tmp/}
			top=${top%%/*}
			[ -d "$new/$top" ] && return 0
			mkdir "$new/$top"
			mount --rbind "/tmp/$top" "$new/$top"
		}
		new=$SYSTEM/tmp
		mount -t tmpfs -o mode=0755 envseal-test "$new"
		covered "$ENVSEAL_PREFIX"
		covered "$BATS_TEST_TMPDIR"
		if [ -n "$(ls "$new")" ]; then mount --move "$new" /tmp; fi
		for part in bin etc var; do mount --bind "$SYSTEM/$part" "$ENVSEAL_PREFIX/$part"; done
		mount --bind "$SYSTEM/run" /run
		echo $$
		exec sleep infinity >/dev/null 2>&1' 3>&-)
	[ -n "$SYSTEM_HOLDER" ]
	export SYSTEM_HOLDER
}

# in_namespace COMMAND...: there; what it mounts stays for the test.
in_namespace() {
	nsenter --mount="/proc/$SYSTEM_HOLDER/ns/mnt" --wdns="${IN_SYSTEM_DIRECTORY:-/}" -- "$@"
}

# in_system COMMAND...: there, in a copy of that namespace, so that what it mounts is its own.
in_system() {
	in_namespace unshare --mount --propagation private -- "$@"
}

# In front of a command, in a mount namespace of its own: a /dev without a log, where one can be made. Needs $SYSTEM.
# shellcheck disable=SC2016,SC2034 # the inner shell's; the files that load this use it
own_dev=(bash -euc '
	old=$SYSTEM/dev
	mkdir -p "$old"
	mount --rbind /dev "$old"
	mount -t tmpfs -o mode=0755 envseal-test /dev
	for node in null zero full random urandom tty; do
		: >"/dev/$node"
		mount --bind "$old/$node" "/dev/$node"
	done
	mkdir /dev/pts
	mkdir -m 1777 /dev/shm
	mount --rbind "$old/pts" /dev/pts
	ln -s pts/ptmx /dev/ptmx
	exec "$@"' own_dev)

# as_caller COMMAND...: there, as an ordinary user in no further group; as_member GID COMMAND...: in that one.
as_caller() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

as_member() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --groups "$1" -- "${@:2}"
}

# system_install KIND: envseal-exec as it is installed there.
#   full         set-gid run group, file capabilities
#   set-id       the lighter one: set-uid service user, set-gid run group
#   setuid-root  set-uid root
#   plain        no privilege: user mode
system_install() {
	local exec=$SYSTEM/bin/envseal-exec
	setcap -r "$exec" 2>/dev/null || true
	case $1 in
	full)
		chown "root:$RUN_GID" "$exec"
		chmod 2755 "$exec"
		setcap cap_setuid,cap_setgid=ep "$exec"
		;;
	set-id)
		chown "$SERVICE_UID:$RUN_GID" "$exec"
		chmod 6755 "$exec"
		;;
	setuid-root)
		chown root:root "$exec"
		chmod 4755 "$exec"
		;;
	plain)
		chown root:root "$exec"
		chmod 755 "$exec"
		;;
	esac
}

# system_ready: all of it: a system vault whose secret one is $secret, and envseal-exec in full. After common_setup.
system_ready() {
	system_setup
	secret=s3cr3t-$RANDOM$RANDOM
	export ENVSEAL_EXEC=$ENVSEAL_PREFIX/bin/envseal-exec secret
	in_system "$ENVSEAL" init --system --service-uid "$SERVICE_UID" --run-gid "$RUN_GID" 2>/dev/null
	printf %s "$secret" | in_system "$ENVSEAL" store one 2>/dev/null
	system_install full
}

# system_unmask COMMAND: its output stays as it is, so that it can be seen what it was given.
system_unmask() {
	in_system sed -i 's/^tier = .*/&\noutput.mask = "never"/' "$ENVSEAL_PREFIX/etc/envseal/policies$1.toml"
}

# place_policy COMMAND TIER LINE [--secret VARIABLE=NAME]...: of a plain program, pinned, for root alone.
place_policy() {
	local file=$SYSTEM/etc/envseal/policies$1.toml
	mkdir -p "${file%/*}"
	rm -f "$file"
	policy_text "$@" >"$file"
}

# system_policy COMMAND TIER [OPTION...]: pinned, with ONE=one, for everybody.
system_policy() {
	local command=$1 tier=$2 grant=$SYSTEM/etc/envseal/access$1
	shift 2
	set -- --secret ONE=one "$@"
	if plain_program "$command" && [[ $* != *--[!s]* ]]; then
		place_policy "$command" "$tier" 'output.mask = "never"' "$@"
		mkdir -p "${grant%/*}"
		rm -f "$grant"
		: >"$grant"
	else
		in_system "$ENVSEAL" policy new "$command" --force --tier "$tier" "$@" 2>/dev/null
		system_unmask "$command"
		in_system "$ENVSEAL" policy allow "$command" --all 2>/dev/null
	fi
}

# callers_home: a home of the caller's own, which is $HOME from then on. Below the test's directory.
callers_home() {
	HOME=$(mktemp -d "$BATS_TEST_TMPDIR/caller.XXXXXX")
	export HOME XDG_CONFIG_HOME=$HOME/.config XDG_DATA_HOME=$HOME/.local/share
	chown "$CALLER_UID:$CALLER_GID" "$HOME"
	chmod 755 "$HOME"
}
