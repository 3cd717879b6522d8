#!/usr/bin/env bats
# policies/usr/bin/ssh-add.toml, msmtp.toml and rclone.toml, with an agent, a mail server and a WebDAV server.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup_file() {
	[ "$(id -u)" -eq 0 ] && [ -e /usr/bin/rclone ] && /usr/bin/python3 -c 'import aiosmtpd' 2>/dev/null || return 0
	export DAV_PORT SMTP_PORT CERTIFICATE=$BATS_FILE_TMPDIR/certificate password=pw-$RANDOM$RANDOM$RANDOM
	DAV_PORT=$(free_port)
	mkdir "$BATS_FILE_TMPDIR/dav"
	echo 'for members' >"$BATS_FILE_TMPDIR/dav/page"
	HOME=$BATS_FILE_TMPDIR serve "$DAV_PORT" rclone serve webdav "$BATS_FILE_TMPDIR/dav" --addr "127.0.0.1:$DAV_PORT" \
		--user app --pass "$password"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BATS_FILE_TMPDIR/key" -out "$CERTIFICATE" -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	SMTP_PORT=$(free_port)
	serve "$SMTP_PORT" /usr/bin/python3 "$BATS_TEST_DIRNAME/mail.py" "$SMTP_PORT" "$CERTIFICATE" "$BATS_FILE_TMPDIR/key" \
		app "$password" "$BATS_FILE_TMPDIR/mail"
}

teardown_file() {
	serve_end
}

setup() {
	need_programs /usr/bin/rclone /usr/bin/msmtp /usr/bin/ssh-add /usr/lib/python3/dist-packages/aiosmtpd
	shipped_setup
	secret=$password
	open_place
	cp "$CERTIFICATE" "$place/certificate"
	chmod 644 "$place/certificate"
	mails="s/smtp.example.com/localhost/;s/^port .*/port $SMTP_PORT\ntls_trust_file \/${place//\//\\/}\/certificate/"
}

teardown() {
	[ -z "${agent_pid:-}" ] || kill "$agent_pid" 2>/dev/null || true
	[ -z "${elsewhere_pid:-}" ] || kill "$elsewhere_pid" 2>/dev/null || true
	close_place
	shipped_teardown
}

# agent DIRECTORY: an agent of the caller's uid whose directory is root's.
agent() {
	install -d -o "$CALLER_UID" -m 700 "$1"
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups ssh-agent -D -a "$1/socket" >/dev/null 3>&- &
	agent_pid=$!
	local i
	for ((i = 0; i < 100; i++)); do
		[ -S "$1/socket" ] && break
		sleep 0.05
	done
	chown "root:$CALLER_GID" "$1"
	chmod 750 "$1"
}

# bats test_tags=root
@test "ssh-add: the job: the agent has the key, and the caller can use it" {
	ssh-keygen -q -t ed25519 -N '' -C deploy -f "$BATS_TEST_TMPDIR/key"
	keep deploy/key "$(<"$BATS_TEST_TMPDIR/key")"$'\n'
	ship usr/bin/ssh-add
	agent "$SYSTEM/run/ssh-agent"
	run -0 job ssh-add
	run -0 as_caller env SSH_AUTH_SOCK=/run/ssh-agent/socket ssh-add -L
	shows "$(cut -d' ' -f1,2 "$BATS_TEST_TMPDIR/key.pub")"
}

# bats test_tags=root
@test "ssh-add: not into an agent of the caller's" {
	ssh-keygen -q -t ed25519 -N '' -C deploy -f "$BATS_TEST_TMPDIR/key"
	keep deploy/key "$(<"$BATS_TEST_TMPDIR/key")"$'\n'
	agent "$SYSTEM/run/ssh-agent"
	mkdir "$SYSTEM/run/mine"
	chown "$CALLER_UID" "$SYSTEM/run/mine"
	setpriv --reuid="$CALLER_UID" --regid="$CALLER_GID" --clear-groups ssh-agent -D -a "$SYSTEM/run/mine/socket" >/dev/null 3>&- &
	elsewhere_pid=$!
	ship usr/bin/ssh-add 's|/run/ssh-agent|/run/mine|'
	eventually_socket "$SYSTEM/run/mine/socket"
	run -0 job ssh-add
	SSH_AUTH_SOCK=$SYSTEM/run/mine/socket run -0 ssh-add -l
	SSH_AUTH_SOCK=$SYSTEM/run/mine/socket run -0 ssh-add -D
	ship usr/bin/ssh-add
	SSH_AUTH_SOCK=/run/mine/socket run -0 job ssh-add
	SSH_AUTH_SOCK=$SYSTEM/run/mine/socket run -1 ssh-add -l
	# The socket cannot be replaced.
	run -1 as_caller rm /run/ssh-agent/socket
	for attempt in -L -l -D "-s /x" "-S /x" /etc/passwd -q; do
		# shellcheck disable=SC2086
		refused ssh-add $attempt
	done
}

eventually_socket() {
	local i
	for ((i = 0; i < 100; i++)); do
		[ -S "$1" ] && return 0
		sleep 0.05
	done
	return 1
}

# bats test_tags=root
@test "msmtp: the job" {
	keep smtp/password
	ship usr/bin/msmtp "$mails"
	run -0 job msmtp -t <<<$'To: somebody@example.net\nSubject: hello\n\ntext'
	grep -q 'Subject: hello' "$BATS_FILE_TMPDIR/mail"
	run -0 job msmtp somebody@example.net other@example.net <<<$'Subject: two\n\ntext'
	grep -q 'Subject: two' "$BATS_FILE_TMPDIR/mail"
	keep smtp/password wrong
	run -77 job msmtp -t <<<$'To: somebody@example.net\n\ntext'
}

# bats test_tags=root
@test "msmtp: not to another server, no programs, nothing shown" {
	keep smtp/password
	elsewhere smtp
	ship usr/bin/msmtp "$mails" "$NO_RULES" "$NO_LIST" "$NO_MASK"
	run job msmtp --file=/proc/self/fd/3 --account=default --pretend a@example.net </dev/null
	run job msmtp --debug -t <<<$'To: somebody@example.net\n\ntext'
	shows "$(printf '\0app\0%s' "$secret" | base64)"
	ship usr/bin/msmtp "s/smtp.example.com/localhost/;s/^port .*/port $elsewhere/;s/^tls on/tls off/;s/^tls_starttls.*/tls_starttls off/"
	run job msmtp -t <<<$'To: somebody@example.net\n\ntext'
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/msmtp "$mails"
	printf 'account default\nhost 127.0.0.1\nport %s\n' "$elsewhere" >"$HOME/.msmtprc"
	for attempt in "--debug -t" "--pretend a@example.net" "--host=127.0.0.1@x --port=$elsewhere" "a@example.net --host=127.0.0.1@x" \
		"-C /dev/null -t" "--serverinfo" "--passwordeval=x@y" "--eval=x@y a@b" "--configure a@b" "-t --tls=off" "--file=x@y"; do
		# shellcheck disable=SC2086
		refused msmtp $attempt
	done
	run -0 job msmtp -t <<<$'To: somebody@example.net\n\ntext'
	spared
}

# bats test_tags=root
@test "rclone: the job" {
	keep rclone/work "$(rclone obscure "$password")"
	ship usr/bin/rclone "s|https://dav.example.com/|http://127.0.0.1:$DAV_PORT/|"
	run -0 job rclone lsf work:
	[ "$output" = page ]
	run -0 job rclone cat work:page
	[ "$output" = 'for members' ]
	run -0 job rclone rcat work:new <<<'new text'
	[ "$(<"$BATS_FILE_TMPDIR/dav/new")" = 'new text' ]
	run -0 job rclone moveto work:new work:newer
	run -0 job rclone deletefile work:newer
	keep rclone/work "$(rclone obscure wrong)"
	run ! job rclone lsf work:
}

# bats test_tags=root
@test "rclone: not to another server, no files, nothing shown" {
	keep rclone/work "$(rclone obscure "$password")"
	elsewhere http
	local url="s|https://dav.example.com/|http://127.0.0.1:$DAV_PORT/|"
	ship usr/bin/rclone "$url" "$NO_RULES" "$NO_MASK"
	run job rclone lsf "work,url='http://127.0.0.1:$elsewhere/':"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	run job rclone lsf work: --webdav-url "http://127.0.0.1:$elsewhere/"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	run -0 job rclone config dump
	shows pass
	run job rclone lsf work: -vv --dump headers,auth
	shows "$(printf 'app:%s' "$secret" | base64)"
	ship usr/bin/rclone "$url"
	for attempt in "lsf work,url=http://127.0.0.1:$elsewhere/:" "lsf work: --webdav-url x" "config dump" "config show" "reveal x" "lsf :local:/proc/self" \
		"cat /proc/self/fd/20" "copyto /proc/self/fd/20 work:x" "copyto work:page /tmp/x" "-vv lsf work:" "lsf work: --dump auth" "rcd" "copyurl x work:x"; do
		# shellcheck disable=SC2086
		refused rclone $attempt
	done
	printf '[work]\ntype = webdav\nurl = http://127.0.0.1:%s/\n' "$elsewhere" >"$HOME/.rclone.conf"
	RCLONE_WEBDAV_URL=http://127.0.0.1:$elsewhere/ RCLONE_CONFIG_WORK_URL=http://127.0.0.1:$elsewhere/ RCLONE_VERBOSE=2 run -0 job rclone lsf work:
	spared
}
