"""Writing to Teams: post, edit, delete, open a chat. What Teams answers becomes a `Failed` with its receipt."""

import logging
from collections.abc import Awaitable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from microsoft_teams.api import Account
from microsoft_teams.api.activities.message import MessageActivityInput
from microsoft_teams.api.clients.conversation import ConversationClient
from microsoft_teams.api.clients.conversation.params import CreateConversationParams
from microsoft_teams.common import Client, ClientOptions

from apbot.channels.port import Outcome, Receipt
from apbot.channels.retrying import pause_asked
from apbot.channels.teams.conversations import Reference
from apbot.channels.teams.pace import Pace, TooFast
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.token import NoToken, Tokens

NO_ID = "DO_NOT_USE_PLACEHOLDER_ID"
"""What the library gives where Teams named no id."""

GONE = frozenset(
    {
        "BotNotInConversationRoster",
        "ConversationNotFound",
        "ConversationBlockedByUser",
        "MessageWritesBlocked",
        "BotDisabledByAdmin",
        "UserNotFound",
        "UserBlocked",
    }
)
"""The codes of errors that stay as they are until somebody does something, whatever their status."""

AT_HOME = frozenset({"InvalidBotApiHost"})
"""Refused because of how apbot is set up, and not because of the address."""

NOT_THERE = (404, 410)
NOT_THERE_CODES = frozenset({"MessageNotFound", "ActivityNotFound", "ActivityNotFoundInConversation"})
"""What Teams says of a message that somebody has deleted."""

NEVER_SENT = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
"""What goes wrong before a request has left."""

T = TypeVar("T")


class Failed(Exception):
    """A request that Teams did not do. `receipt` says what that means for the message."""

    def __init__(self, receipt: Receipt, status: int = 0) -> None:
        super().__init__(receipt.why)
        self.receipt = receipt
        self.status = status
        self.code = receipt.why.partition(" ")[2]


class Wire:
    """The requests, each as one function. They raise `Failed` and nothing else."""

    def __init__(self, settings: Settings, pace: Pace, timeout: float) -> None:
        """`timeout`: seconds after which a request that gives no answer is given up."""
        self._pace = pace
        self._client = Client(ClientOptions(timeout=timeout))
        logging.getLogger("httpx").setLevel(logging.WARNING)  # which the client has changed: addresses would be logged
        self.http = self._client.http
        """For the requests besides: there is one set of connections."""
        self.tokens = Tokens(settings, self.http)
        self._client.token = self.tokens.token
        self._conversations: dict[str, ConversationClient] = {}

    async def close(self) -> None:
        """Let the connections go."""
        await self.http.aclose()

    async def post(self, at: Reference, activity: Mapping[str, Any], *, reply_to: str = "") -> str:
        """Post a message; its id, or "" where Teams told none."""
        client, where = self._client_for(at), _safe(at.conversation)
        sent = MessageActivityInput.model_validate(activity)
        await self._wait(at.conversation)
        asked = client.reply_to_activity(where, reply_to, sent) if reply_to else client.create_activity(where, sent)
        try:
            made = await self._do(asked)
        except KeyError:  # posted, but Teams named no id
            return ""
        return "" if made.id == NO_ID else made.id

    async def edit(self, at: Reference, message_id: str, activity: Mapping[str, Any]) -> bool:
        """Change a message in place; False where it is not there any more."""
        sent = MessageActivityInput.model_validate({**activity, "id": message_id})
        await self._wait(at.conversation)
        try:
            await self._do(self._client_for(at).update_activity(_safe(at.conversation), _safe(message_id), sent))
        except KeyError:  # changed: the answer says no more
            return True
        except Failed as failed:
            if failed.status in NOT_THERE or failed.code in NOT_THERE_CODES:
                return False
            raise
        return True

    async def delete(self, at: Reference, message_id: str) -> None:
        """Take a message away; nothing where it is not there any more."""
        await self._wait(at.conversation)
        try:
            await self._do(self._client_for(at).delete_activity(_safe(at.conversation), _safe(message_id)))
        except Failed as failed:
            if failed.status not in NOT_THERE and failed.code not in NOT_THERE_CODES:
                raise

    async def open_chat(self, at: Reference, person: str, tenant: str, bot: str) -> str:
        """Open the chat with a person, or find the one there is; its id. Nothing is posted."""
        tenant = at.tenant or tenant
        params = CreateConversationParams.model_validate(
            {
                "isGroup": False,
                "bot": {"id": at.bot or bot},
                "members": [Account(id=at.user or person)],
                **({"tenantId": tenant, "channelData": {"tenant": {"id": tenant}}} if tenant else {}),
            }
        )
        await self._wait(person)
        try:
            return (await self._do(self._client_for(at).create(params))).id
        except Failed as failed:
            if failed.receipt.outcome is not Outcome.UNKNOWN:
                raise
            raise Failed(replace(failed.receipt, outcome=Outcome.AGAIN), failed.status) from None  # nothing was posted

    async def see_members(self, at: Reference) -> None:
        """Ask who is in the conversation: refused where apbot is not."""
        client, where = self._client_for(at), _safe(at.conversation)
        try:
            await self._do(client.get_paged_members(where, 1))
        except Failed as failed:
            if failed.status not in (404, 405, 501) or failed.code in GONE:
                raise
            await self._do(client.get_members(where))  # the older way to ask, which some know instead

    async def member(self, at: Reference, conversation: str) -> Mapping[str, Any]:
        """What Teams knows of the person of `at`, who is in this conversation, by Teams' own names."""
        found = await self._do(self._client_for(at).get_member_by_id(_safe(conversation), _safe(at.user)))
        told: Mapping[str, Any] = found.model_dump(by_alias=True, exclude_none=True)
        return told

    def _client_for(self, at: Reference) -> ConversationClient:
        if at.service_url not in self._conversations:
            self._conversations[at.service_url] = ConversationClient(at.service_url, self._client)
        return self._conversations[at.service_url]

    async def _wait(self, conversation: str) -> None:
        try:
            await self._pace.turn(conversation.partition(";")[0])  # all threads of a channel count as one
        except TooFast as wait:
            again = Receipt(Outcome.AGAIN, retry_after=timedelta(seconds=wait.seconds), why="the limit of Teams")
            raise Failed(again) from None

    async def _do(self, asked: Awaitable[T]) -> T:
        try:
            return await asked
        except NoToken as problem:
            raise Failed(Receipt(Outcome.AGAIN, why=str(problem)[:200])) from None
        except httpx.HTTPStatusError as problem:
            if problem.response.status_code == 401:
                self.tokens.forget()
            raise Failed(receipt_for(problem.response), problem.response.status_code) from None
        except NEVER_SENT as problem:
            raise Failed(Receipt(Outcome.AGAIN, why=f"not reached: {type(problem).__name__}")) from None
        except httpx.HTTPError as problem:
            raise Failed(Receipt(Outcome.UNKNOWN, why=type(problem).__name__)) from None
        except ValueError:  # done, as far as can be told, and not answered as Teams answers
            raise Failed(Receipt(Outcome.UNKNOWN, why="no usable answer")) from None


def receipt_for(answer: httpx.Response) -> Receipt:
    """What an answer other than success means for a message. `why` is the status and the error's short code."""
    status = answer.status_code
    code = _code(answer)
    why = f"{status} {code}".strip()
    if status == 429:
        return Receipt(Outcome.AGAIN, retry_after=pause_asked(answer.headers), why=why)
    if code in AT_HOME:
        return Receipt(Outcome.AGAIN, why=why)
    if status in (403, 404, 410) or code in GONE:
        return Receipt(Outcome.REFUSED, why=why)
    fault = Outcome.UNKNOWN if status >= 500 else Outcome.AGAIN
    return Receipt(fault, retry_after=pause_asked(answer.headers), why=why)


def _code(answer: httpx.Response) -> str:
    """The short code in an error's body, {"error": {"code": ...}}; the text beside it may hold an address."""
    try:
        told = answer.json()
    except ValueError:
        return ""
    error = told.get("error", told) if isinstance(told, dict) else None
    if not isinstance(error, dict):
        return ""
    for each in (error.get("subCode"), told.get("subCode"), error.get("code")):
        if isinstance(each, str) and each.isascii() and each.isalnum() and len(each) <= 60:
            return each
    return ""


def _safe(part: str) -> str:
    """An id as one part of a path, whatever is in it."""
    return quote(part, safe=":@;=-_.~!,")
