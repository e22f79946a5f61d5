"""A card as a letter: headers, plain text, and HTML that reads well on a telephone."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache

from jinja2 import Template

from apbot.cards import Card, Style, Tone
from apbot.channels.email.threads import Thread
from apbot.channels.parts import clip
from apbot.channels.port import MAYBE_REPEAT
from apbot.domain.walltime import local_date, spoken_date, wall
from apbot.templates import templates_of

SUBJECT = 160
"""Characters of a subject: more than any telephone shows."""

WORDS = 500
"""Characters of one line, or of what is said of one pupil."""

MOST_ROWS = 200
"""A longer list is read on its page: some mail programs cut letters off without saying so."""

NO_REPLIES = "Nobody reads replies to this email."
SIGNS = {Tone.ALERT: "!", Tone.ASK: "?", Tone.DONE: "✓"}


class NoAddress(Exception):
    """No letter can be sent to this address."""


@dataclass(frozen=True)
class Way:
    """Where something can be done: the words of a link, and where it leads."""

    words: str
    url: str
    style: Style = Style.PLAIN


@dataclass(frozen=True)
class Content:
    """Everything that a letter says."""

    card: Card
    sent_at: datetime
    name: str = ""
    ways: Sequence[Way] = ()
    until: datetime | None = None
    """When the ways end."""
    maybe_repeat: bool = False

    @property
    def rows_left_out(self) -> int:
        """How many rows are only on the page."""
        return max(len(self.card.rows) - MOST_ROWS, 0)

    @property
    def when(self) -> str:
        """When it was sent, in words."""
        return f"Sent at {wall(self.sent_at)} on {spoken_date(local_date(self.sent_at))}."

    @property
    def how(self) -> str:
        """How to answer, where there is no way to give, and how long the ways last, where there are."""
        if not self.ways:
            return "To answer, open apbot as you always do: by your bookmark, or your sign-in link."
        if self.until is None:
            return ""
        whose = f"for {self.name} alone: " if self.name else ""
        day = local_date(self.until)
        end = wall(self.until) if day == local_date(self.sent_at) else f"{wall(self.until)} on {spoken_date(day)}"
        return f"The links work until {end}, {whose}whoever opens them acts in your name. Please don't forward this."


def recipient_of(address: str) -> Address:
    """The address as mail servers take it. Raises `NoAddress`."""
    local, at, domain = address.strip().rpartition("@")
    try:
        found = Address(username=local, domain=domain.encode("idna").decode("ascii"))
        usable = bool(at and found.username and found.domain) and found.addr_spec.isascii()
    except (ValueError, IndexError):
        usable = False
    if not usable or any(each.isspace() or not each.isprintable() or each in '<>",;:()' for each in address.strip()):
        raise NoAddress
    return found


def new_id(sender: Address) -> str:
    """A name for a letter that no other has."""
    return f"<{secrets.token_hex(10)}@{sender.domain}>"


def subject_of(card: Card) -> str:
    """The heading as a subject: one line, of printable characters."""
    words = "".join(each if each.isprintable() else " " for each in card.heading).split()
    return clip(" ".join(words), SUBJECT) or "apbot"


def write(
    content: Content,
    sender: Address,
    recipient: Address,
    letter_id: str,
    thread: Thread | None,
    png: bytes = b"",
) -> EmailMessage:
    """The letter. `thread` is what it follows on, where it is not the first; `png` the card's picture, if any."""
    message = EmailMessage(policy=SMTP)
    message["From"] = sender
    message["To"] = recipient
    # What is new is said where it is seen first; the headers alone keep the letters of a thread together.
    # Mail programs keep letters together by their subject: what is new stands in the letter's heading.
    message["Subject"] = f"Re: {thread.subject}" if thread else subject_of(content.card)
    message["Date"] = format_datetime(content.sent_at)
    message["Message-ID"] = letter_id
    if thread:
        message["In-Reply-To"] = thread.root
        message["References"] = thread.root
    # Out-of-office replies and the like stay away (RFC 3834, and Exchange's own word for it); bounces do not.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "OOF, AutoReply, DR, RN, NRN"
    if content.card.tone is Tone.ALERT:
        message["Importance"] = "high"
        message["X-Priority"] = "1"
    message.set_content(text_of(content), cte="quoted-printable")
    picture_id = letter_id.replace("<", "<picture.", 1) if png else ""
    message.add_alternative(html_of(content, picture_id.strip("<>")), subtype="html", cte="quoted-printable")
    if png:
        html = message.get_payload()[1]  # type: ignore[index]  # the second of the two that were just put in
        html.add_related(png, "image", "png", cid=picture_id, disposition="inline", filename="apbot.png")  # type: ignore[union-attr]
    return message


def text_of(content: Content) -> str:
    """The letter in plain text."""
    card = content.card
    parts = ["\n".join([card.heading, *([MAYBE_REPEAT] if content.maybe_repeat else [])])]
    parts += [clip(line, WORDS) for line in card.lines]
    parts += [f"{_plain(way.words)}:\n{way.url}" for way in content.ways]
    rows = [
        f"{SIGNS.get(row.tone, '-')} {replace(row, heading=clip(row.heading, WORDS), text=clip(row.text, WORDS)).line}"
        for row in card.rows[:MOST_ROWS]
    ]
    if rows:
        parts.append("\n".join(rows))
    if content.rows_left_out:
        parts.append(_left_out(content))
    if card.page is not None:
        parts.append(f"{card.page.words}:\n{card.page.path}")
    parts.append("\n".join(filter(None, [card.footer, content.how, f"{content.when} {NO_REPLIES}"])))
    return "\n\n".join(parts) + "\n"


def _plain(words: str) -> str:
    """A button's words before its address, where a colon follows them."""
    return words.removesuffix("…").replace(": ", ", ")


def html_of(content: Content, picture_id: str = "") -> str:
    """The letter in HTML: no scripts, nothing that is fetched. `picture_id` names the picture that comes with it."""
    return _template().render(
        content=content,
        card=content.card,
        rows=content.card.rows[:MOST_ROWS],
        left_out=_left_out(content) if content.rows_left_out else "",
        clip=lambda text: clip(text, WORDS),
        signs=SIGNS,
        maybe_repeat=MAYBE_REPEAT,
        no_replies=NO_REPLIES,
        picture_id=picture_id,
    )


def _left_out(content: Content) -> str:
    return f"And {content.rows_left_out} more: open apbot to see them all."


@cache
def _template() -> Template:
    return templates_of("apbot.channels.email").get_template("letter.html")
