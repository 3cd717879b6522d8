#!/usr/bin/env bats
# policies/usr/bin/curl.toml, git.toml and git@repository.toml, with an nginx that requires a
# password.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup_file() {
	local www=$BATS_FILE_TMPDIR/www
	[ "$(id -u)" -eq 0 ] && [ -e /usr/sbin/nginx ] || return 0
	export HTTPS_PORT CERTIFICATE=$BATS_FILE_TMPDIR/certificate password=pw-$RANDOM$RANDOM$RANDOM
	HTTPS_PORT=$(free_port)
	chmod go+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	mkdir -p "$www"
	echo 'for members' >"$www/page"
	openssl req -x509 -newkey rsa:2048 -nodes -keyout "$BATS_FILE_TMPDIR/key" -out "$CERTIFICATE" -days 2 \
		-subj /CN=localhost -addext subjectAltName=DNS:localhost 2>/dev/null
	printf 'app:%s\n' "$(openssl passwd -apr1 "$password")" >"$BATS_FILE_TMPDIR/passwords"
	git init -q --bare "$www/project.git"
	git init -q "$BATS_FILE_TMPDIR/work"
	git -C "$BATS_FILE_TMPDIR/work" -c user.name=a -c user.email=a@example.com commit -q --allow-empty -m first
	git -C "$BATS_FILE_TMPDIR/work" push -q "$www/project.git" HEAD:refs/heads/main
	git -C "$www/project.git" symbolic-ref HEAD refs/heads/main
	git -C "$www/project.git" update-server-info
	cat >"$BATS_FILE_TMPDIR/nginx.conf" <<-END
		daemon off; user root; pid $BATS_FILE_TMPDIR/pid; error_log stderr;
		events { }
		http {
			access_log off;
			client_body_temp_path $BATS_FILE_TMPDIR/body; proxy_temp_path $BATS_FILE_TMPDIR/proxy;
			fastcgi_temp_path $BATS_FILE_TMPDIR/fastcgi; uwsgi_temp_path $BATS_FILE_TMPDIR/uwsgi;
			scgi_temp_path $BATS_FILE_TMPDIR/scgi;
			server {
				listen 127.0.0.1:$HTTPS_PORT ssl;
				ssl_certificate $CERTIFICATE; ssl_certificate_key $BATS_FILE_TMPDIR/key;
				auth_basic members; auth_basic_user_file $BATS_FILE_TMPDIR/passwords;
				root $www;
				location /away { return 302 http://127.0.0.1:\$arg_port/; }
				location /echo { return 200 "\$http_authorization\n"; }
			}
		}
	END
	chmod 644 "$CERTIFICATE"
	serve "$HTTPS_PORT" /usr/sbin/nginx -c "$BATS_FILE_TMPDIR/nginx.conf"
}

teardown_file() {
	serve_end
}

setup() {
	need_programs /usr/sbin/nginx /usr/bin/curl /usr/lib/git-core/git-remote-https
	shipped_setup
	secret=$password
	keep api/password
	keep git/basic "$(printf 'app:%s' "$password" | base64 -w0)"
	server=localhost:$HTTPS_PORT
	# The certificate has to be found inside, where /tmp is another.
	open_place
	cp "$CERTIFICATE" "$place/certificate"
	curls="s/machine api.example.com/machine localhost/;s/api.example.com/$server/;s|^inherit.*|&\nset = { CURL_CA_BUNDLE = \"$place/certificate\" }|"
	gits="s/git.example.com/$server/;s|^GIT_CONFIG_COUNT.*|&\nGIT_SSL_CAINFO = \"$place/certificate\"|"
}

teardown() {
	close_place
	shipped_teardown
}

# bats test_tags=root
@test "curl: the job" {
	ship usr/bin/curl "$curls"
	run -0 job curl "https://$server/page"
	[ "$output" = 'for members' ]
	run -22 job curl "https://$server/nothing"
	run -22 curl -sSf --cacert "$CERTIFICATE" "https://$server/page"
	# A server that sends the header back: masked.
	run -0 job curl "https://$server/echo"
	hides "$(printf 'app:%s' "$secret" | base64)"
	shows '[envseal:'
}

# bats test_tags=root
@test "curl: not to another server" {
	elsewhere http
	ship usr/bin/curl "$curls" 's/"--proto", "=https", //' "$NO_RULES"
	run -0 job curl --connect-to "::127.0.0.1:$elsewhere" "http://localhost/"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	run -0 job curl "http://localhost:$elsewhere/"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/curl "$curls"
	refused curl "http://localhost:$elsewhere/"
	refused curl "https://localhost:$elsewhere/"
	refused curl "https://$server@127.0.0.1:$elsewhere/"
	refused curl "https://$server.example.net/"
	refused curl "https://$server" "http://127.0.0.1:$elsewhere"
	refused curl --connect-to "::127.0.0.1:$elsewhere" "https://$server/page"
	refused curl -k "https://$server/page"
	refused curl -L "https://$server/away?port=$elsewhere"
	run -0 job curl "https://$server/away?port=$elsewhere"
	run -0 job curl --data-raw x "https://$server/away?port=$elsewhere"
	printf 'proxy = http://127.0.0.1:%s\ninsecure\n' "$elsewhere" >"$HOME/.curlrc"
	https_proxy=http://127.0.0.1:$elsewhere ALL_PROXY=http://127.0.0.1:$elsewhere run -0 job curl "https://$server/page"
	[ "$output" = 'for members' ]
	spared
}

# bats test_tags=root
@test "curl: no files, no headers in what is shown" {
	ship usr/bin/curl "$curls" "$NO_RULES" "$NO_MASK"
	run -0 job curl -v "https://$server/page"
	shows "$(printf 'app:%s' "$secret" | base64)"
	run -0 job curl file:///proc/self/fd/0 --proto =file
	shows "$secret"
	run -0 job curl --trace-ascii - -d @/proc/self/fd/0 "https://$server/echo"
	shows "password $secret"
	ship usr/bin/curl "$curls"
	for attempt in "-v https://$server/page" "--trace-ascii - https://$server/page" "-d @/proc/self/fd/0 https://$server/echo" \
		"--json @/proc/self/fd/0 https://$server/echo" "-T /proc/self/fd/0 https://$server/x" "-K /proc/self/fd/0" "file:///proc/self/fd/0" \
		"-H @/proc/self/fd/0 https://$server/echo" "-o /tmp/x https://$server/page" "https://$server/page --libcurl -" "https://$server/page -v"; do
		# shellcheck disable=SC2086
		refused curl $attempt
	done
	# What --data-raw is given is no file's name.
	run job curl --data-raw @/proc/self/fd/0 "https://$server/echo"
	hides
}

# bats test_tags=root
@test "git: the job: ls-remote and clone" {
	ship usr/bin/git "$gits"
	run -0 --separate-stderr job git ls-remote "https://$server/project.git"
	shows refs/heads/main
	install -d -o "$CALLER_UID" "$place/caller"
	run -0 job git clone "https://$server/project.git" "$place/caller/project"
	[ "$(git -c safe.directory='*' -C "$place/caller/project" log --format=%s)" = first ]
	run -1 grep -rq "$(printf 'app:%s' "$secret" | base64)" "$place/caller"
	GIT_TERMINAL_PROMPT=0 run -128 git -c http.sslCAInfo="$CERTIFICATE" ls-remote "https://$server/project.git"
}

# bats test_tags=root
@test "git: not to another server" {
	elsewhere http
	local away="url.http://127.0.0.1:$elsewhere/.insteadOf"
	ship usr/bin/git "$gits" "s|http.https://$server/.extraHeader|http.extraHeader|;s/^GIT_ALLOW_PROTOCOL.*//" "$NO_RULES"
	run job git ls-remote "http://127.0.0.1:$elsewhere/x"
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/git "$gits"
	for attempt in "ls-remote http://127.0.0.1:$elsewhere/x" "ls-remote https://$server.example.net/x" "-c $away=https:// ls-remote https://$server/x" \
		"ls-remote https://$server@127.0.0.1:$elsewhere/" "clone ext::sh /x" "ls-remote --upload-pack=x https://$server/x"; do
		# shellcheck disable=SC2086
		refused git $attempt
	done
	# Nor by configuration of the caller's: home, directory, environment.
	git config --file "$HOME/.gitconfig" "$away" "https://$server/"
	git init -q "$place/here"
	git -C "$place/here" config "$away" "https://$server/"
	GIT_CONFIG_PARAMETERS="'$away=https://$server/'" GIT_DIR=$place/here/.git GIT_SSL_NO_VERIFY=1 https_proxy=http://127.0.0.1:$elsewhere \
		IN_SYSTEM_DIRECTORY=$place/here run -0 --separate-stderr job git ls-remote "https://$server/project.git"
	run -128 job git ls-remote "https://$server/away?port=$elsewhere"
	spared
}

# bats test_tags=root
@test "git: what shows the header, and what runs programs" {
	ship usr/bin/git "$gits" "$NO_RULES" "$NO_LIST"
	run -0 job git config --list
	shows '[envseal:'
	run -0 job git -c 'alias.x=!printenv GIT_CONFIG_VALUE_0 | rev' x
	shows "$(printf 'Authorization: Basic %s' "$(printf 'app:%s' "$secret" | base64 -w0)" | rev)"
	ship usr/bin/git "$gits" "$NO_RULES"
	run job git -c 'alias.x=!printenv GIT_CONFIG_VALUE_0 | rev' x
	[ "$status" -ne 0 ]
	hides cisaB
	ship usr/bin/git "$gits"
	refused git config --list
	refused git -c 'alias.x=!printenv' x
	refused git clone --config core.sshCommand=x "https://$server/project.git" /x
	refused git clone "https://$server/project.git" --template=/x
	GIT_TRACE=1 GIT_TRACE_CURL=1 GIT_CURL_VERBOSE=1 GIT_TRACE_REDACT=0 run -0 job git ls-remote "https://$server/project.git"
	hides Authorization
}

# bats test_tags=root
@test "git@repository: fetch and push by a remote's name; hooks and helpers are not started" {
	install -d -o "$CALLER_UID" "$place/caller"
	git clone -q "$BATS_FILE_TMPDIR/www/project.git" "$place/caller/project"
	cd "$place/caller/project"
	git remote set-url origin "https://$server/project.git"
	printf '#!/bin/sh\nprintenv GIT_CONFIG_VALUE_0 | rev >%s/stolen\n' "$place/caller" | tee .git/hooks/post-fetch .git/hooks/reference-transaction >/dev/null
	chmod 755 .git/hooks/*
	git config core.fsmonitor "$PWD/.git/hooks/reference-transaction"
	git config credential.helper "!$PWD/.git/hooks/reference-transaction"
	chown -R "$CALLER_UID:$CALLER_GID" "$place/caller"
	cd /
	fetch() {
		git -c safe.directory='*' -C "$place/caller/project" -c core.hooksPath=/dev/null update-ref -d refs/remotes/origin/main
		rm -f "$place/caller/stolen"
		chown -R "$CALLER_UID:$CALLER_GID" "$place/caller"
		ship usr/bin/git@repository "$gits" "$@"
		IN_SYSTEM_DIRECTORY=$place/caller/project run -0 job --profile repository git fetch origin
		git -c safe.directory='*' -C "$place/caller/project" rev-parse refs/remotes/origin/main
	}
	fetch "$NO_LIST" 's/core.hooksPath/core.nothing/'
	grep -q cisaB "$place/caller/stolen"
	fetch 's/core.hooksPath/core.nothing/'
	[ ! -e "$place/caller/stolen" ]
	fetch
	[ ! -e "$place/caller/stolen" ]
	for attempt in "fetch https://evil.example/x" "fetch --upload-pack=x origin" "push ext::sh" "fetch ../x" "-C /x fetch" "config --list" \
		"fetch origin --config-env=x=y" "push /tmp/x main"; do
		# shellcheck disable=SC2086
		IN_SYSTEM_DIRECTORY=$place/caller/project refused --profile repository git $attempt
	done
}
