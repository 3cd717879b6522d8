#!/usr/bin/env bats
# policies/usr/bin/redis-cli.toml, with a Redis.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup_file() {
	[ "$(id -u)" -eq 0 ] && [ -e /usr/bin/redis-server ] || return 0
	export REDIS_PORT password=pw-$RANDOM$RANDOM$RANDOM
	REDIS_PORT=$(free_port)
	printf 'bind 127.0.0.1\nport %s\nsave ""\ndir /\nrequirepass %s\n' "$REDIS_PORT" "$password" >"$BATS_FILE_TMPDIR/redis.conf"
	serve "$REDIS_PORT" redis-server "$BATS_FILE_TMPDIR/redis.conf"
}

teardown_file() {
	serve_end
}

setup() {
	need_programs /usr/bin/redis-server /usr/bin/redis-cli
	shipped_setup
	secret=$password
	keep redis/password
	mine="s/6379/$REDIS_PORT/"
}

teardown() {
	shipped_teardown
}

# bats test_tags=root
@test "redis-cli: the job" {
	ship usr/bin/redis-cli "$mine"
	run -0 job redis-cli PING
	[ "$output" = PONG ]
	run -0 job redis-cli SET colour "sky blue" EX 60
	run -0 job redis-cli GET colour
	[ "$output" = 'sky blue' ]
	# Without the password nothing is to be had.
	run -0 redis-cli -p "$REDIS_PORT" GET colour
	shows NOAUTH
}

# bats test_tags=root
@test "redis-cli: not to another server, by options or by the prompt" {
	elsewhere redis
	ship usr/bin/redis-cli "$mine" "$NO_RULES"
	run job redis-cli -p "$elsewhere" PING
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	run job redis-cli <<<"connect 127.0.0.1 $elsewhere"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/redis-cli "$mine"
	refused redis-cli -p "$elsewhere" PING
	refused redis-cli -u "redis://127.0.0.1:$elsewhere" PING
	run -125 job redis-cli <<<"connect 127.0.0.1 $elsewhere"
	printf 'connect 127.0.0.1 %s\n' "$elsewhere" >"$HOME/.redisclirc"
	# Options behind the command are the command's.
	run -0 job redis-cli SET x y -p "$elsewhere"
	shows 'ERR syntax'
	run -0 job redis-cli PING
	spared
}

# bats test_tags=root
@test "redis-cli: what has the password in it is not on the list, and masked" {
	ship usr/bin/redis-cli "$mine" "$NO_RULES" "$NO_MASK"
	run -0 job redis-cli CONFIG GET requirepass
	shows "$secret"
	ship usr/bin/redis-cli "$mine" "$NO_RULES"
	run -0 job redis-cli CONFIG GET requirepass
	shows '[envseal:redis/password]'
	ship usr/bin/redis-cli "$mine"
	refused redis-cli CONFIG GET requirepass
	refused redis-cli config get requirepass
	refused redis-cli --eval /proc/self/environ
	refused redis-cli -x SET x
	refused redis-cli 2 CONFIG GET requirepass
	run -0 job redis-cli SET x "$secret"
	run -0 job redis-cli GET x
	[ "$output" = '[envseal:redis/password]' ]
}
