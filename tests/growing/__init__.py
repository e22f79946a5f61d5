"""Several processes on one database, each with a part of the work."""
