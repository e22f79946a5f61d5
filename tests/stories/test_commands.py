"""What `/ap today`, `status`, `where` and `missing` answer, and to whom."""

import json
from datetime import date, time, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.access import TERMINAL
from apbot.domain.marks import Session
from apbot.domain.roles import Role
from apbot.domain.timetable import Hours, Pattern, Span
from apbot.store.tables import audit, closures, entries, people, placements, pupils, schools, terms
from tests.blank import url_in
from tests.day import Day, text_of
from tests.stories.cast import answered, hire, pupils_in, stranger

HILLCREST = {"AB12", "CD34", "EF56"}
SEES = {
    "Priya Nair": HILLCREST,
    "Dorothy Okafor": HILLCREST,
    "Tom Beckett": HILLCREST,
    "Helen Marsh": HILLCREST,
    "Kit Lowry": HILLCREST,
    "Alan Pugh": {"GH78"},
    "Zainab Malik": {"GH78"},
    "Sam Taylor": {"AB12", "CD34", "GH78"},
    "Bea Whitlock": {"AB12", "CD34", "GH78"},
    "Gary Stone": {"EF56"},
    "Ada Quill": HILLCREST | {"GH78"},
    "a named lead": HILLCREST,
    "a school's admin": HILLCREST,
    "provider staff": {"EF56"},
    "a SENCO": set(),
    "a key worker without pupils": set(),
    "a governor": set(),
}
"""Whose pupils each person of the world may see."""

UNKNOWN = "No pupil of yours has that reference."


@pytest.fixture
def town(day: Day) -> Day:
    """The world with somebody in every role."""
    hire(day, "a named lead", Role.NAMED_LEAD, "Hillcrest")
    hire(day, "a school's admin", Role.ADMIN, "Hillcrest")
    hire(day, "provider staff", Role.PROVIDER_STAFF, "The Garage")
    hire(day, "a SENCO", Role.SENCO, "Hillcrest")
    hire(day, "a key worker without pupils", Role.KEY_WORKER, "Hillcrest")
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    return day


async def ask(day: Day, person: str, command: str) -> str:
    """What a command answers this person, as text; it never names a pupil."""
    return text_of(answered(await day.person(person).types(f"/ap {command}")))


@pytest.mark.parametrize("person", SEES)
async def test_every_command_shows_everybody_their_own_pupils_and_no_others(town: Day, person: str) -> None:
    await town.until("10:30")
    reader = town.person(person)
    today = pupils_in(answered(await reader.types("/ap today")))
    missing = answered(await reader.types("/ap missing"))
    everything = SEES[person]
    assert today == (everything if person != "Ada Quill" else set())
    assert pupils_in(missing) == everything
    assert everything or "Nobody is missing of" not in text_of(missing)
    for command in ("status", "where"):
        for reference in sorted(HILLCREST | {"GH78"}):
            card = answered(await reader.types(f"/ap {command} {reference}"))
            if reference in everything:
                assert pupils_in(card) == {reference}
            else:
                assert card.heading.startswith(UNKNOWN)
                assert card == answered(await reader.types(f"/ap {command} ZZ99"))


@pytest.mark.parametrize(
    "command", ["today", "status CD34", "where CD34", "missing", "absence CD34 ill today", "cover"]
)
async def test_a_stranger_and_a_leaver_learn_how_to_be_linked_and_nothing_else(day: Day, command: str) -> None:
    day.change(people, people.c.name == "Sam Taylor", leaves_on=day.date - timedelta(days=1))
    await day.until("10:30")
    for nobody in (stranger(day), day.person("Sam Taylor")):
        card = answered(await nobody.types(f"/ap {command}"))
        assert card.heading.startswith("You are not linked to apbot")
        assert "/ap link CODE" in card.lines[0]
        assert not pupils_in(card)


async def test_a_pupil_who_is_not_theirs_is_refused_in_the_words_for_an_unknown_one(day: Day) -> None:
    await day.until("10:30")
    assert await ask(day, "Alan Pugh", "status CD34") == await ask(day, "Alan Pugh", "status XY99")
    assert await ask(day, "Alan Pugh", "absence CD34 ill today") == await ask(day, "Alan Pugh", "absence XY9 ill today")


@pytest.mark.parametrize("typed", ["CD34", "cd34", "cd 34", "CD-34", " cd - 34 ", "CD34 J.S.", "cd34 js", "Cd/34"])
async def test_a_reference_is_known_in_whatever_way_it_is_typed(day: Day, typed: str) -> None:
    assert (await ask(day, "Priya Nair", f"status {typed}")).startswith("CD34 J.S., Hillcrest")


async def test_a_reference_that_could_be_two_pupils_has_to_be_typed_exactly(day: Day) -> None:
    day.change(pupils, pupils.c.ref == "AB12", ref="CD-34")
    assert UNKNOWN in await ask(day, "Priya Nair", "status cd 34")
    assert (await ask(day, "Priya Nair", "status cd-34")).startswith("CD-34 J.W.")


async def test_today_shows_a_provider_its_registers_and_what_is_still_unanswered(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.until("10:05")
    today = await ask(day, "Sam Taylor", "today")
    assert "Oak Farm, am from 09:30: 3 expected · 1 answered · 2 unanswered · 2 escalated" in today
    assert "please answer: CD34 J.S., GH78 E.D." in today
    assert "Oak Farm, pm from 13:00: 3 expected · 0 answered · 3 unanswered" in today


async def test_today_shows_a_school_its_open_alerts_first(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("The Garage").taps("Arrived", pupil="EF56")
    await day.until("10:05")
    await day.dsl("Hillcrest").taps("Acknowledge")
    card = answered(await day.person("Priya Nair").types("/ap today"))
    assert card.rows[0].heading == "CD34 J.S."
    assert "acknowledged by Dorothy Okafor at 10:05" in card.rows[0].text
    assert "Awaiting an answer: CD34 J.S. · Arrived: AB12 J.W." in text_of(card)


async def test_an_alert_of_yesterday_that_nobody_has_settled_still_comes_first(day: Day) -> None:
    await day.until("16:00")
    day.clock.set(day.clock.now() + timedelta(hours=15))
    await day.app.tick()
    card = answered(await day.person("Priya Nair").types("/ap today"))
    assert "Thu 17 Sep 2026" in card.rows[0].text
    assert "CD34" in await ask(day, "Priya Nair", "missing")


async def test_today_gives_an_admin_over_everything_a_line_for_each_school(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="GH78")
    await day.until("10:05")
    today = await ask(day, "Ada Quill", "today")
    assert "Hillcrest: 3 with an open alert · am: 3 unanswered · pm: 3 awaited" in today
    assert "Marsh Lane: am: 1 arrived · pm: 1 awaited" in today
    assert pupils_in(answered(await day.person("Ada Quill").types("/ap today Marsh Lane"))) == {"GH78"}


async def test_a_governor_sees_counts_and_no_group_under_five(day: Day) -> None:
    governor = hire(day, "a governor", Role.GOVERNOR, "Hillcrest")

    def _more(transaction):
        for number in range(6):
            pupil = transaction.insert(
                pupils, ref=f"MP{number}", school_id=day.ids["Hillcrest"], first_name="Mo", last_name="Patel"
            )
            row = transaction.row(sa.select(placements).where(placements.c.ref == "CD34-OAK"))
            given = {name: value for name, value in row._mapping.items() if name not in ("id", "ref", "pupil_id")}
            transaction.insert(placements, ref=f"MP{number}", pupil_id=pupil, **given)

    day.database.run(_more)
    await day.until("09:30")
    assert "all 9" not in await ask(day, "a governor", "today")
    for number in range(6):
        await day.provider("Oak Farm").taps("Arrived", pupil=f"MP{number}")
    await day.until("10:05")
    card = answered(await governor.types("/ap today"))
    assert "arrived 6" in text_of(card)
    assert "not known to have arrived fewer than 5" in text_of(card)
    assert not any(f"{count} " in card.rows[0].text for count in (3, 9))
    assert "MP" not in text_of(card)


@pytest.mark.parametrize(
    ("kind", "person"), [("INSET day", "Priya Nair"), ("INSET day", "Ada Quill"), ("INSET day", "Gary Stone")]
)
async def test_a_day_without_sessions_says_why(day: Day, kind: str, person: str) -> None:
    def _close(transaction):
        for place in ("Hillcrest", "Marsh Lane"):
            transaction.insert(closures, school_id=day.ids[place], starts_on=day.date, ends_on=day.date, kind=kind)

    day.database.run(_close)
    await day.until("09:00")
    assert kind in await ask(day, person, "today")
    assert f"No session is expected ({kind})" in await ask(day, "Priya Nair", "status CD34")
    assert f"no session today ({kind})" in await ask(day, "Priya Nair", "where CD34")


@pytest.mark.parametrize(
    ("on", "why"),
    [(date(2026, 9, 19), "Saturday"), (date(2026, 10, 26), "outside term"), (date(2026, 12, 25), "bank holiday")],
)
async def test_a_weekend_a_holiday_and_a_bank_holiday_are_named(on: date, why: str) -> None:
    day = Day(on)
    await day.until("09:00")
    assert why in await ask(day, "Priya Nair", "today")
    assert why in await ask(day, "Sam Taylor", "today")
    day.close()


async def test_before_the_registers_are_made_today_says_so(day: Day) -> None:
    assert "have not been made yet" in await ask(day, "Priya Nair", "today")
    await day.until("06:00")
    assert "have not been made yet" not in await ask(day, "Priya Nair", "today")


@pytest.mark.parametrize("command", ["status CD34", "where CD34", "missing"])
async def test_until_the_registers_are_made_nobody_is_said_to_be_anywhere(day: Day, command: str) -> None:
    answer = await ask(day, "Priya Nair", command)
    assert "not known" in answer.lower()
    assert "registers of today have not been made" in answer
    assert "in school" not in answer
    assert "Nobody is missing" not in answer


async def test_status_tells_the_placement_the_pattern_and_the_times(day: Day) -> None:
    day.change(
        placements,
        placements.c.ref == "CD34-OAK",
        pattern=Pattern(frozenset({(1, Session.PM, "A"), (3, Session.AM, ""), (3, Session.PM, "")})).to_json(),
        hours=Hours({Session.AM: Span(time(9, 50), time(12, 0))}).to_json(),
        arranged_by="local authority",
        target_end_on=date(2026, 12, 18),
    )
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Placement at Oak Farm: Tue pm (week A), Thu all day: am from 09:50, pm from 13:00" in status
    assert "arranged by the local authority" in status
    assert "target end date Fri 18 Dec 2026" in status
    assert "key worker Kit Lowry" in status


async def test_status_shows_the_last_sessions_by_sign_code_and_word(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    await day.until("13:40")
    day.change(entries, entries.c.fact == "arrived", code="B")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Last 2 sessions, the oldest first: Thu 17 Sep am ✓B pm ✗I?" in status
    assert "in words: 1 present, 1 absent; absent Thu 17 Sep pm I (illness)" in status
    assert "50% (1 of 2) of these sessions · 50% (1 of 2) in Autumn 1" in status


async def test_a_provider_is_shown_facts_and_not_the_codes_that_the_school_assigns(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Not arrived", pupil="CD34", reason="ill")
    await day.until("10:05")
    status = await ask(day, "Sam Taylor", "status CD34")
    assert "Thu 17 Sep am ✗ — in words: 1 absent" in status
    assert "illness" not in status


async def test_a_session_that_does_not_count_is_left_out_of_the_attendance(day: Day) -> None:
    await day.until("09:30")
    await day.provider("Oak Farm").taps("Session not running", reason="staff")
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "am –Y4? pm ✓B?" in status
    assert "100% (1 of 1)" in status


async def test_status_lists_what_is_still_to_be_done(day: Day) -> None:
    await day.until("15:30")
    status = await ask(day, "Priya Nair", "status CD34")
    assert "Alert 1 open since 10:00, nobody has acknowledged it: Oak Farm, am" in status
    assert "Establish the reason for N: Thu 17 Sep 2026, am, Oak Farm" in status
    assert "Establish the reason" not in await ask(day, "Sam Taylor", "status CD34")


async def test_status_of_a_pupil_with_two_placements_shows_each_provider_only_its_own(day: Day) -> None:
    def _second(transaction):
        row = transaction.row(sa.select(placements).where(placements.c.ref == "CD34-OAK"))
        given = {name: value for name, value in row._mapping.items() if name not in ("id", "ref")}
        tuesdays = Pattern(frozenset({(1, Session.AM, "")})).to_json()
        transaction.insert(
            placements,
            ref="CD34-GAR",
            **given | {"provider_id": day.ids["The Garage"], "pattern": tuesdays, "key_worker_id": None},
        )

    day.database.run(_second)
    await day.until("10:30")
    assert "The Garage" in await ask(day, "Priya Nair", "status CD34")
    for person, other in (("Sam Taylor", "The Garage"), ("Gary Stone", "Oak Farm"), ("Kit Lowry", "The Garage")):
        assert other not in await ask(day, person, "status CD34")
    where = await ask(day, "Gary Stone", "where CD34")
    assert "no session is expected with you today" in where
    assert "Oak Farm" not in where


async def test_a_placement_that_is_over_is_the_schools_alone_to_see(day: Day) -> None:
    day.change(placements, placements.c.ref == "CD34-OAK", ends_on=day.date - timedelta(days=1))
    await day.until("10:30")
    assert "Placement at Oak Farm (over)" in await ask(day, "Priya Nair", "status CD34")
    assert "in school today: no placement runs" in await ask(day, "Priya Nair", "where CD34")
    for person in ("Sam Taylor", "Kit Lowry"):
        assert UNKNOWN in await ask(day, person, "status CD34")


async def test_where_says_who_said_that_a_pupil_is_there(day: Day) -> None:
    await day.until("09:31")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    where = await ask(day, "Priya Nair", "where CD34")
    assert where.startswith("CD34 J.S.: at Oak Farm")
    assert "Expected at Oak Farm since 09:30; arrived, said by Sam Taylor at 09:31" in where
    await day.until("12:30")
    assert "expected at Oak Farm from 13:00" in await ask(day, "Priya Nair", "where CD34")
    await day.until("16:00")
    assert "Oak Farm has said nothing" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_when_nobody_knows_and_who_has_taken_it_on(day: Day) -> None:
    await day.until("09:30")
    await day.provider("The Garage").taps("Arrived", pupil="EF56")
    await day.until("10:05")
    where = await ask(day, "Priya Nair", "where CD34")
    assert "CD34 J.S.: not known where" in where
    assert "alert 1 open since 10:00, nobody has acknowledged it" in where
    await day.dsl("Hillcrest").taps("Acknowledge")
    assert "acknowledged by Dorothy Okafor at 10:05" in await ask(day, "Priya Nair", "where CD34")
    await day.dsl("Hillcrest").taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    assert "CD34 J.S.: at home ill, confirmed with a parent" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_that_a_pupil_is_in_school_on_the_days_without_a_session(day: Day) -> None:
    day.change(placements, placements.c.ref == "CD34-OAK", pattern=["mon am", "tue pm"])
    await day.until("09:00")
    assert "in school today: no session is expected" in await ask(day, "Priya Nair", "where CD34")


async def test_where_says_that_an_absence_was_planned(day: Day) -> None:
    day.plan_absence("CD34")
    await day.until("10:00")
    where = await ask(day, "Sam Taylor", "where CD34")
    assert "CD34 J.S.: planned absence" in where
    assert "planned by the school: medical or dental appointment" in where


async def test_missing_says_for_how_long_and_what_is_done_about_it(day: Day) -> None:
    await day.until("09:20")
    assert "Nobody is missing: no session" in await ask(day, "Priya Nair", "missing")
    await day.until("09:40")
    missing = await ask(day, "Priya Nair", "missing")
    assert "3 pupils are not known to have arrived" in missing
    assert "expected since 09:30 (10 minutes) · Oak Farm has said nothing · the school is alerted at 10:00" in missing
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Arrived", pupil="CD34")
    await day.provider("Oak Farm").taps("Left site", pupil="CD34", at="09:39")
    missing = await ask(day, "Priya Nair", "missing")
    assert "AB12" not in missing
    assert "left site at 09:39, said by Sam Taylor at 09:40 · alert 1 open since 09:40" in missing


async def test_missing_counts_nobody_who_is_known_to_be_safe(day: Day) -> None:
    await day.until("10:05")
    dsl = day.dsl("Hillcrest")
    await dsl.taps("Record outcome", pupil="CD34", outcome="at home ill, confirmed with a parent")
    missing = await ask(day, "Priya Nair", "missing")
    assert missing.startswith("2 pupils are not known to have arrived")
    assert "alert 1 settled: at home ill, confirmed with a parent, established by Dorothy Okafor at 10:05" in missing
    await day.until("13:00")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    missing = await ask(day, "Priya Nair", "missing")
    assert "since then: arrived at Oak Farm, pm, said at 13:00" in missing
    assert "CD34" in missing  # nobody has said yet that CD34 came for the afternoon


async def test_that_nobody_is_missing_is_said_with_how_many_have_arrived(day: Day) -> None:
    await day.until("09:30")
    for place in ("Oak Farm", "The Garage"):
        await day.provider(place).taps("All arrived")
    assert "Nobody is missing of 3 expected so far" in await ask(day, "Priya Nair", "missing")


async def test_who_may_see_no_pupil_is_not_told_that_nobody_is_missing(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    assert "Your role shows no pupils" in await ask(day, "a governor", "missing")


async def test_initials_stay_out_of_chat_where_the_school_turned_them_off(day: Day) -> None:
    day.change(schools, schools.c.name == "Hillcrest", initials_in_chat=False)
    await day.until("10:05")
    for command in ("today", "status CD34", "where CD34", "missing"):
        text = await ask(day, "Priya Nair", command)
        assert "CD34" in text
        assert "J.S." not in text


async def test_every_pupil_whose_record_was_read_stands_in_the_audit_log(day: Day) -> None:
    await day.until("10:05")
    for command in ("today", "status CD34", "where CD34", "missing"):
        await ask(day, "Dorothy Okafor", command)
    read = day.rows(
        sa.select(audit.c.what, audit.c.person_id)
        .where(audit.c.subject == f"pupil:{day.ids['CD34']}")
        .order_by(audit.c.id)
    )
    assert [row.what for row in read] == ["today read", "status read", "where read", "missing read"]
    assert {row.person_id for row in read} == {day.ids["Dorothy Okafor"]}


async def test_help_offers_each_only_what_they_can_use(day: Day) -> None:
    hire(day, "a governor", Role.GOVERNOR, "Hillcrest")
    assert "/ap absence" in await ask(day, "Priya Nair", "help")
    for person in ("Sam Taylor", "a governor"):
        assert "/ap absence" not in await ask(day, person, "help")
    assert "/ap cover" not in await ask(day, "a governor", "help")


class TestAtTheTerminal:
    """The same answers, from the same code, as text and as data."""

    @pytest.fixture
    async def run(self, tmp_path, monkeypatch):
        import typer
        from typer.testing import CliRunner

        from apbot.cli import check, status

        monkeypatch.setenv("APBOT_DATABASE_URL", url_in(tmp_path))
        monkeypatch.chdir(tmp_path)
        day = Day(url=url_in(tmp_path))
        await day.until("10:05")
        monkeypatch.setattr("apbot.app.SystemClock", lambda: day.clock)
        app = typer.Typer()
        status.add_to(app)
        check.add_to(app)
        yield lambda *words: CliRunner().invoke(app, list(words))
        day.close()

    def test_today_is_a_line_for_each_school(self, run) -> None:
        answer = run("today")
        assert answer.exit_code == 0
        assert "3 with an open alert · am: 3 unanswered · pm: 3 awaited" in answer.output
        assert [each["school"] for each in json.loads(run("today", "--json").output)["summary"]] == [
            "Hillcrest",
            "Marsh Lane",
        ]

    def test_a_school_can_be_chosen(self, run) -> None:
        assert "CD34 J.S." in run("today", "--school", "hillcrest").output
        assert "GH78" not in run("missing", "--school", "hillcrest").output
        assert run("missing", "--school", "nowhere").exit_code == 1

    def test_status_is_data_where_it_is_asked_for(self, run) -> None:
        data = json.loads(run("status", "cd34", "--json").output)
        assert data["reference"] == "CD34"
        assert data["today"][0]["presence"] == "unanswered"
        assert data["placements"][0]["pattern_in_words"] == "Mon–Fri all day"
        assert "Silva" not in json.dumps(data)
        assert "Mon–Fri all day" in run("status", "cd34").output

    def test_an_unknown_reference_ends_with_a_sentence_and_1(self, run) -> None:
        answer = run("status", "ZZ99")
        assert answer.exit_code == 1
        assert UNKNOWN in answer.output

    def test_missing_is_a_list(self, run) -> None:
        data = json.loads(run("missing", "--json").output)
        assert data["expected_so_far"] == 4
        assert {each["reference"] for each in data["missing"]} == HILLCREST | {"GH78"}
        assert "4 pupils are not known to have arrived" in run("missing").output

    def test_what_the_terminal_reads_is_in_the_audit_log_too(self, run, tmp_path) -> None:
        run("status", "CD34")
        engine = sa.create_engine(url_in(tmp_path))
        with engine.connect() as connection:
            read = connection.execute(sa.select(audit.c.via, audit.c.what).where(audit.c.what == "status read")).all()
        engine.dispose()
        assert [tuple(row) for row in read] == [(TERMINAL.via, "status read")]


async def test_a_school_without_term_dates_is_told_so(day: Day) -> None:
    day.database.run(lambda transaction: transaction.execute(sa.delete(terms)))
    await day.until("09:00")
    assert "outside term" in await ask(day, "Priya Nair", "today")
