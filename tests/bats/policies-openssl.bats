#!/usr/bin/env bats
# policies/usr/bin/openssl.toml, openssl@sign.toml and gpg.toml: programs that need no server.
# shellcheck disable=SC2016,SC2154

load common
load system
load shipped

setup() {
	need_programs /usr/bin/openssl /usr/bin/gpg
	shipped_setup
}

teardown() {
	shipped_teardown
}

# bats test_tags=root
@test "openssl: the job: what one encrypts another decrypts" {
	keep backup/key
	ship usr/bin/openssl
	head -c 100000 /dev/urandom >"$HOME/plain"
	job openssl -e <"$HOME/plain" >"$HOME/encrypted"
	job openssl -d <"$HOME/encrypted" >"$HOME/back"
	cmp "$HOME/plain" "$HOME/back"
	run -1 cmp -s "$HOME/plain" "$HOME/encrypted"
	# It is openssl's own format.
	openssl enc -d -aes-256-ctr -pbkdf2 -iter 200000 -pass "pass:$secret" <"$HOME/encrypted" | cmp - "$HOME/plain"
}

# bats test_tags=root
@test "openssl: no other commands, nothing that prints the key or what it is made of" {
	keep backup/key
	ship usr/bin/openssl 's/^prepend = .*//' "$NO_RULES"
	run -0 --separate-stderr job openssl passwd -6 -salt 1234567890 hello
	run -0 --separate-stderr job openssl enc -P -aes-256-ctr -pbkdf2 -pass env:ENC_KEY
	shows key=
	# Reading a key file is what it does best: the variable, in a form that masking cannot know.
	run -0 --separate-stderr job openssl enc -aes-128-ecb -K 00 -in /proc/self/environ
	hides
	[ -n "$output" ]
	ship usr/bin/openssl
	for attempt in "-P" "-p" "-in /proc/self/environ" "-pass env:HOME" "passwd hello" "-engine x" "-d -P" "-e -out /tmp/x"; do
		# shellcheck disable=SC2086
		refused openssl $attempt
	done
	refused openssl
	run -0 --separate-stderr job openssl -e -a <<<"$secret"
	hides
}

# bats test_tags=root
@test "openssl@sign: the job: a signature that the public key verifies" {
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$BATS_TEST_TMPDIR/key" 2>/dev/null
	openssl pkey -in "$BATS_TEST_TMPDIR/key" -pubout -out "$BATS_TEST_TMPDIR/public"
	keep release/key "$(<"$BATS_TEST_TMPDIR/key")"$'\n'
	ship usr/bin/openssl@sign
	job --profile sign openssl /etc/passwd >"$BATS_TEST_TMPDIR/signature"
	run -0 openssl dgst -sha256 -verify "$BATS_TEST_TMPDIR/public" -signature "$BATS_TEST_TMPDIR/signature" /etc/passwd
}

# bats test_tags=root
@test "openssl@sign: the key does not come out" {
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$BATS_TEST_TMPDIR/key" 2>/dev/null
	openssl rsa -in "$BATS_TEST_TMPDIR/key" -noout -modulus >"$BATS_TEST_TMPDIR/modulus"
	keep release/key "$(<"$BATS_TEST_TMPDIR/key")"$'\n'
	ship usr/bin/openssl@sign 's/^prepend = .*//' "$NO_RULES"
	run -0 --separate-stderr job --profile sign openssl rsa -in /dev/stdin -text -noout
	shows privateExponent
	run -0 --separate-stderr job --profile sign openssl rsa -in /dev/stdin -outform DER -out /dev/stdout
	ship usr/bin/openssl@sign
	for attempt in "rsa -in /dev/stdin -text" "-text" "/etc/hostname -text" "-out /tmp/x /etc/hostname" "pkey"; do
		# shellcheck disable=SC2086
		refused --profile sign openssl $attempt
	done
	# A signature of the key is none of its parts.
	job --profile sign openssl /proc/self/fd/0 >"$BATS_TEST_TMPDIR/signature" 2>/dev/null || true
	run -1 grep -qa 'PRIVATE KEY' "$BATS_TEST_TMPDIR/signature"
}

# bats test_tags=root
@test "gpg: the job: what one encrypts another decrypts" {
	keep archive/passphrase
	ship usr/bin/gpg
	echo 'plain text' >"$HOME/plain"
	job gpg --symmetric <"$HOME/plain" >"$HOME/encrypted" 2>/dev/null
	run -0 --separate-stderr job gpg --decrypt <"$HOME/encrypted"
	[ "$output" = 'plain text' ]
	job gpg --armor --symmetric <"$HOME/plain" >"$HOME/armored" 2>/dev/null
	grep -q 'BEGIN PGP MESSAGE' "$HOME/armored"
	mkdir -m 700 "$BATS_TEST_TMPDIR/gnupg"
	run -0 --separate-stderr gpg --homedir "$BATS_TEST_TMPDIR/gnupg" --batch --pinentry-mode loopback --passphrase "$secret" \
		--decrypt "$HOME/armored"
	[ "$output" = 'plain text' ]
	gpgconf --homedir "$BATS_TEST_TMPDIR/gnupg" --kill all
}

# bats test_tags=root
@test "gpg: no agent, configuration or option of the caller's" {
	keep archive/passphrase
	install -d -m 700 -o "$CALLER_UID" -g "$CALLER_GID" "$HOME/.gnupg"
	printf '#!/bin/sh\nexec cat\n' >"$BATS_TEST_TMPDIR/agent"
	chmod 755 "$BATS_TEST_TMPDIR/agent"
	# A program that gpg starts as its agent, and that keeps what it is given.
	printf 'agent-program %s\n' "$BATS_TEST_TMPDIR/agent" >"$HOME/.gnupg/gpg.conf"
	chown -R "$CALLER_UID:$CALLER_GID" "$HOME/.gnupg"
	ship usr/bin/gpg
	run -0 --separate-stderr job gpg --symmetric <<<x >/dev/null
	for attempt in "--show-session-key --decrypt" "--list-packets" "--version" "--homedir $HOME/.gnupg --decrypt" \
		"--decrypt --debug-all" "--debug ipc --decrypt" "--agent-program /bin/sh --decrypt" "-o x --symmetric"; do
		# shellcheck disable=SC2086
		refused gpg $attempt
	done
}
