"""What a process does for as long as it runs."""
