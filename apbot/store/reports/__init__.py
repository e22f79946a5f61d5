"""What schools ask about their placed pupils: attendance, non-arrivals, what was done, counted over many at once."""
