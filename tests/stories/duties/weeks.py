"""Weeks that go by, and what somebody is shown in them."""

from datetime import date, timedelta

import sqlalchemy as sa

from apbot.cards import Button
from apbot.store.database import Transaction
from apbot.store.tables import duties, terms
from tests import school
from tests.day import Conversation, Day, text_of
from tests.stories.cast import is_list

KIT, DOROTHY, PRIYA, HELEN, SAM = "Kit Lowry", "Dorothy Okafor", "Priya Nair", "Helen Marsh", "Sam Taylor"


async def on(day: Day, date_: date, at: str = "08:20") -> None:
    """Time goes by until `at` on that day; whoever is expected on a day in between arrives."""
    while day.date < date_:
        await _morning(day)
        await day.until("23:30")
        day.date += timedelta(days=1)
    if at > "09:31":
        await _morning(day)
    await day.until(at)


async def _morning(day: Day) -> None:
    if day.date.weekday() == 0 and day.date <= school.TERM[1]:
        await day.until("09:31")
        await day.provider("Oak Farm").types("all in")


def lists(person: Conversation) -> list[str]:
    """The morning's lists that stand in somebody's chat, as text."""
    return [text_of(card) for card in person.cards if is_list(card)]


def states(day: Day, kind: str) -> list[str]:
    """What has become of the duties of one kind, in order."""
    query = sa.select(duties.c.state).where(duties.c.kind == kind).order_by(duties.c.due_on, duties.c.id)
    return [row.state for row in day.rows(query)]


def button_about(person: Conversation, label: str, about: str) -> Button:
    """The newest button with this label in a row that is about this."""
    for card in reversed(person.cards):
        for row in card.rows:
            for button in row.buttons:
                if button.label == label and about in row.heading:
                    return button
    raise AssertionError(f"no {label!r} about {about!r}:\n{person.text}")


def next_half_term(transaction: Transaction, day: Day) -> None:
    """Both schools' half term after the holiday is on the calendar."""
    for place in ("Hillcrest", "Marsh Lane"):
        transaction.insert(
            terms,
            school_id=day.ids[place],
            name="Autumn 2",
            starts_on=date(2026, 11, 2),
            ends_on=date(2026, 12, 18),
        )
