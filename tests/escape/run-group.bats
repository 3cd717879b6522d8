#!/usr/bin/env bats
# Attacks on the run group: a process that gets it can look into all programs that run with it.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	build_spy
}

setup() {
	escape_setup
	# The user's own, and no private /tmp hides it.
	out=$SYSTEM/run/out
}

# a_model GID: in an empty $out, what cp is to copy with its set-gid bit.
a_model() {
	rm -rf "$out"
	install -d -o "$CALLER_UID" -g "$CALLER_GID" "$out"
	install -o "$CALLER_UID" -g "$1" "$BATS_FILE_TMPDIR/spy" "$out/model"
	chmod 2755 "$out/model"
}

teardown() {
	escape_teardown
}

# with_the_run_group COMMAND...: what an authorised program is, without what keeps it.
with_the_run_group() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --clear-groups -- "$@"
}

# the_key_opens FILE: FILE, a copy of the spy, reads what runs with the run group alone, and nothing
# of tier none, whose user namespace is a second wall.
the_key_opens() {
	with_the_run_group env ONE=naive sleep 303 3>&- &
	eventually pgrep -U "$CALLER_UID" -x sleep >"$BATS_TEST_TMPDIR/naive"
	attacker "$1" "$(cat "$BATS_TEST_TMPDIR/naive")" >"$BATS_TEST_TMPDIR/log"
	end_users
	grep -qx 'took environ of sleep' "$BATS_TEST_TMPDIR/log"
	policy none "$bash"
	victim none
	attacker "$1" "$target" >"$BATS_TEST_TMPDIR/log"
	end_victim
	nothing "$(secrets_taken <"$BATS_TEST_TMPDIR/log")"
}

all_ways=$'chmod\nfchmod\nfchmodat2\nopen\nopenat2\ntmpfile\nmknod\nmkdir\ntar\ncp\nnamespace'

@test "no authorised program makes a set-id file, whatever the call" {
	a_model "$RUN_GID"
	run -0 with_the_run_group "$python" -I -c "$(cat "$BATS_TEST_DIRNAME/setid.py")" /run/out "$bin/spy"
	diff <(printf '%s\n' "$output") <(printf '%s\n' "$all_ways")
	the_key_opens "$out/chmod"
	for tier in "${tiers[@]}"; do
		a_model "$CALLER_GID"
		place=/run/out
		[ "$tier" != lockdown ] || place=/tmp
		policy "$tier" "$python"
		run -0 --separate-stderr go "$tier" "$python" -I -c "$(cat "$BATS_TEST_DIRNAME/setid.py")" "$place" /usr/bin/id
		nothing "$output"
		nothing "$(find "$out" -perm /6000 ! -name model)"
	done
}

@test "the user cannot turn a file of an authorised program's into a set-id file" {
	for tier in none hardened; do
		a_model "$CALLER_GID"
		policy "$tier" "$bash"
		run -0 --separate-stderr go "$tier" "$bash" -c 'umask 0; cp /usr/bin/id /run/out/left; mkdir /run/out/dir'
		[ "$(stat -c %u:%g "$out/left")" = "$CALLER_UID:$RUN_GID" ]
		attacker chmod 2755 "$out/left"
		attacker chmod 2777 "$out/dir"
		attacker install -m 2755 /usr/bin/id "$out/dir/new"
		nothing "$(find "$out" -perm /6000 -gid "$RUN_GID")"
		# It works where the group is the user's own.
		[ -n "$(find "$out" -perm /6000 -gid "$CALLER_GID")" ]
	done
}

# prepared: in an empty $out, the user's own files that gives.py is to give away; `both` and `tar`
# are spies.
given=(chown chown-high lchown fchown fchownat empty-path proc-fd directory setxattr lsetxattr fsetxattr setxattrat both tar)
prepared() {
	rm -rf "$out"
	install -d -o "$CALLER_UID" -g "$CALLER_GID" "$out"
	attacker install -m 705 "$BATS_FILE_TMPDIR/spy" "$out/spy"
	attacker "$bash" -c 'cd "$1" && shift && for name; do cp spy "$name"; done && rm directory && mkdir directory' prepared "$out" "${given[@]}"
	attacker "$bash" -c 'cd "$1" && shift && chmod 2705 "$@" && chmod 2770 directory' prepared "$out" "${given[@]}"
}

# writable_too COMMAND: its policy lets it write to $out.
writable_too() {
	sed -i 's|^\[filesystem\]$|&\nwritable = ["/run/out"]|' "$SYSTEM/etc/envseal/policies$1.toml"
}

# keys: what in $out would give the run group to whoever starts it, or to what is made in it.
keys() {
	find "$out" -gid "$RUN_GID" -perm /6000
}

@test "no authorised program gives a file of the user's to the run group, nor the execute bit to one that it has" {
	local gives
	gives=$(cat "$BATS_TEST_DIRNAME/gives.py")
	prepared
	run -0 in_system setpriv --reuid="$CALLER_UID" --regid="$RUN_GID" --groups "$CALLER_GID" -- "$python" -I -c "$gives" /run/out "$RUN_GID"
	grep -qx setxattrat <<<"$output" || output+=$'\nsetxattrat' # Linux 6.13
	diff <(sort <<<"$output") <(printf '%s\n' "${given[@]}" | sort)
	[ -n "$(keys)" ]
	the_key_opens "$out/both"
	for tier in "${tiers[@]}"; do
		prepared
		policy "$tier" "$python"
		[ "$tier" != lockdown ] || writable_too "$python"
		run -0 --separate-stderr go "$tier" "$python" -I -c "$gives" /run/out "$RUN_GID"
		nothing "$output"
		nothing "$(keys)"
	done
}

# What binds descriptor 0, a socket that the user has given set-id bits.
binds='import os, socket, sys
given = socket.socket(socket.AF_UNIX)
os.fchmod(given.fileno(), 0o6777)
os.dup2(given.fileno(), 0)
os.execv(sys.argv[1], sys.argv[1:])'

@test "a socket takes its set-id bits from the user, and nobody can start a socket" {
	for tier in none hardened; do
		a_model "$CALLER_GID"
		policy "$tier" "$python"
		starts "$tier" "$python" -I -c 'import os, socket; os.umask(0); socket.socket(fileno=0).bind("/run/out/socket")'
		as_caller "$python" -I -c "$binds" "${words[@]}"
		[ "$(stat -c %F:%a:%g "$out/socket")" = "socket:6777:$RUN_GID" ]
		run -126 attacker "$out/socket"
		attacker ln "$out/socket" "$out/linked"
		run -126 attacker "$out/linked"
	done
}

# leave HOW: what a program leaves whose caller has a group of their own, and trusts it.
leave() {
	starts "$1" "$bash" -c 'cd /run/out && echo mine >private && mkdir directory'
	as_caller "$bash" -c 'umask 027 && "$@"' leave "${words[@]}"
	starts "$1" "$bash" -c 'cd /run/out && echo mine >common'
	as_caller "$bash" -c 'umask 002 && "$@"' leave "${words[@]}"
}

# touched: what somebody else's program reads and changes of it.
touched() {
	local other=$((CALLER_UID + 1))
	run in_system setpriv --reuid="$other" --regid="$other" --clear-groups -- "$ENVSEAL_EXEC" "$bash" -c 'cd /run/out && cat private; echo theirs >>common && echo changed; ls directory && echo listed'
	grep -xE 'mine|changed|listed' <<<"$output" || true
}

@test "files of an authorised program give the run group no more access than everybody" {
	for tier in none hardened; do
		policy "$tier" "$bash"
		a_model "$CALLER_GID"
		leave "$tier"
		[ "$(stat -c %g "$out/private")" = "$RUN_GID" ]
		nothing "$(touched)"
		[ "$(stat -c %a "$out/common")" = 644 ]
		# With the modes of a private group it would be.
		chmod 640 "$out/private" && chmod 664 "$out/common" && chmod 750 "$out/directory"
		[ "$(touched)" = $'mine\nchanged\nlisted' ]
	done
}

@test "no authorised program gets into a user namespace of the user's, where its owner would reach it" {
	local own_namespace='import ctypes, time
libc = ctypes.CDLL(None)
print("made" if libc.unshare(0x10000000) == 0 else "refused", flush=True)
time.sleep(30)'
	# Without what keeps it from that, the run group keeps nobody out.
	with_the_run_group env ONE=naive "$python" -c "$own_namespace" >"$BATS_TEST_TMPDIR/said" 3>&- &
	eventually grep -qx made "$BATS_TEST_TMPDIR/said"
	spy "$(pgrep -u "$CALLER_UID" -n python3)" | grep -q '^took environ of '
	end_users
	for tier in "${tiers[@]}"; do
		policy "$tier" "$python"
		starts "$tier" "$python" -c "$own_namespace"
		rm "$BATS_TEST_TMPDIR/said" # what it says, not what the last one said
		as_caller "${words[@]}" >"$BATS_TEST_TMPDIR/said" </dev/null 3>&- &
		eventually grep -q . "$BATS_TEST_TMPDIR/said"
		grep -qx refused "$BATS_TEST_TMPDIR/said"
		for pid in $(pgrep -u "$CALLER_UID"); do
			nothing "$(spy "$pid" | secrets_taken)"
		done
		end_users
	done
}

# What a program does that consents to being traced by whoever started it.
consents='import ctypes, os, signal
libc = ctypes.CDLL(None)
libc.getenv.restype = ctypes.c_void_p
if libc.ptrace(0, 0, None, None) < 0:
    os.write(1, b"refused")
    os._exit(0)
os.write(1, b"traced %d" % libc.getenv(b"ONE"))
os.kill(os.getpid(), signal.SIGSTOP)'

# traced GID COMMAND...: started with GID by a tracer of the user's.
traced() {
	in_system "$python" -I "$(realpath "$BATS_TEST_DIRNAME/tracer.py")" "$CALLER_UID" "$CALLER_GID" "$@"
}

@test "no authorised program can make its caller its debugger" {
	# The kernel asks for no equal ids where the target agrees.
	run -0 traced "$RUN_GID" /usr/bin/env "ONE=$secret" "$python" -I -c "$consents"
	[ "$output" = "took ${secret:0:8}" ]
	for tier in "${tiers[@]}"; do
		policy "$tier" "$python"
		run -0 --separate-stderr traced "$CALLER_GID" "$ENVSEAL_EXEC" "$python" -I -c "$consents"
		[ "$output" = refused ]
	done
}

# maps_as TIER|naive COMMAND...: in that tier, or with the run group and nothing else.
maps_as() {
	if [ "$1" = naive ]; then
		with_the_run_group "${@:2}"
	else
		go "$@"
	fi
}

# maps_for TIER|naive: an authorised program of that tier maps the run group into a user namespace
# of the user's, which says what came of it. Standard input is the host's /proc, for where /proc is
# another.
maps_for() {
	local said=$BATS_TEST_TMPDIR/mapped
	rm -f "$said"
	mkfifo "$said.in"
	# No function: its own process would be the subshell's child.
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups -- "$python" -I "$(realpath "$BATS_TEST_DIRNAME/mapped.py")" \
		"$CALLER_UID" "$RUN_GID" "$out/key" /usr/bin/id <"$said.in" >"$said" 3>&- &
	exec 4>"$said.in"
	rm "$said.in"
	eventually grep -q . "$said"
	maps_as "$1" "$bash" -c 'echo "$2 $2 1" >"/proc/self/fd/0/$1/gid_map"' maps "$(cat "$said")" "$RUN_GID" </proc 3>&- 4>&- || true
	exec 4>&-
	wait "$!"
	tail -n 1 "$said"
}

@test "in no tier does a program map the run group into a user namespace of the user's" {
	# What keeps it from that is the namespace that it is in: with the run group alone it maps
	# it.
	a_model "$CALLER_GID"
	said=$(maps_for naive)
	[ "$said" = made ]
	[ "$(attacker "$out/key" -g)" = "$RUN_GID" ]
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		a_model "$CALLER_GID"
		said=$(maps_for "$tier")
		[ "$said" = 'not mapped' ]
	done
}

# What copies, packs and keeps files, with what system mode refuses in the way: attributes, a list
# that is the mode, owners.
ordinary='set -eu
cd "$1"
mkdir work
cd work
cp -a ../given copied
cp -a copied again
tar -cf given.tar --acls --xattrs copied
mkdir unpacked
tar -xpf given.tar -C unpacked
install -m 750 copied/file installed
python3 -I -c "import shutil, tarfile; shutil.copytree(\"copied\", \"by-python\"); tarfile.open(\"given.tar\").extractall(\"by-tarfile\")"
git init -q repository
cd repository
cp ../copied/file .
git add file
git -c user.name=me -c user.email=me@localhost commit -qm one
cd ..
sqlite3 base "pragma journal_mode = wal; create table t (x); insert into t values (1)" >&2
stat -c %a copied/file again/file unpacked/copied/file by-python/file by-tarfile/copied/file installed
git -C repository log --format=%s
sqlite3 base "select x from t"'

@test "what copies, packs and keeps files goes on, without the attributes" {
	for tier in none hardened; do
		a_model "$CALLER_GID"
		attacker install -d "$out/given"
		attacker "$python" -c 'import os, sys
open(sys.argv[1], "w").write("text\\n"), os.chmod(sys.argv[1], 0o640), os.setxattr(sys.argv[1], "user.kept", b"yes")' "$out/given/file"
		policy "$tier" "$bash"
		run -0 --separate-stderr go "$tier" "$bash" -c "$ordinary" ordinary /run/out
		[ "$output" = $'640\n640\n640\n640\n640\n750\none\n1' ]
	done
}
