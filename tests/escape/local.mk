# Attacks on system mode, one file a capability; tests/run runs them against an installed tree.
EXTRA_DIST += \
	tests/escape/escape.bash \
	tests/escape/memory.bats \
	tests/escape/spy.c
