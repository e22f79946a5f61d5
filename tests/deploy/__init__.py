"""What is in deploy/, tried out as far as a machine without its own systemd and containers allows."""
