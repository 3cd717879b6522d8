#!/usr/bin/env bats
# The vault as a user sees it: init, store, list, remove, hash, and every bad input that they
# refuse.
# shellcheck disable=SC2016 # bash -c expands, not this shell

load common

setup() {
	common_setup
	vault=$XDG_DATA_HOME/envseal
	copy=$XDG_CONFIG_HOME/envseal/vault.pub
}

with_vault() {
	"$ENVSEAL" init --key-file 2>/dev/null
}

# put NAME VALUE [OPTION...]
put() {
	local name=$1 value=$2
	shift 2
	printf %s "$value" | "$ENVSEAL" store "$name" "$@"
}

size_of() {
	stat -c %s "$1"
}

# -- the program itself

@test "usage goes to standard output when asked for, to standard error when wrong" {
	run -0 --separate-stderr "$ENVSEAL" help
	[[ $output == usage:* && $output == *store* && -z $stderr ]]
	run -0 --separate-stderr "$ENVSEAL" --help
	[[ $output == usage:* && -z $stderr ]]
	refused 2 '^usage:' "$ENVSEAL"
	refused 2 'there is no such command' "$ENVSEAL" bogus
	[[ $stderr != *bogus* ]]
	refused 2 'there is no such command' "$ENVSEAL" help bogus
	refused 2 'no command prints a secret' "$ENVSEAL" get app/token
}

@test "every verb explains itself" {
	for verb in init store import list remove rename restore prune verify fingerprint pubkey unlock \
		lock rotate-key hash; do
		run -0 --separate-stderr "$ENVSEAL" "$verb" --help
		[[ $output == "usage: envseal $verb"* && -z $stderr ]]
		run -0 --separate-stderr "$ENVSEAL" help "$verb"
		[[ $output == "usage: envseal $verb"* ]]
	done
}

@test "the version is said" {
	run -0 "$ENVSEAL" --version
	[[ $output =~ ^envseal\ [0-9]+\.[0-9]+ ]]
}

@test "options that are wrong are usage errors, and their values are not echoed" {
	refused 2 'unknown option' "$ENVSEAL" list --bogus=hunter2
	[[ $stderr != *hunter2* && $stderr != *bogus* ]]
	refused 2 'unknown option' "$ENVSEAL" list -x
	refused 2 'needs an argument' "$ENVSEAL" list --vault
	refused 2 'takes no argument' "$ENVSEAL" list --json=yes
	refused 2 'takes no operand' "$ENVSEAL" list a
}

@test "a mistyped command or option names the nearest of ours, and never what was typed" {
	refused 2 "did you mean 'envseal store'" "$ENVSEAL" stroe
	refused 2 "did you mean 'envseal policy approve'" "$ENVSEAL" policy aprove
	refused 2 "did you mean '--generate'" "$ENVSEAL" store a --genrate=hunter2
	[[ $stderr != *hunter2* && $stderr != *genrate* ]]
	refused 2 "did you mean '--json'" "$ENVSEAL" --jsn list
	refused 125 "did you mean '--profile'" "${ENVSEAL}-exec" --proflie hunter2
	[[ $stderr != *hunter2* && $stderr != *proflie* ]]
	for word in hunter2 abc --abc --correct-horse-battery; do
		refused 2 'there is no such command|unknown option' "$ENVSEAL" "$word"
		[[ $stderr != *"did you mean"* && $stderr != *"$word"* ]]
	done
}

@test "options that every command takes work in front of the command too" {
	with_vault
	put a 1
	[ "$("$ENVSEAL" --json list)" = "$("$ENVSEAL" list --json)" ]
	[ "$(ENVSEAL_VAULT=/nonexistent "$ENVSEAL" --no-input --vault "$vault" list)" = a ]
	run -0 "$ENVSEAL" --json policy keys
	[[ $output == '['* ]]
	[ "$("$ENVSEAL" --user run --version)" = "$("${ENVSEAL}-exec" --version)" ]
	refused 2 'a command is needed' "$ENVSEAL" --json
	refused 2 'unknown option' "$ENVSEAL" --long list
	refused 125 'unknown option' "$ENVSEAL" --json run true
}

@test "output that cannot be written is a failure" {
	with_vault
	put a 1
	refused 1 'could not be written' bash -c '"$ENVSEAL" list >/dev/full'
}

# -- init

@test "init --key-file makes a private vault and says what that means" {
	run -0 --separate-stderr "$ENVSEAL" init --key-file
	[ -z "$output" ]
	[[ $stderr == *"made the vault '$vault', key "????-????-????-????-????-????-????-????* ]]
	[[ $stderr == *"program with your uid"* && $stderr == *"next, store a secret"* ]]
	[ "$(stat -c %a "$vault" "$vault/slots" "$vault/secrets" | sort -u)" = 700 ]
	[ "$(stat -c %a "$vault/vault.toml" "$vault/slots/host.key" | sort -u)" = 600 ]
	[ "$(size_of "$vault/slots/host.key")" -eq 32 ]
}

@test "init writes the copy of the public key, and only its own line" {
	mkdir -p "$XDG_CONFIG_HOME/envseal"
	printf '# mine\n%064d /elsewhere\n%064d %s\n' 1 2 "$vault" >"$copy"
	with_vault
	key=$(sed -n 's/^public_key = "\(.*\)"/\1/p' "$vault/vault.toml")
	[ "$(cat "$copy")" = "$(printf '# mine\n%064d /elsewhere\n%s %s' 1 "$key" "$vault")" ]
	[ "$(stat -c %a "$copy")" = 600 ]
}

@test "init refuses a second vault and leaves the first" {
	with_vault
	before=$(cat "$vault/vault.toml" "$vault/slots/host.key" | sha256sum)
	refused 1 'already contains a vault' "$ENVSEAL" init --key-file
	[ "$(cat "$vault/vault.toml" "$vault/slots/host.key" | sha256sum)" = "$before" ]
}

@test "init never makes new keys over old secrets" {
	with_vault
	put a 1
	rm "$vault/vault.toml"
	refused 1 'holds secrets but no vault.toml' "$ENVSEAL" init --key-file
	[ -f "$vault/secrets/a.sealed" ]
}

@test "init without a choice and without a terminal names both" {
	for options in "" --no-input "--passphrase --no-input" --passphrase; do
		# shellcheck disable=SC2086 # no words, one, or two
		refused 2 '--key-file.*--passphrase' setsid -w "$ENVSEAL" init $options
	done
	[ ! -e "$vault" ]
	refused 2 'exclude each other' "$ENVSEAL" init --key-file --passphrase
	refused 2 'no operand' "$ENVSEAL" init --key-file somewhere
}

@test "init asks for a passphrase twice, hidden" {
	run -0 on_terminal "open sesame" "open sesame" -- "$ENVSEAL" init
	[[ $output == *"only the passphrase opens it"* ]]
	[[ $output != *"open sesame"* ]]
	[ -f "$vault/slots/passphrase" ]
	[ ! -e "$vault/slots/host.key" ]
	[ "$(size_of "$vault/slots/passphrase")" -eq 152 ]
}

@test "init refuses passphrases that differ or are empty" {
	run -1 on_terminal "open sesame" "open sesamf" -- "$ENVSEAL" init --passphrase
	[[ $output == *"differ"* ]]
	run -1 on_terminal "" -- "$ENVSEAL" init --passphrase
	[[ $output == *"empty"* ]]
	[ ! -e "$vault/vault.toml" ]
}

@test "--vault and ENVSEAL_VAULT say where" {
	"$ENVSEAL" init --key-file --vault there
	[ -f "$HOME/there/vault.toml" ]
	put a 1 --vault there
	ENVSEAL_VAULT=$HOME/there run -0 "$ENVSEAL" list
	[ "$output" = a ]
	refused 1 'must be an absolute path' env ENVSEAL_VAULT=there "$ENVSEAL" list
	refused 1 'no vault' "$ENVSEAL" list --vault "$HOME"
}

# -- store

@test "store keeps what is piped, shows the key and nothing of the value" {
	with_vault
	run -0 --separate-stderr put github/token hunter2
	[ -z "$output" ]
	[[ $stderr == *"stored 'github/token', sealed to key "* ]]
	[[ $stderr != *hunter2* && $stderr != *warning* ]]
	run -1 grep -r hunter2 "$HOME"
	[ "$(stat -c %a "$vault/secrets/github/token.sealed")" = 600 ]
}

@test "store takes one newline off, and with --raw none" {
	with_vault
	full=$(printf '%0224d' 0) # one byte more fills another block
	printf '%s\n' "$full" | "$ENVSEAL" store a
	[ "$(size_of "$vault/secrets/a.sealed")" -eq 624 ]
	printf '%s\n\n' "$full" | "$ENVSEAL" store b
	[ "$(size_of "$vault/secrets/b.sealed")" -eq 880 ]
	printf '%s\n' "$full" | "$ENVSEAL" store c --raw
	[ "$(size_of "$vault/secrets/c.sealed")" -eq 880 ]
	echo | "$ENVSEAL" store d --raw
}

@test "store refuses names that are none, and does not echo them" {
	with_vault
	for name in .. ../a a/../b .hidden a/.b /a a/ a//b 'a b' 'a!' 'hunter2 hunter2' café \
		a.sealed a.sealed/b "$(printf '%0300d' 0)" "$(printf '%0249d' 0)" ""; do
		refused 1 "secret's name" put "$name" value
		[ -z "$name" ] || [[ ${#name} -lt 5 || $stderr != *"$name"* ]]
	done
	[ -z "$(ls -A "$vault/secrets")" ]
	put "$(printf '%0248d' 0)/123456" value
}

@test "store refuses empty and too large values" {
	with_vault
	refused 1 'empty' "$ENVSEAL" store a </dev/null
	refused 1 'empty' bash -c 'echo | "$ENVSEAL" store a'
	refused 1 'more than 1048576 bytes' bash -c 'head -c 1048577 /dev/zero | "$ENVSEAL" store a'
	refused 1 'empty' bash -c '"$ENVSEAL" store a <&-'
	[ -z "$("$ENVSEAL" list)" ]
	head -c 1048576 /dev/zero | "$ENVSEAL" store a
	{ head -c 1048576 /dev/zero && echo; } | "$ENVSEAL" store b
	[ "$("$ENVSEAL" list)" = "$(printf 'a\nb')" ]
}

@test "store replaces only with --force" {
	with_vault
	put a first
	before=$(sha256sum <"$vault/secrets/a.sealed")
	refused 1 '--force' put a second
	[ "$(sha256sum <"$vault/secrets/a.sealed")" = "$before" ]
	put a second --force
	[ "$(sha256sum <"$vault/secrets/a.sealed")" != "$before" ]
}

@test "store takes no value on the command line" {
	with_vault
	refused 2 'never an argument' "$ENVSEAL" store a hunter2
	[[ $stderr != *hunter2* ]]
	refused 2 'needs the secret' "$ENVSEAL" store
}

@test "store asks twice on a terminal, hidden" {
	with_vault
	run -0 on_terminal hunter2 hunter2 -- "$ENVSEAL" store a
	[[ $output == *"Value of a: "* && $output == *"Value of a, again: "* ]]
	[[ $output != *hunter2* ]]
	[ "$("$ENVSEAL" list)" = a ]
	run -1 on_terminal one two -- "$ENVSEAL" store b
	[[ $output == *differ* ]]
	run -1 on_terminal "" -- "$ENVSEAL" store b
	[ "$("$ENVSEAL" list)" = a ]
}

@test "store with --no-input never asks" {
	with_vault
	run -1 on_terminal -- "$ENVSEAL" store a --no-input
	[[ $output == *"--no-input"* && $output != *"Value of"* ]]
	put a value --no-input
}

@test "store says that a name is taken before it asks" {
	with_vault
	put a value
	run -1 on_terminal -- "$ENVSEAL" store a
	[[ $output == *--force* && $output != *"Value of"* ]]
}

@test "store refuses a public key that is not the copy's" {
	with_vault
	put a before
	other=$(printf '%064d' 7)
	sed -i "s/^public_key = .*/public_key = \"$other\"/" "$vault/vault.toml"
	refused 1 'is not the one in' put b value
	[ "$("$ENVSEAL" list)" = a ]
	refused 1 'is not the one in' put b value --force
}

@test "store believes no other line of the copy beside one that differs" {
	with_vault
	printf '%064d %s\n' 7 "$vault" >>"$copy"
	refused 1 'is not the one in' put a value
}

@test "store finds the copy whatever the vault is called on the command line" {
	with_vault
	ln -s "$vault" "$HOME/link"
	run -0 put a value --vault "$HOME/link"
	[[ $output != *warning* ]]
	run -0 put b value --vault .local/share/../share/envseal/
	[[ $output != *warning* ]]
}

@test "store without a copy warns and names the key" {
	with_vault
	rm "$copy"
	run -0 put a value
	[[ $output == *"warning: "*"its key "????-????-* ]]
	printf '%064d /elsewhere\n' 1 >"$copy"
	run -0 put b value
	[[ $output == *"warning: "* ]]
}

@test "store does not believe a copy that others may write" {
	with_vault
	chmod 666 "$copy"
	refused 1 'chmod go-w' put a value
}

# -- list and remove

@test "list prints sorted names and nothing else" {
	with_vault
	run -0 --separate-stderr "$ENVSEAL" list
	[[ -z $output && -z $stderr ]]
	for name in b a/c a A a-b; do
		put "$name" value
	done
	run -0 --separate-stderr "$ENVSEAL" list
	[ "$output" = "$(printf '%s\n' A a a-b a/c b)" ]
	[ -z "$stderr" ]
}

@test "list --json" {
	with_vault
	[ "$("$ENVSEAL" list --json | jq -c .)" = '[]' ]
	put a/b value
	put c value
	[ "$("$ENVSEAL" list --json | jq -c '[.[] | {name, version, expires}]')" = \
		'[{"name":"a/b","version":1,"expires":null},{"name":"c","version":1,"expires":null}]' ]
}

@test "remove takes secrets and directories that it empties" {
	with_vault
	put a/b/c value
	put a/d value
	put e value
	run -0 --separate-stderr "$ENVSEAL" remove a/b/c e
	[[ -z $output && -z $stderr ]]
	[ ! -e "$vault/secrets/a/b" ]
	[ "$("$ENVSEAL" list)" = a/d ]
}

@test "remove of what is not there fails, and does the rest" {
	with_vault
	put a value
	refused 1 "no secret of that name" "$ENVSEAL" remove none a
	[ -z "$("$ENVSEAL" list)" ]
	put a value
	refused 1 "secret's name" "$ENVSEAL" remove a ../../slots/host
	[ "$("$ENVSEAL" list)" = a ]
	refused 2 'needs the NAME' "$ENVSEAL" remove
}

# -- a vault that is not as it should be

@test "without a vault every verb says how to make one" {
	refused 1 'envseal init' "$ENVSEAL" list
	refused 1 'envseal init' "$ENVSEAL" remove a
	refused 1 'envseal init' put a value
	refused 1 'HOME' env -u HOME -u XDG_DATA_HOME "$ENVSEAL" list
}

@test "a truncated vault.toml stops every verb" {
	with_vault
	cp "$vault/vault.toml" whole
	for size in 0 1 12 13 40 60 100 150 200; do
		head -c "$size" whole >"$vault/vault.toml"
		refused 1 'vault\.toml' "$ENVSEAL" list
		refused 1 'vault\.toml' put a value
		refused 1 'vault\.toml' "$ENVSEAL" remove a
	done
}

@test "a vault.toml of another version or with another key is refused with its place" {
	with_vault
	echo 'more = 1' >>"$vault/vault.toml"
	refused 1 'vault\.toml:5:1: ' "$ENVSEAL" list
	sed -i -e '$d' -e 's/^version = 1/version = 2/' "$vault/vault.toml"
	refused 1 'vault\.toml:1:.*newer' "$ENVSEAL" list
}

@test "what others may write is refused, with the command that mends it" {
	with_vault
	put a/b value
	for path in "$vault" "$vault/vault.toml" "$vault/secrets" "$vault/secrets/a"; do
		mode=$(stat -c %a "$path")
		chmod g+w "$path"
		refused 1 "chmod go-w '$path'" "$ENVSEAL" list
		chmod "$mode" "$path"
		"$ENVSEAL" list
	done
}

# bats test_tags=root
@test "what belongs to another user is refused" {
	[ "$(id -u)" -eq 0 ] || skip "only root can give a file away"
	with_vault
	for path in "$vault" "$vault/vault.toml" "$vault/secrets"; do
		chown 54322 "$path"
		refused 1 'belongs to uid 54322' "$ENVSEAL" list
		chown 0 "$path"
	done
}

@test "links inside the vault lead nowhere" {
	with_vault
	mkdir outside
	ln -s "$HOME/outside" "$vault/secrets/out"
	refused 1 'symbolic link' put out/a value
	[ -z "$(ls -A outside)" ]
	ln -s "$HOME/outside/a" "$vault/secrets/b.sealed"
	put b value --force
	[ -z "$(ls -A outside)" ]
	mv "$vault/vault.toml" moved
	ln -s "$HOME/moved" "$vault/vault.toml"
	refused 1 'symbolic link' "$ENVSEAL" list
}

# -- hash

@test "hash prints what b2sum and sha256sum print" {
	head -c 100000 /dev/urandom >file
	: >empty
	[ "$("$ENVSEAL" hash file)" = "blake2b-256:$(b2sum -l 256 <file | cut -d' ' -f1)" ]
	[ "$("$ENVSEAL" hash --algorithm sha256 file)" = "sha256:$(sha256sum <file | cut -d' ' -f1)" ]
	[ "$("$ENVSEAL" hash --algorithm=sha256 empty file | awk '{print $2}')" = "$(printf 'empty\nfile')" ]
	[ "$("$ENVSEAL" hash --json file | jq -r '.[0].hash')" = "$("$ENVSEAL" hash file)" ]
}

@test "hash of what cannot be hashed" {
	echo >file
	mkfifo pipe
	refused 1 "'none'" "$ENVSEAL" hash none
	refused 1 "'.'" "$ENVSEAL" hash .
	refused 1 "'pipe'" timeout 5 "$ENVSEAL" hash pipe
	run -1 --separate-stderr "$ENVSEAL" hash none file
	[[ $output == blake2b-256:*"  file" ]]
	refused 2 'blake2b-256, sha256' "$ENVSEAL" hash --algorithm md5 file
	refused 2 'at least one FILE' "$ENVSEAL" hash
}
