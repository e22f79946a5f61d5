"""The rules. Pure: nothing here reads a database, a clock, a file or a network, or knows a platform."""
