"""The channel "email"."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
import structlog

from apbot.cards import Card, Style, Tone
from apbot.channels.answering import Answering
from apbot.channels.desk import Desk
from apbot.channels.email.letter import Content, NoAddress, Way, new_id, recipient_of, subject_of, write
from apbot.channels.email.settings import Settings
from apbot.channels.email.threads import About, Thread, look_up, thread_of
from apbot.channels.email.wire import Failed, Line
from apbot.channels.links import Links
from apbot.channels.news import digest
from apbot.channels.platform import Platform, Trouble
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.settings import ChannelSettings
from apbot.settings import Settings as AppSettings
from apbot.store.letters import ABOUT_REGISTERS

log = structlog.get_logger()

TIME = 41.0
"""Seconds that a batch may take: delivery waits for 45, and what becomes of each letter must be known by then."""

MOST_BUTTONS = 5
"""So many of a card's own buttons get a link of their own; all are on the page."""

AT_ONCE = 2
"""Connections for questions about addresses: the best known mail services take three from one user."""


class Email(Platform):
    """Sends letters by one mail server."""

    name = "email"
    batch = 10
    batches = 1  # a batch is one connection, and mail servers count those
    references_only = True
    can_edit = False
    takes_pictures = True

    def __init__(self, own: Settings, public_url: str, desk: Desk) -> None:
        """Nothing is connected yet."""
        self._settings = own
        self._public_url = public_url
        self._database = desk.database
        self._answering = Answering(desk.database, public_url)
        self._asking = asyncio.Semaphore(AT_ONCE)

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        """Send a letter for each message that is new, or has changed in a way that matters."""
        try:
            links = await self._answering.links()
            known = await self._look_up([each.message_id for each in batch])
        except sa.exc.SQLAlchemyError as problem:
            return [Receipt(Outcome.AGAIN, why=type(problem).__name__) for _ in batch]
        loop = asyncio.get_running_loop()
        # A letter takes at most one time-out for the connection and one for itself.
        last_start = loop.time() + TIME - 2 * self._settings.timeout
        receipts: list[Receipt] = []
        stopped: Receipt | None = None
        async with Line(self._settings) as line:
            for each in batch:
                if stopped is None and loop.time() > last_start:
                    stopped = Receipt(Outcome.AGAIN, why="no time left for it in this batch")
                if stopped is not None:
                    receipts.append(stopped)
                    continue
                try:
                    receipts.append(await self._send(line, each, known.get(each.message_id, About()), links))
                except Failed as failed:
                    receipts.append(failed.receipt)
                    stopped = failed.receipt if failed.is_over else None
                except Exception as problem:  # noqa: BLE001  (whatever it is, one letter's trouble is no other's)
                    kind = type(problem).__name__
                    log.error("a letter could not be sent", message=each.message_id, problem=kind)
                    receipts.append(Receipt(Outcome.UNKNOWN, why=kind))
        return receipts

    async def _look_up(self, message_ids: Sequence[int]) -> Mapping[int, About]:
        return await self._database.read(look_up, self.name, message_ids)

    async def _send(self, line: Line, outgoing: Outgoing, about: About, links: Links | None) -> Receipt:
        before = thread_of(outgoing.platform_ref)
        card = outgoing.card
        if before is not None and not about.is_worth_another(before, card):
            return Receipt(Outcome.ACCEPTED, before.ref)
        try:
            recipient = recipient_of(outgoing.address)
        except NoAddress:
            return Receipt(Outcome.REFUSED, why="that is no email address")
        sender = self._settings.sender_address
        letter_id = new_id(sender)
        thread = before or about.before
        said = card if before is None else card.anew()
        content = self._content(said, about, links, maybe_repeat=outgoing.maybe_repeat)
        letter = write(content, sender, recipient, letter_id, thread, outgoing.png)
        await line.send(recipient.addr_spec, letter.as_bytes())
        root, subject = (thread.root, thread.subject) if thread else (letter_id, subject_of(card))
        return Receipt(Outcome.ACCEPTED, Thread(root, digest(card.news), subject).ref)

    def _content(self, card: Card, about: About, links: Links | None, *, maybe_repeat: bool) -> Content:
        # What can be typed can be typed on the page: a reply to the letter would be read by nobody. When it was sent
        # is said in each.
        is_said = about.kind in ABOUT_REGISTERS or card.footer.startswith("Sent at ")
        said = replace(card, footer="") if is_said else card
        return Content(
            said,
            self._database.clock.now(),
            about.name,
            self._ways(card, about, links),
            about.letter.until if about.letter and links else None,
            maybe_repeat,
        )

    def _ways(self, card: Card, about: About, links: Links | None) -> Sequence[Way]:
        if links is None:
            return ()
        if about.letter is None:
            return (Way("Open apbot", f"{self._public_url}/chat", Style.PRIMARY),)
        letter = about.letter
        buttons = [
            Way(f"{each.label}{'…' if each.inputs else ''}", links.to_press(letter, each), each.style)
            for each in card.buttons[:MOST_BUTTONS]
        ]
        if about.kind in ABOUT_REGISTERS:
            return (Way("Open the register", links.to(letter), Style.PRIMARY), *(_plainer(each) for each in buttons))
        style = Style.PLAIN if buttons else Style.PRIMARY
        return (
            *buttons,
            Way("Open it in apbot", links.to(letter), style if card.tone is not Tone.DONE else Style.PLAIN),
        )

    async def check(self) -> Sequence[Trouble]:
        """What keeps letters from being sent, or from being answered."""
        found = []
        try:
            async with Line(self._settings) as line:
                await line.open()
        except Failed as failed:
            found.append(Trouble(f"no email can be sent: {failed.receipt.why}", _what_to_do(failed)))
        found += self._answering.troubles
        return found

    async def check_address(self, address: str) -> Trouble | None:
        """Whether the mail server takes letters to this address. Nothing is sent."""
        try:
            recipient = recipient_of(address)
        except NoAddress:
            return Trouble("that is no email address", "Correct it on the roster and import it again.")
        try:
            async with self._asking, Line(self._settings) as line:
                await line.ask(recipient.addr_spec)
        except Failed as failed:
            if failed.receipt.outcome is Outcome.REFUSED:
                return Trouble("the mail server refuses this address", "Correct it on the roster and import it again.")
            return Trouble(f"it could not be tried: {failed.receipt.why}", _what_to_do(failed))
        return None


def _plainer(way: Way) -> Way:
    return replace(way, style=Style.PLAIN)


def _what_to_do(failed: Failed) -> str:
    if "encryption" in failed.receipt.why:
        return "Ask your mail service for a port with encryption: often 587 for smtp://, 465 for smtps://."
    if "password" in failed.receipt.why:
        return "Correct the user and the password in APBOT_SMTP_URL. Some mail services want an app password."
    if "certificate" in failed.receipt.why:
        return "Set APBOT_SMTP_CA_BUNDLE to a file with the certificate of whoever signed the mail server's."
    return "Compare APBOT_SMTP_URL and APBOT_SMTP_FROM with what your mail service tells you, then try again."


def make(own: ChannelSettings, settings: AppSettings, desk: Desk) -> Sequence[Platform]:
    """The channel, as it is set up."""
    assert isinstance(own, Settings)  # noqa: S101  (the registry hands over what this package's settings gave)
    return [Email(own, settings.public_url, desk)]
