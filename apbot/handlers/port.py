"""What a handler is: a plain function of an open transaction, who acts, and what they did."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta

from apbot.cards import Action, Button, Card, Reply, Tone
from apbot.domain.access import Actor
from apbot.domain.walltime import instant, parse_day, parse_wall
from apbot.store.database import Transaction

Handler = Callable[[Transaction, Actor, Action], Reply]


class Refused(Exception):
    """What was asked can't be done. The text is for the person: what was wrong, and what would be right.

    `about` names the input that was wrong, where another answer to it would do.
    """

    def __init__(self, text: str, about: str = "") -> None:
        super().__init__(text)
        self.about = about


def said(heading: str, *lines: str, tone: Tone = Tone.PLAIN, buttons: tuple[Button, ...] = ()) -> Reply:
    """An answer in a few words."""
    return Reply(Card(heading=heading, tone=tone, lines=lines, buttons=buttons))


def day_given(text: str, about: str) -> date | None:
    """The day that somebody gave, as channels hand it on ("2026-09-17"), or None where it was left empty.

    Raises `Refused` for something that is not a date; `about` names the input.
    """
    if not text.strip():
        return None
    try:
        return parse_day(text.strip())
    except ValueError:
        raise Refused("That date can't be read. Write it like 17/09/2026.", about) from None


def instant_given(text: str, day: date, now: datetime) -> datetime | None:
    """The instant of a time of day that somebody gave, or None where it was left empty.

    Raises `Refused` for something that is not a time, or that has not come yet.
    """
    text = text.strip().replace(".", ":")
    if not text:
        return None
    try:
        at: time = parse_wall(text)
    except ValueError:
        raise Refused("That time can't be read. Write it like 09:50.", "at") from None
    moment = instant(day, at)
    if moment > now + timedelta(minutes=1):
        raise Refused(f"{at:%H:%M} has not come yet. Give the time when it happened.", "at")
    return moment
