"""A card as text messages, and as an e-mail.

A text is read on a lock screen by somebody who is teaching: what has happened, which pupils by reference, whom to ring
and when it was sent, because Notify may deliver it up to three days late. Everything else is behind the link.
"""

import re
from datetime import datetime

from apbot.cards import Card, Row, Tone
from apbot.channels.notify.letters import cut, length, sendable
from apbot.channels.parts import clip
from apbot.channels.web import MAYBE_REPEAT
from apbot.domain.walltime import local, wall

ROOM = 3 * 153
"""Three fragments, in letters: what one text may cost."""

SERVICE_NAME = 35
"""Room kept for the service's name, which Notify puts in front unless that is turned off."""

LONGEST_SUBJECT = 150
LONGEST_LINE = 1_000
"""Characters of one line of an e-mail: Notify takes 2,000,000 bytes in all."""

MOST_TEXTS = 5
"""What is not in so many texts is behind the link."""

NO_LINK = "Answer in apbot."
"""Stands for the link where there is none: the template needs something."""


def sent_at(now: datetime) -> str:
    """ "Sent 10:00 Thu 17 Sep"."""
    day = local(now)
    return f"Sent {wall(now)} {day:%a} {day.day} {day:%b}"


def text_messages(card: Card, link: str, now: datetime, *, maybe_repeat: bool = False, anew: bool = False) -> list[str]:
    """The card in texts, nearly always one. With `anew` it is about a change: what has changed comes first."""
    room = ROOM - SERVICE_NAME - length(link or NO_LINK) - 1
    end = sendable(f"{MAYBE_REPEAT} {sent_at(now)}" if maybe_repeat else sent_at(now))
    heading = sendable(clip(card.news and f"{card.news}. {card.heading}" if anew else card.heading, 150))
    lines = [] if anew else [sendable(line) for line in card.lines]
    groups = _grouped(_headings(card), room - length(heading) - length(end) - len(" (1 of 9). .. "))
    count = len(groups)
    texts = []
    for at, group in enumerate(groups, start=1):
        whole = f"{heading} ({at} of {count})" if count > 1 else heading
        said = f"{_ended(whole)} {_ended(', '.join(group))}".strip()
        for line in lines if at == count else ():
            spare = room - length(said) - length(end) - 3
            said = f"{said} {_ended(cut(line, spare))}".strip() if spare > 0 else said
        texts.append(f"{said} {end}")
    return texts


def _headings(card: Card) -> list[str]:
    """The pupils it is about: those who are seen to already are left out where others are not."""
    open_rows = [row for row in card.rows if row.tone is not Tone.DONE]
    return [sendable(clip(row.heading, 40)) for row in (open_rows or card.rows)]


def _grouped(headings: list[str], room: int) -> list[list[str]]:
    """The headings in as few groups as have room, at most `MOST_TEXTS`."""
    groups: list[list[str]] = [[]]
    for at, heading in enumerate(headings):
        if groups[-1] and length(", ".join([*groups[-1], heading])) > room - len(", and 9999 more"):
            if len(groups) == MOST_TEXTS:
                groups[-1].append(f"and {len(headings) - at} more")
                break
            groups.append([])
        groups[-1].append(heading)
    return groups


def _ended(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?", ":")) else f"{text}."


def subject(card: Card, *, anew: bool = False) -> str:
    """The e-mail's subject: on one line, whatever the heading holds."""
    said = card.news if anew and card.news else card.heading
    return clip(" ".join(said.split()), LONGEST_SUBJECT)


def email(card: Card, now: datetime, *, maybe_repeat: bool = False, anew: bool = False) -> str:
    """The e-mail's text above the link, in the little Markdown that Notify reads."""
    before = [card.news, ""] if anew and card.news else []
    rows = [_safe(_row(row)) for row in card.rows]
    lines = [_safe(line) for line in (*before, card.heading, *card.lines)]
    footer = [card.footer] if card.footer and not _TYPED.match(card.footer) else []
    last = [*footer, f"{MAYBE_REPEAT} {sent_at(now)}." if maybe_repeat else f"{sent_at(now)}."]
    return "\n\n".join(
        [*filter(None, lines), *(["\n".join(f"* {row}" for row in rows)] if rows else []), *map(_safe, last)]
    )


_TYPED = re.compile(r"Or type it", re.IGNORECASE)
"""Nobody can type an answer to an e-mail or a text."""


def _row(row: Row) -> str:
    return f"{row.heading}: {row.text}" if row.text else row.heading


def _safe(text: str) -> str:
    """What somebody typed makes no link and no heading in an e-mail that comes from a school."""
    flat = " ".join(text.split())
    return clip(re.sub(r"(?i)\bhttps?://|\bwww\.", "", flat).translate(_BRACKETS), LONGEST_LINE).lstrip("#^*-+> ")


_BRACKETS = str.maketrans("[]<>`", "()()'")
