# Tries the programs of doc/seccomp.md's table under each profile of process.seccomp, one row after
# the other.
# shellcheck shell=bash disable=SC2154,SC2034

profiles=(essential minimal io compute network unrestricted)
jobs=(ls 'git log' 'git commit' python3 'python3 subprocess' node psql curl openssl sqlite3)

# job NAME: sets `command`, `arguments` and `expected` (what it prints); fails where it is not
# installed.
job() {
	expected=42
	case $1 in
	ls) command=$(type -P ls) arguments=(-l -d /usr) expected=/usr ;;
	'git log') command=$(type -P git) arguments=(-C "$repository" log --format=%s) expected=first ;;
	'git commit')
		command=$(type -P git) expected=second
		arguments=(-C "$repository" -c user.name=a -c user.email=a@b -c gc.auto=0 commit --allow-empty -m second)
		;;
	python3) command=$(compgen -G /usr/bin/python3) arguments=(-c 'import hashlib, json; print(json.dumps(42))') ;;
	'python3 subprocess')
		command=$(compgen -G /usr/bin/python3)
		arguments=(-c 'import subprocess; print(subprocess.run(["/bin/echo", "42"], capture_output=True, text=True).stdout)')
		;;
	node) command=$(type -P node) arguments=(-e 'console.log(6 * 7)') ;;
	psql) # Debian's is a script that looks for one of these
		command=$(compgen -G '/usr/lib/postgresql/*/bin/psql' | tail -n 1 || type -P psql)
		arguments=(-X -h 127.0.0.1 -p "$database_port" -U me -d db -Atc 'select 42')
		;;
	curl) command=$(type -P curl) arguments=(-q -s "http://127.0.0.1:$page_port/") ;;
	openssl) command=$(type -P openssl) arguments=(dgst -sha256 /dev/null) expected=e3b0c442 ;;
	sqlite3)
		command=$(type -P sqlite3)
		arguments=(/tmp/db 'create table t (x); insert into t values (42); select x from t')
		;;
	esac
	[ -n "$command" ] && command=$(realpath "$command")
}

# prepare_jobs DIRECTORY: a repository in it, and the servers; stop_servers ends them.
prepare_jobs() {
	repository=$1/repository
	if type -P git >/dev/null; then
		git init -q "$repository"
		git -C "$repository" -c user.name=a -c user.email=a@b commit -q --allow-empty -m first
	fi
	python3 "$BATS_TEST_DIRNAME/servers.py" >"$1/ports" 3>&- &
	servers=$!
	eventually test -s "$1/ports"
	read -r page_port database_port <"$1/ports"
}

stop_servers() {
	[ -z "${servers:-}" ] || kill "$servers"
}

# works PROFILE: whether the job does what it should under it, in hardened.
works() {
	local said
	rm -f "$repository/.git/index.lock" # of one that was killed
	allow "$command" hardened
	extend "$command" "$(printf '[process]\nseccomp = "%s"' "$1")"
	said=$("$ENVSEAL_EXEC" "$command" "${arguments[@]}" 2>>"$HOME/errors" </dev/null) && [[ $said == *"$expected"* ]]
}

# table_row NAME: its line in the table.
table_row() {
	local profile row="| \`$1\` |"
	for profile in "${profiles[@]}"; do
		if works "$profile"; then row+=" yes |"; else row+=" - |"; fi
	done
	printf '%s\n' "$row"
}
