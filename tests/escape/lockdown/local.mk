# Ways out of lockdown: programs that try them, and a judge.
EXTRA_DIST += \
	tests/escape/lockdown.bash \
	tests/escape/lockdown.bats \
	tests/escape/lockdown/calls.c \
	tests/escape/lockdown/descriptors.c \
	tests/escape/lockdown/descriptors.py \
	tests/escape/lockdown/files.c \
	tests/escape/lockdown/judge.py \
	tests/escape/lockdown/kernel.c \
	tests/escape/lockdown/outlive.c \
	tests/escape/lockdown/processes.c \
	tests/escape/lockdown/residue.c \
	tests/escape/lockdown/residue.py \
	tests/escape/lockdown/sockets.c \
	tests/escape/lockdown/stage.py \
	tests/escape/lockdown/staying.py \
	tests/escape/lockdown/terminal.c \
	tests/escape/lockdown/storm.py \
	tests/escape/lockdown/ways.c \
	tests/escape/lockdown/ways.h
