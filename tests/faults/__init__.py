"""What holds when things break: stories with real processes, a real channel, and a platform that outlives them."""
