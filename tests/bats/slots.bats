#!/usr/bin/env bats
# Opening a vault: slots, sources of a passphrase, unlock and lock, a new root key.
# shellcheck disable=SC2016,SC2154 # bash -c expands, not this shell; running.bash sets bash

load common
load running

phrase='correct horse battery'

# A vault that the passphrase opens, with one secret: made once, for each test copies it. With the
# least cost, for these tests open it often.
setup_file() {
	local HOME=$BATS_FILE_TMPDIR XDG_CONFIG_HOME=$BATS_FILE_TMPDIR/.config XDG_DATA_HOME=$BATS_FILE_TMPDIR/.local/share
	export HOME XDG_CONFIG_HOME XDG_DATA_HOME
	"$ENVSEAL" init --key-file 2>/dev/null
	printf %s s3cr3t-value | "$ENVSEAL" store a 2>/dev/null
	printf %s "$phrase" | "$ENVSEAL" slot add passphrase --cost interactive --new-passphrase-fd 0 2>/dev/null
	"$ENVSEAL" slot remove host-key 2>/dev/null
}

setup() {
	common_setup
	vault=$XDG_DATA_HOME/envseal
	# The kernel's keyring is the uid's: what a test keeps there must not help the next.
	kept=
}

teardown() {
	[ -z "$kept" ] || "$ENVSEAL" lock 2>/dev/null || true
}

# sealed_by_phrase: that vault.
sealed_by_phrase() {
	mkdir -p "$XDG_DATA_HOME"
	cp -a "$BATS_FILE_TMPDIR/.local/share/envseal" "$vault"
}

# with_phrase PASSPHRASE VERB...
with_phrase() {
	local given=$1
	shift
	"$ENVSEAL" "$@" --passphrase-fd 3 3< <(printf %s "$given")
}

opens() {
	"$ENVSEAL" fingerprint a --no-input
}

refused() {
	local pattern=$1
	shift
	run -1 --separate-stderr "$@"
	said "$pattern"
}

can_keep() {
	command -v keyctl >/dev/null || true
	kept=1
	with_phrase "$phrase" unlock 2>/dev/null || skip "the kernel's keyring may not be used here"
	"$ENVSEAL" lock 2>/dev/null
}

# -- passphrases

@test "a passphrase that is too short is refused, a short one warned of" {
	run -1 --separate-stderr "$ENVSEAL" init --passphrase --passphrase-fd 3 3< <(printf 1234567)
	[[ $stderr == *"at least 8 characters"* && ! -e $vault/vault.toml ]]
	run -0 --separate-stderr "$ENVSEAL" init --passphrase --passphrase-fd 3 3< <(printf 'open sesame')
	[[ $stderr == *"warning: a passphrase of fewer than 12"* ]]
}

@test "a wrong passphrase is told apart from a damaged slot" {
	sealed_by_phrase
	run -1 --separate-stderr with_phrase "wrong $phrase" fingerprint a
	[[ $stderr == *"wrong passphrase"* && $stderr != *damaged* && $stderr != *"$phrase"* ]]
	printf X | dd of="$vault/slots/passphrase" bs=1 seek=90 conv=notrunc status=none
	run -1 --separate-stderr with_phrase "$phrase" fingerprint a
	[[ $stderr == *"is damaged"* && $stderr != *"wrong passphrase"* ]]
}

@test "the passphrase may come from a descriptor, to envseal and to envseal-exec" {
	sealed_by_phrase
	first=$(with_phrase "$phrase" fingerprint a)
	[ "$(printf '%s\n' "$phrase" | "$ENVSEAL" fingerprint a --passphrase-fd 0)" = "$first" ]
	with_phrase "$phrase" policy new "$bash" --tier none --secret A=a 2>/dev/null
	run -0 "$ENVSEAL_EXEC" --passphrase-fd 3 bash -c 'echo "$A $(ls /proc/self/fd | tr "\n" " ")"' 3< <(printf %s "$phrase")
	[[ $output == s3cr3t-value* && $output != *" 3 "*" 4 "* ]]
	refused 'open descriptor' "$ENVSEAL" fingerprint a --passphrase-fd 77
	refused 'open descriptor' "$ENVSEAL" fingerprint a --passphrase-fd x
	refused '1 to 1024 bytes' "$ENVSEAL" fingerprint a --passphrase-fd 0 </dev/null
}

@test "a passphrase on standard input leaves nothing there for the program" {
	sealed_by_phrase
	with_phrase "$phrase" policy new "$bash" --tier none --secret A=a 2>/dev/null
	run -0 bash -c 'printf %s "$1" | "$ENVSEAL_EXEC" --passphrase-fd 0 bash -c "cat; echo \$A"' - "$phrase"
	[ "$output" = s3cr3t-value ]
	# A file has a beginning, to which a process that was started before the passphrase was read
	# could go back.
	printf %s "$phrase" >"$HOME/phrase"
	run -0 "$ENVSEAL_EXEC" --status-fd 3 --passphrase-fd 0 bash -c 'cat /dev/stdin; echo "$A"' 3>/dev/null <"$HOME/phrase"
	[ "$output" = s3cr3t-value ]
}

@test "a passphrase that is not needed does not become the program's input" {
	sealed_by_phrase
	can_keep
	with_phrase "$phrase" policy new "$bash" --tier none --secret A=a 2>/dev/null
	with_phrase "$phrase" unlock 2>/dev/null
	run -0 bash -c 'printf %s "$1" | "$ENVSEAL_EXEC" --passphrase-fd 0 bash -c "cat; echo \$A"' - "$phrase"
	[ "$output" = s3cr3t-value ]
}

@test "without a terminal, a program that asks in its place" {
	sealed_by_phrase
	run -1 --separate-stderr setsid -w "$ENVSEAL" fingerprint a </dev/null
	[[ $stderr == *"locked"* ]]
}

@test "a changed passphrase opens, the one before does not, and no secret is touched" {
	sealed_by_phrase
	before=$(cat "$vault/secrets/a.sealed" "$vault/vault.toml" | sha256sum)
	refused 'force' with_phrase "$phrase" slot add passphrase --new-passphrase-fd 4 4< <(printf 'another phrase')
	with_phrase "$phrase" slot add passphrase --force --cost interactive --new-passphrase-fd 4 4< <(printf 'another phrase')
	refused 'wrong passphrase' with_phrase "$phrase" fingerprint a
	with_phrase 'another phrase' fingerprint a
	[ "$(cat "$vault/secrets/a.sealed" "$vault/vault.toml" | sha256sum)" = "$before" ]
}

@test "slot list says what there is and what a guess costs" {
	sealed_by_phrase
	run -0 "$ENVSEAL" slot list
	[[ $output == passphrase*"Argon2id, 2 passes over 64 MiB" ]]
	[ "$("$ENVSEAL" slot list --json | jq -c '[.[] | {slot, operations, memory}]')" = \
		'[{"slot":"passphrase","operations":2,"memory":67108864}]' ]
	printf X | dd of="$vault/slots/passphrase" bs=1 seek=90 conv=notrunc status=none
	run -1 "$ENVSEAL" slot list
	[[ $output == *damaged* ]]
}

# -- the other slots

@test "a recovery key is shown once, and opens however it is typed" {
	sealed_by_phrase
	first=$(with_phrase "$phrase" fingerprint a)
	run -0 --separate-stderr with_phrase "$phrase" slot add recovery
	key=$output
	[[ $key =~ ^([0-9A-HJKMNP-TV-Z]{4}-){13}[0-9A-HJKMNP-TV-Z]{4}$ ]]
	run -1 grep -r "${key%%-*}" "$vault/slots"
	[ "$(with_phrase "$key" fingerprint a)" = "$first" ]
	typed=$(tr "[:upper:]" "[:lower:]" <<<"$key" | tr -d - | sed 's/0/o/g; s/1/l/g; s/..../& /g')
	[ "$(with_phrase "$typed" fingerprint a)" = "$first" ]
	[ "$(with_phrase "$phrase" fingerprint a)" = "$first" ]
}

@test "a mistyped recovery key is refused" {
	sealed_by_phrase
	key=$(with_phrase "$phrase" slot add recovery 2>/dev/null)
	with_phrase "$key" slot remove passphrase
	last=${key: -1}
	refused 'mistyped' with_phrase "${key%?}$([ "$last" = Z ] && echo 0 || echo Z)" fingerprint a
	with_phrase "$key" fingerprint a
}

@test "a recovery key that could not be shown is an error" {
	sealed_by_phrase
	refused 'could not be shown' bash -c '"$ENVSEAL" slot add recovery --passphrase-fd 3 3< <(printf %s "$1") >/dev/full' - "$phrase"
}

@test "a key file opens where it is named, and only its own kind of slot" {
	sealed_by_phrase
	with_phrase "$phrase" slot add key-file "$HOME/stick"
	[ "$(stat -c '%a %s' stick)" = '600 32' ]
	ENVSEAL_KEY_FILE=$HOME/stick opens
	run -1 opens
	head -c 32 /dev/urandom >other && chmod 600 other
	ENVSEAL_KEY_FILE=$HOME/other refused 'wrong key-file' opens
	chmod 640 stick
	ENVSEAL_KEY_FILE=$HOME/stick refused 'chmod 600' opens
	chmod 600 stick
	mkdir creds && cp stick creds/envseal.key
	CREDENTIALS_DIRECTORY=$HOME/creds run -1 opens
	# The same stick for another vault.
	with_phrase "$phrase" slot add credential "$HOME/stick"
	CREDENTIALS_DIRECTORY=$HOME/creds opens
}

@test "a systemd credential opens for the service that has it" {
	sealed_by_phrase
	mkdir creds
	with_phrase "$phrase" slot add credential "$HOME/creds/envseal.key"
	CREDENTIALS_DIRECTORY=$HOME/creds opens
	with_phrase "$phrase" policy new "$bash" --tier hardened --secret A=a 2>/dev/null
	# Compared inside: outside it would be masked.
	(cd / && CREDENTIALS_DIRECTORY=$HOME/creds "$ENVSEAL_EXEC" --no-input bash -c '[ "$A" = s3cr3t-value ]')
	CREDENTIALS_DIRECTORY=creds refused 'absolute' opens
	rm creds/envseal.key
	CREDENTIALS_DIRECTORY=$HOME/creds refused 'locked' opens
}

@test "the last slot stays, and damaged ones do not count" {
	sealed_by_phrase
	refused 'last that opens' "$ENVSEAL" slot remove passphrase
	with_phrase "$phrase" slot add host-key
	"$ENVSEAL" slot remove passphrase
	opens
	refused 'last that opens' "$ENVSEAL" slot remove host-key
	refused "no slot 'passphrase'" "$ENVSEAL" slot remove passphrase
	"$ENVSEAL" slot add recovery >/dev/null
	printf X | dd of="$vault/slots/recovery" bs=1 seek=90 conv=notrunc status=none
	refused 'last that opens' "$ENVSEAL" slot remove host-key
	opens
}

@test "slots are named, and wrong words are usage errors" {
	"$ENVSEAL" init --key-file
	for words in "add" "add nonsense" "add key-file" "add recovery file" "remove" "add recovery --cost moderate" \
		"add passphrase --cost cheap" "list more"; do
		# shellcheck disable=SC2086 # several words
		run -2 "$ENVSEAL" slot $words
	done
}

# -- unlock and lock

@test "unlock keeps the vault open for a while, lock ends that" {
	sealed_by_phrase
	can_keep
	run -1 opens
	run -0 with_phrase "$phrase" unlock --for 1m
	[[ $output == *"open for 1m"*"your uid"* ]]
	opens
	"$ENVSEAL" lock
	run -1 opens
	run -0 "$ENVSEAL" lock
}

@test "unlock ends by itself" {
	sealed_by_phrase
	can_keep
	with_phrase "$phrase" unlock --for 1h
	opens
	with_phrase "$phrase" unlock --for 1s
	closed() { ! opens 2>/dev/null; }
	eventually closed
}

@test "unlock takes sensible times only" {
	sealed_by_phrase
	for time in 0s 8d x 10 -1m 1mm; do
		run -2 "$ENVSEAL" unlock --for "$time"
	done
}

@test "what was kept before a new root key opens nothing" {
	sealed_by_phrase
	can_keep
	with_phrase "$phrase" unlock --for 1m
	with_phrase "$phrase" rotate-key
	run -1 opens
	with_phrase "$phrase" fingerprint a
}

# -- rotate-key

@test "rotate-key seals everything again, keeps slots and approvals, and leaves nothing of the old key" {
	"$ENVSEAL" init --key-file 2>/dev/null
	printf one | "$ENVSEAL" store a
	printf two | "$ENVSEAL" store a --force
	printf x | "$ENVSEAL" store d/b --expires 90d
	"$ENVSEAL" policy new "$bash" --tier none --secret A=a 2>/dev/null
	"$ENVSEAL" slot add key-file "$HOME/stick"
	old=$(sha256sum <"$vault/slots/host.key")
	pub=$("$ENVSEAL" pubkey 2>/dev/null)
	cp -a "$vault" "$HOME/copy"
	ENVSEAL_KEY_FILE=$HOME/stick "$ENVSEAL" rotate-key
	[ "$(sha256sum <"$vault/slots/host.key")" != "$old" ]
	[ "$("$ENVSEAL" pubkey 2>/dev/null)" != "$pub" ]
	[ "$("$ENVSEAL_EXEC" bash -c 'echo "$A"')" = two ]
	ENVSEAL_KEY_FILE=$HOME/stick "$ENVSEAL" verify
	"$ENVSEAL" restore a
	[ "$("$ENVSEAL_EXEC" bash -c 'echo "$A"')" = one ]
	[ "$("$ENVSEAL" list --json | jq -c '.[] | select(.name == "d/b") | .expires != null')" = true ]
	# The old key opens the old copy, and nothing of the new vault.
	ENVSEAL_VAULT=$HOME/copy "$ENVSEAL" fingerprint a
	ENVSEAL_KEY_FILE=$HOME/copy/slots/host.key run -1 "$ENVSEAL" fingerprint a
	[ ! -e "$vault/slots.next" ]
}

@test "rotate-key shows a new recovery key, and the old one opens nothing" {
	"$ENVSEAL" init --key-file 2>/dev/null
	printf one | "$ENVSEAL" store a
	old=$("$ENVSEAL" slot add recovery 2>/dev/null)
	new=$("$ENVSEAL" rotate-key 2>/dev/null)
	"$ENVSEAL" slot remove host-key
	refused 'wrong recovery' with_phrase "$old" fingerprint a
	with_phrase "$new" fingerprint a
}

@test "rotate-key refuses before it changes anything" {
	sealed_by_phrase
	before=$(cat "$vault/vault.toml" "$vault"/slots/* | sha256sum)
	refused 'wrong passphrase' with_phrase "not $phrase" rotate-key
	with_phrase "$phrase" slot add key-file "$HOME/stick"
	refused 'ENVSEAL_KEY_FILE' with_phrase "$phrase" rotate-key
	"$ENVSEAL" slot remove key-file
	cp "$vault/secrets/a.sealed" good
	printf X | dd of="$vault/secrets/a.sealed" bs=1 seek=200 conv=notrunc status=none
	refused 'not changed.*damaged' with_phrase "$phrase" rotate-key
	cp good "$vault/secrets/a.sealed"
	[ "$(cat "$vault/vault.toml" "$vault"/slots/* | sha256sum)" = "$before" ]
}
