# Plausible mistakes, put into the sources one at a time. tests/further looks at whether each still applies.
EXTRA_DIST += tests/mutants/list tests/mutants/run

#? mutants         puts plausible mistakes into the sources, one at a time, and sees whether a test notices; as root
mutants:
	$(abs_srcdir)/tests/mutants/run
.PHONY: mutants
