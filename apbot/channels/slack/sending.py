"""Outward: posts messages, brings them up to date, and says what became of each."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from aiolimiter import AsyncLimiter
from slack_sdk.errors import SlackClientError

from apbot.cards import Picture
from apbot.channels.parts import Parts, clip
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import send_side_by_side
from apbot.channels.slack.api import GONE, TOO_MUCH, Api, SlackTrouble
from apbot.channels.slack.blocks import Part, in_parts, whole_text
from apbot.clock import Clock

log = structlog.get_logger()

PACES_KEPT = 1000
"""So many conversations' paces are kept; those that have been quiet are forgotten."""

ALT_MOST = 1000
"""Characters that Slack keeps of what a picture shows."""

EDITING = "editing"
"""Slack counts edits for the workspace, not for each conversation."""


class Sender:
    """Sends to one workspace."""

    def __init__(self, api: Api, clock: Clock, a_second: float) -> None:
        """`a_second`: so many messages to one conversation in a second at most, as Slack asks; 0 for no limit."""
        self._api = api
        self._clock = clock
        self._a_second = a_second
        self._paces: dict[str, AsyncLimiter] = {}
        self._pauses: dict[str, tuple[datetime, datetime]] = {}

    async def deliver(self, batch: Sequence[Outgoing]) -> list[Receipt]:
        """Each in its turn in its own conversation; the conversations side by side."""
        return await send_side_by_side(batch, self._deliver)

    async def _deliver(self, outgoing: Outgoing, parts: Parts) -> Receipt:
        async def post(part: Part) -> str:
            return await self.post(outgoing.address, part)

        try:
            await parts.show(in_parts(outgoing.marked), post, self._edit, self._delete)
        except SlackTrouble as trouble:
            return Receipt(trouble.outcome, parts.refs, trouble.retry_after, why=f"slack: {trouble.code}")
        if outgoing.png and outgoing.card.picture is not None:
            await self._post_picture(parts, outgoing.png, outgoing.card.picture)
        return Receipt(Outcome.ACCEPTED, parts.refs)

    async def _post_picture(self, parts: Parts, png: bytes, picture: Picture) -> None:
        """Post it where the words have been posted, with its own words for a screen reader.

        The words say the same: where Slack does not take it, they must not be posted again for its sake.
        """
        channel, _, _ = parts.refs.split()[0].partition(":")
        try:
            await self._api.ask(
                self._api.client.files_upload_v2,
                file=png,
                filename="apbot.png",
                title=picture.title,
                alt_txt=clip(picture.alt, ALT_MOST),
                channel=channel,
            )
        except (SlackTrouble, SlackClientError) as problem:
            why = problem.code if isinstance(problem, SlackTrouble) else type(problem).__name__
            log.warning("slack did not take a picture: run apbot check", problem=why)

    async def post(self, address: str, part: Part, thread: str = "") -> str:
        """Post a message, in a thread where one is given; its name as "C123:1712.0001". Raises `SlackTrouble`."""
        channel = channel_of(address)
        self._mind_pause(channel)
        await self._mind_pace(channel)
        more = {"thread_ts": thread} if thread else {}
        try:
            said = await self._shown(
                "chat.postMessage", part, channel=channel, unfurl_links=False, unfurl_media=False, **more
            )
        except SlackTrouble as trouble:
            self._keep_pause(channel, trouble)
            if trouble.code == "account_inactive":  # of the token, or of whom it is addressed to: Slack has one word
                fault = Outcome.REFUSED if await self._api.token_works() else Outcome.AGAIN
                raise SlackTrouble(fault, trouble.code) from None
            raise
        return f"{said.get('channel') or channel}:{said.get('ts', '')}"

    async def _edit(self, ref: str, part: Part) -> str | None:
        channel, _, ts = ref.partition(":")
        self._mind_pause(EDITING)
        try:
            await self._shown("chat.update", part, channel=channel, ts=ts)
        except SlackTrouble as trouble:
            if trouble.code in GONE:
                return None
            self._keep_pause(EDITING, trouble)
            raise
        return ref

    async def _shown(self, method: str, part: Part, **where: Any) -> Mapping[str, Any]:
        """Post or edit; as plain words where Slack does not take the blocks: better without buttons than not at all."""
        try:
            return await self._api.say(method, text=part.text, blocks=part.blocks, **where)
        except SlackTrouble as trouble:
            if trouble.code not in TOO_MUCH:
                raise
            log.error("slack did not take a message's blocks: sent as plain words", problem=trouble.code)
            return await self._api.say(method, text=whole_text(part.card), blocks=[], **where)

    async def _delete(self, ref: str) -> None:
        channel, _, ts = ref.partition(":")
        try:
            await self._api.ask(self._api.client.chat_delete, channel=channel, ts=ts)
        except SlackTrouble as trouble:
            if trouble.outcome in (Outcome.AGAIN, Outcome.UNKNOWN) and trouble.code not in GONE:
                raise

    async def _mind_pace(self, channel: str) -> None:
        if not self._a_second:
            return
        if len(self._paces) > PACES_KEPT:
            self._paces = {name: pace for name, pace in self._paces.items() if not pace.has_capacity()}
        pace = self._paces.setdefault(channel, AsyncLimiter(1, 1 / self._a_second))
        await pace.acquire()

    def _mind_pause(self, name: str) -> None:
        """Raises `SlackTrouble` while Slack has asked to wait: asking again would only make it longer."""
        if name not in self._pauses:
            return
        since, until = self._pauses[name]
        now = self._clock.now()
        if not since <= now < until:  # before it: the clock was ahead, and has been put right
            del self._pauses[name]
            return
        raise SlackTrouble(Outcome.AGAIN, "ratelimited", max(until - now, timedelta(seconds=1)))

    def _keep_pause(self, name: str, trouble: SlackTrouble) -> None:
        if trouble.retry_after is not None:
            now = self._clock.now()
            self._pauses[name] = (now, now + trouble.retry_after)


def channel_of(address: str) -> str:
    """Where to post for this address: a conversation's, or a person's; a foreign one's is "T123:U456"."""
    return address.rpartition(":")[2]
