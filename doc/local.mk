EXTRA_DIST += \
	doc/decisions/toml-reader.md \
	doc/formats/policy.md

# Man pages are written in scdoc's language; without scdoc they are left out.
MAN_SOURCES = \
	doc/man/envseal-policy.5.scd
EXTRA_DIST += $(MAN_SOURCES)
CLEANFILES += $(MAN_SOURCES:.scd=)

if HAVE_SCDOC
man_MANS = $(MAN_SOURCES:.scd=)
endif

SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) <$< >$@.tmp && mv $@.tmp $@
