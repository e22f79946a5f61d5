"""Before a placement starts: what is missing, what guidance says of the provider, and whether the week is whole."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.absences import Absence
from apbot.domain.access import TERMINAL
from apbot.domain.documents import ASKED_OF_ALL
from apbot.domain.startgate import missing
from apbot.readiness import Severity
from apbot.store.absences import plan_absence
from apbot.store.startgate import load_gates
from apbot.store.tables import documents, people, placements, providers, pupils
from tests.day import Day
from tests.stories.test_check import finding, report

READY: dict[str, object] = {
    "agreement_on": date(2026, 9, 1),
    "authorised_by": "Helen Marsh, head",
    "aims": "to come every day",
    "target_end_on": date(2026, 11, 27),
    "review_dates": ["2026-10-12"],
    "risk_shared_on": date(2026, 9, 1),
    "dsl_details_on": date(2026, 9, 1),
    "meals": "packed lunch",
    "transport": "bus 12",
}


@pytest.fixture
def all_is_ready(day: Day) -> Day:
    """Everything is in place, at providers that are registered."""
    checked = {"registered": True, "registration_checked_on": date(2026, 7, 1)}
    day.change(providers, sa.true(), **checked)
    day.change(placements, sa.true(), **READY, key_worker_id=day.ids["Kit Lowry"])
    for name in ("Oak Farm", "The Garage"):
        for kind in ASKED_OF_ALL:
            show(day, name, kind, date(2026, 8, 1))
    return day


def said(day: Day, *words: str) -> list[str]:
    """What is found with one of these words in it."""
    found = [f"{each.place}: {each.what}" for each in report(day).findings]
    return [each for each in found if any(word in each for word in words)]


async def test_where_all_is_in_place_nothing_is_said(all_is_ready: Day) -> None:
    assert not said(all_is_ready, "starts on", "began", "guidance", "part-time", "two places", "newly")


async def test_a_placement_that_starts_soon_is_spoken_of_for_itself(all_is_ready: Day) -> None:
    day = all_is_ready
    changed = {"starts_on": date(2026, 10, 1), "aims": "", "risk_shared_on": None}
    day.change(placements, placements.c.ref == "AB12-OAK", **changed)
    found = finding(day, "Hillcrest", "AB12 at Oak Farm starts on Thu 1 Oct 2026")
    assert found.severity is Severity.MEND
    assert found.what.endswith(": no aims; risk information not exchanged")
    assert "under Aims" in found.do
    day.change(placements, placements.c.ref == "AB12-OAK", starts_on=date(2026, 10, 2))
    assert not said(day, "AB12 at")


async def test_one_that_began_lately_is_too_and_older_ones_are_said_together(all_is_ready: Day) -> None:
    day = all_is_ready
    day.change(placements, sa.true(), meals="")
    day.change(placements, placements.c.ref == "AB12-OAK", starts_on=date(2026, 9, 14))
    finding(day, "AB12 at Oak Farm began on Mon 14 Sep 2026: meals not arranged")
    assert len(said(day, "meals not arranged")) == 3
    older = "placements that began without all in place (meals not arranged): CD34 (Oak Farm), EF56 (The Garage)"
    finding(day, "Hillcrest", older)


async def test_a_key_worker_who_has_left_is_none_and_a_document_must_hold_on_the_first_day(all_is_ready: Day) -> None:
    day = all_is_ready
    day.change(placements, placements.c.ref == "AB12-OAK", starts_on=date(2026, 9, 21))
    day.change(people, people.c.name == "Kit Lowry", leaves_on=date(2026, 9, 11))
    day.change(documents, documents.c.kind == "letter of assurance", expires_on=date(2026, 9, 18))
    found = finding(day, "AB12 at Oak Farm starts on Mon 21 Sep 2026")
    assert "the letter of assurance ends on Fri 18 Sep 2026, before the start; no key worker" in found.what


async def test_facts_are_read_of_those_placements_that_are_asked_for(all_is_ready: Day) -> None:
    ids = [all_is_ready.ids[f"{ref} placement"] for ref in ("AB12", "EF56")]
    gates = all_is_ready.database.run(load_gates, [*ids, 9999])
    assert [*gates] == ids
    assert [gates[each].pupil for each in ids] == ["AB12", "EF56"]
    assert all(missing(each) == [] for each in gates.values())


async def test_each_school_reads_of_its_own_pupils_alone(all_is_ready: Day) -> None:
    day = all_is_ready
    day.change(providers, providers.c.name == "Oak Farm", registered=False)
    day.change(pupils, sa.true(), looked_after=True)
    for school_name, own, other in (("Hillcrest", "AB12, CD34", "GH78"), ("Marsh Lane", "GH78", "AB12")):
        found = finding(day, school_name, "Oak Farm (registration): full time (over 18 hours a week) with an EHC")
        assert found.what.endswith(own)
        assert other not in found.what
        assert "Tell the local authority" in found.do


async def test_a_provider_with_a_dual_registered_pupil_is_a_school(all_is_ready: Day) -> None:
    day = all_is_ready
    day.change(providers, providers.c.name == "Oak Farm", registered=None)
    day.change(pupils, sa.true(), ehc_plan=True)
    assert said(day, "guidance")
    day.change(placements, placements.c.ref == "GH78-OAK", dual_registered=True)
    assert not said(day, "guidance")


async def test_a_pupil_due_at_two_places_at_once_shows_and_that_they_are_newly_at_two(all_is_ready: Day) -> None:
    day = all_is_ready
    day.change(
        placements,
        placements.c.ref == "EF56-THE",
        pupil_id=day.ids["AB12"],
        starts_on=date(2026, 9, 21),
        pattern=["tue am"],
    )
    finding(day, "Hillcrest", "expected at two places at once: AB12 (Tue am: ")
    finding(day, "Hillcrest", "newly at several providers: AB12 (Oak Farm, The Garage)")


async def test_a_part_time_timetable_beside_a_placement_needs_a_reason(all_is_ready: Day) -> None:
    day = all_is_ready
    day.database.run(plan_absence, TERMINAL, day.ids["AB12"], Absence("C2", date(2026, 9, 21), date(2026, 9, 22), "pm"))
    finding(day, "Hillcrest", "a part-time timetable (C2) beside a placement", "AB12 (2 sessions: Mon pm, Tue pm)")
    day.change(placements, placements.c.ref == "AB12-OAK", rest_of_week="phased return")
    assert not said(day, "part-time")


def show(day: Day, provider: str, kind: str, dated_on: date) -> None:
    """The provider has shown this."""
    day.database.run(
        lambda transaction: transaction.insert(
            documents, provider_id=day.ids[provider], kind=kind, about="", dated_on=dated_on
        )
    )
