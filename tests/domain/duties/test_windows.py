"""When each duty opens, is due, and can no longer be made up for."""

from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apbot.domain.calendar import Calendar, Closure, Term
from apbot.domain.duties import beginning, contact, ending, provider_papers, review, start_gate, target_end, visit
from apbot.domain.duties.model import Document, Placed, Provided, Window
from apbot.domain.duties.registry import KINDS
from apbot.domain.duties.schooldays import count_school_days, school_week, term_of
from apbot.domain.rhythm import Every, Rhythms
from apbot.domain.timetable import Pattern
from tests.domain.duties.years import HILLCREST, MONDAYS, TARN_END, placed

DAY = timedelta(days=1)


def only(windows: list[Window], day: date) -> Window:
    """The one window that `day` lies in and that is not an earlier one's."""
    return max((each for each in windows if each.opens_on <= day), key=lambda each: each.opens_on)


def contacts(of: Placed, day: date) -> list[Window]:
    return list(contact.windows(of, day))


def test_a_contact_is_due_by_the_last_school_day_of_each_week() -> None:
    window = only(contacts(placed(), date(2026, 9, 16)), date(2026, 9, 16))
    assert (window.opens_on, window.due_on, window.lapses_on) == (
        date(2026, 9, 14),
        date(2026, 9, 18),
        date(2026, 9, 25),
    )


def test_in_a_week_that_an_inset_day_shortens_it_is_due_a_day_earlier() -> None:
    assert only(contacts(placed(), date(2026, 10, 7)), date(2026, 10, 7)).due_on == date(2026, 10, 8)


def test_the_last_week_before_a_holiday_can_be_made_up_for_in_the_first_week_after_it() -> None:
    window = only(contacts(placed(), date(2026, 10, 21)), date(2026, 10, 21))
    assert (window.due_on, window.lapses_on) == (date(2026, 10, 23), date(2026, 11, 6))
    again = contacts(placed(), date(2026, 11, 3))
    assert {each.due_on for each in again} == {date(2026, 10, 23), date(2026, 11, 6)}


def test_in_the_holidays_there_is_no_contact() -> None:
    assert contacts(placed(), date(2026, 10, 28)) == []


def test_a_placement_that_starts_on_the_last_day_of_a_week_owes_a_contact_that_day() -> None:
    windows = contacts(placed(starts_on=date(2026, 9, 18)), date(2026, 9, 18))
    assert [(each.opens_on, each.due_on) for each in windows] == [(date(2026, 9, 18), date(2026, 9, 18))]


def test_a_week_in_which_the_pupil_is_never_expected_owes_none() -> None:
    shut = Calendar(always=True, closures=(Closure(date(2026, 9, 14), date(2026, 9, 14)),))
    windows = contacts(placed(pattern=MONDAYS, provider_calendar=shut), date(2026, 9, 16))
    assert [each.due_on for each in windows] == [date(2026, 9, 11)]


def test_fortnights_are_paired_from_the_start_of_the_half_term() -> None:
    every = placed(rhythms=Rhythms(contact=Every.FORTNIGHT))
    due = {each.due_on for day in range(2, 30) for each in contacts(every, date(2026, 9, day)) if each.opens_on.day}
    assert due >= {date(2026, 9, 11), date(2026, 9, 25), date(2026, 10, 8)}
    assert date(2026, 9, 18) not in due


def test_a_placement_that_ends_on_a_tuesday_owes_the_weeks_contact_by_then() -> None:
    windows = contacts(placed(ends_on=date(2026, 9, 15)), date(2026, 9, 15))
    assert only(windows, date(2026, 9, 15)).due_on == date(2026, 9, 15)


def test_a_visit_is_due_by_the_end_of_each_half_term_of_the_home_school() -> None:
    (window,) = visit.windows(placed(), date(2026, 9, 16))
    assert (window.opens_on, window.due_on, window.lapses_on) == (
        date(2026, 9, 7),
        date(2026, 10, 23),
        date(2026, 12, 18),
    )
    (other,) = visit.windows(placed(calendar=TARN_END), date(2026, 9, 16))
    assert other.due_on == date(2026, 10, 16)


def test_a_placement_that_starts_in_the_last_week_of_a_half_term_owes_its_first_visit_in_the_next() -> None:
    late = placed(starts_on=date(2026, 10, 19))
    assert list(visit.windows(late, date(2026, 10, 20))) == []
    (window,) = visit.windows(late, date(2026, 11, 3))
    assert window.due_on == date(2026, 12, 18)


def test_once_a_term_a_visit_is_due_by_the_end_of_the_terms_second_half() -> None:
    (window,) = visit.windows(placed(rhythms=Rhythms(visit=Every.TERM)), date(2026, 9, 16))
    assert (window.opens_on, window.due_on, window.lapses_on) == (
        date(2026, 9, 7),
        date(2026, 12, 18),
        date(2027, 3, 25),
    )


def test_a_review_is_due_on_the_day_that_was_planned_at_the_start() -> None:
    planned = placed(review_dates=(date(2026, 10, 6), date(2026, 12, 1)))
    (window,) = review.windows(planned, date(2026, 9, 16))
    assert window.due_on == date(2026, 10, 6)


def test_the_last_half_terms_visit_is_still_owed_in_this_one() -> None:
    windows = list(visit.windows(placed(), date(2026, 11, 3)))
    assert [each.due_on for each in windows] == [date(2026, 10, 23), date(2026, 12, 18)]


def test_a_target_end_date_comes_into_sight_four_weeks_before_it() -> None:
    (window,) = target_end.windows(placed(target_end_on=date(2026, 12, 31)), date(2026, 12, 4))
    assert (window.opens_on, window.due_on, window.lapses_on) == (date(2026, 11, 20), date(2026, 12, 18), None)


def test_what_ends_in_the_summer_holiday_comes_into_sight_before_it() -> None:
    (window,) = target_end.windows(placed(target_end_on=date(2027, 8, 31)), date(2027, 7, 1))
    assert (window.opens_on, window.due_on) == (date(2027, 6, 23), date(2027, 7, 21))
    (paper,) = provider_papers.documents(provided(Document("fire drill", "", date(2027, 8, 31))), date(2027, 7, 1))
    assert (paper.opens_on, paper.due_on) == (date(2027, 6, 23), date(2027, 7, 21))
    (gate,) = start_gate.windows(placed(starts_on=date(2027, 9, 6), has_gap_at_start=True), date(2027, 7, 7))
    assert (gate.opens_on, gate.due_on) == (date(2027, 7, 7), date(2027, 7, 21))


def test_what_ends_after_the_calendar_is_not_due_on_its_last_day() -> None:
    (window,) = target_end.windows(placed(target_end_on=date(2028, 7, 14)), date(2027, 7, 1))
    assert (window.opens_on, window.due_on) == (date(2028, 6, 16), date(2028, 7, 14))


def test_a_week_that_is_closed_altogether_does_not_move_the_fortnights() -> None:
    snow = replace(HILLCREST, closures=(Closure(date(2026, 9, 14), date(2026, 9, 18)),))
    every = placed(rhythms=Rhythms(contact=Every.FORTNIGHT), calendar=snow, starts_on=date(2026, 9, 2))
    found = {each for day in range(2, 31) for each in contacts(every, date(2026, 9, day))}
    assert sorted((each.opens_on, each.due_on) for each in found) == [
        (date(2026, 9, 2), date(2026, 9, 11)),
        (date(2026, 9, 21), date(2026, 9, 25)),
        (date(2026, 9, 28), date(2026, 10, 9)),
    ]
    assert {each.period for each in found} == {"2026-08-31", "2026-09-14", "2026-09-28"}


def test_a_pupil_who_is_expected_on_saturdays_alone_is_owed_a_contact_too() -> None:
    saturdays = placed(pattern=Pattern.from_json(["sat am"]))
    assert only(contacts(saturdays, date(2026, 9, 16)), date(2026, 9, 16)).due_on == date(2026, 9, 18)


def test_a_placement_that_ends_on_a_day_without_school_owes_the_weeks_contact_on_the_school_day_before() -> None:
    windows = contacts(placed(ends_on=date(2026, 10, 9)), date(2026, 10, 7))
    assert only(windows, date(2026, 10, 7)).due_on == date(2026, 10, 8), "the 9th is an INSET day"


def test_where_no_target_end_date_is_set_it_is_to_be_within_five_school_days() -> None:
    (window,) = target_end.windows(placed(target_end_on=None), date(2026, 9, 8))
    assert window.due_on == date(2026, 9, 14)


def test_a_placement_whose_end_is_known_has_no_target_end_date_to_keep() -> None:
    assert list(target_end.windows(placed(ends_on=date(2026, 12, 18)), date(2026, 12, 1))) == []


def test_the_assessment_is_due_on_the_fifth_school_day_and_the_induction_on_the_tenth() -> None:
    assert beginning.ASSESSMENT_KIND.of_placement is not None
    assert beginning.INDUCTION_KIND.of_placement is not None
    (assessment,) = beginning.ASSESSMENT_KIND.of_placement(placed(), date(2026, 9, 7))
    (induction,) = beginning.INDUCTION_KIND.of_placement(placed(), date(2026, 9, 7))
    assert (assessment.due_on, induction.due_on) == (date(2026, 9, 11), date(2026, 9, 18))


def test_what_is_missing_before_the_start_is_due_on_the_last_school_day_before_it() -> None:
    early = placed(starts_on=date(2026, 11, 2), has_gap_at_start=True)
    (window,) = start_gate.windows(early, date(2026, 10, 20))
    assert window.due_on == date(2026, 10, 23)
    assert list(start_gate.windows(placed(), date(2026, 9, 4))) == []


def test_the_end_is_to_be_closed_within_five_school_days_of_the_last_day() -> None:
    (window,) = ending.windows(placed(ends_on=date(2026, 10, 22)), date(2026, 10, 20))
    assert (window.opens_on, window.due_on) == (date(2026, 10, 15), date(2026, 11, 5))
    assert list(ending.windows(placed(ends_on=date(2026, 10, 22), has_ended_well=True), date(2026, 10, 23))) == []


def provided(*documents: Document) -> Provided:
    return Provided(1, 1, date(2026, 9, 7), HILLCREST, documents)


def test_a_document_is_spoken_of_four_weeks_before_its_last_day() -> None:
    windows = list(
        provider_papers.documents(provided(Document("fire drill", "", date(2026, 11, 9))), date(2026, 10, 12))
    )
    assert [(each.opens_on, each.due_on, each.about) for each in windows] == [
        (date(2026, 10, 12), date(2026, 11, 9), "fire drill")
    ]


def test_a_provider_that_was_never_visited_is_to_be_by_the_end_of_the_first_half_term() -> None:
    (window,) = provider_papers.quality_visits(provided(), date(2026, 9, 8))
    assert (window.opens_on, window.due_on) == (date(2026, 9, 25), date(2026, 10, 23))


def test_the_yearly_report_is_due_at_the_end_of_the_school_year() -> None:
    (window,) = provider_papers.performance(provided(), date(2027, 7, 1))
    assert window.due_on == date(2027, 7, 21)
    next_year = replace(HILLCREST, terms=(*HILLCREST.terms, Term("Autumn 1", date(2027, 9, 1), date(2027, 10, 22))))
    (still, _) = provider_papers.performance(replace(provided(), calendar=next_year), date(2027, 9, 3))
    assert (still.due_on, still.lapses_on) == (date(2027, 7, 21), date(2027, 9, 28)), "it is still owed in September"


def test_a_school_with_five_blocks_has_terms_by_the_month_in_which_they_begin() -> None:
    odd = Calendar(terms=tuple(each for each in HILLCREST.terms if each.name != "Summer 2"))
    assert term_of(odd, date(2027, 4, 20)) is not None
    span = term_of(odd, date(2027, 1, 5))
    assert span is not None
    assert (span.first, span.last) == (date(2027, 1, 4), date(2027, 3, 25))


@pytest.mark.parametrize("every", [Every.WEEK, Every.FORTNIGHT])
def test_in_a_year_every_school_week_is_covered_by_just_one_contact(every: Every) -> None:
    of = placed(rhythms=Rhythms(contact=every), starts_on=date(2026, 9, 2))
    seen: dict[str, Window] = {}
    day = date(2026, 9, 2)
    while day <= date(2027, 7, 21):
        for window in contacts(of, day):
            assert seen.setdefault(window.period, window) == window, "a window never moves"
        day += DAY
    spans = sorted((each.opens_on, each.due_on) for each in seen.values())
    assert all(a[1] < b[0] for a, b in pairwise(spans)), "no week counts twice"
    day = date(2026, 9, 2)
    while day <= date(2027, 7, 21):
        if HILLCREST.is_school_day(day):
            assert any(first <= day <= last for first, last in spans), day
        day += DAY


@given(
    first=st.dates(date(2026, 9, 1), date(2027, 7, 20)),
    starts=st.dates(date(2026, 8, 20), date(2027, 7, 20)),
    lasts=st.one_of(st.none(), st.integers(0, 200)),
    closed=st.lists(st.dates(date(2026, 9, 1), date(2027, 7, 21)), max_size=6),
)
def test_whatever_the_calendar_a_window_opens_before_it_is_due_and_is_due_on_a_school_day(
    first: date, starts: date, lasts: int | None, closed: list[date]
) -> None:
    calendar = Calendar(HILLCREST.terms, tuple(Closure(day, day) for day in closed))
    ends_on = None if lasts is None else starts + DAY * lasts
    of = placed(calendar=calendar, starts_on=starts, ends_on=ends_on, target_end_on=None, has_gap_at_start=True)
    for kind in KINDS.values():
        for window in kind.of_placement(of, first) if kind.of_placement else ():
            assert window.opens_on <= window.due_on, kind.name
            assert window.lapses_on is None or window.due_on <= window.lapses_on, kind.name
            if kind.name in ("contact", "visit", "review", "report"):
                assert calendar.is_school_day(window.due_on), kind.name
                assert of.runs_on(window.due_on), kind.name


def test_a_week_of_one_day_is_a_school_week() -> None:
    week = Calendar((Term("A", date(2026, 9, 4), date(2026, 9, 4)),))
    assert school_week(week, date(2026, 9, 2)) is not None
    assert count_school_days(week, date(2026, 9, 1), date(2026, 9, 30)) == 1
