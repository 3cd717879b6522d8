#!/usr/bin/env bats
# Attacks that change the command while envseal-exec looks at it, and while it runs.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

# For each of four ways and three tiers: some 150 in all, and with ESCAPE_ROUNDS=1000 ten times as
# many.
rounds=$((${ESCAPE_ROUNDS:-100} / 8))

setup() {
	escape_setup
	out=$SYSTEM/run/out
	mkdir -p "$out/bin"
	cp "$BATS_TEST_DIRNAME/swap.py" "$SYSTEM/run/"
}

teardown() {
	escape_teardown
}

# pinned TIER FILE: root's policy for a file of the user's, which bash reads.
pinned() {
	in_system "$ENVSEAL" policy new "$2" --force --interpreter "$bash" --tier "$1" --secret ONE=one 2>/dev/null
	in_system "$ENVSEAL" policy allow "$2" --all 2>/dev/null
	system_unmask "$2"
}

# Of the same length, so that a rewriting is never seen half done.
two_tools() {
	# Whoever swapped them before may have left nothing there.
	rm -rf "${out:?}"/*
	mkdir "$out/bin"
	printf '%s\n' '#!/bin/sh' 'echo "GOOD $ONE"' >"$out/good"
	printf '%s\n' '#!/bin/sh' 'echo "EVIL $ONE"' >"$out/evil"
	cp "$out/good" "$out/bin/tool"
	chmod 755 "$out/good" "$out/evil" "$out/bin/tool"
	chown -R "$CALLER_UID" "$out"
}

# swapping HOW: in the background, by the user.
swapping() {
	two_tools
	rm -f "$BATS_TEST_TMPDIR/said"
	as_caller "$python" /run/swap.py "$1" /run/out/bin/tool /run/out/good /run/out/evil >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	starter=$!
	eventually grep -q swapping "$BATS_TEST_TMPDIR/said"
}

# bats test_tags=thorough
@test "a command swapped between look-up and exec, again and again: never another's content" {
	two_tools
	# Who checks a name and starts the name has it swapped in between.
	run -0 as_caller sh -c 'cd /run/out/bin; [ "$(sha256sum <tool)" = "$(sha256sum <../good)" ] && cp ../evil tool && sh tool'
	[[ $output == EVIL* ]]
	for tier in "${tiers[@]}"; do
		two_tools
		pinned "$tier" /run/out/bin/tool
		for how in rename rewrite link whole_directory; do
			swapping "$how"
			as_caller "$bash" -c 'for ((i = 0; i < $1; i++)); do "$2" /run/out/bin/tool; echo "$?"; done' race \
				"$rounds" "$ENVSEAL_EXEC" >"$BATS_TEST_TMPDIR/log" 2>/dev/null
			end_users
			wait "$starter" || true
			run ! grep -q EVIL "$BATS_TEST_TMPDIR/log"
			# Each one ran, or was refused.
			[ "$(grep -cE '^(0|12[567])$' "$BATS_TEST_TMPDIR/log")" -eq "$rounds" ]
			[ "$(grep -c '^0$' "$BATS_TEST_TMPDIR/log")" -eq "$(grep -cxF "GOOD $secret" "$BATS_TEST_TMPDIR/log")" ]
		done
	done
}

# long_tool WORD: waits for a line, then reads on in its own file, and once more from its own place.
long_tool() {
	echo '#!/bin/bash'
	echo '[ "$1" != second ] || { echo "AGAIN '"$1"' $ONE"; exit; }'
	echo 'echo ready; read -r go'
	# More than bash reads at a time.
	for ((i = 0; i < 1000; i++)); do
		printf '# %070d\n' "$i"
	done
	echo 'echo "END '"$1"' $ONE"; exec bash "$0" second'
}

# The three ways to change it while it waits.
in_place() {
	attacker dd if="$out/evil" of="$out/bin/tool" conv=notrunc status=none
}

renamed() {
	attacker cp "$out/evil" "$out/bin/new"
	attacker mv "$out/bin/new" "$out/bin/tool"
}

directory_renamed() {
	attacker mv "$out/bin" "$out/was"
	attacker mkdir "$out/bin"
	attacker cp "$out/evil" "$out/bin/tool"
}

# changed WAY COMMAND...: its output, when it is changed that way while it runs.
changed() {
	rm -rf "${out:?}/bin" "$out/was" "$BATS_TEST_TMPDIR/go"
	mkdir -p "$out/bin"
	cp "$out/good" "$out/bin/tool"
	chown -R "$CALLER_UID" "$out"
	mkfifo "$BATS_TEST_TMPDIR/go"
	: >"$BATS_TEST_TMPDIR/said"
	as_caller "${@:2}" <"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/said" 2>&1 3>&- &
	starter=$!
	exec {go}>"$BATS_TEST_TMPDIR/go"
	eventually grep -q ready "$BATS_TEST_TMPDIR/said"
	"$1"
	echo go >&"$go"
	exec {go}>&-
	wait "$starter" || true
	cat "$BATS_TEST_TMPDIR/said"
}

@test "a command rewritten, renamed, or its directory renamed, while it runs: it goes on as it was" {
	long_tool GOOD >"$out/good"
	long_tool EVIL >"$out/evil"
	chmod 755 "$out/good" "$out/evil"
	for way in in_place renamed directory_renamed; do
		[[ $(changed "$way" "$bash" /run/out/bin/tool) == *EVIL* ]]
	done
	for tier in "${tiers[@]}"; do
		cp "$out/good" "$out/bin/tool"
		pinned "$tier" /run/out/bin/tool
		for way in in_place renamed directory_renamed; do
			run -0 changed "$way" "$ENVSEAL_EXEC" /run/out/bin/tool
			[[ $output == *"END GOOD $secret"* && $output != *EVIL* ]]
			[[ $output == *"AGAIN GOOD $secret"* ]]
		done
	done
}
