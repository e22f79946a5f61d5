"""What happens when a person acts, one module for each part of the work."""
