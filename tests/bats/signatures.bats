#!/usr/bin/env bats
# Signed policies: layers that system.toml requires to be signed, with signatures by the real
# minisign.
# shellcheck disable=SC2154 # secret is set by system_ready

load common
load system

setup() {
	common_setup
	command -v minisign >/dev/null || skip "minisign is not installed"
	need_root "system mode is root's to set up"
	system_ready
	keys=$BATS_TEST_TMPDIR/keys
	mkdir "$keys"
	cp /usr/bin/printenv "$SYSTEM/bin/show"
	show=$ENVSEAL_PREFIX/bin/show
	for name in vendor other; do
		minisign -G -W -p "$keys/$name.pub" -s "$keys/$name.key" >/dev/null 2>&1
	done
	# The vendor's layer is VAR here, for that is the test's own; root's is ETC.
	place=$SYSTEM/var/lib/envseal
	policy=$place/policies$show.toml
	mkdir -p "$(dirname "$policy")" "$place/pins$(dirname "$show")"
	hash=$("$ENVSEAL" hash "$SYSTEM/bin/show" | cut -d ' ' -f 1)
	write_policy "$policy" "hash = [\"$hash\"]"
	in_system "$ENVSEAL" policy allow "$show" --all 2>/dev/null
}

# write_policy FILE LINE: the policy of `show`, with one secret.
write_policy() {
	cat >"$1" <<-POLICY
		version = 1
		command = "$show"
		tier = "none"
		$2
		[secrets]
		ONE = "one"
	POLICY
}

# require LAYER...: what system.toml asks for.
require() {
	local list
	list=$(printf '"%s", ' "$@")
	sed -i '/^require_signature/d' "$SYSTEM/etc/envseal/system.toml"
	echo "require_signature = [${list%, }]" >>"$SYSTEM/etc/envseal/system.toml"
}

# trust NAME...: these keys may sign.
trust() {
	install -d -m 755 "$SYSTEM/etc/envseal/trusted-keys.d"
	rm -f "$SYSTEM/etc/envseal/trusted-keys.d"/*
	for name in "$@"; do install -m 644 "$keys/$name.pub" "$SYSTEM/etc/envseal/trusted-keys.d/"; done
}

# sign KEY FILE [OPTION...]
sign() {
	(cd "$(dirname "$2")" && minisign -S -s "$keys/$1.key" -m "$(basename "$2")" "${@:3}" >/dev/null)
}

# Whoever asks: a user, through the kernel's privilege, and root.
runs() {
	run -0 as_caller "$ENVSEAL_EXEC" "$show" ONE
	[ "$output" = "$secret" ]
	run -0 in_system "$ENVSEAL_EXEC" "$show" ONE
	[ "$output" = "$secret" ]
}

# refused WORDS: by the run, whoever asks, and by check and show.
refused() {
	run -125 as_caller "$ENVSEAL_EXEC" "$show" ONE
	[[ $output == *"$1"* && $output != *"$secret"* ]]
	run -125 in_system "$ENVSEAL_EXEC" "$show" ONE
	[[ $output == *"$1"* && $output != *"$secret"* ]]
	run -1 in_system "$ENVSEAL" policy check "$show"
	[[ $output == *"$1"* ]]
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *"$1"* ]]
	run -1 in_system "$ENVSEAL" policy show "$show"
	[[ $output == *"$1"* ]]
	run in_system "$ENVSEAL" explain "$show"
	[[ $output == *"$1"* ]]
}

# bats test_tags=root
@test "a layer that must be signed: minisign's signatures in both formats, and nothing without one" {
	runs
	require "$VAR"
	refused "has no signature"
	trust vendor
	refused "has no signature"
	for format in "" -l; do
		sign vendor "$policy" ${format:+"$format"}
		runs
		run -1 in_system "$ENVSEAL" policy check
		[[ $output == *": 0 errors, 1 warning,"* ]]
		run -0 in_system "$ENVSEAL" policy show "$show"
		[[ $output == *"# signed: $ETC/trusted-keys.d/vendor.pub: timestamp:"*"file:show.toml"* ]]
		run -0 in_system "$ENVSEAL" policy show --json "$show"
		[[ $(jq -r .signed <<<"$output") == *vendor.pub* ]]
	done
}

# bats test_tags=root
@test "files without a valid signature are refused" {
	require "$VAR"
	trust vendor
	sign vendor "$policy"
	runs
	good=$BATS_TEST_TMPDIR/good
	cp "$policy.minisig" "$good"
	# One bit of the policy.
	sed -i 's/^tier = "none"/tier = "none" /' "$policy"
	refused "does not sign this content"
	sed -i 's/^tier = "none" /tier = "none"/' "$policy"
	runs
	# Another key, also one that calls itself by the right name in the comments.
	sign other "$policy"
	refused "which is not in"
	trust other
	cp "$good" "$policy.minisig"
	refused "which is not in"
	trust other vendor
	runs
	# Another file's signature, and comments of another.
	echo other >"$BATS_TEST_TMPDIR/show.toml"
	sign vendor "$BATS_TEST_TMPDIR/show.toml" -t "file:show.toml elsewhere"
	other=$BATS_TEST_TMPDIR/show.toml.minisig
	cp "$other" "$policy.minisig"
	refused "does not sign this content"
	{ head -n 2 "$good" && tail -n 2 "$other"; } >"$policy.minisig"
	refused "has a trusted comment that was not signed"
	sed 's/timestamp:./timestamp:9/' "$good" >"$policy.minisig"
	refused "has a trusted comment that was not signed"
	# Cut off, too large, of another algorithm.
	head -n 3 "$good" >"$policy.minisig"
	refused "not the four lines"
	head -c 20000 /dev/zero >"$policy.minisig"
	refused "is larger than 16 KiB"
	sed 's/^RU/RX/' "$good" >"$policy.minisig"
	refused "a known algorithm"
	# Not root's.
	cp "$good" "$policy.minisig"
	chown "$CALLER_UID" "$policy.minisig"
	refused "belongs to uid $CALLER_UID"
	chown 0 "$policy.minisig"
	runs
	chmod 777 "$SYSTEM/etc/envseal/trusted-keys.d"
	refused "writable by others"
	chmod 755 "$SYSTEM/etc/envseal/trusted-keys.d"
	runs
}

# bats test_tags=root
@test "a signed policy is not moved to another profile" {
	trust vendor
	sign vendor "$policy"
	work=${policy%.toml}@work.toml
	cp "$policy" "$work"
	cp "$policy.minisig" "$work.minisig"
	in_system "$ENVSEAL" policy allow "$show" --profile work --all 2>/dev/null
	run -0 as_caller "$ENVSEAL_EXEC" --profile work "$show" ONE
	require "$VAR"
	runs
	run -125 as_caller "$ENVSEAL_EXEC" --profile work "$show" ONE
	[[ $output == *"was made for another file"* ]]
	sign vendor "$work"
	run -0 as_caller "$ENVSEAL_EXEC" --profile work "$show" ONE
	# A comment of one's own says it too.
	sign vendor "$policy" -t "file:policies$show.toml"
	runs
	sign vendor "$policy" -t "release 7"
	refused "does not say for which"
}

# bats test_tags=root
@test "a pin file in such a layer must be signed for its command; root's own layer need not" {
	require "$VAR"
	trust vendor
	write_policy "$policy" "pin = \"hash\""
	sign vendor "$policy"
	pins=$place/pins$show
	run -125 as_caller "$ENVSEAL_EXEC" "$show" ONE
	# Without a rule for pins, this would accept whatever program its writer likes.
	echo "$hash" >"$pins"
	refused "has no signature"
	# By its name alone, another command's pins of the same name would do.
	sign vendor "$pins"
	refused "was made for another file"
	sign vendor "$pins" -t "file:pins$show"
	runs
	echo "# more" >>"$pins"
	refused "does not sign this content"
	rm "$pins" "$pins.minisig"
	in_system "$ENVSEAL" policy pin "$show" 2>/dev/null
	[ -e "$SYSTEM/etc/envseal/pins$show" ]
	runs
	require "$VAR" "$ETC"
	refused "has no signature"
}

# bats test_tags=root
@test "only the layers that are named must be signed, and a signature without its policy is a finding" {
	trust vendor
	require "$ETC"
	runs
	require "$VAR" /nowhere
	run -125 as_caller "$ENVSEAL_EXEC" "$show" ONE
	[[ $output == *"require_signature: must be one of the system's layers"* ]]
	require "$VAR"
	sign vendor "$policy"
	cp "$policy.minisig" "$place/policies/alone.toml.minisig"
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *"alone.toml.minisig"*"is never read"* ]]
	rm "$place/policies/alone.toml.minisig"
	run -1 in_system "$ENVSEAL" policy check
	[[ $output == *": 0 errors, 1 warning,"* ]]
	# Root's own layer wins unsigned, and may mask.
	mkdir -p "$SYSTEM/etc/envseal/policies$(dirname "$show")"
	: >"$SYSTEM/etc/envseal/policies$show.toml"
	run -125 as_caller "$ENVSEAL_EXEC" "$show" ONE
	[[ $output == *"masks this command"* ]]
}
