"""Records made in code, as the simulator makes them: the same rules hold, and the same comes back."""

from dataclasses import replace
from datetime import UTC, date, datetime, time

import pytest
import sqlalchemy as sa

from apbot.domain.calendar import Closure, Term
from apbot.domain.escalation import Policy
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.roster import Changes, Records, RosterProblems, apply
from apbot.roster.records import Person, PlaceClosure, Placement, PlaceTerm, Post, Provider, Pupil, School
from apbot.store.tables import placements, schools
from tests.roster.book import forward, new_database, rows, stored

SMALL = Records(
    schools=(School("HILL", "Hillcrest", policy=Policy.standard(5, 15, 10)),),
    people=(Person("DSL1", "Dorothy Okafor", frozenset({Post("HILL", Role.DSL)})),),
    providers=(Provider("OAK", "Oak Farm", hours=Hours({Session.AM: Span(time(9), time(12))})),),
    pupils=(Pupil("CD34", "Joana", "Silva", "HILL"),),
    placements=(Placement("P1", "CD34", "OAK", date(2026, 9, 7), Pattern.from_json(["mon am"])),),
    terms=(PlaceTerm("HILL", Term("Autumn 1", date(2026, 9, 2), date(2026, 10, 23), "A")),),
    closures=(PlaceClosure("OAK", Closure(date(2026, 9, 25), date(2026, 9, 25), "pm", "snow")),),
)


def test_records_made_in_code_are_taken_in_and_given_back() -> None:
    database = new_database()
    assert database.run(apply, SMALL)
    assert stored(database) == SMALL
    assert not database.run(apply, SMALL)


@pytest.mark.parametrize(
    ("records", "said"),
    [
        (replace(SMALL, pupils=()), "Placements P1, Pupil ref: 'CD34' is not the ref of a pupil"),
        (replace(SMALL, providers=()), "Placements P1, Provider ref: 'OAK' is not the ref of a provider"),
        (replace(SMALL, schools=SMALL.schools * 2), "Schools HILL, School ref: 'HILL' stands for two records"),
        (
            replace(SMALL, placements=(replace(SMALL.placements[0], pattern=Pattern.from_json(["sat am"])),)),
            "a session is expected at the weekend",
        ),
        (
            replace(SMALL, placements=(replace(SMALL.placements[0], arranged_by="nobody"),)),
            "Arranged by: 'nobody' is not understood",
        ),
        (replace(SMALL, placements=(replace(SMALL.placements[0], activity_code="K"),)), "'K' is no such code"),
    ],
)
def test_records_made_in_code_are_held_to_the_same_rules(records: Records, said: str) -> None:
    database = new_database()
    with pytest.raises(RosterProblems) as trouble:
        database.run(apply, records)
    assert said in "\n".join(map(str, trouble.value.problems))
    assert stored(database) == Records()


def test_a_school_goes_back_to_the_standard_steps() -> None:
    database = new_database()
    database.run(apply, SMALL)
    database.run(apply, replace(SMALL, schools=(replace(SMALL.schools[0], policy=None),)))
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(schools.c.id).where(schools.c.steps.is_(sa.null()))).scalar() == 1


def test_a_pupil_who_comes_back_on_the_roll_is_counted_from_then() -> None:
    database = new_database(datetime(2026, 9, 7, 7, 0, tzinfo=UTC))
    gone = replace(SMALL, pupils=(replace(SMALL.pupils[0], ends_on=date(2026, 9, 4)),))
    database.run(apply, gone)
    forward(database)
    changes: Changes = database.run(apply, SMALL)
    assert changes.counts() == {"pupils changed": 1}
    assert rows(database, placements)[0]["touched_at"] == database.clock.now()


def test_more_than_a_statement_can_carry_is_written_all_the_same() -> None:
    database = new_database()
    many = replace(
        SMALL,
        people=tuple(Person(f"P{n}", "Sam", frozenset({Post("OAK", Role.PROVIDER_STAFF)})) for n in range(520)),
        pupils=tuple(Pupil(f"CD{n:04}", "Mo", "Hassan", "HILL") for n in range(520)),
        placements=tuple(
            replace(SMALL.placements[0], ref=f"P{n}", pupil=f"CD{n:04}", key_worker="") for n in range(520)
        ),
    )
    database.run(apply, many)
    other_roles = tuple(replace(each, posts=frozenset({Post("OAK", Role.NAMED_CONTACT)})) for each in many.people)
    left = tuple(replace(each, ends_on=date(2026, 12, 18)) for each in many.pupils)
    database.run(apply, replace(many, people=other_roles, pupils=left))
    assert stored(database) == replace(many, people=other_roles, pupils=left)
