EXTRA_DIST += \
	tests/bats/common.bash \
	tests/bats/vault.bats
