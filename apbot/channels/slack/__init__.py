"""Slack as a channel: messages of blocks, buttons and forms; Socket Mode, or HTTP on apbot's own server."""
