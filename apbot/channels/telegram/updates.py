"""What Telegram tells, read from its JSON with suspicion: anything may be missing, or of another kind."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apbot.channels.telegram.places import Place

MOST_WORDS = 4096

WANTED = ("message", "edited_message", "callback_query", "my_chat_member")
"""The kinds of updates that are asked for."""

FILES = ("animation", "audio", "document", "paid_media", "photo", "video", "video_note", "voice")
"""What a person may send that would be a file."""

WITHOUT_WORDS = ("contact", "dice", "game", "location", "poll", "sticker", "story", "venue")
"""What else they may send instead of words. Anything else without words is Telegram's own notice."""

COMMAND = re.compile(r"^/([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?(?=\s|$)")


@dataclass(frozen=True)
class Sender:
    """Who did it. `name` is their first name on Telegram, to speak to them in a group."""

    id: int
    name: str


@dataclass(frozen=True)
class Pressed:
    """A key of a message was pressed."""

    event_id: str
    sender: Sender
    place: Place
    message: int
    query_id: str
    data: str


@dataclass(frozen=True)
class Typed:
    """Words, or a command. `to_bot` is the bot's name after a command; `reply_to_bot` whether it replies to a bot."""

    event_id: str
    sender: Sender
    place: Place
    message: int
    text: str
    reply_to: int | None = None
    reply_to_bot: str = ""
    command: str = ""
    to_bot: str = ""
    rest: str = ""
    """What stands after the command."""
    has_file: bool = False
    """The words came with a recording, a photo or a file."""


@dataclass(frozen=True)
class Unread:
    """Something that apbot does not read: a recording, a changed message, an anonymous one. `why` says which."""

    event_id: str
    sender: Sender | None
    place: Place
    message: int
    why: str


@dataclass(frozen=True)
class Moved:
    """A group has become a supergroup."""

    event_id: str
    old: int
    new: int


@dataclass(frozen=True)
class Membership:
    """The bot was blocked or put out of a conversation, or may write there (again): `sender` has seen to it."""

    event_id: str
    sender: Sender
    place: Place
    may_write: bool


Told = Pressed | Typed | Unread | Moved | Membership


class NotAnUpdate(Exception):
    """It is no update of Telegram's."""


def read_update(update: object) -> Told | None:
    """What an update tells; None for one that is of no concern. Raises `NotAnUpdate`."""
    if not isinstance(update, dict) or not _is_number(update.get("update_id")):
        raise NotAnUpdate
    number = update["update_id"]
    try:
        if isinstance(query := update.get("callback_query"), dict):
            return _pressed(number, query)
        if isinstance(message := update.get("message"), dict):
            return _message(number, message)
        if isinstance(message := update.get("edited_message"), dict):
            return _edited(number, message)
        if isinstance(change := update.get("my_chat_member"), dict):
            return _membership(number, change)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotAnUpdate from None
    return None


def _pressed(number: int, query: Mapping[str, Any]) -> Pressed | None:
    message, data = query.get("message"), query.get("data")
    if not isinstance(message, dict) or not isinstance(data, str):
        return None  # a game, or a message that was sent by way of another chat
    return Pressed(
        _event(number, "q", query["id"]),
        _sender(query["from"]),
        _place(message),
        _number(message["message_id"]),
        str(query["id"]),
        data,
    )


def _message(number: int, message: Mapping[str, Any]) -> Told | None:
    place = _place(message)
    event = _event(number, str(place.chat), message["message_id"])
    if _is_number(message.get("migrate_to_chat_id")):
        return Moved(event, place.chat, message["migrate_to_chat_id"])
    if _is_number(message.get("migrate_from_chat_id")):
        return Moved(event, message["migrate_from_chat_id"], place.chat)
    at = _number(message["message_id"])
    if "sender_chat" in message and place.is_shared:
        return Unread(event, None, place, at, "anonymous") if _words(message) else None
    if not isinstance(message.get("from"), dict) or message["from"].get("is_bot"):
        return None
    sender, text = _sender(message["from"]), _words(message)
    has_file = any(each in message for each in FILES)
    if not text and has_file:
        return Unread(event, sender, place, at, "file")
    if not text:
        is_something = any(each in message for each in WITHOUT_WORDS)
        return Unread(event, sender, place, at, "no words") if is_something else None
    replied = message.get("reply_to_message")
    replied = replied if isinstance(replied, dict) else {}
    bot = replied.get("from") if isinstance(replied.get("from"), dict) else {}
    command = COMMAND.match(text)
    return Typed(
        event,
        sender,
        place,
        at,
        text[:MOST_WORDS],
        reply_to=_number(replied["message_id"]) if replied else None,
        reply_to_bot=str(bot.get("username", "")) if bot and bot.get("is_bot") else "",
        command=command[1].lower() if command else "",
        to_bot=(command[2] or "") if command else "",
        has_file=has_file,
        rest=text[command.end() : MOST_WORDS].strip() if command else "",
    )


def _edited(number: int, message: Mapping[str, Any]) -> Unread | None:
    if not isinstance(message.get("from"), dict) or message["from"].get("is_bot") or not _words(message):
        return None
    place = _place(message)
    at = _number(message["message_id"])
    return Unread(_event(number, f"{place.chat}e", at), _sender(message["from"]), place, at, "changed")


def _membership(number: int, change: Mapping[str, Any]) -> Membership:
    now = change["new_chat_member"]
    may_write = now["status"] in ("creator", "administrator", "member") or (
        now["status"] == "restricted" and now.get("is_member") is True and now.get("can_send_messages") is True
    )
    place = _place(change)
    return Membership(_event(number, f"{place.chat}m"), _sender(change["from"]), place, may_write)


def _words(message: Mapping[str, Any]) -> str:
    text = message.get("text") or message.get("caption") or ""
    return text.replace("\0", "").strip() if isinstance(text, str) else ""


def _place(message: Mapping[str, Any]) -> Place:
    chat = _number(message["chat"]["id"])
    # Replies in any supergroup have a thread; only in a forum is it a conversation of its own.
    topic = message.get("message_thread_id") if message.get("is_topic_message") and chat < 0 else None
    return Place(chat, _number(topic) if topic is not None else None)


def _sender(who: Mapping[str, Any]) -> Sender:
    return Sender(_number(who["id"]), str(who.get("first_name", ""))[:64])


def _event(number: int, *more: object) -> str:
    """An update's number alone is chosen anew by Telegram after a quiet week: with what it is about it is unique."""
    return ":".join(map(str, (number, *more)))[:100]


def _is_number(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _number(value: object) -> int:
    if not _is_number(value):
        raise TypeError("not a number")
    assert isinstance(value, int)  # noqa: S101  (looked at just now)
    return value
