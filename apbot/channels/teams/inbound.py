"""What Teams sends, an activity as JSON, in the words of a channel. Nothing here trusts a shape."""

import hashlib
import html
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from apbot.channels.desk import Heard
from apbot.channels.teams.conversations import Reference
from apbot.channels.teams.rendering import inputs_of

TEXT = 4000
"""Characters of typed words that are read."""

ID = 190
"""Characters of an address, and of the names that Teams gives: longer ones are nobody's."""

_QUOTED = re.compile(r"<blockquote\b[^<>]{0,500}\bitemid=[\"'](\d{1,20})[\"'][^<>]{0,500}>", re.IGNORECASE)
_QUOTED_TO = re.compile(r"</blockquote>", re.IGNORECASE)
_MENTION = re.compile(r"<at\b[^<>]{0,100}>([^<]*)</at>", re.IGNORECASE)
_BREAK = re.compile(r"<(?:br|/p|/div)\b[^<>]{0,100}>", re.IGNORECASE)
_TAG = re.compile(r"</?[a-z][^<>]{0,300}>", re.IGNORECASE)
_COMMAND = re.compile(r"^/?ap(?=\s|$)\s*", re.IGNORECASE)


class Malformed(Exception):
    """Not an activity that anything can be done with."""


@dataclass(frozen=True)
class Activity:
    """An activity, as much of it as a channel needs."""

    type: str
    name: str
    id: str
    sender: str
    """The address of who did it: their object id in the directory, or what Teams calls them."""
    place: str
    """The address of where it was done: the same as `sender` in a chat with apbot alone."""
    conversation: str
    """Where an answer goes: of a channel, the thread."""
    reply_to: str
    reference: Reference
    raw: Mapping[str, Any]

    @property
    def is_shared(self) -> bool:
        """Whether others read it too."""
        return self.place != self.sender


def read_activity(raw: Mapping[str, Any]) -> Activity:
    """The activity. Raises `Malformed`."""
    who, where, bot = _part(raw, "from"), _part(raw, "conversation"), _part(raw, "recipient")
    conversation = _name(where, "id", 400)
    user = _name(who, "id", 400)
    sender = _name(who, "aadObjectId") or user[:ID]
    if not conversation:
        raise Malformed("no conversation")
    root = conversation.partition(";")[0]
    kind = where.get("conversationType")
    is_shared = kind in ("groupChat", "channel") or where.get("isGroup") is True
    if kind is None and root.startswith("19:"):
        is_shared = True
    if is_shared and len(root) > ID:
        raise Malformed("the conversation's name is too long")
    data = _part(raw, "channelData")
    tenant = _name(where, "tenantId") or _name(_part(data, "tenant"), "id")
    return Activity(
        type=_name(raw, "type"),
        name=_name(raw, "name"),
        id=_name(raw, "id", 400),
        sender=sender,
        place=root if is_shared else sender,
        conversation=conversation,
        reply_to=_name(raw, "replyToId"),
        reference=Reference(
            service_url=_name(raw, "serviceUrl", 400).rstrip("/"),
            conversation="" if is_shared else conversation,
            shared=root if is_shared else "",
            bot=_name(bot, "id"),
            user=user,
            tenant=tenant,
        ),
        raw=raw,
    )


def words_heard(activity: Activity) -> Heard:
    """What somebody typed; the name of the message they quoted, where they did."""
    text, quoted, named = _words(activity)
    return Heard(
        event_id=event_id(activity),
        sender=activity.sender,
        place=activity.place,
        text=text,
        has_file=_has_file(activity),
        platform_ref=quoted or activity.reply_to or _thread(activity),
        detail=activity.reference.to_json(),
        named=named,
    )


def press_heard(activity: Activity, data: Mapping[str, Any]) -> Heard:
    """What somebody pressed. Raises `Malformed` for what is not a button of apbot's."""
    verb, subject, value = data.get("action"), data.get("subject", 0), data.get("value", "")
    if not isinstance(verb, str) or not 0 < len(verb) <= 60 or verb == "say" or not isinstance(value, str):
        raise Malformed("not a button of apbot's")
    if isinstance(subject, str) and subject.isascii() and subject.isdigit():
        subject = int(subject)
    if not isinstance(subject, int) or isinstance(subject, bool) or not 0 <= subject < 2**31:
        raise Malformed("not a button of apbot's")
    return Heard(
        event_id=event_id(activity),
        sender=activity.sender,
        place=activity.place,
        verb=verb,
        subject=subject,
        value=value[:200],
        inputs={name: each[:TEXT] for name, each in inputs_of(data).items()},
        platform_ref=activity.reply_to,
        detail=activity.reference.to_json(),
    )


def data_of_invoke(activity: Activity) -> Mapping[str, Any]:
    """What the pressed button of an `adaptiveCard/action` carries. Raises `Malformed`."""
    action = _part(_part(activity.raw, "value"), "action")
    data = action.get("data")
    if not isinstance(data, Mapping):
        raise Malformed("no data")
    verb = action.get("verb")
    return data if "action" in data or not isinstance(verb, str) else {**data, "action": verb}


def data_of_message(activity: Activity) -> Mapping[str, Any] | None:
    """What the pressed button of a client that knows no `Action.Execute` carries, or None: words were typed."""
    value = activity.raw.get("value")
    return value if isinstance(value, Mapping) and isinstance(value.get("action"), str) else None


def event_id(activity: Activity) -> str:
    """Teams's own name for what happened, the same when it tells of it again.

    It is the only one in its conversation. What has no name is never taken for something heard before: a repeat is
    cheap, and silence is not.
    """
    named = activity.id or secrets.token_hex(16)
    edited = _part(activity.raw, "channelData").get("eventType", "")
    parts = (activity.type, activity.conversation, named, activity.sender, str(edited))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def is_about_apbot(activity: Activity, field: str) -> bool:
    """Whether apbot itself is among those who came or went."""
    members = activity.raw.get(field)
    own = activity.reference.bot
    if not isinstance(members, list) or not own:
        return False
    return any(isinstance(each, Mapping) and each.get("id") == own for each in members)


def _listed(raw: Mapping[str, Any], name: str) -> Sequence[Any]:
    found = raw.get(name)
    return found if isinstance(found, list) else ()


def _words(activity: Activity) -> tuple[str, str, bool]:
    """The words without apbot's name and without what they quote; the message they quote; whether apbot is named."""
    raw = activity.raw
    text = raw.get("text")
    text = text[: 4 * TEXT] if isinstance(text, str) else ""
    quoted, named = "", False
    for each in _listed(raw, "attachments"):
        content = each.get("content") if isinstance(each, Mapping) else None
        if isinstance(content, str) and each.get("contentType") == "text/html":
            content = content[: 8 * TEXT]
            found = _QUOTED.search(content)
            ends = _QUOTED_TO.search(content, found.end()) if found else None
            if found and ends:
                quoted, text = found[1], _BREAK.sub("\n", content[ends.end() :])
            break  # what was typed is attached once
    for each in _listed(raw, "entities"):
        if isinstance(each, Mapping) and each.get("type") == "mention":
            said, who = each.get("text"), each.get("mentioned")
            if isinstance(said, str) and said and isinstance(who, Mapping) and who.get("id") == activity.reference.bot:
                text, named = text.replace(said, " "), True
    text = _MENTION.sub(lambda found: found[1], text)
    if quoted:
        text = _TAG.sub("", text)
    text = html.unescape(text).replace("\xa0", " ").strip()
    return _COMMAND.sub("/ap ", text)[:TEXT].strip(), quoted, named


def _has_file(activity: Activity) -> bool:
    """Whether a recording, a photo or a file came with it. Teams attaches the words themselves too, and cards."""
    attached = _listed(activity.raw, "attachments")
    kinds = [_name(each, "contentType") for each in attached if isinstance(each, Mapping)]
    return any(kind and kind != "text/html" and ".card." not in kind for kind in kinds)


def _thread(activity: Activity) -> str:
    """In a channel, the message that the thread began with."""
    _, _, thread = activity.conversation.partition(";messageid=")
    return thread[:ID]


def _part(raw: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = raw.get(name)
    return found if isinstance(found, Mapping) else {}


def _name(raw: Mapping[str, Any], name: str, longest: int = ID) -> str:
    found = raw.get(name)
    return found if isinstance(found, str) and len(found) <= longest else ""
