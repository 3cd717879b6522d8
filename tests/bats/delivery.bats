#!/usr/bin/env bats
# How secrets reach a program: variables, files in memory, descriptors, standard input, templates.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
}

# deliver TIER ROW...: bash's policy in that tier with these rows of [secrets].
deliver() {
	local tier=$1
	shift
	"$ENVSEAL" policy new "$bash" --force --tier "$tier" 2>/dev/null
	{
		printf '[output]\nmask = "never"\n[secrets]\n'
		printf '%s\n' "$@"
	} >"$BATS_TEST_TMPDIR/rows"
	sed -i '/^\[secrets\]$/d' "$(policy_file "$bash")"
	extend "$bash" "$(<"$BATS_TEST_TMPDIR/rows")"
}

# says EXPECTED SCRIPT
says() {
	run -0 --separate-stderr "$ENVSEAL_EXEC" bash -c "$2"
	[ "$output" = "$1" ] || {
		printf 'not %q but %q\n' "$1" "$output"
		return 1
	}
}

# refused PATTERN: bash does not run.
refused() {
	run -125 --separate-stderr "$ENVSEAL_EXEC" bash -c 'echo RAN'
	[ -z "$output" ]
	grep -qE -- "$1" <<<"$stderr"
}

# big BYTES: binary, with NULs and line feeds.
big() {
	head -c "$1" /dev/urandom >"$BATS_TEST_TMPDIR/big"
	printf 'a\0b\n' | dd of="$BATS_TEST_TMPDIR/big" conv=notrunc status=none
	"$ENVSEAL" store --raw --force "${2:-big}" <"$BATS_TEST_TMPDIR/big" 2>/dev/null
	sha256sum <"$BATS_TEST_TMPDIR/big"
}

@test "a file is a regular file of the user's, readable by that user alone, for children too" {
	for tier in none hardened lockdown; do
		deliver "$tier" 'KEY = { secret = "first/one", deliver = "file" }'
		says "$secret" 'cat "$KEY"'
		says "$secret$secret" 'cat "$KEY" "$KEY"'
		says "$secret" 'sh -c "sh -c \"cat \\\"\$KEY\\\"\""'
		says "regular file 400 $(id -u)" 'stat -Lc "%F %a %u" "$KEY"'
		says 'sealed' '{ echo planted >"$KEY" || chmod u+w "$KEY" && echo planted >"$KEY" || echo sealed; } 2>/dev/null'
		says "$secret" 'cat "$KEY"'
		says '' 'printf %s "$ONE"'
	done
}

# ssh-keygen wants to be run by somebody who has an account.
# bats test_tags=root
@test "ssh-keygen and openssl take a key from it" {
	need_root "an account"
	command -v ssh-keygen openssl >/dev/null || skip 'ssh-keygen or openssl is not installed'
	local key=$BATS_TEST_TMPDIR/key public
	ssh-keygen -q -t ed25519 -N '' -C '' -f "$key"
	public=$(ssh-keygen -y -f "$key")
	"$ENVSEAL" store --raw --force ssh/key <"$key" 2>/dev/null
	openssl genpkey -algorithm ed25519 -out "$key.pem" 2>/dev/null
	"$ENVSEAL" store --raw --force tls/key <"$key.pem" 2>/dev/null
	for tier in none hardened lockdown; do
		deliver "$tier" 'KEY = { secret = "ssh/key", deliver = "file" }' 'TLS = { secret = "tls/key", deliver = "file" }'
		says "$public" 'ssh-keygen -y -f "$KEY"'
		says "$(openssl pkey -in "$key.pem" -pubout)" 'openssl pkey -in "$TLS" -pubout'
	done
	# A file that others may read is what ssh refuses, so the mode is not an accident.
	chmod 644 "$key"
	run ! ssh-keygen -y -f "$key" </dev/null
}

@test "binary values of 1 MiB, two at once" {
	local one two
	one=$(big 1048576 one)
	two=$(big 1048576 two)
	for tier in none lockdown; do
		deliver "$tier" 'A = { secret = "one", deliver = "file" }' 'B = { secret = "two", deliver = "file" }'
		says "$one
$two" 'sha256sum <"$A"; sha256sum <"$B"'
	done
}

@test "a descriptor, by number" {
	for tier in none hardened lockdown; do
		deliver "$tier" 'KEY = { secret = "first/one", deliver = "fd" }'
		says "$secret" 'cat <&"$KEY"'
		says "$secret" '[[ $KEY =~ ^[0-9]+$ ]] && cat "/proc/self/fd/$KEY"'
	done
}

# numbered: rows of [secrets] for all the numbers that a policy can choose, downwards; the even ones as files.
numbered() {
	local i
	for ((i = 19; i >= 3; i--)); do
		printf 'KEY%d = { secret = "first/one", deliver = "%s", descriptor = %d }\n' "$i" "$([ $((i % 2)) = 0 ] && echo file || echo fd)" "$i"
	done
	echo 'OTHER = { secret = "first/one", deliver = "fd" }'
}

each_number='for i in {3..19}; do
	name=KEY$i
	[ "$((i % 2)):${!name}" = "1:$i" ] || [ "$((i % 2)):${!name}" = "0:/proc/self/fd/$i" ] || echo "$name is ${!name}"
	eval "cat <&$i"
	echo
done; cat <&"$OTHER"'

# crowded COMMAND...: where all those descriptors are something else.
crowded() (
	for ((i = 3; i < 20; i++)); do
		eval "exec $i<>/dev/null"
	done
	"$@"
)

@test "a descriptor has the number that the policy says, in every tier, as a script and whatever is open there" {
	all=$(for _ in {3..20}; do echo "$secret"; done)
	for tier in none hardened lockdown; do
		deliver "$tier" "$(numbered)"
		says "$all" "$each_number"
		crowded says "$all" "$each_number"
		[ "$tier" = lockdown ] || extend "$bash" $'[limits]\ntimeout = "1m"'
		[ "$tier" != hardened ] || extend "$bash" $'[process]\nkeep_fds = "all"'
		crowded says "$all" "$each_number"
	done
}

@test "a script of the user's keeps its own descriptor beside those with numbers" {
	printf '#!/usr/bin/envseal-exec\n#!%s\n%s\n' "$bash" "$each_number" >"$HOME/script"
	chmod +x "$HOME/script"
	for tier in none hardened lockdown; do
		"$ENVSEAL" policy new "$HOME/script" --force --tier "$tier" 2>/dev/null
		sed -i '/^\[secrets\]$/d' "$(policy_file "$HOME/script")"
		extend "$HOME/script" "[output]
mask = \"never\"
[secrets]
$(numbered)"
		run -0 --separate-stderr "$ENVSEAL_EXEC" "$HOME/script"
		[ "$output" = "$(for _ in {3..20}; do echo "$secret"; done)" ]
	done
}

@test "the number of a secret that is missing is closed: neither the caller's own nor another secret is there" {
	local i gone=() others=('OTHER = { secret = "first/one", deliver = "fd" }' 'MORE = { secret = "first/one", deliver = "fd" }')
	local look='for i in {3..19}; do [ ! -e "/proc/self/fd/$i" ] || echo open; done | uniq; echo "${GONE7-unset}"; cat <&"$OTHER"; cat <&"$MORE"'
	for i in {3..19}; do
		gone+=("GONE$i = { secret = \"no/such\", deliver = \"fd\", required = false, descriptor = $i }")
	done
	for tier in none hardened lockdown; do
		deliver "$tier" "${others[@]}"
		crowded says "open
unset
$secret$secret" "$look"
		deliver "$tier" "${gone[@]}" "${others[@]}"
		crowded says "unset
$secret$secret" "$look"
		[ "$tier" = lockdown ] || extend "$bash" $'[limits]\ntimeout = "1m"'
		[ "$tier" != hardened ] || extend "$bash" $'[process]\nkeep_fds = "all"'
		crowded says "unset
$secret$secret" "$look"
	done
}

@test "where few descriptors are allowed, one with a number is refused or right" {
	local limit number
	for tier in none hardened; do
		for number in 3 19; do
			deliver "$tier" "KEY = { secret = \"first/one\", deliver = \"fd\", descriptor = $number }"
			for limit in {18..24}; do
				run --separate-stderr bash -c 'exec 3>&-; ulimit -n "$1"; exec "$ENVSEAL_EXEC" bash -c "cat <&$2"' bash "$limit" "$number"
				echo "$status $stderr"
				[ "$status:$output" = "0:$secret" ] || [ "$status:$output" = 125: ]
			done >"$HOME/said"
			grep -q '^0 $' "$HOME/said"
			grep -qF "KEY: the limit of open files is too low for descriptor $number; raise it (ulimit -n)" "$HOME/said"
		done
	done
}

@test "a number that process.keep_fds keeps is refused" {
	deliver hardened 'KEY = { secret = "first/one", deliver = "fd", descriptor = 4 }'
	run -0 "$ENVSEAL" policy approve --yes "$bash"
	[[ $output == *'KEY = "first/one", as fd 4'* ]]
	extend "$bash" $'[process]\nkeep_fds = [3, 4]' || true
	refused "process.keep_fds: has 4, which is the 'descriptor' of KEY; remove one"
}

@test "standard input" {
	local sum
	for tier in none hardened lockdown; do
		deliver "$tier" 'IN = { secret = "first/one", deliver = "stdin" }'
		says "$secret." 'cat; printf "%s." "$IN"'
		run -0 bash -c 'echo mine | "$0" bash -c cat' "$ENVSEAL_EXEC"
		[ "$output" = "$secret" ]
	done
	sum=$(big 300000)
	deliver hardened 'IN = { secret = "big", deliver = "stdin" }'
	says "$sum" 'sha256sum'
}

@test "a template of several secrets, as a variable and as a file" {
	seal db/user 'app'
	seal db/password 'p$w}d'
	for tier in none hardened; do
		deliver "$tier" 'URL = { template = "postgres://${db/user}:${db/password}@db/x?cost=$$5" }' \
			'PGPASS = { template = "db:*:*:${db/user}:${db/password}", deliver = "file" }'
		says 'postgres://app:p$w}d@db/x?cost=$5 db:*:*:app:p$w}d' 'printf "%s " "$URL"; cat "$PGPASS"'
	done
	deliver none 'URL = { template = "x${db/none}" }'
	refused 'URL: no secret of that name'
	deliver none 'URL = { template = "x${db/none}", required = false }'
	says 'unset' 'echo "${URL-unset}"'
}

@test "%U is the caller's uid" {
	seal "users/$(id -u)/token" mine
	seal 'users/4711/token' theirs
	deliver none 'TOKEN = "users/%U/token"' 'T2 = { template = "<${users/%U/token}>" }'
	says 'mine <mine>' 'echo "$TOKEN $T2"'
	run -0 "$ENVSEAL" policy show "$bash"
	[[ $output == *'users/%U/token'* ]]
}

@test "multi-line values are variables unchanged, values with a NUL are not" {
	seal lines $'\na\n b\n\nc'
	deliver hardened 'LINES_ = "lines"'
	says $'\na\n b\n\nc.' 'printf "%s." "$LINES_"'
	big 100 >/dev/null
	deliver none 'BIG = "big"'
	refused 'BIG.*NUL.*deliver it as a "file"'
	run -1 "$ENVSEAL" policy check "$bash"
	[[ $output == *'BIG'*'NUL'* ]]
}

@test "a variable takes 128 KiB with its name, and a file takes more" {
	local room=$((131072 - 5))
	head -c "$room" /dev/zero | tr '\0' a | "$ENVSEAL" store --force long 2>/dev/null
	deliver hardened 'BIG = "long"'
	says "$room" 'echo ${#BIG}'
	head -c $((room + 1)) /dev/zero | tr '\0' a | "$ENVSEAL" store --force long 2>/dev/null
	refused 'BIG.*too long.*deliver it as a "file"'
	run -1 "$ENVSEAL" policy check "$bash"
	[[ $output == *'BIG'*'too long'* ]]
	deliver hardened 'BIG = { secret = "long", deliver = "file" }'
	says $((room + 1)) 'wc -c <"$BIG"'
}

@test "what is not required is left out, whatever the caller has of that name" {
	for deliver in env file fd; do
		deliver none "GONE = { secret = \"no/such\", deliver = \"$deliver\", required = false }"
		GONE=mine says 'unset' 'echo "${GONE-unset}"'
		set_key "$bash" environment 'inherit = ["GONE", "WENT"]'
		GONE=mine WENT=mine says 'unset mine' 'echo "${GONE-unset} $WENT"'
	done
	deliver none 'IN = { secret = "no/such", deliver = "stdin", required = false }'
	run -0 bash -c 'echo mine | "$0" bash -c cat' "$ENVSEAL_EXEC"
	[ "$output" = mine ]
	deliver none 'GONE = { secret = "no/such", deliver = "file" }'
	refused 'GONE: no secret of that name'
}

@test "only the final child holds them" {
	local pid
	deliver hardened 'KEY = { secret = "first/one", deliver = "file" }'
	"$ENVSEAL_EXEC" bash -c 'echo ready; exec sleep 30' >"$HOME/ready" 3>&- &
	pid=$!
	eventually test -s "$HOME/ready"
	run -0 bash -c 'for p in "$0" $(pgrep -P "$0"); do ls -l "/proc/$p/fd"; done 2>/dev/null | grep memfd:secret' "$pid" || [ "$status" -eq 1 ]
	[ -z "$output" ]
	run -0 bash -c 'for p in $(pgrep -P $(pgrep -P "$0")); do ls -l "/proc/$p/fd"; done | grep -c memfd:secret' "$pid"
	[ "$output" -eq 1 ]
	kill "$pid"
	wait "$pid" || true
}

@test "under a tiny file size limit a file is refused, not cut off" {
	deliver none 'KEY = { secret = "first/one", deliver = "file" }'
	says "$secret" 'cat "$KEY"'
	# Through a pipe: bats keeps what it reads in files.
	run -125 bash -c '{ ulimit -f 0; "$0" bash -c "cat \"\$KEY\"" 2>&1; } | cat; exit "${PIPESTATUS[0]}"' "$ENVSEAL_EXEC"
	[[ $output == *'the file size limit is 0 bytes, and its file needs 224'*'ulimit -f 1'* && $output != *"$secret"* ]]
}

@test "TZ and the language come through as sudo lets them, and no other way" {
	"$ENVSEAL" policy new "$bash" --force --tier none 2>/dev/null
	TZ=Europe/Berlin LANG=de_DE.UTF-8 says 'Europe/Berlin de_DE.UTF-8' 'echo "$TZ $LANG"'
	for zone in /etc/shadow ../../etc/shadow :/etc/shadow 'a b' $'a\nb'; do
		TZ=$zone says unset 'echo "${TZ-unset}"'
	done
	for language in /tmp/x '%n' 'C/../x'; do
		LANG=$language LC_ALL=$language says 'unset unset' 'echo "${LANG-unset} ${LC_ALL-unset}"'
	done
}

# locks PID: whether a sandbox's helper below it has locked memory.
locks() {
	local pid
	for pid in $(descendants "$1"); do
		[[ $(command_of "$pid") != *envseal-sandbox-helper* ]] || ! grep -q '^VmLck:.*[1-9]' "/proc/$pid/status" || return 0
	done
	return 1
}

# Held up before it executes the target, the secrets are all there.
@test "the sandbox's helper keeps secrets in memory that is not swapped out" {
	command -v strace >/dev/null || skip "strace is not installed"
	"$ENVSEAL" policy new "$bash" --force --tier hardened --secret ONE=first/one 2>/dev/null
	strace -qq -f -o "$HOME/trace" -e trace=execveat -e inject=execveat:delay_enter=1500000 \
		"$ENVSEAL_EXEC" bash -c : 3>&- &
	pid=$!
	eventually locks "$pid"
	wait "$pid"
}
