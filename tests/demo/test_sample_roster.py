"""The sample roster: what was promised of it, and that a school could import it as it is."""

import re
from pathlib import Path

import pytest

from apbot.demo.mornings import BAD
from apbot.demo.papers import NOT_READY
from apbot.demo.performance import Performance
from apbot.demo.roster import DAY, sample_roster
from apbot.domain.marks import Session
from apbot.domain.startgate import Facts, missing
from apbot.readiness import check
from apbot.roster import compare, load, write_workbook
from apbot.store.database import Transaction
from apbot.store.roster import ids_by_ref
from apbot.store.startgate import load_gates
from apbot.store.tables import placements
from tests.demo.conftest import Watched

FICTION = re.compile(r"01632 960\d{3}|07700 900\d{3}")
"""The numbers that Ofcom keeps for fiction."""


def test_there_are_three_schools_six_providers_and_forty_pupils() -> None:
    records = sample_roster()
    assert (len(records.schools), len(records.providers), len(records.pupils)) == (3, 6, 40)


async def test_its_workbook_is_read_back_as_it_is_stored_without_a_note(bad: Watched, tmp_path: Path) -> None:
    write_workbook(sample_roster(), tmp_path / "roster.xlsx")
    read = load(tmp_path / "roster.xlsx")
    assert read.notes == ()
    assert not bad.performance.app.database.run(compare, read)


async def test_nobody_would_be_missed(bad: Watched) -> None:
    report = bad.performance.app.database.run(check)
    assert not report.missed
    assert not report.stand_ins
    assert not bad.performance.watch.posted["check"]


async def test_one_placement_began_before_everything_was_in_place_and_no_other(bad: Watched) -> None:
    placed = bad.performance.app.database.run(placements_in)
    found = {ref: [each.what for each in missing(facts)] for ref, facts in placed.items()}
    assert {ref: what for ref, what in found.items() if what} == {
        NOT_READY: ["no review dates", "risk information not exchanged", "meals not arranged"]
    }


async def test_nothing_is_said_against_where_pupils_are_and_for_how_long(bad: Watched) -> None:
    said = [f"{each.place}: {each.what}" for each in bad.performance.app.database.run(check).findings]
    assert not [each for each in said if "guidance" in each or "part-time" in each or "two places" in each]


def placements_in(transaction: Transaction) -> dict[str, Facts]:
    """What is known of each placement before its start, by its reference."""
    ids = ids_by_ref(transaction, placements)
    gates = load_gates(transaction, ids.values())
    return {ref: gates[row_id] for ref, row_id in ids.items()}


def test_every_pupil_is_somewhere_that_morning_and_nowhere_twice() -> None:
    here = [each.pupil for each in sample_roster().placements if each.pattern.expects(DAY.weekday(), Session.AM, "A")]
    assert sorted(here) == sorted(each.ref for each in sample_roster().pupils)


def test_every_telephone_number_is_fiction() -> None:
    records = sample_roster()
    numbers = [each.telephone for each in (*records.schools, *records.providers)]
    numbers += [each.mobile for each in records.people]
    assert all(map(FICTION.fullmatch, numbers))
    for transport in (each.transport for each in records.placements):
        for number in re.findall(r"\d{5} \d{6}", transport):
            assert FICTION.fullmatch(number)


def test_no_reference_shows_a_pupils_initials() -> None:
    for pupil in sample_roster().pupils:
        assert not pupil.ref.startswith(pupil.first_name[0] + pupil.last_name[0]), pupil


def test_what_is_configured_on_the_machine_is_not_looked_at(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("APBOT_DATABASE_URL", f"sqlite:///{tmp_path / 'real.db'}")
    monkeypatch.setenv("APBOT_OPENS_AT", "nonsense")
    performance = Performance(BAD)
    assert str(performance.app.database.engine.url) == "sqlite://"
    assert performance.app.settings.opens_at == "05:00"
    performance.close()
    assert list(tmp_path.iterdir()) == []
