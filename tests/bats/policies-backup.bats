#!/usr/bin/env bats
# policies/usr/bin/restic.toml and borg.toml, with repositories in directories.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup() {
	need_programs /usr/bin/restic /usr/bin/borg
	shipped_setup
	export USER=tester
	open_place
	install -d -o "$CALLER_UID" -g "$CALLER_GID" "$place/files" "$place/repository"
	echo 'to be kept' >"$place/files/letter"
	# The caller's way to what only the program has.
	ln -s /proc "$place/files/link"
	chown -h "$CALLER_UID" "$place/files/link"
	paths="s|/home/|$place/files/|;s|/srv/[a-z]*|$place/repository|"
	# With a variable in place of the file or descriptor.
	variable='s/^RESTIC_PASSWORD_FILE = .*/RESTIC_PASSWORD = "restic\/password"/;s/^BORG_PASSPHRASE_FD = .*/BORG_PASSPHRASE = "borg\/passphrase"/'
}

teardown() {
	close_place
	shipped_teardown
}

# bats test_tags=root
@test "restic: the job: a backup that can be restored with the password" {
	keep restic/password
	ship usr/bin/restic "$paths" 's/^allow = \[/&["init"],/'
	run -0 job restic init
	ship usr/bin/restic "$paths"
	refused restic init
	run -0 job restic backup "$place/files/letter"
	run -0 job restic backup --tag evening "$place/files/"
	run -0 job restic snapshots
	shows evening
	run -0 job restic ls latest
	shows letter
	run -0 job restic check
	RESTIC_PASSWORD=$secret run -0 restic --no-cache -r "$place/repository" restore latest --target "$BATS_TEST_TMPDIR/back"
	[ "$(<"$BATS_TEST_TMPDIR/back$place/files/letter")" = 'to be kept' ]
}

# bats test_tags=root
@test "restic: the password cannot be backed up" {
	keep restic/password
	ship usr/bin/restic "$paths" "$variable" "$NO_RULES"
	run -0 job restic init
	run job restic backup "$place/files/link/self/environ"
	RESTIC_PASSWORD=$secret run -0 bash -c 'restic --no-cache -r "$1" dump latest "$2" | tr "\0" "\n"' dump "$place/repository" "$place/files/link/self/environ"
	shows "$secret"
	ship usr/bin/restic "$paths"
	for file in environ fd fd/20 cmdline maps; do
		run job restic backup "$place/files/link/self/$file"
		refused restic backup "/proc/self/$file"
	done
	# All that is in there now, but for the first.
	export RESTIC_PASSWORD=$secret
	for snapshot in $(restic --no-cache -r "$place/repository" snapshots --json | jq -r '.[1:][].id'); do
		run restic --no-cache -r "$place/repository" restore "$snapshot" --target "$BATS_TEST_TMPDIR/$snapshot"
		[ -d "$BATS_TEST_TMPDIR/$snapshot$place" ]
		run -1 grep -rqa -- "$secret" "$BATS_TEST_TMPDIR/$snapshot"
	done
}

# bats test_tags=root
@test "restic: no keys, no programs, no other repository" {
	keep restic/password
	ship usr/bin/restic "$paths" "$NO_RULES" "$NO_LIST"
	run -0 job restic init
	run -0 --separate-stderr job restic cat masterkey
	shows '"encrypt"'
	printf '#!/bin/sh\nset | rev >&2\necho wrong\n' >"$place/files/helper"
	chmod 755 "$place/files/helper"
	ship usr/bin/restic "$paths" "$variable" "$NO_RULES" "$NO_LIST"
	run job restic --password-command "$place/files/helper" snapshots
	shows "$(rev <<<"$secret")"
	ship usr/bin/restic "$paths" "$variable" "$NO_RULES"
	run job restic --password-command "$place/files/helper" snapshots
	hides "$(rev <<<"$secret")"
	ship usr/bin/restic "$paths"
	for attempt in "cat masterkey" "key list" "key add" "dump latest /x" "debug dump all" "restore latest --target /tmp/x" \
		"-r /tmp/x snapshots" "snapshots -r /tmp/x" "--password-command x snapshots" "backup $place/files/ --exclude-file=/proc/self/fd/20" "self-update"; do
		# shellcheck disable=SC2086
		refused restic $attempt
	done
	run -0 job restic snapshots
}

# bats test_tags=root
@test "borg: the job: a backup that can be restored with the passphrase" {
	keep borg/passphrase
	ship usr/bin/borg "$paths" 's/^allow = \[/&["init", "-e", "repokey-blake2"],/'
	run -0 job borg init -e repokey-blake2
	ship usr/bin/borg "$paths"
	refused borg init -e none
	run -0 job borg create ::evening "$place/files/letter"
	run -0 job borg create --stats ::later "$place/files/"
	run -0 job borg list --short
	shows evening
	run -0 job borg list ::evening
	shows letter
	run -0 job borg check
	export BORG_PASSPHRASE=$secret BORG_BASE_DIR=$BATS_TEST_TMPDIR
	run -0 borg extract --stdout "$place/repository::evening"
	[ "$output" = 'to be kept' ]
}

# bats test_tags=root
@test "borg: the passphrase cannot be backed up" {
	keep borg/passphrase
	ship usr/bin/borg "$paths" "$variable" "$NO_RULES"
	run -0 job borg init -e repokey-blake2
	run job borg create --read-special ::environment "$place/files/link/self/environ"
	export BORG_PASSPHRASE=$secret BORG_BASE_DIR=$BATS_TEST_TMPDIR
	run -0 bash -c 'borg extract --stdout "$1" | tr "\0" "\n"' extract "$place/repository::environment"
	shows "$secret"
	ship usr/bin/borg "$paths"
	for file in environ fd fd/3 fd/20 mem; do
		run job borg create "::${file/\//-}" "$place/files/link/self/$file"
		run -0 bash -c 'borg extract --stdout "$1" | tr "\0" "\n"' extract "$place/repository::${file/\//-}"
		hides
	done
	refused borg create --read-special ::x "$place/files/link/self/fd/3"
}

# bats test_tags=root
@test "borg: no keys, no programs, no other repository, no module of the caller's" {
	keep borg/passphrase
	printf '#!/bin/sh\ntr "\\0" "\\n" </proc/$PPID/environ | rev\n' >"$place/files/helper"
	chmod 755 "$place/files/helper"
	printf 'import os\nos.write(2, os.environ["BORG_REPO"].encode())\n' >"$place/files/json.py"
	ship usr/bin/borg "$paths" "$variable" "$NO_RULES" "$NO_LIST"
	run -0 job borg init -e repokey-blake2
	run -0 job borg with-lock "$place/repository" "$place/files/helper"
	shows "$(rev <<<"$secret")"
	run -0 job borg key export "$place/repository"
	shows BORG_KEY
	ship usr/bin/borg "$paths" "$variable" "$NO_RULES"
	run job borg with-lock "$place/repository" "$place/files/helper"
	hides "$(rev <<<"$secret")"
	ship usr/bin/borg "$paths"
	for attempt in "with-lock $place/repository $place/files/helper" "key export" "key change-passphrase" "list /tmp/x" \
		"--rsh x list" "list --rsh=x" "create --content-from-command ::x $place/files/helper" "debug info" "export-tar ::x -"; do
		# shellcheck disable=SC2086
		refused borg $attempt
	done
	IN_SYSTEM_DIRECTORY=$place/files PYTHONPATH=$place/files BORG_DISPLAY_PASSPHRASE=yes run -0 job borg list
	hides "$place/repository"
	hides
}
