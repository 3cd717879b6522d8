#!/usr/bin/env bats
# A secret's life: generated, expiring, replaced, renamed, imported, sealed elsewhere, listed, verified.
# shellcheck disable=SC2016,SC2154 # bash -c expands, not this shell; running.bash sets bash and secret

load common
load running

setup() {
	running_setup
	vault=$XDG_DATA_HOME/envseal
	allow "$bash" none
	cd "$HOME" || return 1
}

# value: what the command gets.
value() {
	"$ENVSEAL_EXEC" bash -c 'printf %s "$ONE"'
}

refused() {
	local status=$1 pattern=$2
	shift 2
	run "-$status" --separate-stderr "$@"
	said "$pattern"
}

# field NAME FIELD: of list --json.
field() {
	"$ENVSEAL" list --json | jq -r --arg name "$1" ".[] | select(.name == \$name) | .$2"
}

import() {
	cat >file.env
	"$ENVSEAL" import "$@" file.env
}

# -- generated and expiring

@test "store --generate seals what nobody has seen" {
	"$ENVSEAL" store first/one --force --generate 40
	first=$(value)
	[[ $first =~ ^[A-Za-z0-9]{40}$ ]]
	"$ENVSEAL" store first/one --force --generate 40
	[ "$(value)" != "$first" ]
	for length in 0 15 4097 x -1 16x ''; do
		refused 2 '16 to 4096' "$ENVSEAL" store more --generate "$length"
	done
	refused 2 'exclude' "$ENVSEAL" store more --generate 20 --raw
}

@test "an expired secret is refused with its name and what to do" {
	printf soon | "$ENVSEAL" store first/one --force --expires 1h
	[ "$(value)" = soon ]
	[ "$(field first/one expired)" = false ]
	printf soon | "$ENVSEAL" store first/one --force --expires 1s
	gone() { [ "$(field first/one expired)" = true ]; }
	eventually gone
	refused 125 "secret 'first/one' has expired .*envseal store --force first/one" "$ENVSEAL_EXEC" bash -c 'echo ran'
	[ -z "$output" ]
	[ "$(field first/one expired)" = true ]
	run -0 "$ENVSEAL" list --long
	[[ $output == *expired* ]]
	printf later | "$ENVSEAL" store first/one --force --expires 90d
	[ "$(value)" = later ]
}

@test "expiry takes durations and days in the future" {
	printf x | "$ENVSEAL" store a --expires 2099-06-30
	[ "$(field a expires)" = 2099-06-30T00:00:00Z ]
	for time in 2001-01-01 2099-02-30 2099-6-30 90 d90 0d 101y '' 1x; do
		refused 2 'expires: ' "$ENVSEAL" store b --expires "$time" </dev/null
	done
}

# -- replaced

@test "replacing keeps the value before until prune, and restore swaps them" {
	printf second | "$ENVSEAL" store first/one --force
	printf third | "$ENVSEAL" store first/one --force
	[ "$(field first/one version)" = 3 ]
	[ "$(field first/one previous)" = true ]
	"$ENVSEAL" restore first/one
	[ "$(value)" = second ]
	"$ENVSEAL" restore first/one
	[ "$(value)" = third ]
	run -0 "$ENVSEAL" prune
	[[ $output == *"removed 1 previous value"* ]]
	[ "$(field first/one previous)" = false ]
	refused 1 'no earlier value' "$ENVSEAL" restore first/one
	[ "$(value)" = third ]
	[ -z "$(find "$vault/previous" -type f)" ]
}

@test "removing takes the value before too" {
	printf second | "$ENVSEAL" store first/one --force
	"$ENVSEAL" remove first/one
	[ -z "$(find "$vault" -name '*.sealed')" ]
	refused 1 'no secret' "$ENVSEAL" restore first/one
}

@test "a secret that is damaged can be replaced" {
	printf X | dd of="$vault/secrets/first/one.sealed" bs=1 seek=20 conv=notrunc status=none
	refused 1 damaged "$ENVSEAL" list --long
	printf new | "$ENVSEAL" store first/one --force
	[ "$(value)" = new ]
}

# -- renamed

@test "rename moves a secret with its times, and a moved file is none" {
	printf x | "$ENVSEAL" store a --expires 2099-06-30
	"$ENVSEAL" rename a b/c
	[ "$("$ENVSEAL" list)" = $'b/c\nfirst/one' ]
	[ "$(field b/c expires)" = 2099-06-30T00:00:00Z ]
	"$ENVSEAL" rename b/c first/two
	"$ENVSEAL" rename first/one other
	"$ENVSEAL" rename first/two first/one
	[ "$(value)" = x ]
	refused 1 'already' "$ENVSEAL" rename other first/one
	refused 1 'no secret' "$ENVSEAL" rename none new
	refused 1 "secret's name" "$ENVSEAL" rename other ../new
	mv "$vault/secrets/other.sealed" "$vault/secrets/moved.sealed"
	refused 1 'moved' "$ENVSEAL" fingerprint moved
}

# -- listed

@test "list --long and --json say version, age, size, expiry and which policies use a secret" {
	printf x | "$ENVSEAL" store unused
	head -c 300 /dev/zero | "$ENVSEAL" store big --raw
	[ "$("$ENVSEAL" list --json | jq -c '.[] | select(.name == "first/one") | .policies')" = "[\"$bash\"]" ]
	[ "$(field unused 'policies | length')" = 0 ]
	[ "$(field unused size_at_most)" = 224 ]
	[ "$(field big size_at_most)" = 480 ]
	[ "$(field big version)" = 1 ]
	run -0 "$ENVSEAL" list --long
	[[ ${lines[0]} == NAME*VERS*AGE*BYTES*EXPIRES*POLICIES ]]
	[[ $output == *first/one*"$bash"* ]]
	# Without a key all the same.
	mv "$vault/slots/host.key" elsewhere
	[ "$(field big size_at_most)" = 480 ]
}

# -- imported

@test "import reads what programs agree on" {
	import --prefix env/ <<-'FILE'
		# a comment

		  PLAIN=one two   # and a comment
		export EXPORTED=x#y
		SINGLE='$HOME "`\n' # literally
		DOUBLE="tab\tnl\n\$5 \"q\" \\"
		LINES='first
		second'
		WINDOWS=crlf
	FILE
	[ "$("$ENVSEAL" list | grep -c ^env/)" = 6 ]
	for pair in 'PLAIN=one two' 'EXPORTED=x#y' 'SINGLE=$HOME "`\n' $'DOUBLE=tab\tnl\n$5 "q" \\' $'LINES=first\nsecond'; do
		printf %s "${pair#*=}" | "$ENVSEAL" store "same/${pair%%=*}"
		[ "$("$ENVSEAL" fingerprint "env/${pair%%=*}")" = "$("$ENVSEAL" fingerprint "same/${pair%%=*}")" ]
	done
	printf '\357\273\277A=1\r\nB="2"\r\n' | "$ENVSEAL" import -
	printf 1 | "$ENVSEAL" store same/A
	[ "$("$ENVSEAL" fingerprint A)" = "$("$ENVSEAL" fingerprint same/A)" ]
}

@test "import says which file to delete" {
	run -0 import <<<'A=1'
	[[ $output == *"now delete 'file.env'"* ]]
}

@test "import names each bad line and never a value, and stores nothing then" {
	before=$(find "$vault" -type f | sort | xargs sha256sum)
	run -1 --separate-stderr import <<-'FILE'
		GOOD=hunter2
		EMPTY=
		1BAD=hunter2
		SPACE = hunter2
		DOLLAR=hunter2$x
		QUOTES="hunter2$x"
		ESCAPE="hunter2\q"
		AFTER="hunter2" hunter2
		GOOD=hunter2
		OPEN="hunter2
	FILE
	for line in 2 3 4 5 6 7 8 9 10; do
		[[ $stderr == *"file.env:$line: "* ]]
	done
	[[ $stderr != *"file.env:1: "* && $stderr != *hunter2* && $stderr == *"nothing is stored"* ]]
	[ "$(find "$vault" -type f | sort | xargs sha256sum)" = "$before" ]
	refused 1 'NUL' bash -c 'printf "A=1\0" | "$ENVSEAL" import -'
	refused 1 'no line with a value' "$ENVSEAL" import /dev/null
}

@test "import replaces only with --force" {
	import <<<$'A=1\nB=1'
	refused 1 'file.env:2: .*--force' import <<<$'C=2\nA=2'
	[ "$(field C version)" = "" ]
	import --force --expires 2099-06-30 <<<$'C=2\nA=2'
	[ "$(field A version)" = 2 ]
	[ "$(field C expires)" = 2099-06-30T00:00:00Z ]
	"$ENVSEAL" restore A
}

@test "import: a backslash is the last byte of the file, or of a line" {
	run -1 --separate-stderr import < <(printf %s $'A="x\\')
	[[ $stderr == *"file.env:1: "*"never closed"* ]]
	run -1 --separate-stderr import < <(printf 'A="x\\\nB=1\nC\n')
	[[ $stderr == *"file.env:1: "*"file.env:3: "* ]]
}

@test "import --from-stdin0 takes records with any bytes but NUL" {
	env -i "A=x'\"\$ y" $'B=1\n2' env -0 | "$ENVSEAL" import --from-stdin0 --prefix r/
	printf '1\n2' | "$ENVSEAL" store same
	[ "$("$ENVSEAL" fingerprint r/B)" = "$("$ENVSEAL" fingerprint same)" ]
	refused 1 'does not end in a NUL' bash -c 'printf "A=1\0B=2" | "$ENVSEAL" import --from-stdin0'
	refused 2 'one FILE' "$ENVSEAL" import --from-stdin0 file.env
}

# -- fingerprints

@test "a fingerprint is equal for equal values, and of no use outside the vault" {
	printf same | "$ENVSEAL" store a
	printf same | "$ENVSEAL" store b
	printf more | "$ENVSEAL" store c
	[ "$("$ENVSEAL" fingerprint a)" = "$("$ENVSEAL" fingerprint b)" ]
	[ "$("$ENVSEAL" fingerprint a)" != "$("$ENVSEAL" fingerprint c)" ]
	"$ENVSEAL" init --key-file --vault other 2>/dev/null
	printf same | "$ENVSEAL" store a --vault other
	[ "$("$ENVSEAL" fingerprint a --vault other)" != "$("$ENVSEAL" fingerprint a)" ]
}

@test "two vaults compare with a phrase that both know" {
	printf same | "$ENVSEAL" store a
	"$ENVSEAL" init --key-file --vault other 2>/dev/null
	printf same | "$ENVSEAL" store x --vault other
	mine=$("$ENVSEAL" fingerprint a --phrase-fd 3 3< <(printf 'we agreed on this'))
	[ "$("$ENVSEAL" fingerprint x --vault other --phrase-fd 3 3< <(printf 'we agreed on this'))" = "$mine" ]
	[ "$("$ENVSEAL" fingerprint a --phrase-fd 3 3< <(printf 'we agreed on that'))" != "$mine" ]
	refused 1 'at least 12' "$ENVSEAL" fingerprint a --phrase-fd 3 3< <(printf short)
}

# -- sealed elsewhere

# Debian's python3-nacl belongs to Debian's python3, which need not be the first in PATH.
need_nacl() {
	for python in python3 /usr/bin/python3; do
		! "$python" -c 'import nacl' 2>/dev/null || return 0
	done
	skip "python3-nacl is not installed"
}

source_dir=${ENVSEAL_SOURCE:-$BATS_TEST_DIRNAME/../..}

seal_elsewhere() {
	"$python" "$source_dir/contrib/seal/envseal-seal.py" \
		"$("$ENVSEAL" pubkey 2>/dev/null)" "$@"
}

@test "what PyNaCl sealed opens here" {
	need_nacl
	printf from-afar | seal_elsewhere first/one >blob
	run -1 grep -c from-afar blob
	"$ENVSEAL" store --sealed first/one --force <blob
	[ "$(value)" = from-afar ]
	[ "$(field first/one version)" = 2 ]
	"$ENVSEAL" verify
	head -c 1048576 /dev/zero | seal_elsewhere big 4102444800 >blob
	"$ENVSEAL" store --sealed big <blob
	[ "$(field big expires)" = 2100-01-01T00:00:00Z ]
	"$ENVSEAL" verify
}

@test "what was sealed for another name or is cut off is refused" {
	need_nacl
	printf from-afar | seal_elsewhere first/one >blob
	refused 1 'another name' "$ENVSEAL" store --sealed other <blob
	head -c 600 blob >short
	refused 1 'not a sealed secret' "$ENVSEAL" store --sealed first/one --force <short
	refused 1 'not a sealed secret' "$ENVSEAL" store --sealed first/one --force <<<text
	refused 2 'excludes' "$ENVSEAL" store --sealed first/one --expires 1d <blob
	[ "$(value)" = "$secret" ]
}

@test "pubkey prints what vault.toml has, with its fingerprint beside" {
	run -0 --separate-stderr "$ENVSEAL" pubkey
	[ "public_key = \"$output\"" = "$(grep ^public_key "$vault/vault.toml")" ]
	[[ $stderr == *????-????-????-????-????-????-????-????* ]]
	[ "$("$ENVSEAL" pubkey --json | jq -r .public_key)" = "$output" ]
}

@test "the test vectors are as the format says, and open" {
	cp -r "$source_dir/tests/vectors/vault" vectors
	chmod -R go= vectors
	[ "$("$ENVSEAL" fingerprint test/vector --vault "$PWD/vectors")" = \
		"$(sed -n 's/^FINGERPRINT = "\(.*\)"/\1/p' "$source_dir/tests/vectors/check.py")" ]
	rm vectors/slots/host.key
	recovery=$(sed -n 's/^RECOVERY = "\(.*\)"/\1/p' "$source_dir/tests/vectors/check.py")
	"$ENVSEAL" fingerprint test/vector --vault "$PWD/vectors" --passphrase-fd 3 3< <(printf %s "$recovery")
	"$ENVSEAL" fingerprint test/vector --vault "$PWD/vectors" --passphrase-fd 3 3< <(printf 'correct horse battery')
	need_nacl
	"$python" "$source_dir/tests/vectors/check.py"
}

# -- verified, copied

@test "verify finds what is wrong, names it and prints no value" {
	printf second | "$ENVSEAL" store first/one --force
	printf x | "$ENVSEAL" store good
	"$ENVSEAL" verify
	printf X | dd of="$vault/secrets/first/one.sealed" bs=1 seek=300 conv=notrunc status=none
	printf X | dd of="$vault/previous/first/one.sealed" bs=1 seek=300 conv=notrunc status=none
	touch "$vault/secrets/note.txt"
	cp "$vault/secrets/good.sealed" "$vault/secrets/copy.sealed"
	chmod g+w "$vault/secrets/good.sealed"
	run -1 --separate-stderr "$ENVSEAL" verify
	[[ $output == *"'first/one' is damaged"* && $output == *"previous value: secret 'first/one'"* ]]
	[[ $output == *note.txt* && $output == *"'copy'"*moved* && $output == *"chmod go-w"* ]]
	[[ $output != *second* && $output != *"$secret"* && $stderr == *"5 findings"* ]]
	[ "$("$ENVSEAL" verify --json 2>/dev/null | jq length)" = 5 ]
}

@test "a copy made at any moment is a vault" {
	# Not called i: bats' run has a variable of that name.
	while [ ! -e stop ]; do
		printf new | "$ENVSEAL" store first/one --force
		printf 'A=1\nB=2\n' | "$ENVSEAL" import --force -
		"$ENVSEAL" rename A C && "$ENVSEAL" remove C
	done 2>/dev/null 3>&- &
	writer=$!
	for copy in 1 2 3 4 5 6 7 8 9 10; do
		cp -a "$vault" "copy$copy" 2>/dev/null || true
	done
	touch stop
	wait "$writer" || true
	for copy in 1 2 3 4 5 6 7 8 9 10; do
		# The next command that writes finishes what was being written.
		printf x | "$ENVSEAL" store after --force --vault "$PWD/copy$copy"
		run -1 "$ENVSEAL" verify --vault "$PWD/copy$copy"
		[[ $output == *", 1 finding"* && $output == *"no line for vault"* ]]
		run -0 find "copy$copy/tmp" -mindepth 1
		[ -z "$output" ] || {
			echo "left over: $output"
			return 1
		}
	done
}
