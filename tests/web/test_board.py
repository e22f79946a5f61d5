"""The board: who sees what of today, what counts as bad, and what is written down of who has looked."""

from datetime import date

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.store import board as store
from apbot.store.tables import audit, closures, people, placements, pupils, roles
from tests.web.office import Office

NAMES = {"Jay Ward", "Joana da Silva", "Mo Hassan", "Ellie Dunn"}
REFERENCES = {"AB12", "CD34", "EF56", "GH78"}


async def board(office: Office, name: str, query: str = "") -> str:
    return await office.reads(name, f"/board{query}")


def in_it(page: str, wanted: set[str]) -> set[str]:
    return {each for each in wanted if each in page}


@pytest.mark.parametrize(
    ("reader", "references", "names"),
    [
        ("Priya Nair", {"AB12", "CD34", "EF56"}, {"Jay Ward", "Joana da Silva", "Mo Hassan"}),
        ("Helen Marsh", {"AB12", "CD34", "EF56"}, {"Jay Ward", "Joana da Silva", "Mo Hassan"}),
        ("Kit Lowry", {"AB12", "CD34", "EF56"}, {"Jay Ward", "Joana da Silva", "Mo Hassan"}),
        ("Alan Pugh", {"GH78"}, {"Ellie Dunn"}),
        ("Sam Taylor", {"AB12", "CD34", "GH78"}, set()),
        ("Gary Stone", {"EF56"}, set()),
    ],
)
async def test_everybody_sees_their_own_pupils_and_only_their_school_the_names(
    office: Office, reader: str, references: set[str], names: set[str]
) -> None:
    await office.day.until("09:45")
    page = await board(office, reader)
    assert (in_it(page, REFERENCES), in_it(page, NAMES)) == (references, names)


async def test_a_stranger_and_a_leaver_are_sent_away(office: Office) -> None:
    await office.day.until("09:45")
    assert (await office.get("", "/board")).headers["location"] == "/"
    await board(office, "Priya Nair")
    office.day.change(people, people.c.name == "Priya Nair", leaves_on=date(2026, 9, 16))
    assert (await office.get("Priya Nair", "/board")).headers["location"] == "/"


async def test_what_is_not_answered_counts_down_to_its_alert(office: Office) -> None:
    await office.day.until("09:48")
    page = await board(office, "Priya Nair")
    assert "3 pupils without an answer yet" in page
    assert "The first becomes an alert at 10:00." in page
    assert "12 min</span>" in page
    assert 'data-due="2026-09-17T09:00:00+00:00"' in page
    assert "AB12 J.W., CD34 J.S." in page
    assert "Open alerts" not in page


async def test_an_open_alert_says_its_step_its_age_and_that_nobody_is_on_it(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("The Garage").taps("All arrived")
    await day.until("10:12")
    page = await board(office, "Dorothy Okafor")
    assert "1 pupil is not accounted for" in page
    assert "One alert has not been acknowledged by anybody." in page
    assert "12 minutes, since" in page
    assert "Step 2 of 3: attendance contact, DSL, deputy DSL. The next step is at 10:20" in page
    assert "Nobody has acknowledged it" in page
    await day.dsl("Hillcrest").taps("Acknowledge")
    page = await board(office, "Dorothy Okafor")
    assert "Dorothy Okafor has had it since 10:12" in page
    assert "Somebody is on each alert." in page


async def test_all_is_well_in_a_word_and_a_sign(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.provider("The Garage").taps("All arrived")
    page = await board(office, "Dorothy Okafor")
    assert 'class="verdict" data-mark="done"' in page
    assert "Every pupil is accounted for" in page


async def test_before_the_day_and_on_a_closed_day_it_says_why_there_is_nothing(office: Office) -> None:
    assert "No registers yet today" in await board(office, "Dorothy Okafor")
    office.day.database.run(
        lambda transaction: transaction.insert(
            closures,
            school_id=office.day.ids["Hillcrest"],
            starts_on=office.day.date,
            ends_on=office.day.date,
            kind="INSET day",
        )
    )
    await office.day.until("09:45")
    page = await board(office, "Dorothy Okafor")
    assert "Hillcrest is closed today: INSET day." in page
    assert "Nobody is expected at a provider today" in page


async def test_who_is_safe_elsewhere_is_not_counted_as_missing(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("Oak Farm").taps("All arrived")
    await day.until("10:00")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="EF56", outcome="at home ill, confirmed with a parent")
    page = await board(office, "Dorothy Okafor")
    assert "Every pupil is accounted for" in page
    assert "At home ill, confirmed with a parent (The Garage, am)" in page


async def test_a_pupil_with_no_session_today_is_on_the_list(office: Office) -> None:
    only_friday = ["fri am", "fri pm"]
    office.day.change(placements, placements.c.pupil_id == office.day.ids["EF56"], pattern=only_friday)
    await office.day.until("09:45")
    assert "In school today: no session is expected" in await board(office, "Priya Nair")
    assert "No session with you today" in await board(office, "Gary Stone")


async def test_an_admin_over_all_sees_each_school_in_counts_and_chooses_one(office: Office) -> None:
    await office.day.until("10:05")
    page = await board(office, "Ada Quill")
    assert "All schools" in page
    assert "Joana" not in page.split("Schools", 1)[1].split("</table>")[0]
    assert "2 unanswered" in page or "3 unanswered" in page
    one = await board(office, "Ada Quill", "?school=MARS")
    assert in_it(one, NAMES) == {"Ellie Dunn"}
    assert "<h1>Marsh Lane</h1>" in one


async def test_over_all_schools_no_more_alerts_are_shown_than_anybody_reads(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store, "MOST_ALERTS", 2)
    day = office.day
    await day.until("10:01")
    await day.dsl("Hillcrest").taps("Acknowledge")
    page = await board(office, "Ada Quill")
    assert "4 pupils are not accounted for" in page
    assert "2 alerts have not been acknowledged by anybody." in page
    assert page.count('<li class="alert"') == 2
    assert page.count('data-taken="no"') == 2, "those that nobody has taken on"
    assert "<strong>1 more</strong> are open" in page


async def test_over_all_schools_a_pupil_said_not_to_be_there_is_not_accounted_for(office: Office) -> None:
    day = office.day
    await day.until("09:31")
    await day.provider("The Garage").taps("Not arrived", pupil="EF56", reason="ill")
    await day.provider("Oak Farm").taps("All arrived")
    for name in ("Ada Quill", "Dorothy Okafor"):
        page = await board(office, name)
        assert "1 pupil is not accounted for" in page
        assert "No alert has gone out yet." in page


async def test_another_schools_board_is_as_if_it_were_not_there(office: Office) -> None:
    assert (await office.get("Priya Nair", "/board?school=MARS")).status_code == 404
    assert (await office.get("Priya Nair", "/board?school=NONE")).status_code == 404
    assert "Ellie" not in (await office.get("Priya Nair", "/board/live?school=MARS")).text


@pytest.mark.parametrize(
    ("reader", "query", "is_told"),
    [
        ("Dorothy Okafor", "", True),
        ("Kit Lowry", "", True),
        ("Dorothy Okafor", "?names=no", False),
        ("Sam Taylor", "", False),
    ],
)
async def test_who_may_know_the_pupil_is_told_on_the_board_of_a_social_worker(
    office: Office, reader: str, query: str, is_told: bool
) -> None:
    office.day.change(pupils, pupils.c.ref == "CD34", social_worker=True)
    await office.day.until("10:01")
    page = await board(office, reader, query)
    assert "Open alerts" in page
    assert page.count("Has a social worker: tell them of an unexplained absence") == is_told


async def test_names_can_be_hidden_from_a_screen_that_others_see(office: Office) -> None:
    await office.day.until("09:45")
    page = await board(office, "Priya Nair", "?names=no")
    assert in_it(page, NAMES) == set()
    assert "CD34</b> <bdi>J.S." in page
    assert "/board/live?names=no" in page


async def test_a_governor_sees_counts_and_small_groups_held_back(office: Office) -> None:
    office.day.change(roles, roles.c.person_id == office.day.ids["Helen Marsh"], role=Role.GOVERNOR.value)
    await office.day.until("09:45")
    page = await board(office, "Helen Marsh")
    assert in_it(page, REFERENCES | NAMES) == set()
    assert "fewer than 5" in page


async def test_duties_of_the_week_are_there_with_whose_they_are(office: Office) -> None:
    day = office.day
    await day.until("09:45")
    page = await board(office, "Dorothy Okafor")
    assert "Contact with the provider" in page
    assert "Due Fri 18 Sep 2026" in page
    assert "Kit Lowry:" in page
    assert "Contact with the provider" not in await board(office, "Sam Taylor")


async def test_an_opening_is_written_down_once_with_the_pupils_and_a_refresh_is_not(office: Office) -> None:
    def openings() -> list[dict[str, object]]:
        return [row.detail for row in office.day.rows(sa.select(audit.c.detail).where(audit.c.what == "board read"))]

    await office.day.until("09:45")
    await board(office, "Priya Nair")
    assert openings() == [
        {"school": "", "count": 3, "pupils": sorted(office.day.ids[each] for each in ("AB12", "CD34", "EF56"))}
    ]
    await office.day.until("09:50")
    await board(office, "Priya Nair")
    assert len(openings()) == 1, "the page loads itself again"
    await office.day.until("10:10")
    await board(office, "Priya Nair")
    assert len(openings()) == 2


async def test_a_pupil_who_joins_makes_it_another_reading(office: Office) -> None:
    day = office.day
    await day.until("09:45")
    await board(office, "Gary Stone")
    day.change(placements, placements.c.pupil_id == day.ids["AB12"], provider_id=day.ids["The Garage"])
    await board(office, "Gary Stone")
    found = day.rows(sa.select(audit.c.detail).where(audit.c.what == "board read"))
    assert [row.detail["pupils"] for row in found] == [[day.ids["EF56"]], sorted((day.ids["AB12"], day.ids["EF56"]))]


async def test_the_board_is_read_in_sets_however_many_pupils_there_are(office: Office) -> None:
    day = office.day
    day.change(placements, placements.c.pupil_id == day.ids["GH78"], key_worker_id=day.ids["Kit Lowry"])
    await day.until("09:45")

    async def statements(name: str) -> int:
        await office.browser(name)
        seen: list[str] = []

        def saw(_: object, __: object, statement: str, *___: object) -> None:
            seen.append(statement)

        sa.event.listen(office.day.database.engine, "before_cursor_execute", saw)
        await board(office, name)
        sa.event.remove(office.day.database.engine, "before_cursor_execute", saw)
        return len(seen)

    assert await statements("Priya Nair") == await statements("Alan Pugh"), "three pupils cost what one does"
