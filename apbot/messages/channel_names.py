"""What people call the channels, and how an address on each is mended that has stopped working."""

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


_TYPED = {
    **{name.lower(): channel for channel, name in NAMES.items()},
    **dict.fromkeys(("text", "texts", "txt", "mobile", "phone", "text messages"), "sms"),
    **dict.fromkeys(("mail", "e-mail", "mails", "emails"), "email"),
    **dict.fromkeys(("web chat", "chat", "browser"), "web"),
}
"""What people call the channels when they type, besides the channels' own names."""


def channels_in(text: str) -> list[str]:
    """The channels that somebody typed, in their order; a word that names none stays as it is, in small letters."""
    plain = " ".join(text.lower().replace(",", " ").split())
    for called_so in sorted((each for each in _TYPED if " " in each), key=len, reverse=True):
        plain = plain.replace(called_so, _TYPED[called_so])
    return [_TYPED.get(each, each) for each in plain.split()]


FROM_THE_ROSTER = frozenset({"email", "sms"})
"""The channels whose addresses stand on the roster."""


def how_to_mend(channel: str, ref: str) -> str:
    """What an admin does about an address of this person's, or provider's, that the platform has refused."""
    if channel in FROM_THE_ROSTER:
        return f"Correct it on the roster and import that; where it is right: apbot link {ref} --again {channel}"
    if channel == "webhook":
        return f"When the other system takes them again: apbot link {ref} --again webhook"
    return (
        "What they write to apbot there opens it again. "
        f"Where it is another account now: apbot link {ref} --code makes a code that they type there"
    )
