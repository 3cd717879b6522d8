# Attacks on system mode, one file a capability; tests/run runs them against an installed tree.
EXTRA_DIST += \
	tests/escape/core.bats \
	tests/escape/escape.bash \
	tests/escape/memory.bats \
	tests/escape/setid.bats \
	tests/escape/setid.py \
	tests/escape/spy.c
