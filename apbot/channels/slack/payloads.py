"""Reading what Slack sends: who did it, where, and with which words. Nothing in it is trusted to have its form."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apbot.channels.slack.api import Identity

MENTION = re.compile(r"<@([A-Z0-9]+)(?:\|([^<>]*))?>")
LINK = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")


@dataclass(frozen=True)
class Origin:
    """Who did something, and where.

    `sender` and `place` are addresses as apbot keeps them, the same where nobody else reads; `user` and `channel`
    are Slack's own names, `thread` the message under which it was done.
    """

    sender: str
    place: str
    user: str
    channel: str
    thread: str = ""
    response_url: str = ""

    @property
    def is_shared(self) -> bool:
        """Whether others read what is said there."""
        return self.place != self.sender


def sender_of(identity: Identity, user: str, team: str) -> str:
    """A person's address: the user, with the workspace before it where it is not the one apbot is installed in.

    In a channel that several workspaces share, two people may well have the same user's name in Slack's books.
    """
    own = {"", identity.team_id, identity.enterprise_id}
    return user if team in own else f"{team}:{user}"


def of_event(body: Mapping[str, Any], identity: Identity, message: Mapping[str, Any] | None = None) -> Origin | None:
    """Where a message event comes from; `message` is the inner one of an edit. None where no person wrote it."""
    event = mapping(body.get("event"))
    inner = message if message is not None else event
    user, channel = text(inner, "user"), text(event, "channel")
    if not user or not channel or text(inner, "bot_id"):
        return None
    team = next((each for name in ("user_team", "source_team", "team") if (each := text(inner, name))), "")
    sender = sender_of(identity, user, team or _told_by(body, identity))
    is_own = text(event, "channel_type") == "im" or channel.startswith("D")
    return Origin(sender, sender if is_own else channel, user, channel, text(inner, "thread_ts"))


def sender_at_home(body: Mapping[str, Any], identity: Identity) -> str:
    """Who looks at apbot's own page, as an address; "" where Slack does not say, or it is none of its pages to show."""
    event = mapping(body.get("event"))
    user = text(event, "user")
    if not user or text(event, "tab") not in ("home", ""):
        return ""
    return sender_of(identity, user, text(event, "user_team") or _told_by(body, identity))


def _told_by(body: Mapping[str, Any], identity: Identity) -> str:
    """The workspace that tells of something; "" for those of the organisation that apbot is installed in."""
    is_in_own_org = bool(identity.enterprise_id) and text(body, "enterprise_id") == identity.enterprise_id
    return "" if is_in_own_org else text(body, "team_id")


def of_press(body: Mapping[str, Any], identity: Identity) -> Origin | None:
    """Where a button was pressed, or a form sent. None where Slack does not say who did it."""
    who = mapping(body.get("user"))
    user = text(who, "id")
    if not user:
        return None
    sender = sender_of(identity, user, text(who, "team_id") or text(mapping(body.get("team")), "id"))
    container = mapping(body.get("container"))
    channel = text(mapping(body.get("channel")), "id") or text(container, "channel_id")
    is_own = not channel or channel.startswith("D") or text(mapping(body.get("channel")), "name") == "directmessage"
    return Origin(
        sender,
        sender if is_own else channel,
        user,
        channel,
        text(container, "thread_ts") or text(mapping(body.get("message")), "thread_ts"),
        text(body, "response_url"),
    )


def of_command(body: Mapping[str, Any], identity: Identity) -> Origin | None:
    """Where a command was typed."""
    user, channel = text(body, "user_id"), text(body, "channel_id")
    if not user:
        return None
    sender = sender_of(identity, user, _told_by(body, identity))
    is_own = not channel or channel.startswith("D") or text(body, "channel_name") == "directmessage"
    return Origin(sender, sender if is_own else channel, user, channel, response_url=text(body, "response_url"))


def ref_of_press(body: Mapping[str, Any]) -> str:
    """The name of the message on which a button was pressed, or ""."""
    container = mapping(body.get("container"))
    channel = text(mapping(body.get("channel")), "id") or text(container, "channel_id")
    ts = text(container, "message_ts") or text(mapping(body.get("message")), "ts")
    return f"{channel}:{ts}" if channel and ts else ""


def words_in(raw: str, bot_user: str) -> str:
    """What somebody typed, without Slack's marks; apbot's own name in it is left out."""

    def named(found: re.Match[str]) -> str:
        return "" if found[1] == bot_user else f"@{found[2] or found[1]}"

    def shown(found: re.Match[str]) -> str:
        return (found[2] or found[1]).removeprefix("mailto:")

    plain = LINK.sub(shown, MENTION.sub(named, raw))
    return plain.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&").replace("\x00", "").strip()


def mentions(raw: str, bot_user: str) -> bool:
    """Whether apbot is named in it."""
    return any(found[1] == bot_user for found in MENTION.finditer(raw))


def mapping(value: object) -> Mapping[str, Any]:
    """The value where it is a mapping, else an empty one."""
    return value if isinstance(value, dict) else {}


def text(values: Mapping[str, Any], name: str) -> str:
    """The text under this name, or ""."""
    value = values.get(name)
    return value if isinstance(value, str) else ""
