"""Single cells: words, references, ticks, minutes, telephone numbers, addresses, roles and codes."""

import contextlib
from collections.abc import Callable
from datetime import date, time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apbot.domain.initials import UNREADABLE
from apbot.domain.roles import Role
from apbot.roster import cells, contacts, vocabulary
from apbot.roster.problems import Unreadable
from apbot.roster.sheets import ALL


def refused(read: Callable[[object], Any], value: object) -> str:
    with pytest.raises(Unreadable) as trouble:
        read(value)
    assert trouble.value.expected
    return trouble.value.wrong


def test_spaces_of_every_kind_are_tidied_and_names_stay_as_they_are() -> None:
    assert cells.text(99)("  Zo\u00eb\u00a0\u200b  O\u2019Connor-Nwosu\t ") == "Zo\u00eb O\u2019Connor-Nwosu"
    assert cells.text(99)("Zoe\u0308") == "Zo\u00eb"
    assert cells.text(99)("'t Hooft") == "'t Hooft"


def test_a_cell_that_is_too_long_says_by_how_much() -> None:
    assert refused(cells.text(20), "x" * 21) == "is 21 characters long"
    assert refused(cells.text(20), "x" * 10_000_000) == "is 10,000,000 characters long"


def test_an_error_of_the_spreadsheet_is_not_taken_for_a_name() -> None:
    assert "error from the spreadsheet" in refused(cells.text(99), "#N/A")


def test_what_stands_for_a_name_that_cannot_be_decrypted_is_not_taken_for_one() -> None:
    assert "could not be decrypted" in refused(cells.text(99), UNREADABLE)


def test_a_ref_that_the_spreadsheet_made_a_date_of_is_told_apart() -> None:
    assert "date" in refused(cells.ref, date(2026, 3, 1))


@pytest.mark.parametrize(
    ("typed", "means"), [(101, "101"), (101.0, "101"), ("101.0", "101"), (" OAK \u2013 1", "OAK - 1")]
)
def test_a_ref_is_the_same_as_a_number_and_as_text(typed: object, means: str) -> None:
    assert cells.ref(typed) == means


@pytest.mark.parametrize(
    ("typed", "means"),
    [("cd34", "CD34"), (" CD 34 ", "CD34"), ("CD\u201334", "CD-34"), (101.0, "101"), ("0012", "0012")],
)
def test_a_pupil_ref_is_short_and_in_capitals(typed: object, means: str) -> None:
    assert cells.pupil_ref(typed) == means


@pytest.mark.parametrize(
    "typed", ["John Smith", "ABCDEFGHIJKLM", "CD_34", "=CD34", "all", "PM", "Y1", "B", "12", "\u00d6\u00c422"]
)
def test_what_would_confuse_the_chat_is_no_pupil_ref(typed: str) -> None:
    refused(cells.pupil_ref, typed)


@pytest.mark.parametrize("typed", ["yes", "Y", "TRUE", True, "x", 1, 1.0, "1", " Yes. ", "\u2713"])
def test_a_tick_is_yes(typed: object) -> None:
    assert cells.yes_no(typed) is True


@pytest.mark.parametrize("typed", ["no", "N", "FALSE", False, 0, "-", "n/a", "None"])
def test_a_no_is_no(typed: object) -> None:
    assert cells.yes_no(typed) is False


def test_neither_yes_nor_no() -> None:
    assert refused(cells.yes_no, "maybe") == "is neither yes nor no"


@pytest.mark.parametrize("typed", [30, 30.0, "30", "30 mins", "30m", "30 minutes", time(0, 30)])
def test_thirty_minutes(typed: object) -> None:
    assert cells.minutes(1, 120)(typed) == 30


def test_minutes_out_of_range() -> None:
    assert refused(cells.minutes(1, 120), 500) == "is out of range"
    assert refused(cells.minutes(1, 120), "half an hour") == "is not a number of minutes"


@pytest.mark.parametrize(
    "typed",
    [
        *(7700900123, 7700900123.0, "7700900123", "07700900123", "07700 900 123", "07700-900123", "'07700900123"),
        *(
            "+44 7700 900123",
            "+44 (0)7700 900123",
            "0044 7700 900123",
            "447700900123",
            "(07700) 900123",
            "m: 07700 900123",
        ),
    ],
)
def test_a_telephone_number_that_excel_ate_the_zero_of_gets_it_back(typed: object) -> None:
    assert contacts.mobile(typed) == "07700 900123"


def test_a_landline_is_no_mobile() -> None:
    assert "no text message can reach it" in refused(contacts.mobile, "01632 960123")


@pytest.mark.parametrize("typed", ["0770090012", "077009001234", "ask the office", "07700 9OO123", 12])
def test_a_mobile_number_with_a_digit_too_few_or_too_many_is_refused(typed: object) -> None:
    refused(contacts.mobile, typed)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        (1632960123, "01632 960123"),
        ("01632 960123 ext. 12", "01632 960123 ext 12"),
        ("01632960123 / 07700900123", "01632 960123 / 07700 900123"),
        ("01632 960123 or 07700 900123", "01632 960123 / 07700 900123"),
        ("+44 1632 960123", "01632 960123"),
        ("n/a", ""),
    ],
)
def test_a_telephone_number_of_a_school(typed: object, means: str) -> None:
    assert contacts.telephone(typed) == means


def test_words_are_no_telephone_number() -> None:
    assert "not a telephone number" in refused(contacts.telephone, "see the website")


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("Priya.Nair@Hillcrest.Example", "Priya.Nair@hillcrest.example"),
        ("mailto:a@b.example", "a@b.example"),
        ("Priya Nair <a@b.example>", "a@b.example"),
        ("o'brien@b.example;", "o'brien@b.example"),
        ("none", ""),
    ],
)
def test_an_email_address(typed: str, means: str) -> None:
    assert contacts.email(typed) == means


@pytest.mark.parametrize(
    "typed", ["a@b", "a b@c.example", "a@b.example, c@d.example", "@b.example", "a@b..example", "x" * 300]
)
def test_what_is_no_email_address(typed: str) -> None:
    refused(contacts.email, typed)


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("DSL", {Role.DSL}),
        ("dsl; Head teacher", {Role.DSL, Role.HEAD}),
        ("Designated Safeguarding Lead (DSL)", {Role.DSL}),
        ("DSL / Headteacher", {Role.DSL, Role.HEAD}),
        ("DSL and attendance officer", {Role.DSL, Role.ATTENDANCE_CONTACT}),
        ("Attendance and Welfare Officer", {Role.ATTENDANCE_CONTACT}),
        ("Attendance & Welfare Officer & DSL", {Role.ATTENDANCE_CONTACT, Role.DSL}),
        ("Deputy DSL\nKey-worker", {Role.DEPUTY_DSL, Role.KEY_WORKER}),
        ("DDSL", {Role.DEPUTY_DSL}),
        ("SENDCo", {Role.SENCO}),
        ("n/a", set()),
    ],
)
def test_roles_by_the_names_that_schools_use(typed: str, means: set[Role]) -> None:
    assert vocabulary.roles(typed) == means


def test_every_role_is_understood_as_it_is_offered() -> None:
    assert all(vocabulary.roles(role.value) == {role} for role in Role)
    assert vocabulary.roles(vocabulary.spell_roles(frozenset(Role))) == set(Role)


def test_a_role_that_nobody_knows_is_quoted() -> None:
    assert refused(vocabulary.roles, "DSL; caretaker") == "holds no role that is known: 'caretaker'"


@pytest.mark.parametrize(("typed", "means"), [("b", "B"), ("W - work experience", "W"), ("Code V", "V"), ("n/a", "B")])
def test_an_activity_code(typed: str, means: str) -> None:
    assert vocabulary.activity_code(typed) == means


@pytest.mark.parametrize(("typed", "means"), [("Year 10", "10"), (10.0, "10"), ("Y9", "9"), ("R", "R"), ("09", "9")])
def test_a_year_group(typed: object, means: str) -> None:
    assert vocabulary.year_group(typed) == means


ANYTHING = st.one_of(
    st.none(),
    st.text(),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
)
READERS = {f"{sheet.title} {column.heading}": column.read for sheet in ALL for column in sheet.columns}


@pytest.mark.parametrize("column", READERS)
@settings(max_examples=60)
@given(value=ANYTHING)
def test_every_column_reads_a_cell_or_refuses_it_and_nothing_else_happens(column: str, value: object) -> None:
    with contextlib.suppress(Unreadable):
        READERS[column](value)


IDEMPOTENT = (
    cells.ref,
    cells.pupil_ref,
    cells.text(50),
    contacts.mobile,
    contacts.telephone,
    contacts.email,
    vocabulary.year_group,
    vocabulary.upn,
)
CLOSE_TO_REAL = st.text(alphabet="0123456789 +-()./@abXYZ'\u00a0", max_size=24)


@pytest.mark.parametrize("read", IDEMPOTENT)
@given(value=st.one_of(ANYTHING, CLOSE_TO_REAL, st.integers(7_000_000_000, 7_999_999_999)))
def test_what_was_read_reads_the_same_again(read: Callable[[object], Any], value: object) -> None:
    try:
        found = read(value)
    except Unreadable:
        return
    if found != "":
        assert read(found) == found
