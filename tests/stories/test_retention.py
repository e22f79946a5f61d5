"""Chats are kept for a month, records for six years, and nothing goes that somebody must still see to."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from apbot.app import App
from apbot.channels.parts import Parts
from apbot.channels.platform import Platform
from apbot.channels.port import Outcome, Outgoing, Receipt
from apbot.domain.access import TERMINAL
from apbot.domain.retention import limits, years_before
from apbot.domain.walltime import instant, parse_wall
from apbot.schedules.retaining import plan
from apbot.store import audit as log
from apbot.store.channel_troubles import Found
from apbot.store.concerns import ANSWERED, ASKED, UNHEARD
from apbot.store.due import next_due, overdue
from apbot.store.outbox import Owed, Subject, owe
from apbot.store.processes import EVERYTHING, Process, beat
from apbot.store.retention.model import BATCH
from apbot.store.retention.registry import KINDS
from apbot.store.sealing import seal_due, verify
from apbot.store.tables import (
    addresses,
    audit,
    channel_troubles,
    chat_lines,
    code_decisions,
    concerns,
    duties,
    duty_records,
    entries,
    escalated,
    escalations,
    events,
    marks,
    messages,
    metadata,
    people,
    placements,
    pupils,
    registers,
    retentions,
    signin_links,
)
from tests.day import Day
from tests.deciding import decide

MANY = 700
NIGHT = parse_wall("02:40")


async def nights_later(day: Day, days: int) -> None:
    """So many days go by in which nobody does anything; then the night's run."""
    later = day.date + timedelta(days=days)
    when = instant(later, NIGHT)
    day.database.run(lambda t: t.execute(sa.update(retentions).values(next_at=when)))
    for table in metadata.sorted_tables:
        if "next_at" in table.c and table not in (retentions, audit, messages):
            day.database.run(lambda t, table=table: t.execute(sa.update(table).values(next_at=None)))
    day.database.run(lambda t: t.execute(sa.update(entries).values(alert_at=None)))
    day.clock.set(when)
    await day.app.tick()


async def a_morning(day: Day) -> None:
    """Two pupils arrive, one is missing until somebody finds out."""
    await day.until("09:40")
    await day.provider("Oak Farm").taps("Arrived", pupil="AB12")
    await day.provider("Oak Farm").taps("Arrived", pupil="GH78")
    await day.provider("The Garage").taps("Arrived", pupil="EF56")
    await day.until("10:05")
    await day.person("Dorothy Okafor").taps("Acknowledge")


async def settled(day: Day) -> None:
    """Everything that was open is seen to."""
    await day.person("Dorothy Okafor").taps("Record outcome", pupil="CD34", outcome="found safe", words="at home")
    day.change(escalations, sa.true(), state="closed", next_at=None, closed_at=day.clock.now())
    day.change(duties, sa.true(), state="done", next_at=None, closed_at=day.clock.now())


def count(day: Day, table: sa.Table, *which: sa.ColumnElement[bool]) -> int:
    return int(day.rows(sa.select(sa.func.count()).select_from(table).where(*which))[0][0])


async def test_what_apbot_posted_a_month_ago_says_no_more_than_what_it_was_about(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    day.dsl("Hillcrest").sees("CD34")
    await nights_later(day, 31)
    for where in (day.dsl("Hillcrest"), day.provider("Oak Farm"), day.person("Priya Nair")):
        where.does_not_see("AB12", "CD34", "GH78", "J.", "Arrived", "[")
    day.provider("Oak Farm").sees("Register of Thu 17 Sep 2026: kept in apbot")
    day.dsl("Hillcrest").sees("Alert of Thu 17 Sep 2026: kept in apbot")
    assert not any("CD34" in row.heading for row in day.rows(sa.select(messages.c.heading)))
    assert count(day, marks) == 3, "the record itself is kept"


async def test_what_is_younger_stands_as_it_is(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    await nights_later(day, 29)
    day.dsl("Hillcrest").sees("CD34")


@pytest.mark.parametrize("chat_days", [7, 60])
async def test_how_long_chats_are_kept_is_a_setting(chat_days: int) -> None:
    day = Day(chat_days=chat_days)
    await a_morning(day)
    await settled(day)
    await nights_later(day, chat_days - 1)
    day.dsl("Hillcrest").sees("CD34")
    await nights_later(day, chat_days + 1)
    day.dsl("Hillcrest").does_not_see("CD34")
    day.close()


async def test_a_message_about_an_alert_that_is_still_open_stays(day: Day) -> None:
    await a_morning(day)
    day.change(duties, sa.true(), state="done", next_at=None, closed_at=day.clock.now())
    await nights_later(day, 400)
    day.dsl("Hillcrest").sees("CD34")
    day.provider("Oak Farm").sees("CD34")
    day.provider("The Garage").does_not_see("EF56")


@pytest.mark.parametrize("kind", [ASKED, ANSWERED, UNHEARD])
async def test_what_was_said_of_a_concern_stays_until_somebody_has_seen_to_it(day: Day, kind: str) -> None:
    await a_morning(day)
    pam, now = day.ids["Priya Nair"], day.clock.now()
    raised = {"school_id": day.ids["Hillcrest"], "raised_by_id": pam, "raised_at": now}
    concern = day.database.run(lambda t: t.insert(concerns, **raised))
    of_it = messages.c.kind == kind
    day.database.run(owe, [Owed(Subject(kind, concern), 0, now, pam)])
    day.change(messages, of_it, state="sent", sent_at=now, next_at=None)
    posted, late = KINDS[0], limits(now + timedelta(days=40), 30)
    while day.database.run(posted.take, late):
        pass
    assert count(day, messages, of_it, messages.c.put_away_at.is_(None)) == 1
    day.change(concerns, sa.true(), acknowledged_at=now)
    assert day.database.run(posted.take, late) == 1


async def test_a_list_with_an_open_duty_stays_and_goes_when_it_is_done(day: Day) -> None:
    day.change(placements, placements.c.id == day.ids["CD34 placement"], target_end_on=day.date)
    await a_morning(day)
    await settled(day)
    told = day.rows(sa.select(messages.c.id).where(messages.c.kind == "duties"))
    assert told
    day.change(duties, sa.true(), state="open")
    await nights_later(day, 40)
    assert count(day, messages, messages.c.kind == "duties", messages.c.put_away_at.is_not(None)) == 0
    day.change(duties, sa.true(), state="done", closed_at=day.clock.now())
    await nights_later(day, 41)
    assert count(day, messages, messages.c.kind == "duties", messages.c.put_away_at.is_(None)) == 0


async def test_when_a_channel_did_not_work_is_forgotten_a_month_after_it_worked_again(day: Day) -> None:
    slack = Process(EVERYTHING, ["web", "slack"])

    async def slack_is(found: Found) -> None:
        day.database.run(beat, slack, {"slack": found})
        await day.app.tick()

    def out_of_order() -> Found:
        return Found(day.clock.now(), "gives no answer", "Look at Slack's own page.")

    for found in (out_of_order(), Found(), out_of_order(), Found()):
        await slack_is(found)
    await nights_later(day, 29)
    assert count(day, channel_troubles) == 2
    await nights_later(day, 31)
    assert count(day, channel_troubles) == 1, "the newest keeps its number"
    await slack_is(out_of_order())
    admin = day.person("Ada Quill")
    assert admin.cards[-1].heading == "Slack does not work", "another time, of which the admins are told"
    await nights_later(day, 62)
    assert count(day, channel_troubles, channel_troubles.c.ended_at.is_(None)) == 1, "it is not over"
    assert count(day, channel_troubles) == 1


async def test_who_stands_in_is_told_however_long_ago_somebody_did_last(day: Day) -> None:
    await day.person("Kit Lowry").types("/ap cover today by Helen Marsh")
    await nights_later(day, 400)
    day.date += timedelta(days=400)
    await day.person("Kit Lowry").types("/ap cover today by Helen Marsh")
    assert len([card for card in day.person("Helen Marsh").cards if "You stand in for Kit Lowry" in card.heading]) == 1


async def test_who_has_left_keeps_no_pupil_in_their_chat(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    day.change(people, people.c.name == "Dorothy Okafor", leaves_on=day.date)
    await nights_later(day, 31)
    day.dsl("Hillcrest").does_not_see("CD34")


async def test_a_message_that_can_not_be_edited_any_more_harms_nobody(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    day.recorder.answers = [Receipt(Outcome.REFUSED, why="too old")] * 500
    await nights_later(day, 31)
    assert count(day, addresses, addresses.c.disabled_at.is_not(None)) == 0
    assert count(day, messages, messages.c.state == "failed") == 0
    assert count(day, messages, messages.c.put_away_at.is_not(None), messages.c.next_at.is_not(None)) == 0


async def test_a_platform_that_does_not_answer_is_not_asked_for_ever_and_alarms_nobody(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    day.recorder.answers = [Receipt(Outcome.AGAIN, why="down")] * 5000
    await nights_later(day, 31)
    assert "messages" not in day.database.run(overdue, day.clock.now() + timedelta(hours=1))
    for _ in range(8):
        day.clock.set(day.clock.now() + timedelta(minutes=10))
        await day.app.tick()
    assert count(day, messages, messages.c.put_away_at.is_not(None), messages.c.next_at.is_not(None)) == 0


class Letters(Platform):
    """A channel on which nothing that was sent can be changed."""

    name = "email"
    can_edit = False

    def __init__(self) -> None:
        self.sent: list[Outgoing] = []

    async def deliver(self, batch: Sequence[Outgoing]) -> Sequence[Receipt]:
        self.sent += batch
        return [Receipt(Outcome.ACCEPTED, "1") for _ in batch]


async def test_where_nothing_can_be_edited_nothing_is_sent_and_the_heading_goes(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    letters = Letters()
    day.app = App(day.settings, day.database, [day.recorder, letters])
    of_dorothy = messages.c.person_id == day.ids["Dorothy Okafor"]
    day.change(messages, of_dorothy, channel="email", heading="CD34 J.S. not arrived")
    await nights_later(day, 31)
    assert letters.sent == []
    assert {row.heading for row in day.rows(sa.select(messages.c.heading).where(of_dorothy))} == {""}
    assert count(day, messages, of_dorothy, messages.c.next_at.is_not(None)) == 0


async def test_what_still_waits_to_be_edited_where_nobody_delivers_any_more_is_put_away_as_well(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    of_dorothy = messages.c.person_id == day.ids["Dorothy Okafor"]
    day.change(messages, of_dorothy, channel="email", heading="CD34 J.S. not arrived", next_at=day.clock.now())
    await nights_later(day, 31)
    rows = day.rows(sa.select(messages.c.heading, messages.c.next_at).where(of_dorothy))
    assert {tuple(row) for row in rows} == {("", None)}


async def test_a_message_that_somebody_has_deleted_is_not_posted_anew() -> None:
    posted: list[str] = []

    async def post(part: str) -> str:
        posted.append(part)
        return "new"

    async def edit(_: str, __: str) -> None:
        """It is not there any more."""

    async def delete(_: str) -> None:
        """Nothing to do."""

    parts = Parts("a b", edit_only=True)
    await parts.show(["kept in apbot"], post, edit, delete)
    assert (posted, parts.refs) == ([], "a")
    await Parts("", edit_only=True).show(["kept in apbot"], post, edit, delete)
    assert posted == []


async def test_what_was_typed_goes_and_the_newest_line_stays(day: Day) -> None:
    def say(transaction: Any) -> None:
        for n in range(MANY):
            transaction.insert(
                chat_lines, conversation="provider:1", author_id=day.ids["Sam Taylor"], text=f"words {n}",
                at=transaction.now, changed=n + 1,
            )  # fmt: skip

    day.database.run(say)
    await nights_later(day, 31)
    assert [row.text for row in day.rows(sa.select(chat_lines.c.text))] == [f"words {MANY - 1}"]


async def test_answers_links_and_sign_ins_go_when_they_are_of_no_use(day: Day) -> None:
    def make(transaction: Any) -> None:
        for n in range(MANY):
            transaction.insert(events, channel="web", event_id=f"old-{n}", at=transaction.now, reply={"card": None})
        transaction.insert(signin_links, person_id=day.ids["Sam Taylor"], secret_hash="a", expires_at=transaction.now)

    day.database.run(make)
    await nights_later(day, 31)
    assert (count(day, events), count(day, signin_links)) == (0, 0)


async def test_after_six_years_the_register_goes_with_everything_that_was_said(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    await nights_later(day, 6 * 365)
    assert count(day, entries) == 8, "six years are not over"
    await nights_later(day, 6 * 365 + 3)
    for table in (entries, marks, code_decisions, escalated, escalations, registers, messages, duty_records):
        assert count(day, table) == 0, table.name
    assert count(day, pupils) == 4, "they are on the roll still"


async def test_what_was_amended_later_is_kept_for_six_years_from_then(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    (mark,) = day.rows(sa.select(marks).order_by(marks.c.id).limit(1))
    day.change(marks, marks.c.id == mark.id, made_at=day.clock.now() + timedelta(days=300))
    await nights_later(day, 6 * 365 + 3)
    assert [row.id for row in day.rows(sa.select(entries.c.id))] == [mark.entry_id]
    assert count(day, registers) == 1


async def test_a_register_with_an_open_alert_is_never_removed(day: Day) -> None:
    await a_morning(day)
    await nights_later(day, 10 * 365)
    (left,) = day.rows(sa.select(entries.c.pupil_id))
    assert left.pupil_id == day.ids["CD34"]
    assert count(day, escalations, escalations.c.state == "acknowledged") == 1


async def test_a_pupil_who_left_the_roll_goes_when_nothing_is_kept_about_them(day: Day) -> None:
    await a_morning(day)
    await settled(day)
    day.change(pupils, pupils.c.ref == "EF56", ends_on=day.date)
    day.change(placements, placements.c.pupil_id == day.ids["EF56"], ends_on=day.date)
    day.change(duties, sa.true(), due_on=day.date)
    await nights_later(day, 6 * 365)
    assert count(day, pupils) == 4
    await nights_later(day, 6 * 365 + 3)
    assert {row.ref for row in day.rows(sa.select(pupils.c.ref))} == {"AB12", "CD34", "GH78"}
    assert count(day, placements) == 3


async def test_a_record_that_corrects_another_goes_before_it(day: Day) -> None:
    def make(transaction: Any) -> None:
        first = None
        for _ in range(BATCH + 20):
            first = transaction.insert(
                duty_records, kind="contact", school_id=day.ids["Hillcrest"], happened_on=day.date, given={},
                placement_id=day.ids["CD34 placement"], made_as="key worker", made_at=transaction.now, amends_id=first,
            )  # fmt: skip

    day.database.run(make)
    await nights_later(day, 6 * 365 + 3)
    assert count(day, duty_records) == 0


def written(day: Day, count_: int) -> None:
    day.database.run(log.note_all, TERMINAL, "marked", [(f"entry:{n}", {}) for n in range(count_)])
    while day.database.run(seal_due):
        pass


async def test_the_audit_log_is_shortened_after_six_years_and_verifies(day: Day) -> None:
    written(day, MANY)
    before = day.rows(sa.select(sa.func.max(audit.c.number)))[0][0]
    day.clock.set(day.clock.now() + timedelta(days=100))
    written(day, 10)
    await nights_later(day, 6 * 365 + 60)
    found = day.database.run(verify)
    assert found.broken is None
    assert found.shortened is not None
    assert found.shortened.through == before
    assert count(day, audit, audit.c.number <= before) == 0
    assert count(day, audit, audit.c.what == "marked") == 10


async def test_the_audit_log_is_not_shortened_for_a_few_days(day: Day) -> None:
    written(day, 20)
    await nights_later(day, 6 * 365 + 20)
    assert day.database.run(verify).shortened is None


async def test_a_run_is_written_down_and_the_next_stands_for_tomorrow(day: Day) -> None:
    await nights_later(day, 31)
    (row,) = day.rows(sa.select(audit).where(audit.c.what == "retention run"))
    assert row.via == "schedule"
    (next_,) = day.rows(sa.select(retentions).where(retentions.c.next_at.is_not(None)))
    assert next_.next_at == instant(day.date + timedelta(days=32), NIGHT)


async def test_a_run_of_many_rows_is_done_in_small_parts_and_made_up_for_when_it_was_missed(day: Day) -> None:
    def make(transaction: Any) -> None:
        rows = [{"channel": "web", "event_id": str(n), "at": transaction.now, "reply": None} for n in range(5 * BATCH)]
        transaction.execute(sa.insert(events), rows)

    day.database.run(make)
    takes: list[int] = []
    kind = next(each for each in KINDS if each.name == "answers")
    at = limits(day.clock.now() + timedelta(days=31), 30)
    assert day.database.run(kind.count, at) == 5 * BATCH
    while went := day.database.run(kind.take, at):
        takes.append(went)
    assert takes == [BATCH] * 5


async def test_no_run_is_planned_twice_or_forgotten_when_its_time_is_changed(day: Day) -> None:
    await nights_later(day, 31)
    day.database.run(lambda t: t.execute(sa.update(retentions).values(next_at=None)))
    for at in ("02:40", "05:00", "23:00"):
        day.database.run(plan, retains_at=at)
    rows = day.rows(sa.select(retentions.c.day).where(retentions.c.next_at.is_not(None)))
    assert len(rows) == 1


def test_a_clock_that_jumps_years_ahead_takes_nothing_away_and_keeps_nothing_from_going_when_it_is_right(
    day: Day,
) -> None:
    kept = {"channel": "web", "event_id": "1", "at": day.clock.now(), "reply": None}
    day.database.run(lambda t: t.execute(sa.insert(events), kept))
    right = day.clock.now()
    day.clock.set(right + timedelta(days=3650))
    for _ in range(len(KINDS) + 2):
        decide(day.database, retentions.c.next_at)
    assert count(day, events) == 1
    day.clock.set(right)
    day.database.run(plan, retains_at="02:40")
    tomorrow = instant(day.date + timedelta(days=2), NIGHT)
    assert day.rows(sa.select(retentions.c.next_at).where(retentions.c.next_at <= tomorrow))


def test_the_first_run_is_tonight_and_not_while_the_clocks_change(day: Day) -> None:
    (row,) = day.rows(sa.select(retentions))
    assert (row.day, row.next_at) == (date(2026, 9, 18), datetime(2026, 9, 18, 1, 40, tzinfo=UTC))
    assert day.database.run(next_due) is not None


@pytest.mark.parametrize(
    ("day_", "before"),
    [
        (date(2032, 9, 17), date(2026, 9, 17)),
        (date(2032, 2, 29), date(2026, 2, 28)),
        (date(2026, 3, 1), date(2020, 3, 1)),
    ],
)
def test_six_years_before(day_: date, before: date) -> None:
    assert years_before(day_, 6) == before


@pytest.mark.parametrize("kind", KINDS, ids=[each.name for each in KINDS])
def test_of_what_is_new_nothing_goes(day: Day, kind: Any) -> None:
    at = limits(day.clock.now(), 30)
    assert day.database.run(kind.count, at) == 0
    assert day.database.run(kind.take, at) == 0


def test_the_names_of_the_policy_are_each_its_own() -> None:
    assert len({each.name for each in KINDS}) == len(KINDS)
