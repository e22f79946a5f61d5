"""The workbook on what a school owes a placed pupil beyond the day, and on what a provider has shown."""

from datetime import date
from pathlib import Path

import pytest

from apbot.clock import VirtualClock
from apbot.domain.documents import KINDS
from apbot.domain.rhythm import Every, Rhythms
from apbot.roster import Records, compare, load
from apbot.roster.documents_sheet import kind
from apbot.roster.problems import Unreadable
from apbot.roster.records import ProviderDocument
from apbot.roster.vocabulary import every, meals, registered
from apbot.store.database import Database
from apbot.store.tables import audit, documents, placements
from tests.roster.book import (
    DSL,
    HILL,
    JOANA,
    OAK,
    RIGHT,
    Cells,
    fill,
    new_database,
    problems_of,
    rows,
    take_in,
    with_rows,
)
from tests.roster.book import stored as stored_records

READY: Cells = {
    **JOANA,
    "EHC plan": "Yes",
    "Looked after": "x",
    "Target end date": "18/12/26",
    "Key worker": "dokafor",
    "Transport": "bus 12",
    "Visit every": "termly",
    "Report every": "never",
    "Referred on": "22 June 2026",
    "Authorised by": "Helen Marsh, head",
    "Agreement signed on": date(2026, 7, 13),
    "Aims": "to come every day",
    "Risk information exchanged on": "14/7/26",
    "DSL details given on": "14/7/26",
    "Review dates": "7 Dec 2026; 12/10/26",
    "Meals": "packed lunch",
    "Rest of the week": "phased return, agreed with home",
}
POLICY: Cells = {"Provider ref": "OAK", "Document": "safeguarding policy", "Dated on": "1/9/26"}
TRAINED: Cells = {"Provider ref": "OAK", "Document": "L2 safeguarding", "About": "Sam Taylor", "Expires on": "15/6/27"}
WHOLE: dict[str, list[Cells]] = with_rows(
    Schools=[{**HILL, "Contact every": "Fortnightly", "Review every": "half-term"}],
    Providers=[{**OAK, "Registered": "No", "Registration checked on": "1/7/26"}],
    Placements=[READY],
    Documents=[POLICY, TRAINED],
)


def test_every_new_cell_is_read(path: Path) -> None:
    records = load(fill(path, WHOLE))
    (school,), (provider,), (pupil,), (placement,) = (
        records.schools,
        records.providers,
        records.pupils,
        records.placements,
    )
    assert school.rhythms == Rhythms(contact=Every.FORTNIGHT, review=Every.HALF_TERM)
    assert (provider.registered, provider.registration_checked_on) == (False, date(2026, 7, 1))
    assert (pupil.ehc_plan, pupil.looked_after) == (True, True)
    assert placement.rhythms == Rhythms(visit=Every.TERM, report=Every.NEVER)
    assert placement.referred_on == date(2026, 6, 22)
    assert placement.authorised_by == "Helen Marsh, head"
    assert placement.agreement_on == date(2026, 7, 13)
    assert placement.aims == "to come every day"
    assert (placement.risk_shared_on, placement.dsl_details_on) == (date(2026, 7, 14), date(2026, 7, 14))
    assert placement.review_dates == (date(2026, 10, 12), date(2026, 12, 7))
    assert placement.meals == "packed lunch"
    assert placement.rest_of_week == "phased return, agreed with home"
    assert records.documents == (
        ProviderDocument("OAK", "safeguarding policy", dated_on=date(2026, 9, 1)),
        ProviderDocument("OAK", "safeguarding training level 2", "Sam Taylor", expires_on=date(2027, 6, 15)),
    )


def test_blank_cells_say_nothing(path: Path) -> None:
    records = load(fill(path, RIGHT))
    assert records.schools[0].rhythms == records.placements[0].rhythms == Rhythms()
    assert records.providers[0].registered is None
    assert records.placements[0].review_dates == ()
    assert records.documents == ()


def test_what_is_stored_comes_out_as_it_went_in_and_makes_no_difference(path: Path) -> None:
    database = new_database()
    take_in(database, fill(path, WHOLE))
    assert stored_records(database) == load(path)
    assert not take_in(database, path)
    (row,) = rows(database, placements)
    assert row["review_dates"] == ["2026-10-12", "2026-12-07"]
    assert row["rhythms"] == {"visit": "term", "report": "never"}


def test_the_day_a_placement_was_first_stored_stays_whatever_changes(path: Path) -> None:
    database = new_database()
    take_in(database, fill(path, RIGHT))
    assert isinstance(database.clock, VirtualClock)
    database.clock.set(database.clock.now().replace(month=10))
    other = {**READY, "Pupil ref": "EF56", "First name": "Mo", "Last name": "Hassan", "Starts on": "14/9/26"}
    take_in(database, fill(path, with_rows(Placements=[READY, other])))
    assert [row["added_on"] for row in rows(database, placements)] == [date(2026, 9, 7), date(2026, 10, 7)]


def test_the_difference_is_said_in_words(path: Path) -> None:
    database = new_database()
    take_in(database, fill(path, RIGHT))
    lines = database.run(compare, load(fill(path, WHOLE))).lines()
    assert "  ~ HILL: rhythms: – → contact every fortnight, review every half term" in lines
    assert any("review dates: – → Mon 12 Oct 2026, Mon 7 Dec 2026" in line for line in lines)
    assert any("visit every term, report never" in line for line in lines)
    assert "  ~ OAK: registered: – → no; registration checked on: – → Wed 1 Jul 2026" in lines
    assert lines[lines.index("Documents:") + 2] == "  + OAK / safeguarding training level 2 / Sam Taylor"


def test_the_audit_log_does_not_keep_what_is_private(path: Path) -> None:
    database = new_database()
    take_in(database, fill(path, RIGHT))
    take_in(database, fill(path, WHOLE))
    kept = "\n".join(str(row["detail"]) for row in rows(database, audit))
    for private in ("Helen Marsh", "phased return", "to come every day", "packed lunch", "Sam Taylor"):
        assert private not in kept
    assert "'ehc_plan': 'changed'" in kept


class TestWhatTheFileHasNoColumnFor:
    """It stays as it is stored; an empty cell in a column that is there empties it."""

    @pytest.fixture
    def database(self, path: Path) -> Database:
        database = new_database()
        take_in(database, fill(path, WHOLE))
        return database

    def test_a_workbook_from_before_changes_nothing_of_it(self, database: Database, tmp_path: Path) -> None:
        before = stored_records(database)
        for name, lines in {
            "schools": "School ref,Name,Telephone\nHILL,Hillcrest Academy,01632 960101\n",
            "providers": "Provider ref,Name,Telephone,Activity\nOAK,Oak Farm,01632 960201,animal care\n",
            "placements": "Pupil ref,First name,Last name,School ref,Provider ref,Starts on,Monday,Friday\n"
            "CD34,Joana,da Silva-O'Brien,HILL,OAK,7/9/26,all day,pm\n",
        }.items():
            folder = tmp_path / "old"
            folder.mkdir(exist_ok=True)
            (folder / f"{name}.csv").write_text(lines)
        assert not take_in(database, tmp_path / "old")
        assert stored_records(database) == before

    def test_a_list_of_a_few_columns_changes_these_alone(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "placements.csv").write_text(
            "Pupil ref,First name,Last name,School ref,Provider ref,Starts on,Meals\n"
            "cd34,Joana,da Silva-O'Brien,HILL,Oak Farm,7/9/26,n/a\n"
        )
        changes = take_in(database, tmp_path / "placements.csv")
        assert [each.values for each in changes.changed["placements"]] == [{"meals": ("packed lunch", "not needed")}]

    def test_the_roles_of_people_listed_without_roles_stay(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "people.csv").write_text("Person ref,Name,Email\ndokafor,Dorothy Okafor,d@hill.example\n")
        changes = take_in(database, tmp_path / "people.csv")
        assert [*changes.changed["people"][0].values] == ["email"]

    def test_an_empty_cell_empties(self, database: Database, path: Path) -> None:
        take_in(database, fill(path, with_rows(Placements=[JOANA], Documents=[POLICY])))
        placement = stored_records(database).placements[0]
        assert (placement.aims, placement.review_dates, placement.rhythms) == ("", (), Rhythms())

    def test_a_new_record_of_a_short_list_has_the_usual_values(self, database: Database, tmp_path: Path) -> None:
        (tmp_path / "providers.csv").write_text("Provider ref,Name,am start\nOAK,Oak Farm,\nELM,Elm House,9:30\n")
        with pytest.raises(Exception, match="nothing was changed"):  # Oak Farm's hours were emptied: it has a pupil
            take_in(database, tmp_path / "providers.csv")
        (tmp_path / "providers.csv").write_text("Provider ref,Name\nOAK,Oak Farm\nELM,Elm House\n")
        assert take_in(database, tmp_path / "providers.csv").counts() == {"providers added": 1}


class TestDocuments:
    """One for each provider, kind and whom it is about."""

    def test_a_later_file_replaces_the_dates(self, path: Path) -> None:
        database = new_database()
        take_in(database, fill(path, WHOLE))
        ids = [row["id"] for row in rows(database, documents)]
        renewed = {**POLICY, "Document": "Child protection policy", "Dated on": None, "Expires on": "31/8/27"}
        retrained = {**TRAINED, "About": "sam taylor", "Expires on": "20/6/28"}
        take_in(database, fill(path, {**WHOLE, "Documents": [renewed, retrained]}))
        kept = rows(database, documents)
        assert [row["id"] for row in kept] == ids
        assert (kept[0]["dated_on"], kept[0]["expires_on"]) == (None, date(2027, 8, 31))
        assert kept[1]["expires_on"] == date(2028, 6, 20)

    def test_a_later_row_of_the_file_holds_and_that_is_noted(self, path: Path) -> None:
        records = load(fill(path, {**WHOLE, "Documents": [POLICY, {**POLICY, "Dated on": "1/9/27"}]}))
        assert [each.dated_on for each in records.documents] == [date(2027, 9, 1)]
        assert "Documents row 3 takes the place of row 2: the same document." in records.notes

    def test_what_is_not_in_the_file_is_kept_and_said(self, path: Path) -> None:
        database = new_database()
        take_in(database, fill(path, WHOLE))
        changes = take_in(database, fill(path, {**WHOLE, "Documents": [POLICY]}))
        assert changes.kept["documents"] == ["OAK / safeguarding training level 2 / Sam Taylor"]
        assert len(rows(database, documents)) == 2

    def test_a_file_of_that_name_is_taken_in_alone(self, path: Path, tmp_path: Path) -> None:
        database = new_database()
        take_in(database, fill(path, RIGHT))
        (tmp_path / "documents.csv").write_text("Provider,Document,Expiry date\noak,PLI,31/3/2027\n")
        assert take_in(database, tmp_path / "documents.csv").counts() == {"documents added": 1}
        (row,) = rows(database, documents)
        assert (row["kind"], row["expires_on"]) == ("public liability insurance", date(2027, 3, 31))

    def test_a_name_that_is_not_known_is_kept_as_typed_and_said(self, path: Path) -> None:
        dbs = {**POLICY, "Document": "DBS list"}
        records = load(fill(path, {**WHOLE, "Documents": [dbs]}))
        assert records.documents[0].kind == "DBS list"
        assert any("none of the usual ones" in note and "DBS list" in note for note in records.notes)

    @pytest.mark.parametrize(
        ("changed", "said"),
        [
            ({"Dated on": None}, "Dated on: is missing, and so is when it expires"),
            ({"Provider ref": "ELM"}, "Provider ref: 'ELM' is not the ref of a provider"),
            ({"Document": None}, "Document: is missing"),
            ({"Document": "x" * 61}, "is 61 characters long"),
            ({"Expires on": "31/8/26"}, "Expires on: 'Mon 31 Aug 2026' is before Dated on (Tue 1 Sep 2026)"),
            ({"Dated on": "last spring"}, "Dated on: 'last spring' is not a day"),
        ],
    )
    def test_what_is_wrong_is_said(self, path: Path, changed: Cells, said: str) -> None:
        (found,) = problems_of(fill(path, {**WHOLE, "Documents": [{**POLICY, **changed}]}))
        assert found.startswith("Documents row 2, ")
        assert said in found

    @pytest.mark.parametrize(
        ("said", "meant"),
        [
            *((each.name.upper(), each.name) for each in KINDS),
            ("insurance", "public liability insurance"),
            ("PLI", "public liability insurance"),
            ("Public Liability Insurance certificate", "public liability insurance"),
            ("L2 safeguarding", "safeguarding training level 2"),
            ("Safeguarding training (Level 2)", "safeguarding training level 2"),
            ("lvl 3 safeguarding", "safeguarding training level 3"),
            ("Level 4", "safeguarding training level 4"),
            ("fire evacuation drill", "fire drill"),
            ("First Aid at Work certificate", "first aid"),
            ("H&S policy", "health and safety policy"),
            ("Letter of assurance (copy)", "letter of assurance"),
            ("QA visit", "quality visit"),
            ("Safeguarding & child protection policy", "safeguarding policy"),
            ("Level 2 food hygiene", "Level 2 food hygiene"),
            ("behaviour policy", "behaviour policy"),
        ],
    )
    def test_other_words_for_it_are_understood(self, said: str, meant: str) -> None:
        assert kind(said) == meant
        assert kind(meant) == meant


class TestWords:
    """What people write in the new columns."""

    @pytest.mark.parametrize(
        ("what", "said", "meant"),
        [
            ("contact", "Weekly", Every.WEEK),
            ("contact", "every 2 weeks", Every.FORTNIGHT),
            ("visit", "Half-termly.", Every.HALF_TERM),
            ("visit", "twice a term", Every.HALF_TERM),
            ("review", "once a term", Every.TERM),
            ("report", "not required", Every.NEVER),
            ("report", "tbc", None),
            ("contact", "-", None),
        ],
    )
    def test_how_often(self, what: str, said: str, meant: Every | None) -> None:
        assert every(what)(said) is meant

    @pytest.mark.parametrize(
        ("what", "said", "right"),
        [
            ("contact", "never", "write week or fortnight"),
            ("contact", "termly", "write week or fortnight"),
            ("visit", "no", "write half term or term"),
            ("report", "every six weeks", "write half term or term or never"),
        ],
    )
    def test_what_can_not_be_meant_is_asked_back(self, what: str, said: str, right: str) -> None:
        with pytest.raises(Unreadable, match=right):
            every(what)(said)

    @pytest.mark.parametrize(
        ("said", "meant"), [("yes", True), ("N", False), ("no", False), ("unknown", None), ("?", None), ("tbc", None)]
    )
    def test_whether_a_provider_is_registered(self, said: str, meant: bool | None) -> None:
        assert registered(said) is meant

    def test_a_registration_number_belongs_in_the_next_column(self) -> None:
        with pytest.raises(Unreadable, match="under Registration"):
            registered("Independent school 123456")

    @pytest.mark.parametrize(
        ("said", "meant"), [("None", "not needed"), ("N/A", "not needed"), ("tbc", ""), ("FSM at Oak", "FSM at Oak")]
    )
    def test_no_meals_is_an_answer_and_not_known_is_none(self, said: str, meant: str) -> None:
        assert meals(said) == meant
        assert meals(meant) == meant


class TestNotesOfAnImport:
    """What a dry run and an import say of what is new."""

    @staticmethod
    def notes(path: Path, database: Database | None = None, **cells: object) -> list[str]:
        full_time = dict.fromkeys(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"), "all day")
        placement = {**READY, **full_time, **cells}
        changes = (database or new_database()).run(compare, load(fill(path, {**WHOLE, "Placements": [placement]})))
        return list(changes.notes)

    def test_a_pupil_with_a_plan_full_time_at_a_provider_that_is_no_school_is_warned_of(self, path: Path) -> None:
        found = [each for each in self.notes(path) if each.startswith("OAK: full time")]
        assert len(found) == 1
        assert found[0].endswith("Tell the local authority.")
        assert "CD34" in found[0]

    def test_what_has_not_changed_is_not_warned_of_again(self, path: Path) -> None:
        database = new_database()
        self.notes(path)
        take_in(database, path)
        assert not [each for each in self.notes(path, database) if "guidance" in each]
        assert [each for each in self.notes(path, database, **{"Target end date": "16/7/27"}) if "guidance" in each]

    def test_a_pupil_newly_at_two_providers_is_named_once(self, path: Path) -> None:
        elm = {**OAK, "Provider ref": "ELM", "Name": "Elm House"}
        contact = {**DSL, "Person ref": "elm1", "Organisation": "ELM", "Roles": "named contact"}
        both = {
            **WHOLE,
            "People": [*RIGHT["People"], contact],
            "Providers": [OAK, elm],
            "Placements": [READY, {**READY, "Provider ref": "ELM", "Monday": None, "Friday": None, "Tuesday": "am"}],
        }
        database = new_database()
        said = "At several providers, each of which should know of the others: CD34 (ELM, OAK)."
        assert said in take_in(database, fill(path, both)).notes
        assert said not in take_in(database, path).notes


def test_garbage_in_every_new_cell_is_refused_or_read_and_never_fails(path: Path) -> None:
    headings = [*READY.keys() - JOANA.keys()]
    for garbage in ("\x00\x01", "=1/0", "#REF!", "; ; ;", "31/02/2026; 99", "yes; no", "ł" * 400, -1, 1e300, True):
        found = problems_of(fill(path, with_rows(Placements=[{**JOANA, **dict.fromkeys(headings, clean(garbage))}])))
        assert all("Placements row 2, " in each for each in found)


def clean(garbage: object) -> object:
    """What a spreadsheet can hold of it."""
    return "".join(each for each in garbage if each >= " ") if isinstance(garbage, str) else garbage


def test_too_many_review_dates_are_refused(path: Path) -> None:
    many = "; ".join(f"{day}/{month}/2026" for month in (9, 10) for day in range(1, 29))
    (found,) = problems_of(fill(path, with_rows(Placements=[{**JOANA, "Review dates": many}])))
    assert "holds more than 40 days" in found


@pytest.mark.parametrize(
    "said",
    [
        "12/10/26; 7/12/26",
        "7 Dec 2026 and 12 Oct 2026",
        "12/10/26, 7/12/26",
        "12/10/26\n7/12/26",
        "12/10/26;7/12/26; tbc",
    ],
)
def test_several_days_are_read_however_they_are_separated(path: Path, said: str) -> None:
    records: Records = load(fill(path, with_rows(Placements=[{**JOANA, "Review dates": said}])))
    assert records.placements[0].review_dates == (date(2026, 10, 12), date(2026, 12, 7))


@pytest.mark.parametrize("said", [date(2026, 10, 12), "Mon 12 Oct 2026", "Oct 12, 2026", "Mon, 12 Oct 2026", 46307])
def test_a_single_review_date_is_one_too(path: Path, said: object) -> None:
    records = load(fill(path, with_rows(Placements=[{**JOANA, "Review dates": said}])))
    assert records.placements[0].review_dates == (date(2026, 10, 12),)
