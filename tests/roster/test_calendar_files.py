"""Term dates from a school's calendar: what is clear is taken, what is not is refused with what was understood."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apbot.domain.calendar import Closure, Term
from apbot.roster import Records, RosterProblems, load
from apbot.roster.records import School
from tests.roster.book import RIGHT, fill, new_database, problems_of, stored, take_in

HILLCREST = Records(schools=(School("HILL", "Hillcrest Academy"),))


def calendar(tmp_path: Path, *events: tuple[str, str, str] | tuple[str, str]) -> Path:
    """A calendar of events of whole days, each with its name, its first day and its last."""
    lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Hillcrest//EN"]
    for number, (name, first, *last) in enumerate(events):
        after = date.fromordinal(date.fromisoformat(last[0] if last else first).toordinal() + 1)
        lines += [
            "BEGIN:VEVENT",
            f"UID:{number}@hillcrest.example",
            "DTSTAMP:20260701T120000Z",
            f"SUMMARY:{name}",
            f"DTSTART;VALUE=DATE:{first.replace('-', '')}",
            f"DTEND;VALUE=DATE:{after:%Y%m%d}",
            "END:VEVENT",
        ]
    path = tmp_path / "terms.ics"
    path.write_bytes(("\r\n".join([*lines, "END:VCALENDAR"]) + "\r\n").encode())
    return path


def read(path: Path, place: str = "HILL") -> Records:
    return load(path, place=place, stored=HILLCREST)


def spans(records: Records) -> list[tuple[str, date, date]]:
    return [(each.term.name, each.term.starts_on, each.term.ends_on) for each in records.terms]


def refused(path: Path, **given: str) -> str:
    (found,) = problems_of(path, **{"place": "HILL", "stored": HILLCREST, **given})
    return found


AUTUMN_1 = ("Autumn term 1", "2026-09-02", "2026-10-23")
AUTUMN_2 = ("Autumn term 2", "2026-11-02", "2026-12-18")


def test_blocks_of_teaching_are_half_terms_and_the_end_of_a_whole_day_is_the_day_before(tmp_path: Path) -> None:
    records = read(
        calendar(
            tmp_path, AUTUMN_2, AUTUMN_1, ("Sports day", "2027-06-18"), ("Year 9 reports", "2026-11-02", "2026-11-06")
        )
    )
    assert spans(records) == [
        ("Autumn term 1", date(2026, 9, 2), date(2026, 10, 23)),
        ("Autumn term 2", date(2026, 11, 2), date(2026, 12, 18)),
    ]
    assert records.terms[0].place == "HILL"
    assert records.given == {"terms"}
    assert any(note.startswith("Understood as not about term dates: Year 9 reports") for note in records.notes)


def test_a_whole_term_is_cut_where_its_half_term_holiday_lies(tmp_path: Path) -> None:
    records = read(
        calendar(
            tmp_path,
            ("Autumn Term", "2026-09-02", "2026-12-18"),
            ("October half term", "2026-10-24", "2026-11-01"),
            ("Half-term activity club", "2026-11-09", "2026-11-13"),
            ("Christmas holidays", "2026-12-19", "2027-01-03"),
        )
    )
    assert spans(records) == [
        ("Autumn Term (1)", date(2026, 9, 2), date(2026, 10, 23)),
        ("Autumn Term (2)", date(2026, 11, 2), date(2026, 12, 18)),
    ]


def test_days_on_which_terms_start_and_end(tmp_path: Path) -> None:
    records = read(
        calendar(
            tmp_path,
            ("Autumn term begins", "2026-09-02"),
            ("School closes for half term", "2026-10-23"),
            ("Pupils return to school", "2026-11-02"),
            ("Last day of term", "2026-12-18"),
            ("Start of Year 11 mocks", "2026-11-30"),
        )
    )
    assert spans(records) == [
        ("Half term 1", date(2026, 9, 2), date(2026, 10, 23)),
        ("Half term 2", date(2026, 11, 2), date(2026, 12, 18)),
    ]


def test_the_holidays_between_them_from_one_summer_to_the_next(tmp_path: Path) -> None:
    records = read(
        calendar(
            tmp_path,
            ("Summer holiday", "2026-07-22", "2026-09-01"),
            ("Half term", "2026-10-26", "2026-10-30"),
            ("Christmas holiday", "2026-12-19", "2027-01-03"),
            ("February half term", "2027-02-15", "2027-02-19"),
            ("Easter", "2027-03-26", "2027-04-11"),
            ("May half-term (school closed)", "2027-05-31", "2027-06-04"),
            ("Summer holidays", "2027-07-22", "2027-08-31"),
        )
    )
    assert spans(records) == [
        ("Half term 1", date(2026, 9, 2), date(2026, 10, 23)),
        ("Half term 2", date(2026, 11, 2), date(2026, 12, 18)),
        ("Half term 3", date(2027, 1, 4), date(2027, 2, 12)),
        ("Half term 4", date(2027, 2, 22), date(2027, 3, 25)),
        ("Half term 5", date(2027, 4, 12), date(2027, 5, 28)),
        ("Half term 6", date(2027, 6, 7), date(2027, 7, 21)),
    ]


def test_inset_days_and_bank_holidays_are_closures(tmp_path: Path) -> None:
    records = read(
        calendar(
            tmp_path,
            ("INSET Day - school closed to pupils", "2026-09-25"),
            ("Early May Bank Holiday", "2027-05-03"),
            ("School closed (polling station)", "2027-05-06"),
            AUTUMN_1,
        )
    )
    assert [each.closure for each in records.closures] == [
        Closure(date(2026, 9, 25), date(2026, 9, 25), kind="INSET day", note="INSET Day - school closed to pupils"),
        Closure(date(2027, 5, 3), date(2027, 5, 3), kind="bank holiday", note="Early May Bank Holiday"),
        Closure(date(2027, 5, 6), date(2027, 5, 6), kind="election", note="School closed (polling station)"),
    ]
    assert records.given == {"terms", "closures"}


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ([("Half term", "2026-10-26", "2026-10-30")], "one holiday alone does not say when terms start and end"),
        (
            [("Half term", "2026-10-26", "2026-10-30"), ("Christmas holiday", "2026-12-19", "2027-01-03")],
            "without the summer holiday before and after it",
        ),
        (
            [("Summer holiday", "2026-07-22", "2026-09-01"), ("Christmas holiday", "2026-12-19", "2027-01-03")],
            "between Wed 2 Sep 2026 and Fri 18 Dec 2026 there should be a holiday",
        ),
        ([("Term starts", "2026-09-02"), ("Term starts", "2026-11-02")], "do not come in turn"),
        ([("Term ends", "2026-10-23"), ("Term starts", "2026-11-02")], "do not come in turn"),
        (
            [AUTUMN_1, ("Autumn half term 2", "2026-10-20", "2026-12-18")],
            "'Autumn term 1' and 'Autumn half term 2' overlap",
        ),
        ([("Parents' evening", "2026-10-01")], "there is no term and no closure in it"),
        ([], "there is no term and no closure in it"),
    ],
)
def test_what_is_not_clear_is_refused_with_what_was_understood(
    tmp_path: Path, events: list[tuple[str, str, str]], said: str
) -> None:
    found = refused(calendar(tmp_path, *events))
    assert said in found
    assert "Write the half terms into the sheet Term dates instead." in found
    assert all(event[0] in found for event in events)


def test_an_event_with_times_lasts_until_the_day_it_ends_on(tmp_path: Path) -> None:
    path = calendar(tmp_path, AUTUMN_1)
    content = (
        path.read_text()
        .replace(";VALUE=DATE:20260902", ":20260901T230000Z")
        .replace(";VALUE=DATE:20261024", ";TZID=Europe/London:20261023T151500")
    )
    path.write_text(content)
    assert spans(read(path)) == [("Autumn term 1", date(2026, 9, 2), date(2026, 10, 23))]


def test_an_event_that_repeats_itself_is_refused_if_it_matters(tmp_path: Path) -> None:
    path = calendar(tmp_path, AUTUMN_1, ("INSET day", "2026-09-25"))
    path.write_text(path.read_text().replace("SUMMARY:INSET day", "RRULE:FREQ=WEEKLY\r\nSUMMARY:INSET day"))
    assert "the event 'INSET day' repeats itself" in refused(path)


def test_whose_calendar_it_is_must_be_said_and_known(tmp_path: Path) -> None:
    path = calendar(tmp_path, AUTUMN_1)
    assert "add --place" in refused(path, place="")
    assert "'HILLS' is not the ref of a school or provider — write HILL, if that is meant" in refused(
        path, place="HILLS"
    )
    assert read(path, place="hillcrest academy").terms[0].place == "HILL"


def test_a_place_goes_with_a_calendar_only(tmp_path: Path) -> None:
    assert "a place goes with a calendar" in problems_of(fill(tmp_path / "roster.xlsx", RIGHT), place="HILL")[0]


def test_it_replaces_the_terms_of_that_year_and_keeps_the_closures_it_does_not_speak_of(tmp_path: Path) -> None:
    database = new_database()
    closures = [{"Place": "HILL", "From": "25/9/26", "Kind": "INSET day"}]
    take_in(database, fill(tmp_path / "roster.xlsx", {**RIGHT, "Closures": closures}))
    changes = take_in(database, calendar(tmp_path, AUTUMN_1, AUTUMN_2), place="hill")
    assert changes.counts() == {"dates added": 2, "dates removed": 1}
    assert [each.term for each in stored(database).terms] == [
        Term("Autumn term 1", date(2026, 9, 2), date(2026, 10, 23)),
        Term("Autumn term 2", date(2026, 11, 2), date(2026, 12, 18)),
    ]
    assert len(stored(database).closures) == 1
    assert not take_in(database, calendar(tmp_path, AUTUMN_1, AUTUMN_2), place="hill")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"hello",
        b"BEGIN:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:Term\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART:soon\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nDTSTART;VALUE=DATE:20260902\r\nDTEND;VALUE=DATE:20250902\r\n"
        b"SUMMARY:Term\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        b"x" * 6 * 1024 * 1024,
    ],
)
def test_what_is_no_calendar_is_refused_in_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "terms.ics"
    path.write_bytes(content)
    assert "terms.ics" in refused(path)


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300), st.integers(0, 600), st.text(max_size=40))
def test_any_bytes_as_a_calendar_are_read_or_refused(tmp_path: Path, junk: bytes, at: int, name: str) -> None:
    path = calendar(tmp_path, AUTUMN_1, ("Half term " + "".join(name.split()), "2026-10-24", "2026-11-01"))
    content = path.read_bytes()
    for spoiled in (junk, content[:at] + junk + content[at:], content[:at]):
        path.write_bytes(spoiled)
        try:
            read(path)
        except RosterProblems:
            continue
