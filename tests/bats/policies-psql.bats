#!/usr/bin/env bats
# policies/usr/lib/postgresql/15/bin/psql.toml and usr/bin/psql.toml, with a PostgreSQL.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup_file() {
	local directory
	programs=$(find /usr/lib/postgresql -path '*/bin/psql' 2>/dev/null | sort -V | tail -n 1)
	export programs=${programs%/psql}
	[ "$(id -u)" -eq 0 ] && [ -e "$programs/initdb" ] || return 0
	directory=$(server_directory postgres)
	export DATABASE_PORT password=pw-$RANDOM$RANDOM$RANDOM
	DATABASE_PORT=$(free_port)
	printf %s "$password" >"$BATS_FILE_TMPDIR/password"
	chmod 644 "$BATS_FILE_TMPDIR/password"
	as_postgres "$programs/initdb" -D "$directory/db" -A scram-sha-256 -U app --no-sync \
		--pwfile="$BATS_FILE_TMPDIR/password" >/dev/null
	serve "$DATABASE_PORT" as_postgres "$programs/postgres" -D "$directory/db" -p "$DATABASE_PORT" -F \
		-c listen_addresses=127.0.0.1 -c unix_socket_directories=
	PGPASSWORD=$password "$programs/createdb" -h 127.0.0.1 -p "$DATABASE_PORT" -U app -w app
}

teardown_file() {
	serve_end
}

as_postgres() {
	setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
}

setup() {
	need_programs /usr/lib/postgresql/*/bin/initdb /usr/bin/psql
	shipped_setup
	secret=$password
	keep db/password
	keep db/restrict "$RANDOM$RANDOM$RANDOM$RANDOM"
	place=${programs#/}/psql
	# Where another version is installed, its policy is this one at its own place.
	mkdir -p "$BATS_TEST_TMPDIR/policies/${programs#/}" "$BATS_TEST_TMPDIR/policies/usr/bin"
	for name in usr/lib/postgresql/15/bin/psql usr/bin/psql; do
		sed "s|/usr/lib/postgresql/15/bin|$programs|" "$SHIPPED/$name.toml" \
			>"$BATS_TEST_TMPDIR/policies/${name/usr\/lib\/postgresql\/15\/bin/${programs#/}}.toml"
	done
	SHIPPED=$BATS_TEST_TMPDIR/policies
	mine="s/5432/$DATABASE_PORT/"
}

teardown() {
	shipped_teardown
}

both() {
	ship "$place" "$mine" "$@"
	ship usr/bin/psql "$mine" "$@"
}

# bats test_tags=root
@test "psql: the job, by both names: arguments, standard input, a file on it" {
	both
	for psql in psql "$programs/psql"; do
		run -0 --separate-stderr job "$psql" -qAt -c 'select 6 * 7'
		[ "$output" = 42 ]
		run -0 --separate-stderr job "$psql" -qAt <<<'select current_user;'
		[ "$output" = app ]
		[ "$(echo 'select 1 as a, 2 as b;' | job "$psql" --csv)" = $'a,b\n1,2' ]
	done
}

# bats test_tags=root
@test "psql: not to another server" {
	elsewhere postgres
	both "$NO_RULES"
	for psql in psql "$programs/psql"; do
		# The password file names its server, and hostaddr leads around that.
		run -2 job "$psql" -h 127.0.0.1 -p "$elsewhere" -c ''
		spared
		run -2 job "$psql" "host=127.0.0.1 hostaddr=127.0.0.1 port=$elsewhere" -c ''
		spared
	done
	ship "$place" "s/127.0.0.1:5432:/localhost:$elsewhere:/" "$NO_RULES"
	run -2 job "$programs/psql" "host=localhost hostaddr=127.0.0.1 port=$elsewhere" -c ''
	collects
	both
	for psql in psql "$programs/psql"; do
		refused "$psql" -h 127.0.0.1
		refused "$psql" "host=127.0.0.1 hostaddr=127.0.0.2"
		refused "$psql" postgresql://app@127.0.0.1/app
		refused "$psql" -qAt -c 'select 1' -h 127.0.0.1
		refused "$psql" --cluster=15/main
	done
}

# tries SCRIPT: what each of the two says to it on standard input.
tries() {
	run --separate-stderr job "$psql" -qAt <<<"$1"
}

# bats test_tags=root
@test "psql: no commands of the client's: elsewhere, programs, files" {
	elsewhere postgres
	for psql in psql "$programs/psql"; do
		# Without a key that nobody knows, each of them works.
		both 's/^PSQLRC = .*//' "$NO_LIST" "$NO_MASK"
		tries '\! cat "$PGPASSFILE"'
		shows "$secret"
		tries 'select 1 \g |cat "$PGPASSFILE"'
		shows "$secret"
		tries '\echo `cat "$PGPASSFILE"`'
		shows "$secret"
		tries '\set text `cat "$PGPASSFILE"`
select reverse(:'"'text'"');'
		shows "$(rev <<<"$secret")"
		tries '\! echo "$PGPASSFILE"'
		file=$output
		tries "\\i $file"
		shows "$secret"
		tries '\c host=localhost hostaddr=127.0.0.1 port='"$elsewhere"
		both "$NO_LIST" "$NO_MASK"
		for attempt in '\! cat "$PGPASSFILE"' 'select 1 \g |cat "$PGPASSFILE"' '\echo `cat "$PGPASSFILE"`' "\\i $file" \
			"\\copy pg_class from $file" "\\c host=localhost port=$elsewhere" '\set' '\getenv x PSQLRC' '\unrestrict x'; do
			tries "$attempt"
			hides
			[[ $stderr == *'restricted'* || $stderr == *'wrong key'* ]]
			run job "$psql" -c "$attempt"
			hides
		done
		# What comes in backquotes behind \unrestrict is run for all that; the list of programs is what stops it.
		tries '\unrestrict `cat "$PGPASSFILE" >&2`'
		shows "$secret"
		both "$NO_MASK"
		tries '\unrestrict `cat "$PGPASSFILE" >&2`'
		hides
	done
	spared
}

# bats test_tags=root
@test "psql: nothing of the caller's: start-up files, variables, services; what is printed is masked" {
	elsewhere postgres
	printf '\\echo PLANTED\n' >"$HOME/.psqlrc"
	printf '[evil]\nhost=127.0.0.1\nport=%s\n' "$elsewhere" >"$HOME/.pg_service.conf"
	both
	for psql in psql "$programs/psql"; do
		PGHOST=127.0.0.1 PGPORT=$elsewhere PGSERVICE=evil PSQLRC=$HOME/.psqlrc PGCLUSTER=15/127.0.0.1:$elsewhere PGPASSFILE=/dev/null \
			run -0 job "$psql" -qAt -c 'select 6 * 7'
		[ "$output" = 42 ]
		run -0 job "$psql" -qAt -c "select '$secret'"
		[ "$output" = '[envseal:db/password]' ]
	done
	spared
}

# bats test_tags=root
@test "psql: the wrapper's other names get nothing" {
	both
	run -125 job pg_dump app
	run -125 job /usr/share/postgresql-common/pg_wrapper
}
