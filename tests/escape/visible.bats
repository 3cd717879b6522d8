#!/usr/bin/env bats
# Of a run only what SECURITY.md lists is visible, and that says nothing of the secret.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup() {
	escape_setup
	top=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
}

teardown() {
	escape_teardown
}

# listed: the files of /proc/PID in SECURITY.md's first non-promise, one a line.
listed() {
	sed -n '/^## Not promised/,/^2\. /p' "$top/SECURITY.md" | grep -oE '`[a-z_]+`' | tr -d '`' | sort
}

# seen_of PID NEEDLE: what the same uid can read there, one a line.
seen_of() {
	attacker /usr/bin/python3 -c "$(cat "$BATS_TEST_DIRNAME/visible.py")" "$1" "$2"
}

# The file's own name, without what is in a directory.
names() {
	awk '{ print $2 }' | cut -d/ -f1 | sort -u
}

@test "of a run's processes only the files that SECURITY.md lists are visible, and nothing of the secret" {
	[ "$(listed | wc -l)" -ge 30 ]
	policy user "$bash"
	victim user
	seen_of "$target" "$own" >"$BATS_TEST_TMPDIR/seen"
	grep -q '^NEEDLE .*/environ' "$BATS_TEST_TMPDIR/seen"
	for secretive in environ maps mem auxv cwd; do
		names <"$BATS_TEST_TMPDIR/seen" | grep -qx "$secretive"
		run ! grep -qx "$secretive" <(listed)
	done
	end_victim
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		victim "$tier"
		for pid in $(processes); do
			for place in "$pid" "$pid/task/$pid"; do
				seen_of "$place" "$secret" >"$BATS_TEST_TMPDIR/seen"
				nothing "$(grep NEEDLE "$BATS_TEST_TMPDIR/seen")"
				nothing "$(comm -23 <(names <"$BATS_TEST_TMPDIR/seen") <(listed))"
			done
		done
		# These it does show, to whoever looks.
		seen_of "$target" "$secret" | names >"$BATS_TEST_TMPDIR/seen"
		for public in cmdline fd limits mountinfo status; do
			grep -qx "$public" "$BATS_TEST_TMPDIR/seen"
		done
		# The numbers of descriptors, and not what they are.
		run ! attacker readlink "/proc/$target/fd/0"
		end_victim
	done
}
