"""Somebody always knows: health, metrics, and the ping that stops when apbot can't do its work."""
