"""The demo: an invented morning on a virtual clock, in a database of its own, on this machine only."""
