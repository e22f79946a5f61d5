"""What people type: commands, and messages in their own words."""

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_bolt.async_app import AsyncAck

from apbot.cards import Card, Reply, Tone
from apbot.channels.desk import Heard
from apbot.channels.slack import payloads
from apbot.channels.slack.api import Api, Identity, SlackTrouble
from apbot.channels.slack.blocks import Part, in_parts, part_of
from apbot.channels.slack.hearing import Hearing, event_name
from apbot.channels.slack.payloads import Origin, mapping, text

WORDS_MOST = 4000
"""Characters of what somebody types; what is longer is no answer to a register."""

PERSONS_WORDS = frozenset({"", "file_share", "thread_broadcast", "me_message"})
"""The kinds of message that hold what a person typed."""


class Words:
    """Hears what people type."""

    def __init__(self, api: Api, hearing: Hearing) -> None:
        """`api` is asked whether apbot is in a conversation that has just been linked."""
        self._api = api
        self._hearing = hearing
        self._answers = hearing.answers

    async def command(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody typed /ap: only they see the answer."""
        origin = payloads.of_command(body, await self._api.identity())
        if origin is None:
            await ack()
            return
        words = payloads.words_in(f"/ap {text(body, 'text')}", "")
        if len(words) > WORDS_MOST:
            await ack(**_ephemeral(part_of(TOO_LONG)))
            return
        event_id = event_name("command", text(body, "trigger_id") or text(body, "response_url"))
        heard = Heard(event_id, origin.sender, origin.place, text=words)
        hearing = self._hearing.start(heard)
        reply = await self._hearing.in_time(hearing)
        if reply is None:
            await ack()
            self._hearing.answer_later(hearing, heard, origin)
        elif reply.card is None:
            await ack()
        else:
            first, *others = in_parts(reply.card)
            await ack(**_ephemeral(first))
            self._answers.start(self._answers.parts_privately(origin, others))
        if origin.is_shared and words.split()[1:2] == ["link"]:
            self._answers.start(self._say_if_shut_out(hearing, origin))

    async def _say_if_shut_out(self, hearing: asyncio.Task[Reply], origin: Origin) -> None:
        """A conversation can be linked by a command before apbot is in it: then no register could be posted there."""
        reply = await hearing
        if reply.card is None or reply.card.tone is not Tone.DONE or reply.is_repeat:
            return
        try:
            found = await self._api.ask(self._api.client.conversations_info, channel=origin.channel)
            is_in = mapping(found.get("channel")).get("is_member") is not False
        except SlackTrouble as trouble:
            is_in = trouble.code not in ("channel_not_found", "not_in_channel")
        if not is_in:
            await self._answers.privately(origin, INVITE)

    async def message(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """Somebody wrote a message, or changed one."""
        event = mapping(body.get("event"))
        me = await self._api.identity()
        if text(event, "subtype") == "message_changed":
            await ack()
            self._answers.start(self._changed(body, me))
            return
        origin = payloads.of_event(body, me)
        raw, ts = text(event, "text"), text(event, "ts")
        if origin is None or text(event, "subtype") not in PERSONS_WORDS or not ts:
            await ack()
            return
        has_file = bool(event.get("files"))
        if not (raw or has_file):
            await ack()
            return
        is_reply = origin.thread and origin.thread != ts
        heard = Heard(
            event_name("message", origin.channel, ts),  # one that names apbot comes twice, as two kinds of event
            origin.sender,
            origin.place,
            text=payloads.words_in(raw, me.user_id),
            platform_ref=f"{origin.channel}:{origin.thread}" if is_reply else "",
            has_file=has_file,
            named=text(event, "type") == "app_mention" or payloads.mentions(raw, me.user_id),
        )
        hearing = self._answers.start(self._hear(heard, origin))
        await self._hearing.in_time(hearing)
        await ack()
        self._hearing.answer_later(hearing, heard, origin, openly=True)

    async def _hear(self, heard: Heard, origin: Origin) -> Reply:
        if not heard.named and not await self._hearing.is_ours(origin):
            return Reply()
        if len(heard.text) > WORDS_MOST:
            return Reply(TOO_LONG)
        return await self._hearing.hear(heard)

    async def _changed(self, body: Mapping[str, Any], me: Identity) -> None:
        """Words that are changed afterwards are not read again: whoever changed them must know."""
        event = mapping(body.get("event"))
        now, before = mapping(event.get("message")), mapping(event.get("previous_message"))
        origin = payloads.of_event(body, me, now)
        if origin is None or text(now, "text") == text(before, "text") or not now.get("edited"):
            return
        edit = event_name("edit", origin.channel, text(now, "ts"), text(mapping(now.get("edited")), "ts"))
        is_known = not origin.is_shared or await self._hearing.desk.knows(self._hearing.name, origin.sender)
        if is_known and await self._hearing.is_ours(origin) and self._answers.is_new(edit):
            await self._answers.privately(origin, NOT_READ_AGAIN)


def _ephemeral(part: Part) -> dict[str, Any]:
    return {"response_type": "ephemeral", "text": part.text, "blocks": part.blocks}


TOO_LONG = Card("That is too long to read, and nothing was recorded", Tone.ASK, ("Say it in fewer words.",))
NOT_READ_AGAIN = Card(
    "A message that is changed afterwards is not read again",
    Tone.ASK,
    ("What was recorded stands. Type it anew, or use the buttons.",),
)
INVITE = Card("apbot is not in this channel yet", Tone.ASK, ("Type /invite @apbot here, or it can post nothing.",))
