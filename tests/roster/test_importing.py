"""Taking a roster in: what is written, what is left alone, and what is noted for those who must know."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.roster import RosterProblems, compare, load
from apbot.store.database import Database
from apbot.store.tables import (
    addresses,
    audit,
    metadata,
    openings,
    people,
    placements,
    providers,
    pupils,
    roles,
    schools,
    terms,
)
from tests.roster.book import (
    DSL,
    HILL,
    JOANA,
    MONDAY_MORNING,
    RIGHT,
    Cells,
    fill,
    forward,
    new_database,
    rows,
    take_in,
    with_rows,
)

TODAY = MONDAY_MORNING.date()


def everything(database: Database) -> dict[str, list[dict[str, Any]]]:
    return {name: rows(database, table) for name, table in metadata.tables.items()}


def test_everything_in_the_workbook_is_stored(database: Database) -> None:
    (school,), (provider,), (pupil,), (placement,) = (
        rows(database, table) for table in (schools, providers, pupils, placements)
    )
    assert (school["ref"], school["telephone"], school["initials_in_chat"]) == ("HILL", "01632 960101", True)
    assert provider["hours"] == {"usual": {"am": ["09:30", "12:00"], "pm": ["12:45", "15:00"]}, "on": {}}
    assert (pupil["first_name"], pupil["school_id"]) == ("Joana", school["id"])
    assert placement["pattern"] == ["mon am", "mon pm", "fri pm"]
    assert placement["provider_id"] == provider["id"]
    assert placement["starts_on"] == date(2026, 9, 7)
    assert placement["touched_at"] == MONDAY_MORNING
    held = {(row["role"], row["school_id"], row["provider_id"]) for row in rows(database, roles)}
    assert held == {
        ("DSL", school["id"], None),
        ("attendance contact", school["id"], None),
        ("named contact", None, provider["id"]),
    }
    (term,) = rows(database, terms)
    assert (term["school_id"], term["starts_on"], term["ends_on"]) == (
        school["id"],
        date(2026, 9, 2),
        date(2026, 10, 23),
    )


def test_a_school_without_steps_of_its_own_has_none_stored(database: Database) -> None:
    with database.engine.connect() as connection:
        assert connection.execute(sa.select(sa.literal(1)).where(schools.c.steps.is_(sa.null()))).scalar() == 1


def test_every_provider_gets_its_conversation_in_the_web_chat(database: Database) -> None:
    (provider,) = rows(database, providers)
    (address,) = rows(database, addresses)
    assert (address["provider_id"], address["channel"], address["address"]) == (
        provider["id"],
        "web",
        f"provider:{provider['id']}",
    )


def test_taking_the_same_file_in_again_changes_nothing_at_all(database: Database, path: Path) -> None:
    before = everything(database)
    changes = take_in(database, path)
    assert not changes
    assert changes.summary() == "no difference"
    assert changes.lines() == []
    assert everything(database) == before


def test_a_dry_run_shows_the_difference_and_writes_nothing(database: Database, path: Path) -> None:
    before = everything(database)
    fill(path, with_rows(Placements=[{**JOANA, "Ends on": "18/12/26"}, {**JOANA, "Pupil ref": "EF56"}]))
    changes = database.run(compare, load(path))
    assert changes.lines() == [
        "Pupils:",
        "  + EF56",
        "Placements:",
        "  + EF56-OAK",
        "  ~ CD34-OAK: ends on: – → Fri 18 Dec 2026",
    ]
    assert everything(database) == before


def test_an_import_is_all_or_nothing(database: Database, path: Path) -> None:
    before = everything(database)
    with pytest.raises(RosterProblems):
        take_in(database, fill(path, with_rows(Schools=[{**HILL, "Name": "Hill"}], Closures=[{"Place": "HILL"}])))
    assert everything(database) == before


def test_trouble_in_the_middle_of_writing_leaves_nothing_behind(
    database: Database, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = everything(database)
    monkeypatch.setattr("apbot.roster.applying.store.reopen_days", lambda _: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        take_in(database, fill(path, with_rows(Schools=[{**HILL, "Name": "Hill"}])))
    assert everything(database) == before


def test_a_change_of_what_is_expected_is_dated_and_another_is_not(database: Database, path: Path) -> None:
    take_in(database, fill(path, with_rows(Placements=[{**JOANA, "Transport": "taxi"}])))
    assert rows(database, placements)[0]["touched_at"] == MONDAY_MORNING
    for changed in ({"Ends on": "18/12/26"}, {"Tuesday": "am"}, {"am start": "10:00"}, {"Alert after": 20}):
        forward(database)
        take_in(database, fill(path, with_rows(Placements=[{**JOANA, **changed}])))
        assert rows(database, placements)[0]["touched_at"] == database.clock.now(), changed


def test_days_that_are_opened_are_worked_out_again_and_days_gone_are_not(database: Database, path: Path) -> None:
    for away in (-1, 0, 1):
        database.run(lambda transaction, day: transaction.insert(openings, day=day), TODAY + timedelta(days=away))
    take_in(database, path)
    assert [row["next_at"] for row in rows(database, openings)] == [None, None, None]
    take_in(database, fill(path, with_rows(Placements=[{**JOANA, "Tuesday": "am"}])))
    now = database.clock.now()
    assert [row["next_at"] for row in rows(database, openings)] == [None, now, now]


def test_what_listens_for_a_new_roster_is_told_only_of_a_change(database: Database, path: Path) -> None:
    told: list[frozenset[str]] = []
    database.listeners.append(told.append)
    take_in(database, path)
    take_in(database, fill(path, with_rows(Schools=[{**HILL, "Name": "Hill"}])))
    assert told == [{"roster"}]


def test_who_is_not_in_the_file_is_reported_and_kept(database: Database, path: Path) -> None:
    other = {**JOANA, "Pupil ref": "EF56", "First name": "Mo", "Last name": "Hassan"}
    changes = take_in(database, fill(path, with_rows(Placements=[other], People=[DSL])))
    assert changes.kept["placements"] == ["CD34-OAK"]
    assert changes.kept["pupils"] == ["CD34"]
    assert changes.kept["people"] == ["pnair", "staylor"]
    assert "Not in the file, kept as they are (placements): CD34-OAK." in changes.lines()
    assert [row["ref"] for row in rows(database, placements)] == ["CD34-OAK", "EF56-OAK"]


def test_a_placement_ends_and_stays(database: Database, path: Path) -> None:
    take_in(database, fill(path, with_rows(Placements=[{**JOANA, "Ends on": "18/9/26", "Pupil leaves on": "2/10/26"}])))
    assert rows(database, placements)[0]["ends_on"] == date(2026, 9, 18)
    assert rows(database, pupils)[0]["ends_on"] == date(2026, 10, 2)


def test_the_roles_of_a_person_in_the_file_become_what_it_says(database: Database, path: Path) -> None:
    kept = next(row for row in rows(database, roles) if row["role"] == "DSL")
    take_in(database, fill(path, with_rows(People=[{**DSL, "Roles": "DSL; head"}])))
    assert kept in rows(database, roles)
    assert {row["role"] for row in rows(database, roles) if row["person_id"] == kept["person_id"]} == {"DSL", "head"}
    take_in(database, fill(path, with_rows(People=[{**DSL, "Roles": "deputy DSL"}])))
    found = rows(database, roles)
    assert {row["role"] for row in found if row["person_id"] == kept["person_id"]} == {"deputy DSL"}
    assert {row["role"] for row in found} == {"deputy DSL", "attendance contact", "named contact"}


def test_refs_typed_otherwise_are_the_same_ones(database: Database, path: Path) -> None:
    same = {**JOANA, "Pupil ref": "cd34", "Provider ref": " oak", "School ref": "Hill", "Placement ref": "cd34-oak"}
    changes = take_in(database, fill(path, with_rows(Schools=[{**HILL, "School ref": "hill"}], Placements=[same])))
    assert not changes, changes.lines()


def test_a_sheet_alone_is_taken_in_against_what_is_stored(database: Database, tmp_path: Path) -> None:
    folder = tmp_path / "csv"
    folder.mkdir()
    (folder / "placements.csv").write_text(
        "Pupil ref,First name,Last name,School ref,Provider ref,Starts on,Tuesday\n"
        "EF56,Mo,Hassan,hill,Oak Farm,14/9/26,am\n"
    )
    changes = take_in(database, folder)
    assert changes.counts() == {"pupils added": 1, "placements added": 1}
    assert "people" not in changes.kept
    assert "There is no sheet People: those are kept as they are." in changes.notes


def test_a_sheet_alone_that_names_what_nobody_knows_is_refused(database: Database, tmp_path: Path) -> None:
    (tmp_path / "placements.csv").write_text(
        "Pupil ref,First name,Last name,School ref,Provider ref,Starts on,Tuesday\nEF56,Mo,Hassan,HILL,ELM,14/9/26,am\n"
    )
    with pytest.raises(RosterProblems) as trouble:
        take_in(database, tmp_path / "placements.csv")
    assert "'ELM' is not the ref of a provider" in str(trouble.value.problems[0])


def test_new_hours_of_a_provider_must_leave_room_for_its_placements(database: Database, tmp_path: Path) -> None:
    (tmp_path / "providers.csv").write_text("Provider ref,Name,am start,am end\nOAK,Oak Farm,9:30,12:00\n")
    with pytest.raises(RosterProblems) as trouble:
        take_in(database, tmp_path / "providers.csv")
    assert str(trouble.value.problems[0]).startswith(
        "Placements CD34-OAK, Monday: 'pm' there is no Monday pm at OAK — give OAK its pm times"
    )


def test_the_audit_log_says_what_changed_and_names_nobody(database: Database, path: Path) -> None:
    other = {**JOANA, "First name": "Johanna", "Ends on": "18/12/26"}
    people_ = [{**DSL, "Email": "d.okafor@hillcrest.example", "Roles": "DSL; admin"}]
    take_in(database, fill(path, with_rows(Placements=[other], People=people_)))
    new = [row for row in rows(database, audit) if row["at"] == database.clock.now()]
    assert {(row["what"], row["subject"]) for row in new} == {
        ("roster imported", "roster"),
        ("person changed by the roster", "person:1"),
        ("pupil changed by the roster", "pupil:1"),
        ("placement changed by the roster", "placement:1"),
    }
    details = {row["subject"]: row["detail"] for row in new}
    assert details["roster"] == {"people changed": 1, "pupils changed": 1, "placements changed": 1}
    assert details["placement:1"] == {"ends_on": ["–", "Fri 18 Dec 2026"]}
    assert details["pupil:1"] == {"first_name": "changed"}
    assert details["person:1"] == {"posts": ["DSL at HILL", "DSL at HILL, admin at HILL"], "email": "changed"}
    assert {row["via"] for row in new} == {"terminal"}
    assert not any(name in str(rows(database, audit)) for name in ("Joana", "Johanna", "Okafor", "Silva"))


def test_a_person_who_leaves_keeps_their_row(database: Database, path: Path) -> None:
    take_in(database, fill(path, with_rows(People=[{**DSL, "Leaves on": "30/9/26"}])))
    assert rows(database, people)[0]["leaves_on"] == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("sheets", "said"),
    [
        (
            {"Placements": [{**JOANA, "First name": "Mo", "Last name": "Hassan"}]},
            "CD34 was Joana and is now Mo: if that is another pupil, give them a ref of their own.",
        ),
        (
            {"People": [{**DSL, "Name": "Tom Beckett"}]},
            "dokafor was Dorothy Okafor and is now Tom Beckett: if that is another person, give them a ref of "
            "their own.",
        ),
        (
            {"Placements": [{**JOANA, "Starts on": "4/1/27"}]},
            "CD34-OAK ended on Fri 18 Dec 2026 and now starts on Mon 4 Jan 2027: for a new placement write a "
            "Placement ref of its own, and the old one stays on record.",
        ),
    ],
)
def test_a_ref_that_may_have_passed_to_another_is_noted(path: Path, sheets: dict[str, list[Cells]], said: str) -> None:
    database = new_database()
    take_in(database, fill(path, with_rows(Placements=[{**JOANA, "Ends on": "18/12/26"}])))
    assert said in take_in(database, fill(path, {**RIGHT, **sheets})).notes


def test_a_name_that_changes_by_marriage_is_no_other_person(database: Database, path: Path) -> None:
    assert take_in(database, fill(path, with_rows(People=[{**DSL, "Name": "Dorothy Eze"}]))).notes == ()
