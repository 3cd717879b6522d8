# fuzz: see HACKING.md
