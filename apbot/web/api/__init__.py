"""The read-only JSON API: what the pages show, for programs that hold a key."""
