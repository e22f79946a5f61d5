"""apbot as real processes, each with a pid of its own, on a clock that the test moves."""
