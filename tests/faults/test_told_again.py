"""A platform that tells of the same thing again and again, in any order, to whichever process is there."""

import asyncio
from typing import Any

import sqlalchemy as sa

from apbot.store.tables import audit, entries, events, pupils
from tests.faults.morning import Morning


def fact(morning: Morning, reference: str) -> str | None:
    """What is recorded of this pupil this morning."""
    return str(morning.rows(sa.select(entries.c.fact).join(pupils).where(pupils.c.ref == reference))[0].fact)


def marks(morning: Morning) -> int:
    """How many marks the audit log tells of."""
    return len(morning.rows(sa.select(audit.c.id).where(audit.c.what == "marked")))


async def test_the_same_press_told_five_times_is_done_once_and_answered_alike(morning: Morning) -> None:
    one, other = await morning.start(), await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    press = morning.press("Gary Stone", "The Garage", "All arrived")
    answers = await asyncio.gather(
        *(morning.tells(process, press, retry=retry) for retry, process in enumerate([one, other, one, other, one]))
    )
    assert answers == [200] * 5
    place = morning.slack.shared_by("The Garage")
    await morning.until(lambda: morning.slack.seen_by(place, "All answered") and morning.is_settled, "it is recorded")
    assert fact(morning, "EF56") == "arrived"
    assert marks(morning) == 1
    assert len(morning.rows(sa.select(events.c.id))) == 1
    said = [each for each in morning.slack.workspace.said if each.only_for]
    assert len({each.shown.text for each in said}) <= 1


async def test_what_is_told_again_after_something_later_undoes_nothing(morning: Morning) -> None:
    process = await morning.start()
    await morning.until(lambda: morning.are_asked, "the registers")
    place, words = morning.slack.shared_by("The Garage"), "events_api"

    def typed(text: str) -> dict[str, Any]:
        return morning.slack.message("Gary Stone", place, text)

    first, later = typed("EF56 not here"), typed("EF56 late 9:31")
    assert await morning.tells(process, first, kind=words) == 200
    await morning.until(lambda: fact(morning, "EF56") == "not arrived", "the first")
    morning.wall("09:32:00")
    assert await morning.tells(process, later, kind=words) == 200
    await morning.until(lambda: fact(morning, "EF56") == "late", "the later")
    before = marks(morning)
    for retry in (1, 2, 3):
        for payload in (first, later, first):
            assert await morning.tells(process, payload, kind=words, retry=retry) == 200
    again = await morning.start()
    assert await morning.tells(again, first, kind=words, retry=3) == 200
    await morning.until(lambda: morning.is_settled, "everything settled")
    assert (fact(morning, "EF56"), marks(morning)) == ("late", before)
