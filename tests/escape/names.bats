#!/usr/bin/env bats
# Attacks on the way from a name to a program: links and directories that change between the look-up
# of the policy and the opening of the program.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	"${CC:-cc}" -std=gnu11 -O1 -o "$BATS_FILE_TMPDIR/flip" "$BATS_TEST_DIRNAME/flip.c"
	chmod go+x "$BATS_RUN_TMPDIR" "$(dirname "$BATS_FILE_TMPDIR")" "$BATS_FILE_TMPDIR"
}

setup() {
	escape_setup
}

teardown() {
	escape_teardown
}

# trusted COMMAND: its policy takes any content of a file that is root's.
trusted() {
	in_system sed -i 's/^tier = .*/&\npin = "trusted"/; /^hash = /d' "$ETC/policies$1.toml"
}

# not_hashed SCRIPT: its interpreter may be any that is trusted.
not_hashed() {
	in_system sed -i '/^interpreter_hash = /d' "$ENVSEAL_PREFIX/etc/envseal/policies$1.toml"
}

# bats test_tags=thorough
@test "a directory that changes while the command is looked for starts no other program" {
	cp /usr/bin/echo "$SYSTEM/bin/tool"
	policy none "$bin/tool"
	trusted "$bin/tool"
	callers_home
	ln -s "$bin" "$HOME/one"
	mkdir "$HOME/other"
	ln -s "$bash" "$HOME/other/tool"
	chown -Rh "$CALLER_UID" "$HOME"
	"$BATS_FILE_TMPDIR/flip" "$HOME/one" "$HOME/other" 3>&- &
	flip=$!
	run as_caller "$bash" -c 'for ((i = 0; i < 1000; i++)); do "$1" "$2/one/tool" -c '\''echo RAN; env'\'' 2>&1; done | sort | uniq -c' \
		race "$ENVSEAL_EXEC" "$HOME"
	kill "$flip"
	# Both were met, and where it was the link, there was no policy.
	[[ $output == *" -c echo RAN; env"* ]]
	[[ $output == *"no policy for '$HOME/one/tool'"* ]]
	nothing "$(grep -E "^ *[0-9]+ (RAN|.*$secret)" <<<"$output")"
}

@test "a trusted program that a link of the user's leads to is not the one of the policy" {
	callers_home
	ln -s "$bash" "$HOME/tool"
	policy none "$HOME/tool"
	go none "$HOME/tool" -c 'echo RAN'
	trusted "$HOME/tool"
	run -125 --separate-stderr go none "$HOME/tool" -c 'echo RAN'
	[[ $stderr == *"users other than root can change it, or a directory or link on the way to it"* ]]
	# Where the link is root's, as for /usr/bin/python3, it is.
	ln -s "$bash" "$SYSTEM/bin/tool"
	policy none "$bin/tool"
	trusted "$bin/tool"
	run -0 go none "$bin/tool" -c 'echo RAN'
}

@test "an interpreter behind a link of the user's is the one that was hashed" {
	callers_home
	mkdir -p "$HOME/venv/bin"
	printf '%s\n' "#!$HOME/venv/bin/python" 'print("honest")' >"$HOME/script"
	chmod 755 "$HOME/script"
	for tier in "${tiers[@]}"; do
		ln -sfn "$python" "$HOME/venv/bin/python"
		policy "$tier" "$HOME/script"
		run -0 go "$tier" "$HOME/script"
		[ "$output" = honest ]
		# Left to itself, whose link it is has the script read by what it likes.
		ln -sfn /usr/bin/find "$HOME/venv/bin/python"
		run -0 "$HOME/script" -maxdepth 0 -exec echo STOLEN ';'
		[ "$output" = STOLEN ]
		run -125 go "$tier" "$HOME/script" -maxdepth 0 -exec echo STOLEN ';'
		[[ $output == *"is not what was pinned"* ]]
		not_hashed "$HOME/script"
		run -125 go "$tier" "$HOME/script" -maxdepth 0 -exec echo STOLEN ';'
		[[ $output == *"interpreter_hash"* ]]
	done
}

# with_fuse SCRIPT ARG...: as root, where /srv/home is such a file system of the caller's.
with_fuse() {
	install -d "$BATS_TEST_TMPDIR/places/home"
	cp "$BATS_TEST_DIRNAME/fuse.py" "$BATS_TEST_TMPDIR"
	in_system "$bash" -c 'mount --bind "$1/places" /srv
		"$2" "$1/fuse.py" /srv/home "$CALLER_UID" bash >"$1/fuse.log" 2>&1 3>&- &
		while ! grep -q . "$1/fuse.log"; do sleep 0.05; done
		grep -qx mounted "$1/fuse.log" || { cat "$1/fuse.log"; exit 77; }
		status=0
		"$BASH" -euc "${@:3}" || status=$?
		umount /srv/home
		wait
		exit "$status"' with_fuse "$BATS_TEST_TMPDIR" "$python" "$@"
}

@test "a user's file system that claims that its files are root's is not trusted" {
	run with_fuse '[ "$(stat -c %u:%a /srv/home /srv/home/tool)" = "$(printf "0:755\n0:755")" ]
		# Whoever reads it again reads something else.
		cat /srv/home/tool
		bash /srv/home/tool
		"$ENVSEAL" policy new /srv/home/tool --tier none --secret ONE=one
		"$ENVSEAL" policy allow /srv/home/tool --all
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "$ENVSEAL_EXEC" /srv/home/tool | sed "s/^/envseal: /"'
	echo "$output"
	[ "$status" -ne 77 ] || skip "no FUSE here: $output"
	[ "$status" -eq 0 ]
	grep -qx 'echo honest' <<<"$output"
	grep -qx STOLEN <<<"$output"
	grep -qx 'envseal: honest' <<<"$output"
}

# with_image COMMAND...: as the caller, where /srv is a file system that the caller could have
# mounted, and whose image so is the caller's: as soon as /srv/report has said that it waits, its
# content is another.
with_image() {
	in_system "$bash" -euc 'mount -t tmpfs -o nosuid,nodev,mode=0755 image /srv
		cp "$1/report" /srv
		cd "$1"
		rm -f go
		mkfifo go
		: >said
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "${@:2}" <go >said 2>&1 3>&- &
		exec 4>go
		for ((i = 0; i < 400; i++)); do
			if grep -q waiting said || ! kill -0 "$!" 2>/dev/null; then break; fi
			sleep 0.05
		done
		printf STOLEN | dd of=/srv/report bs=1 seek="$(grep -abo honest /srv/report | cut -d : -f 1)" conv=notrunc status=none
		echo >&4
		status=0
		wait "$!" || status=$?
		cat said
		exit "$status"' with_image "$BATS_TEST_TMPDIR" "$@"
}

# bats test_tags=thorough
@test "a file that is root's only by a mount of the user's cannot change while it runs" {
	# Longer than what bash reads at once.
	printf '%s\n' '#!/bin/bash' 'echo waiting' 'read -r _' "# $(head -c 20000 /dev/zero | tr '\0' x)" 'echo honest' \
		>"$BATS_TEST_TMPDIR/report"
	chmod 755 "$BATS_TEST_TMPDIR/report"
	run -0 with_image "$bash" /srv/report
	[ "$output" = waiting$'\n'STOLEN ]
	callers_home
	for tier in "${tiers[@]}"; do
		rm -f "$HOME/report"
		cp "$BATS_TEST_TMPDIR/report" "$HOME"
		policy "$tier" "$HOME/report"
		ln -sf /srv/report "$HOME/report"
		run -0 with_image "$ENVSEAL_EXEC" "$HOME/report"
		echo "$tier: $output"
		[ "$output" = waiting$'\n'honest ]
	done
}

@test "a root directory of the policy's does not bring a script of its own" {
	export places=$BATS_TEST_TMPDIR/places
	mkdir -p "$places/root"/{proc,dev,tmp,run,srv}
	# shellcheck disable=SC2046 # one word a file
	cp -L --parents "$bash" $(ldd "$bash" | grep -o '/[^ :]*' | sort -u) "$places/root"
	printf '%s\n' '#!/bin/bash' 'echo "honest $0"' >"$places/report"
	printf '%s\n' '#!/bin/bash' 'echo STOLEN' >"$places/root/srv/report"
	chmod 755 "$places/report" "$places/root/srv/report"
	run -0 chroot "$places/root" "$bash" /srv/report
	[ "$output" = STOLEN ]
	for tier in hardened lockdown; do
		for pin in hash trusted; do
			run -0 --separate-stderr in_system "$bash" -euc 'mount --bind "$places" /srv
				"$ENVSEAL" policy new /srv/report --force --tier "$1" --secret ONE=one 2>/dev/null
				sed -i "/^\[filesystem\]/a root = \"/srv/root\"\nhome = \"host\"" "$ETC/policies/srv/report.toml"
				[ "$2" = hash ] || sed -i "s/^hash = .*/pin = \"trusted\"/" "$ETC/policies/srv/report.toml"
				"$ENVSEAL" policy allow /srv/report --all 2>/dev/null
				exec setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups "$ENVSEAL_EXEC" /srv/report' \
				with_root "$tier" "$pin"
			[[ $output == "honest "*/script/report ]]
		done
	done
}
