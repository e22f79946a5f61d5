"""Which days a place is open, and which letter an alternating week has."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.calendar import Calendar, Closure, Term, bank_holidays
from apbot.domain.marks import Session
from tests.domain.duties.years import HILLCREST

BANK_HOLIDAYS = {
    2026: "1 1, 3 4, 6 4, 4 5, 25 5, 31 8, 25 12, 28 12",
    2027: "1 1, 26 3, 29 3, 3 5, 31 5, 30 8, 27 12, 28 12",
    2028: "3 1, 14 4, 17 4, 1 5, 29 5, 28 8, 25 12, 26 12",
}
"""England's, as "day month", from the calendar facts."""

YEAR = HILLCREST.terms
MONDAY = date(2026, 8, 31)


def listed(year: int) -> list[date]:
    """The listed bank holidays of one year."""
    pairs = (each.split() for each in BANK_HOLIDAYS[year].split(", "))
    return [date(year, int(month), int(day)) for day, month in pairs]


def weekdays(start: date, end: date) -> list[date]:
    """Monday to Friday, both dates included."""
    days = (start + timedelta(days=count) for count in range((end - start).days + 1))
    return [day for day in days if day.weekday() < 5]


def letters(calendar: Calendar, *days: date) -> str:
    """The letters of the weeks of these days, in order."""
    return "".join(calendar.week_letter(day) for day in days)


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_every_listed_bank_holiday_is_closed_in_term_and_for_a_provider_without_terms(year: int) -> None:
    all_year = Calendar((Term("all year", date(year, 1, 1), date(year, 12, 31)),))
    for day in listed(year):
        for session in Session:
            assert all_year.closed_because(day, session) == "bank holiday"
            assert Calendar(always=True).closed_because(day, session) == "bank holiday"


@pytest.mark.parametrize("year", BANK_HOLIDAYS)
def test_no_weekday_but_those_listed_is_a_bank_holiday(year: int) -> None:
    assert sorted(day for day in bank_holidays(year) if day.weekday() < 5) == listed(year)


def test_scotlands_and_northern_irelands_own_holidays_are_not_englands() -> None:
    assert not {date(2026, 1, 2), date(2026, 11, 30), date(2026, 3, 17), date(2026, 7, 13)} & bank_holidays(2026)


def test_a_school_is_open_from_the_first_to_the_last_day_of_a_term_both_included() -> None:
    calendar = Calendar(YEAR)
    assert calendar.is_open(date(2026, 9, 2), Session.AM)
    assert calendar.is_open(date(2026, 10, 23), Session.PM)
    assert calendar.closed_because(date(2026, 9, 1), Session.AM) == "outside term"
    assert calendar.closed_because(date(2026, 10, 26), Session.AM) == "outside term"


def test_a_school_without_terms_is_never_open() -> None:
    calendar = Calendar(closures=(Closure(MONDAY, MONDAY),))
    assert not any(calendar.is_school_day(day) for day in weekdays(date(2026, 9, 1), date(2027, 7, 31)))


def test_a_provider_without_terms_follows_whoever_it_serves_but_keeps_its_own_closures() -> None:
    calendar = Calendar(closures=(Closure(date(2026, 9, 18), date(2026, 9, 18), kind="training day"),), always=True)
    assert calendar.is_open(date(2026, 8, 12), Session.AM)
    assert calendar.closed_because(date(2026, 9, 18), Session.AM) == "training day"


def test_a_provider_with_terms_of_its_own_keeps_them() -> None:
    calendar = Calendar((Term("October", date(2026, 10, 1), date(2026, 10, 30)),), always=True)
    assert calendar.is_open(date(2026, 10, 28), Session.AM)
    assert not calendar.is_open(date(2026, 11, 3), Session.AM)


@pytest.mark.parametrize(
    ("sessions", "shut"), [("all day", {Session.AM, Session.PM}), ("am", {Session.AM}), ("pm", {Session.PM})]
)
def test_a_closure_shuts_the_sessions_it_names_on_both_its_dates_and_no_others(
    sessions: str, shut: set[Session]
) -> None:
    calendar = Calendar(YEAR, (Closure(date(2026, 9, 9), date(2026, 9, 10), sessions, "INSET day"),))
    for day in (date(2026, 9, 9), date(2026, 9, 10)):
        assert {each for each in Session if calendar.closed_because(day, each) == "INSET day"} == shut
    for day in (date(2026, 9, 8), date(2026, 9, 11)):
        assert all(calendar.is_open(day, each) for each in Session)


def test_a_morning_and_an_afternoon_closed_for_different_reasons_make_no_school_day() -> None:
    day = date(2026, 9, 9)
    one = Calendar(YEAR, (Closure(day, day, "am", "INSET"),))
    both = Calendar(YEAR, (Closure(day, day, "am", "INSET"), Closure(day, day, "pm", "flood")))
    assert one.is_school_day(day)
    assert not both.is_school_day(day)
    assert (both.closed_because(day, Session.AM), both.closed_because(day, Session.PM)) == ("INSET", "flood")


def test_a_weekend_within_a_term_is_no_school_day() -> None:
    calendar = Calendar(YEAR)
    assert not calendar.is_school_day(date(2026, 9, 5))
    assert not calendar.is_school_day(date(2026, 9, 6))


def test_the_example_year_has_the_school_days_that_a_count_by_hand_gives() -> None:
    calendar = Calendar(YEAR)
    days = weekdays(date(2026, 9, 1), date(2027, 7, 31))
    in_term = [day for day in days if any(term.starts_on <= day <= term.ends_on for term in YEAR)]
    # Of the bank holidays of the year only 3 May falls into a term: 31 May is in the half-term break.
    assert sum(calendar.is_school_day(day) for day in days) == len(in_term) - 1


def test_school_days_are_counted_back_over_weekends_and_holidays() -> None:
    calendar = Calendar(YEAR)
    assert calendar.school_days_before(date(2026, 9, 7), 1) == date(2026, 9, 4)
    assert calendar.school_days_before(date(2026, 11, 3), 2) == date(2026, 10, 23)
    assert calendar.school_days_before(date(2026, 9, 2), 1) is None


def test_weeks_alternate_from_a_and_a_holiday_uses_up_no_letter() -> None:
    calendar = Calendar(YEAR)
    assert letters(calendar, date(2026, 9, 2), date(2026, 9, 7), date(2026, 9, 14)) == "ABA"
    # Eight weeks to 23 October, A to B; the week off is passed over, so the block after goes on with A.
    assert letters(calendar, date(2026, 10, 23), date(2026, 11, 2), date(2026, 11, 9)) == "BAB"
    # Seven weeks to 18 December, A to A; two weeks off; B in January.
    assert letters(calendar, date(2026, 12, 18), date(2027, 1, 4)) == "AB"


def test_a_week_is_one_letter_from_monday_to_sunday() -> None:
    calendar = Calendar(YEAR)
    for monday in (date(2026, 9, 7), date(2027, 1, 4)):
        assert len({calendar.week_letter(monday + timedelta(days=count)) for count in range(7)}) == 1


def test_first_week_starts_the_count_anew() -> None:
    autumn, spring = YEAR[0], Term("Autumn 2", date(2026, 11, 2), date(2026, 12, 18), "B")
    calendar = Calendar((autumn, spring))
    assert letters(calendar, date(2026, 10, 23), date(2026, 11, 2), date(2026, 11, 9)) == "BBA"
    assert letters(Calendar((Term("T", date(2026, 9, 2), date(2026, 10, 23), "B"),)), date(2026, 9, 2)) == "B"


def test_two_blocks_that_share_a_week_share_its_letter() -> None:
    calendar = Calendar(
        (Term("one", date(2026, 9, 7), date(2026, 9, 16)), Term("two", date(2026, 9, 18), date(2026, 9, 30)))
    )
    assert letters(calendar, date(2026, 9, 7), date(2026, 9, 16), date(2026, 9, 18), date(2026, 9, 21)) == "ABBA"


def test_the_order_in_which_terms_are_given_is_of_no_account() -> None:
    backwards = Calendar(tuple(reversed(YEAR)))
    days = weekdays(date(2026, 9, 2), date(2027, 7, 21))
    assert letters(backwards, *days) == letters(Calendar(YEAR), *days)


def test_a_term_that_is_said_to_start_on_a_weekend_has_its_first_week_on_the_monday_after() -> None:
    whole = Calendar((Term("Autumn 2", date(2026, 11, 2), date(2026, 12, 18), "A"),))
    for start in (date(2026, 10, 31), date(2026, 11, 1)):
        calendar = Calendar((Term("Autumn 2", start, date(2026, 12, 18), "A"),))
        days = weekdays(date(2026, 11, 2), date(2026, 12, 18))
        assert letters(calendar, *days) == letters(whole, *days)


@st.composite
def blocks(draw: st.DrawFn) -> tuple[Term, ...]:
    """Up to six blocks one after another, each on weekdays, with breaks of one day to four weeks between."""
    at = MONDAY + timedelta(days=draw(st.integers(0, 10)))
    terms = []
    for count in range(draw(st.integers(1, 6))):
        at += timedelta(days=(7 - at.weekday()) % 7 if at.weekday() > 4 else 0)
        ends = at + timedelta(days=draw(st.integers(0, 60)))
        terms.append(Term(f"block {count}", at, ends, draw(st.sampled_from(["", "", "A", "B"]))))
        at = ends + timedelta(days=draw(st.integers(1, 30)))
    return tuple(terms)


def teaching_weeks(terms: tuple[Term, ...]) -> list[date]:
    """The Mondays of weeks with a weekday of some term."""
    found = {day - timedelta(days=day.weekday()) for term in terms for day in weekdays(term.starts_on, term.ends_on)}
    return sorted(found)


@settings(max_examples=40, deadline=None)
@given(blocks())
def test_through_the_teaching_weeks_letters_only_ever_alternate_or_start_anew(terms: tuple[Term, ...]) -> None:
    calendar = Calendar(terms)
    weeks = teaching_weeks(terms)
    starting = {}
    for term in terms:
        if term.first_week:
            starting[term.starts_on - timedelta(days=term.starts_on.weekday())] = term.first_week
    expected = starting.get(weeks[0], "A")
    for monday in weeks:
        expected = starting.get(monday, expected)
        assert calendar.week_letter(monday) == expected
        expected = "B" if expected == "A" else "A"


@settings(max_examples=40, deadline=None)
@given(blocks(), st.data())
def test_a_session_is_open_exactly_in_term_out_of_bank_holidays_and_out_of_closures(
    terms: tuple[Term, ...], data: st.DataObject
) -> None:
    day = data.draw(st.dates(MONDAY, date(2027, 12, 31)))
    start = day + timedelta(days=data.draw(st.integers(-3, 1)))
    closure = Closure(start, start + timedelta(days=data.draw(st.integers(0, 3))), data.draw(SESSIONS), "INSET")
    calendar = Calendar(terms, (closure,))
    for session in Session:
        in_term = any(term.starts_on <= day <= term.ends_on for term in terms)
        shut = closure.starts_on <= day <= closure.ends_on and closure.sessions in ("all day", session.value)
        assert calendar.is_open(day, session) == (in_term and not shut and day not in bank_holidays(day.year))


SESSIONS = st.sampled_from(["all day", "am", "pm"])
