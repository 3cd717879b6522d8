# toml: see HACKING.md
