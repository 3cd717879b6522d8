# For contrib/quickstart and tests/run: packages, a build, and permission to make user namespaces
# where AppArmor restricts them. They source it, and set `source_dir` before.
# shellcheck shell=bash disable=SC2154

# shellcheck disable=SC2034 # the caller uses it
build_packages=(autoconf automake make gcc libc6-dev linux-libc-dev pkg-config
	libsodium-dev libcap-ng-dev libseccomp-dev libjansson-dev)

say() {
	printf '%s\n' "$*" >&2
}

die() {
	say "$(basename "$0"): $*"
	exit 1
}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		die "this needs root: $* (install sudo, or run it as root)"
	fi
}

# Installs the named Debian packages that are missing. On other systems configure says what is
# missing.
install_packages() {
	local missing
	command -v apt-get >/dev/null || return 0
	mapfile -t missing < <(comm -23 <(printf '%s\n' "$@" | sort -u) \
		<(dpkg-query -W -f '${Package} ${db:Status-Status}\n' "$@" 2>/dev/null | sed -n 's/ installed$//p' | sort -u))
	[ ${#missing[@]} -gt 0 ] || return 0
	say "installing: ${missing[*]}"
	[ "$(id -u)" -eq 0 ] || command -v sudo >/dev/null ||
		die "there is no sudo; ask an administrator for: apt-get install ${missing[*]}"
	if ! as_root apt-get -qq update </dev/null >/dev/null ||
		! as_root env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends \
			install "${missing[@]}" </dev/null >/dev/null; then
		die "cannot install what is missing; ask an administrator for: apt-get install ${missing[*]}"
	fi
}

# configure_in DIR [CONFIGURE-ARGUMENT...]: makes configure if necessary, and runs it in DIR.
configure_in() {
	local dir=$1 sources=$source_dir
	shift
	mkdir -p "$dir"
	# configure refuses a path with a blank, but not a relative path.
	case $source_dir in
	*[!A-Za-z0-9_./+-]*) ln -sfn "$source_dir" "$dir/source" && sources=./source ;;
	esac
	[ "$source_dir/configure" -nt "$source_dir/configure.ac" ] || (cd "$source_dir" && autoreconf -i) || return
	(cd "$dir" && "$sources/configure" "$@")
}

# build_into DIR PREFIX [CONFIGURE-ARGUMENT...]: builds in DIR and installs; output in
# DIR/build.log.
build_into() {
	local dir=$1 prefix=$2
	shift 2
	[ ! -e "$source_dir/config.status" ] ||
		die "the sources were built in place; run 'make distclean' in $source_dir first"
	mkdir -p "$dir"
	{
		configure_in "$dir" --prefix="$prefix" "$@" &&
			make -C "$dir" -j"$(nproc)" &&
			make -C "$dir" install
	} >"$dir/build.log" 2>&1 || {
		tail -n 30 "$dir/build.log" >&2
		die "the build failed; all of its output is in $dir/build.log"
	}
}

apparmor_switch=${ENVSEAL_APPARMOR_SWITCH:-/proc/sys/kernel/apparmor_restrict_unprivileged_userns}
apparmor_profile=

# On Ubuntu from 23.10 on only programs with a profile that says `userns` may use a user namespace.
# Loads such a profile for the programs below PREFIX, until forbid_user_namespaces.
allow_user_namespaces() {
	local prefix=$1
	[ "$(cat "$apparmor_switch" 2>/dev/null)" = 1 ] || return 0
	PATH=$PATH:/usr/sbin:/sbin command -v apparmor_parser >/dev/null ||
		die "AppArmor restricts user namespaces here, and apparmor_parser is missing; install apparmor"
	local profile
	profile=$(mktemp)
	cat >"$profile" <<-PROFILE
		abi <abi/4.0>,
		profile envseal-$$ $prefix/{bin/envseal,bin/envseal-exec,libexec/envseal/envseal-sandbox-helper} flags=(unconfined) {
		  userns,
		}
	PROFILE
	say "AppArmor restricts user namespaces here: loading a profile for $prefix (removed at the end)"
	if (as_root apparmor_parser -r "$profile"); then
		apparmor_profile=$profile
	else
		rm -f "$profile"
		die "cannot load the AppArmor profile"
	fi
}

forbid_user_namespaces() {
	[ -n "$apparmor_profile" ] || return 0
	(as_root apparmor_parser -R "$apparmor_profile") || say "could not remove the AppArmor profile envseal-$$"
	rm -f "$apparmor_profile"
	apparmor_profile=
}
