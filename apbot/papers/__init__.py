"""Papers: what is read as a page or handed over as a file, whole. Full names may stand in these."""
