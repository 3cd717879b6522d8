#!/usr/bin/env bats
# A slot that a TPM opens, against swtpm. tests/run needs a build with --with-tpm2 for tests tagged
# tpm2.
# shellcheck disable=SC2154 # bats sets stderr

load common
load running

phrase='correct horse battery'

setup() {
	common_setup
	vault=$XDG_DATA_HOME/envseal
	tpm=
	printf %s "$phrase" | "$ENVSEAL" init --passphrase --passphrase-fd 0 2>/dev/null
	printf %s s3cr3t-value | "$ENVSEAL" store a 2>/dev/null
}

teardown() {
	[ -z "$tpm" ] || kill "$tpm" 2>/dev/null || true
}

# start_tpm DIRECTORY: a TPM whose state is there.
start_tpm() {
	local port=$((20000 + RANDOM % 20000))
	mkdir -p "$1"
	swtpm socket --tpm2 --tpmstate dir="$1" --server type=tcp,bindaddr=127.0.0.1,port="$port" \
		--ctrl type=tcp,bindaddr=127.0.0.1,port=$((port + 1)) --flags not-need-init,startup-clear \
		>"$BATS_TEST_TMPDIR/swtpm.log" 2>&1 3>&- &
	tpm=$!
	export ENVSEAL_TPM2_TCTI=swtpm:host=127.0.0.1,port=$port
	eventually grep -q ":$(printf %04X "$port") " /proc/net/tcp
}

stop_tpm() {
	kill "$tpm"
	wait "$tpm" || true
	tpm=
}

with_phrase() {
	"$ENVSEAL" "$@" --passphrase-fd 3 3< <(printf %s "$phrase")
}

opens() {
	"$ENVSEAL" fingerprint a --no-input
}

@test "without a TPM a slot of it cannot be made, and the message says why" {
	ENVSEAL_TPM2_TCTI=swtpm:host=127.0.0.1,port=1 run -1 --separate-stderr with_phrase slot add tpm2
	[[ $stderr == *"built without TPM2"* || $stderr == *"no usable TPM"* ]]
	[ ! -e "$vault/slots/tpm2" ]
}

# bats test_tags=tpm2
@test "the TPM opens the vault, and only that TPM" {
	start_tpm "$BATS_TEST_TMPDIR/one"
	with_phrase slot add tpm2
	opens
	[ "$(opens)" = "$(with_phrase fingerprint a)" ]
	stop_tpm
	start_tpm "$BATS_TEST_TMPDIR/one"
	opens
	stop_tpm
	start_tpm "$BATS_TEST_TMPDIR/two"
	run -1 --separate-stderr opens
	[[ $stderr == *"another machine"* ]]
}

# bats test_tags=tpm2
@test "where the TPM is gone the passphrase opens" {
	start_tpm "$BATS_TEST_TMPDIR/one"
	with_phrase slot add tpm2
	stop_tpm
	run -1 --separate-stderr opens
	[[ $stderr == *locked* ]]
	with_phrase fingerprint a
}

# bats test_tags=tpm2
@test "a damaged slot of the TPM is said" {
	start_tpm "$BATS_TEST_TMPDIR/one"
	with_phrase slot add tpm2
	size=$(stat -c %s "$vault/slots/tpm2")
	cp "$vault/slots/tpm2" good
	for at in 0 9 100 125 200 $((size - 1)); do
		printf '\377' | dd of="$vault/slots/tpm2" bs=1 seek="$at" conv=notrunc status=none
		run -1 --separate-stderr opens
		[[ $stderr == *damaged* ]]
		cp good "$vault/slots/tpm2"
	done
	truncate -s 151 "$vault/slots/tpm2"
	run -1 --separate-stderr opens
	[[ $stderr == *size* ]]
}

# bats test_tags=tpm2
@test "rotate-key seals the new key to the TPM too" {
	start_tpm "$BATS_TEST_TMPDIR/one"
	with_phrase slot add tpm2
	with_phrase rotate-key
	opens
	with_phrase verify
}
