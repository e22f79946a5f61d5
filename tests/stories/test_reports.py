"""The week for a school's leads and the term for its governors: when, to whom, and what they say."""

import json
from collections.abc import Iterator
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.cards import Card, card_from_json
from apbot.domain.roles import Role
from apbot.store.tables import closures, messages, placements, pupils, roles, school_reports, schools, terms
from tests import history, school
from tests.day import Conversation, Day, text_of
from tests.stories.cast import NAMES, hire

MONDAY = date(2026, 9, 14)
CODES = {  #  W2 T3 F4 M7 T8 W9 T10 F11
    "AB12": "BB BB BB BB BB BB BB BB",
    "CD34": "BB NN OO BN NN BB Y4 UU",
    "EF56": "-- II -- -- II -- I. II",
    "GH78": "NN NN NN NN NN NN NN NN",
}


def a_day(day: date) -> Day:
    made = Day(day)
    made.database.run(history.put, made.ids, date(2026, 9, 2), CODES)
    return made


@pytest.fixture
def monday() -> Iterator[Day]:
    """The Monday after a week of which the registers are known."""
    made = a_day(MONDAY)
    yield made
    made.close()


def digest_of(reader: Conversation, heading: str = "The week to") -> Card:
    found = [card for card in reader.cards if card.heading.startswith(heading)]
    assert len(found) == 1, reader.text
    assert not NAMES.search(text_of(found[0]))
    return found[0]


def row(card: Card, heading: str) -> str:
    return next(each.text for each in card.rows if each.heading.startswith(heading))


async def test_the_week_goes_to_lead_head_and_dsl_once_each_on_its_first_morning(monday: Day) -> None:
    hire(monday, "a named lead", Role.NAMED_LEAD, "Hillcrest")
    await monday.until("07:59")
    for reader in ("a named lead", "Helen Marsh", "Dorothy Okafor"):
        assert "The week to" not in monday.person(reader).text
    await monday.until("08:05")
    for reader in ("a named lead", "Helen Marsh", "Dorothy Okafor"):
        assert digest_of(monday.person(reader)).heading == (
            "The week to Fri 11 Sep 2026: attendance 56.5%, no non-arrivals"
        )
    for other in ("Priya Nair", "Kit Lowry", "Tom Beckett", "Sam Taylor"):
        assert "The week to" not in monday.person(other).text
    assert "GH78" in text_of(digest_of(monday.person("Zainab Malik")))
    assert "CD34" not in text_of(digest_of(monday.person("Zainab Malik")))


async def test_who_holds_two_of_the_roles_gets_it_once(monday: Day) -> None:
    monday.database.run(
        lambda t: t.insert(roles, person_id=monday.ids["Helen Marsh"], role="DSL", school_id=monday.ids["Hillcrest"])
    )
    await monday.until("08:05")
    assert digest_of(monday.person("Helen Marsh"))


async def test_the_weeks_figures_stand_as_text(monday: Day) -> None:
    await monday.until("08:05")
    card = digest_of(monday.dsl("Hillcrest"))
    assert row(card, "School weeks") == "31 Aug 57.1% (8 of 14) · 7 Sep 56.5% (13 of 23)"
    assert row(card, "By provider") == "Oak Farm 72.2% (13 of 18) · The Garage 0% (0 of 5)"
    assert row(card, "By pupil") == ("EF56 M.H. 0% (0 of 5) · CD34 J.S. 37.5% (3 of 8) · AB12 J.W. 100% (10 of 10)")
    assert row(card, "Under 90%") == "EF56 M.H. 0% (0 of 7) · CD34 J.S. 35.7% (5 of 14)"
    assert row(card, "Unauthorised absence in ten school weeks, since Mon 31 Aug 2026") == (
        "CD34 J.S. 9. 10 sessions are the national threshold."
    )
    assert row(card, "Non-arrivals") == "None."


async def test_its_picture_has_references_alone_and_says_in_words_what_it_shows(monday: Day) -> None:
    await monday.until("08:05")
    picture = digest_of(monday.dsl("Hillcrest")).picture
    assert picture is not None
    assert [about for about, _ in picture.rows] == ["EF56", "CD34", "AB12"]
    assert picture.columns == ("Wed 2", "Thu 3", "Fri 4", "Mon 7", "Tue 8", "Wed 9", "Thu 10", "Fri 11")
    assert all(len(signs) == 16 for _, signs in picture.rows)
    assert "Sessions of 3 pupils from Wed 2 Sep 2026 to Fri 11 Sep 2026: 16 absences." in picture.alt
    assert picture.line == (("31 Aug", 57.1), ("7 Sep", 56.5))


async def test_the_picture_is_kept_with_the_card(monday: Day) -> None:
    await monday.until("08:05")
    card = digest_of(monday.dsl("Hillcrest"))
    assert card_from_json(json.loads(json.dumps(card.to_json()))) == card


async def test_a_school_that_hides_initials_sees_none(monday: Day) -> None:
    monday.change(schools, schools.c.name == "Hillcrest", initials_in_chat=False)
    await monday.until("08:05")
    assert "J.S." not in text_of(digest_of(monday.dsl("Hillcrest")))


async def test_where_monday_is_closed_it_comes_on_tuesday() -> None:
    tuesday = a_day(MONDAY + timedelta(days=1))
    try:
        closed = {"starts_on": MONDAY, "ends_on": MONDAY, "kind": "INSET day"}
        tuesday.database.run(lambda t: t.insert(closures, school_id=tuesday.ids["Hillcrest"], **closed))
        await tuesday.until("08:05")
        assert digest_of(tuesday.dsl("Hillcrest"))
    finally:
        tuesday.close()


async def test_it_is_sent_once_a_week_and_made_up_for_where_apbot_was_down(monday: Day) -> None:
    await monday.until("08:05")
    monday.date = MONDAY + timedelta(days=1)
    await monday.until("12:00")
    assert digest_of(monday.dsl("Hillcrest"))
    late = a_day(MONDAY + timedelta(days=2))
    try:
        await late.until("09:00")
        assert digest_of(late.dsl("Hillcrest"))
    finally:
        late.close()


async def test_nothing_is_sent_at_night_or_at_the_week_end(monday: Day) -> None:
    await monday.jump("19:00")
    assert "The week to" not in monday.dsl("Hillcrest").text
    monday.date = MONDAY + timedelta(days=1)
    await monday.until("08:05")
    assert digest_of(monday.dsl("Hillcrest"))


async def test_a_week_in_which_nobody_was_expected_is_not_reported() -> None:
    empty = Day(MONDAY)
    try:
        await empty.until("12:00")
        assert "The week to" not in empty.dsl("Hillcrest").text
        assert empty.rows(sa.select(school_reports.c.next_at).where(school_reports.c.next_at.is_not(None))) == []
    finally:
        empty.close()


class TestGovernors:
    """The term, on the first morning after it, in counts only."""

    @pytest.fixture
    def after_the_term(self) -> Iterator[Day]:
        """The second of November: a term of three pupils at Hillcrest has ended, and one of twelve at Marsh Lane."""
        made = a_day(date(2027, 1, 4))

        def more(transaction):
            for place in school.SCHOOLS:
                for name, first, last in (
                    ("Autumn 2", date(2026, 11, 2), date(2026, 12, 18)),
                    ("Spring 1", date(2027, 1, 4), date(2027, 2, 12)),
                    ("Spring 2", date(2027, 2, 22), date(2027, 3, 25)),
                    ("Summer 1", date(2027, 4, 12), date(2027, 5, 28)),
                    ("Summer 2", date(2027, 6, 7), date(2027, 7, 21)),
                ):
                    transaction.insert(terms, school_id=made.ids[place], name=name, starts_on=first, ends_on=last)
            pattern = transaction.row(sa.select(placements.c.pattern, placements.c.hours))
            for number in range(11):
                ref = f"X{number:02}"
                where = "The Garage" if number < 2 else "Oak Farm"
                made.ids[ref] = transaction.insert(
                    pupils, ref=ref, school_id=made.ids["Marsh Lane"], first_name="Sasha", last_name="Moss"
                )
                made.ids[f"{ref} placement"] = transaction.insert(
                    placements,
                    ref=f"{ref}-P",
                    pupil_id=made.ids[ref],
                    provider_id=made.ids[where],
                    starts_on=date(2026, 9, 2),
                    pattern=pattern.pattern,
                    hours=pattern.hours,
                    touched_at=transaction.now,
                )
                history.put(transaction, made.ids, date(2026, 11, 2), {ref: "BB BB BB BN" if number < 5 else "BB"})

        made.database.run(more)
        hire(made, "a governor", Role.GOVERNOR, "Marsh Lane")
        hire(made, "Hillcrest's governor", Role.GOVERNOR, "Hillcrest")
        yield made
        made.close()

    async def test_the_term_comes_in_counts_and_small_groups_are_held_back(self, after_the_term: Day) -> None:
        await after_the_term.until("09:00")
        card = digest_of(after_the_term.person("a governor"), "Pupils in alternative provision")
        assert card.heading == "Pupils in alternative provision, Wed 2 Sep 2026 to Fri 18 Dec 2026"
        assert row(card, "Pupils placed") == "12"
        # GH78 missed all of 16 sessions; five of eleven missed one of eight; six came to both of theirs.
        assert row(card, "Attendance") == f"{100 * 47 / 68:.1f}%"
        # Two at the Garage: who is at Oak Farm would tell how many.
        assert row(card, "By provider") == "Oak Farm: not shown · The Garage: not shown"
        assert row(card, "Pupils by attendance") == "under 90%: 6 · 90% and over: 6"
        assert row(card, "Non-arrivals") == "about fewer than 5 pupils, or none"
        assert card.picture is None
        for reference in ("GH78", "X01", "CD34"):
            assert reference not in text_of(card)

    async def test_a_school_with_fewer_than_five_pupils_is_told_no_figure(self, after_the_term: Day) -> None:
        await after_the_term.until("09:00")
        card = digest_of(after_the_term.person("Hillcrest's governor"), "Pupils in alternative provision")
        assert [each.heading for each in card.rows] == ["Pupils placed"]
        assert card.rows[0].text == "fewer than 5: no other figure is shown."

    async def test_what_is_not_shown_is_not_even_kept(self, after_the_term: Day) -> None:
        await after_the_term.until("09:00")
        kept = after_the_term.rows(
            sa.select(school_reports.c.report, school_reports.c.school_id).where(school_reports.c.kind == "term")
        )
        by_school = {each.school_id: each.report for each in kept}
        assert by_school[after_the_term.ids["Marsh Lane"]]["by_provider"] == {"Oak Farm": None, "The Garage": None}
        assert by_school[after_the_term.ids["Hillcrest"]]["pupils"] is None

    async def test_governors_alone_get_it_and_only_after_the_term(self, after_the_term: Day) -> None:
        await after_the_term.until("09:00")
        sent = after_the_term.rows(sa.select(messages.c.person_id).where(messages.c.kind == "term report"))
        assert {each.person_id for each in sent} == {
            after_the_term.ids["a governor"],
            after_the_term.ids["Hillcrest's governor"],
        }

    async def test_in_the_midst_of_a_term_governors_are_told_nothing(self, monday: Day) -> None:
        governor = hire(monday, "a governor", Role.GOVERNOR, "Hillcrest")
        await monday.until("12:00")
        governor.sees_nothing()
