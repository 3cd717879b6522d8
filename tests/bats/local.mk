# End-to-end tests, one file a capability; tests/run runs them against an installed tree.
EXTRA_DIST += \
	tests/bats/arguments.bats \
	tests/bats/common.bash \
	tests/bats/delivery.bats \
	tests/bats/docs.bats \
	tests/bats/running.bash \
	tests/bats/exec.bats \
	tests/bats/hosts.bats \
	tests/bats/limits.bats \
	tests/bats/masking.bats \
	tests/bats/policy.bats \
	tests/bats/prepare.bats \
	tests/bats/refusals.bats \
	tests/bats/refuse.py \
	tests/bats/signals.bats \
	tests/bats/scripts.bats \
	tests/bats/sockets.py \
	tests/bats/syscalls.py \
	tests/bats/tiers.bats \
	tests/bats/vault.bats
