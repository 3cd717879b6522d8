EXTRA_DIST += \
	tests/bats/common.bash \
	tests/bats/policy.bats \
	tests/bats/vault.bats
