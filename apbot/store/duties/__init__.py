"""What is owed beyond the day, as it is kept: planned, spoken of, and written down when it is done."""
