# shellcheck shell=bash disable=SC2034,SC2154 # tests/run has build, source_dir and stage, and reads further and wanted
# Sourced by tests/run: what CI does behind the suite itself. `further` has the parts, in their order.
further=(under_valgrind with_clang dynamic sanitizers older_kernels first_landlock fuzzing tpm2 tarball sources)

# installed NAME CONFIGURE-OPTION...: built in $stage/NAME, installed in $stage/NAME-prefix, and allowed what AppArmor restricts.
installed() {
	local name=$1
	shift
	build_into "$stage/$name" "$stage/$name-prefix" "$@"
	forbid_user_namespaces
	allow_user_namespaces "$stage/$name-prefix"
}

# only TITLE NAME BATS-FILE...: these of the end-to-end tests, with that build.
only() {
	local title=$1 name=$2 wanted=("${@:3}")
	bats_tests "$title:" "$stage/$name-prefix"
}

under_valgrind() {
	unit_tests "valgrind" "$build" valgrind -q --error-exitcode=99 --leak-check=full
}

with_clang() {
	build_into "$stage/clang" "$stage/clang-prefix" --enable-werror CC=clang
	unit_tests "clang: unit" "$stage/clang"
}

# What depends on how envseal-exec and its helper are linked, not all over again.
dynamic() {
	installed dynamic --enable-werror --disable-static-exec
	only "dynamic" dynamic delivery.bats exec.bats files.bats filters.bats hygiene.bats limits.bats masking.bats \
		refusals.bats scripts.bats signals.bats system.bats tiers.bats
}

# The installed programs too, in what reads most of what others wrote.
sanitizers() {
	installed sanitizers --enable-werror --enable-sanitizers CC=clang
	unit_tests "sanitizers: unit" "$stage/sanitizers" \
		env LSAN_OPTIONS="suppressions=$source_dir/tests/unit/sanitizers.supp"
	only "sanitizers" sanitizers delivery.bats masking.bats vault.bats
}

# With little of what is younger than Linux 5.2.
older_kernels() {
	local name
	installed older CFLAGS=-O0 \
		--with-missing=openat2,faccessat2,close-range,mount-setattr,pidfd,keyrings,memfd-exec,landlock
	only "older kernel" older older/kernels.bats
	make -C "$stage/older" tests/unit/test_util tests/unit/test_mapper >"$stage/log" 2>&1 ||
		die "the tests do not build"
	for name in util mapper; do
		CMOCKA_MESSAGE_OUTPUT=TAP tap "older kernel: test_$name" "$stage/older/tests/unit/test_$name"
	done
}

first_landlock() {
	installed landlock CFLAGS=-O0 \
		--with-missing=openat2,faccessat2,close-range-cloexec,pidfd,memfd-exec,landlock-above=1
	only "first Landlock" landlock tiers.bats
	# But for what takes every profile of process.seccomp in turn.
	local bats_options=("${bats_options[@]}"
		--filter "mounts|sockets of every kind|other processes|keyrings|terminal|input|outliving")
	only "first Landlock" landlock lockdown.bats
}

# Every fuzz target from its corpus, in a build that has nothing else. Its table is shown in any case: with failures
# count has done so.
fuzzing() {
	local place=$stage/fuzzers
	mkdir "$place"
	{
		(cd "$place" && "$source_dir/configure" --enable-werror --enable-fuzzers CC=clang) &&
			make -C "$place" -j"$(nproc)" fuzzers
	} >"$place/build.log" 2>&1 || {
		tail -n 30 "$place/build.log" >&2
		die "the fuzz targets do not build"
	}
	tap "fuzzing" "$source_dir/tests/fuzz/run" "$place" "${ENVSEAL_FUZZ_SECONDS:-60}"
	grep -q '^not ok' "$stage/tap" || grep '^#' "$stage/tap"
}

tpm2() {
	local bats_options=()
	installed tpm2 --enable-werror --with-tpm2
	only "with TPM2" tpm2 tpm2.bats
}

tarball() {
	single "make distcheck" make -C "$build" distcheck
	tap "reproducible" "$source_dir/tests/reproducible" "$build"
}

sources() {
	"$source_dir/tests/surface" "$build"
	single "shellcheck" "$source_dir/tests/shellcheck"
	single "format" "$source_dir/tests/format"
}
