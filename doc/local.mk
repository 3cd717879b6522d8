EXTRA_DIST += \
	doc/decisions/toml-reader.md \
	doc/formats/vault.md \
	doc/man/envseal.1.scd

# Man pages: written in scdoc(5), installed where scdoc is there to make them.
SUFFIXES = .scd
.scd:
	$(AM_V_GEN)$(MKDIR_P) $(@D) && $(SCDOC) <$< >$@.tmp && mv $@.tmp $@

if HAVE_SCDOC
man1_MANS = doc/man/envseal.1
CLEANFILES += $(man1_MANS)
endif
