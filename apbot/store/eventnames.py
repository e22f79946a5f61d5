"""What platforms call their events, as it is kept: what is too long for its column is known by a hash of it."""

import hashlib

from apbot.store.tables.talk import EVENT_LENGTH


def event_name(told: str) -> str:
    """The name under which an event is kept: the same for the same event, and without what no database keeps."""
    name = told.replace("\0", "")
    return name if len(name) <= EVENT_LENGTH else f"sha256:{hashlib.sha256(name.encode()).hexdigest()}"
