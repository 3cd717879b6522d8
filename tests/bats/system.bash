# System mode in a test: what is configured as $ENVSEAL_PREFIX/bin, etc and var is the test's own, and so is
# /run, in a mount namespace of its own, so that nothing of the machine is touched and no account is made.
# Root only.
# shellcheck shell=bash

need_root() {
	[ "$(id -u)" -eq 0 ] || skip "needs root"
}

# Nobody has these; the numbers are all that counts.
export SERVICE_UID=64001 RUN_GID=64002 CALLER_UID=64003 CALLER_GID=64003

# system_setup: empty configured places. After common_setup.
system_setup() {
	SYSTEM=$BATS_TEST_TMPDIR/system
	ETC=$ENVSEAL_PREFIX/etc/envseal VAR=$ENVSEAL_PREFIX/var/lib/envseal
	export SYSTEM ETC VAR
	mkdir -p "$SYSTEM/etc" "$SYSTEM/var/lib" "$SYSTEM/run" "$ENVSEAL_PREFIX/etc" "$ENVSEAL_PREFIX/var"
	cp -a "$ENVSEAL_PREFIX/bin" "$SYSTEM/bin"
	# What is trusted in a test that is not about trust.
	chmod 755 "$SYSTEM" "$SYSTEM/bin" "$SYSTEM/etc" "$SYSTEM/run" "$SYSTEM/var" "$SYSTEM/var/lib"
}

# in_system COMMAND...: there. A /tmp that all may write is no place for root's files, so within it the
# prefix and the test stand below another one, which only root writes.
in_system() {
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private -- bash -euc '
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
		mkdir -p "$new"
		mount -t tmpfs -o mode=0755 envseal-test "$new"
		covered "$ENVSEAL_PREFIX"
		covered "$BATS_TEST_TMPDIR"
		if [ -n "$(ls "$new")" ]; then mount --move "$new" /tmp; fi
		for part in bin etc var; do mount --bind "$SYSTEM/$part" "$ENVSEAL_PREFIX/$part"; done
		mount --bind "$SYSTEM/run" /run
		cd "${IN_SYSTEM_DIRECTORY:-/}"
		exec "$@"' in_system "$@"
}

# as_caller COMMAND...: there, as an ordinary user in no further group; as_member GID COMMAND...: in that one.
as_caller() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

as_member() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --groups "$1" -- "${@:2}"
}
