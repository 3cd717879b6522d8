EXTRA_DIST += contrib/prepare.bash contrib/quickstart tests/run tests/shellcheck .clang-format
