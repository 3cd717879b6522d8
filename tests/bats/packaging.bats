#!/usr/bin/env bats
# Packages are built, installed, used, upgraded and removed, in a root directory that is an overlay
# of this machine's; the overlay is discarded. Slow, because it compiles twice.
# shellcheck disable=SC2016 # the inner shells'
# bats file_tags=assurance

load common

setup_file() {
	[ "$(id -u)" -eq 0 ] || return 0
	export TREE=${ENVSEAL_TREE:-$BATS_TEST_DIRNAME/../..} BUILT=$BATS_FILE_TMPDIR
	mkdir "$BUILT/packages"
	version=$(sed -n 's/^AC_INIT(\[envseal\], \[\(.*\)\])/\1/p' "$TREE/configure.ac")
	copy_tree "$BUILT/deb/envseal"
	copy_tree "$BUILT/rpm/envseal-$version"
	tar -C "$BUILT/rpm" -cf "$BUILT/rpm/envseal-$version.tar" "envseal-$version"
	sed 's/tar\.xz/tar/' "$BUILT/rpm/envseal-$version/contrib/rpm/envseal.spec" >"$BUILT/rpm/envseal.spec"
	build_deb >"$BUILT/deb.log" 2>&1 3>&- &
	deb=$!
	build_rpm >"$BUILT/rpm.log" 2>&1 3>&- || { tail -n 20 "$BUILT/rpm.log" | cut -c 1-300 >&3 && return 1; }
	wait "$deb" || { tail -n 20 "$BUILT/deb.log" | cut -c 1-300 >&3 && return 1; }
}

# The sources without what builds left in them.
copy_tree() {
	mkdir -p "$1"
	tar -C "$TREE" --exclude=./.git --exclude=./build --exclude='./build-*' --exclude='*.o' --exclude='*.a' \
		--exclude=./autom4te.cache -cf - . | tar -C "$1" -xf -
}

build_deb() {
	cd "$BUILT/deb/envseal" && cp -r contrib/debian debian || return
	DEB_BUILD_OPTIONS="nocheck parallel=$(nproc)" dpkg-buildpackage -us -uc -b || return
	cp "$BUILT"/deb/*.deb "$BUILT/packages/"
	# The same again as the next version.
	dpkg-deb -R "$BUILT"/deb/envseal_*.deb "$BUILT/next" || return
	sed -i '/^Version:/s/$/+next/' "$BUILT/next/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$BUILT/next" "$BUILT/packages/next.deb"
}

build_rpm() {
	HOME=$BUILT rpmbuild --nodeps -bb --define "_topdir $BUILT/rpm/top" --define "_sourcedir $BUILT/rpm" \
		--define "_smp_mflags -j$(nproc)" "$BUILT/rpm/envseal.spec" || return
	find "$BUILT/rpm/top/RPMS" -name '*.rpm' -exec cp {} "$BUILT/packages/" \;
}

setup() {
	common_setup
	need_root "packages are installed by root"
	samples=$BATS_TEST_DIRNAME/packaging
}

# on_machine SCRIPT: the bash script, as root of an overlay of this machine with the packages in
# /packages.
on_machine() {
	SCRIPT=$1 SAMPLES=$samples unshare --mount --propagation private --fork -- bash -euc '
		over=$BATS_TEST_TMPDIR/over
		mkdir -p "$over"
		mount -t tmpfs -o mode=0755 envseal-test "$over"
		mkdir -m 755 "$over/upper" "$over/work" "$over/root"
		mount -t overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" envseal-test "$over/root"
		cd "$over/root"
		rm -rf etc/envseal var/lib/envseal packages
		mount -t tmpfs -o mode=1777 envseal-test tmp
		mount -t tmpfs -o mode=0755 envseal-test run
		mount --rbind /proc proc
		mount --rbind /dev dev
		mkdir packages samples
		mount --bind "$BUILT/packages" packages
		mount --bind "$SAMPLES" samples
		exec env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C.UTF-8 \
			DEBIAN_FRONTEND=noninteractive chroot . bash -euxc "$SCRIPT"' 2>&1
}

# What the scripts below have in common.
prelude='
	umask 022
	cd /root
	user() { setpriv --reuid=54321 --regid=54321 --clear-groups env -i PATH="$PATH" HOME=/tmp "$@"; }
	# set -e does not heed a "!".
	not() { if "$@"; then echo "this should have failed: $*"; exit 1; fi; }
	# used: a user has a program that has the secret, and has neither vault nor privilege.
	used() {
		[ "$(user envseal-exec /usr/bin/printenv ONE)" = s3cret-value ]
		not user cat /var/lib/envseal/vault/slots/host.key
	}
	use() {
		printf s3cret-value | envseal store one
		envseal policy new /usr/bin/printenv --tier none --secret ONE=one
		envseal policy allow /usr/bin/printenv --all
		used
	}
	look() { stat -c "%a %U %G" /usr/bin/envseal-exec; getcap /usr/bin/envseal-exec; }
	full() { [ "$(look)" = "2755 root envseal-run
/usr/bin/envseal-exec cap_setgid,cap_setuid=ep" ]; }
	plain() { [ "$(look)" = "755 root root" ]; }
	deb() { dpkg --no-triggers "$@"; }
'

# succeeds SCRIPT: there, and what it said where it does not.
succeeds() {
	run on_machine "$prelude$1"
	[ "$status" -eq 0 ] || {
		tail -n 20 <<<"$output"
		return 1
	}
}

# bats test_tags=root
@test "debian: lintian finds no error, and the parts are where they belong" {
	run -0 lintian --allow-root --fail-on error "$BUILT"/deb/*.changes
	[[ $output != *E:* ]]
	run -0 dpkg-deb -c "$BUILT"/packages/envseal_*.deb
	[[ $output == *./usr/bin/envseal-exec* && $output == *./usr/libexec/envseal/envseal-sandbox-helper* ]]
	[[ $output == *man1/envseal.1.gz* && $output != *./usr/share/perl5* ]]
	# Where Debian's zsh looks, which is not where zsh itself would.
	[[ $output == *./usr/share/zsh/vendor-completions/_envseal* && $output != *zsh/site-functions/_envseal* ]]
	# Nothing gets its privilege from the archive: only root's setup gives it.
	run -1 grep -E '^-..s|^-.....s' <<<"$output"
}

# bats test_tags=root
@test "debian: installed it is system mode, and works; an upgrade keeps what root made of it" {
	succeeds '
		deb -i /packages/envseal_*.deb
		full
		use
		! command -v systemd-analyze ||
			systemd-analyze verify --man=no /usr/share/doc/envseal/examples/envseal-example.service
		deb -i /packages/next.deb
		full
		used
		deb -i /packages/next.deb
		full
		envseal-system-setup --undo
		deb -i /packages/next.deb
		plain
		envseal-system-setup --light
		deb -i /packages/next.deb
		[ "$(stat -c "%a %U %G" /usr/bin/envseal-exec)" = "6755 envseal envseal-run" ]
		used
		[ ! -e /var/lib/envseal/privilege.upgrade ]'
}

# bats test_tags=root
@test "debian: neither removing nor purging deletes a vault, but purging with root's word does" {
	succeeds '
		deb -i /packages/envseal_*.deb
		use
		deb -r envseal
		[ ! -e /usr/bin/envseal-exec ]
		[ -e /var/lib/envseal/vault/secrets/one.sealed ]
		deb -i /packages/envseal_*.deb
		full
		used
		deb -P envseal 2>&1 | grep "kept the vault"
		[ -e /var/lib/envseal/vault/secrets/one.sealed ]
		[ -e /etc/envseal/system.toml ]
		deb -i /packages/envseal_*.deb
		used
		touch /etc/envseal/delete-vault-on-purge
		deb -r envseal
		[ -e /var/lib/envseal/vault/secrets/one.sealed ]
		deb -P envseal
		[ ! -e /var/lib/envseal ]
		[ ! -e /etc/envseal/system.toml ]
		[ -e /etc/envseal/policies/usr/bin/printenv.toml ]'
}

# bats test_tags=root
@test "debian: where no privilege can be had, or root decided otherwise, it is installed for user mode" {
	succeeds '
		mv "$(command -v setcap)" /root/setcap
		deb -i /packages/envseal_*.deb 2>/tmp/said
		cat /tmp/said
		grep "user mode only" /tmp/said
		[ "$(stat -c %A /usr/bin/envseal-exec | tr -d rwx-)" = "" ]
		mv /root/setcap /usr/sbin/setcap
		envseal-system-setup
		full'
	succeeds '
		dpkg-statoverride --add root root 755 /usr/bin/envseal-exec
		deb -i /packages/envseal_*.deb
		plain
		[ ! -e /etc/envseal/system.toml ]'
}

# bats test_tags=root
@test "dh_envseal: a package's policy is installed, and pinned as the program is after stripping" {
	succeeds '
		deb -i /packages/envseal_*.deb /packages/dh-envseal_*.deb
		cp -r /samples/debian /root/sample
		cd /root/sample
		dpkg-buildpackage -us -uc -b
		deb -i ../envseal-sample_*.deb
		pin=$(cat /usr/lib/envseal/pins/usr/bin/envseal-sample)
		[ "$pin" = "$(envseal hash /usr/bin/envseal-sample | cut -d " " -f 1)" ]
		# Which is not what was built.
		[ "$pin" != "$(envseal hash sample | cut -d " " -f 1)" ]
		[ "$(envseal hash /usr/bin/envseal-sample-link | cut -d " " -f 1)" = "$(cat /usr/lib/envseal/pins/usr/bin/envseal-sample-link)" ]
		[ ! -e /usr/lib/envseal/pins/usr/bin/true ]
		printf s3cret-value | envseal store sample/token
		{ envseal policy check 2>&1 || true; } | grep -F " 0 errors"
		run() { user envseal-exec "$@"; }
		not run envseal-sample
		envseal policy allow envseal-sample --all
		[ "$(run envseal-sample)" = "s3cret-value: 12 bytes" ]
		# Another build of it is another program.
		printf "\n" >>/usr/bin/envseal-sample
		not run envseal-sample
		deb -P envseal-sample
		[ ! -e /usr/lib/envseal/policies/usr/bin/envseal-sample.toml ]'
}

# bats test_tags=root
@test "dh_envseal: a policy that would be refused, or that nothing would pin, ends the build" {
	succeeds '
		deb -i /packages/envseal_*.deb /packages/dh-envseal_*.deb
		cp -r /samples/debian /root/sample
		cd /root/sample
		build() { dpkg-buildpackage -us -uc -b >/tmp/log 2>&1; }
		build
		fails() { ! build && grep -F -- "$1" /tmp/log; }
		echo "debian/sample.toml /usr/bin/elsewhere" >debian/envseal-sample.envseal
		fails "elsewhere"
		echo "/usr/bin/elsewhere" >debian/envseal-sample.envseal
		fails "is not in this package"
		echo "debian/sample.toml" >debian/envseal-sample.envseal
		fails "not '\''POLICY COMMAND'\''"
		echo "debian/sample.toml /usr/bin/envseal-sample" >debian/envseal-sample.envseal
		build
		sed -i "s/^tier.*/&\nnonsense = 1/" debian/sample.toml
		fails "nonsense: unknown key"'
}

# bats test_tags=root
@test "rpm: installed it is system mode, an upgrade keeps it, removing keeps the vault" {
	succeeds '
		rpm() { command rpm --force-debian --nodeps --dbpath /root/db "$@"; }
		rpm -i /packages/envseal-0*.rpm
		full
		use
		rpm -U --force /packages/envseal-0*.rpm
		full
		used
		envseal-system-setup --undo
		rpm -U --force /packages/envseal-0*.rpm
		plain
		rpm -e envseal 2>&1 | grep "kept the vault"
		[ ! -e /usr/bin/envseal-exec ]
		[ -e /var/lib/envseal/vault/secrets/one.sealed ]'
}

# bats test_tags=root
@test "rpm: %envseal_pins writes the pins of a package after stripping" {
	succeeds '
		rpm() { command rpm --force-debian --nodeps --dbpath /root/db "$@"; }
		rpm -i /packages/envseal-0*.rpm /packages/envseal-rpm-macros-*.rpm
		[ "$(pkg-config --variable=policydir envseal)" = /usr/lib/envseal/policies ]
		[ "$(pkg-config --variable=pindir envseal)" = /usr/lib/envseal/pins ]
		[ "$(command rpm --eval "%{envseal_policydir} %{envseal_pindir}")" = \
			"/usr/lib/envseal/policies /usr/lib/envseal/pins" ]
		cp -r /samples/debian /root/sample
		rpmbuild --nodeps -bb --define "_topdir /root/top" --define "_sourcedir /root/sample" \
			/samples/rpm/envseal-sample.spec
		rpm -i /root/top/RPMS/*/envseal-sample-1*.rpm
		pin=$(cat /usr/lib/envseal/pins/usr/bin/envseal-sample)
		[ "$pin" = "$(envseal hash /usr/bin/envseal-sample | cut -d " " -f 1)" ]
		[ "$pin" != "$(envseal hash /root/top/BUILD/sample | cut -d " " -f 1)" ]
		printf s3cret-value | envseal store sample/token
		envseal policy allow envseal-sample --all
		[ "$(user envseal-exec envseal-sample)" = "s3cret-value: 12 bytes" ]'
}

# bats test_tags=root
@test "envseal-pins: links stay within the stage, and names are those of an installed system" {
	pins=$TREE/contrib/packaging/envseal-pins
	stage=$BATS_TEST_TMPDIR/stage
	mkdir -p "$stage/usr/bin" "$stage/bin" "$stage/opt"
	echo one >"$stage/opt/real"
	ln -s /opt/real "$stage/usr/bin/absolute"
	ln -s ../../opt/real "$stage/usr/bin/relative"
	ln -s ../../../../../etc/passwd "$stage/usr/bin/out"
	ln -s /etc/passwd "$stage/usr/bin/foreign"
	ln -s loop "$stage/usr/bin/loop"
	echo two >"$stage/bin/old"
	"$pins" "$stage" /usr/bin/absolute /usr/bin/relative /usr/bin/old
	cd "$stage/usr/lib/envseal/pins/usr/bin"
	[ "$(cat absolute)" = "blake2b-256:$(echo one | b2sum -l 256 | cut -d ' ' -f 1)" ]
	cmp absolute relative
	[ "$(cat old)" = "blake2b-256:$(echo two | b2sum -l 256 | cut -d ' ' -f 1)" ]
	for name in out foreign loop missing; do
		run -1 "$pins" "$stage" "/usr/bin/$name"
		[[ $output == *"is not in this package"* ]]
	done
	run -1 "$pins" "$stage" /bin/old
	[[ $output == *"say /usr/bin/old"* ]]
	run -1 "$pins" "$stage" /usr/../bin/old
	run -2 "$pins"
}
