#!/usr/bin/env bats
# policies/usr/bin/gh.toml and aws.toml, with servers on loopback that answer only the tests'
# requests.
# shellcheck disable=SC2016,SC2154
# bats file_tags=assurance

load common
load system
load shipped

setup() {
	need_programs /usr/bin/gh /usr/bin/aws
	shipped_setup
	server_pid=
}

teardown() {
	[ -z "$server_pid" ] || kill "$server_pid" 2>/dev/null || true
	shipped_teardown
}

# A GitHub of our own, by http and at port 80 as gh wants it for the name github.localhost: in a
# network of its own.
github() {
	printf '127.0.0.1 localhost github.localhost api.github.localhost\n' >"$BATS_TEST_TMPDIR/hosts"
	chmod 644 "$BATS_TEST_TMPDIR/hosts"
	command unshare --net --mount --propagation private bash -c 'ip link set lo up
		mount --bind "$1/hosts" /etc/hosts
		exec python3 "$2/elsewhere.py" github 80 "$1/collected"' github "$BATS_TEST_TMPDIR" "$BATS_TEST_DIRNAME" 3>&- 4>&- &
	server_pid=$!
	local i
	for ((i = 0; i < 200; i++)); do
		command nsenter --target "$server_pid" --net ss -ltn 2>/dev/null | grep -q 127.0.0.1:80 && break
		sleep 0.05
	done
	# What in_system starts, it starts there.
	unshare() {
		command nsenter --target "$server_pid" --net --mount -- unshare "$@"
	}
}

# bats test_tags=root
@test "gh: the job: the token is sent, and read-only commands work" {
	keep github/token
	github
	ship usr/bin/gh 's/github.com"/github.localhost"/' 's/, "\*localhost\*"//'
	run -0 --separate-stderr job gh release list -R owner/project
	shows v1
	collects
	run -0 job gh --version
}

# bats test_tags=root
@test "gh: not to another server" {
	keep github/token
	github
	ship usr/bin/gh 's/, "\*localhost\*"//'
	run job gh release list -R github.localhost/owner/project
	collects
	rm "$BATS_TEST_TMPDIR/collected"
	ship usr/bin/gh
	for attempt in "release list -R github.localhost/owner/project" "release list --repo=github.localhost/owner/project" \
		"api http://github.localhost/" "pr view http://github.localhost/owner/project/pull/1" "auth login"; do
		# shellcheck disable=SC2086
		refused gh $attempt
	done
	GH_HOST=github.localhost GH_REPO=github.localhost/owner/project HTTPS_PROXY=http://127.0.0.1:80 run -1 job gh release list -R owner/project
	spared
}

# bats test_tags=root
@test "gh: the token is not shown: commands, filters, templates, files, aliases" {
	keep github/token
	github
	local host='s/github.com"/github.localhost"/'
	ship usr/bin/gh "$host" "$NO_RULES"
	run job gh auth token
	shows '[envseal:github/token]'
	# A filter writes it in a way that masking does not know.
	run -0 job gh api repos/owner/project --jq 'env.GH_TOKEN | explode | map(tostring) | join(" ")'
	shows "$(printf %s "$secret" | od -An -v -tu1 | xargs)"
	# Files go where files can be read.
	run job gh api repos/owner/project -F 'text=@/proc/self/environ'
	collected | grep -qa "GH_TOKEN=$secret"
	ship usr/bin/gh "$host" 's/, "\*localhost\*"//'
	for attempt in "auth token" "auth status -t" "api x --jq env.GH_TOKEN" "pr list --json number --jq env" "pr list --json number -q env" \
		"pr list -dq env" "pr list --jq=env" "pr list -qenv" "pr list --json number -t x" "pr list -w" "gist create /proc/self/environ" \
		"alias set x !env" "config set pager cat" "extension exec x" "pr create" "repo clone x"; do
		# shellcheck disable=SC2086
		refused gh $attempt
	done
}

# s3: a server that knows one key, and a policy that leads there.
s3() {
	s3_port=$(free_port)
	python3 "$BATS_TEST_DIRNAME/s3.py" "$s3_port" AKIAEXAMPLE "$secret" >"$BATS_TEST_TMPDIR/s3.log" 2>&1 3>&- 4>&- &
	server_pid=$!
	listening "$s3_port"
	there="s|^\[arguments\]|&\nprepend = [\"--endpoint-url\", \"http://127.0.0.1:$s3_port\"]|"
}

# bats test_tags=root
@test "aws: the job: signed requests, streams in and out" {
	keep aws/secret-key
	s3
	ship usr/bin/aws "$there"
	run -0 --separate-stderr job aws s3 ls
	shows shelf
	run -0 --separate-stderr job aws s3 cp s3://shelf/book -
	[ "$output" = 'for members' ]
	job aws s3 cp - s3://shelf/new <<<'new text'
	run -0 --separate-stderr job aws s3 cp s3://shelf/new -
	[ "$output" = 'new text' ]
	keep aws/secret-key wrong
	run ! job aws s3 ls
}

# bats test_tags=root
@test "aws: the key cannot be sent as a file, nor shown, nor are programs started" {
	keep aws/secret-key
	s3
	ship usr/bin/aws "$there" "$NO_RULES"
	# The number depends on how many descriptors a start needs.
	for fd in 20 21 22 23 24 25; do
		run job aws s3 cp "/proc/self/fd/$fd" s3://shelf/key
		[ "$status" -ne 0 ] || break
	done
	run -0 --separate-stderr job aws s3 cp s3://shelf/key -
	shows '[envseal:AWS_SHARED_CREDENTIALS_FILE]'
	ship usr/bin/aws "$there"
	for attempt in "s3 cp /proc/self/fd/20 s3://shelf/x" "s3 cp s3://shelf/x /tmp/x" "configure list" "configure export-credentials" \
		"sts get-session-token" "s3 ls --debug" "--debug s3 ls" "s3 ls --endpoint-url http://127.0.0.1:1" "s3 ls --profile x" \
		"s3 sync / s3://shelf" "sns publish --message file:///proc/self/fd/20"; do
		# shellcheck disable=SC2086
		refused aws $attempt
	done
	install -d -o "$CALLER_UID" "$HOME/.aws"
	printf '[default]\ncredential_process = touch %s/started\n' "$HOME" >"$HOME/.aws/config"
	AWS_CONFIG_FILE=$HOME/.aws/config AWS_PROFILE=x run -0 job aws s3 ls
	[ ! -e "$HOME/started" ]
}
