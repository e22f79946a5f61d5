"""On which days a duty is spoken of."""

from datetime import date, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from apbot.domain.duties import contact, target_end, visit
from apbot.domain.duties.model import DutyKind
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.schooldays import last_school_day
from apbot.domain.duties.speaking import Standing, next_mention
from tests.domain.duties.years import HILLCREST

DAY = timedelta(days=1)


def days(kind: DutyKind, standing: Standing, most: int = 8) -> list[date]:
    """The days on which it is spoken of, from the day it opens."""
    found: list[date] = []
    after = standing.opens_on - DAY
    while len(found) < most and (day := next_mention(kind, HILLCREST, standing, after)) is not None:
        found.append(day)
        after = day
    return found


def test_a_contact_is_spoken_of_twice_in_its_week_and_then_until_the_end_of_the_next() -> None:
    week = Standing(date(2026, 9, 14), date(2026, 9, 18), date(2026, 9, 25))
    assert [day.day for day in days(contact.KIND, week)] == [16, 18, 21, 23, 25]


def test_over_the_half_term_break_nothing_is_said() -> None:
    week = Standing(date(2026, 10, 19), date(2026, 10, 23), date(2026, 11, 6))
    said = days(contact.KIND, week)
    assert said[:3] == [date(2026, 10, 21), date(2026, 10, 23), date(2026, 11, 2)]
    assert all(HILLCREST.is_school_day(day) for day in said)


def test_a_visit_that_is_booked_is_spoken_of_around_its_day_and_not_before() -> None:
    block = Standing(date(2026, 9, 7), date(2026, 10, 23), date(2026, 12, 18), booked_on=date(2026, 10, 1))
    said = days(visit.KIND, block, 5)
    assert said == [date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2), date(2026, 10, 23), date(2026, 11, 2)]


def test_a_visit_booked_for_after_it_is_due_is_still_overdue_and_who_leads_hears_so_before() -> None:
    block = Standing(date(2026, 9, 7), date(2026, 10, 23), date(2026, 12, 18), booked_on=date(2026, 11, 4))
    assert block.is_overdue(date(2026, 11, 2))
    said = days(visit.KIND, block, 5)
    assert said == [date(2026, 10, 23), *(date(2026, 11, day) for day in (2, 3, 4, 5))]


def test_what_was_due_long_before_the_calendar_begins_is_spoken_of_on_its_first_school_day() -> None:
    expired = Standing(date(2024, 3, 2), date(2024, 3, 30))
    assert days(KINDS["document"], expired, 2) == [date(2026, 9, 2), date(2026, 9, 9)]


def test_a_target_end_date_is_spoken_of_four_weeks_and_one_week_before_and_when_it_has_passed() -> None:
    standing = Standing(date(2027, 2, 25), date(2027, 3, 25))
    said = days(target_end.KIND, standing, 5)
    assert said[:3] == [date(2027, 2, 25), date(2027, 3, 18), date(2027, 3, 25)]
    assert said[3] == date(2027, 4, 12), "after Easter, and until somebody sets another"


@given(
    opens=st.dates(date(2026, 9, 2), date(2027, 6, 30)),
    lasts=st.integers(0, 60),
    lapses=st.one_of(st.none(), st.integers(0, 60)),
    booked=st.one_of(st.none(), st.integers(0, 60)),
    kind=st.sampled_from(sorted(KINDS)),
)
def test_every_duty_is_spoken_of_at_least_once_on_school_days_only_and_never_twice_on_one(
    opens: date, lasts: int, lapses: int | None, booked: int | None, kind: str
) -> None:
    due = last_school_day(HILLCREST, opens + DAY * lasts)
    assume(due is not None and due >= opens)
    assert due is not None
    standing = Standing(
        opens, due, None if lapses is None else due + DAY * lapses, None if booked is None else opens + DAY * booked
    )
    said = days(KINDS[kind], standing)
    assert said
    assert said == sorted(set(said))
    assert all(HILLCREST.is_school_day(day) for day in said)
