#!/usr/bin/env bats
# Attacks on envseal-exec itself, and through it: code that a caller's environment and files could
# make it load.
# bats file_tags=root
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats sets stderr

load escape

setup_file() {
	"${CC:-cc}" -shared -fPIC -o "$BATS_FILE_TMPDIR/evil.so" "$BATS_TEST_DIRNAME/evil.c"
}

setup() {
	escape_setup
	mkdir "$SYSTEM/run/gconv"
	cp "$BATS_FILE_TMPDIR/evil.so" "$SYSTEM/run/gconv/EVIL.so"
	echo 'module EVIL// INTERNAL EVIL 1' >"$SYSTEM/run/gconv/gconv-modules"
	# A home that no private /tmp hides, and that the user database knows.
	home=/run/home
	install -d -o "$CALLER_UID" "$SYSTEM/run/home"
	{
		cat /etc/passwd
		echo "caller:x:$CALLER_UID:$CALLER_GID::$home:/bin/sh"
	} >"$SYSTEM/run/passwd"
}

teardown() {
	escape_teardown
}

# at_home COMMAND...: the caller, whom the user database knows.
at_home() {
	in_system bash -c 'mount --bind /run/passwd /etc/passwd && exec "$@"' at_home \
		setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups env HOME="$home" "$@"
}

# plant FILE: its content from standard input, the caller's.
plant() {
	mkdir -p "$(dirname "$SYSTEM$1")"
	cat >"$SYSTEM$1"
	chown -R "$CALLER_UID" "$SYSTEM/run/home"
	chmod 755 "$SYSTEM$1"
}

# harmless COMMAND...: it runs as it should, or not at all, and nothing evil with it.
harmless() {
	run "$@"
	[[ $output != *EVIL* ]] || {
		printf '%s\n' "$output"
		return 1
	}
}

# evil COMMAND...: and there it is.
evil() {
	run "$@"
	[[ $output == *EVIL* ]]
}

@test "no library gets into envseal-exec, nor through it into the target" {
	local iconv=(/usr/bin/iconv -f EVIL -t UTF-8 /dev/null)
	local ways=("LD_PRELOAD=/run/gconv/EVIL.so" "LD_AUDIT=/run/gconv/EVIL.so" "GCONV_PATH=/run/gconv")
	for way in "${ways[@]}"; do
		evil as_caller env "$way" "${iconv[@]}"
		for tier in "${tiers[@]}"; do
			policy "$tier" /usr/bin/iconv
			harmless as_caller env "$way" "$ENVSEAL_EXEC" "${iconv[@]}"
			harmless as_caller env "$way" "$ENVSEAL_EXEC" --help
			[ "$status" -eq 0 ]
		done
	done
}

@test "variables that steer the C library do not get through, and do not affect envseal-exec" {
	long=$(head -c 100000 /dev/zero | tr '\0' x)
	local all=(LOCPATH=/run/gconv LD_LIBRARY_PATH=/run/gconv GLIBC_TUNABLES=glibc.malloc.mxfast=glibc.malloc.mxfast=A
		MALLOC_PERTURB_=1 LD_DEBUG=all LD_DEBUG_OUTPUT=/run/home/debug LD_PROFILE=libc.so.6 RES_OPTIONS=debug
		NLSPATH=/run/%N LANGUAGE="../$long" BASH_ENV=/run/home/x 'BASH_FUNC_id%%=() { echo EVIL; }')
	run -0 as_caller env -i "${all[@]}" /usr/bin/env
	for each in "${all[@]}"; do
		[[ $output == *"${each%%=*}="* ]]
	done
	rm -f "$SYSTEM"/run/home/debug.*
	for tier in "${tiers[@]}"; do
		policy "$tier" /usr/bin/env
		run -0 as_caller env -i "${all[@]}" "$ENVSEAL_EXEC" /usr/bin/env
		[[ $output == *"ONE=$secret"* ]]
		for each in "${all[@]}"; do
			[[ $output != *"${each%%=*}="* ]]
		done
	done
	nothing "$(ls -A "$SYSTEM/run/home")"
}

@test "a git alias, a usercustomize and a venv of the user's are not asked" {
	plant "$home/.gitconfig" <<<$'[alias]\n\tplanted = !echo EVIL $ONE\n[core]\n\tpager = echo EVIL'
	site=$("$python" -c 'import sys; print("lib/python%d.%d/site-packages" % sys.version_info[:2])')
	plant "$home/.local/$site/usercustomize.py" <<<'import os; print("EVIL", os.environ.get("ONE"))'
	plant "$home/venv/pyvenv.cfg" <<<"home = /usr/bin"
	plant "$home/venv/$site/planted.pth" <<<'import os; print("EVIL", os.environ.get("ONE"))'
	mkdir "$SYSTEM$home/venv/bin"
	ln -s "$python" "$SYSTEM$home/venv/bin/python3"
	git=$(realpath /usr/bin/git)
	evil at_home "$git" planted
	evil at_home "$python" -c 0
	evil at_home "$home/venv/bin/python3" -s -c 0
	for tier in "${tiers[@]}"; do
		policy "$tier" "$git"
		harmless at_home "$ENVSEAL_EXEC" "$git" planted
		policy "$tier" "$python"
		harmless at_home "$ENVSEAL_EXEC" "$python" -c 'import os; print(os.environ["ONE"])'
		[ "$output" = "$secret" ]
		harmless at_home "$ENVSEAL_EXEC" "$home/venv/bin/python3" -c 'import os; print(os.environ["ONE"])'
		[ "$output" = "$secret" ]
	done
}

@test "a module beside a pinned script, and in the working directory, is not imported" {
	plant "$home/script" <<<$'import json, os\nprint("RAN", os.environ.get("ONE"))'
	plant "$home/json.py" <<<'import os; print("EVIL", os.environ.get("ONE"))'
	evil at_home "$python" "$home/script"
	for tier in "${tiers[@]}"; do
		in_system "$ENVSEAL" policy new "$home/script" --force --interpreter "$python" --tier "$tier" --secret ONE=one 2>/dev/null
		in_system "$ENVSEAL" policy allow "$home/script" --all 2>/dev/null
		system_unmask "$home/script"
		for directory in / "$home"; do
			IN_SYSTEM_DIRECTORY=$directory harmless at_home "$ENVSEAL_EXEC" "$home/script"
			[ "$output" = "RAN $secret" ]
		done
	done
}

# forged SHELL-WORD...: where the caller's own namespace has another /etc/envseal, and another
# vault, than the machine.
forged() {
	in_system setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups unshare --user --map-root-user --mount \
		sh -c 'mount --bind /run/home/etc "$ETC" && exec "$@"' forged "$@"
}

@test "in namespaces of the user's own, where /etc is what the user says, it has no privilege" {
	policy none "$bash"
	cp -a "$SYSTEM/etc/envseal" "$SYSTEM/run/home/etc"
	chown -R "$CALLER_UID" "$SYSTEM/run/home/etc"
	# What is there: a policy that gives this secret to another program.
	mkdir -p "$SYSTEM/run/home/etc/access/usr/bin"
	sed "s|$bash|/usr/bin/env|; s|hash = .*|pin = \"trusted\"|" "$SYSTEM/etc/envseal/policies$bash.toml" \
		>"$SYSTEM/run/home/etc/policies/usr/bin/env.toml"
	: >"$SYSTEM/run/home/etc/access/usr/bin/env"
	# Root's own namespace may.
	chown -R root "$SYSTEM/run/home/etc"
	run -0 in_system sh -c 'mount --bind /run/home/etc "$ETC" && exec setpriv --reuid="$1" --regid="$1" --clear-groups "$2" /usr/bin/env' \
		root "$CALLER_UID" "$ENVSEAL_EXEC"
	[[ $output == *"ONE=$secret"* ]]
	chown -R "$CALLER_UID" "$SYSTEM/run/home/etc"
	for options in "" "--user"; do
		# shellcheck disable=SC2086 # none, or one
		run -125 forged "$ENVSEAL_EXEC" $options /usr/bin/env
		[[ $output != *"$secret"* ]]
	done
}

@test "a process that shares its root, directory and umask with another gets no privilege" {
	share='import ctypes, os, sys, time
libc = ctypes.CDLL(None)
CLONE_FS, SIGCHLD, SYS_clone = 0x200, 17, 56
if os.uname().machine != "x86_64":
    SYS_clone = 220
pid = libc.syscall(SYS_clone, CLONE_FS | SIGCHLD, 0, 0, 0, 0)
if pid == 0:
    os.execv(sys.argv[1], sys.argv[1:])
for _ in range(50):
    os.chdir("/run/home")
    time.sleep(0.01)
_, status = os.waitpid(pid, 0)
sys.exit(os.waitstatus_to_exitcode(status))'
	policy none "$bash"
	# The other changes its directory while it runs.
	run -0 as_caller "$python" -c "$share" "$bash" -c 'sleep 0.3; /bin/pwd'
	[ "$output" = /run/home ]
	for tier in "${tiers[@]}"; do
		policy "$tier" "$bash"
		run -125 as_caller "$python" -c "$share" "$ENVSEAL_EXEC" bash -c 'echo "RAN $ONE"'
		[[ $output != *RAN* && $output == *"gave envseal-exec no privilege"* ]]
	done
}
