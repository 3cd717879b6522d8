#!/usr/bin/env bats
# A sample of tests/leaks: every verb, with all its refusals, runs with known values, and the test
# finds the values nowhere afterwards. `make leaks` runs everything. tests/leaks/commands.py and
# disturbances.py list the trials.
# shellcheck disable=SC2154 # bats sets stderr

load common
load system

setup_file() {
	# Hundreds of runs a test, and elsewhere on the machine thousands; a run that hangs ends
	# after a minute.
	export BATS_TEST_TIMEOUT=600
	[ "${ENVSEAL_LEAKS:-}" != full ] || BATS_TEST_TIMEOUT=36000
}

setup() {
	local source=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
	command -v cc >/dev/null || skip "no compiler for tests/leaks/search.c"
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "ENVSEAL_PREFIX says where envseal is installed"
	common_setup
	leaks=$BATS_TEST_DIRNAME/../leaks
	export LEAKS_SEARCH=$BATS_FILE_TMPDIR/search SYSTEM=$BATS_TEST_TMPDIR/system TMPDIR=$BATS_TEST_TMPDIR
	[ -x "$LEAKS_SEARCH" ] || cc -std=gnu11 -O2 -D_GNU_SOURCE -I"$source/src" -o "$LEAKS_SEARCH" \
		"$leaks/search.c" "$source/src/mask/encoding.c"
	[ "${ENVSEAL_LEAKS:-}" != full ] || full=--full
}

teardown() {
	[ -z "${was:-}" ] || printf '%s\n' "$was" >"$pattern"
}

# sweep KIND [ARGUMENT]: shows the table as well, where all is run.
sweep() {
	local status=0
	"${where[@]}" "$leaks/run" ${full:+"$full"} "$@" >"$BATS_TEST_TMPDIR/table" 2>&1 || status=$?
	[ -z "${full:-}" ] || sed 's/^/# /' "$BATS_TEST_TMPDIR/table" >&3
	[ "$status" -eq 0 ] || cat "$BATS_TEST_TMPDIR/table"
	return "$status"
}

# hex TEXT
hex() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}

@test "the search finds each value in each encoding that masking knows, in names, in memory, and a part of it" {
	local planted=$BATS_TEST_TMPDIR/planted needles=$BATS_TEST_TMPDIR/needles value='Zq7"Wk/+ pL?x\9&vT~canary-é' file pid
	mkdir "$planted" "$planted/names"
	printf 'value %s\nkey %s\n' "$(hex "$value")" "$(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')" >"$needles"
	run -0 --separate-stderr "$LEAKS_SEARCH" "$needles" "$planted"
	[[ -z $output && $stderr == "searched 0 files"* ]]
	"$LEAKS_SEARCH" --plant "$needles" "$planted"
	[ "$(find "$planted" -type f | wc -l)" -eq "$((2 * $(grep -cE '^	[A-Z0-9]+\("' "${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}/src/mask/encoding.c")))" ]
	for file in "$planted"/*" "*; do
		run -1 --separate-stderr "$LEAKS_SEARCH" "$needles" "$file"
		[[ $output == *": ${file##*/}"* || $output == *": value, "* || $output == *": key, "* ]]
		[ "$stderr" != "searched 0 files, 0 bytes" ]
	done
	for file in "$value" "${value:4:9}" "x$(printf %s "$value" | base64 | cut -c 4-16)"; do
		ln -s "$file" "$planted/names/link"
		run -1 "$LEAKS_SEARCH" "$needles" "$planted/names"
		rm "$planted/names/link"
	done
	for file in "${value:4:7}" canary canary-canar; do
		ln -s "$file" "$planted/names/link"
		run -0 "$LEAKS_SEARCH" "$needles" "$planted/names"
		rm "$planted/names/link"
	done
	printf '%s\n' "$value" | base64 -w 7 | sed 's/$/  /' >"$planted/names/broken"
	run -1 "$LEAKS_SEARCH" "$needles" "$planted/names"
	env -i CANARY="$value" sleep 60 3>&- &
	pid=$!
	sleep 0.2
	run -1 "$LEAKS_SEARCH" "$needles" "pid:$pid"
	kill "$pid"
	[[ $output == *"/environ: value, as it is"*"[stack]: value, as it is"* ]]
}

@test "every verb as it is: nothing printed, written, or left running has a value" {
	where=(env LEAKS_COLUMN=as_it_is)
	sweep user
}

# bats test_tags=thorough
@test "every verb and refusal: no output, file, log or process contains a value" {
	# As root with a log to listen to, and with a disk that can be full.
	where=()
	[ "$(id -u)" -ne 0 ] || where=(env LEAKS_OWN_DEV=1 unshare --mount --propagation private -- "${own_dev[@]}")
	sweep user
}

# bats test_tags=thorough
@test "damaged files, secrets in the wrong place, failing calls, signals in between" {
	where=()
	sweep broken
}

# bats test_tags=thorough
@test "a passphrase and a recovery key, right, wrong and in between" {
	where=()
	sweep passphrase
}

# bats test_tags=thorough
@test "the terminal never shows input at prompts, however a prompt ends" {
	where=()
	sweep terminal
}

# bats test_tags=root,thorough
@test "system mode: users' runs, root's administration, and the log" {
	need_root
	system_setup
	export ENVSEAL_PREFIX
	system_install full
	# In there /tmp is another.
	cp -r "$leaks" "$BATS_TEST_TMPDIR/leaks"
	leaks=$BATS_TEST_TMPDIR/leaks
	where=(in_system env LEAKS_OWN_DEV=1 "${own_dev[@]}")
	sweep system
	[ "$(sed -nE 's/.* ([0-9]+) messages to the log.*/\1/p' "$BATS_TEST_TMPDIR/table")" -gt 20 ]
}

# bats test_tags=root,thorough
@test "a crash, wherever it comes: no core file has a value" {
	need_root
	pattern=/proc/sys/kernel/core_pattern
	[ -w "$pattern" ] || skip "the core pattern cannot be set here"
	mkdir -m 777 "$BATS_TEST_TMPDIR/cores"
	# The same lock as in tests/escape/core.bats.
	exec {lock}<"$pattern"
	timeout 100 flock "$lock"
	was=$(cat "$pattern")
	printf '%s\n' "$BATS_TEST_TMPDIR/cores/core.%P" >"$pattern"
	where=()
	sweep core "$BATS_TEST_TMPDIR/cores"
}
