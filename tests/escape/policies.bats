#!/usr/bin/env bats
# Attacks by forgery: policies, layers and names that could lead to a secret of the system's.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup() {
	escape_setup
	out=$SYSTEM/run/out
	install -d -o "$CALLER_UID" "$out"
	env=$(realpath /usr/bin/env)
}

teardown() {
	escape_teardown
}

# a_layer PLACE: a forged one of the caller's own, for /usr/bin/env, in $out/PLACE.
a_layer() {
	mkdir -p "$out/$1/policies/usr/bin"
	{
		printf 'version = 1\ncommand = "%s"\ntier = "none"\n' "$env"
		printf 'hash = ["%s"]\n[secrets]\nONE = "one"\n' "$("$ENVSEAL" hash "$env" | cut -d' ' -f1)"
	} >"$out/$1/policies$env.toml"
	mkdir -p "$out/$1/access/usr/bin"
	: >"$out/$1/access$env"
	chown -R "$CALLER_UID" "$out"
}

# no_secret COMMAND...: refused, and nothing of the system's in it.
no_secret() {
	run -125 --separate-stderr "$@"
	[[ $output$stderr != *"$secret"* ]]
	[[ $output != *ONE=* ]]
}

@test "a policy of the user's own making brings no secret of the system's, wherever it lies" {
	a_layer layer
	# The same policy does it where it is root's.
	mkdir -p "$SYSTEM/etc/envseal/policies/usr/bin" "$SYSTEM/etc/envseal/access/usr/bin"
	install -m 644 "$out/layer/policies$env.toml" "$SYSTEM/etc/envseal/policies/usr/bin/"
	install -m 644 /dev/null "$SYSTEM/etc/envseal/access$env"
	run -0 as_caller "$ENVSEAL_EXEC" "$env"
	[[ $output == *"ONE=$secret"* ]]
	rm "$SYSTEM/etc/envseal/policies$env.toml"
	mv "$out/layer" "$out/envseal"
	ln -s /run/out/envseal "$out/link"
	for vault in "" "$VAR/vault"; do
		local more=() given=(XDG_CONFIG_HOME=/run/out ENVSEAL_LAYERS=/run/out/envseal "ENVSEAL_VAULT=$vault" "XDG_DATA_HOME=$VAR/..")
		[ -z "$vault" ] || more=(--vault "$vault")
		no_secret as_caller env "${given[@]}" "$ENVSEAL_EXEC" "${more[@]}" "$env"
		for layers in /run/out/envseal /run/out/link /run/out/link:"$ETC" "$ETC:/run/out/envseal" /run/../run/out/envseal; do
			no_secret as_caller env "${given[@]}" "$ENVSEAL_EXEC" "${more[@]}" --layers "$layers" "$env"
		done
		for layers in out/envseal ./out/envseal ../run/out/envseal .; do
			IN_SYSTEM_DIRECTORY=/run no_secret as_caller "$ENVSEAL_EXEC" "${more[@]}" --layers "$layers" "$env"
		done
	done
}

@test "links to root's policies, and hard links, bring nothing either" {
	policy none "$bash"
	a_layer envseal
	for how in 'ln -s' 'ln' 'cp'; do
		rm -rf "$out/envseal/policies"
		mkdir -p "$out/envseal/policies/usr/bin"
		$how "$SYSTEM/etc/envseal/policies$bash.toml" "$out/envseal/policies/usr/bin/env.toml"
		no_secret as_caller env XDG_CONFIG_HOME=/run/out "$ENVSEAL_EXEC" --layers /run/out/envseal "$env"
		no_secret as_caller env XDG_CONFIG_HOME=/run/out "$ENVSEAL_EXEC" "$env"
	done
	# And a layer of root's in which the directory is a link into the user's.
	a_layer forged
	mv "$SYSTEM/etc/envseal/policies/usr/bin" "$SYSTEM/etc/envseal/policies/usr/was"
	ln -s /run/out/forged/policies/usr/bin "$SYSTEM/etc/envseal/policies/usr/bin"
	no_secret as_caller "$ENVSEAL_EXEC" "$env"
	rm "$SYSTEM/etc/envseal/policies/usr/bin"
	ln -s was "$SYSTEM/etc/envseal/policies/usr/bin"
}

@test "no name leads an own program to the policy of another" {
	policy none "$bash"
	mkdir -p "$out/usr/bin" "$out/bin"
	printf '#!/bin/sh\necho "EVIL $ONE"\n' >"$out/evil"
	chmod 755 "$out/evil"
	cp "$out/evil" "$out/usr/bin/bash"
	cp "$out/evil" "$out/bin/bash"
	ln -s evil "$out/bash"
	ln -s /usr/bin "$out/directory"
	ln "$out/evil" "$out/usr/bin/hard"
	chown -R -h "$CALLER_UID" "$out"
	local names=(/run/out/evil /run/out/bash /run/out/usr/bin/bash /run/out/usr/bin/hard /run/out/../../usr/bin/../../run/out/bash
		//run//out//bash /proc/self/root/run/out/bash /proc/self/cwd/bash ./bash usr/bin/bash ../out/usr/bin/bash)
	local forged=(env PATH="/run/out:/run/out/usr/bin:$PATH")
	export IN_SYSTEM_DIRECTORY=/run/out
	for name in "${names[@]}"; do
		run -0 as_caller "$name"
		[ "$output" = 'EVIL ' ] || nothing "$name: $output"
		run --separate-stderr as_caller "${forged[@]}" "$ENVSEAL_EXEC" "$name"
		[ "$status" -eq 125 ] || [ "$status" -eq 126 ] || [ "$status" -eq 127 ]
		[ -z "$output" ]
	done
	run -0 as_caller "${forged[@]}" bash
	[ "$output" = 'EVIL ' ]
	run -0 --separate-stderr as_caller "${forged[@]}" "$ENVSEAL_EXEC" bash -c 'echo "RAN $ONE"'
	[ "$output" = "RAN $secret" ]
	# A directory's link is resolved, and what is there is what the policy is for.
	run -0 --separate-stderr as_caller "$ENVSEAL_EXEC" /run/out/directory/bash -c 'echo "RAN $ONE $0"'
	[ "$output" = "RAN $secret $bash" ]
}

# Shows another content to whoever opens the file a second time.
swap='import ctypes, os, sys
libc = ctypes.CDLL(None)
file, other = sys.argv[1:]
events = libc.inotify_init()
libc.inotify_add_watch(events, file.encode(), 0x10)  # IN_CLOSE_NOWRITE
print("watching", flush=True)
os.read(events, 4096)
os.rename(other, file)'

# swapped COMMAND...: while $HOME/report is swapped when it has been closed once.
swapped() {
	printf '%s\n' '#!/bin/bash' 'echo honest' >"$HOME/report"
	printf '%s\n' '#!/usr/bin/python3 -cprint("STOLEN")' >"$HOME/other"
	chmod 755 "$HOME/report" "$HOME/other"
	cp -a "$HOME/report" "$HOME/honest"
	rm -f "$BATS_TEST_TMPDIR/swap"
	attacker "$python" -c "$swap" "$HOME/report" "$HOME/other" >"$BATS_TEST_TMPDIR/swap" 3>&- &
	swapper=$!
	eventually grep -q watching "$BATS_TEST_TMPDIR/swap"
	"$@"
	wait "$swapper"
	mv "$HOME/honest" "$HOME/report"
}

# Who looks at it twice, with something in between.
naive() {
	b2sum -l 256 "$HOME/report"
	sleep 0.5
	head -n 1 "$HOME/report"
}

@test "a script that changes while root makes a policy for it is read by no other program than it asks for" {
	callers_home
	run -0 swapped naive
	[[ $output == *python3* ]]
	for tier in "${tiers[@]}"; do
		swapped in_system "$ENVSEAL" policy new "$HOME/report" --force --tier "$tier" --secret ONE=one 2>/dev/null
		in_system "$ENVSEAL" policy allow "$HOME/report" --all 2>/dev/null
		run -0 go "$tier" "$HOME/report"
		[ "$output" = honest ]
	done
}

@test "pinning all changed programs accepts root's changes and not a user's" {
	callers_home
	printf '%s\n' '#!/bin/bash' 'echo honest' >"$HOME/report"
	cp "$HOME/report" "$SYSTEM/bin/tool"
	chown "$CALLER_UID" "$HOME/report"
	chmod 755 "$HOME/report" "$SYSTEM/bin/tool"
	for command in "$HOME/report" "$bin/tool"; do policy none "$command"; done
	for changed in "$HOME/report" "$SYSTEM/bin/tool"; do echo 'echo CHANGED $ONE' >>"$changed"; done
	run -1 in_system "$ENVSEAL" policy pin --changed
	[[ $output == *"users other than root can change '$HOME/report'"* && $output == *"pinned '$bin/tool'"* ]]
	run -0 go none "$bin/tool"
	[[ $output == *"CHANGED $secret" ]]
	run -125 go none "$HOME/report"
	[[ $output == *"is not what was pinned"* ]]
	# Root may all the same, by its name.
	run -0 in_system "$ENVSEAL" policy pin "$HOME/report"
	run -0 go none "$HOME/report"
	[[ $output == *"CHANGED $secret" ]]
}
