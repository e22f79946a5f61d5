"""Socket Mode: a connection that apbot opens to Slack, over which Slack tells what people do.

The library's own client keeps trying one address after it has gone stale, and writes addresses with their tickets
to the log; this one asks for a new address each time, and opens the next connection before the last one is closed.
"""

import asyncio
import random
from collections.abc import Mapping
from typing import Any

import aiohttp
import orjson
import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from apbot.channels.condition import Condition
from apbot.channels.slack.answers import Answers
from apbot.channels.slack.api import Api, SlackTrouble
from apbot.channels.slack.inbound import Inbound

log = structlog.get_logger()

HEARTBEAT = 10.0
"""Seconds between pings. A connection that has not answered half of that later is dead, whatever it looks like."""

FIRST_WAIT = 1.0
LAST_WAIT = 60.0
"""Seconds between two tries to connect: at first, and at most."""

LASTED = 30.0
"""A connection that ended sooner than this has failed, even if it was open."""

GRACE = 15.0
"""Seconds that a connection which Slack is about to close is still heard, beside the next one."""

MESSAGE_MOST = 4 * 1024 * 1024


class Socket:
    """Keeps one connection to Slack open, and hears what comes over it."""

    def __init__(
        self,
        app_token: str,
        api: Api,
        inbound: Inbound,
        answers: Answers,
        condition: Condition,
        *,
        heartbeat: float = HEARTBEAT,
        first_wait: float = FIRST_WAIT,
    ) -> None:
        """`condition` is told whether there is a connection. `heartbeat` and `first_wait` are in seconds."""
        self._app_token = app_token
        self._api = api
        self._inbound = inbound
        self._answers = answers
        self._condition = condition
        self._open = 0
        self._heartbeat = heartbeat
        self._first_wait = first_wait

    async def listen(self) -> None:
        """Hear until cancelled. A connection that ends, fails or goes silent is followed by another."""
        loop = asyncio.get_running_loop()
        leaving: set[asyncio.Task[None]] = set()
        failures = 0
        self._condition.hears(well=False)
        try:
            while True:
                began, next_wanted = loop.time(), asyncio.Event()
                connection = asyncio.create_task(self._connection(next_wanted))
                leaving.add(connection)
                connection.add_done_callback(leaving.discard)
                wanted = asyncio.create_task(next_wanted.wait())
                try:
                    await asyncio.wait({connection, wanted}, return_when=asyncio.FIRST_COMPLETED)
                finally:
                    wanted.cancel()
                if not connection.done():
                    loop.call_later(GRACE, connection.cancel)
                failures = 0 if loop.time() - began >= LASTED else failures + 1
                if failures:
                    await asyncio.sleep(self._pause(failures))
        finally:
            ending = list(leaving)
            for each in ending:
                each.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    def _pause(self, failures: int) -> float:
        wait = min(self._first_wait * 2.0 ** min(failures - 1, 10), LAST_WAIT)
        return wait * random.uniform(0.75, 1.25)  # noqa: S311  (spreads retries; keeps no secret)

    async def _connection(self, next_wanted: asyncio.Event) -> None:
        """One connection, from its opening to its end; sets `next_wanted` when Slack announces that it will close."""
        is_open = False
        try:
            said = await self._api.ask(self._api.client.apps_connections_open, app_token=self._app_token)
            url = str(said.get("url", ""))
            async with self._api.session.ws_connect(
                url, heartbeat=self._heartbeat, max_msg_size=MESSAGE_MOST, timeout=aiohttp.ClientWSTimeout(ws_close=1)
            ) as connection:
                async for message in connection:
                    if message.type is not aiohttp.WSMsgType.TEXT:
                        continue
                    envelope = _envelope(message.data)
                    match envelope.get("type"):
                        case "hello":
                            self._open += not is_open
                            is_open = True
                            self._condition.hears(well=True)
                            log.info("slack: connected")
                        case "disconnect":
                            next_wanted.set()
                        case _:
                            self._answers.start(self._take(connection, envelope))
        except SlackTrouble as trouble:
            log.error("slack: can't connect", problem=trouble.code)
            if trouble.retry_after is not None:
                await asyncio.sleep(trouble.retry_after.total_seconds())
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError) as problem:
            log.warning("slack: the connection failed", problem=type(problem).__name__)
        finally:
            self._open -= is_open
            if not self._open:
                self._condition.hears(well=False)

    async def _take(self, connection: aiohttp.ClientWebSocketResponse, envelope: Mapping[str, Any]) -> None:
        """Do what one envelope asks, and acknowledge it; what is not acknowledged Slack tells again."""
        try:
            request = SocketModeRequest.from_dict(dict(envelope))
            if request is None or not isinstance(request.payload, dict):
                return
            asked = AsyncBoltRequest(mode="socket_mode", body=request.payload)
            answer = await self._inbound.take(asked)
        except (SlackTrouble, TimeoutError) as trouble:
            log.error("slack: not known yet who apbot is there; Slack will tell again", problem=type(trouble).__name__)
            return
        except (ValueError, TypeError, AttributeError, KeyError, IndexError) as problem:
            log.error("slack: an envelope can't be read", problem=type(problem).__name__)
            return
        if answer.status != 200:
            return
        payload = orjson.loads(answer.body) if answer.body.startswith("{") else None
        response = SocketModeResponse(envelope_id=request.envelope_id, payload=payload)
        try:
            await connection.send_str(orjson.dumps(response.to_dict()).decode())
        except (ConnectionError, RuntimeError, aiohttp.ClientError):
            log.warning("slack: what was done could not be acknowledged; Slack will tell again")


def _envelope(data: str) -> Mapping[str, Any]:
    try:
        envelope = orjson.loads(data)
    except ValueError:
        log.warning("slack: an envelope can't be read", problem="not JSON")
        return {}
    return envelope if isinstance(envelope, dict) else {}
