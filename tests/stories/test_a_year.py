"""A school year at two schools: what each was asked, when, and what came of it. One run of the year, many tales."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from datetime import date, time, timedelta

import pytest

from apbot.domain.walltime import local
from tests.stories.theyear import (
    BURST_PIPE,
    FIRST,
    FORWARD,
    HILLCREST,
    KIT_LEAVES,
    LAST,
    ROSA_AWAY,
    ROSA_TAKES_OVER,
    SCHOOL_OF,
    STAFF,
    TARN_END,
    Year,
    go_through,
    is_school_day,
)

DAY = timedelta(days=1)
SUMMER = date(2027, 8, 31)
HILLCREST_STAFF = {ref for ref, _, at, _ in STAFF if at == "HILL"}
TARN_END_STAFF = {ref for ref, _, at, _ in STAFF if at == "TARN"}


@pytest.fixture(scope="module")
def year() -> Iterator[Year]:
    """The year, once it is over."""
    gone_by = asyncio.run(go_through())
    yield gone_by
    gone_by.close()


def weeks(school: str, first: date, last: date) -> list[date]:
    """The Mondays of the weeks with a school day from `first` to `last`."""
    days = (first + DAY * number for number in range((last - first).days + 1))
    return sorted({day - DAY * day.weekday() for day in days if is_school_day(school, day)})


def states(found: list[object]) -> Counter[str]:
    return Counter(row.state for row in found)  # type: ignore[attr-defined]


def test_nothing_that_anybody_pressed_was_refused(year: Year) -> None:
    assert year.refusals == []
    assert len(year.lists) > 150


@pytest.mark.parametrize(
    ("pupil", "first", "last"),
    [
        ("AB12", date(2026, 9, 7), SUMMER),
        ("GH78", date(2026, 9, 7), SUMMER),
        ("JK90", date(2026, 10, 13), SUMMER),
        ("LM21", date(2026, 9, 9), date(2026, 11, 25)),
        ("EF56", date(2027, 7, 19), SUMMER),
    ],
)
def test_every_school_week_of_a_placement_has_one_contact_done_or_missed(
    year: Year, pupil: str, first: date, last: date
) -> None:
    found = [row for row in year.duties("contact", pupil) if row.due_on <= SUMMER and row.state != "withdrawn"]
    mondays = [row.due_on - DAY * row.due_on.weekday() for row in found]
    # LM21 is there on Wednesdays alone; on the others' days there is always a day of the week without a holiday.
    assert mondays == weeks(SCHOOL_OF[pupil], first, last)
    assert set(states(found)) <= {"done", "missed"}
    assert all(is_school_day(SCHOOL_OF[pupil], row.due_on) for row in found)


def test_a_fortnights_contact_falls_due_once_in_two_weeks_of_each_half_term(year: Year) -> None:
    found = [row for row in year.duties("contact", "CD34") if row.due_on <= SUMMER]
    pairs = sum(-(-len(weeks("HILL", *block)) // 2) for block in HILLCREST[:6])
    assert len(found) == pairs - 1, "the last week of July is a B week, and has no Thursday"
    assert set(states(found)) == {"done"}


def test_only_what_nobody_answered_was_missed_and_its_lead_heard_of_it(year: Year) -> None:
    missed = [
        row
        for kind in ("contact", "visit", "review", "report")
        for pupil in SCHOOL_OF
        for row in year.duties(kind, pupil)
        if row.state == "missed"
    ]
    assert [(row.kind, row.due_on) for row in missed] == [("contact", date(2026, 11, 19))], "the 20th is an INSET day"
    led = [day for day, person in year.told("GH78", "contact", "you are told because") if person == "HUGO"]
    assert led[0] == date(2026, 11, 23)
    late = next(row for row in year.duties("contact", "GH78") if row.due_on == date(2026, 11, 27))
    assert (late.state, local(late.closed_at).date()) == ("done", date(2026, 11, 30)), "a contact made up for"


@pytest.mark.parametrize("kind", ["visit", "review", "report"])
def test_each_half_term_has_one_visit_one_review_and_one_report(year: Year, kind: str) -> None:
    for pupil, blocks in (("AB12", HILLCREST), ("GH78", TARN_END)):
        found = [row for row in year.duties(kind, pupil) if row.due_on <= SUMMER]
        within = [sum(first <= row.due_on <= last for row in found) for first, last in blocks[:6]]
        assert within == [1] * 6, pupil
        assert states(found) == {"done": 6}


def test_once_a_term_means_three_visits_in_the_year(year: Year) -> None:
    found = [row for row in year.duties("visit", "CD34") if row.due_on <= SUMMER]
    assert [row.due_on for row in found] == [HILLCREST[1][1], HILLCREST[3][1], HILLCREST[5][1]]


def test_a_placement_that_begins_in_the_last_week_of_a_half_term_owes_its_first_visit_in_the_next(year: Year) -> None:
    assert year.duties("visit", "JK90")[0].opens_on == TARN_END[1][0]
    assert year.duties("contact", "JK90")[0].due_on == date(2026, 10, 16)


def test_a_placement_that_ends_within_a_half_term_owes_the_visit_by_its_last_day(year: Year) -> None:
    found = year.duties("visit", "LM21")
    assert [row.due_on for row in found] == [date(2026, 10, 16), date(2026, 11, 25)]
    assert year.told("LM21", "visit")[-1][0] <= date(2026, 11, 25)


def test_lists_come_at_a_quarter_past_eight_on_the_wall_before_and_after_the_clocks_change(year: Year) -> None:
    assert {local(each.at).time().replace(second=0, microsecond=0) for each in year.lists} == {time(8, 15)}
    hours = {each.at.hour for each in year.lists if each.day > FORWARD}
    assert hours == {7}, "a quarter past seven in UTC"
    assert any(date(2027, 3, 30) <= each.day <= date(2027, 4, 1) for each in year.lists), "in the week after Easter"
    assert any(FORWARD - DAY * 7 < each.day < FORWARD and each.at.hour == 8 for each in year.lists)


def test_nobody_gets_two_lists_on_one_day_nor_one_duty_twice_on_a_list(year: Year) -> None:
    assert Counter(Counter((each.person, each.day) for each in year.lists).values()).keys() == {1}
    for each in year.lists:
        asked = [button.subject for row in each.rows for button in row.buttons[:1]]
        assert len(asked) == len(set(asked))


def test_lists_come_on_the_schools_own_school_days_alone(year: Year) -> None:
    for each in year.lists:
        for reference, school in SCHOOL_OF.items():
            if reference in each.text:
                assert is_school_day(school, each.day), (each.person, each.day, reference)
    tarn_end_alone = [each for each in year.lists if date(2027, 3, 30) <= each.day <= date(2027, 4, 9)]
    assert {each.person for each in tarn_end_alone} <= TARN_END_STAFF | {"SAM"}
    hillcrest_alone = [each for each in year.lists if date(2027, 4, 12) <= each.day <= date(2027, 4, 23)]
    assert {each.person for each in hillcrest_alone} <= HILLCREST_STAFF | {"SAM", "GARY"}
    assert tarn_end_alone
    assert hillcrest_alone


def test_in_the_summer_nobody_hears_of_anything(year: Year) -> None:
    assert not [each for each in year.lists if date(2027, 7, 24) <= each.day <= date(2027, 9, 1)]


def test_nobody_is_told_of_the_other_schools_pupils(year: Year) -> None:
    for each in year.lists:
        others = HILLCREST_STAFF if each.person in TARN_END_STAFF else TARN_END_STAFF
        if each.person in ("SAM", "GARY"):
            continue
        strangers = {ref for ref, school in SCHOOL_OF.items() if (school == "TARN") == (others is TARN_END_STAFF)}
        assert not any(ref in each.text for ref in strangers), (each.person, each.day)


def test_the_shared_providers_contact_gets_one_list_for_both_schools(year: Year) -> None:
    both = [each for each in year.lists if each.person == "SAM" and "AB12" in each.text and "GH78" in each.text]
    assert both
    assert not any("CD34" in each.text for each in year.lists if each.person == "SAM"), "at the Garage alone"


def test_a_start_in_the_last_days_of_july_owes_its_assessment_in_september(year: Year) -> None:
    (assessment,) = year.duties("initial assessment", "EF56")
    (induction,) = year.duties("induction", "EF56")
    assert (assessment.opens_on, assessment.due_on) == (date(2027, 7, 19), date(2027, 9, 3))
    assert induction.due_on == date(2027, 9, 10)
    assert assessment.state == induction.state == "done"
    assert year.duties("visit", "EF56")[0].opens_on == date(2027, 9, 2), "three days in July are too few"


def test_what_was_missing_before_the_july_start_was_asked_for_until_it_was_there(year: Year) -> None:
    asked = year.told("EF56", "no commissioning agreement")
    assert asked[0] == (date(2027, 7, 2), "ROSA")
    assert max(day for day, _ in asked) <= date(2027, 7, 9)
    assert [row.state for row in year.duties("before the start", "EF56")] == ["done"]


def test_a_leaver_hears_nothing_and_the_lead_takes_over_until_somebody_else_is_named(year: Year) -> None:
    assert max(each.day for each in year.lists if each.person == "KIT") <= KIT_LEAVES
    between = {person for day, person in year.told("AB12", "contact") if KIT_LEAVES < day < ROSA_TAKES_OVER}
    assert between == {"HELEN"}
    afterwards = {person for day, person in year.told("AB12", "contact") if day >= ROSA_TAKES_OVER}
    assert afterwards == {"ROSA"}
    assert {row.state for row in year.duties("contact", "AB12") if row.due_on <= SUMMER} == {"done"}


def test_who_is_away_is_covered_for(year: Year) -> None:
    first, last = ROSA_AWAY
    told = {person for day, person in year.told("CD34") if first <= day <= last}
    assert told == {"KIT"}
    assert not [each for each in year.lists if each.person == "ROSA" and first <= each.day <= last]


def test_the_target_end_date_is_spoken_of_four_weeks_and_one_week_before(year: Year) -> None:
    told = [day for day, person in year.told("AB12", "target end date") if person == "ROSA"]
    assert told[0] == date(2027, 2, 24)
    first = year.duties("target end date", "AB12")[0]
    assert (first.due_on, first.state) == (date(2027, 3, 24), "done")
    second = date(2027, 2, 24) + 120 * DAY
    assert second - 28 * DAY in [day for day, _ in year.told("AB12", "target end date")], "the new one comes near"


def test_a_document_that_expires_is_spoken_of_to_each_schools_lead(year: Year) -> None:
    told = year.told("Oak Farm", "public liability insurance")
    assert told[:2] == [(date(2027, 1, 5), "HELEN"), (date(2027, 1, 5), "HUGO")], "the first day after Christmas"
    assert {row.state for row in year.duties("document") if row.due_on < SUMMER} == {"done"}


def test_a_document_that_expires_in_the_summer_is_asked_for_before_it(year: Year) -> None:
    told = year.told("The Garage", "safeguarding policy")
    assert told[0] == (date(2027, 6, 23), "HELEN")


def test_a_placement_that_has_ended_is_closed_with_its_checklist(year: Year) -> None:
    (end,) = year.duties("end of placement", "LM21")
    assert (end.opens_on, end.due_on, end.state) == (date(2026, 11, 18), date(2026, 12, 2), "done")
    told = year.told("LM21", "end of placement")
    assert (date(2026, 12, 3), "HUGO") in told, "overdue, it is in front of the lead"
    assert not [day for day, _ in year.told("LM21") if day > date(2026, 12, 10)]


def test_a_week_that_is_closed_at_short_notice_owes_nothing(year: Year) -> None:
    first, last = BURST_PIPE
    assert not [row for row in year.duties("contact", "GH78") if first <= row.due_on <= last]
    assert not [each for each in year.lists if each.person in TARN_END_STAFF and first <= each.day <= last]


def test_the_year_leaves_nothing_open_that_was_due_in_it(year: Year) -> None:
    still = [
        row
        for kind in ("contact", "visit", "review", "report", "initial assessment", "induction", "end of placement")
        for pupil in SCHOOL_OF
        for row in year.duties(kind, pupil)
        if row.state == "open" and row.due_on <= SUMMER
    ]
    assert still == []
    assert FIRST < LAST
