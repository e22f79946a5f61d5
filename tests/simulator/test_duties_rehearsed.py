"""The rehearsal of the weeks: that it keeps the promises about duties, and sees it where they are not kept."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta

import pytest

from apbot.domain.duties import contact
from apbot.domain.duties.model import Placed, Window
from apbot.domain.duties.registry import KINDS
from apbot.messages.registry import KINDS as MESSAGES
from apbot.schedules import reminding
from apbot.simulator.cast import Chances
from apbot.simulator.dutywatch import LED, LISTED_ONCE, OWED, SCHOOL_DAYS
from apbot.simulator.lists import Habits
from apbot.simulator.report import lines
from apbot.simulator.run import Report, rehearse
from apbot.simulator.world import invent
from apbot.store.duties import planning, writing
from apbot.store.duties.owners import Owners

MONDAY = date(2026, 9, 14)
CARELESS = Chances(habits=Habits(forgets_list=1))
DILIGENT = Chances(habits=Habits(forgets_list=0, forgets_duty=0, leaves_to_owner=0, books=0, hands_over=0, waives=0))


async def days(count: int, first: date = MONDAY, placements: int = 12, chances: Chances | None = None) -> Report:
    last = first + timedelta(days=count - 1)
    return await rehearse(invent(placements, first, last, seed=3), first, last, seed=3, chances=chances)


async def test_three_weeks_keep_every_promise_and_the_report_counts_what_was_owed() -> None:
    report = await days(19)
    assert report.breaches == 0, report.examples
    assert report.duties_due > 20
    assert report.duties_done > report.duties_missed
    assert report.lists_sent > 10
    text = "\n".join(lines(report))
    assert "duties due" in text
    assert f"kept   {OWED}" in text


async def test_over_a_half_term_break_in_which_the_clocks_go_back_the_promises_hold() -> None:
    report = await days(21, date(2026, 10, 14))
    assert report.breaches == 0, report.examples
    assert report.duties_due > 20


async def test_over_easter_when_the_clocks_go_forward_the_promises_hold() -> None:
    report = await days(26, date(2027, 3, 18))
    assert report.breaches == 0, report.examples


async def test_whoever_never_answers_misses_what_lapses_and_whoever_always_does_misses_nothing() -> None:
    careless = await days(15, chances=CARELESS)
    assert careless.breaches == 0, careless.examples
    assert careless.duties_done == 0
    assert careless.duties_missed > 0
    diligent = await days(12, chances=DILIGENT)
    assert diligent.breaches == 0, diligent.examples
    assert diligent.duties_missed == 0
    assert diligent.duties_done == diligent.duties_due


def _kind(monkeypatch: pytest.MonkeyPatch, name: str, **changes: object) -> None:
    monkeypatch.setitem(KINDS, name, replace(KINDS[name], **changes))  # type: ignore[arg-type]


async def test_a_duty_that_is_never_asked_for_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    _kind(monkeypatch, "contact", of_placement=lambda *_: ())
    report = await days(5)
    assert report.invariants[OWED] > 0
    assert "contact" in report.examples[OWED][0]
    assert "never asked for" in report.examples[OWED][0]


async def test_a_duty_that_is_missed_although_somebody_answered_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writing, "close", lambda *_: None)
    report = await days(16, chances=DILIGENT)
    assert any("missed, though" in each for each in report.examples[OWED])


async def test_a_duty_of_which_nobody_is_told_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "next_mention", lambda *_: None)
    report = await days(8)
    assert any("on nobody's list" in each for each in report.examples[OWED])


async def test_a_duty_that_is_asked_for_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def twice(placed: Placed, day: date) -> Iterator[Window]:
        for window in contact.windows(placed, day):
            yield from (window, replace(window, period=f"{window.period} again"))

    _kind(monkeypatch, "contact", of_placement=twice)
    report = await days(5)
    assert any("asked for 2 times" in each for each in report.examples[LISTED_ONCE])


async def test_a_duty_that_stands_on_a_list_twice_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = MESSAGES["duties"].card

    def doubled(digest, envelope):  # type: ignore[no-untyped-def]
        card = real(digest, envelope)
        return card and replace(card, rows=card.rows * 2)

    monkeypatch.setitem(MESSAGES, "duties", replace(MESSAGES["duties"], card=doubled))
    assert (await days(5)).invariants[LISTED_ONCE] > 0


async def test_a_duty_that_is_told_again_the_same_day_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    real = MESSAGES["duties"].card
    whole = replace(MESSAGES["duties"], card=lambda digest, envelope: real(digest, replace(envelope, step=0)))
    monkeypatch.setitem(MESSAGES, "duties", whole)
    report = await days(5, chances=Chances(habits=Habits(forgets_list=0, hands_over=0.5)))
    assert any("again in person" in each for each in report.examples[LISTED_ONCE])


async def test_what_the_calendar_does_not_demand_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def daily(placed: Placed, day: date) -> Iterator[Window]:
        yield Window(day.isoformat(), day, day, day)

    _kind(monkeypatch, "induction", of_placement=daily)
    report = await days(5)
    assert any("for nothing" in each for each in report.examples[LISTED_ONCE])


async def test_a_list_at_the_weekend_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def tomorrow(_kind: object, _calendar: object, _standing: object, after: date) -> date:
        return after + timedelta(days=1)

    monkeypatch.setattr(reminding, "next_mention", tomorrow)
    monkeypatch.setattr(reminding, "may_speak", lambda *_: True)
    report = await days(6, chances=CARELESS)
    assert any("on a list on 2026-09-19" in each for each in report.examples[SCHOOL_DAYS])


async def test_a_list_at_night_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "TOLD_AT", time(5, 30))
    report = await days(5)
    assert any("at 05:30" in each for each in report.examples[SCHOOL_DAYS])


async def test_what_is_overdue_and_in_front_of_no_lead_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Owners, "_others", lambda *_: ())
    report = await days(8, chances=CARELESS)
    assert report.invariants[LED] > 0
