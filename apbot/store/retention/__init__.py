"""What is kept for how long, and taking away what has been kept for long enough, a few rows at a time."""
