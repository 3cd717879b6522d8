#!/usr/bin/env bats
# Nobody else may get the run group: an authorised program cannot make a set-id file.
# shellcheck disable=SC2154 # bats sets stderr

load common
load system

setup() {
	common_setup
	need_root
	system_ready
	python=$(realpath /usr/bin/python3)
	callers_home
	open_place
	chown "$CALLER_UID:$CALLER_GID" "$place"
	attempt=$(cat "$BATS_TEST_DIRNAME/setid.py")
}

teardown() {
	umount "$SYSTEM/run" 2>/dev/null || true
	close_place
}

# bats test_tags=root
@test "without the filter the run group is anybody's" {
	# As the target would be: the caller's uid, the run group.
	run -0 in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --clear-groups --no-new-privs \
		"$python" -c "$attempt" "$place"
	echo "$output"
	[[ $output == "made: chmod fchmod"*" open O_TMPFILE openat2 mknod chmod(1) install tar" ]]
	# And then whoever has the caller's uid has the run group.
	run -0 as_caller "$place/made-chmod" -g
	[ "$output" = "$RUN_GID" ]
}

# bats test_tags=root
@test "in every tier of system mode no set-id file can be made" {
	for tier in none hardened lockdown; do
		system_policy "$python" "$tier"
		where=$place
		[ "$tier" != lockdown ] || where=/tmp
		run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" "$python" -c "$attempt" "$where"
		[ "$output" = "made:" ]
		[ "$tier" = lockdown ] || [ -e "$place/made-chmod" ]
		[ -z "$(find "$place" -perm /6000)" ]
		rm -rf "${place:?}"/*
	done
}

# bats test_tags=root
@test "nor where the policy allows listening and every call" {
	system_policy "$python" hardened
	policy=$SYSTEM/etc/envseal/policies$python.toml
	[ -e "$policy" ]
	printf '[process]\nseccomp = "unrestricted"\n' >>"$policy"
	sed -i 's/^\[network\]$/&\nlisten = true/' "$policy"
	run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" "$python" -c "$attempt" "$place"
	[ "$output" = "made:" ]
}
