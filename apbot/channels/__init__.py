"""How it is said and heard: one module for each platform, behind the port in `apbot.channels.port`."""
