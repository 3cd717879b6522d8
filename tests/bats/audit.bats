#!/usr/bin/env bats
# The log of decisions: one line each in system mode; no state of a logger affects a run.
# shellcheck disable=SC2016,SC2154 # the inner shells expand; bats sets stderr

load common
load system

setup() {
	common_setup
	need_root
	system_ready
	bash=$(realpath /bin/bash)
	log=$BATS_TEST_TMPDIR/system/log.txt
	server=$(cat "$BATS_TEST_DIRNAME/log.py")
	policy=$ENVSEAL_PREFIX/etc/envseal/policies$bash.toml
}

# with_log KIND COMMAND...: run by the caller where /dev/log is of that kind (log.py); $log gets
# what came.
with_log() {
	local kind=$1
	shift
	rm -f "$log"
	in_system "${own_dev[@]}" python3 -c "$server" "$kind" "$log" \
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$@"
}

# logged SEVERITY PATTERN: that is the one line, sent by the caller's uid.
logged() {
	local line
	[ "$(wc -l <"$log")" -eq 1 ]
	line=$(sed -E "s/^$CALLER_UID <$1>envseal-exec\[[0-9]+\]: //" "$log")
	# shellcheck disable=SC2053 # a pattern
	[[ $line == $2 ]] && return
	cat "$log"
	return 1
}

# bats test_tags=root
@test "an allowed run makes one line, with names and without values or arguments" {
	for tier in none hardened lockdown; do
		system_policy "$bash" "$tier"
		run -0 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo "$ONE"' an-argument
		[ "$output" = "$secret" ]
		logged 85 "allowed uid=$CALLER_UID mode=\"system\" tier=\"$tier\" command=\"$bash\" policy=\"$policy\" secrets=\"one\""
		run -1 grep -e "$secret" -e an-argument "$log"
	done
}

# bats test_tags=root
@test "of a template the line has the names, not the text around them" {
	system_policy "$bash" none
	in_system sed -i 's|^ONE = .*|ONE = { template = "postgres://app:pasted-value@${one}/${one}" }|' "$policy"
	run -0 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo "$ONE"'
	[ "$output" = "postgres://app:pasted-value@$secret/$secret" ]
	logged 85 "allowed * secrets=\"one,one\""
}

# bats test_tags=root
@test "a value in front of the command, as env takes it, is in no message and no line" {
	run -127 --separate-stderr with_log datagram "$ENVSEAL_EXEC" TOKEN=pasted-value bash -c true
	[[ $stderr == *"'TOKEN=...' is not a command"* ]]
	run -127 --separate-stderr with_log datagram "$ENVSEAL_EXEC" TOKEN=/pasted-value bash -c true
	[[ $stderr != *pasted* ]]
	run -1 grep -e pasted-value "$log"
}

# bats test_tags=root
@test "each refusal makes one line that says why" {
	local rest="command=\"$bash\" policy=\"$policy\" secrets=\"one\" why="
	# Nobody may use it.
	in_system "$ENVSEAL" policy new "$bash" --tier none --secret ONE=one 2>/dev/null
	run -125 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo RAN'
	logged 84 "refused uid=$CALLER_UID mode=\"system\" tier=- command=\"$bash\" policy=* secrets=- why=\"*policy allow*\""
	# Another content than its hash's.
	system_policy "$bash" none
	in_system sed -i 's/^hash = .*/hash = ["sha256:0000000000000000000000000000000000000000000000000000000000000000"]/' "$policy"
	in_system rm -f "$ENVSEAL_PREFIX/etc/envseal/pins$bash"
	run -125 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo RAN'
	logged 84 "refused uid=$CALLER_UID mode=\"system\" tier=\"none\" $rest\"*\""
	# A secret that the vault has not.
	system_policy "$bash" none --secret TWO=not/there
	run -125 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo RAN'
	logged 84 "refused * secrets=\"one,not/there\" why=\"TWO: no secret of that name*\""
	# A policy with a mistake, whose value is not told.
	in_system sh -c 'echo "tier = \"pasted-secret\"" >"$1"' sh "$policy"
	run -125 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'echo RAN'
	logged 84 "refused * policy=\"$policy\" secrets=- why=*"
	run -1 grep -e pasted-secret "$log"
}

# bats test_tags=root
@test "user mode writes no line" {
	callers_home
	run -125 with_log datagram "$ENVSEAL_EXEC" --user bash -c true
	[ ! -s "$log" ]
	run -125 with_log datagram "$ENVSEAL_EXEC" sh -c true
	[ ! -s "$log" ]
}

# bats test_tags=root
@test "a run goes its way whatever stands at /dev/log" {
	system_policy "$bash" none
	# That queue is full indeed: who waits for it waits for good.
	run -124 with_log full timeout 1 logger -u /dev/log waits
	for tier in none hardened; do
		system_policy "$bash" "$tier"
		for kind in none datagram gone full stream fifo directory file; do
			run -3 --separate-stderr with_log "$kind" "$ENVSEAL_EXEC" bash -c 'echo "$ONE"; exit 3'
			[ "$output" = "$secret" ]
			[ -z "$stderr" ]
			[ "$kind" = datagram ] || [ ! -s "$log" ]
		done
	done
}

# bats test_tags=root
@test "a refusal stays one whatever stands at /dev/log" {
	in_system "$ENVSEAL" policy new "$bash" --tier none --secret ONE=one 2>/dev/null
	for kind in none datagram gone full stream fifo directory file; do
		run -125 --separate-stderr with_log "$kind" "$ENVSEAL_EXEC" bash -c 'echo RAN'
		[ -z "$output" ]
	done
}

# bats test_tags=root
@test "a file's name forges no line" {
	local name=$'x"\n<85>envseal-exec[1]: allowed uid=0'
	cp "$bash" "$SYSTEM/etc/$name"
	system_policy "$ENVSEAL_PREFIX/etc/$name" none
	run -0 --separate-stderr with_log datagram "$ENVSEAL_EXEC" "$ENVSEAL_PREFIX/etc/$name" -c 'echo RAN'
	logged 85 "allowed uid=$CALLER_UID *"
	grep -qF "/x\\x22\\x0a<85>envseal-exec[1]: allowed uid=0\" policy=" "$log"
}

# bats test_tags=root
@test "the target gets nothing of the log's socket" {
	system_policy "$bash" none
	run -0 --separate-stderr with_log datagram "$ENVSEAL_EXEC" bash -c 'readlink /proc/self/fd/*; true'
	[ -n "$output" ]
	[[ $output != *socket* ]]
	[ -s "$log" ]
}
