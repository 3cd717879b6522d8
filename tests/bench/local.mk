# bench: see HACKING.md
