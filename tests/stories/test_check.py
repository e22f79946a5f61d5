"""`apbot check`, and the admins' message in the morning: what would be missed is told before it is."""

import json
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from apbot.domain.roles import Role
from apbot.domain.walltime import instant, parse_wall
from apbot.messages.check import report_card
from apbot.messages.plain import as_text
from apbot.readiness import Finding, Report, Severity, check
from apbot.store.tables import (
    addresses,
    channels,
    checks,
    closures,
    entries,
    openings,
    people,
    placements,
    providers,
    roles,
    schools,
    terms,
)
from tests import school
from tests.blank import url_in
from tests.day import Day
from tests.stories.cast import hire


def report(day: Day, days: int = 7) -> Report:
    """The check as it is now."""
    return day.database.run(check, days=days)


def finding(day: Day, *words: str, days: int = 7) -> Finding:
    """The one finding with all of these words."""
    found = [each for each in report(day, days).findings if all(word in f"{each.place} {each.what}" for word in words)]
    assert len(found) == 1, as_text(report_card(report(day, days)))
    return found[0]


def fire(day: Day, *names: str) -> None:
    """These people hold no role any more."""
    ids = [day.ids[name] for name in names]
    day.database.run(lambda transaction: transaction.execute(sa.delete(roles).where(roles.c.person_id.in_(ids))))


def away(day: Day, person: str, by: str | None, first: date, last: date) -> None:
    """Somebody is away."""
    from apbot.domain.access import TERMINAL
    from apbot.store.cover import plan_cover

    day.database.run(plan_cover, TERMINAL, day.ids[person], by and day.ids[by], first, last)


async def test_in_a_world_where_everybody_is_there_nothing_would_be_missed(day: Day) -> None:
    assert report(day).missed == ()


async def test_a_role_that_nobody_holds_falls_to_the_next_who_is_named(day: Day) -> None:
    fire(day, "Dorothy Okafor")
    found = finding(day, "Hillcrest", "DSL: nobody holds the role; Tom Beckett would be told instead")
    assert found.severity is Severity.MEND
    assert found.stand_in_for == ("DSL",)
    assert found.days == "Thu 17 Sep 2026 to Thu 24 Sep 2026"


async def test_a_holder_who_is_away_without_cover_shows_on_those_days_only(day: Day) -> None:
    away(day, "Dorothy Okafor", None, date(2026, 9, 21), date(2026, 9, 22))
    found = finding(day, "Hillcrest", "Dorothy Okafor is away and nobody stands in; Tom Beckett")
    assert found.days == "Mon 21 Sep 2026 to Tue 22 Sep 2026"


async def test_a_stand_in_who_cannot_be_reached_shows(day: Day) -> None:
    day.unreachable("Helen Marsh")
    away(day, "Dorothy Okafor", "Helen Marsh", date(2026, 9, 21), date(2026, 9, 21))
    finding(day, "Dorothy Okafor is away, and Helen Marsh, who stands in, can't be reached")


async def test_a_holder_who_never_signed_in_shows(day: Day) -> None:
    day.unreachable("Dorothy Okafor")
    finding(day, "Hillcrest", "DSL: Dorothy Okafor can't be reached by chat")


async def test_a_holder_who_leaves_shows_from_the_day_after(day: Day) -> None:
    day.change(people, people.c.name == "Dorothy Okafor", leaves_on=date(2026, 9, 18))
    found = finding(day, "DSL: nobody holds the role; Dorothy Okafor leaves on Fri 18 Sep 2026; Tom Beckett")
    assert found.days == "Mon 21 Sep 2026 to Thu 24 Sep 2026"


async def test_a_school_where_nobody_at_all_can_be_reached_would_miss_its_alerts(day: Day) -> None:
    fire(day, "Zainab Malik", "Alan Pugh", "Ada Quill")
    missed = [each for each in report(day).missed if each.place == "Marsh Lane"]
    assert "nobody at all would be told" in missed[0].what


async def test_somebody_who_would_be_told_and_could_do_nothing_shows(day: Day) -> None:
    hire(day, "Sid Enco", Role.SENCO, "Marsh Lane")
    day.change(schools, schools.c.name == "Marsh Lane", steps={"steps": [[0, ["SENCO", "DSL"]]], "every": 15})
    finding(day, "Marsh Lane", "Sid Enco would be told of alerts but may not acknowledge them")


async def test_a_school_of_its_own_steps_is_checked_by_them(day: Day) -> None:
    day.change(schools, schools.c.name == "Hillcrest", steps={"steps": [[0, ["SENCO"]], [10, ["DSL"]]], "every": 15})
    finding(day, "Hillcrest", "SENCO: nobody holds the role")


async def test_a_provider_where_nobody_has_signed_in_would_miss_its_prompt(day: Day) -> None:
    for name in ("Sam Taylor", "Bea Whitlock"):
        day.unreachable(name)
    assert finding(day, "Oak Farm", "the register prompt would reach nobody").severity is Severity.MISSED


async def test_a_provider_without_a_conversation_or_staff_would_miss_its_prompt(day: Day) -> None:
    fire(day, "Gary Stone")
    assert "nobody works there" in finding(day, "The Garage", "would reach nobody").what
    gone = sa.delete(addresses).where(addresses.c.provider_id == day.ids["Oak Farm"])
    day.database.run(lambda transaction: transaction.execute(gone))
    assert "no conversation" in finding(day, "Oak Farm", "would reach nobody").what


async def test_a_provider_whose_last_member_of_staff_leaves_shows_from_the_day_after(day: Day) -> None:
    day.change(people, people.c.name == "Gary Stone", leaves_on=date(2026, 9, 18))
    found = finding(day, "The Garage", "would reach nobody: nobody works there")
    assert found.days == "Mon 21 Sep 2026 to Thu 24 Sep 2026"


async def test_a_provider_without_a_deputy_or_a_number_is_to_mend(day: Day) -> None:
    day.change(providers, providers.c.name == "The Garage", telephone="")
    assert finding(day, "The Garage", "no deputy contact").severity is Severity.MEND
    finding(day, "The Garage", "no telephone number")


@pytest.mark.parametrize(
    ("ends_on", "severity", "words"),
    [
        (None, Severity.MISSED, "there are no term dates"),
        (date(2026, 9, 11), Severity.MISSED, "the term dates ended on Fri 11 Sep 2026"),
        (date(2026, 10, 23), Severity.MEND, "the term dates end on Fri 23 Oct 2026"),
    ],
)
async def test_term_dates_have_to_reach_ahead(day: Day, ends_on: date | None, severity: Severity, words: str) -> None:
    if ends_on is None:
        day.database.run(lambda transaction: transaction.execute(sa.delete(terms)))
    else:
        day.change(terms, sa.true(), ends_on=ends_on)
    assert finding(day, "Hillcrest", words).severity is severity


async def test_a_provider_with_term_dates_of_its_own_that_are_over_is_never_asked(day: Day) -> None:
    ended = {"name": "Summer", "starts_on": date(2026, 6, 1), "ends_on": date(2026, 7, 20)}
    day.database.run(lambda transaction: transaction.insert(terms, provider_id=day.ids["Oak Farm"], **ended))
    assert finding(day, "Oak Farm", "the term dates ended").severity is Severity.MISSED


async def test_a_session_without_times_is_never_asked_about(day: Day) -> None:
    day.change(providers, providers.c.name == "The Garage", hours={"usual": {"am": ["09:30", "12:00"]}, "on": {}})
    found = finding(day, "Hillcrest", "The Garage", "EF56 (Mon pm, Tue pm, Wed pm, Thu pm, Fri pm)")
    assert found.severity is Severity.MISSED


async def test_a_placement_without_any_session_is_never_asked_about(day: Day) -> None:
    day.change(placements, placements.c.ref == "EF56-THE", pattern=[])
    assert finding(day, "Hillcrest", "placed without any session", "EF56").severity is Severity.MISSED


async def test_what_a_placement_lacks_is_to_mend(day: Day) -> None:
    day.change(placements, placements.c.ref == "AB12-OAK", target_end_on=date(2026, 9, 1))
    day.change(placements, placements.c.ref == "CD34-OAK", ends_on=date(2026, 9, 22))
    day.change(placements, placements.c.ref == "EF56-THE", ends_on=date(2026, 9, 11))
    finding(day, "Marsh Lane", "pupils without a key worker: GH78")
    finding(day, "Hillcrest", "placements whose target end date has passed: AB12")
    finding(day, "Hillcrest", "placements that end in these days, with none after them: CD34")
    finding(day, "Hillcrest", "placements that are over, of pupils still on roll without another: EF56")


async def test_a_key_worker_who_has_left_counts_as_none(day: Day) -> None:
    day.change(people, people.c.name == "Kit Lowry", leaves_on=date(2026, 9, 11))
    finding(day, "Hillcrest", "pupils without a key worker: AB12, CD34, EF56")


async def test_reasons_that_have_not_been_established_for_five_school_days_are_counted(day: Day) -> None:
    await day.until("15:30")
    assert not [each for each in report(day).findings if "(N)" in each.what]
    day.clock.set(day.clock.now() + timedelta(days=8))
    finding(day, "Hillcrest", "6 absences without an established reason (N)")
    day.change(entries, entries.c.suggested_code == "N", code="I")
    assert not [each for each in report(day).findings if "(N)" in each.what]


async def test_days_without_sessions_ask_for_nobody(day: Day) -> None:
    def _close(transaction):
        for place in school.SCHOOLS:
            transaction.insert(
                closures,
                school_id=day.ids[place],
                starts_on=date(2026, 9, 18),
                ends_on=date(2026, 9, 25),
                kind="closed",
            )

    day.database.run(_close)
    fire(day, "Dorothy Okafor")
    assert finding(day, "Hillcrest", "DSL: nobody").days == "Thu 17 Sep 2026"


async def test_an_empty_roster_is_not_fine() -> None:
    from apbot.clock import SystemClock
    from apbot.settings import Settings
    from apbot.store.connect import open_database

    database = open_database(Settings(database_url="sqlite://"), SystemClock(), inline=True)
    assert "no school" in database.run(check).findings[0].what
    database.close()


class TestTheMorningsMessage:
    """To the admins, at half past seven, only when there is something to tell."""

    @staticmethod
    def told(day: Day) -> list[str]:
        """The headings of what Ada Quill was told by checks."""
        headings = [card.heading for card in day.person("Ada Quill").cards]
        return [heading for heading in headings if "would be" in heading]

    async def test_nothing_is_sent_when_nothing_would_be_missed(self, day: Day) -> None:
        await day.until("08:00")
        day.person("Ada Quill").sees_nothing()

    async def test_the_admins_are_told_what_would_be_missed(self, day: Day) -> None:
        hire(day, "Nell Ash", Role.ADMIN, "Hillcrest")
        fire(day, "Gary Stone")
        await day.until("07:29")
        day.person("Ada Quill").sees_nothing()
        await day.until("07:31")
        for admin in ("Ada Quill", "Nell Ash"):
            day.person(admin).sees("1 thing would be missed", "The Garage", "nobody works there")
        day.dsl("Hillcrest").sees_nothing()

    async def test_a_schools_admin_is_told_of_their_own_school_only(self, day: Day) -> None:
        hire(day, "Nell Ash", Role.ADMIN, "Marsh Lane")
        fire(day, "Gary Stone")
        await day.until("08:00")
        day.person("Ada Quill").sees("The Garage")
        day.person("Nell Ash").sees_nothing()

    async def test_without_an_admin_the_next_in_line_is_told(self, day: Day) -> None:
        fire(day, "Ada Quill", "Gary Stone")
        await day.until("08:00")
        day.person("Priya Nair").sees("1 thing would be missed", "The Garage")

    async def test_a_stand_in_is_told_of_when_it_is_new(self, day: Day) -> None:
        await day.until("08:00")
        day.person("Ada Quill").sees_nothing()  # that Marsh Lane has no deputy DSL is not new
        away(day, "Dorothy Okafor", None, date(2026, 9, 21), date(2026, 9, 22))
        day.date = date(2026, 9, 18)
        await day.jump("08:00")
        day.person("Ada Quill").sees("somebody else would be told", "Dorothy Okafor is away", "Tom Beckett")
        day.date = date(2026, 9, 21)
        await day.jump("08:00")
        assert len(self.told(day)) == 1

    async def test_it_is_sent_late_rather_than_not_at_all(self, day: Day) -> None:
        fire(day, "Gary Stone")
        await day.jump("11:00")
        day.person("Ada Quill").sees("1 thing would be missed")

    async def test_there_is_none_on_a_saturday(self, day: Day) -> None:
        fire(day, "Gary Stone")
        day.date = date(2026, 9, 19)
        await day.jump("08:00")
        assert not self.told(day)

    async def test_it_comes_every_morning_until_it_is_mended(self, day: Day) -> None:
        fire(day, "Gary Stone")
        await day.until("08:00")
        day.date = date(2026, 9, 18)
        await day.until("08:00")
        assert len(self.told(day)) == 2

    async def test_the_time_is_a_setting(self) -> None:
        day = Day(checks_at="06:15")
        fire(day, "Gary Stone")
        await day.until("06:16")
        day.person("Ada Quill").sees("1 thing would be missed")
        day.close()


class TestAtTheTerminal:
    """`apbot check` ends with 1 when something would be missed."""

    @pytest.fixture
    def run(self, tmp_path, monkeypatch):
        import typer
        from typer.testing import CliRunner

        from apbot.cli import check as command

        url = url_in(tmp_path)
        monkeypatch.setenv("APBOT_DATABASE_URL", url)
        monkeypatch.chdir(tmp_path)
        day = Day(url=url)
        monkeypatch.setattr("apbot.store.connect.SystemClock", lambda: day.clock)
        app = typer.Typer()
        command.add_to(app)
        yield day, lambda *words: CliRunner().invoke(app, list(words))
        day.close()

    def test_it_ends_with_0_when_nothing_would_be_missed(self, run) -> None:
        answer = run[1]()
        assert answer.exit_code == 0
        assert "Nothing would be missed" in answer.output

    def test_it_ends_with_1_when_something_would(self, run) -> None:
        day, command = run
        fire(day, "Gary Stone")
        answer = command()
        assert answer.exit_code == 1
        assert "1 thing would be missed" in answer.output
        data = json.loads(command("--json").output)
        assert data["nothing_would_be_missed"] is False
        assert data["findings"][0]["place"] == "The Garage"

    def test_a_test_message_that_goes_nowhere_is_no_success(self, run) -> None:
        answer = run[1]("--send-test", "DOROTHY")
        assert answer.exit_code == 1
        assert "No test message was sent" in answer.output

    def test_a_part_that_no_process_does_is_trouble(self, run) -> None:
        from apbot.store.processes import Part, Process, beat, leave

        day, command = run
        day.database.run(leave, day.app.process)
        assert "apbot is not running" in command().output
        for key, part in (("a", Part.WEB), ("b", Part.DELIVERY)):
            day.database.run(beat, Process(frozenset({part}), ["web"], key=key, host="box", pid=7))
        answer = command()
        assert answer.exit_code == 1
        assert "NOBODY DOES SCHEDULES" in answer.output
        assert "apbot run --only schedules" in answer.output
        told = json.loads(command("--json").output)
        assert told["nobody_does"] == ["schedules"]
        assert [each["parts"] for each in told["processes"] if each["lives"]] == [["web"], ["delivery"]]

    def test_a_process_that_was_killed_is_told_of(self, run) -> None:
        day, command = run
        day.clock.forward(timedelta(minutes=1))
        assert "NOTHING SINCE 17/09/2026" in command().output

    def test_who_looks_with_other_settings_changes_nothing_for_those_who_run(self, run, monkeypatch) -> None:
        day, command = run
        monkeypatch.setenv("APBOT_WEBHOOK_URL", "http://127.0.0.1:9/")
        monkeypatch.setenv("APBOT_WEBHOOK_SECRET", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
        assert "webhook is set up here, but no process delivers on it" in command().output
        assert day.rows(sa.select(channels)) == []

    def test_it_looks_as_far_ahead_as_it_is_told(self, run) -> None:
        day, command = run
        away(day, "Dorothy Okafor", None, date(2026, 10, 1), date(2026, 10, 1))
        assert "Dorothy Okafor is away" not in command().output
        assert "Dorothy Okafor is away" in command("--days", "20").output


async def test_what_is_kept_of_a_report_is_what_the_admins_are_told(day: Day) -> None:
    fire(day, "Gary Stone")
    away(day, "Dorothy Okafor", None, date(2026, 9, 21), date(2026, 9, 22))
    made = report(day)
    kept = Report.from_kept(json.loads(json.dumps(made.kept())))
    assert (kept.first, kept.last) == (made.first, made.last)
    assert kept.missed == made.missed
    assert kept.stand_ins == made.stand_ins


async def test_the_check_opens_no_day(day: Day) -> None:
    report(day, 30)
    assert len(day.rows(sa.select(openings))) == 2


async def test_it_waits_while_an_alert_is_owed(day: Day) -> None:
    await day.until("09:59")
    at = instant(day.date, parse_wall("10:00"))
    day.change(checks, checks.c.day == day.date, next_at=at)
    due = sa.select(checks.c.id).where(checks.c.next_at == at)
    day.clock.set(at)
    assert await day.app.decide(), "it can take seconds, and the alert has not gone out yet"
    assert day.rows(due)
    await day.app.delivery.drain()
    day.dsl("Hillcrest").sees("not arrived")
    assert not await day.app.decide()
    assert not day.rows(due)
