"""GOV.UK Notify as two channels, "sms" and "email", that share a service.

What was sent can't be changed. When a message's card changes, nothing is sent, unless the card says that there is
news in it (`Card.news`): that somebody else has acknowledged an alert, say. Then one new message tells of it. A
register's marks are no news: whoever marks it knows, and each would be another text to everybody who got the register.
"""

import asyncio
import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from starlette.routing import BaseRoute, Route

from apbot.cards import Card
from apbot.channels.answering import Answering
from apbot.channels.desk import Desk
from apbot.channels.news import digest, is_digest
from apbot.channels.notify import texts
from apbot.channels.notify.checking import address_trouble, troubles_of_template, troubles_of_waiting
from apbot.channels.notify.inbound import Callbacks
from apbot.channels.notify.settings import Settings
from apbot.channels.notify.wire import RECIPIENT, Kind, NotifyApi
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.settings import Settings as AppSettings
from apbot.store.outbox import tried_in_vain

NAMES_KEPT = 10
"""So many of a message's names at Notify are kept: the newest, which may still be reported as undelivered."""

PARTS_WITHIN = 8.0
"""Seconds after which no further text of one message is begun: the rest goes out with the next try."""

JUST_TOLD = timedelta(minutes=10)
"""For so long the same news is not sent to the same person about another message of the same alert."""


def make(own: Settings, settings: AppSettings, desk: Desk) -> Sequence[Platform]:
    """A channel for each template that is set. The first one hears the delivery receipts of both."""
    api = NotifyApi(own)
    callbacks = Callbacks(desk, own.callback_token.get_secret_value())
    kinds: list[Kind] = [kind for kind in ("sms", "email") if _template(own, kind)]
    return [
        NotifyChannel(kind, own, api, desk, settings.public_url, callbacks if at == 0 else None)
        for at, kind in enumerate(kinds)
    ]


def _template(own: Settings, kind: Kind) -> str:
    return own.sms_template if kind == "sms" else own.email_template


class NotifyChannel(Platform):
    """One kind of message by Notify. `name` is the kind."""

    references_only = True
    can_edit = False

    def __init__(
        self, kind: Kind, own: Settings, api: NotifyApi, desk: Desk, public_url: str, callbacks: Callbacks | None
    ) -> None:
        """`callbacks` are heard by this channel, where given."""
        self.name = kind
        self._kind: Kind = kind
        self._own = own
        self._api = api
        self._desk = desk
        self._callbacks = callbacks
        self._answering = Answering(desk.database, public_url)
        self._told: dict[tuple[str, str], datetime] = {}
        """The news that each person has just been told: an alert's second message to them has the same."""

    @property
    def routes(self) -> Sequence[BaseRoute]:
        """Where Notify tells what became of messages; only with a token to know it by."""
        if self._callbacks is None or not self._callbacks.is_used:
            return ()
        return (Route("/notify/status", self._callbacks.hear, methods=["POST"]),)

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send each message; those to one person one after another, those to several side by side."""
        return await self._answering.send(batch, self._send)

    async def _send(self, outgoing: Outgoing, link: str) -> Receipt:
        card, link = outgoing.card, link or self._answering.chat
        sent = _Sent(outgoing.platform_ref)
        anew = sent.is_whole
        if anew and (not sent.is_news(card) or self._is_told(outgoing.address, card)):
            sent.told(card)
            return Receipt(Outcome.ACCEPTED, sent.ref)
        there = [] if anew else sent.names  # of several parts, those that went out before the others failed
        clock = asyncio.get_running_loop().time
        end = clock() + PARTS_WITHIN
        for part in self._parts(outgoing, card, link, anew=anew)[len(there) :]:
            if clock() > end:
                return Receipt(Outcome.AGAIN, sent.ref, why="the first of its texts took too long")
            receipt = await self._api.send(self._kind, self._body(outgoing, part, link))
            if receipt.outcome is not Outcome.ACCEPTED:
                return Receipt(receipt.outcome, sent.ref, receipt.retry_after, receipt.why)
            sent.names.append(receipt.platform_ref)
        sent.told(card)
        if card.news:
            self._told[_news_for(outgoing.address, card)] = self._desk.database.clock.now()
        return Receipt(Outcome.ACCEPTED, sent.ref)

    def _is_told(self, address: str, card: Card) -> bool:
        since = self._desk.database.clock.now() - JUST_TOLD
        self._told = {key: at for key, at in self._told.items() if at >= since}
        return _news_for(address, card) in self._told

    def _parts(self, outgoing: Outgoing, card: Card, link: str, *, anew: bool) -> list[dict[str, str]]:
        now, repeat = self._desk.database.clock.now(), outgoing.maybe_repeat
        if self._kind == "sms":
            found = texts.text_messages(card, link, now, maybe_repeat=repeat, anew=anew)
            return [{"message": text} for text in found]
        said = texts.email(card, now, maybe_repeat=repeat)
        return [{"subject": texts.subject(card, anew=anew), "message": said}]

    def _body(self, outgoing: Outgoing, part: dict[str, str], link: str) -> dict[str, object]:
        address = "".join(outgoing.address.split())
        body: dict[str, object] = {
            RECIPIENT[self._kind]: address,
            "template_id": _template(self._own, self._kind),
            "personalisation": {**part, "link": link or texts.NO_LINK},
            "reference": f"apbot-{outgoing.message_id}-{secrets.token_hex(4)}",
        }
        if self._kind == "sms" and self._own.sms_sender:
            body["sms_sender_id"] = self._own.sms_sender
        return body

    async def check(self) -> Sequence[Trouble]:
        """A wrong key, a template that is not there or lacks a place for what is said, no receipts, no address."""
        answer = await self._api.template(_template(self._own, self._kind))
        waiting = await self._desk.database.read(tried_in_vain, self.name)
        found = [
            *troubles_of_template(self._kind, answer),
            *troubles_of_waiting(waiting),
            *self._answering.troubles,
        ]
        if not self._own.callback_token.get_secret_value():
            found.append(
                Trouble(
                    "apbot is not told when Notify could not deliver a message",
                    "Set APBOT_NOTIFY_CALLBACK_TOKEN, and give Notify the address /notify/status with that token.",
                    is_advice=True,
                )
            )
        return found

    async def check_address(self, address: str) -> Trouble | None:
        """What is wrong with the number or address on its face: Notify tells no more without a message."""
        return address_trouble(self._kind, address)

    async def close(self) -> None:
        """Let the connections go."""
        await self._api.close()


def _news_for(address: str, card: Card) -> tuple[str, str]:
    return address, digest(card.anew().heading)


class _Sent:
    """What the platform's name of a message tells of it: its names at Notify, and the news that it has told.

    The news is kept as "=" and a digest; a message with one went out whole, with all its parts.
    """

    def __init__(self, platform_ref: str) -> None:
        words = platform_ref.split()
        self.names = [word for word in words if not is_digest(word)]
        self._news = [word for word in words if is_digest(word)]

    @property
    def ref(self) -> str:
        return " ".join([*self.names[-NAMES_KEPT:], *self._news])

    @property
    def is_whole(self) -> bool:
        return bool(self._news)

    def is_news(self, card: Card) -> bool:
        return bool(card.news) and digest(card.news) not in self._news

    def told(self, card: Card) -> None:
        if digest(card.news) not in self._news:
            self._news = [*self._news[-8:], digest(card.news)]
