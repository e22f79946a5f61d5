"""Inward: what Slack tells, by way of Bolt, to the part that knows what to do with it."""

import asyncio
import re
import traceback
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import structlog
from slack_bolt.async_app import AsyncAck, AsyncApp
from slack_bolt.authorization import AuthorizeResult
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from apbot.channels.slack.api import SILENT, Api
from apbot.channels.slack.hearing import PATIENCE, Hearing
from apbot.channels.slack.home import Home
from apbot.channels.slack.payloads import mapping, sender_at_home, text
from apbot.channels.slack.presses import Presses
from apbot.channels.slack.words import Words
from apbot.store import linking

log = structlog.get_logger()

EVERYTHING = re.compile(".*", re.DOTALL)


class Inbound:
    """Hears what Slack tells, in either mode."""

    def __init__(self, api: Api, hearing: Hearing, home: Home) -> None:
        """Nothing is connected yet."""
        self._api = api
        self._hearing = hearing
        self._home = home
        presses = Presses(api, hearing, home)
        words = Words(api, hearing)
        self._bolt = AsyncApp(
            name="apbot",
            logger=SILENT,
            client=api.client,
            authorize=_authorized_by(api),
            signing_secret="",
            request_verification_enabled=False,  # `http` does it, before anything is read
            process_before_response=True,
        )
        self._bolt.command(EVERYTHING)(words.command)
        self._bolt.action(EVERYTHING)(presses.press)
        self._bolt.view(EVERYTHING)(presses.submission)
        self._bolt.event("message")(words.message)
        self._bolt.event("app_mention")(words.message)
        self._bolt.event("app_home_opened")(self._home_opened)
        self._bolt.event("channel_id_changed")(self._channel_moved)
        self._bolt.event(EVERYTHING)(_nothing)
        self._bolt.error(_failed)

    async def take(self, request: AsyncBoltRequest) -> BoltResponse:
        """Do what a request asks. Raises `SlackTrouble` or `TimeoutError` while it is not known who apbot is."""
        try:
            orjson.dumps(request.body)
        except TypeError:  # halves of letters, and numbers without end, which no database takes
            return BoltResponse(status=400, body="can't be read")
        if request.body.get("type") != "url_verification":
            await asyncio.wait_for(self._api.identity(), PATIENCE)
        try:
            answer = await self._bolt.async_dispatch(request)
        except Exception as problem:  # noqa: BLE001  (Bolt trusts what is signed to have its form)
            return await _failed(problem)
        if answer.status != 404 or not isinstance(request.body.get("type"), str):
            return answer
        # What apbot has no use for, as a form that was closed: unacknowledged, Slack would tell of it again.
        return BoltResponse(status=200)

    async def _home_opened(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        await ack()
        sender = sender_at_home(body, await self._api.identity())
        if sender:
            event = mapping(body.get("event"))
            event_id = text(body, "event_id") or text(event, "event_ts")
            self._hearing.answers.start(self._home.show(text(event, "user"), sender, event_id))

    async def _channel_moved(self, ack: AsyncAck, body: dict[str, Any]) -> None:
        """A channel that is shared with another workspace gets a new address for good."""
        event = mapping(body.get("event"))
        old, new = text(event, "old_channel_id"), text(event, "new_channel_id")
        if old and new and old != new:
            await self._hearing.desk.database.write(linking.move_address, self._hearing.name, old, new)
            log.info("slack: a conversation has a new address")
        await ack()


def _authorized_by(api: Api) -> Callable[[], Awaitable[AuthorizeResult]]:
    """Who apbot is, for Bolt: with it Bolt leaves out what apbot itself has said."""

    async def authorize() -> AuthorizeResult:
        me = await api.identity()
        return AuthorizeResult(
            enterprise_id=me.enterprise_id or None,
            team_id=me.team_id or None,
            bot_user_id=me.user_id or None,
            bot_id=me.bot_id or None,
            bot_token=api.client.token,
        )

    return authorize


async def _failed(error: Exception) -> BoltResponse:
    """Where it happened, and never its text, which may hold what somebody typed."""
    at = [f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)[-4:]]
    log.error("slack: a request could not be made sense of", problem=type(error).__name__, at=at)
    return BoltResponse(status=400, body="can't be read")


async def _nothing(ack: AsyncAck) -> None:
    await ack()
