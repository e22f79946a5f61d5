"""Telegram's conversations and messages, in one text each.

A conversation is "CHAT", or "CHAT:TOPIC" for a topic of a forum. A message is "CHAT/MESSAGE": a group that becomes a
supergroup counts its messages from one again, and what was sent before must not be taken for what is there now.
"""

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Place:
    """One conversation."""

    chat: int
    topic: int | None = None

    def __str__(self) -> str:
        return f"{self.chat}" if self.topic is None else f"{self.chat}:{self.topic}"

    @property
    def is_shared(self) -> bool:
        """Whether several people read it: Telegram numbers groups below zero."""
        return self.chat < 0

    def moved_to(self, chat: int) -> "Place":
        """The same conversation after its group has become a supergroup."""
        return replace(self, chat=chat)

    def ref(self, message: int) -> str:
        """A message of this conversation."""
        return f"{self.chat}/{message}"


def place_of(address: str) -> Place | None:
    """The conversation of this address; None for one that is not Telegram's."""
    chat, has_topic, topic = address.partition(":")
    try:
        return Place(int(chat), int(topic) if has_topic else None)
    except ValueError:
        return None


def message_of(place: Place, ref: str) -> int | None:
    """The number of the message; None where the chat has become another one."""
    chat, _, message = ref.partition("/")
    return int(message) if chat == str(place.chat) and message.isdecimal() else None
