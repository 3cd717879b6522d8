# Puts plausible mistakes into the sources, one at a time. tests/further checks that each still
# applies.
EXTRA_DIST += tests/mutants/list tests/mutants/run

#? mutants         put mistakes into the sources, one at a time; a test must notice each; as root
mutants:
	$(abs_srcdir)/tests/mutants/run
.PHONY: mutants
