"""The order in which messages that are due at once go out."""

from enum import IntEnum


class Priority(IntEnum):
    """The lowest goes first, on every channel."""

    CONCERN = 0
    ESCALATION = 1
    PROMPT = 2
    REMINDER = 3
    DIGEST = 4
    PUTTING_AWAY = 9
    """Editing down what was posted long ago: whenever nothing else is to be sent."""
