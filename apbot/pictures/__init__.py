"""Pictures: a card's drawing as a PNG, made when a channel that takes pictures sends it."""
