"""The Teams channel: messages out by `deliver`, what people do in by the webhook."""

import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog
from starlette.routing import BaseRoute

from apbot.cards import Card, Picture
from apbot.channels.desk import Desk
from apbot.channels.parts import Parts
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.channels.sending import is_unanswered, send_side_by_side
from apbot.channels.teams import conversations
from apbot.channels.teams.conversations import CHANNEL, Reference
from apbot.channels.teams.desk import TeamsDesk
from apbot.channels.teams.pace import Pace
from apbot.channels.teams.rendering import message, pages, picture_message
from apbot.channels.teams.settings import Settings
from apbot.channels.teams.token import NoToken
from apbot.channels.teams.trust import NoKeys, Trust
from apbot.channels.teams.webhook import ANSWER_WITHIN, Webhook
from apbot.channels.teams.wire import Failed, Wire

TIMEOUT = 12.0
"""Seconds that a request to Teams may take."""

AT_ONCE = 8
"""So many conversations are written to at the same time."""

REMEMBERED = 200
"""So many messages are remembered with what they show."""

SURE_FOR = 10.0
"""Seconds for which apbot is sure of what a message shows."""

log = structlog.get_logger()


class TeamsChat(Platform):
    """The channel "teams"."""

    name = CHANNEL
    takes_pictures = True
    batch = 20
    most_to_one = 1

    def __init__(
        self,
        settings: Settings,
        desk: Desk,
        *,
        pace: Pace | None = None,
        timeout: float = TIMEOUT,
        answer_within: float = ANSWER_WITHIN,
    ) -> None:
        """`pace` holds messages back to what Teams allows; it is given for measurements only.

        `timeout` is how many seconds Teams may take, `answer_within` how many it is kept waiting.
        """
        self._settings = settings
        self._database = desk.database
        self._wire = Wire(settings, pace or Pace(), timeout)
        self._trust = Trust(settings, self._wire.http)
        self._desk = TeamsDesk(desk, self._wire, settings)
        self._webhook = Webhook(settings, self._trust, self._desk, answer_within)
        self._shown: OrderedDict[str, tuple[Card, float]] = OrderedDict()

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Where Teams tells what people do."""
        return self._webhook.routes

    async def close(self) -> None:
        """Let the connections go, after what is under way."""
        await self._webhook.close()
        await self._wire.close()

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Post or edit each message; different conversations at the same time, each one's in order."""
        try:
            details = await self._database.read(conversations.load_details, [each.address for each in batch])
        except sa.exc.SQLAlchemyError as problem:
            return [Receipt(Outcome.AGAIN, why=type(problem).__name__) for _ in batch]
        references = {address: self._reference(address, detail) for address, detail in details.items()}

        async def send(outgoing: Outgoing, parts: Parts) -> Receipt:
            return await self._send(references, outgoing, parts)

        return await send_side_by_side(batch, send, at_once=AT_ONCE, stops=_stops)

    async def check(self) -> Sequence[Trouble]:
        """Whether the secret is good, and whether the keys can be had that Teams signs with."""
        settings = self._settings
        if settings.playground:
            return ()
        found = []
        try:
            await self._wire.tokens.token()
        except NoToken as problem:
            found.append(
                Trouble(
                    f"apbot can't sign in to Teams: {problem}",
                    "Check APBOT_TEAMS_CLIENT_ID, APBOT_TEAMS_TENANT_ID and APBOT_TEAMS_CLIENT_SECRET against the app "
                    "registration; a secret that has run out is replaced by a new one.",
                )
            )
        try:
            await self._trust.load()
        except NoKeys as problem:
            found.append(
                Trouble(
                    f"the keys that Teams signs with can't be had: {problem}",
                    "Let this machine reach login.botframework.com, or check APBOT_TEAMS_OPENID_URL.",
                )
            )
        return found

    async def check_address(self, address: str) -> Trouble | None:
        """Whether apbot is in the conversation and may write there. Nothing is posted."""
        details = await self._database.read(conversations.load_details, [address])
        try:
            reference = await self._opened(self._reference(address, details[address]), address)
            await self._wire.see_members(reference)
        except Failed as failed:
            if failed.receipt.outcome is Outcome.REFUSED:
                return Trouble(
                    f"apbot is not in that chat, or is blocked there ({failed})",
                    "Add the app apbot in Teams, or unblock it, and type /ap link with a new code there.",
                )
            return Trouble(f"Teams gave no answer ({failed})", "Try again in a few minutes.")
        return None

    def _reference(self, address: str, detail: Mapping[str, Any] | None) -> Reference:
        return conversations.reference_from(address, detail, self._settings.service_url)

    async def _send(self, references: dict[str, Reference], outgoing: Outgoing, parts: Parts) -> Receipt:
        """Post or edit one message; what is found out about its conversation is kept in `references`."""
        address = outgoing.address
        try:
            references[address] = await self._opened(references[address], address)
            try:
                await self._show(references[address], outgoing, parts)
            except Failed as failed:
                if failed.status != 404 or not _is_personal(references[address], address):
                    raise
                # The chat is another one since the app was taken away and added again.
                references[address] = await self._opened(replace(references[address], conversation=""), address)
                await self._show(references[address], outgoing, parts)
        except Failed as failed:
            return replace(failed.receipt, platform_ref=parts.refs)
        if outgoing.png and outgoing.card.picture is not None:
            await self._show_picture(references[address], outgoing.png, outgoing.card.picture)
        return Receipt(Outcome.ACCEPTED, parts.refs)

    async def _show_picture(self, reference: Reference, png: bytes, picture: Picture) -> None:
        """Post it below the words, which say the same: these must not be posted again for its sake."""
        shown = picture_message(png, picture)
        if shown is None:
            log.info("teams: a picture is too big for a message", bytes=len(png))
            return
        try:
            await self._wire.post(reference, shown)
        except Failed as failed:
            log.warning("teams: a picture could not be posted", problem=str(failed))

    async def _show(self, reference: Reference, outgoing: Outgoing, parts: Parts) -> None:
        async def post(card: Card) -> str:
            ref = await self._wire.post(reference, message(card, is_kept=True))
            self._remember(reference, ref, card)
            return ref

        async def edit(ref: str, card: Card) -> str | None:
            if self._shows(reference, ref, card):
                return ref  # of a long register one part changes at a tap: Teams counts every edit
            if not await self._wire.edit(reference, ref, message(card, is_new=False, is_kept=True)):
                return None
            self._remember(reference, ref, card)
            return ref

        async def delete(ref: str) -> None:
            await self._wire.delete(reference, ref)

        await parts.show(pages(outgoing.marked), post, edit, delete)

    def _shows(self, reference: Reference, ref: str, card: Card) -> bool:
        """Whether the message was made to say this a moment ago. Later another process may have changed it."""
        shown, at = self._shown.get(_key(reference, ref), (None, 0.0))
        return shown == card and time.monotonic() < at + SURE_FOR

    def _remember(self, reference: Reference, ref: str, card: Card) -> None:
        self._shown[_key(reference, ref)] = (card, time.monotonic())
        self._shown.move_to_end(_key(reference, ref))
        while len(self._shown) > REMEMBERED:
            self._shown.popitem(last=False)

    async def _opened(self, reference: Reference, address: str) -> Reference:
        """The reference with its conversation, which is opened where it is not known yet, and then kept."""
        if reference.conversation:
            return reference
        conversation = await self._wire.open_chat(
            reference, address, self._settings.tenant_id, f"28:{self._settings.client_id}"
        )
        opened = replace(reference, conversation=conversation)
        try:
            await self._database.write(conversations.keep, address, opened)
        except sa.exc.SQLAlchemyError as problem:  # it is asked for again next time
            log.warning("teams: a conversation could not be kept", problem=type(problem).__name__)
        return opened


def _key(reference: Reference, ref: str) -> str:
    return f"{reference.conversation} {ref}"


def _is_personal(reference: Reference, address: str) -> bool:
    return reference.conversation != address


def _stops(receipt: Receipt) -> bool:
    """Whether the others of the conversation would fare no better: Teams asks for a pause, or gives no answer."""
    return receipt.retry_after is not None or is_unanswered(receipt)
