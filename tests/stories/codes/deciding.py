"""Days that go by, and what was decided on them."""

from datetime import date, timedelta

import sqlalchemy as sa

from apbot.cards import Button
from apbot.store.tables import code_decisions, entries
from tests import school
from tests.day import Day

FRIDAY = date(2026, 9, 18)


async def all_arrive(day: Day, *, but: tuple[str, ...] = (), at: tuple[str, ...] = ("09:31", "13:01")) -> None:
    """Every provider answers both registers: everybody came, but for some who did not arrive."""
    for time in at:
        await day.jump(time)
        for provider in school.PROVIDERS:
            for pupil, _, _, _, place in school.PUPILS:
                if place == provider and pupil in but:
                    await day.provider(provider).taps("Not arrived", pupil)
            register = [card for card in day.provider(provider).cards if card.heading.startswith("Register:")][-1]
            for button in register.buttons:
                if button.verb == "all_arrived":
                    await day.provider(provider).presses(button)


async def go_to(day: Day, on: date, at: str) -> None:
    """Let the days go by until `at` on `on`; every day is opened, and has its morning and its afternoon."""
    while day.date < on:
        day.date += timedelta(days=1)
        if day.date < on:
            for time in ("05:00", "08:30", "15:30"):
                await day.jump(time)
    for time in ("05:00", "08:30", "15:30"):
        if time < at:
            await day.jump(time)
    await day.jump(at)


def decisions(day: Day, pupil: str) -> list[tuple[str, str, str]]:
    """Every decision about a pupil: the code, who made it as what, and why it was changed."""
    return [
        (row.code, row.made_as, row.because)
        for row in day.rows(
            sa.select(code_decisions)
            .join_from(code_decisions, entries)
            .where(entries.c.pupil_id == day.ids[pupil])
            .order_by(code_decisions.c.id)
        )
    ]


def codes(day: Day, pupil: str) -> list[str | None]:
    """The codes in force for a pupil, session by session."""
    return [
        row.code
        for row in day.rows(
            sa.select(entries.c.code, entries.c.starts_at)
            .where(entries.c.pupil_id == day.ids[pupil])
            .order_by(entries.c.starts_at)
        )
    ]


def buttons_of(day: Day, person: str, label: str, pupil: str) -> list[Button]:
    """A person's buttons with this label beside this pupil, the oldest first."""
    return [
        button
        for card in day.person(person).cards
        for button in card.buttons_everywhere()
        if button.label == label and pupil in button.describes
    ]


def lists_of(day: Day, person: str, heading: str) -> list[str]:
    """The headings of the cards in a person's conversation that begin like this."""
    return [card.heading for card in day.person(person).cards if card.heading.startswith(heading)]
