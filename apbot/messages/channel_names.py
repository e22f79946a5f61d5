"""What people call the channels."""

NAMES = {
    "web": "the web chat",
    "email": "email",
    "sms": "text message",
    "slack": "Slack",
    "telegram": "Telegram",
    "teams": "Microsoft Teams",
    "webhook": "another system",
}


def called(channel: str) -> str:
    """The channel's name as people say it; one that has none here says its own, in capitals."""
    return NAMES.get(channel, channel.capitalize())
