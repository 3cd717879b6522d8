#!/usr/bin/env bats
# tests/run itself: after any signal no process, mount or file of its tests is left.
# shellcheck disable=SC2154 # bats sets these

load common

setup() {
	common_setup
	[ -n "${ENVSEAL_PREFIX:-}" ] || skip "ENVSEAL_PREFIX says where envseal is installed"
	local top=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}
	project=$BATS_TEST_TMPDIR/project
	mkdir -p "$project"/{contrib,doc,policies,src,tests/bats,tests/escape}
	cp "$top/contrib/prepare.bash" "$project/contrib/"
	cp "$top/tests/run" "$top/tests/job.c" "$project/tests/"
	touch "$project/NEWS" "$project/README.md"
	# No other process on this machine sleeps that long.
	nap=$((1000000 + RANDOM)).$BASHPID
	# bats would take a line that begins with @test for a test of this file.
	local word=@test
	cat >"$project/tests/bats/nap.bats" <<-END
		$word "a daemon that ignores signals, a mount, and a test that does not end" {
			if [ "\$(id -u)" -eq 0 ]; then
				mkdir "\$TMPDIR/mount"
				mount -t tmpfs envseal-test "\$TMPDIR/mount"
			fi
			mkdir "/tmp/\$ENVSEAL_RUN-\$(id -u)"
			setsid sh -c 'trap "" HUP INT TERM; sleep $nap & wait' 3>&- &
			sleep $nap
		}
	END
	# Root's run has root's job and a user's beside it.
	naps=$([ "$(id -u)" -eq 0 ] && [ "$(nproc)" -gt 1 ] && echo 4 || echo 2)
}

teardown() {
	pkill -KILL -fx "sleep $nap" || true
}

sleepers() {
	pgrep -fxc "sleep $nap" || true
}

# start_suite: in a session of its own, in the background, where a shell ignores SIGINT; returns
# when all of it sleeps.
start_suite() {
	# Without the inner programs of bats, which only work inside it.
	PATH=${PATH//"$BATS_LIBEXEC:"/} ENVSEAL_APPARMOR_SWITCH=/dev/null setsid "$project/tests/run" nap.bats >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	suite=$!
	while [ "$(sleepers)" -lt "$naps" ]; do
		kill -0 "$suite" || { cat "$BATS_TEST_TMPDIR/log" && return 1; }
		sleep 0.1
	done
	mapfile -t made < <(tr '\0' '\n' <"/proc/$(pgrep -fx "sleep $nap" | head -n 1)/environ" |
		sed -nE 's/^(ENVSEAL_SOURCE|ENVSEAL_OPEN_PLACE)=(.*)\/[a-z]*$/\2/p')
	[ ${#made[@]} -eq 2 ] && [ -d "${made[0]}" ] && [ -d "${made[1]}" ]
}

# nothing_left STATUS: after the suite's end, which must be that.
nothing_left() {
	local status=0
	wait "$suite" || status=$?
	[ "$status" -eq "$1" ]
	[ "$(sleepers)" -eq 0 ]
	[ ! -e "${made[0]}" ] && [ ! -e "${made[1]}" ]
	run ! compgen -G "/tmp/${made[0]##*/}-*"
	run ! grep -F -e "${made[0]}" -e "${made[1]}" /proc/self/mountinfo
}

@test "SIGTERM to tests/run alone ends everything that it started" {
	start_suite
	kill -TERM "$suite"
	nothing_left 143
}

@test "Ctrl-C, SIGINT to its process group, ends everything that it started" {
	start_suite
	kill -INT -- "-$suite"
	nothing_left 130
}
