"""Files for other systems: what is in them, and how they are written."""
