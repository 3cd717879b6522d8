#!/usr/bin/env bats
# Attacks on the memory, environment and descriptors of a running program, by the same uid.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	build_spy
}

setup() {
	escape_setup
}

teardown() {
	escape_teardown
}

# Doors that the kernel opens for nobody but root, whoever's the process is.
roots_doors='stack|process_madvise|setns'

# And those that Yama keeps shut between processes that have nothing to do with each other, where it does.
yama_restricts() {
	[ "$(cat /proc/sys/kernel/yama/ptrace_scope 2>/dev/null || echo 0)" != 0 ]
}
if yama_restricts; then
	roots_doors+='|mem|syscall|personality|PTRACE_ATTACH|PTRACE_SEIZE|process_vm_readv|process_vm_writev|pidfd_getfd'
fi

# doors_of WHO...: what spy, started that way, opens of the target, one a line.
doors_of() {
	"$@" "$target" | sed 's/^took \(.*\) of .*/\1/' | sort
}

@test "no door into any process of a run opens for the same uid" {
	policy user "$bash"
	victim user
	# All that this kernel has: an older one lacks some, and root has them all.
	doors_of "$BATS_FILE_TMPDIR/spy" >"$BATS_TEST_TMPDIR/doors"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/doors")" -ge 35 ]
	nothing "$(grep -vxE "$roots_doors" "$BATS_TEST_TMPDIR/doors" | comm -23 - <(doors_of spy))"
	end_victim
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		victim "$tier"
		for pid in $(processes); do
			nothing "$(spy "$pid" | secrets_taken)"
		done
		end_victim
	done
}

@test "no door opens into the process that masks output or keeps time" {
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		file=$SYSTEM/etc/envseal/policies$bash.toml
		sed -i 's/^output.mask = .*/output.mask = "always"/' "$file"
		printf '[limits]\ntimeout = "50s"\n' >>"$file"
		victim "$tier"
		# There is somebody besides the target and its child.
		[ "$(processes | wc -l)" -ge 3 ]
		for pid in $(processes); do
			nothing "$(spy "$pid" | secrets_taken)"
		done
		policy none "$bin/spy"
		for pid in $(processes); do
			nothing "$(go none "$bin/spy" "$pid" | secrets_taken)"
		done
		end_victim
	done
}

# starting HOW TIMES SECONDS: the target, whose name has envseal in it like all others', again and again.
starting() {
	starts "$1" "$bin/envseal-target" "$3"
	as_caller "$bash" -c 'for ((i = 0; i < $1; i++)); do "${@:2}" || exit; done' starting "$2" "${words[@]}"
}

# bats test_tags=thorough
@test "hundreds of starts under watch from birth to end: no door is open for an instant" {
	cp /usr/bin/sleep "$SYSTEM/bin/envseal-target"
	policy user "$bin/envseal-target"
	hunt envseal
	starting user 2 2
	hunt_ends >"$BATS_TEST_TMPDIR/log"
	for door in environ mem maps PTRACE_ATTACH; do
		grep -q "^took $door of " "$BATS_TEST_TMPDIR/log"
	done
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bin/envseal-target"
		hunt envseal
		starting "$tier" "${ESCAPE_ROUNDS:-100}" 0
		starting "$tier" 1 0.2
		nothing "$(hunt_ends | secrets_taken)"
	done
}

# held_opens: in user mode all of these open what the spy has had open from the start. On a busy machine the spy may be late.
held_opens() {
	local handle
	starts user "$bash" -c 'sleep 0.5; exec sleep 0.5'
	as_caller "$bin/spy" --held sleep "ONE=$own" "${words[@]}" >"$BATS_TEST_TMPDIR/held"
	for handle in . fd ns syscall io; do
		grep -qxF "took $handle of sleep" "$BATS_TEST_TMPDIR/held" || return 1
	done
}

# bats test_tags=thorough
@test "descriptors of a process from before it became envseal-exec open nothing afterwards" {
	policy user "$bash"
	eventually held_opens
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		for stage in envseal bash sleep; do
			starts "$tier" "$bash" -c 'sleep 0.1; exec sleep 0.1'
			run -0 as_caller "$bin/spy" --held "$stage" "ONE=$secret" "${words[@]}"
			grep -q '^met [1-9]' <<<"$output"
			nothing "$(grep '^took' <<<"$output")"
		done
	done
}

# dumped PID: whether gdb gets the memory of that process into a file.
dumped() {
	rm -f "$HOME/dump"
	attacker gdb -nx -batch -p "$1" -ex "generate-core-file $HOME/dump" >/dev/null 2>&1 </dev/null || true
	[ -e "$HOME/dump" ] && grep -qaE "ONE=($own|$secret)" "$HOME/dump"
}

# bats test_tags=thorough
@test "gdb and strace cannot attach to processes of a run" {
	policy user "$bash"
	victim user
	dumped "$target" || yama_restricts
	end_victim
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		victim "$tier"
		for pid in $(processes); do
			run ! dumped "$pid"
			run attacker timeout 20 strace -o "$HOME/trace" -p "$pid"
			[[ $status -ne 0 && $output == *"not permitted"* ]]
		done
		end_victim
	done
}

# under_strace and under_gdb HOW: what a tracer has seen of the whole run, in $HOME/trace.
under_strace() {
	starts "$1" "$bash" -c 'exec true'
	as_caller strace -f -v -s 1000 -o "$HOME/trace" "${words[@]}"
}

under_gdb() {
	starts "$1" "$bash" -c 'exec true'
	as_caller gdb -nx -batch -ex 'catch exec' -ex run -ex "generate-core-file $HOME/trace" --args "${words[@]}" \
		</dev/null >/dev/null 2>&1
}

@test "started under strace or gdb it gets no privilege, and so no secret of the system's" {
	policy user "$bash"
	for tracer in under_strace under_gdb; do
		rm -f "$HOME/trace"
		"$tracer" user
		grep -qaF "ONE=$own" "$HOME/trace"
		for tier in "${tiers[@]}"; do
			policy "$tier" "$bash"
			rm -f "$HOME/trace"
			"$tracer" "$tier" || true
			run ! grep -qaF "$secret" "$HOME/trace"
		done
	done
	# Nor does user mode run it, where the caller has approved nothing.
	rm -r "$XDG_CONFIG_HOME/envseal/policies"
	run -125 under_strace none
}
