#!/usr/bin/env bats
# policies/usr/bin/mariadb.toml, with a MariaDB.
# shellcheck disable=SC2016,SC2089,SC2090,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup_file() {
	local directory
	[ "$(id -u)" -eq 0 ] && [ -e /usr/sbin/mariadbd ] || return 0
	directory=$(server_directory mysql)
	export DATABASE_PORT password=pw-$RANDOM$RANDOM$RANDOM
	DATABASE_PORT=$(free_port)
	mariadb-install-db --no-defaults --user=mysql --datadir="$directory/db" --auth-root-authentication-method=normal \
		--skip-test-db >/dev/null
	printf "%s\n" "create database app;" "create user app@'127.0.0.1' identified by '$password';" \
		"grant all on app.* to app@'127.0.0.1';" >"$BATS_FILE_TMPDIR/init.sql"
	chmod 644 "$BATS_FILE_TMPDIR/init.sql"
	serve "$DATABASE_PORT" setpriv --reuid=mysql --regid=mysql --clear-groups mariadbd --no-defaults --datadir="$directory/db" \
		--bind-address=127.0.0.1 --port="$DATABASE_PORT" --socket="$directory/socket" --pid-file="$directory/pid" \
		--skip-name-resolve --local-infile=1 --innodb-buffer-pool-size=16M --init-file="$BATS_FILE_TMPDIR/init.sql"
}

teardown_file() {
	serve_end
}

setup() {
	need_programs /usr/sbin/mariadbd /usr/bin/mariadb
	shipped_setup
	secret=$password
	keep mariadb/password
	mine="s/3306/$DATABASE_PORT/"
}

teardown() {
	shipped_teardown
}

# bats test_tags=root
@test "mariadb: the job, by both names" {
	ship usr/bin/mariadb "$mine"
	for client in mariadb mysql; do
		run -0 --separate-stderr job "$client" -N -e 'select 6 * 7'
		[ "$output" = 42 ]
		run -0 --separate-stderr job "$client" -N <<<'select current_user();'
		[ "$output" = app@127.0.0.1 ]
	done
	run -0 job mariadb -N -e "select '$secret'"
	[ "$output" = '[envseal:mariadb/password]' ]
}

# bats test_tags=root
@test "mariadb: not to another server" {
	elsewhere mysql
	ship usr/bin/mariadb "$mine" "$NO_RULES"
	run job mariadb --port="$elsewhere" -e ''
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/mariadb "$mine"
	refused mariadb --port="$elsewhere"
	refused mariadb -h 127.0.0.1
	refused mariadb -N -e 'select 1' --port="$elsewhere"
	printf '[client]\nport=%s\nhost=127.0.0.1\n' "$elsewhere" >"$HOME/.my.cnf"
	run -0 job mariadb -N -e 'select 1'
	[ ! -s "$BATS_TEST_TMPDIR/collected" ]
}

# bats test_tags=root
@test "mariadb: no commands of the client's: elsewhere, programs, files" {
	elsewhere mysql "$DATABASE_PORT" 127.0.0.2
	local less='/"--batch",/d;/"--binary-mode",/d;/"--sandbox",/d;/"--local-infile=0",/d'
	ship usr/bin/mariadb "$mine" "$less" "$NO_LIST" "$NO_MASK"
	tries() {
		run --separate-stderr job mariadb -N <<<"$1"
	}
	tries '\! printenv MYSQL_PWD'
	shows "$secret"
	tries "create or replace table t (line text) character set latin1; load data local infile '/proc/self/environ' into table t fields terminated by '\\0' lines terminated by '\\0';
select reverse(line) from t;"
	shows "$(rev <<<"$secret")"
	tries '\r app 127.0.0.2'
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/mariadb "$mine" "$NO_LIST" "$NO_MASK"
	for attempt in '\! printenv MYSQL_PWD' 'system printenv MYSQL_PWD' '\. /proc/self/environ' 'source /proc/self/environ' '\P cat' '\T /tmp/x' \
		"load data local infile '/proc/self/environ' into table t" "\\r app 127.0.0.2" "connect app 127.0.0.2"; do
		tries "$attempt"
		[ "$status" -eq 1 ]
		hides
		run -1 job mariadb -e "$attempt"
		hides
	done
	# Binary mode leaves \C and delimiter.
	tries 'delimiter //
select 6 * 7//'
	shows 42
	ship usr/bin/mariadb "$mine" "$NO_MASK"
	tries '\! printenv MYSQL_PWD'
	hides
	spared
}
