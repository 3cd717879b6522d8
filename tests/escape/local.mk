# Attacks on system mode, one file a capability; tests/run runs them against an installed tree.
EXTRA_DIST += \
	tests/escape/core.bats \
	tests/escape/escape.bash \
	tests/escape/evil.c \
	tests/escape/flip.c \
	tests/escape/gives.py \
	tests/escape/home.bats \
	tests/escape/fuse.py \
	tests/escape/mapped.py \
	tests/escape/memory.bats \
	tests/escape/names.bats \
	tests/escape/policies.bats \
	tests/escape/race.bats \
	tests/escape/second.bats \
	tests/escape/run-group.bats \
	tests/escape/setid.py \
	tests/escape/spy.c \
	tests/escape/stages.bats \
	tests/escape/stages.py \
	tests/escape/swap.py \
	tests/escape/tracer.py \
	tests/escape/visible.bats \
	tests/escape/visible.py \
	tests/escape/wrapper.bats
