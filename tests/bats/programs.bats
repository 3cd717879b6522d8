#!/usr/bin/env bats
# Everyday programs under lockdown's lists of allowed calls and requests: each does a small job.
# shellcheck disable=SC2016,SC2154 # the program inside expands; bats and running.bash set the rest

load common
load running

setup() {
	running_setup
}

# does EXPECTED COMMAND ARGUMENT...: in lockdown, with its output on a pipe; without COMMAND on this
# host there is nothing to try.
does() {
	local expected=$1 command
	command=$(type -P "$2") || {
		absent "$2"
		return 0
	}
	command=$(realpath "$command")
	allow "$command" lockdown
	run -0 "$ENVSEAL_EXEC" "$command" "${@:3}" </dev/null
	[[ $output == *"$expected"* ]] || {
		echo "$2 did not say '$expected': $output"
		return 1
	}
}

@test "shells, interpreters and compilers' helpers" {
	does 3 bash -c 'set -m; f=$(mktemp) && { echo 1; echo 2 3; } >"$f" && wc -w <"$f"'
	does 42 python3 -c 'import fcntl, multiprocessing.pool, os, pty, subprocess, tempfile, termios
m, s = pty.openpty(); termios.tcgetattr(s); os.set_blocking(m, False); fcntl.ioctl(s, termios.TIOCSWINSZ, b"\1\0" * 4)
t = tempfile.TemporaryFile(); fcntl.flock(t, fcntl.LOCK_EX); fcntl.lockf(t, fcntl.LOCK_EX)
with multiprocessing.pool.ThreadPool(2) as pool: print(sum(pool.map(int, subprocess.check_output(["echo", "40 2"]).split())))'
	does 42 perl -e 'use POSIX; open my $p, "-|", "echo 42"; print <$p>; print ttyname(0) // ""'
	does 42 ruby -e 'require "tempfile"; Tempfile.create { |f| f.flock(File::LOCK_EX); f.puts 42; f.rewind; print f.read }'
	does 42 node -e 'const {execFileSync} = require("child_process"); require("os").networkInterfaces();
		new (require("worker_threads").Worker)("require(\"worker_threads\").parentPort.postMessage(42)", {eval: true})
			.once("message", n => console.log(n, execFileSync("echo", ["x"]).toString()))'
	does made make -sf - -C /tmp --eval $'all:\n\t@echo ma''de' all
	does '"1' java -version
}

@test "git, keys, certificates, databases and pagers" {
	does second bash -c 'cd /tmp && git init -q r && cd r && git config user.email a@b && git config user.name a && git config gc.auto 0 &&
		mkdir one two && echo 1 >one/file && git add . && git commit -qm first && git mv one/file two && git commit -qam second && git log --format=%s'
	# It asks for the name of its user, which uids of tests do not have.
	! getent passwd "$(id -u)" >/dev/null || does 'ssh-ed25519' bash -c 'ssh-keygen -q -t ed25519 -N "" -f /tmp/key && cat /tmp/key.pub'
	does 'pub:' openssl genpkey -algorithm ED25519 -text
	does 'E3B0C442' gpg --no-options --homedir /tmp --print-md sha256 /dev/null
	does 42 sqlite3 /tmp/db 'pragma journal_mode = wal; create table t (x); insert into t values (42); select x from t'
	does 'root' less -F /etc/passwd
	does 'root' script -qec 'head -n 1 /etc/passwd' /dev/null
}
