#!/usr/bin/env bats
# Every verb, and what each can be refused for, with a known value and a known passphrase: neither is anywhere afterwards.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load common
load running

setup() {
	running_setup
	secret='Zq7"Wk/+ pL?x\9&vT~canary-value'
	passphrase='Rm4 horse"battery/+ \staple&canary'
	said=$BATS_TEST_TMPDIR/said
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$said" "$TMPDIR"
	count=0
	seal first/one "$secret"
}

# say STATUS COMMAND...: keeps what it prints. STATUS may be "-" where it does not matter.
say() {
	local wanted=$1 status=0
	shift
	count=$((count + 1))
	"$@" >"$said/$count.out" 2>"$said/$count.err" </dev/null || status=$?
	[ "$wanted" = - ] || [ "$status" -eq "$wanted" ] || {
		echo "$* gave $status"
		cat "$said/$count.err"
		return 1
	}
	[ "$status" -lt 128 ]
}

# feed TEXT COMMAND...: the same with a standard input.
feed() {
	local text=$1
	shift
	count=$((count + 1))
	printf %s "$text" | "$@" >"$said/$count.out" 2>"$said/$count.err" || [ $? -lt 128 ]
}

# clean: the value and the passphrase are in nothing that was printed or written.
clean() {
	run -0 --separate-stderr python3 "$BATS_TEST_DIRNAME/leaks.py" "$secret" "$passphrase" -- \
		"$said" "$HOME" "$TMPDIR"
	[ -z "$output" ] || {
		printf '%s\n' "$output"
		return 1
	}
	[[ $stderr =~ searched\ ([0-9]+) ]]
	[ "${BASH_REMATCH[1]}" -gt "$count" ]
}

@test "the search finds each value in each encoding" {
	python3 "$BATS_TEST_DIRNAME/leaks.py" --write "$said" "$secret" "$passphrase"
	run -0 --separate-stderr python3 "$BATS_TEST_DIRNAME/leaks.py" "$secret" "$passphrase" -- "$said"
	[ "$(cut -d: -f1 <<<"$output" | sort -u | wc -l)" -eq 24 ]
	run ! clean
}

@test "verbs of the vault, and what they refuse" {
	feed "$secret" "$ENVSEAL" store two
	feed "$secret" "$ENVSEAL" store two
	feed "$secret" "$ENVSEAL" store two --force --expires 1d
	feed "$secret" "$ENVSEAL" store 'bad name'
	feed "$secret" "$ENVSEAL" store three --expires never-ever
	feed "$secret" "$ENVSEAL" store three --sealed
	feed "$secret" "$ENVSEAL" store three --generate 40
	feed "A='$secret'" "$ENVSEAL" import --prefix env/ -
	feed "A='$secret'" "$ENVSEAL" import --prefix env/ -
	feed "A=$secret" "$ENVSEAL" import -
	feed "A='$secret" "$ENVSEAL" import -
	feed "A=\"$secret\\" "$ENVSEAL" import -
	feed "$secret" "$ENVSEAL" import -
	feed "$secret" "$ENVSEAL" import --from-stdin0
	say 1 "$ENVSEAL" rename first/one two
	say 0 "$ENVSEAL" rename two four
	say 0 "$ENVSEAL" list --long
	say 0 "$ENVSEAL" list --json
	say 0 "$ENVSEAL" fingerprint first/one
	feed "$passphrase" "$ENVSEAL" fingerprint first/one --shared
	say 0 "$ENVSEAL" verify
	say 0 "$ENVSEAL" pubkey
	say 0 "$ENVSEAL" slot list
	say - "$ENVSEAL" slot add recovery
	say - "$ENVSEAL" restore four
	say - "$ENVSEAL" prune
	say - "$ENVSEAL" rotate-key
	say 0 "$ENVSEAL" verify
	say - "$ENVSEAL" remove four nowhere
	say - "$ENVSEAL" doctor
	clean
}

@test "a passphrase, right and wrong, on a terminal and without one" {
	rm -rf "$XDG_DATA_HOME/envseal" "$XDG_CONFIG_HOME/envseal"
	on_terminal "$passphrase" "$passphrase" -- "$ENVSEAL" init --passphrase >"$said/init"
	feed "$secret" "$ENVSEAL" store first/one
	on_terminal "$passphrase" -- "$ENVSEAL" verify >"$said/right"
	on_terminal "$passphrase-not" -- "$ENVSEAL" verify >"$said/wrong" || true
	feed "$passphrase" "$ENVSEAL" verify --no-input
	feed "$passphrase" "$ENVSEAL" init --passphrase --no-input
	grep -q 'wrong passphrase' "$said/wrong"
	clean
}

@test "runs, explanations and refusals" {
	allow "$bash" none
	say 0 "$ENVSEAL" explain bash -c true
	say 0 "$ENVSEAL" explain --json bash -c true
	say 0 "$ENVSEAL" policy show bash
	say 0 "$ENVSEAL" policy list --verify
	say - "$ENVSEAL" policy check
	say - "$ENVSEAL" policy who first/one
	for tier in none hardened lockdown; do
		"$ENVSEAL" policy new "$bash" --force --tier "$tier" --secret ONE=first/one 2>/dev/null
		[ "$tier" != none ] || extend "$bash" $'[output]\nmask = "always"'
		say 0 "$ENVSEAL_EXEC" bash -c '[ -n "$ONE" ]'
		say 3 "$ENVSEAL_EXEC" bash -c 'printf "%s\n" "$ONE"; printf %s "$ONE" | base64 -w0 >&2; exit 3'
	done
	set_key "$bash" secrets 'TWO = "first/none"'
	say 125 "$ENVSEAL_EXEC" bash -c true
	printf '\n# edited\n' >>"$(policy_file "$bash")"
	say 125 "$ENVSEAL_EXEC" bash -c true
	printf 'broken' >"$XDG_DATA_HOME/envseal/secrets/first/one.sealed"
	"$ENVSEAL" policy new "$bash" --force --tier none --secret ONE=first/one 2>/dev/null || true
	say 125 "$ENVSEAL_EXEC" bash -c true
	clean
}
