# Examples that parse (tests/unit/test_policy.c). Not installed: which secrets a command gets is for its user to say.
EXTRA_DIST += \
	policies/usr/bin/gh.toml \
	policies/usr/bin/psql.toml
