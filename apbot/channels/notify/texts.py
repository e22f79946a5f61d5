"""A card as text messages, and as an e-mail.

A text is read on a lock screen by somebody who is teaching: what has happened, which pupils by reference, whom to ring
and when it was sent, because Notify may deliver it up to three days late. Everything else is behind the link.
"""

import re
from datetime import datetime

from apbot.cards import Card, Tone
from apbot.channels.notify.letters import cut, length, sendable
from apbot.channels.parts import clip
from apbot.channels.port import MAYBE_REPEAT
from apbot.domain.walltime import local, wall

ROOM = 3 * 153
"""Three fragments, in letters: what one text may cost."""

SERVICE_NAME = 35
"""Room kept for the service's name, which Notify puts in front unless that is turned off."""

LONGEST_HEADING = 150
LONGEST_NAME = 40
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
    heading = cut(sendable(_heading(card, anew=anew)), LONGEST_HEADING)
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


def _heading(card: Card, *, anew: bool) -> str:
    """On one line, whatever it holds; with what has changed before it."""
    said = card.anew() if anew else card
    return clip(" ".join(said.heading.split()), LONGEST_HEADING)


def _headings(card: Card) -> list[str]:
    """The pupils it is about, each once: those about whom something is to be done, where there are any."""
    urgent = [row for row in card.rows if row.tone in (Tone.ASK, Tone.ALERT)]
    named = dict.fromkeys(row.heading for row in (urgent or card.rows))
    if card.tone is Tone.DONE and len(named) == 1 and set(named) <= set(re.split(r"[\s,:]+", card.heading)):
        return []  # "Arrived: AB12 at Oak Farm" has said so already
    return [cut(sendable(each), LONGEST_NAME) for each in named]


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
    """The e-mail's subject: the heading, after what has changed."""
    return _heading(card, anew=anew)


def email(card: Card, now: datetime, *, maybe_repeat: bool = False) -> str:
    """The e-mail's text between the subject and the link, in the little Markdown that Notify reads."""
    rows = "\n".join(f"* {_safe(row.line)}" for row in card.rows)
    page = f"{card.page.words}: {card.page.path}" if card.page else ""
    footer = "" if _TYPED.match(card.footer) else _safe(card.footer)
    end = f"{MAYBE_REPEAT} {sent_at(now)}." if maybe_repeat else f"{sent_at(now)}."
    return "\n\n".join(filter(None, [*map(_safe, card.lines), rows, page, footer, end]))


_TYPED = re.compile(r"Or type it|Sent at ", re.IGNORECASE)
"""Nobody can type an answer to an e-mail or a text; and when it was sent is said anyway."""


def _safe(text: str) -> str:
    """What somebody typed makes no link and no heading in an e-mail that comes from a school."""
    flat = " ".join(text.split())
    return clip(re.sub(r"(?i)\bhttps?://|\bwww\.", "", flat).translate(_BRACKETS), LONGEST_LINE).lstrip("#^*-+> ")


_BRACKETS = str.maketrans("[]<>`", "()()'")
