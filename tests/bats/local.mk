# bats: see HACKING.md
