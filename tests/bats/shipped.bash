# For the files that test policies/: the real programs, in system mode, run by an ordinary user who
# wants the secret. Root only. Load it after common and system.
# shellcheck shell=bash disable=SC2154 # system_ready sets secret

SHIPPED=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}/policies

# need_programs FILE...: the real ones, from Debian's packages.
need_programs() {
	local file
	for file; do
		[ -e "$file" ] || skip "$file is not installed"
	done
}

shipped_setup() {
	need_root "the policies are for system mode"
	common_setup
	system_ready
	callers_home
	elsewhere_pid=
}

shipped_teardown() {
	[ -z "${elsewhere_pid:-}" ] || kill "$elsewhere_pid" 2>/dev/null || true
}

# keep NAME [VALUE]: the secret, or another one, in the system's vault.
keep() {
	printf %s "${2-$secret}" | in_system "$ENVSEAL" store --force --raw "$1" 2>/dev/null
}

# ship PLACE [SED-EXPRESSION...]: installs policies/PLACE.toml, with what its first lines call
# yours, for everybody.
ship() {
	local place=$1 file=$ETC/policies/$1.toml options=() expression
	shift
	for expression; do
		options+=(-e "$expression")
	done
	mkdir -p "$SYSTEM/etc/envseal/policies/$(dirname "$place")"
	sed "${options[@]}" -e '' "$SHIPPED/$place.toml" >"$SYSTEM/etc/envseal/policies/$place.toml"
	find "$SYSTEM/etc/envseal/policies" -type d -exec chmod 755 {} +
	chmod 644 "$SYSTEM/etc/envseal/policies/$place.toml"
	in_system "$ENVSEAL" policy check "$file" 2>/dev/null
	place=${place##*/}
	case $place in
	*@*) in_system "$ENVSEAL" policy allow --profile "${place#*@}" "/$(dirname "${file#"$ETC"/policies/}")/${place%@*}" --all ;;
	*) in_system "$ENVSEAL" policy allow "/$(dirname "${file#"$ETC"/policies/}")/$place" --all ;;
	esac 2>/dev/null
}

# What an expression takes away, to see what it was there for: the rules for arguments, the list of
# programs, masking.
export NO_RULES='/^allow = \[$/,/^\]$/d;/^allow = \[./d;/^deny = /d' NO_LIST='/^exec = /d' NO_MASK='s/^tier = .*/&\noutput.mask = "never"/'

# job COMMAND [ARGUMENT...]: as the ordinary user runs it.
job() {
	as_caller "$ENVSEAL_EXEC" "$@"
}

# refused COMMAND [ARGUMENT...]: the rules for arguments say no.
refused() {
	run -125 --separate-stderr job "$@" </dev/null
	[ -z "$output" ]
	[[ $stderr == *'arguments.'* ]]
}

# shows TEXT / hides: in what was said by the last run.
shows() {
	[[ $output${stderr-} == *"$1"* ]] || {
		printf 'not in: %s %s\n' "$output" "${stderr-}"
		return 1
	}
}

hides() {
	[[ $output${stderr-} != *"${1-$secret}"* ]]
}

free_port() {
	python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# listening PORT [ADDRESS]: within twenty seconds.
listening() {
	local i
	for ((i = 0; i < 400; i++)); do
		(exec 9<>"/dev/tcp/${2:-127.0.0.1}/$1") 2>/dev/null && return 0
		sleep 0.05
	done
	echo "nobody listens at port $1"
	return 1
}

# serve PORT COMMAND...: for all tests of a file; ended by serve_end.
serve() {
	local port=$1
	shift
	"$@" >"$BATS_FILE_TMPDIR/server.log" 2>&1 3>&- 4>&- &
	echo $! >>"$BATS_FILE_TMPDIR/servers"
	listening "$port" || {
		cat "$BATS_FILE_TMPDIR/server.log"
		return 1
	}
}

serve_end() {
	local pid
	[ -e "$BATS_FILE_TMPDIR/servers" ] || return 0
	while read -r pid; do
		kill "$pid" 2>/dev/null || continue
		wait "$pid" 2>/dev/null || true
	done <"$BATS_FILE_TMPDIR/servers"
}

# server_directory NAME: a directory of that account's, for a server's data, printed.
server_directory() {
	local directory=$BATS_FILE_TMPDIR/data
	chmod go+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	install -d -o "$1" -m 700 "$directory"
	printf '%s\n' "$directory"
}

# elsewhere PROTOCOL [PORT ADDRESS]: a server of somebody's who collects what programs send: its
# port is $elsewhere, what it got comes from `collected`.
elsewhere() {
	elsewhere=${2:-$(free_port)}
	python3 "$BATS_TEST_DIRNAME/elsewhere.py" "$1" "$elsewhere" "$BATS_TEST_TMPDIR/collected" "${3:-127.0.0.1}" 3>&- 4>&- &
	elsewhere_pid=$!
	listening "$elsewhere" "${3:-127.0.0.1}"
}

collected() {
	cat "$BATS_TEST_TMPDIR/collected" 2>/dev/null || true
}

# collects: what it got has the secret in it.
collects() {
	local i
	for ((i = 0; i < 40; i++)); do
		[[ $(collected | tr -d '\0') != *"$secret"* ]] || return 0
		sleep 0.05
	done
	return 1
}

# spared: it has not.
spared() {
	sleep 0.2
	[[ $(collected | tr -d '\0') != *"$secret"* ]]
}
