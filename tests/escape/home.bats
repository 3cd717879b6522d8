#!/usr/bin/env bats
# Attacks on the private home: files that the caller prepares where a program looks for its
# settings.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	"${CC:-cc}" -std=gnu11 -O1 -o "$BATS_FILE_TMPDIR/flip" "$BATS_TEST_DIRNAME/flip.c"
	chmod go+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_FILE_TMPDIR")" "$BATS_FILE_TMPDIR"
}

setup() {
	escape_setup
	# Neither below the private /tmp nor below the fresh /run.
	export places=$BATS_TEST_TMPDIR/places
	install -d "$places"
	install -d -o "$CALLER_UID" "$places/own"
	settings='echo STOLEN'
}

teardown() {
	escape_teardown
}

# at_home DIRECTORY COMMAND...: by the caller, where $places are /srv, with that HOME.
at_home() {
	in_system "$bash" -c 'mount --bind "$places" /srv && exec "$@"' at_home \
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups env HOME="$1" "${@:2}"
}

# replaces: another directory, with settings in it, takes the place of what is a home; its parent is
# the attacker's.
replaces() {
	attacker "$bash" -c 'mv "$1" "$1.old" && mkdir "$1" && echo "$2" >"$1/settings"' replaces "$places/own/home" "$settings"
}

@test "a home that the caller can replace is not the program's" {
	install -d -o "$CALLER_UID" "$places/own/home"
	# What is mounted there goes along.
	unshare --mount --propagation private "$bash" -c 'mount -t tmpfs private "$1" && echo up &&
		until [ -s "$1/settings" ]; do sleep 0.02; done && cat "$1/settings"' \
		naive "$places/own/home" >"$BATS_TEST_TMPDIR/said" 3>&- &
	naive=$!
	eventually grep -qx up "$BATS_TEST_TMPDIR/said"
	replaces
	wait "$naive"
	grep -qx "$settings" "$BATS_TEST_TMPDIR/said"
	for tier in hardened lockdown; do
		rm -rf "$places"/own/* "$BATS_TEST_TMPDIR/said"
		install -d -o "$CALLER_UID" "$places/own/home"
		policy "$tier" "$bash"
		starts "$tier" "$bash" -c 'echo up; until [ -s /srv/own/home/settings ]; do sleep 0.02; done; ls -d "$HOME"; . "$HOME/settings"'
		at_home /srv/own/home "${words[@]}" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
		program=$!
		eventually grep -qx up "$BATS_TEST_TMPDIR/said"
		replaces
		wait "$program" || true
		grep -qx /tmp "$BATS_TEST_TMPDIR/said"
		nothing "$(grep STOLEN "$BATS_TEST_TMPDIR/said")"
		# Where only root can, it is.
		run -0 --separate-stderr at_home /srv/own "${words[@]:0:2}" -c 'echo "$HOME"; ls -A "$HOME"'
		[ "$output" = /srv/own ]
	done
}

@test "a home on a mount that the caller could have made is not the program's" {
	policy hardened "$bash"
	for options in suid nosuid,nodev; do
		run -0 --separate-stderr in_system "$bash" -euc 'mount -t tmpfs -o "$1,mode=0755" image /srv
			install -d -o "$CALLER_UID" /srv/home
			exec setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups env HOME=/srv/home "${@:2}"' \
			on_mount "$options" "$ENVSEAL_EXEC" "$bash" -c 'echo "$HOME"'
		case $options in
		suid) [ "$output" = /srv/home ] ;;
		*) [ "$output" = /tmp ] ;;
		esac
	done
}

# bats test_tags=thorough
@test "HOME names the private home, whatever it leads to meanwhile" {
	for name in one other; do
		install -d -o "$CALLER_UID" "$places/$name"
		echo "$settings" >"$places/$name/settings"
		ln -s "../$name" "$places/own/$name"
	done
	policy hardened "$bash"
	"$BATS_FILE_TMPDIR/flip" "$places/own/one" "$places/own/other" 3>&- &
	flip=$!
	run at_home /srv/own/one "$bash" -c 'for ((i = 0; i < 200; i++)); do "$@"; done 2>&1 | sort | uniq -c' race \
		"$ENVSEAL_EXEC" "$bash" -c 'ls -d "$HOME"; . "$HOME/settings"'
	kill "$flip"
	[[ $output == *" /srv/one"* && $output == *" /srv/other"* ]]
	nothing "$(grep STOLEN <<<"$output")"
}
