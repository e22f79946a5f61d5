"""Slack's Web API: one connection pool, no repeats behind our back, and what a failure means."""

import asyncio
import logging
import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import aiohttp
import orjson
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from apbot.channels.port import Outcome
from apbot.channels.retrying import pause_asked

log = structlog.get_logger()

SILENT = logging.getLogger("slack_bolt.apbot")
"""For the libraries: what they log may hold typed words or tokens. apbot says itself what goes wrong."""
SILENT.setLevel(logging.CRITICAL + 1)
SILENT.propagate = False

TIMEOUT = 10.0
"""Seconds for one request to Slack."""

RETRY_AFTER = timedelta(seconds=30)
"""Where Slack asks for a pause and does not say how long."""

SHORTEST_PAUSE = timedelta(seconds=1)

TOKEN_TROUBLE = frozenset(
    {
        "access_denied",
        "enterprise_is_restricted",
        "invalid_auth",
        "invalid_token",
        "missing_scope",
        "no_permission",
        "not_allowed_token_type",
        "not_authed",
        "org_login_required",
        "team_access_not_granted",
        "team_added_to_org",
        "token_expired",
        "token_revoked",
        "two_factor_setup_required",
    }
)
"""The app's own trouble: no address is to blame, and every one would fail the same."""

REFUSALS = frozenset(
    {
        "cannot_dm_bot",
        "channel_not_found",
        "ekm_access_denied",
        "external_channel_migrating",
        "invalid_channel",
        "is_archived",
        "is_inactive",
        "messages_tab_disabled",
        "not_in_channel",
        "restricted_action",
        "restricted_action_non_threadable_channel",
        "restricted_action_read_only_channel",
        "restricted_action_thread_only_channel",
        "user_disabled",
        "user_not_found",
        "user_not_in_channel",
        "user_not_visible",
        "users_not_found",
    }
)
"""The address is no good: nobody is there, or apbot may not write there."""

MAYBE_DONE = frozenset({"fatal_error", "internal_error"})
"""Of these Slack says that part of it may have been done."""

TOO_MUCH = frozenset({"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"})
"""The message as it was put together is not taken."""

GONE = frozenset({"message_not_found", "cant_update_message", "edit_window_closed", "channel_not_found"})
"""What is to be edited is not there any more, or not to be edited: it is posted anew."""

EXPIRED = frozenset({"expired_trigger_id", "trigger_expired", "exchanged_trigger_id", "trigger_exchanged"})
"""It took too long since the press, or something was opened by it already."""

PLAIN_CODE = re.compile(r"[a-z0-9_]{1,60}")


@dataclass(eq=False)  # not frozen: on its way out Python writes the trace into it
class SlackTrouble(Exception):
    """A request to Slack came to nothing, or may have. `code` is Slack's word for it; it holds nobody's data."""

    outcome: Outcome
    code: str
    retry_after: timedelta | None = None


@dataclass(frozen=True)
class Identity:
    """Who apbot is in the workspace where it is installed."""

    team_id: str
    enterprise_id: str
    user_id: str
    bot_id: str


class Api:
    """Asks Slack. Made anywhere; the connections are opened by the first request, inside the event loop."""

    def __init__(self, token: str, base_url: str, timeout: float = TIMEOUT) -> None:
        """`token` is the bot's; `timeout` is in seconds, for each request."""
        self.client = AsyncWebClient(token=token, base_url=base_url, retry_handlers=[], logger=SILENT)
        self._json = {
            **self.client.headers,
            "Authorization": f"Bearer {token}",
            "Content-Type": "application/json; charset=utf-8",
        }
        self._timeout = timeout
        self._identity: Identity | None = None
        self._asking_identity = asyncio.Lock()

    @property
    def session(self) -> aiohttp.ClientSession:
        """The connections to Slack, kept open between requests."""
        if self.client.session is None or self.client.session.closed:
            self.client.session = aiohttp.ClientSession(
                timeout=aiohttp.ClientTimeout(total=self._timeout),
                cookie_jar=aiohttp.DummyCookieJar(),
                proxy=self.client.proxy,
            )
        return self.client.session

    async def ask(self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any) -> Mapping[str, Any]:
        """Call one of the client's methods. Raises `SlackTrouble` for whatever goes wrong."""
        return (await self.ask_fully(method, **arguments))[0]

    async def ask_fully(
        self, method: Callable[..., Awaitable[AsyncSlackResponse]], **arguments: Any
    ) -> tuple[Mapping[str, Any], Mapping[str, str]]:
        """As `ask`, and the answer's headers too, with their names in small letters."""
        self.session  # noqa: B018  (opened before the client looks for it)
        with _as_trouble():
            try:
                response = await method(**arguments)
            except SlackApiError as problem:
                said: Any = problem.response
                status: int = getattr(said, "status_code", 0) or getattr(said, "status", 0)
                raise self._trouble(status, getattr(said, "data", None), getattr(said, "headers", {})) from None
        data = response.data if isinstance(response.data, dict) else {}
        return data, {str(name).lower(): value for name, value in response.headers.items()}

    async def say(self, method: str, **message: Any) -> Mapping[str, Any]:
        """Call "chat.postMessage" or another method that takes JSON. Raises `SlackTrouble` for whatever goes wrong.

        Without the library's client, which takes as long again as the connection itself: of this there is much.
        """
        with _as_trouble():
            async with self.session.post(
                f"{self.client.base_url}{method}", data=orjson.dumps(message), headers=self._json
            ) as response:
                body = await response.read()
            data = orjson.loads(body) if response.status == 200 or "json" in response.content_type else {}
            if response.status == 200 and data.get("ok"):
                return dict(data)
        raise self._trouble(response.status, data, response.headers)

    def _trouble(self, status: int, data: Any, headers: Mapping[str, str]) -> SlackTrouble:
        code = str(data.get("error", "")) if isinstance(data, dict) else ""
        code = code if PLAIN_CODE.fullmatch(code) else ""
        if status == 429 or code in ("ratelimited", "rate_limited", "message_limit_exceeded"):
            return SlackTrouble(Outcome.AGAIN, "ratelimited", _pause(headers))
        if code in MAYBE_DONE or (status >= 500 and code not in REFUSALS | TOKEN_TROUBLE):
            return SlackTrouble(Outcome.UNKNOWN, code or f"status {status}")
        if code in REFUSALS:
            return SlackTrouble(Outcome.REFUSED, code)
        if code in TOKEN_TROUBLE:
            self._identity = None
            log.error("slack does not accept apbot's token: run apbot check", problem=code)
        return SlackTrouble(Outcome.AGAIN, code or f"status {status}")

    async def identity(self) -> Identity:
        """Who apbot is; asked once. Raises `SlackTrouble`."""
        if self._identity is None:
            async with self._asking_identity:
                if self._identity is None:
                    said = await self.ask(self.client.auth_test)
                    self._identity = Identity(
                        *(str(said.get(name) or "") for name in ("team_id", "enterprise_id", "user_id", "bot_id"))
                    )
        return self._identity

    async def token_works(self) -> bool:
        """Whether Slack accepts the bot's token now; False where it does not say."""
        try:
            await self.ask(self.client.auth_test)
        except SlackTrouble:
            return False
        return True

    async def respond(self, url: str, **message: Any) -> None:
        """Answer at the address that came with a press or a command. Raises `SlackTrouble`."""
        try:
            async with self.session.post(url, json=message) as response:
                if response.status == 429:
                    raise SlackTrouble(Outcome.AGAIN, "ratelimited", _pause(response.headers))
                if response.status >= 500:
                    raise SlackTrouble(Outcome.AGAIN, f"status {response.status}")
                if response.status >= 300 or b'"ok":false' in (await response.read()).replace(b" ", b""):
                    raise SlackTrouble(Outcome.REFUSED, f"status {response.status}")
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as problem:
            raise SlackTrouble(Outcome.UNKNOWN, f"no answer ({type(problem).__name__})") from None

    async def close(self) -> None:
        """Let the connections go."""
        if self.client.session is not None:
            await self.client.session.close()


@contextmanager
def _as_trouble() -> Iterator[None]:
    """What the network raises, by what it means."""
    try:
        yield
    except aiohttp.ClientConnectorError:
        raise SlackTrouble(Outcome.AGAIN, "unreachable") from None
    except (TimeoutError, aiohttp.ClientError, OSError) as problem:
        raise SlackTrouble(Outcome.UNKNOWN, f"no answer ({type(problem).__name__})") from None
    except (ValueError, AttributeError, TypeError) as problem:  # an answer that is none: a proxy's page, half a body
        raise SlackTrouble(Outcome.UNKNOWN, f"no sense ({type(problem).__name__})") from None


def _pause(headers: Mapping[str, str]) -> timedelta:
    """How long Slack asks to wait."""
    asked = pause_asked(headers)
    return RETRY_AFTER if asked is None else max(asked, SHORTEST_PAUSE)
