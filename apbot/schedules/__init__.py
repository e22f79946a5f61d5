"""What happens by the clock, one module each. Every module has a plain function that takes an open transaction."""
