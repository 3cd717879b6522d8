EXTRA_DIST += doc/decisions/toml-reader.md
