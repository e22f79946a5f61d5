"""What apbot says: platform-neutral cards, and one module for each kind of message."""
