"""Whether a pupil's whole week is full time, or has a reason why not; and who is at several providers."""

from dataclasses import replace
from datetime import date

from apbot.domain.absences import Absence
from apbot.domain.marks import Session
from apbot.domain.timetable import Pattern
from apbot.domain.wholeweek import Part, at_several, clashes, slots_words, unexplained_gap

OAK = Part("CD34", "CD34-OAK", "Oak Farm", Pattern.from_json(["mon am", "mon pm"]), date(2026, 9, 7), None)
GARAGE = Part("CD34", "CD34-GAR", "The Garage", Pattern.from_json(["mon pm", "tue am"]), date(2026, 9, 7), None)
MORNINGS = Absence("C2", date(2026, 9, 7), date(2026, 10, 23), "am")


def test_placements_that_expect_the_pupil_at_the_same_time_clash() -> None:
    assert list(clashes([OAK, GARAGE])) == [(OAK, GARAGE, (0, Session.PM))]


def test_placements_that_follow_one_another_do_not_clash() -> None:
    ended = replace(OAK, ends_on=date(2026, 10, 23))
    assert list(clashes([ended, replace(GARAGE, starts_on=date(2026, 10, 24))])) == []
    assert list(clashes([ended, replace(GARAGE, starts_on=date(2026, 10, 23))])) != []


def test_without_a_part_time_timetable_the_rest_of_the_week_is_at_school() -> None:
    assert unexplained_gap([OAK], []) == []
    assert unexplained_gap([OAK], [replace(MORNINGS, code="M")]) == []


def test_a_part_time_timetable_leaves_a_gap_of_its_sessions() -> None:
    gap = unexplained_gap([OAK], [MORNINGS])
    assert gap == [(weekday, Session.AM) for weekday in range(5)]
    assert slots_words(gap[:2]) == "Mon am, Tue am"


def test_a_part_time_timetable_of_one_day_leaves_that_day() -> None:
    one_day = Absence("C2", date(2026, 9, 9), date(2026, 9, 9))
    assert slots_words(unexplained_gap([OAK], [one_day, one_day])) == "Wed am, Wed pm"


def test_the_weekend_is_no_gap() -> None:
    assert unexplained_gap([OAK], [Absence("C2", date(2026, 9, 12), date(2026, 9, 13))]) == []


def test_an_agreed_reason_on_any_placement_explains_it() -> None:
    assert unexplained_gap([OAK, replace(GARAGE, reason="phased return, agreed with home")], [MORNINGS]) == []


def test_each_provider_of_a_pupil_should_know_the_others() -> None:
    assert at_several([OAK, GARAGE]) == ["Oak Farm", "The Garage"]
    assert at_several([OAK]) == []
    assert at_several([OAK, replace(OAK, ref="CD34-2")]) == []
    assert at_several([replace(OAK, ends_on=date(2026, 9, 8)), replace(GARAGE, starts_on=date(2026, 9, 9))]) == []
